//! Grades a script with the version of the guide that is in force now: only the answers that it touches, in one step, so that
//! until then the grades that were there count. An answer about which a person had decided waits for a person again if it is
//! touched, and the decision stays readable; of all others nothing changes. Repeated, it finds the script graded so already.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
    sync::Arc,
};

use smartscripts_domain::{
    Error, Kind, Result,
    answer::{Answer, Split},
    feedback::{AnswerGrade, Feedback},
    guide::Guide,
    guide_change::{asked_by_either, asks_the_same, carried_over, touched},
    reading::Reading,
    sketch::AnswerSketch,
    submission::State,
};
use smartscripts_feedback::{self as feedback, Graded};
use smartscripts_files::{Files, SubmissionKeys, key};
use smartscripts_grading::Grader;
use smartscripts_jobs::{Delivery, DrawPages, Queue, RegradeScript, run};
use smartscripts_reading::split;
use smartscripts_store::{
    Actor, GuideRef, Origin, Outcome, Regraded, Sketches, SplitRef, Store, Submission, Tenant, was_changed,
};
use smartscripts_tasks::{models, pages::kept, split_key, submission_of_job};
use ulid::Ulid;

const NAME: &str = env!("CARGO_BIN_NAME");
/// How often a script is tried when persons decide about it at the same time.
const TRIES: u32 = 4;
/// Seconds until a script that is still being read or graded is looked at again.
const LOOK_AGAIN_AFTER: i32 = 30;
/// Seconds until the pages are drawn anew.
const DRAW_AFTER: i32 = 5;

struct Shared {
    store: Store,
    files: Files,
    scripts: Queue,
    drawings: Queue,
    grader: Grader,
}

async fn regrade_script(shared: Arc<Shared>, delivery: Delivery<RegradeScript>) -> Result<()> {
    let job = &delivery.message;
    for _ in 0..TRIES {
        match regrade_once(&shared, job, &delivery.request_id).await {
            Err(error) if was_changed(&error) => {}
            Err(error) if !error.is_retryable() => {
                // Its files are gone, as their retention period is over: its grades stay those of the version before.
                tracing::warn!(code = error.code(), context = error.context(), "a script is not graded again");
                return Ok(());
            }
            other => return other,
        }
    }
    Err(Error::unavailable("many decisions about one script at the same time"))
}

async fn regrade_once(shared: &Shared, job: &RegradeScript, request_id: &str) -> Result<()> {
    let found = submission_of_job(&shared.store, job.org, job.assessment, job.submission).await?;
    let Some((tenant, submission, keys)) = found else { return Ok(()) };
    match submission.state {
        State::Graded | State::NeedsReview => {}
        // With which version it is being graded is settled already, or just now.
        State::Reading | State::Grading => {
            return shared.scripts.send_later(request_id, job, LOOK_AGAIN_AFTER).await;
        }
        // It is graded with the version in force whenever it comes to that.
        State::AwaitingUpload | State::Failed => return Ok(()),
    }
    let assessment = match shared.store.assessment(tenant, job.assessment).await {
        Err(error) if error.kind() == Kind::NotFound => return Ok(()),
        other => other?,
    };
    let (Some(reference), Some(before)) = (assessment.guides.last(), &submission.guide) else { return Ok(()) };
    if reference.version <= before.version {
        return Ok(());
    }
    let script = Script::load(shared, tenant, &submission, keys, before, reference).await?;
    script.regrade(job, request_id).await
}

/// A graded script, and both versions of the guide.
struct Script<'a> {
    shared: &'a Shared,
    tenant: Tenant,
    submission: &'a Submission,
    keys: SubmissionKeys,
    outcome: &'a Outcome,
    feedback: Feedback,
    reading: Reading,
    before: Guide,
    after: Guide,
    reference: &'a GuideRef,
}

impl<'a> Script<'a> {
    async fn load(
        shared: &'a Shared,
        tenant: Tenant,
        submission: &'a Submission,
        keys: SubmissionKeys,
        before: &GuideRef,
        reference: &'a GuideRef,
    ) -> Result<Self> {
        let outcome = submission.outcome.as_ref().ok_or_else(|| Error::internal("a graded script without outcome"))?;
        let guide = |of: &GuideRef| key::guide(keys.org, keys.assessment, of.version, &of.sha256);
        Ok(Self {
            shared,
            tenant,
            submission,
            keys,
            outcome,
            feedback: kept(&shared.files, &keys.feedback(&outcome.feedback)).await?,
            reading: kept(&shared.files, &keys.reading()).await?,
            before: kept(&shared.files, &guide(before)).await?,
            after: kept(&shared.files, &guide(reference)).await?,
            reference,
        })
    }

