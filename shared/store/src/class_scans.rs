//! Scans of a whole class: one item each, from the announcement of its files to the scripts that were made of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{AssessmentId, ClassScanId, Principal, SubmissionId},
};
use utoipa::ToSchema;

use crate::{
    AuditEvent, Failure, FileState, IdempotencyKey, Page, Store, SubmittedFile, Tenant,
    item::{attribute, decode, encode, number, text},
    keys, now,
    transaction::Transaction,
};

/// A class's scripts, scanned in one go, on their way to become submissions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ClassScan {
    /// Its id.
    pub id: ClassScanId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// Where it stands.
    pub state: ClassScanState,
    /// Why it failed, for the teacher.
    pub failure: Option<Failure>,
    /// The uploaded files by number, from `1`.
    pub files: BTreeMap<String, SubmittedFile>,
    /// Pages in all files, separator sheets among them; 0 until all are looked through.
    pub pages: u32,
    /// The scripts that were found, in the order of their pages; empty until it is split.
    pub scripts: Vec<ScriptOfScan>,
    /// Who uploaded it.
    pub created_by: Principal,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// The request that created it; what came of it logs it.
    pub request_id: String,
}

/// Where a class's scan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassScanState {
    /// Its files have not arrived.
    AwaitingUpload,
    /// Its pages are being looked through.
    Splitting,
    /// Every script in it is a submission.
    Split,
    /// It could not be split; the reason is there. Upload it anew.
    Failed,
}

/// A script that was found in a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScriptOfScan {
    /// The submission that it has become.
    pub submission: SubmissionId,
    /// Its first page in the scan, counted from 1 through all files.
    pub first_page: u32,
    /// Its last page.
    pub last_page: u32,
    /// How many pages it has.
    pub pages: u32,
}

impl ClassScan {
    /// Whether every file was looked through or has failed.
    #[must_use]
    pub fn all_files_done(&self) -> bool {
        self.files.values().all(|file| matches!(file.state, FileState::Read | FileState::Failed))
    }
}

impl Store {
    /// Creates a scan; with `key`, once however often it is called.
    ///
    /// # Errors
    /// `class_scan_exists` if another call with the same key was faster: look the key up again.
    pub async fn create_class_scan(
        &self,
        tenant: Tenant,
        scan: &ClassScan,
        key: Option<&IdempotencyKey>,
        event: &AuditEvent,
    ) -> Result<()> {
        let message = "The same request is being served right now. Please try again.";
        let exists = || Error::conflict("class_scan_exists", message);
        let mut transaction = Transaction::default().create(self, encode(&at(tenant, scan), scan)?, exists())?;
        if let Some(key) = key {
            transaction = transaction.create(self, key.record(tenant, &scan.id.to_string())?, exists())?;
        }
        transaction.audit(self, event)?.commit(self).await
    }

