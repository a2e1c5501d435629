//! What the answers of a graded script are compared by: one item beside each script, written with its outcome. It holds no
//! words, and no marks of persons: these stand on the script itself, so that the two are never out of step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use smartscripts_domain::{
    Error, Result,
    id::{AssessmentId, StudentId, SubmissionId},
    sketch::AnswerSketch,
    submission::State,
};

use crate::{
    AnswerStanding, AuditEvent, GuideRef, Store, Tenant,
    item::{attribute, decode, encode, number, text, unavailable},
    keys,
    transaction::Transaction,
};

/// The sketches of a script's answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sketches {
    /// The script.
    pub submission: SubmissionId,
    /// By question label.
    pub answers: BTreeMap<String, PlacedSketch>,
    /// Counted up at every change.
    pub version: u32,
}

/// The sketch of an answer, and where a person has put the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlacedSketch {
    /// The sketch.
    pub sketch: AnswerSketch,
    /// The group that a person has moved it to; none as long as it is where it belongs by itself.
    pub group: Option<SubmissionId>,
}

impl Sketches {
    /// Those of a script that was graded. Answers without a new sketch keep theirs; answers to questions that aren't named
    /// are gone. An answer stays where a person has put it as long as its words are the same.
    #[must_use]
    pub fn graded(
        submission: SubmissionId,
        before: Option<&Self>,
        answers: BTreeMap<String, Option<AnswerSketch>>,
    ) -> Self {
        let place = |(question, sketch): (String, Option<AnswerSketch>)| {
            let known = before.and_then(|before| before.answers.get(&question));
            let placed = match (sketch, known) {
                (None, known) => known?.clone(),
                (Some(sketch), known) => {
                    let group = known.filter(|known| known.sketch.words == sketch.words).and_then(|known| known.group);
                    PlacedSketch { sketch, group }
                }
            };
            Some((question, placed))
        };
        let answers = answers.into_iter().filter_map(place).collect();
        Self { submission, answers, version: before.map_or(1, |before| before.version + 1) }
    }
}

/// An answer to a question, as far as it is compared with the others.
#[derive(Clone, Debug)]
pub struct GradedAnswer {
    /// The script.
    pub submission: SubmissionId,
    /// The student on the roster, if the number is on it.
    pub student: Option<StudentId>,
    /// The version of the guide that it was graded with.
    pub guide: Option<GuideRef>,
    /// The version of the script's feedback that is in force.
    pub feedback: String,
    /// What the feedback says of the answer.
    pub standing: AnswerStanding,
    /// Its sketch; none of a script that was graded before there were any, or of which the reading is no longer kept.
    pub sketch: Option<PlacedSketch>,
    /// The version of the script's sketches.
    pub placement: u32,
}

/// The part of a script that is compared.
#[derive(Deserialize)]
struct Compared {
    id: SubmissionId,
    student: Option<StudentId>,
    guide: Option<GuideRef>,
    outcome: ComparedOutcome,
}

#[derive(Deserialize)]
struct ComparedOutcome {
    feedback: String,
    #[serde(default)]
    answers: BTreeMap<String, AnswerStanding>,
}

