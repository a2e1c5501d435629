//! # store
//!
//! The only crate that knows `DynamoDB`: keys, items, conditional writes, and the audit event in the same transaction as
//! the mutation it tells of. Two tables: `tenants` (single-table) and `audit` (append-only). What belongs to a tenant is
//! reached through a [`Tenant`], which only [`Store::access_of_member`], [`Store::access_of_api_key`] and [`Store::tenant_of_job`] can make; what
//! belongs to no tenant (users, sessions) through [`Platform`], which few functions' IAM roles allow.

mod api_keys;
mod assessments;
mod audit;
mod audit_log;
mod billing;
mod class_scans;
mod comments;
pub mod entities;
mod erasures;
mod exports;
mod idempotency;
mod invites;
mod item;
mod keys;
mod learning;
mod members;
mod organizations;
mod personal;
mod platform;
mod presence;
mod rate;
pub mod retention;
mod reviews;
mod roster;
mod sealing;
mod sessions;
mod sketches;
mod student_match;
mod students;
mod submissions;
mod teams;
mod tenant;
mod transaction;
mod usage;
mod users;

use std::env;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use jiff::{Timestamp, Unit};
use smartscripts_domain::{Error, Result};

pub use api_keys::{ApiKey, ApiKeySummary};
pub use assessments::{Assessment, GuideRef, Release};
pub use audit::{Actor, AuditEvent, Origin};
pub use audit_log::{AuditEntry, AuditFilter, Head, Walked};
pub use billing::{Applied, Billing, EVENT_KNOWN, OverageReport};
pub use class_scans::{ClassScan, ClassScanState, ScriptOfScan};
pub use comments::KeptComment;
pub use erasures::{Certificate, Counted, Erasure, ErasureState, Kept, counted, kept};
pub use exports::{Export, ExportState};
pub use idempotency::{IdempotencyKey, Replay};
pub use invites::{Invite, InviteState, OpenInvite};
pub use item::Page;
pub use learning::Learning;
pub use organizations::{Membership, Organization};
pub use personal::{About, AuditPlace, Due, Found, Owner, Person, Subject, Target, Walk};
pub use platform::Platform;
pub use rate::Taken;
pub use retention::{Period, Periods, Retention};
pub use reviews::{Doubt, Regraded, was_changed};
pub use roster::{Counts, ImportState, RosterImport};
pub use sealing::SHARDS;
pub use sessions::{Rotation, Session};
pub use sketches::{GradedAnswer, PlacedSketch, Sketches, group_changed};
pub use student_match::{MatchOutcome, ProposedStudent, STUDENT_HAS_SCRIPT, StudentMatch, student_match_changed};
pub use students::Student;
pub use submissions::{
    AnswerProgress, AnswerStanding, AnswerState, Failure, FileState, Outcome, SplitRef, Submission, SubmittedFile,
    split_changed,
};
pub use teams::Team;
pub use tenant::{Access, Tenant};
pub use usage::{QuotaUnit, Usage, this_month};
pub use users::{SecondFactor, TokenPurpose, User, email_key, token_hash};

/// The tables.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    tenants: String,
    audit: String,
}

impl Store {
    /// From `TENANTS_TABLE` and `AUDIT_TABLE`.
    ///
    /// # Errors
    /// `internal` if a variable is missing.
    pub fn from_env(config: &SdkConfig) -> Result<Self> {
        let variable = |name: &str| env::var(name).map_err(|_| Error::internal(format!("{name} is not set")));
        Ok(Self::new(config, variable("TENANTS_TABLE")?, variable("AUDIT_TABLE")?))
    }

    /// With these tables.
    #[must_use]
    pub fn new(config: &SdkConfig, tenants: String, audit: String) -> Self {
        Self { client: Client::new(config), tenants, audit }
    }

    /// Asks whether the table of tenants is there and active.
    ///
    /// # Errors
    /// `unavailable` if it isn't.
    pub async fn check(&self) -> Result<()> {
        self.check_table(&self.tenants).await
    }

    /// Asks whether the table of audit events is there and active.
    ///
    /// # Errors
    /// `unavailable` if it isn't.
    pub async fn check_audit(&self) -> Result<()> {
        self.check_table(&self.audit).await
    }

    async fn check_table(&self, name: &str) -> Result<()> {
        let answer = self.client.describe_table().table_name(name).send().await.map_err(item::unavailable)?;
        let status = answer.table.and_then(|table| table.table_status);
        match status {
            Some(aws_sdk_dynamodb::types::TableStatus::Active) => Ok(()),
            other => Err(Error::unavailable(format!("table status {other:?}"))),
        }
    }
}

/// The time as it is kept: UTC, to the millisecond.
#[must_use]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(Unit::Millisecond).unwrap_or(now)
}
