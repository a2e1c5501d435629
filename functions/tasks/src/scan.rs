//! A class's scan: looks through its pages, and makes a submission of each script in it. Every step may be repeated:
//! the submissions' ids come from the scan and the page, so a second delivery makes the same ones.

use std::collections::{BTreeMap, BTreeSet};

use image::{RgbImage, codecs::jpeg::JpegEncoder};
use sha2::{Digest, Sha256};
use smartscripts_domain::{
    Error, Kind, Result,
    id::{StudentId, SubmissionId, TeamId},
    plan::{QUOTA_EXHAUSTED, Quota},
    scan::{PageMark, ScannedScript, scripts},
    separator::Whose,
    submission::{FileType, State, limits},
};
use smartscripts_files::{Files, ScanKeys, SubmissionKeys};
use smartscripts_jobs::SplitScan;
use smartscripts_reading::{Reader, scan::look_through};
use smartscripts_store::{
    Actor, ClassScan, ClassScanState, Failure, Origin, ProposedStudent, QuotaUnit, STUDENT_HAS_SCRIPT, ScriptOfScan,
    Store, StudentMatch, Submission, SubmittedFile, Tenant, now,
};
use tokio::sync::mpsc;
use ulid::Ulid;

/// Quality of the pages' pictures, which are still to be read: what it loses makes no difference to the networks.
const JPEG_QUALITY: u8 = 92;

/// What splitting takes.
pub struct Splitter<'a> {
    /// The table.
    pub store: &'a Store,
    /// The bucket.
    pub files: &'a Files,
    /// Finds names on pages.
    pub reader: &'a Reader,
    /// Who does it, for the audit log.
    pub task: &'static str,
}

