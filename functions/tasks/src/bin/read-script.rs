//! Reads one uploaded file of a submission. Whoever reads the last one splits the script into answers and sends one
//! grading job per question. A file of a class's scan is split into scripts instead. Every step may be repeated: a second
//! delivery finds it done, or does it again to the same end.

use std::{process::ExitCode, sync::Arc};

use image::codecs::jpeg::JpegEncoder;
use smartscripts_domain::{
    Error, Kind, Result,
    guide::Guide,
    id::StudentId,
    reading::{PageReading, Reading},
    submission::{State, limits},
};
use smartscripts_files::{Files, SubmissionKeys, key};
use smartscripts_jobs::{Delivery, GradeAnswer, Queue, ReadFile, ReadJob, run};
use smartscripts_reading::{FilePage, Reader, pdf, split};
use smartscripts_store::{
    Actor, AnswerState, Failure, FileState, GuideRef, Origin, ProposedStudent, STUDENT_HAS_SCRIPT, Store, StudentMatch,
    Submission, Tenant,
};
use smartscripts_tasks::{
    models,
    scan::Splitter,
    student::{self, Matched},
    submission_of_job,
};
use tokio::sync::mpsc;

/// Quality of the page pictures that people see: no artefact is visible at the size of a page.
const JPEG_QUALITY: u8 = 85;

struct Shared {
    store: Store,
    files: Files,
    answers: Queue,
    reader: Reader,
}

async fn read(shared: Arc<Shared>, delivery: Delivery<ReadJob>) -> Result<()> {
    let Delivery { request_id, message } = delivery;
    match message {
        // On the heap: what reading holds while it waits is larger than a future should be.
        ReadJob::File(message) => Box::pin(read_script(shared, Delivery { request_id, message })).await,
        ReadJob::Scan(job) => {
            let Shared { store, files, reader, .. } = &*shared;
            Splitter { store, files, reader, task: env!("CARGO_BIN_NAME") }.take(&job).await
        }
    }
}

async fn read_script(shared: Arc<Shared>, delivery: Delivery<ReadFile>) -> Result<()> {
    let ReadFile { org, assessment, submission, file, .. } = delivery.message;
    let Some((tenant, submission, keys)) = submission_of_job(&shared.store, org, assessment, submission).await? else {
        return delete_orphan(&shared, &SubmissionKeys { org, assessment, submission }).await;
    };
    let announced_by = submission.request_id.clone();
    let request_id = delivery.trace(&announced_by);
    let file_name = file.to_string();
    let submission = match shared.store.begin_file(tenant, &submission, &file_name).await? {
        Some(begun) => {
            let result = match read_file(&shared, tenant, &begun, keys, file).await {
                Ok(pages) => Ok(pages),
                Err(error) if error.is_retryable() => return Err(error),
                Err(error) => {
                    tracing::info!(file, code = error.code(), context = error.context(), "the file could not be read");
                    Err(Failure::from(&error))
                }
            };
            match shared.store.finish_file(tenant, &begun, &file_name, &result).await? {
                Some(finished) => finished,
                // Another delivery of this message was faster, or the submission has moved on.
                None => return Ok(()),
            }
        }
        // Read already. If the function died just then, the next step is still to be done.
        None => shared.store.submission(tenant, assessment, submission.id).await?,
    };
    match submission.state {
        State::Reading if submission.all_files_done() => {
            begin_grading(&shared, tenant, submission, keys, request_id).await
        }
        State::Grading => send_pending(&shared, &submission, keys, request_id).await,
        _ => Ok(()),
    }
}

/// What was uploaded for a submission that was deleted meanwhile must not stay behind.
async fn delete_orphan(shared: &Shared, keys: &SubmissionKeys) -> Result<()> {
    tracing::info!("an upload for a submission that isn't there is deleted");
    shared.files.delete_all(&keys.answers()).await
}

/// Reads the file, keeps its pages' pictures and what they say; returns the number of pages.
async fn read_file(
    shared: &Shared,
    tenant: Tenant,
    submission: &Submission,
    keys: SubmissionKeys,
    file: u32,
) -> Result<u32> {
    let described = submission.files.get(&file.to_string()).ok_or_else(Error::not_found)?;
    let content_type = described.content_type;
    let content = shared.files.get_upload(&keys.upload(file, content_type).to_string()).await.map_err(not_uploaded)?;
    // Reading takes seconds of computing, so it has a thread of its own; pages come over one by one and are kept while
    // the next is read, so that no more than two are in memory.
    let (sender, mut pages) = mpsc::channel::<(Option<Vec<u8>>, PageReading)>(1);
    let reader = match latest_guide(shared, tenant, submission, keys).await? {
        Some((guide, _)) => shared.reader.for_guide(&guide),
        None => shared.reader.clone(),
    };
    let reading = tokio::task::spawn_blocking(move || {
        reader.read_file(content_type, &content, |page| {
            let picture = page.image.as_ref().map(encode_jpeg).transpose()?;
            let stopped = |_| Error::unavailable("nobody takes the page");
            sender.blocking_send((picture, page_reading(page, file))).map_err(stopped)
        })
    });
    let mut kept = Vec::new();
    while let Some((picture, page)) = pages.recv().await {
        if let Some(picture) = picture {
            shared.files.put(&keys.page_image(file, page.page), "image/jpeg", picture).await?;
        }
        kept.push(page);
    }
    reading.await.map_err(|_| Error::internal("reading panicked"))??;
    let count = kept.len() as u32;
    let reading = Reading { schema_version: Reading::SCHEMA_VERSION, engine: Reader::ENGINE.to_owned(), pages: kept };
    shared.files.put_json(&keys.file_reading(file), &reading).await?;
    Ok(count)
}

