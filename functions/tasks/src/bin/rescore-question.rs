//! Scores the undecided answers to a question again, with what persons have decided about others. An answer about which
//! somebody has decided, before or meanwhile, stays as it is. Repeated, it changes nothing.

use std::{process::ExitCode, sync::Arc};

use futures::future::try_join_all;
use smartscripts_domain::{
    Error, Kind, Result,
    answer::{Answer, Split},
    feedback::{AnswerGrade, Feedback},
    guide::Guide,
    id::AssessmentId,
    reading::Reading,
    submission::State,
};
use smartscripts_files::{Files, SubmissionKeys, key};
use smartscripts_grading::{Expected, Grader, Sketch, adapt};
use smartscripts_jobs::{Delivery, DrawPages, Queue, RescoreQuestion, run};
use smartscripts_store::{Actor, GradedAnswer, GuideRef, Origin, Store, Submission, Tenant, was_changed};
use smartscripts_tasks::{models, pages::kept, split_key};

/// Decisions about a question from which on its other answers follow them. With fewer, one slip of the pen, or one answer
/// unlike all others, would move every other answer.
const LEARN_FROM: usize = 5;
/// Decisions that are learned from at most, the latest: the time that it takes grows with the cube.
const MOST: usize = 500;
/// Answers scored at the same time.
const AT_ONCE: usize = 8;
/// How often an answer is tried when persons decide about the same script at the same time.
const TRIES: u32 = 4;
/// Change of a confidence that is worth a new version of the feedback where the marks stay as they are.
const WORTH_TELLING: f64 = 0.05;
/// Seconds until the pages are drawn anew.
const DRAW_AFTER: i32 = 5;

struct Shared {
    store: Store,
    files: Files,
    drawings: Queue,
    grader: Grader,
}

/// The question whose answers are scored.
struct Job<'a> {
    shared: &'a Shared,
    tenant: Tenant,
    assessment: AssessmentId,
    question: &'a str,
    guide: Guide,
    reference: GuideRef,
    learned_from: usize,
    request_id: &'a str,
}

async fn rescore(shared: Arc<Shared>, delivery: Delivery<RescoreQuestion>) -> Result<()> {
    let RescoreQuestion { org, assessment, ref question } = delivery.message;
    let Some(tenant) = unless_gone(shared.store.tenant_of_question(org, assessment, question).await)? else {
        return Ok(());
    };
    shared.store.begin_learning(tenant, assessment, question).await?;
    let Some(found) = unless_gone(shared.store.assessment(tenant, assessment).await)? else { return Ok(()) };
    let Some(reference) = found.guides.last().cloned() else { return Ok(()) };
    let guide: Guide = kept(&shared.files, &key::guide(org, assessment, reference.version, &reference.sha256)).await?;
    let mut answers = shared.store.graded_answers(tenant, assessment, Some(question)).await?;
    let mut answers = answers.remove(question).unwrap_or_default();
    // Answers that were graded with another version of the guide have nothing to say about this one.
    answers.retain(|answer| answer.guide.as_ref() == Some(&reference));
    let (learned_from, open) = learn(&answers)?;
    let request_id = &delivery.request_id;
    let job = Job { shared: &shared, tenant, assessment, question, guide, reference, learned_from, request_id };
    for chunk in open.chunks(AT_ONCE) {
        try_join_all(chunk.iter().map(|(answer, expected)| job.rescore_answer(answer, *expected))).await?;
    }
    shared.store.note_learned(tenant, assessment, question, learned_from).await
}

fn unless_gone<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// An answer, and what is expected of it; none if the machine's own word stands.
type Open<'a> = (&'a GradedAnswer, Option<Expected>);

/// From how many decisions is learned, and the answers that nobody has decided about with what these say about them. With too
/// few decisions only answers that had followed some which were taken back.
fn learn(answers: &[GradedAnswer]) -> Result<(usize, Vec<Open<'_>>)> {
    let (mut decided, mut open) = (Vec::new(), Vec::new());
    for answer in answers {
        let Some(meaning) = answer.sketch.as_ref().and_then(|placed| placed.sketch.meaning.as_ref()) else { continue };
        let sketch = Sketch::try_from(meaning)?;
        let standing = &answer.standing;
        match standing.decided_at {
            Some(at) if standing.max_marks.thousandths() > 0 => {
                decided.push((at, sketch, standing.marks.as_f64() / standing.max_marks.as_f64()));
            }
            Some(_) => {}
            None => open.push((answer, sketch)),
        }
    }
    if decided.len() < LEARN_FROM {
        let following = open.into_iter().filter(|(answer, _)| answer.standing.learned_from > 0);
        return Ok((0, following.map(|(answer, _)| (answer, None)).collect()));
    }
    decided.sort_by_key(|(at, ..)| *at);
    let marked: Vec<(&Sketch, f64)> =
        decided.iter().rev().take(MOST).map(|(_, sketch, share)| (sketch, share.clamp(0.0, 1.0))).collect();
    let sketches: Vec<&Sketch> = open.iter().map(|(_, sketch)| sketch).collect();
    let expected = adapt(&marked, &sketches);
    Ok((marked.len(), open.iter().zip(expected).map(|((answer, _), expected)| (*answer, Some(expected))).collect()))
}