impl Splitter<'_> {
    /// Looks through one file of a scan; after the last one, makes the submissions.
    ///
    /// # Errors
    /// `unavailable`, when it is to be tried again.
    pub async fn take(&self, job: &SplitScan) -> Result<()> {
        let keys = ScanKeys { org: job.org, assessment: job.assessment, scan: job.scan };
        let Some((tenant, scan)) = self.find(job).await? else { return self.files.delete_all(&keys.prefix()).await };
        let scan = match self.look_at_file(tenant, &scan, keys, job.file).await? {
            Some(finished) => finished,
            // It was looked through already, or another delivery was faster: what is still to be done is done here too.
            None => match self.find(job).await? {
                Some((_, scan)) => scan,
                None => return self.files.delete_all(&keys.prefix()).await,
            },
        };
        match scan.state {
            ClassScanState::Splitting if scan.all_files_done() => self.split(tenant, &scan, keys).await,
            // Every page of it lies with its script, or is of no use.
            ClassScanState::Split | ClassScanState::Failed => self.files.delete_all(&keys.prefix()).await,
            ClassScanState::AwaitingUpload | ClassScanState::Splitting => Ok(()),
        }
    }

    /// None for a scan that was deleted; what was uploaded for it must not stay behind.
    async fn find(&self, job: &SplitScan) -> Result<Option<(Tenant, ClassScan)>> {
        match self.store.tenant_of_scan(job.org, job.assessment, job.scan).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks through a file and notes how that ended. None if there is nothing to note.
    async fn look_at_file(
        &self,
        tenant: Tenant,
        scan: &ClassScan,
        keys: ScanKeys,
        file: u32,
    ) -> Result<Option<ClassScan>> {
        let name = file.to_string();
        let Some(begun) = self.store.begin_scan_file(tenant, scan, &name).await? else { return Ok(None) };
        let result = match self.look_through(&begun, keys, file).await {
            Ok(pages) => Ok(pages),
            Err(error) if error.is_retryable() => return Err(error),
            Err(error) => {
                tracing::info!(
                    file,
                    code = error.code(),
                    context = error.context(),
                    "the file could not be looked through"
                );
                Err(Failure::from(&error))
            }
        };
        self.store.finish_scan_file(tenant, &begun, &name, &result).await
    }

    /// Keeps the pictures of the file's pages and what each is; returns how many there are.
    async fn look_through(&self, scan: &ClassScan, keys: ScanKeys, file: u32) -> Result<u32> {
        let described = scan.files.get(&file.to_string()).ok_or_else(Error::not_found)?;
        let content_type = described.content_type;
        let key = keys.upload(file, content_type).to_string();
        let content = self.files.get_upload(&key).await.map_err(not_uploaded)?;
        let (sender, mut pages) = mpsc::channel::<(PageMark, Vec<u8>)>(1);
        let reader = self.reader.clone();
        let looking = tokio::task::spawn_blocking(move || {
            look_through(&reader, content_type, &content, |mark, picture| {
                let stopped = |_| Error::unavailable("nobody takes the page");
                sender.blocking_send((mark, encode_jpeg(&picture)?)).map_err(stopped)
            })
        });
        let mut marks = Vec::new();
        while let Some((mark, picture)) = pages.recv().await {
            marks.push(mark);
            self.files.put(&keys.page(file, marks.len() as u32), "image/jpeg", picture).await?;
        }
        looking.await.map_err(|_| Error::internal("looking through a file panicked"))??;
        self.files.put_json(&keys.marks(file), &marks).await?;
        Ok(marks.len() as u32)
    }

    async fn split(&self, tenant: Tenant, scan: &ClassScan, keys: ScanKeys) -> Result<()> {
        let made = match self.make_submissions(tenant, scan, keys).await {
            Err(error) if error.kind() == Kind::Invalid => {
                let event = self.event(tenant, "class_scan.failed", scan);
                self.store.fail_class_scan(tenant, scan, &Failure::from(&error), &event).await?;
                return self.files.delete_all(&keys.prefix()).await;
            }
            // Another delivery of this message may have been faster, and have deleted the pages.
            made => made.map_err(Error::unavailable)?,
        };
        let pages = scan.files.values().map(|file| file.pages).sum();
        let event = self.event(tenant, "class_scan.split", scan).with("pages", pages).with("scripts", made.len());
        self.store.finish_class_scan(tenant, scan, pages, &made, &event).await?;
        self.files.delete_all(&keys.prefix()).await
    }

    fn event(&self, tenant: Tenant, action: &'static str, scan: &ClassScan) -> smartscripts_store::AuditEvent {
        tenant.event(Actor::Task(self.task), action, scan.id, &Origin::of_task(&scan.request_id))
    }

    async fn make_submissions(&self, tenant: Tenant, scan: &ClassScan, keys: ScanKeys) -> Result<Vec<ScriptOfScan>> {
        if let Some(failure) = why_unreadable(scan) {
            return Err(failure);
        }
        let (mut places, mut marks) = (Vec::new(), Vec::new());
        for file in 1..=scan.files.len() as u32 {
            let of_file: Vec<PageMark> = self.files.get_json(&keys.marks(file)).await?;
            places.extend((1..=of_file.len() as u32).map(|page| (file, page)));
            marks.extend(of_file);
        }
        check_pages(marks.len())?;
        let found = scripts(&marks);
        if found.is_empty() {
            let message =
                "There are only separator sheets and blank pages in the scan. Scan it again, sheets and scripts.";
            return Err(Error::invalid("class_scan_empty", message));
        }
        let quota = smartscripts_billing::quota(self.store.organization(tenant).await?.plan)?;
        let team = self.store.assessment(tenant, scan.assessment).await?.team;
        let mut made = Vec::new();
        for script in &found {
            let submission = self.announce(tenant, scan, script, team, quota).await?;
            let target = SubmissionKeys { org: keys.org, assessment: keys.assessment, submission };
            for (file, index) in (1..).zip(&script.pages) {
                let (of_file, page) = places[*index];
                let picture = self.files.get(&keys.page(of_file, page)).await?;
                let key = target.upload(file, FileType::Jpeg).to_string();
                self.files.put(&key, FileType::Jpeg.media_type(), picture).await?;
            }
            made.push(described(submission, script));
        }
        Ok(made)
    }

    /// Makes the submission of a script, unless an earlier delivery has; returns its id. The student is the separator
    /// sheet's, if it is one of this assessment and the student is on the roster and has no other script.
    async fn announce(
        &self,
        tenant: Tenant,
        scan: &ClassScan,
        script: &ScannedScript,
        team: Option<TeamId>,
        quota: Quota,
    ) -> Result<SubmissionId> {
        let id = submission_id(scan, script);
        let unit = || QuotaUnit::of_this_month(team, quota);
        let student = self.student(tenant, scan, script).await?;
        let of_student = submission(scan, script, id, student, student.map(|_| StudentMatch::sure()), unit());
        match self.make(tenant, scan, of_student, quota).await {
            Err(error) if error.code() == STUDENT_HAS_SCRIPT => {
                let proposals = student.into_iter().map(|student| ProposedStudent { student, score: 1.0 }).collect();
                let nobodys = submission(scan, script, id, None, Some(StudentMatch::doubtful(proposals)), unit());
                self.make(tenant, scan, nobodys, quota).await?;
            }
            made => made?,
        }
        Ok(id)
    }

    /// Makes a submission, unless an earlier delivery has. Beyond the quota it is one that has failed, so that it is not
    /// lost: a teacher can retry it when the plan allows more.
    async fn make(&self, tenant: Tenant, scan: &ClassScan, submission: Submission, quota: Quota) -> Result<()> {
        let (actor, origin) = (Actor::Task(self.task), Origin::of_task(&scan.request_id));
        let event = tenant.event(actor, "submission.created", submission.id, &origin).with("class_scan", scan.id);
        let refused = match self.store.create_submission(tenant, &submission, None, quota, &event).await {
            Err(error) if error.code() == QUOTA_EXHAUSTED => error,
            made => return unless_made(made),
        };
        let failure = Some(Failure::from(&refused));
        let failed = Submission { state: State::Failed, failure, quota_unit: None, ..submission };
        unless_made(self.store.create_submission(tenant, &failed, None, quota, &event).await)
    }

    async fn student(&self, tenant: Tenant, scan: &ClassScan, script: &ScannedScript) -> Result<Option<StudentId>> {
        let Some(separator) = script.separator.filter(|sheet| sheet.assessment == scan.assessment) else {
            return Ok(None);
        };
        let Whose::Student(student) = separator.whose else { return Ok(None) };
        match self.store.student(tenant, student).await {
            Ok(student) => Ok(Some(student.id)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn not_uploaded(error: Error) -> Error {
    if error.kind() != Kind::NotFound {
        return error;
    }
    Error::invalid("file_not_uploaded", "The file has not arrived. Upload the whole scan anew.")
}

/// If a file could not be looked through, the reason for the teacher. A part of a class would be worse than nothing:
/// whose pages are missing, nobody would see.
fn why_unreadable(scan: &ClassScan) -> Option<Error> {
    let numbers = 1..=scan.files.len();
    let failed = numbers.filter_map(|number| Some((number, scan.files.get(&number.to_string())?.failure.as_ref()?)));
    let reasons: Vec<String> = failed.map(|(number, failure)| format!("File {number}: {}", failure.message)).collect();
    let message = || format!("The scan could not be read, and nothing of it was taken over. {}", reasons.join(" "));
    (!reasons.is_empty()).then(|| Error::invalid("class_scan_unreadable", message()))
}

fn check_pages(pages: usize) -> Result<()> {
    if pages <= limits::SCAN_PAGES {
        return Ok(());
    }
    let message = format!(
        "The scan has {pages} pages; at most {} can be split at once. Upload it in parts, each beginning with a \
         separator sheet.",
        limits::SCAN_PAGES
    );
    Err(Error::invalid("class_scan_too_long", message))
}

fn unless_made(made: Result<()>) -> Result<()> {
    match made {
        Err(error) if error.code() == "submission_exists" => Ok(()),
        other => other,
    }
}

fn described(submission: SubmissionId, script: &ScannedScript) -> ScriptOfScan {
    let page = |index: Option<&usize>| index.map_or(0, |index| *index as u32 + 1);
    let (first_page, last_page) = (page(script.pages.first()), page(script.pages.last()));
    ScriptOfScan { submission, first_page, last_page, pages: script.pages.len() as u32 }
}

/// The same for the same script of the same scan, and later for a later one.
fn submission_id(scan: &ClassScan, script: &ScannedScript) -> SubmissionId {
    let first = script.pages.first().copied().unwrap_or_default() as u64;
    let hash = Sha256::digest(format!("{} {first}", scan.id));
    let tail = hash.iter().take(8).fold(0_u128, |tail, byte| tail << 8 | u128::from(*byte));
    let time = scan.created_at.as_millisecond().unsigned_abs();
    SubmissionId::new(Ulid::from_parts(time, u128::from(first) << 64 | tail))
}

fn submission(
    scan: &ClassScan,
    script: &ScannedScript,
    id: SubmissionId,
    student: Option<StudentId>,
    student_match: Option<StudentMatch>,
    unit: QuotaUnit,
) -> Submission {
    let waiting = SubmittedFile::announced(FileType::Jpeg);
    let now = now();
    Submission {
        id,
        assessment: scan.assessment,
        student,
        student_name: None,
        student_number: None,
        state: State::AwaitingUpload,
        failure: None,
        files: (1..=script.pages.len()).map(|number| (number.to_string(), waiting.clone())).collect(),
        answers: BTreeMap::new(),
        guide: None,
        outcome: None,
        split: None,
        run: 1,
        created_by: scan.created_by,
        created_at: now,
        updated_at: now,
        request_id: scan.request_id.clone(),
        expired: BTreeSet::new(),
        student_match,
        student_version: 1,
        quota_unit: Some(unit),
    }
}

fn encode_jpeg(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut content, JPEG_QUALITY);
    encoder.encode_image(picture).map_err(|e| Error::internal(format!("encode page: {e}")))?;
    Ok(content)
}
