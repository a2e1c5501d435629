//! Submissions: one item each, moved from state to state by conditional updates, so that a message delivered twice, or
//! two at once, change it once.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Marks, Result,
    feedback::{AnswerGrade, Feedback},
    id::{AssessmentId, Principal, StudentId, SubmissionId, TeamId},
    plan::Quota,
    submission::{FileType, Progress, State},
};
use utoipa::ToSchema;

use crate::{
    AuditEvent, GuideRef, IdempotencyKey, Page, QuotaUnit, Sketches, Store, StudentMatch, Tenant,
    item::{attribute, decode, encode, number, text, unavailable},
    keys, now,
    sketches::were_moved,
    this_month,
    transaction::Transaction,
};

/// One student's script on its way.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The student on the roster, if the number is on it.
    pub student: Option<StudentId>,
    /// The student's name, as the teacher gave it.
    pub student_name: Option<String>,
    /// The student's number, as the teacher gave it.
    pub student_number: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Why it failed, for the teacher.
    pub failure: Option<Failure>,
    /// The uploaded files by number, from `1`.
    pub files: BTreeMap<String, SubmittedFile>,
    /// The answers by question label, once the script is split.
    pub answers: BTreeMap<String, AnswerProgress>,
    /// The guide's version that it is graded with, once the script is split.
    pub guide: Option<GuideRef>,
    /// What came out, once it is graded.
    pub outcome: Option<Outcome>,
    /// How often grading was begun anew: 1 at first. Work for an earlier run is dropped.
    pub run: u32,
    /// Who handed it in.
    pub created_by: Principal,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// The request that created it; every task that came of it logs it.
    pub request_id: String,
    /// How a person has assigned lines to questions; none as long as the split that was found is in force.
    #[serde(default)]
    pub split: Option<SplitRef>,
    /// What of it is deleted because its retention period is over: `pages`, `readings`, `feedback`.
    #[serde(default)]
    pub expired: BTreeSet<String>,
    /// How the student was found; none as long as nobody has looked, or if the number came with the script.
    #[serde(default)]
    pub student_match: Option<StudentMatch>,
    /// Counted up whenever it changes whose script it is, or may be.
    #[serde(default)]
    pub student_version: u32,
    /// The unit of the organization's quota that it has reserved; none once it has failed.
    #[serde(default)]
    pub quota_unit: Option<QuotaUnit>,
}

/// How lines were assigned to questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SplitRef {
    /// Counted from 2; the split that was found is version 1.
    pub version: u32,
    /// Names the file that holds it.
    pub id: String,
    /// Who has assigned them.
    pub by: Principal,
}

/// What came of grading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// Marks given.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
    /// The lowest confidence among the questions, 0–1.
    pub confidence: f64,
    /// Numbers of the pages of which there is an annotated picture.
    pub annotated_pages: Vec<u32>,
    /// Why a person must look; empty when none need.
    pub review_reasons: Vec<String>,
    /// The version of the feedback that is in force, by the SHA-256 under which it is kept.
    pub feedback: String,
    /// Counted up from 1 whenever a person decides something about the script.
    pub revision: u32,
    /// Every answer by its question's label, as the feedback has it.
    pub answers: BTreeMap<String, AnswerStanding>,
    /// Who has decided that the script counts although files of it could not be read.
    pub unread_accepted_by: Option<Principal>,
}

/// What the feedback says of an answer, so that nobody need open it to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnswerStanding {
    /// Marks given.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
    /// Probability that a teacher would give the same marks, 0–1; 1 when a person has decided.
    pub confidence: f64,
    /// Why a person must look; none when none need, or when one has decided.
    pub review_reason: Option<String>,
    /// Who has decided last.
    pub decided_by: Option<Principal>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// Counted up from 1 at every decision; a decision names the version that it was made to.
    pub version: u32,
    /// When a person has decided, the marks that the machine had given.
    #[serde(default)]
    pub machine_marks: Option<Marks>,
    /// The probability, as the machine saw it, that a teacher would give the same.
    #[serde(default)]
    pub machine_confidence: Option<f64>,
    /// From how many decisions about other answers the machine had learned when it gave its marks; 0 if from none.
    #[serde(default)]
    pub learned_from: u32,
}

