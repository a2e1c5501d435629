//! What is said to a background task. Ids only: no name, no text of a student.

use aws_lambda_events::event::s3::S3Event;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use smartscripts_billing::Reported;
use smartscripts_domain::{
    Error, Result,
    id::{AssessmentId, ClassScanId, ErasureId, ExportId, InviteId, OrgId, Principal, SubmissionId, UserId},
};
use smartscripts_files::{ScanUploadKey, UploadKey};

/// Something that a queue delivers.
pub trait Message: Sized + Send + 'static {
    /// Reads a message's body. Empty for a body that asks for nothing (the test event that S3 sends).
    ///
    /// # Errors
    /// `message_invalid` if it is nothing that we or S3 send.
    fn parse(body: &str) -> Result<Vec<(String, Self)>>;
}

/// A job with the request that caused it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope<T> {
    pub schema_version: u32,
    pub request_id: String,
    pub job: T,
}

impl<T: Serialize> Envelope<T> {
    pub fn seal(request_id: &str, job: T) -> Result<String> {
        let envelope = Self { schema_version: 1, request_id: request_id.to_owned(), job };
        serde_json::to_string(&envelope).map_err(Error::internal)
    }
}

fn open<T: DeserializeOwned>(body: &str) -> Result<(String, T)> {
    let envelope: Envelope<T> = serde_json::from_str(body).map_err(|error| {
        // What is wrong and where, without quoting what stands there.
        let context = format!("{:?} at column {}", error.classify(), error.column());
        Error::invalid("message_invalid", "A message could not be understood.").with_context(context)
    })?;
    Ok((envelope.request_id, envelope.job))
}

/// Read one uploaded file. Comes from S3 when the file arrives, or from a teacher's retry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadFile {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The submission.
    pub submission: SubmissionId,
    /// Number of the file, from 1.
    pub file: u32,
    /// The submission's run that the job is for. S3, which knows of none, tells of an upload for the first.
    #[serde(default = "first_run")]
    pub run: u32,
}

const fn first_run() -> u32 {
    1
}

/// What S3 sends once, when its notifications are set up.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TestEvent {
    event: String,
}

impl From<UploadKey> for ReadFile {
    fn from(key: UploadKey) -> Self {
        Self { org: key.org, assessment: key.assessment, submission: key.submission, file: key.file, run: first_run() }
    }
}

/// Look through one uploaded file of the scan of a class. Comes from S3 when the file arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitScan {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The scan.
    pub scan: ClassScanId,
    /// Number of the file, from 1.
    pub file: u32,
}

impl From<ScanUploadKey> for SplitScan {
    fn from(key: ScanUploadKey) -> Self {
        let ScanUploadKey { keys, file, .. } = key;
        Self { org: keys.org, assessment: keys.assessment, scan: keys.scan, file }
    }
}

/// What is done with an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadJob {
    /// It is a file of a submission.
    File(ReadFile),
    /// It is a file of the scan of a class.
    Scan(SplitScan),
}

impl ReadJob {
    /// What an object asks for; nothing if it is no upload.
    fn of_key(key: &str) -> Option<Self> {
        let file = UploadKey::parse(key).map(|key| Self::File(key.into()));
        file.or_else(|| ScanUploadKey::parse(key).map(|key| Self::Scan(key.into())))
    }
}

impl Message for ReadJob {
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        if let Ok(event) = serde_json::from_str::<S3Event>(body) {
            // The key is percent-encoded, but none of ours has a character that would be.
            let keys = event.records.iter().filter_map(|record| record.s3.object.key.as_deref());
            return Ok(keys.filter_map(Self::of_key).map(|job| (String::new(), job)).collect());
        }
        if serde_json::from_str::<TestEvent>(body).is_ok_and(|test| test.event == "s3:TestEvent") {
            return Ok(Vec::new());
        }
        let (request_id, job) = open(body)?;
        Ok(vec![(request_id, Self::File(job))])
    }
}

/// Grade the answer to one question of one submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeAnswer {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The submission.
    pub submission: SubmissionId,
    /// The submission's run that the job is for.
    pub run: u32,
    /// The question's label.
    pub question: String,
}

impl Message for GradeAnswer {
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        Ok(vec![open(body)?])
    }
}

/// Draw the pages of a script for one version of its feedback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawPages {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The submission.
    pub submission: SubmissionId,
    /// The version of the feedback, by the hash under which it is kept.
    pub feedback: String,
    /// Whether students will see this very version. Otherwise it need not be drawn once another is in force.
    pub is_released: bool,
}

