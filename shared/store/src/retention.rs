//! How long an organization keeps what.

use std::{collections::BTreeSet, fmt::Write};

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use smartscripts_domain::{Error, Result, id::ExportId};
use utoipa::ToSchema;

use crate::{
    AuditEvent, Owner, Store, Submission, Tenant,
    item::{attribute, encode},
    keys,
    transaction::Transaction,
};

/// A period that an organization can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Uploaded files and the pictures of their pages, counted from the day that the script was announced.
    Pages,
    /// What was read on the pages, from the same day.
    Readings,
    /// Feedback with its reasons and evidence, from the same day.
    Feedback,
    /// Submissions with their marks, and with them all of the above, from the same day.
    Submissions,
    /// Students on the roster, from the day that they were put on it, as long as none of their scripts is younger.
    Students,
    /// The records of exports, from the day that they were asked for. Their files are deleted after a day in any case.
    Exports,
}

impl Period {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pages, Self::Readings, Self::Feedback, Self::Submissions, Self::Students, Self::Exports];

    /// The longest, in days: ten years.
    pub const LONGEST: u32 = 3653;

    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Readings => "readings",
            Self::Feedback => "feedback",
            Self::Submissions => "submissions",
            Self::Students => "students",
            Self::Exports => "exports",
        }
    }

    /// The shortest, in days: what is needed in order to grade, to look again, and to hear a student.
    #[must_use]
    pub const fn shortest(self) -> u32 {
        match self {
            Self::Pages | Self::Readings => 7,
            Self::Feedback | Self::Submissions | Self::Students => 30,
            Self::Exports => 1,
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Pages => {
                "Uploaded files and the pictures of their pages, counted from the day that the script was announced."
            }
            Self::Readings => "What was read on the pages, from the same day.",
            Self::Feedback => "Feedback with its reasons and evidence, from the same day.",
            Self::Submissions => "Submissions with their marks, and with them all of the above, from the same day.",
            Self::Students => {
                "Students on the roster, from the day that they were put on it, as long as none of their scripts is younger."
            }
            Self::Exports => "The records of exports, from the day that they were asked for.",
        }
    }
}

/// Days by period. What has none is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Periods {
    /// Uploaded files and page pictures.
    #[schema(minimum = 7, maximum = 3653)]
    pub pages: Option<u32>,
    /// What was read.
    #[schema(minimum = 7, maximum = 3653)]
    pub readings: Option<u32>,
    /// Feedback.
    #[schema(minimum = 30, maximum = 3653)]
    pub feedback: Option<u32>,
    /// Submissions with their marks and everything else of them.
    #[schema(minimum = 30, maximum = 3653)]
    pub submissions: Option<u32>,
    /// Students on the roster.
    #[schema(minimum = 30, maximum = 3653)]
    pub students: Option<u32>,
    /// Records of exports.
    #[schema(minimum = 1, maximum = 3653)]
    pub exports: Option<u32>,
}

/// What an organization has set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retention {
    /// The periods.
    pub days: Periods,
    /// Counted up at every change, which names the version that it was made to; 0 until something is set.
    pub version: u32,
}

impl Periods {
    /// The days of one period; none if the organization keeps it.
    #[must_use]
    pub const fn days(&self, period: Period) -> Option<u32> {
        match period {
            Period::Pages => self.pages,
            Period::Readings => self.readings,
            Period::Feedback => self.feedback,
            Period::Submissions => self.submissions,
            Period::Students => self.students,
            Period::Exports => self.exports,
        }
    }

    /// Checks that each lies between its least and its most.
    ///
    /// # Errors
    /// `period_invalid`.
    pub fn check(&self) -> Result<()> {
        for period in Period::ALL {
            let (name, shortest, longest) = (period.name(), period.shortest(), Period::LONGEST);
            if self.days(period).is_some_and(|days| !(shortest..=longest).contains(&days)) {
                let message = format!("The period `{name}` must have {shortest} to {longest} days, or none.");
                return Err(Error::invalid("period_invalid", message));
            }
        }
        Ok(())
    }

    /// What was made before this moment is not kept any more; none if the organization keeps it.
    #[must_use]
    pub fn limit(&self, period: Period, now: Timestamp) -> Option<Timestamp> {
        let days = self.days(period)?;
        now.checked_sub((i64::from(days) * 24).hours()).ok()
    }
}