impl Outcome {
    /// What came of grading: `feedback`, kept under the hash `sha256`.
    #[must_use]
    pub fn new(feedback: &Feedback, sha256: String, annotated_pages: Vec<u32>) -> Self {
        let standing = |grade: &AnswerGrade| (grade.question.clone(), AnswerStanding::of(grade, 1, 0));
        Self {
            marks: feedback.marks,
            max_marks: feedback.max_marks,
            confidence: feedback.confidence,
            annotated_pages,
            review_reasons: feedback.review_reasons.clone(),
            feedback: sha256,
            revision: 1,
            answers: feedback.questions.iter().map(standing).collect(),
            unread_accepted_by: None,
        }
    }

    /// The same after answers were graded again. An answer that came out otherwise has a new version, so that nobody decides
    /// about it who has seen the old one.
    #[must_use]
    pub fn regraded(&self, feedback: &Feedback, sha256: String, annotated_pages: Vec<u32>) -> Self {
        let standing = |grade: &AnswerGrade| {
            let before = self.answers.get(&grade.question);
            let same = before.map(|before| AnswerStanding::of(grade, before.version, before.learned_from));
            let standing = match same {
                Some(same) if Some(&same) == before => same,
                _ => AnswerStanding::of(grade, before.map_or(0, |before| before.version) + 1, 0),
            };
            (grade.question.clone(), standing)
        };
        let answers = feedback.questions.iter().map(standing).collect();
        let new = Self::new(feedback, sha256, annotated_pages);
        Self { revision: self.revision + 1, answers, unread_accepted_by: self.unread_accepted_by, ..new }
    }

    /// The same after a decision about the answer to `question`, if it was about one. The pages are still to be drawn.
    #[must_use]
    pub fn decided(&self, feedback: &Feedback, sha256: String, question: Option<&str>) -> Self {
        self.changed(feedback, sha256, question, None)
    }

    /// The same after the answer to `question` was scored again with so many decisions about others. The pages are still to
    /// be drawn.
    #[must_use]
    pub fn rescored(&self, feedback: &Feedback, sha256: String, question: &str, learned_from: u32) -> Self {
        self.changed(feedback, sha256, Some(question), Some(learned_from))
    }

    fn changed(&self, feedback: &Feedback, sha256: String, question: Option<&str>, learned_from: Option<u32>) -> Self {
        let standing = |grade: &AnswerGrade| {
            let before = self.answers.get(&grade.question);
            let (version, learned) = before.map_or((0, 0), |answer| (answer.version, answer.learned_from));
            let is_changed = question == Some(grade.question.as_str());
            let learned = learned_from.filter(|_| is_changed).unwrap_or(learned);
            (grade.question.clone(), AnswerStanding::of(grade, version + u32::from(is_changed), learned))
        };
        let answers = feedback.questions.iter().map(standing).collect();
        let new = Self::new(feedback, sha256, Vec::new());
        Self { revision: self.revision + 1, answers, unread_accepted_by: self.unread_accepted_by, ..new }
    }
}

impl AnswerStanding {
    fn of(grade: &AnswerGrade, version: u32, learned_from: u32) -> Self {
        let decision = grade.decision();
        let machine = decision.and(grade.decided.as_ref()).map(|decided| &decided.machine);
        Self {
            marks: grade.marks,
            max_marks: grade.max_marks,
            confidence: grade.confidence,
            review_reason: grade.review_reason.clone(),
            decided_by: decision.map(|decision| decision.by),
            decided_at: decision.map(|decision| decision.at),
            version,
            machine_marks: machine.map(|machine| machine.marks),
            machine_confidence: machine.map(|machine| machine.confidence),
            learned_from,
        }
    }
}