impl Message for DrawPages {
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        Ok(vec![open(body)?])
    }
}

/// Score the undecided answers to a question again, with what persons have decided about others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RescoreQuestion {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The question's label.
    pub question: String,
}

impl Message for RescoreQuestion {
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        Ok(vec![open(body)?])
    }
}

/// Grade a script with the version of the guide that is in force now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegradeScript {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The submission.
    pub submission: SubmissionId,
    /// Who has published the version.
    pub published_by: Principal,
}

impl Message for RegradeScript {
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        Ok(vec![open(body)?])
    }
}

/// Make the file of an export. Either the organization or the user is named: whoever has asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportPrivacy {
    /// The organization that has asked.
    pub organization: Option<OrgId>,
    /// The person who has asked for the own data.
    pub user: Option<UserId>,
    /// The export.
    pub export: ExportId,
}

impl Message for ExportPrivacy {
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        Ok(vec![open(body)?])
    }
}

/// Send a mail. It says to whom and what about by ids alone: the task that sends it looks the address up, and makes the
/// token of the link, so that neither is ever in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "kind")]
pub enum SendMail {
    /// Show that the address is yours.
    VerifyEmail {
        /// The new user.
        user: UserId,
    },
    /// Somebody has registered with your address; you have an account already.
    AlreadyRegistered {
        /// The user.
        user: UserId,
    },
    /// Set a new password. Sent for unknown addresses too, so that the time it takes to ask tells nothing.
    ResetPassword {
        /// SHA-256 of the address that was given.
        email_key: String,
    },
    /// Your password was changed.
    PasswordChanged {
        /// The user.
        user: UserId,
    },
    /// You are invited to an organization.
    Invite {
        /// The organization.
        org: OrgId,
        /// The invitation.
        invite: InviteId,
    },
    /// Your second factor was set up or removed.
    SecondFactorChanged {
        /// The user.
        user: UserId,
    },
    /// The export that you have asked for can be downloaded.
    ExportReady {
        /// The user.
        user: UserId,
    },
    /// Your account will be erased, and how to take that back.
    ErasureRequested {
        /// The user.
        user: UserId,
        /// The erasure.
        erasure: ErasureId,
    },
    /// An organization will erase what it keeps of you.
    MemberErasureRequested {
        /// The user.
        user: UserId,
        /// The organization.
        organization: OrgId,
    },
}

impl Message for SendMail {
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        Ok(vec![open(body)?])
    }
}

/// Bring what we keep of an organization's payments and what Stripe has into agreement. Ids, times and states only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "kind")]
pub enum BillingJob {
    /// Stripe has told something.
    Event {
        /// The event's id.
        id: String,
        /// When it happened, in seconds since 1970.
        created: i64,
        /// The customer whom it is about.
        customer: String,
        /// The subscription as the event tells of it; none if Stripe is to be asked.
        subscription: Option<Reported>,
    },
    /// The organization may have more or fewer seats than Stripe knows of.
    SyncSeats {
        /// The organization.
        org: OrgId,
    },
}

impl Message for BillingJob {
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        Ok(vec![open(body)?])
    }
}

/// A message of either kind that was tried as often as its queue allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeadLetter {
    /// A file could not be read.
    Read(ReadFile),
    /// A file of a class's scan could not be looked through.
    Scan(SplitScan),
    /// An answer could not be graded.
    Grade(GradeAnswer),
}

