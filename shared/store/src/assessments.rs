//! Assessments and which version of their guide is in force.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    disagreement::ACCEPTABLE,
    id::{AssessmentId, Principal, TeamId},
};
use utoipa::ToSchema;

use crate::{
    AuditEvent, Page, Store, Tenant,
    item::{attribute, encode, number},
    keys,
    transaction::Transaction,
};

/// An exam or a test.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Assessment {
    /// Its id.
    pub id: AssessmentId,
    /// What it is called.
    pub title: String,
    /// The team that takes it; none if it is its creator's and the administrators' alone.
    pub team: Option<TeamId>,
    /// The published versions of the guide; scripts are graded with the last one.
    pub guides: Vec<GuideRef>,
    /// What was released to its students last.
    #[serde(default)]
    pub release: Option<Release>,
    /// The share of its answers that may be accepted with other marks than a teacher would give, if a teacher has said so.
    #[serde(default)]
    pub acceptable_disagreement: Option<f64>,
    /// Who created it.
    pub created_by: Principal,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A published version of a guide. Its content lies in the bucket under its hash, so a version never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuideRef {
    /// Counted from 1.
    pub version: u32,
    /// SHA-256 of the guide's JSON, hexadecimal.
    pub sha256: String,
}

/// What was released to the students of an assessment: its content lies in the bucket under its hash, so a release never
/// changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Release {
    /// Counted from 1.
    pub number: u32,
    /// SHA-256 of the list of what was released, hexadecimal.
    pub sha256: String,
    /// Scripts in it.
    pub submissions: u32,
    /// How many of them a person should still have looked at.
    pub undecided: u32,
    /// Who has released it.
    pub released_by: Principal,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub released_at: Timestamp,
    /// When it was withdrawn, if it was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn_at: Option<Timestamp>,
}

impl Assessment {
    /// What its students may see now.
    #[must_use]
    pub fn released(&self) -> Option<&Release> {
        self.release.as_ref().filter(|release| release.withdrawn_at.is_none())
    }

    /// The share of its answers that may be accepted with other marks than a teacher would give.
    #[must_use]
    pub fn acceptable_disagreement(&self) -> f64 {
        self.acceptable_disagreement.unwrap_or(ACCEPTABLE)
    }
}

impl Store {
    /// Puts a release into force, or withdraws one: `next` takes the place of what `before` names as the last one.
    ///
    /// # Errors
    /// `release_changed` if somebody else has released or withdrawn it meanwhile.
    pub async fn set_release(
        &self,
        tenant: Tenant,
        before: &Assessment,
        next: &Release,
        event: &AuditEvent,
    ) -> Result<()> {
        let message = "Somebody else has released or withdrawn this assessment meanwhile. Look at it first.";
        let refused = Error::conflict("release_changed", message);
        let (kept, none) = (attribute(next)?, attribute(&None::<Release>)?);
        let last = before.release.as_ref().map(attribute).transpose()?;
        Transaction::default()
            .update(self, &keys::assessment(tenant.org(), before.id), refused, |update| {
                let update = update
                    .update_expression("SET #release = :next")
                    .expression_attribute_names("#release", "release")
                    .expression_attribute_values(":next", kept);
                match last {
                    Some(last) => {
                        update.condition_expression("#release = :last").expression_attribute_values(":last", last)
                    }
                    None => update
                        .condition_expression(
                            "attribute_exists(PK) AND (attribute_not_exists(#release) OR #release = :none)",
                        )
                        .expression_attribute_values(":none", none),
                }
            })?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// Says how much disagreement is acceptable, if it still is as `before` has it.
    ///
    /// # Errors
    /// `disagreement_changed` if somebody else has said something else meanwhile.
    pub async fn set_acceptable_disagreement(
        &self,
        tenant: Tenant,
        before: &Assessment,
        share: f64,
        event: &AuditEvent,
    ) -> Result<Assessment> {
        let message = "Somebody else has changed the acceptable disagreement meanwhile. Look at it first.";
        let changed = Error::conflict("disagreement_changed", message);
        let (next, none) = (attribute(&share)?, attribute(&None::<f64>)?);
        let last = before.acceptable_disagreement.map(|share| attribute(&share)).transpose()?;
        Transaction::default()
            .update(self, &keys::assessment(tenant.org(), before.id), changed, |update| {
                let update = update
                    .update_expression("SET acceptable_disagreement = :next")
                    .expression_attribute_values(":next", next);
                match last {
                    Some(last) => update
                        .condition_expression("acceptable_disagreement = :last")
                        .expression_attribute_values(":last", last),
                    None => update
                        .condition_expression(
                            "attribute_exists(PK) AND (attribute_not_exists(acceptable_disagreement) \
                             OR acceptable_disagreement = :none)",
                        )
                        .expression_attribute_values(":none", none),
                }
            })?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(Assessment { acceptable_disagreement: Some(share), ..before.clone() })
    }

    /// Creates an assessment.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_assessment(&self, tenant: Tenant, assessment: &Assessment, event: &AuditEvent) -> Result<()> {
        let exists = Error::conflict("assessment_exists", "Please try again.");
        Transaction::default()
            .create(self, encode(&keys::assessment(tenant.org(), assessment.id), assessment)?, exists)?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// The assessment.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn assessment(&self, tenant: Tenant, id: AssessmentId) -> Result<Assessment> {
        self.get(&keys::assessment(tenant.org(), id)).await?.ok_or_else(Error::not_found)
    }

    /// The organization's assessments, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn assessments(&self, tenant: Tenant, limit: usize, cursor: Option<&str>) -> Result<Page<Assessment>> {
        self.list(&keys::tenant(tenant.org()), keys::ASSESSMENTS, limit, cursor).await
    }

    /// Puts a version of the guide into force, if the one before it is in force now.
    ///
    /// # Errors
    /// `guide_changed` if another version was published meanwhile.
    pub async fn publish_guide(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        guide: &GuideRef,
        event: &AuditEvent,
    ) -> Result<()> {
        let message = "Another version of the guide was published meanwhile. Look at it first.";
        let added = attribute(&[guide])?;
        Transaction::default()
            .update(
                self,
                &keys::assessment(tenant.org(), assessment),
                Error::conflict("guide_changed", message),
                |update| {
                    update
                        .update_expression("SET guides = list_append(guides, :added)")
                        .condition_expression("size(guides) = :before")
                        .expression_attribute_values(":added", added)
                        .expression_attribute_values(":before", number(guide.version - 1))
                },
            )?
            .audit(self, event)?
            .commit(self)
            .await
    }
}