/// Why something failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Stable code.
    pub code: String,
    /// What is wrong and what to do, for the teacher.
    pub message: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { code: error.code().to_owned(), message: error.message().to_owned() }
    }
}

/// A file of a submission.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SubmittedFile {
    /// Its type.
    pub content_type: FileType,
    /// Where it stands.
    pub state: FileState,
    /// How often reading it was begun.
    pub attempts: u32,
    /// Pages read from it.
    pub pages: u32,
    /// Why it could not be read.
    pub failure: Option<Failure>,
}

impl SubmittedFile {
    /// One of this type that has been announced.
    #[must_use]
    pub const fn announced(content_type: FileType) -> Self {
        Self { content_type, state: FileState::AwaitingUpload, attempts: 0, pages: 0, failure: None }
    }
}

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It has not arrived; the bucket refuses one that is empty, too large or of another type than announced.
    AwaitingUpload,
    /// It is being read.
    Reading,
    /// It was read.
    Read,
    /// It could not be read.
    Failed,
}

/// The grading of an answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AnswerProgress {
    /// Where it stands.
    pub state: AnswerState,
    /// How often grading it was begun.
    pub attempts: u32,
}

/// Where an answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerState {
    /// A job is on its way.
    Pending,
    /// Its grade is kept.
    Graded,
}

impl Submission {
    /// The files by number, from 1.
    pub fn files_in_order(&self) -> impl Iterator<Item = &SubmittedFile> {
        (1..=self.files.len()).filter_map(|number| self.files.get(&number.to_string()))
    }

    /// Whether every file was read or has failed.
    #[must_use]
    pub fn all_files_done(&self) -> bool {
        self.files.values().all(|file| matches!(file.state, FileState::Read | FileState::Failed))
    }

    /// Whether a teacher has retried it and its files are not all read again. Perhaps nobody is at it: the function that
    /// began the retry may have ended before it sent the messages.
    #[must_use]
    pub fn is_being_read_again(&self) -> bool {
        self.run > 1 && self.state == State::Reading
    }

    /// What a person must know about files that could not be read, unless one has accepted that.
    #[must_use]
    pub fn unread_files(&self) -> Vec<String> {
        if self.outcome.as_ref().is_some_and(|outcome| outcome.unread_accepted_by.is_some()) {
            return Vec::new();
        }
        let files = (1..).zip(self.files_in_order());
        let failed = files.filter_map(|(number, file): (u32, _)| Some((number, file.failure.as_ref()?)));
        failed.map(|(number, failure)| format!("File {number} could not be read: {}", failure.message)).collect()
    }

    /// Which version of the split is in force.
    #[must_use]
    pub fn split_version(&self) -> u32 {
        self.split.as_ref().map_or(1, |split| split.version)
    }

    /// Whether every answer is graded.
    #[must_use]
    pub fn all_answers_graded(&self) -> bool {
        !self.answers.is_empty() && self.answers.values().all(|answer| answer.state == AnswerState::Graded)
    }
}

/// What became of a conditional change: the submission after it, or none because it had moved on.
type Moved = Option<Submission>;

impl Store {
    /// Creates a submission, and reserves its unit of the quota; with `key`, once however often it is called.
    ///
    /// # Errors
    /// `quota_exhausted` if the month's scripts are used;
    /// `submission_exists` if another call with the same key was faster: look the key up again; `student_has_script` if
    /// another script of the assessment is the student's.
    pub async fn create_submission(
        &self,
        tenant: Tenant,
        submission: &Submission,
        key: Option<&IdempotencyKey>,
        quota: Quota,
        event: &AuditEvent,
    ) -> Result<()> {
        let exists =
            || Error::conflict("submission_exists", "The same request is being served right now. Please try again.");
        let at = keys::submission(tenant.org(), submission.assessment, submission.id);
        let mut transaction = Transaction::default().create(self, encode(&at, submission)?, exists())?;
        if let Some(key) = key {
            transaction = transaction.create(self, key.record(tenant, &submission.id.to_string())?, exists())?;
        }
        transaction = self.taking_script(transaction, tenant, submission)?;
        transaction = self.reserving(transaction, tenant, submission.quota_unit.as_ref(), quota)?;
        transaction.audit(self, event)?.commit(self).await
    }