impl Message for DeadLetter {
    /// Never refuses: there is no further queue to which a message could go, and it would come back for two weeks.
    fn parse(body: &str) -> Result<Vec<(String, Self)>> {
        if let Ok((request_id, job)) = open::<GradeAnswer>(body) {
            return Ok(vec![(request_id, Self::Grade(job))]);
        }
        let letter = |job| match job {
            ReadJob::File(job) => Self::Read(job),
            ReadJob::Scan(job) => Self::Scan(job),
        };
        match ReadJob::parse(body) {
            Ok(jobs) => Ok(jobs.into_iter().map(|(request_id, job)| (request_id, letter(job))).collect()),
            Err(error) => {
                tracing::error!(code = error.code(), context = error.context(), "a dead letter is not understood");
                Ok(Vec::new())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::submission::FileType;
    use smartscripts_files::ScanKeys;

    use super::*;

    fn key() -> UploadKey {
        let id = "00000000000000000000000001";
        UploadKey {
            org: format!("org_{id}").parse().unwrap(),
            assessment: format!("asm_{id}").parse().unwrap(),
            submission: format!("sub_{id}").parse().unwrap(),
            file: 2,
            content_type: FileType::Png,
        }
    }

    fn s3_event(key: &str) -> String {
        serde_json::json!({ "Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-01-01T00:00:00.000Z",
            "eventName": "ObjectCreated:Post", "userIdentity": {}, "requestParameters": {}, "responseElements": {},
            "s3": { "bucket": { "name": "b" }, "object": { "key": key, "size": 1 } },
        }]})
        .to_string()
    }

    #[test]
    fn an_upload_becomes_a_job() {
        let jobs = ReadJob::parse(&s3_event(&key().to_string())).unwrap();
        assert_eq!(jobs, [(String::new(), ReadJob::File(key().into()))]);
    }

    #[test]
    fn an_upload_of_a_scan_becomes_a_job_and_a_letter() {
        let scan = "scn_00000000000000000000000001".parse().unwrap();
        let keys = ScanKeys { org: key().org, assessment: key().assessment, scan };
        let upload = keys.upload(3, FileType::Pdf);
        let job = SplitScan { org: keys.org, assessment: keys.assessment, scan, file: 3 };
        let body = s3_event(&upload.to_string());
        assert_eq!(ReadJob::parse(&body).unwrap(), [(String::new(), ReadJob::Scan(job))]);
        assert_eq!(DeadLetter::parse(&body).unwrap(), [(String::new(), DeadLetter::Scan(job))]);
    }

    #[test]
    fn an_object_that_is_no_upload_asks_for_nothing() {
        assert_eq!(ReadJob::parse(&s3_event("answers/x/reading.json")).unwrap(), []);
        assert_eq!(ReadJob::parse(r#"{"Service":"Amazon S3","Event": "s3:TestEvent"}"#).unwrap(), []);
    }

    #[test]
    fn a_job_survives_its_envelope() {
        let job = GradeAnswer {
            org: key().org,
            assessment: key().assessment,
            submission: key().submission,
            run: 1,
            question: "3a".to_owned(),
        };
        let body = Envelope::seal("request", job.clone()).unwrap();
        assert_eq!(GradeAnswer::parse(&body).unwrap(), [("request".to_owned(), job.clone())]);
        assert_eq!(DeadLetter::parse(&body).unwrap(), [("request".to_owned(), DeadLetter::Grade(job))]);
    }

    #[test]
    fn a_question_s_job_holds_ids_alone() {
        let UploadKey { org, assessment, .. } = key();
        let job = RescoreQuestion { org, assessment, question: "3a".to_owned() };
        let body = Envelope::seal("request", job.clone()).unwrap();
        assert_eq!(RescoreQuestion::parse(&body).unwrap(), [("request".to_owned(), job)]);
        let published_by = "usr_00000000000000000000000001".parse().unwrap();
        let script = RegradeScript { org, assessment, submission: key().submission, published_by };
        let sealed = Envelope::seal("request", script.clone()).unwrap();
        assert_eq!(RegradeScript::parse(&sealed).unwrap(), [("request".to_owned(), script)]);
        let id = "00000000000000000000000001";
        let job = format!(r#"{{"org":"org_{id}","assessment":"asm_{id}","question":"3a"}}"#);
        assert_eq!(body, format!(r#"{{"schema_version":1,"request_id":"request","job":{job}}}"#));
    }

    #[test]
    fn a_job_to_read_without_a_run_is_for_the_first() {
        let job = ReadFile { run: 3, ..key().into() };
        let body = Envelope::seal("request", job.clone()).unwrap();
        assert_eq!(ReadJob::parse(&body).unwrap(), [("request".to_owned(), ReadJob::File(job))]);
        let body = body.replace(r#","run":3"#, "");
        assert_eq!(ReadJob::parse(&body).unwrap(), [("request".to_owned(), ReadJob::File(key().into()))]);
    }

    #[test]
    fn nonsense_is_refused_without_being_quoted() {
        assert_eq!(DeadLetter::parse("nonsense").unwrap(), []);
        let error = GradeAnswer::parse(r#"{"job":"a secret"}"#).unwrap_err();
        assert_eq!(error.code(), "message_invalid");
        assert!(!error.to_string().contains("secret"));
    }
}