fn not_uploaded(error: Error) -> Error {
    if error.kind() != Kind::NotFound {
        return error;
    }
    Error::invalid("file_not_uploaded", "The file has not arrived. Delete this submission and upload the script anew.")
}

fn encode_jpeg(image: &image::RgbImage) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut content, JPEG_QUALITY);
    encoder.encode_image(image).map_err(|e| Error::internal(format!("encode page: {e}")))?;
    Ok(content)
}

fn page_reading(page: FilePage, file: u32) -> PageReading {
    let FilePage { number, width, height, source, lines, failure, .. } = page;
    if failure.is_some() {
        tracing::warn!(file, page = number, "a page could not be read");
    }
    PageReading { page: number, file, width, height, source, lines, failure }
}

/// All files are done: joins what was read, splits it into answers, and moves on to grading.
async fn begin_grading(
    shared: &Shared,
    tenant: Tenant,
    submission: Submission,
    keys: SubmissionKeys,
    request_id: &str,
) -> Result<()> {
    let (reading, guide, reference) = match prepare(shared, tenant, &submission, keys).await {
        Ok(prepared) => prepared,
        Err(error) if error.is_retryable() => return Err(error),
        Err(error) => {
            let event = tenant.event(
                Actor::Task("read-script"),
                "submission.failed",
                submission.id,
                &Origin::of_task(request_id),
            );
            return shared.store.fail(tenant, &submission, &Failure::from(&error), &event).await;
        }
    };
    let submission = find_student(shared, tenant, submission, &reading, request_id).await?;
    let split = split::split(&reading, &guide);
    shared.files.put_json(&keys.reading(), &reading).await?;
    shared.files.put_json(&keys.split(), &split).await?;
    let questions = guide.questions.iter().map(|question| question.label.as_str());
    match shared.store.begin_grading(tenant, &submission, &reference, questions).await? {
        Some(grading) => send_pending(shared, &grading, keys, request_id).await,
        None => Ok(()),
    }
}

/// Looks for the student whose script it is, unless that is known or a person has decided about it.
async fn find_student(
    shared: &Shared,
    tenant: Tenant,
    submission: Submission,
    reading: &Reading,
    request_id: &str,
) -> Result<Submission> {
    if submission.student.is_some() || submission.is_student_decided() {
        return Ok(submission);
    }
    let roster = shared.store.all_students(tenant).await?;
    let proposals = match student::match_of(&submission, reading, &roster) {
        Matched::Sure(student) => match claim(shared, tenant, &submission, student, request_id).await? {
            Some(matched) => return Ok(matched),
            None => vec![ProposedStudent { student, score: 1.0 }],
        },
        Matched::Doubtful(proposals) => proposals,
    };
    let found = StudentMatch::doubtful(proposals);
    // Whoever was proposed when the script was made, by a separator sheet, stays so if the first page knows nobody better.
    let is_known = found.proposals.is_empty() && submission.student_match.is_some();
    if is_known || submission.student_match.as_ref() == Some(&found) {
        return Ok(submission);
    }
    let proposed = shared.store.propose_students(tenant, &submission, &found).await?;
    // None: a person has decided meanwhile, or another delivery of this message was faster.
    Ok(proposed.unwrap_or(submission))
}

/// Says that the script is the student's. None if the student has another one in this assessment.
async fn claim(
    shared: &Shared,
    tenant: Tenant,
    submission: &Submission,
    student: StudentId,
    request_id: &str,
) -> Result<Option<Submission>> {
    let (actor, origin) = (Actor::Task("read-script"), Origin::of_task(request_id));
    let event =
        tenant.event(actor, "submission.student_matched", submission.id, &origin).with("student_after", student);
    match shared.store.match_student(tenant, submission, Some(student), StudentMatch::sure(), &event).await {
        Ok(matched) => Ok(Some(matched)),
        Err(error) if error.code() == STUDENT_HAS_SCRIPT => Ok(None),
        // A person has decided meanwhile, or the student has left the roster: look again.
        Err(error) => Err(Error::unavailable(error)),
    }
}