    /// The submission.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn submission(&self, tenant: Tenant, assessment: AssessmentId, id: SubmissionId) -> Result<Submission> {
        self.get(&keys::submission(tenant.org(), assessment, id)).await?.ok_or_else(Error::not_found)
    }

    /// The assessment's submissions, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn submissions(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Submission>> {
        self.list(&keys::submissions_of(tenant.org(), assessment), keys::SUBMISSIONS, limit, cursor).await
    }

    /// How many submissions stand where. Counted from the submissions themselves, so the sum is always right.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn progress(&self, tenant: Tenant, assessment: AssessmentId) -> Result<Progress> {
        #[derive(Deserialize)]
        struct OnlyState {
            state: State,
        }
        let mut pages = self
            .client
            .query()
            .table_name(&self.tenants)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .projection_expression("#state")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":pk", text(keys::submissions_of(tenant.org(), assessment)))
            .expression_attribute_values(":prefix", text(keys::SUBMISSIONS))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut states = Vec::new();
        while let Some(item) = pages.next().await {
            states.push(decode::<OnlyState>(item.map_err(unavailable)?)?.state);
        }
        Ok(states.into_iter().collect())
    }

    /// Notes that reading a file begins. None if the file is read already, or the submission isn't waiting for it.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin_file(&self, tenant: Tenant, submission: &Submission, file: &str) -> Result<Moved> {
        self.change(tenant, submission, |update| {
            Ok(update
                .update_expression(
                    "SET #state = :reading, files.#file.#state = :file_reading, updated_at = :now \
                     ADD files.#file.attempts :one",
                )
                .condition_expression(
                    "run = :run AND #state IN (:awaiting, :reading) AND files.#file.#state IN (:file_awaiting, :file_reading)",
                )
                .expression_attribute_names("#file", file)
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":awaiting", attribute(&State::AwaitingUpload)?)
                .expression_attribute_values(":reading", attribute(&State::Reading)?)
                .expression_attribute_values(":file_awaiting", attribute(&FileState::AwaitingUpload)?)
                .expression_attribute_values(":file_reading", attribute(&FileState::Reading)?))
        })
        .await
    }

    /// Notes how reading a file ended: with its number of pages, or why not. None if the submission has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn finish_file(
        &self,
        tenant: Tenant,
        submission: &Submission,
        file: &str,
        result: &Result<u32, Failure>,
    ) -> Result<Moved> {
        let (state, pages, failure) = match result {
            Ok(pages) => (FileState::Read, *pages, None),
            Err(failure) => (FileState::Failed, 0, Some(failure)),
        };
        self.change(tenant, submission, |update| {
            Ok(update
                .update_expression(
                    "SET files.#file.#state = :done, files.#file.pages = :pages, files.#file.failure = :failure, updated_at = :now",
                )
                .condition_expression("run = :run AND #state = :reading AND files.#file.#state = :file_reading")
                .expression_attribute_names("#file", file)
                .expression_attribute_values(":done", attribute(&state)?)
                .expression_attribute_values(":pages", number(pages))
                .expression_attribute_values(":failure", attribute(&failure)?)
                .expression_attribute_values(":reading", attribute(&State::Reading)?)
                .expression_attribute_values(":file_reading", attribute(&FileState::Reading)?))
        })
        .await
    }

    /// Moves a read submission to `grading`, with one pending answer per question. What a person has assigned stays in
    /// force as long as the guide is the same. None if it has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin_grading<'a>(
        &self,
        tenant: Tenant,
        submission: &Submission,
        guide: &GuideRef,
        questions: impl Iterator<Item = &'a str> + Send,
    ) -> Result<Moved> {
        let pending = AnswerProgress { state: AnswerState::Pending, attempts: 0 };
        let answers: BTreeMap<&str, AnswerProgress> = questions.map(|label| (label, pending.clone())).collect();
        let split = submission.split.as_ref().filter(|_| submission.guide.as_ref() == Some(guide));
        self.change(tenant, submission, |update| {
            Ok(update
                .update_expression(
                    "SET #state = :grading, answers = :answers, guide = :guide, #split = :split, updated_at = :now",
                )
                .expression_attribute_names("#split", "split")
                .expression_attribute_values(":split", attribute(&split)?)
                .condition_expression("run = :run AND #state = :reading")
                .expression_attribute_values(":answers", attribute(&answers)?)
                .expression_attribute_values(":guide", attribute(guide)?)
                .expression_attribute_values(":reading", attribute(&State::Reading)?)
                .expression_attribute_values(":grading", attribute(&State::Grading)?))
        })
        .await
    }

    /// Notes that grading an answer begins. None if the submission has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn begin_answer(&self, tenant: Tenant, submission: &Submission, question: &str) -> Result<Moved> {
        self.change(tenant, submission, |update| {
            Ok(update
                .update_expression("SET updated_at = :now ADD answers.#question.attempts :one")
                .condition_expression("run = :run AND #state = :grading AND attribute_exists(answers.#question)")
                .expression_attribute_names("#question", question)
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":grading", attribute(&State::Grading)?))
        })
        .await
    }

    /// Notes that an answer's grade is kept. None if the submission has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn finish_answer(&self, tenant: Tenant, submission: &Submission, question: &str) -> Result<Moved> {
        self.change(tenant, submission, |update| {
            Ok(update
                .update_expression("SET answers.#question.#state = :graded, updated_at = :now")
                .condition_expression("run = :run AND #state = :grading AND attribute_exists(answers.#question)")
                .expression_attribute_names("#question", question)
                .expression_attribute_values(":graded", attribute(&AnswerState::Graded)?)
                .expression_attribute_values(":grading", attribute(&State::Grading)?))
        })
        .await
    }

    /// Moves a submission whose answers are all graded to `graded` or `needs_review`, and keeps what they are compared by. A
    /// second call changes nothing.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn finish_grading(
        &self,
        tenant: Tenant,
        submission: &Submission,
        state: State,
        (outcome, sketches): (&Outcome, &Sketches),
        event: &AuditEvent,
    ) -> Result<()> {
        let (state, outcome) = (attribute(&state)?, attribute(outcome)?);
        let grading = attribute(&State::Grading)?;
        let transaction = Transaction::default().update(self, &at(tenant, submission), moved_on(), |update| {
            update
                .update_expression("SET #state = :state, outcome = :outcome, updated_at = :now")
                .condition_expression("run = :run AND #state = :grading")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":state", state)
                .expression_attribute_values(":outcome", outcome)
                .expression_attribute_values(":grading", grading)
                .expression_attribute_values(":run", number(submission.run))
                .expression_attribute_values(":now", text(now().to_string()))
        })?;
        let transaction = self.replacing_sketches(transaction, tenant, submission.assessment, sketches)?;
        match unless_moved_on(transaction.audit(self, event)?.commit(self).await) {
            // The message comes again, and finds the answer where it was moved to.
            Err(error) if were_moved(&error) => Err(Error::unavailable(error)),
            other => other,
        }
    }

    /// Moves a submission that is in progress to `failed`, with the reason, and gives its unit of the quota back. Changes
    /// nothing if it has moved on.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn fail(
        &self,
        tenant: Tenant,
        submission: &Submission,
        failure: &Failure,
        event: &AuditEvent,
    ) -> Result<()> {
        let (failure, none) = (attribute(failure)?, attribute(&None::<QuotaUnit>)?);
        let states = [State::AwaitingUpload, State::Reading, State::Grading, State::Failed];
        let [awaiting, reading, grading, failed] = states.map(|state| attribute(&state));
        let (awaiting, reading, grading, failed) = (awaiting?, reading?, grading?, failed?);
        let transaction = Transaction::default().update(self, &at(tenant, submission), moved_on(), |update| {
            update
                .update_expression("SET #state = :failed, failure = :failure, quota_unit = :none, updated_at = :now")
                .expression_attribute_values(":none", none)
                .condition_expression("run = :run AND #state IN (:awaiting, :reading, :grading)")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":failed", failed)
                .expression_attribute_values(":failure", failure)
                .expression_attribute_values(":awaiting", awaiting)
                .expression_attribute_values(":reading", reading)
                .expression_attribute_values(":grading", grading)
                .expression_attribute_values(":run", number(submission.run))
                .expression_attribute_values(":now", text(now().to_string()))
        })?;
        let transaction = self.refunding(transaction, tenant, submission)?;
        unless_moved_on(transaction.audit(self, event)?.commit(self).await)
    }

    /// Begins a failed submission of an assessment of `team` anew: files that failed are read again, all answers are
    /// graded again. It reserves a unit of the quota again.
    ///
    /// # Errors
    /// `submission_not_failed` if it is in another state; `quota_exhausted` if the month's scripts are used.
    pub async fn retry(
        &self,
        tenant: Tenant,
        submission: &Submission,
        team: Option<TeamId>,
        quota: Quota,
        event: &AuditEvent,
    ) -> Result<Submission> {
        let mut next = submission.clone();
        next.quota_unit = Some(QuotaUnit::of_this_month(team, quota));
        for file in next.files.values_mut().filter(|file| file.state == FileState::Failed) {
            file.state = FileState::Reading;
            file.failure = None;
        }
        // With another file that can be read the pages are numbered anew, and lines that were assigned are others.
        if next.files.values().any(|file| file.state != FileState::Read) {
            next.split = None;
        }
        next.run += 1;
        next.state = State::Reading;
        next.failure = None;
        next.answers = BTreeMap::new();
        next.updated_at = now();
        let message = "Only a submission that has failed can be retried.";
        let refused = Error::conflict("submission_not_failed", message);
        let (state, failed, files) = (attribute(&next.state)?, attribute(&State::Failed)?, attribute(&next.files)?);
        let (empty, none) = (attribute(&next.answers)?, attribute(&next.failure)?);
        let (split, unit) = (attribute(&next.split)?, attribute(&next.quota_unit)?);
        let transaction = Transaction::default().update(self, &at(tenant, submission), refused, |update| {
            update
                .update_expression(
                    "SET #state = :state, files = :files, answers = :empty, failure = :none, #split = :split, \
                         quota_unit = :unit, run = :next, updated_at = :now",
                )
                .expression_attribute_values(":unit", unit)
                .condition_expression("run = :run AND #state = :failed")
                .expression_attribute_names("#state", "state")
                .expression_attribute_names("#split", "split")
                .expression_attribute_values(":state", state)
                .expression_attribute_values(":files", files)
                .expression_attribute_values(":empty", empty)
                .expression_attribute_values(":none", none)
                .expression_attribute_values(":split", split)
                .expression_attribute_values(":next", number(next.run))
                .expression_attribute_values(":run", number(submission.run))
                .expression_attribute_values(":failed", failed)
                .expression_attribute_values(":now", text(next.updated_at.to_string()))
        })?;
        let transaction = self.reserving(transaction, tenant, next.quota_unit.as_ref(), quota)?;
        transaction.audit(self, event)?.commit(self).await?;
        Ok(next)
    }

    /// Puts another split into force and has the answers to these questions graded again, in a new run, so that work
    /// for the earlier one is dropped.
    ///
    /// # Errors
    /// `split_changed` if the submission has changed since it was loaded, or isn't graded.
    pub async fn assign_lines(
        &self,
        tenant: Tenant,
        submission: &Submission,
        split: SplitRef,
        questions: &BTreeSet<String>,
        event: &AuditEvent,
    ) -> Result<Submission> {
        let seen = submission.outcome.as_ref().ok_or_else(split_changed)?.revision;
        let mut next = submission.clone();
        next.state = State::Grading;
        next.run += 1;
        next.split = Some(split);
        next.updated_at = now();
        for (question, answer) in &mut next.answers {
            if questions.contains(question) {
                *answer = AnswerProgress { state: AnswerState::Pending, attempts: 0 };
            }
        }
        let (state, split, answers) = (attribute(&next.state)?, attribute(&next.split)?, attribute(&next.answers)?);
        let (graded, review) = (attribute(&State::Graded)?, attribute(&State::NeedsReview)?);
        Transaction::default()
            .update(self, &at(tenant, submission), split_changed(), |update| {
                update
                    .update_expression(
                        "SET #state = :state, #split = :split, answers = :answers, run = :next, updated_at = :now",
                    )
                    .condition_expression("run = :run AND #state IN (:graded, :review) AND outcome.revision = :seen")
                    .expression_attribute_values(":seen", number(seen))
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_names("#split", "split")
                    .expression_attribute_values(":state", state)
                    .expression_attribute_values(":split", split)
                    .expression_attribute_values(":answers", answers)
                    .expression_attribute_values(":next", number(next.run))
                    .expression_attribute_values(":run", number(submission.run))
                    .expression_attribute_values(":graded", graded)
                    .expression_attribute_values(":review", review)
                    .expression_attribute_values(":now", text(next.updated_at.to_string()))
            })?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(next)
    }

    /// Deletes a submission. One of which no file has arrived gives its unit of this month's quota back.
    ///
    /// # Errors
    /// `not_found`; `student_match_changed` if it has become another student's meanwhile; `submission_moved_on` if its
    /// files have begun to arrive meanwhile.
    pub async fn delete_submission(&self, tenant: Tenant, submission: &Submission, event: &AuditEvent) -> Result<()> {
        let is_of_this_month = submission.quota_unit.as_ref().is_some_and(|unit| unit.month == this_month());
        let transaction = if submission.state == State::AwaitingUpload && is_of_this_month {
            let awaiting = attribute(&State::AwaitingUpload)?;
            let deleting = Transaction::default().delete_if(self, &at(tenant, submission), moved_on(), |delete| {
                delete
                    .condition_expression("#state = :awaiting")
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":awaiting", awaiting)
            })?;
            self.refunding(deleting, tenant, submission)?
        } else {
            Transaction::default().delete(self, &at(tenant, submission), Error::not_found())?
        };
        let transaction = self.dropping_sketches(transaction, tenant, submission.assessment, submission.id)?;
        self.giving_script_up(transaction, tenant, submission)?.audit(self, event)?.commit(self).await
    }

    /// An update that holds only while the submission's run is `:run`; `:now` and `#state` are set too.
    pub(crate) async fn change(
        &self,
        tenant: Tenant,
        submission: &Submission,
        change: impl FnOnce(UpdateItemFluentBuilder) -> Result<UpdateItemFluentBuilder>,
    ) -> Result<Moved> {
        let changed = self
            .update_if(&at(tenant, submission), |update| {
                change(
                    update
                        .expression_attribute_names("#state", "state")
                        .expression_attribute_values(":run", number(submission.run))
                        .expression_attribute_values(":now", text(now().to_string())),
                )
            })
            .await?;
        changed.map(decode).transpose()
    }
}

fn at(tenant: Tenant, submission: &Submission) -> keys::Key {
    keys::submission(tenant.org(), submission.assessment, submission.id)
}

/// Somebody else has assigned lines meanwhile, or the script is being graded.
#[must_use]
pub fn split_changed() -> Error {
    let message = "The lines were assigned anew meanwhile, or the script is being graded. Load the split again.";
    Error::conflict("split_changed", message)
}

const MOVED_ON: &str = "submission_moved_on";

pub(crate) fn moved_on() -> Error {
    Error::conflict(MOVED_ON, "The submission has changed meanwhile.")
}

fn unless_moved_on(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.code() == MOVED_ON => Ok(()),
        other => other,
    }
}
