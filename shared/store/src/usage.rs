//! How many scripts an organization has had graded in a month. A submission reserves its unit in the transaction that
//! creates it, or begins it anew, and gives it back in the one in which it fails: so it counts once, however often the
//! messages about it are delivered, and of many that are handed in at once no more get through than are left.

use serde::{Deserialize, Serialize};
use smartscripts_domain::{Result, id::TeamId, plan::Quota};
use utoipa::ToSchema;

use crate::{
    Invite, Store, Submission, Tenant,
    item::{attribute, number, text},
    keys, now,
    submissions::moved_on,
    transaction::Transaction,
};

/// The unit of the quota that a submission has reserved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaUnit {
    /// In which month (UTC) it is counted, as `2026-11`.
    pub month: String,
    /// For which team.
    pub team: Option<TeamId>,
    /// Whether the plan of that moment charges scripts beyond those that it includes.
    pub is_metered: bool,
}

impl QuotaUnit {
    /// One of this month.
    #[must_use]
    pub fn of_this_month(team: Option<TeamId>, quota: Quota) -> Self {
        Self { month: this_month(), team, is_metered: quota.is_metered }
    }
}

/// The month (UTC) in which scripts that are handed in now are counted, as `2026-11`.
#[must_use]
pub fn this_month() -> String {
    now().strftime("%Y-%m").to_string()
}

/// How many scripts were graded, or are being graded, in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// The month (UTC), as `2026-11`.
    pub month: String,
    /// The team whose assessments they belong to; none for the sum of all.
    pub team: Option<TeamId>,
    /// How many.
    pub scripts: u32,
    /// How many of them were handed in on a plan that charges scripts beyond those that it includes: what was used on
    /// another plan, before or after it, is never charged. Kept of the sum only.
    #[serde(default)]
    pub metered: u32,
}

impl Store {
    /// What the organization has used, oldest month first; of each month the sum, then its teams.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn usage(&self, tenant: Tenant) -> Result<Vec<Usage>> {
        self.list_all(&keys::tenant(tenant.org()), keys::USAGE).await
    }

    /// How many seats are taken: members who work for the organization, and open invitations to do so.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn seats_taken(&self, tenant: Tenant) -> Result<usize> {
        let members = self.all_members(tenant).await?;
        let invites: Vec<Invite> = self.list_all(&keys::tenant(tenant.org()), keys::INVITES).await?;
        let invited = invites.iter().filter(|invite| invite.is_open() && invite.role.is_staff()).count();
        Ok(members.iter().filter(|member| member.takes_seat()).count() + invited)
    }

    /// Reserves the submission's unit, if it has one and the quota allows one more.
    pub(crate) fn reserving(
        &self,
        transaction: Transaction,
        tenant: Tenant,
        unit: Option<&QuotaUnit>,
        quota: Quota,
    ) -> Result<Transaction> {
        let Some(QuotaUnit { month, team, is_metered }) = unit else { return Ok(transaction) };
        let sum = keys::usage(tenant.org(), month, None);
        let transaction = transaction.update(self, &sum, quota.exhausted(), |update| {
            let update = update
                .update_expression("SET #month = :month ADD scripts :one, metered :metered")
                .expression_attribute_names("#month", "month")
                .expression_attribute_values(":month", text(month))
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":metered", number(u32::from(*is_metered)));
            match quota.limit() {
                Some(limit) => update
                    .condition_expression("attribute_not_exists(scripts) OR scripts < :limit")
                    .expression_attribute_values(":limit", number(limit)),
                None => update,
            }
        })?;
        let Some(team) = team else { return Ok(transaction) };
        let of_team = attribute(team)?;
        transaction.update(self, &keys::usage(tenant.org(), month, Some(*team)), quota.exhausted(), |update| {
            update
                .update_expression("SET #month = :month, team = :team ADD scripts :one")
                .expression_attribute_names("#month", "month")
                .expression_attribute_values(":month", text(month))
                .expression_attribute_values(":team", of_team)
                .expression_attribute_values(":one", number(1))
        })
    }

    /// Gives the submission's unit back, if it holds one. The transaction must demand that the submission still holds it.
    pub(crate) fn refunding(
        &self,
        mut transaction: Transaction,
        tenant: Tenant,
        submission: &Submission,
    ) -> Result<Transaction> {
        let Some(QuotaUnit { month, team, is_metered }) = &submission.quota_unit else { return Ok(transaction) };
        let sum = keys::usage(tenant.org(), month, None);
        transaction = transaction.update(self, &sum, moved_on(), |update| {
            update
                .update_expression("SET scripts = scripts - :one, metered = metered - :metered")
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":metered", number(u32::from(*is_metered)))
        })?;
        let Some(team) = team else { return Ok(transaction) };
        transaction.update(self, &keys::usage(tenant.org(), month, Some(*team)), moved_on(), |update| {
            update.update_expression("SET scripts = scripts - :one").expression_attribute_values(":one", number(1))
        })
    }
}