impl Job<'_> {
    async fn rescore_answer(&self, answer: &GradedAnswer, expected: Option<Expected>) -> Result<()> {
        for _ in 0..TRIES {
            match self.rescore_once(answer, expected).await {
                Err(error) if was_changed(&error) => {}
                // Its files are gone: there is nothing to score.
                Err(error) if !error.is_retryable() => {
                    tracing::warn!(code = error.code(), context = error.context(), "an answer is not scored again");
                    return Ok(());
                }
                other => return other,
            }
        }
        Err(Error::unavailable("many decisions about one script at the same time"))
    }

    async fn rescore_once(&self, answer: &GradedAnswer, expected: Option<Expected>) -> Result<()> {
        let Shared { store, files, .. } = self.shared;
        let found = unless_gone(store.submission(self.tenant, self.assessment, answer.submission).await)?;
        let Some(submission) = found.filter(|found| self.is_open(found)) else { return Ok(()) };
        let Some(outcome) = &submission.outcome else { return Ok(()) };
        let keys = SubmissionKeys { org: self.tenant.org(), assessment: self.assessment, submission: submission.id };
        let mut feedback: Feedback = kept(files, &keys.feedback(&outcome.feedback)).await?;
        let again = self.grade(&submission, keys, expected).await?;
        let grade = feedback.answer_mut(self.question)?;
        if !is_worth_telling(grade, &again) {
            return Ok(());
        }
        let event = self
            .tenant
            .event(Actor::Task(NAME), "answer.rescored", submission.id, &Origin::of_task(self.request_id))
            .with("assessment", self.assessment)
            .with("question", self.question)
            .with("learned_from", self.learned_from)
            .with("marks_before", grade.marks)
            .with("marks_after", again.marks)
            .with("criteria_before", grade.marks_in_words())
            .with("criteria_after", again.marks_in_words());
        grade.rescore(again)?;
        feedback.add_up(&submission.unread_files());
        let sha256 = files.put_version(&feedback, |sha256| keys.feedback(sha256)).await?;
        let next = outcome.rescored(&feedback, sha256.clone(), self.question, self.learned_from as u32);
        store.decide(self.tenant, &submission, &next, &event.with("version", next.revision)).await?;
        let SubmissionKeys { org, assessment, submission } = keys;
        let job = DrawPages { org, assessment, submission, feedback: sha256, is_released: false };
        self.shared.drawings.send_later(self.request_id, job, DRAW_AFTER).await
    }

    /// Whether the script is graded with this version of the guide, and nobody has decided about the answer.
    fn is_open(&self, submission: &Submission) -> bool {
        let is_graded = matches!(submission.state, State::Graded | State::NeedsReview);
        let standing = submission.outcome.as_ref().and_then(|outcome| outcome.answers.get(self.question));
        let is_undecided = standing.is_some_and(|standing| standing.decided_by.is_none());
        is_graded && is_undecided && submission.guide.as_ref() == Some(&self.reference)
    }

    async fn grade(
        &self,
        submission: &Submission,
        keys: SubmissionKeys,
        expected: Option<Expected>,
    ) -> Result<AnswerGrade> {
        let files = &self.shared.files;
        let unknown = || Error::invalid("question_unknown", "The marking guide has no such question.");
        let asked = self.guide.question(self.question).ok_or_else(unknown)?;
        let reading: Reading = kept(files, &keys.reading()).await?;
        let split: Split = kept(files, &split_key(submission, keys)).await?;
        let lines = split.answers.iter().find(|answer| answer.question == self.question);
        let lines = lines.map(|answer| answer.lines.as_slice()).unwrap_or_default();
        self.shared.grader.grade_with(asked, &Answer::collect(&reading, lines), expected)
    }
}

/// Whether the new grade says anything else than the one before: other marks, that a person must look or need not, or much
/// more or less confidence. Each decision changes every confidence by a hair, and nobody wants a version of the feedback
/// for that.
fn is_worth_telling(before: &AnswerGrade, after: &AnswerGrade) -> bool {
    before.decision().is_none()
        && (before.criterion_marks() != after.criterion_marks()
            || before.marks != after.marks
            || before.review_reason.is_some() != after.review_reason.is_some()
            || (before.confidence - after.confidence).abs() >= WORTH_TELLING)
}

const NAME: &str = env!("CARGO_BIN_NAME");

fn main() -> ExitCode {
    run(
        NAME,
        |config| {
            let (store, files) = (Store::from_env(config)?, Files::from_env(config)?);
            let drawings = Queue::from_env(config, "DRAW_QUEUE_URL")?;
            Ok(Shared { store, files, drawings, grader: Grader::load(&models()?)? })
        },
        rescore,
    )
}