/// The periods as Markdown, for the documentation.
#[must_use]
pub fn markdown() -> String {
    let mut text = "| Period | What | At least | At most |\n| --- | --- | --- | --- |\n".to_owned();
    for period in Period::ALL {
        let (name, what) = (period.name(), period.description());
        // Writing to a text can't fail.
        let _ = writeln!(text, "| `{name}` | {what} | {} days | {} days |", period.shortest(), Period::LONGEST);
    }
    text
}

impl Store {
    /// The periods that the organization has set.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn retention(&self, tenant: Tenant) -> Result<Retention> {
        Ok(self.get(&keys::retention(tenant.org())).await?.unwrap_or_default())
    }

    /// Sets the periods, if nobody has changed them since the version that `retention` names.
    ///
    /// # Errors
    /// `retention_changed`.
    pub async fn set_retention(&self, tenant: Tenant, retention: &Retention, event: &AuditEvent) -> Result<Retention> {
        let message = "The periods were changed meanwhile. Load them again.";
        let changed = Error::conflict("retention_changed", message);
        let next = Retention { version: retention.version.saturating_add(1), ..retention.clone() };
        let item = encode(&keys::retention(tenant.org()), &next)?;
        let transaction = match retention.version {
            0 => Transaction::default().create(self, item, changed)?,
            before => Transaction::default().replace(self, item, before, changed)?,
        };
        transaction.audit(self, event)?.commit(self).await?;
        Ok(next)
    }
}

impl Store {
    /// Notes which parts of a submission are deleted because their period is over. Nothing if it was deleted meanwhile.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn mark_expired(
        &self,
        tenant: Tenant,
        submission: &Submission,
        expired: &BTreeSet<String>,
        event: &AuditEvent,
    ) -> Result<()> {
        let key = keys::submission(tenant.org(), submission.assessment, submission.id);
        let without_pictures = expired.contains(Period::Pages.name()) && submission.outcome.is_some();
        let without_reading = expired.contains(Period::Readings.name());
        let (expired, none) = (attribute(expired)?, attribute(&[(); 0])?);
        let mut transaction = Transaction::default();
        if without_reading {
            transaction = self.dropping_sketches(transaction, tenant, submission.assessment, submission.id)?;
        }
        let marked = transaction
            .update(self, &key, Error::not_found(), |update| {
                let update = update.expression_attribute_values(":expired", expired);
                if without_pictures {
                    return update
                        .update_expression("SET expired = :expired, outcome.annotated_pages = :none")
                        .condition_expression("attribute_exists(outcome.annotated_pages)")
                        .expression_attribute_values(":none", none);
                }
                update.update_expression("SET expired = :expired").condition_expression("attribute_exists(PK)")
            })?
            .audit(self, event)?
            .commit(self)
            .await;
        unless_gone(marked)
    }

    /// Deletes the record of an export whose period is over.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn expire_export(&self, tenant: Tenant, id: ExportId, event: &AuditEvent) -> Result<()> {
        let expired = Transaction::default()
            .delete(self, &keys::export(Owner::Organization(tenant), id), Error::not_found())?
            .audit(self, event)?
            .commit(self)
            .await;
        unless_gone(expired)
    }
}

fn unless_gone(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.code() == "not_found" => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_a_least_and_a_most() {
        let pages = |days| Periods { pages: Some(days), ..Periods::default() }.check();
        let exports = |days| Periods { exports: Some(days), ..Periods::default() }.check();
        assert!(pages(7).is_ok());
        assert_eq!(pages(6).unwrap_err().code(), "period_invalid");
        assert!(exports(Period::LONGEST).is_ok());
        assert_eq!(exports(Period::LONGEST + 1).unwrap_err().code(), "period_invalid");
        assert!(Periods::default().check().is_ok());
    }

    #[test]
    fn what_has_no_period_is_kept() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        let periods = Periods { pages: Some(30), ..Periods::default() };
        assert_eq!(periods.limit(Period::Pages, now), Some("2026-03-01T12:00:00Z".parse().unwrap()));
        assert_eq!(periods.limit(Period::Feedback, now), None);
    }
}