    /// The scan.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn class_scan(&self, tenant: Tenant, assessment: AssessmentId, id: ClassScanId) -> Result<ClassScan> {
        self.get(&keys::class_scan(tenant.org(), assessment, id)).await?.ok_or_else(Error::not_found)
    }

    /// The assessment's scans, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn class_scans(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<ClassScan>> {
        self.list(&keys::submissions_of(tenant.org(), assessment), keys::CLASS_SCANS, limit, cursor).await
    }

    /// Notes that looking through a file begins. None if that is done already, or the scan isn't waiting for it.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin_scan_file(&self, tenant: Tenant, scan: &ClassScan, file: &str) -> Result<Option<ClassScan>> {
        let states = [attribute(&ClassScanState::AwaitingUpload)?, attribute(&ClassScanState::Splitting)?];
        let files = [attribute(&FileState::AwaitingUpload)?, attribute(&FileState::Reading)?];
        let ([awaiting, splitting], [file_awaiting, file_reading]) = (states, files);
        let at = at(tenant, scan);
        let changed = self.update_if(&at, |update| {
            Ok(update
                .update_expression(
                    "SET #state = :splitting, files.#file.#state = :file_reading, updated_at = :now \
                     ADD files.#file.attempts :one",
                )
                .condition_expression(
                    "#state IN (:awaiting, :splitting) AND files.#file.#state IN (:file_awaiting, :file_reading)",
                )
                .expression_attribute_names("#state", "state")
                .expression_attribute_names("#file", file)
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":awaiting", awaiting)
                .expression_attribute_values(":splitting", splitting)
                .expression_attribute_values(":file_awaiting", file_awaiting)
                .expression_attribute_values(":file_reading", file_reading)
                .expression_attribute_values(":now", text(now().to_string())))
        });
        changed.await?.map(decode).transpose()
    }

    /// Notes how looking through a file ended: with its number of pages, or why not. None if the scan has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn finish_scan_file(
        &self,
        tenant: Tenant,
        scan: &ClassScan,
        file: &str,
        result: &Result<u32, Failure>,
    ) -> Result<Option<ClassScan>> {
        let (state, pages, failure) = match result {
            Ok(pages) => (FileState::Read, *pages, None),
            Err(failure) => (FileState::Failed, 0, Some(failure)),
        };
        let (done, failure) = (attribute(&state)?, attribute(&failure)?);
        let (splitting, reading) = (attribute(&ClassScanState::Splitting)?, attribute(&FileState::Reading)?);
        let at = at(tenant, scan);
        let changed = self.update_if(&at, |update| {
            Ok(update
                .update_expression(
                    "SET files.#file.#state = :done, files.#file.pages = :pages, files.#file.failure = :failure, \
                     updated_at = :now",
                )
                .condition_expression("#state = :splitting AND files.#file.#state = :reading")
                .expression_attribute_names("#state", "state")
                .expression_attribute_names("#file", file)
                .expression_attribute_values(":done", done)
                .expression_attribute_values(":pages", number(pages))
                .expression_attribute_values(":failure", failure)
                .expression_attribute_values(":splitting", splitting)
                .expression_attribute_values(":reading", reading)
                .expression_attribute_values(":now", text(now().to_string())))
        });
        changed.await?.map(decode).transpose()
    }

    /// Notes that the scan has become these scripts. Changes nothing if it has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn finish_class_scan(
        &self,
        tenant: Tenant,
        scan: &ClassScan,
        pages: u32,
        scripts: &[ScriptOfScan],
        event: &AuditEvent,
    ) -> Result<()> {
        let (split, splitting) = (attribute(&ClassScanState::Split)?, attribute(&ClassScanState::Splitting)?);
        let scripts = attribute(&scripts)?;
        let transaction = Transaction::default().update(self, &at(tenant, scan), moved_on(), |update| {
            update
                .update_expression("SET #state = :split, pages = :pages, scripts = :scripts, updated_at = :now")
                .condition_expression("#state = :splitting")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":split", split)
                .expression_attribute_values(":splitting", splitting)
                .expression_attribute_values(":pages", number(pages))
                .expression_attribute_values(":scripts", scripts)
                .expression_attribute_values(":now", text(now().to_string()))
        })?;
        unless_moved_on(transaction.audit(self, event)?.commit(self).await)
    }

    /// Moves a scan that is not yet split to `failed`, with the reason. Changes nothing if it has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn fail_class_scan(
        &self,
        tenant: Tenant,
        scan: &ClassScan,
        failure: &Failure,
        event: &AuditEvent,
    ) -> Result<()> {
        let states = [ClassScanState::AwaitingUpload, ClassScanState::Splitting, ClassScanState::Failed];
        let [awaiting, splitting, failed] = states.map(|state| attribute(&state));
        let (awaiting, splitting, failed, failure) = (awaiting?, splitting?, failed?, attribute(failure)?);
        let transaction = Transaction::default().update(self, &at(tenant, scan), moved_on(), |update| {
            update
                .update_expression("SET #state = :failed, failure = :failure, updated_at = :now")
                .condition_expression("#state IN (:awaiting, :splitting)")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":failed", failed)
                .expression_attribute_values(":failure", failure)
                .expression_attribute_values(":awaiting", awaiting)
                .expression_attribute_values(":splitting", splitting)
                .expression_attribute_values(":now", text(now().to_string()))
        })?;
        unless_moved_on(transaction.audit(self, event)?.commit(self).await)
    }

    /// Deletes a scan. The submissions that were made of it stay.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_class_scan(&self, tenant: Tenant, scan: &ClassScan, event: &AuditEvent) -> Result<()> {
        let transaction = Transaction::default().delete(self, &at(tenant, scan), Error::not_found())?;
        transaction.audit(self, event)?.commit(self).await
    }
}

fn at(tenant: Tenant, scan: &ClassScan) -> keys::Key {
    keys::class_scan(tenant.org(), scan.assessment, scan.id)
}

const MOVED_ON: &str = "class_scan_moved_on";

fn moved_on() -> Error {
    Error::conflict(MOVED_ON, "The scan has changed meanwhile.")
}

fn unless_moved_on(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.code() == MOVED_ON => Ok(()),
        other => other,
    }
}
