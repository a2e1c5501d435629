//! Grades the answer to one question of a submission. Whoever finds all answers graded composes the feedback. Every step
//! may be repeated: grading and composing are pure, so a second delivery writes the same bytes.

use std::{collections::BTreeMap, process::ExitCode, sync::Arc};

use smartscripts_domain::{
    Error, Result,
    answer::{Answer, Split},
    guide::Guide,
    reading::Reading,
    sketch::SketchedGrade,
    submission::State,
};
use smartscripts_feedback::{self as feedback, Graded};
use smartscripts_files::{Files, SubmissionKeys, key};
use smartscripts_grading::Grader;
use smartscripts_jobs::{Delivery, GradeAnswer, Queue, RescoreQuestion, run};
use smartscripts_store::{Actor, AnswerState, Failure, Origin, Outcome, Sketches, Store, Submission, Tenant};
use smartscripts_tasks::{
    models,
    pages::{draw, kept},
    split_key, submission_of_job,
};

struct Shared {
    store: Store,
    files: Files,
    lessons: Queue,
    grader: Grader,
}

/// Seconds until answers are scored again, so that it is done once for many scripts.
const LEARN_AFTER: i32 = 15;

async fn grade_answer(shared: Arc<Shared>, delivery: Delivery<GradeAnswer>) -> Result<()> {
    let GradeAnswer { org, assessment, submission, run, ref question } = delivery.message;
    let origin = Origin::of_task(&delivery.request_id);
    let found = submission_of_job(&shared.store, org, assessment, submission).await?;
    let Some((tenant, submission, keys)) = found else { return Ok(()) };
    if submission.run != run || submission.state != State::Grading {
        return Ok(());
    }
    let result = match submission.answers.get(question).map(|answer| answer.state) {
        Some(AnswerState::Pending) => grade_pending(&shared, tenant, &submission, keys, question).await,
        Some(AnswerState::Graded) => Ok(Some(submission.clone())),
        None => Err(Error::invalid("question_unknown", "The marking guide has no such question.")),
    };
    let finished = match result {
        Ok(Some(after)) if after.all_answers_graded() => finish(&shared, tenant, &after, keys, &origin).await,
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    match finished {
        Err(error) if !error.is_retryable() => fail(&shared, tenant, &submission, question, &error, &origin).await,
        other => other,
    }
}

/// Grades the answer and keeps the grade; the submission after it, or none if it has moved on.
async fn grade_pending(
    shared: &Shared,
    tenant: Tenant,
    submission: &Submission,
    keys: SubmissionKeys,
    question: &str,
) -> Result<Option<Submission>> {
    let Some(begun) = shared.store.begin_answer(tenant, submission, question).await? else { return Ok(None) };
    let guide = guide(shared, &begun, keys).await?;
    let reading: Reading = kept(&shared.files, &keys.reading()).await?;
    let split: Split = kept(&shared.files, &split_key(&begun, keys)).await?;
    let unknown = || Error::invalid("question_unknown", "The marking guide has no such question.");
    let asked = guide.question(question).ok_or_else(unknown)?;
    let lines = split.answers.iter().find(|answer| answer.question == question).map(|answer| answer.lines.as_slice());
    let answer = Answer::collect(&reading, lines.unwrap_or_default());
    let grade = shared.grader.grade(asked, &answer)?;
    let sketch = shared.grader.answer_sketch(asked, &answer, &grade, &keys.assessment.to_string())?;
    let kept = SketchedGrade { grade, sketch: Some(sketch) };
    shared.files.put_json(&keys.grade(begun.run, question), &kept).await?;
    shared.store.finish_answer(tenant, &begun, question).await
}

/// All answers are graded: composes the feedback, draws the pages, and says what came out.
async fn finish(
    shared: &Shared,
    tenant: Tenant,
    submission: &Submission,
    keys: SubmissionKeys,
    origin: &Origin,
) -> Result<()> {
    let guide = guide(shared, submission, keys).await?;
    let reading: Reading = kept(&shared.files, &keys.reading()).await?;
    let split: Split = kept(&shared.files, &split_key(submission, keys)).await?;
    let (mut grades, mut sketches) = (Vec::new(), BTreeMap::new());
    for question in &guide.questions {
        let kept: SketchedGrade = kept(&shared.files, &keys.grade(submission.run, &question.label)).await?;
        grades.push(kept.grade);
        sketches.insert(question.label.clone(), kept.sketch);
    }
    let mut composed = feedback::compose(Graded {
        assessment: submission.assessment,
        submission: submission.id,
        guide: &guide,
        guide_version: submission.guide.as_ref().map_or(0, |guide| guide.version),
        grading_engine: Grader::ENGINE,
        grades,
        reading: &reading,
        tray: &split.tray,
    })?;
    composed.review_reasons.extend(submission.unread_files());
    let sha256 = shared.files.put_version(&composed, |sha256| keys.feedback(sha256)).await?;
    let drawn = draw(&shared.files, &reading, &composed, keys, &sha256).await?;
    let (state, action) = if feedback::needs_review(&composed) {
        (State::NeedsReview, "submission.needs_review")
    } else {
        (State::Graded, "submission.graded")
    };
    let outcome = match &submission.outcome {
        Some(before) => before.regraded(&composed, sha256, drawn),
        None => Outcome::new(&composed, sha256, drawn),
    };
    let event = tenant.event(Actor::Task("grade-answer"), action, submission.id, origin);
    let before = shared.store.sketches(tenant, submission.assessment, submission.id).await?;
    let sketches = Sketches::graded(submission.id, before.as_ref(), sketches);
    shared.store.finish_grading(tenant, submission, state, (&outcome, &sketches), &event).await?;
    follow_decisions(shared, tenant, submission, &origin.request_id).await
}

/// Has the answers scored again to questions of which something was learned from decisions about others.
async fn follow_decisions(shared: &Shared, tenant: Tenant, submission: &Submission, request_id: &str) -> Result<()> {
    let assessment = submission.assessment;
    for learning in shared.store.learned(tenant, assessment).await? {
        let is_learned = learning.learned_from > 0 && submission.answers.contains_key(&learning.question);
        if is_learned && shared.store.ask_to_learn(tenant, assessment, &learning.question).await? {
            let job = RescoreQuestion { org: tenant.org(), assessment, question: learning.question };
            shared.lessons.send_later(request_id, job, LEARN_AFTER).await?;
        }
    }
    Ok(())
}

async fn guide(shared: &Shared, submission: &Submission, keys: SubmissionKeys) -> Result<Guide> {
    let reference =
        submission.guide.as_ref().ok_or_else(|| Error::internal("a submission in grading without a guide"))?;
    kept(&shared.files, &key::guide(keys.org, keys.assessment, reference.version, &reference.sha256)).await
}

async fn fail(
    shared: &Shared,
    tenant: Tenant,
    submission: &Submission,
    question: &str,
    error: &Error,
    origin: &Origin,
) -> Result<()> {
    tracing::error!(question, code = error.code(), context = error.context(), "the answer could not be graded");
    let message = format!("Question {question} could not be graded. {}", error.message());
    let failure = Failure { code: error.code().to_owned(), message };
    let event = tenant.event(Actor::Task("grade-answer"), "submission.failed", submission.id, origin);
    shared.store.fail(tenant, submission, &failure, &event).await
}

fn main() -> ExitCode {
    run(
        env!("CARGO_BIN_NAME"),
        |config| {
            let (store, files) = (Store::from_env(config)?, Files::from_env(config)?);
            let lessons = Queue::from_env(config, "LEARN_QUEUE_URL")?;
            Ok(Shared { store, files, lessons, grader: Grader::load(&models()?)? })
        },
        grade_answer,
    )
}