impl Store {
    /// Every graded answer of an assessment by its question's label, in the order in which the scripts were handed in; with
    /// `question`, only those to it.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn graded_answers(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        question: Option<&str>,
    ) -> Result<BTreeMap<String, Vec<GradedAnswer>>> {
        let (scripts, sketches) = tokio::try_join!(
            self.parts_of_scripts::<Compared>(
                tenant,
                assessment,
                keys::SUBMISSIONS,
                ("id, student, guide, outcome.feedback, outcome.answers", question),
                true,
            ),
            self.parts_of_scripts::<Sketches>(
                tenant,
                assessment,
                keys::SKETCHES,
                ("submission, version, answers", question),
                false,
            ),
        )?;
        let mut sketches: BTreeMap<SubmissionId, Sketches> =
            sketches.into_iter().map(|sketches| (sketches.submission, sketches)).collect();
        let mut answers: BTreeMap<String, Vec<GradedAnswer>> = BTreeMap::new();
        for Compared { id, student, guide, outcome } in scripts {
            let mut kept = sketches.remove(&id);
            for (label, standing) in outcome.answers {
                let sketch = kept.as_mut().and_then(|kept| kept.answers.remove(&label));
                let placement = kept.as_ref().map_or(0, |kept| kept.version);
                answers.entry(label).or_default().push(GradedAnswer {
                    submission: id,
                    student,
                    guide: guide.clone(),
                    feedback: outcome.feedback.clone(),
                    standing,
                    sketch,
                    placement,
                });
            }
        }
        Ok(answers)
    }

    /// Parts of the items of one kind in an assessment. What `wanted` names last is a map by question label, of which only
    /// this question's entry is read if one is given.
    async fn parts_of_scripts<T: DeserializeOwned>(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        prefix: &str,
        (wanted, question): (&str, Option<&str>),
        only_graded: bool,
    ) -> Result<Vec<T>> {
        let mut query = self
            .client
            .query()
            .table_name(&self.tenants)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":pk", text(keys::submissions_of(tenant.org(), assessment)))
            .expression_attribute_values(":prefix", text(prefix))
            .consistent_read(true);
        query = match question {
            Some(question) => query
                .projection_expression(format!("{wanted}.#question"))
                .expression_attribute_names("#question", question),
            None => query.projection_expression(wanted),
        };
        if only_graded {
            query = query
                .filter_expression("#state IN (:graded, :needs_review) AND attribute_exists(outcome.feedback)")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":graded", attribute(&State::Graded)?)
                .expression_attribute_values(":needs_review", attribute(&State::NeedsReview)?);
        }
        let mut items = query.into_paginator().items().send();
        let mut parts = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(unavailable)?;
            // A map without the wanted entry is not in the answer at all.
            if prefix == keys::SKETCHES && !item.contains_key("answers") {
                continue;
            }
            parts.push(decode(item)?);
        }
        Ok(parts)
    }

    /// The sketches of a script; none of one that isn't graded.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn sketches(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        submission: SubmissionId,
    ) -> Result<Option<Sketches>> {
        self.get(&keys::sketches(tenant.org(), assessment, submission)).await
    }

    /// Adds to a transaction that these sketches take the place of those before.
    pub(crate) fn replacing_sketches(
        &self,
        transaction: Transaction,
        tenant: Tenant,
        assessment: AssessmentId,
        next: &Sketches,
    ) -> Result<Transaction> {
        let item = encode(&keys::sketches(tenant.org(), assessment, next.submission), next)?;
        match next.version {
            1 => transaction.create(self, item, sketches_changed()),
            version => transaction.replace(self, item, version - 1, sketches_changed()),
        }
    }

    /// Adds to a transaction that the script's sketches go, if there are any.
    pub(crate) fn dropping_sketches(
        &self,
        transaction: Transaction,
        tenant: Tenant,
        assessment: AssessmentId,
        submission: SubmissionId,
    ) -> Result<Transaction> {
        let at = keys::sketches(tenant.org(), assessment, submission);
        transaction.delete_if(self, &at, sketches_changed(), |delete| delete)
    }

    /// Moves an answer to the group that this script's answer names, if the script's sketches are at version `placement`.
    ///
    /// # Errors
    /// `group_changed` if they aren't.
    pub async fn move_answer(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        (submission, question, placement): (SubmissionId, &str, u32),
        group: SubmissionId,
        event: &AuditEvent,
    ) -> Result<u32> {
        let (at, kept) = (keys::sketches(tenant.org(), assessment, submission), attribute(&group)?);
        let next = placement.saturating_add(1);
        Transaction::default()
            .update(self, &at, group_changed(), |update| {
                update
                    .update_expression("SET answers.#question.#group = :group, version = :next")
                    .condition_expression("version = :seen AND attribute_exists(answers.#question)")
                    .expression_attribute_names("#question", question)
                    .expression_attribute_names("#group", "group")
                    .expression_attribute_values(":group", kept)
                    .expression_attribute_values(":next", number(next))
                    .expression_attribute_values(":seen", number(placement))
            })?
            .audit(self, event)?
            .commit(self)
            .await?;
        Ok(next)
    }
}

const SKETCHES_CHANGED: &str = "sketches_changed";

fn sketches_changed() -> Error {
    Error::conflict(SKETCHES_CHANGED, "The script's answers were moved to other groups meanwhile.")
}

/// Whether a change failed because a person has moved an answer of the script to another group at the same moment.
pub(crate) fn were_moved(error: &Error) -> bool {
    error.code() == SKETCHES_CHANGED
}

/// An answer of the script was moved or graded again meanwhile.
#[must_use]
pub fn group_changed() -> Error {
    let message =
        "An answer of this script was moved to another group, or graded again, meanwhile. Load the groups again.";
    Error::conflict("group_changed", message)
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::Marks;
    use ulid::Ulid;

    use super::*;

    fn sketch(words: &str) -> AnswerSketch {
        AnswerSketch {
            words: words.to_owned(),
            literal: String::new(),
            facts: "-".to_owned(),
            marks: Marks::ZERO,
            meaning: None,
        }
    }

    #[test]
    fn an_answer_stays_where_it_was_put_until_it_says_something_else() {
        let submission = SubmissionId::new(Ulid::from(1));
        let answers = |answers: &[(&str, Option<&str>)]| {
            answers.iter().map(|(question, words)| ((*question).to_owned(), words.map(sketch))).collect()
        };
        let mut first = Sketches::graded(submission, None, answers(&[("1", Some("a")), ("2", Some("b")), ("3", None)]));
        assert_eq!((first.version, first.answers.len()), (1, 2));
        for placed in first.answers.values_mut() {
            placed.group = Some(submission);
        }
        let next = Sketches::graded(submission, Some(&first), answers(&[("1", None), ("2", Some("c")), ("3", None)]));
        assert_eq!((next.version, next.answers.len()), (2, 2));
        assert_eq!((next.answers["1"].group, next.answers["2"].group), (Some(submission), None));
        let same = Sketches::graded(submission, Some(&first), answers(&[("2", Some("b"))]));
        assert_eq!(same.answers.keys().collect::<Vec<_>>(), ["2"]);
        assert_eq!(same.answers["2"].group, Some(submission));
    }
}