async fn prepare(
    shared: &Shared,
    tenant: Tenant,
    submission: &Submission,
    keys: SubmissionKeys,
) -> Result<(Reading, Guide, GuideRef)> {
    if let Some(failure) = why_nothing_was_read(submission) {
        return Err(failure);
    }
    let missing = || Error::invalid("guide_missing", "The assessment has no marking guide. Publish one, then retry.");
    let (guide, reference) = latest_guide(shared, tenant, submission, keys).await?.ok_or_else(missing)?;
    let mut files = Vec::new();
    for (number, file) in (1..).zip(submission.files_in_order()) {
        if file.state == FileState::Read {
            files.push(shared.files.get_json::<Reading>(&keys.file_reading(number)).await?);
        }
    }
    Ok((join(files)?, guide, reference))
}

/// The guide that was published last, if any was.
async fn latest_guide(
    shared: &Shared,
    tenant: Tenant,
    submission: &Submission,
    keys: SubmissionKeys,
) -> Result<Option<(Guide, GuideRef)>> {
    let assessment = shared.store.assessment(tenant, submission.assessment).await?;
    let Some(reference) = assessment.guides.last().cloned() else { return Ok(None) };
    let at = key::guide(keys.org, keys.assessment, reference.version, &reference.sha256);
    Ok(Some((shared.files.get_json(&at).await?, reference)))
}

/// If every file has failed, the reason for the teacher.
fn why_nothing_was_read(submission: &Submission) -> Option<Error> {
    let mut failures = Vec::new();
    for (number, file) in (1..).zip(submission.files_in_order()) {
        failures.push((number, file.failure.as_ref()?));
    }
    match failures.as_slice() {
        [] => None,
        [(_, only)] => Some(Error::invalid("script_unreadable", only.message.clone())),
        many => {
            let reasons = many.iter().map(|(number, failure): &(u32, _)| format!("File {number}: {}", failure.message));
            let message = format!("None of the files could be read. {}", reasons.collect::<Vec<_>>().join(" "));
            Some(Error::invalid("script_unreadable", message))
        }
    }
}

/// Joins the files' readings and numbers the pages through.
fn join(files: Vec<Reading>) -> Result<Reading> {
    let mut pages: Vec<PageReading> = files.into_iter().flat_map(|file| file.pages).collect();
    if pages.len() > limits::PAGES {
        let message =
            format!("The script has {} pages; at most {} can be read. Upload it in parts.", pages.len(), limits::PAGES);
        return Err(Error::invalid("too_many_pages", message));
    }
    for (number, page) in (1..).zip(&mut pages) {
        page.page = number;
    }
    Ok(Reading { schema_version: Reading::SCHEMA_VERSION, engine: Reader::ENGINE.to_owned(), pages })
}

/// Sends a job for every answer that isn't graded yet. Sending one twice does no harm.
async fn send_pending(shared: &Shared, submission: &Submission, keys: SubmissionKeys, request_id: &str) -> Result<()> {
    let pending = submission.answers.iter().filter(|(_, answer)| answer.state == AnswerState::Pending);
    let jobs = pending.map(|(question, _)| GradeAnswer {
        org: keys.org,
        assessment: keys.assessment,
        submission: keys.submission,
        run: submission.run,
        question: question.clone(),
    });
    shared.answers.send_all(request_id, jobs).await
}

fn main() -> ExitCode {
    if let Some(code) = pdf::run_child_if_asked() {
        return code;
    }
    run(
        env!("CARGO_BIN_NAME"),
        |config| {
            let (store, files) = (Store::from_env(config)?, Files::from_env(config)?);
            let answers = Queue::from_env(config, "GRADE_QUEUE_URL")?;
            Ok(Shared { store, files, answers, reader: Reader::load(&models()?)? })
        },
        read,
    )
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::reading::Source;

    use super::*;

    fn file(number: u32, pages: u32) -> Reading {
        let page = |page| PageReading {
            page,
            file: number,
            width: 1,
            height: 1,
            source: Source::Recognized,
            lines: vec![],
            failure: None,
        };
        Reading { schema_version: 1, engine: "test".to_owned(), pages: (1..=pages).map(page).collect() }
    }

    #[test]
    fn pages_are_numbered_through() {
        let joined = join(vec![file(1, 2), file(3, 1)]).unwrap();
        let pages: Vec<_> = joined.pages.iter().map(|page| (page.page, page.file)).collect();
        assert_eq!(pages, [(1, 1), (2, 1), (3, 3)]);
    }

    #[test]
    fn too_many_pages_are_refused() {
        assert_eq!(join(vec![file(1, 60), file(2, 41)]).unwrap_err().code(), "too_many_pages");
        assert!(join(vec![file(1, 60), file(2, 40)]).is_ok());
    }
}