    async fn regrade(&self, job: &RegradeScript, request_id: &str) -> Result<()> {
        let (split, split_ref, moved) = self.split(job).await?;
        let mut touched = touched(&self.before, &self.after);
        touched.extend(moved);
        let (mut grades, mut sketches) = (Vec::new(), BTreeMap::new());
        let mut to_review = 0_u32;
        for question in &self.after.questions {
            let label = &question.label;
            let earlier = self.feedback.questions.iter().find(|grade| grade.question == *label);
            if let Some(earlier) = earlier.filter(|_| !touched.contains(label)) {
                grades.push(earlier.clone());
                sketches.insert(label.clone(), None);
                continue;
            }
            let lines = split.answers.iter().find(|answer| answer.question == *label);
            let lines = lines.map(|answer| answer.lines.as_slice()).unwrap_or_default();
            let (grade, sketch) = self.grade(question, &Answer::collect(&self.reading, lines))?;
            to_review += u32::from(earlier.is_some_and(|earlier| earlier.decision().is_some()));
            grades.push(match earlier {
                Some(earlier) => earlier.clone().regraded(grade, self.feedback.guide_version),
                None => grade,
            });
            sketches.insert(label.clone(), Some(sketch));
        }
        let mut composed = feedback::compose(Graded {
            assessment: self.submission.assessment,
            submission: self.submission.id,
            guide: &self.after,
            guide_version: self.reference.version,
            grading_engine: Grader::ENGINE,
            grades,
            reading: &self.reading,
            tray: &split.tray,
        })?;
        composed.add_up(&self.submission.unread_files());
        let removed = self.before.questions.iter().filter(|question| self.after.question(&question.label).is_none());
        let event = self
            .tenant
            .event(Actor::Task(NAME), "submission.regraded", self.submission.id, &Origin::of_task(request_id))
            .with("assessment", self.submission.assessment)
            .with("guide_before", self.feedback.guide_version)
            .with("guide_after", self.reference.version)
            .with("questions", in_words(touched.iter()))
            .with("questions_removed", in_words(removed.map(|question| &question.label)))
            .with("decisions_to_review", to_review)
            .with("marks_before", self.feedback.marks)
            .with("marks_after", composed.marks);
        let sha256 = self.shared.files.put_version(&composed, |sha256| self.keys.feedback(sha256)).await?;
        let outcome = self.outcome.regraded(&composed, sha256.clone(), Vec::new());
        let known = self.shared.store.sketches(self.tenant, self.submission.assessment, self.submission.id).await?;
        let sketches = Sketches::graded(self.submission.id, known.as_ref(), sketches);
        let regraded =
            Regraded { guide: self.reference, split: split_ref.as_ref(), outcome: &outcome, sketches: &sketches };
        self.shared.store.regrade(self.tenant, self.submission, regraded, &event).await?;
        let SubmissionKeys { org, assessment, submission } = self.keys;
        let drawing = DrawPages { org, assessment, submission, feedback: sha256, is_released: false };
        self.shared.drawings.send_later(request_id, drawing, DRAW_AFTER).await
    }

    fn grade(
        &self,
        question: &smartscripts_domain::guide::Question,
        answer: &Answer,
    ) -> Result<(AnswerGrade, AnswerSketch)> {
        let grader = &self.shared.grader;
        let grade = grader.grade(question, answer)?;
        let sketch = grader.answer_sketch(question, answer, &grade, &self.keys.assessment.to_string())?;
        Ok((grade, sketch))
    }

    /// The split for the new version, what names it, and the questions whose answers have other lines than before. Where the
    /// same questions are asked, it is the one that was there.
    async fn split(&self, job: &RegradeScript) -> Result<(Split, Option<SplitRef>, BTreeSet<String>)> {
        let in_force: Split = kept(&self.shared.files, &split_key(self.submission, self.keys)).await?;
        if asks_the_same(&self.before, &self.after) {
            return Ok((in_force, self.submission.split.clone(), BTreeSet::new()));
        }
        let is_by_a_person = in_force != split::split(&self.reading, &self.before);
        let found = if is_by_a_person {
            in_force.clone()
        } else {
            split::split(&self.reading, &asked_by_either(&self.before, &self.after))
        };
        let next = carried_over(&found, &self.after);
        let is_moved = |label: &&String| {
            let lines = |split: &Split| {
                let answer = split.answers.iter().find(|answer| answer.question == **label);
                answer.map(|answer| answer.lines.clone()).unwrap_or_default()
            };
            lines(&in_force) != lines(&next)
        };
        let moved = next.answers.iter().map(|answer| &answer.question).filter(is_moved).cloned().collect();
        let (version, id) = (self.submission.split_version() + 1, Ulid::generate().to_string());
        let reference = SplitRef { version, id, by: job.published_by };
        self.shared.files.put_json(&self.keys.assigned_split(&reference.id), &next).await?;
        Ok((next, Some(reference), moved))
    }
}

/// Labels only: this goes into the audit log.
fn in_words<'a>(labels: impl Iterator<Item = &'a String>) -> String {
    labels.map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn main() -> ExitCode {
    run(
        NAME,
        |config| {
            let (store, files) = (Store::from_env(config)?, Files::from_env(config)?);
            let scripts = Queue::from_env(config, "REGRADE_QUEUE_URL")?;
            let drawings = Queue::from_env(config, "DRAW_QUEUE_URL")?;
            Ok(Shared { store, files, scripts, drawings, grader: Grader::load(&models()?)? })
        },
        regrade_script,
    )
}
