//! What a person decides about an answer: to confirm the machine's grade, or to override it criterion by criterion. What
//! the machine had said stays beside it, so that a decision can be taken back. Totals are added up again from the
//! criteria after every change.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Error, Marks, Result,
    feedback::{AnswerGrade, CriterionGrade, Feedback},
    id::Principal,
};

/// Longest comment, in characters.
pub const COMMENT_CHARACTERS: usize = 2000;
/// Most decisions that an answer keeps. Two graders who go back and forth longer than that should talk.
const DECISIONS: usize = 50;

/// What was decided about an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// What the machine had said.
    pub machine: MachineGrade,
    /// What persons have decided, oldest first; the last one counts. None if they had decided before the guide changed.
    pub decisions: Vec<Decision>,
    /// What persons had decided before the guide changed, oldest first. It doesn't count any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierGrade>,
}

/// A grade that persons had decided by a version of the guide that is no longer in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlierGrade {
    /// The guide's version.
    pub guide_version: u32,
    /// Marks given.
    pub marks: Marks,
    /// Marks to be had.
    pub max_marks: Marks,
    /// What persons had decided, oldest first; the last one counted.
    pub decisions: Vec<Decision>,
}

/// The machine's grade of an answer, as it was before a person decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineGrade {
    /// Marks given.
    pub marks: Marks,
    /// Probability that a teacher would give the same marks, 0–1.
    pub confidence: f64,
    /// Why a person should look at it; absent when none needed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_reason: Option<String>,
    /// One entry per criterion, in the guide's order.
    pub criteria: Vec<MachineCriterion>,
}

/// The machine's grade of one criterion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineCriterion {
    /// The criterion's id.
    pub criterion: String,
    /// Marks given.
    pub marks: Marks,
    /// Probability that a teacher would decide the same, 0–1.
    pub confidence: f64,
    /// Why, in one plain sentence.
    pub reason: String,
    /// Name of the level that was reached, of a criterion that has levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What the answer lacks, in words of the guide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The same said to the student.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub feedback: String,
}

/// A person's decision about an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Whether the marks were changed.
    pub kind: DecisionKind,
    /// Who decided.
    pub by: Principal,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The marks of every criterion, in the guide's order.
    pub criteria: Vec<CriterionMarks>,
    /// What the person says about it, for the student too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// The marks are right as they are.
    Confirmed,
    /// These are the right ones.
    Overridden,
}

/// The marks of one criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionMarks {
    /// The criterion's id.
    #[schema(min_length = 1, max_length = 40)]
    pub criterion: String,
    /// The marks.
    pub marks: Marks,
}

/// Who decides, and when.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// Who.
    pub principal: Principal,
    /// When.
    pub at: Timestamp,
}

impl AnswerGrade {
    /// The last decision; none while the machine's grade stands.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        self.decided.as_ref()?.decisions.last()
    }

    /// The marks of every criterion.
    #[must_use]
    pub fn criterion_marks(&self) -> Vec<CriterionMarks> {
        let marks = |grade: &CriterionGrade| CriterionMarks { criterion: grade.criterion.clone(), marks: grade.marks };
        self.criteria.iter().map(marks).collect()
    }

    /// The marks of every criterion as `id=marks`: ids and numbers only, for the audit log.
    #[must_use]
    pub fn marks_in_words(&self) -> String {
        let word = |grade: &CriterionGrade| format!("{}={}", grade.criterion, grade.marks);
        self.criteria.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// A person finds the marks right as they are.
    ///
    /// # Errors
    /// `decisions_too_many`.
    pub fn confirm(&mut self, by: By) -> Result<()> {
        let criteria = self.criterion_marks();
        self.decide(DecisionKind::Confirmed, criteria, None, by)
    }

    /// A person gives other marks for some of the criteria; the others keep theirs. Marks lie between none and those that
    /// the criterion has, and are multiples of `step`, unless they are the ones given already.
    ///
    /// # Errors
    /// `criterion_unknown`, `criterion_twice`, `marks_out_of_range`, `marks_off_step`, `comment_invalid`,
    /// `decisions_too_many`.
    pub fn override_marks(
        &mut self,
        given: &[CriterionMarks],
        step: Marks,
        comment: Option<String>,
        by: By,
    ) -> Result<()> {
        if comment.as_ref().is_some_and(|text| text.chars().count() > COMMENT_CHARACTERS) {
            let message = format!("A comment may have {COMMENT_CHARACTERS} characters.");
            return Err(Error::invalid("comment_invalid", message));
        }
        let mut criteria = self.criterion_marks();
        let mut seen = HashSet::new();
        for CriterionMarks { criterion: id, marks } in given {
            if !seen.insert(id) {
                return Err(Error::invalid("criterion_twice", format!("The criterion `{id}` is named twice.")));
            }
            let position = self.criteria.iter().position(|grade| grade.criterion == *id);
            let unknown = || Error::invalid("criterion_unknown", format!("This answer has no criterion `{id}`."));
            let position = position.ok_or_else(unknown)?;
            self.check_marks(position, *marks, step)?;
            criteria[position].marks = *marks;
        }
        self.decide(DecisionKind::Overridden, criteria, comment.filter(|text| !text.trim().is_empty()), by)
    }

    fn check_marks(&self, position: usize, marks: Marks, step: Marks) -> Result<()> {
        let CriterionGrade { criterion: id, min_marks, max_marks, marks: now, .. } = &self.criteria[position];
        if marks < *min_marks || marks > *max_marks {
            let message = format!("The criterion `{id}` may have {min_marks} to {max_marks} marks, not {marks}.");
            return Err(Error::invalid("marks_out_of_range", message));
        }
        let machine = self.decided.as_ref().map(|decided| decided.machine.criteria[position].marks);
        let is_given_already = marks == *now || Some(marks) == machine;
        if is_given_already || marks == *max_marks || marks == *min_marks || marks.is_multiple_of(step) {
            return Ok(());
        }
        let message = format!("This guide's marks go in steps of {step}; the criterion `{id}` can't have {marks}.");
        Err(Error::invalid("marks_off_step", message))
    }

    /// Puts another grade of the machine in the place of one that nobody has decided about.
    ///
    /// # Errors
    /// `already_decided`.
    pub fn rescore(&mut self, machine: Self) -> Result<()> {
        if self.decision().is_some() {
            return Err(Error::conflict("already_decided", "A person has decided about this answer."));
        }
        let earlier = self.decided.take().map(|decided| decided.earlier).unwrap_or_default();
        *self = machine.behind(earlier);
        Ok(())
    }

    /// The machine's grade by another version of the guide, in the place of this one by version `guide_version`. If a person
    /// had decided, a person must look again, and finds what was decided.
    #[must_use]
    pub fn regraded(self, machine: Self, guide_version: u32) -> Self {
        let Some(Decided { decisions, mut earlier, .. }) = self.decided else { return machine };
        if !decisions.is_empty() {
            let (marks, max_marks) = (self.marks, self.max_marks);
            earlier.push(EarlierGrade { guide_version, marks, max_marks, decisions });
        }
        machine.behind(earlier)
    }

    /// The machine's grade of an answer that persons had decided by an earlier version of the guide.
    fn behind(mut self, earlier: Vec<EarlierGrade>) -> Self {
        let Some(last) = earlier.last() else { return self };
        self.review_reason = Some(format!(
            "The marking guide has changed since a person gave {} of {} marks. Please look at it again.",
            last.marks, last.max_marks
        ));
        self.decided = Some(Decided { machine: self.machine(), decisions: Vec::new(), earlier });
        self
    }

    /// Takes the last decision back: the one before counts again, or the machine's grade.
    ///
    /// # Errors
    /// `nothing_to_undo`.
    pub fn undo(&mut self) -> Result<()> {
        let nothing = || Error::conflict("nothing_to_undo", "Nobody has decided about this answer.");
        let decided = self.decided.as_mut().ok_or_else(nothing)?;
        decided.decisions.pop().ok_or_else(nothing)?;
        self.settle();
        Ok(())
    }

    fn decide(
        &mut self,
        kind: DecisionKind,
        criteria: Vec<CriterionMarks>,
        comment: Option<String>,
        by: By,
    ) -> Result<()> {
        let machine = self.machine();
        let decided = self.decided.get_or_insert(Decided { machine, decisions: Vec::new(), earlier: Vec::new() });
        if decided.decisions.len() >= DECISIONS {
            let message = "This answer was decided too often. Undo a decision first.";
            return Err(Error::conflict("decisions_too_many", message));
        }
        decided.decisions.push(Decision { kind, by: by.principal, at: by.at, criteria, comment });
        self.settle();
        Ok(())
    }

    /// The grade as a machine's, before anybody has decided.
    fn machine(&self) -> MachineGrade {
        let criterion = |grade: &CriterionGrade| MachineCriterion {
            criterion: grade.criterion.clone(),
            marks: grade.marks,
            confidence: grade.confidence,
            reason: grade.reason.clone(),
            level: grade.level.clone(),
            missing: grade.missing.clone(),
            feedback: grade.feedback.clone(),
        };
        MachineGrade {
            marks: self.marks,
            confidence: self.confidence,
            review_reason: self.review_reason.clone(),
            criteria: self.criteria.iter().map(criterion).collect(),
        }
    }

    /// Puts into force what was decided last, or what the machine had said.
    fn settle(&mut self) {
        let Some(Decided { machine, decisions, earlier }) = self.decided.take() else { return };
        let Some(last) = decisions.last() else {
            for (grade, machine) in self.criteria.iter_mut().zip(&machine.criteria) {
                grade.confidence = machine.confidence;
                grade.give(machine.marks, machine);
            }
            (self.confidence, self.review_reason) = (machine.confidence, machine.review_reason.clone());
            self.add_up();
            self.decided = (!earlier.is_empty()).then_some(Decided { machine, decisions, earlier });
            return;
        };
        for ((grade, machine), given) in self.criteria.iter_mut().zip(&machine.criteria).zip(&last.criteria) {
            grade.give(given.marks, machine);
            grade.confidence = 1.0;
        }
        self.add_up();
        (self.confidence, self.review_reason) = (1.0, None);
        self.decided = Some(Decided { machine, decisions, earlier });
    }
}

impl CriterionGrade {
    /// Gives these marks: with the machine's words where they are the machine's marks, else without them.
    fn give(&mut self, marks: Marks, machine: &MachineCriterion) {
        self.marks = marks;
        if marks == machine.marks {
            self.reason.clone_from(&machine.reason);
            self.level.clone_from(&machine.level);
            self.missing.clone_from(&machine.missing);
            self.feedback.clone_from(&machine.feedback);
            return;
        }
        let most = if self.max_marks > Marks::ZERO { self.max_marks } else { self.min_marks };
        self.reason = format!("A person has given {marks} of {most}.");
        (self.level, self.missing, self.feedback) = (None, Vec::new(), String::new());
    }
}

impl Feedback {
    /// The grade of the answer to this question.
    ///
    /// # Errors
    /// `not_found`.
    pub fn answer_mut(&mut self, question: &str) -> Result<&mut AnswerGrade> {
        self.questions.iter_mut().find(|grade| grade.question == question).ok_or_else(Error::not_found)
    }

    /// Adds everything up again. `remarks` are reasons for a person to look that belong to no question.
    pub fn add_up(&mut self, remarks: &[String]) {
        self.choose_best();
        let counting = || self.questions.iter().filter(|grade| grade.counts);
        self.marks = counting().map(|grade| grade.marks).sum::<Marks>().max(Marks::ZERO);
        self.max_marks = counting().map(|grade| grade.max_marks).sum();
        self.confidence = self.questions.iter().map(|grade| grade.confidence).fold(1.0, f64::min);
        let reason = |grade: &AnswerGrade| {
            let reason = grade.review_reason.as_ref()?;
            Some(format!("Question {}: {reason}", grade.question))
        };
        self.review_reasons = self.questions.iter().filter_map(reason).chain(remarks.iter().cloned()).collect();
    }

    /// Of questions of which only the best count, says which do: those with the most marks, of equals the earlier.
    fn choose_best(&mut self) {
        self.questions.iter_mut().for_each(|grade| grade.counts = true);
        for best in &self.best_of {
            let members = self.questions.iter_mut().filter(|grade| best.questions.contains(&grade.question));
            let mut members: Vec<&mut AnswerGrade> = members.collect();
            members.sort_by_key(|grade| std::cmp::Reverse(grade.marks)); // keeps the order of equals
            members.into_iter().skip(best.count as usize).for_each(|grade| grade.counts = false);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ulid::Ulid;

    use super::*;
    use crate::{
        guide::BestOf,
        id::{AssessmentId, SubmissionId, UserId},
        totals::{CriterionGroup, GroupRule, Totals},
    };

    fn criterion(id: &str, marks: Marks, max_marks: Marks) -> CriterionGrade {
        CriterionGrade {
            criterion: id.to_owned(),
            description: "Says it".to_owned(),
            marks,
            max_marks,
            min_marks: Marks::ZERO,
            level: None,
            confidence: 0.4,
            reason: "The answer doesn't say it.".to_owned(),
            missing: Vec::new(),
            feedback: String::new(),
            evidence: None,
        }
    }

    fn answer(question: &str, marks: &[(i64, i64)]) -> AnswerGrade {
        let marks = marks.iter().map(|(marks, max)| (Marks::from_thousandths(*marks), Marks::from_thousandths(*max)));
        let criteria: Vec<CriterionGrade> =
            marks.enumerate().map(|(number, (marks, max))| criterion(&number.to_string(), marks, max)).collect();
        AnswerGrade {
            question: question.to_owned(),
            answer: "x".to_owned(),
            marks: criteria.iter().map(|criterion| criterion.marks).sum(),
            max_marks: criteria.iter().map(|criterion| criterion.max_marks).sum(),
            totals: None,
            total_reason: None,
            counts: true,
            confidence: 0.4,
            review_reason: Some("Unclear.".to_owned()),
            criteria,
            decided: None,
        }
    }

    fn feedback(questions: Vec<AnswerGrade>) -> Feedback {
        let mut feedback = Feedback {
            schema_version: 1,
            assessment: AssessmentId::new(Ulid::from(1)),
            submission: SubmissionId::new(Ulid::from(2)),
            guide_version: 1,
            reading_engine: "reader".to_owned(),
            grading_engine: "grader".to_owned(),
            marks: Marks::ZERO,
            max_marks: Marks::ZERO,
            confidence: 1.0,
            review_reasons: Vec::new(),
            questions,
            best_of: Vec::new(),
            tray: Vec::new(),
        };
        feedback.add_up(&[]);
        feedback
    }

    fn by(number: u128) -> By {
        By { principal: Principal::User(UserId::new(Ulid::from(number))), at: Timestamp::UNIX_EPOCH }
    }

    fn marks(criterion: &str, thousandths: i64) -> CriterionMarks {
        CriterionMarks { criterion: criterion.to_owned(), marks: Marks::from_thousandths(thousandths) }
    }

    const HALF: Marks = Marks::from_thousandths(500);

    #[test]
    fn an_override_says_who_and_what_the_machine_had_said() {
        let mut grade = answer("1", &[(0, 1000), (1000, 1000)]);
        let comment = Some("It says so in the margin.".to_owned());
        grade.override_marks(&[marks("0", 500)], HALF, comment, by(7)).unwrap();
        assert_eq!((grade.marks, grade.review_reason.clone()), (Marks::from_thousandths(1500), None));
        assert_eq!(grade.criteria[0].reason, "A person has given 0.5 of 1.");
        assert_eq!(grade.criteria[1].reason, "The answer doesn't say it.");
        let decided = grade.decided.as_ref().unwrap();
        assert_eq!((decided.machine.marks, decided.machine.confidence), (Marks::whole(1), 0.4));
        let last = grade.decision().unwrap();
        assert_eq!((last.kind, last.by), (DecisionKind::Overridden, by(7).principal));
        assert_eq!(last.criteria, [marks("0", 500), marks("1", 1000)]);
    }

    #[test]
    fn undoing_everything_leaves_the_machine_s_grade() {
        let machine = answer("1", &[(0, 1000), (333, 1000)]);
        let mut grade = machine.clone();
        grade.confirm(by(1)).unwrap();
        grade.override_marks(&[marks("0", 1000)], HALF, None, by(2)).unwrap();
        grade.undo().unwrap();
        let last = grade.decision().unwrap();
        assert_eq!((last.kind, last.by, grade.marks), (DecisionKind::Confirmed, by(1).principal, machine.marks));
        grade.undo().unwrap();
        assert_eq!(grade, machine);
        assert_eq!(grade.undo().unwrap_err().code(), "nothing_to_undo");
    }

    #[test]
    fn marks_that_a_criterion_cannot_have_are_refused() {
        let mut grade = answer("1", &[(333, 1000), (250, 250)]);
        let before = grade.clone();
        let mut refused = |given: &[CriterionMarks]| {
            let error = grade.override_marks(given, HALF, None, by(1)).unwrap_err();
            assert_eq!(grade, before);
            error.code()
        };
        assert_eq!(refused(&[marks("0", 1500)]), "marks_out_of_range");
        assert_eq!(refused(&[marks("0", -500)]), "marks_out_of_range");
        assert_eq!(refused(&[marks("0", 400)]), "marks_off_step");
        assert_eq!(refused(&[marks("9", 0)]), "criterion_unknown");
        assert_eq!(refused(&[marks("0", 0), marks("0", 500)]), "criterion_twice");
        assert_eq!(refused(&[marks("0", 500), marks("1", 300)]), "marks_out_of_range");
        let long = Some("x".repeat(COMMENT_CHARACTERS + 1));
        assert_eq!(grade.override_marks(&[], HALF, long, by(1)).unwrap_err().code(), "comment_invalid");
        // All that a criterion has, and what the machine gave, may be given whatever the step.
        grade.override_marks(&[marks("0", 500), marks("1", 250)], HALF, None, by(1)).unwrap();
        grade.override_marks(&[marks("0", 333)], HALF, None, by(1)).unwrap();
        assert_eq!(grade.marks, before.marks);
    }

    #[test]
    fn the_machine_has_no_second_word_after_a_person() {
        let mut grade = answer("1", &[(0, 1000)]);
        let again = answer("1", &[(1000, 1000)]);
        grade.rescore(again.clone()).unwrap();
        assert_eq!(grade, again);
        grade.confirm(by(1)).unwrap();
        let decided = grade.clone();
        assert_eq!(grade.rescore(answer("1", &[(0, 1000)])).unwrap_err().code(), "already_decided");
        assert_eq!(grade, decided);
    }

    #[test]
    fn a_changed_guide_takes_the_decision_s_place_and_leaves_it_readable() {
        let mut grade = answer("1", &[(0, 1000)]);
        grade.override_marks(&[marks("0", 500)], HALF, None, by(7)).unwrap();
        let machine = AnswerGrade { review_reason: None, ..answer("1", &[(2000, 2000)]) };
        let mut grade = grade.regraded(machine.clone(), 3);
        assert_eq!((grade.marks, grade.decision()), (machine.marks, None));
        let reason = "The marking guide has changed since a person gave 0.5 of 1 marks. Please look at it again.";
        assert_eq!(grade.review_reason.as_deref(), Some(reason));
        let regraded = grade.clone();
        let earlier = &regraded.decided.as_ref().unwrap().earlier;
        assert_eq!((earlier.len(), earlier[0].guide_version, earlier[0].marks), (1, 3, HALF));
        assert_eq!((earlier[0].decisions.len(), earlier[0].decisions[0].by), (1, by(7).principal));
        // It can be decided and taken back, and scored again, without being lost, or leaving the review by itself.
        grade.confirm(by(1)).unwrap();
        assert_eq!(grade.review_reason, None);
        grade.undo().unwrap();
        assert_eq!(grade, regraded);
        assert_eq!(grade.undo().unwrap_err().code(), "nothing_to_undo");
        let again = AnswerGrade { review_reason: None, ..answer("1", &[(1000, 2000)]) };
        grade.rescore(again.clone()).unwrap();
        assert_eq!((grade.marks, grade.review_reason.as_deref()), (again.marks, Some(reason)));
        assert_eq!(grade.decided.as_ref().unwrap().earlier, *earlier);
        // A second change keeps the first, and adds what was decided since.
        grade.confirm(by(2)).unwrap();
        let grade = grade.regraded(machine, 4);
        let versions: Vec<u32> = grade.decided.unwrap().earlier.iter().map(|earlier| earlier.guide_version).collect();
        assert_eq!(versions, [3, 4]);
        // Where nobody has decided, nothing of the machine's own word is kept.
        let plain = answer("1", &[(0, 1000)]).regraded(again.clone(), 3);
        assert_eq!(plain, again);
    }

    #[test]
    fn decisions_have_an_end() {
        let mut grade = answer("1", &[(0, 1000)]);
        for _ in 0..DECISIONS {
            grade.confirm(by(1)).unwrap();
        }
        assert_eq!(grade.confirm(by(1)).unwrap_err().code(), "decisions_too_many");
        grade.undo().unwrap();
    }

    #[test]
    fn a_remark_stays_when_every_answer_is_decided() {
        let mut feedback = feedback(vec![answer("1", &[(0, 1000)]), answer("2", &[(0, 1000)])]);
        assert_eq!(feedback.review_reasons, ["Question 1: Unclear.", "Question 2: Unclear."]);
        feedback.answer_mut("1").unwrap().confirm(by(1)).unwrap();
        feedback.add_up(&["File 2 could not be read.".to_owned()]);
        assert_eq!(feedback.review_reasons, ["Question 2: Unclear.", "File 2 could not be read."]);
        assert!(feedback.answer_mut("3").is_err());
    }

    #[test]
    fn a_decision_adds_up_by_the_question_s_rules_and_can_be_taken_back() {
        let mut machine = answer("1", &[(1000, 1000), (0, 1000), (1000, 1000)]);
        let group = CriterionGroup {
            rule: GroupRule::AtMost,
            criteria: ["0", "1", "2"].map(str::to_owned).to_vec(),
            marks: Some(Marks::whole(2)),
        };
        machine.totals = Some(Totals { groups: vec![group], minimum: Marks::ZERO });
        machine.max_marks = Marks::whole(2);
        machine.criteria[1].missing = vec!["light".to_owned()];
        machine.criteria[1].feedback = "You wrote nothing of light.".to_owned();
        let mut grade = machine.clone();
        grade.override_marks(&[marks("1", 1000)], HALF, None, by(1)).unwrap();
        assert_eq!((grade.marks, grade.total_reason.is_some()), (Marks::whole(2), true));
        assert_eq!((grade.criteria[1].missing.len(), grade.criteria[1].feedback.as_str()), (0, ""));
        grade.undo().unwrap();
        assert_eq!(grade, machine);
    }

    #[test]
    fn what_takes_marks_off_may_have_fewer_than_none() {
        let mut grade = answer("1", &[(1000, 1000), (0, 0)]);
        grade.criteria[1].min_marks = Marks::from_thousandths(-500);
        grade.override_marks(&[marks("1", -500)], HALF, None, by(1)).unwrap();
        assert_eq!((grade.marks, grade.criteria[1].reason.as_str()), (HALF, "A person has given -0.5 of -0.5."));
        let error = grade.override_marks(&[marks("1", -1000)], HALF, None, by(1)).unwrap_err();
        assert_eq!(error.code(), "marks_out_of_range");
        grade.override_marks(&[marks("0", 0)], HALF, None, by(1)).unwrap();
        assert_eq!(grade.marks, Marks::ZERO, "never less than the floor");
    }

    #[test]
    fn of_optional_questions_the_best_count() {
        let answers = [("1", 1000), ("2", 500), ("3", 2000), ("4", 1000)];
        let mut all = feedback(answers.map(|(label, marks)| answer(label, &[(marks, 2000)])).to_vec());
        all.best_of = vec![BestOf { count: 2, questions: ["1", "3", "4"].map(str::to_owned).to_vec() }];
        all.add_up(&[]);
        let counting = |all: &Feedback| all.questions.iter().map(|grade| grade.counts).collect::<Vec<_>>();
        assert_eq!(counting(&all), [true, true, true, false]);
        assert_eq!((all.marks.to_string().as_str(), all.max_marks), ("3.5", Marks::whole(6)));
        // Other marks for one of them, and another one counts.
        all.answer_mut("4").unwrap().override_marks(&[marks("0", 2000)], HALF, None, by(1)).unwrap();
        all.add_up(&[]);
        assert_eq!(counting(&all), [false, true, true, true]);
        assert_eq!(all.marks.to_string(), "4.5");
    }

    proptest! {
        #[test]
        fn totals_add_up_exactly_after_any_decisions(
            answers in proptest::collection::vec(proptest::collection::vec((0_i64..=8, 1_i64..=8), 1..5), 1..6),
            steps in proptest::collection::vec((0_usize..6, 0_usize..5, -1_i64..=10, 0_u8..4), 0..40),
        ) {
            let unit = 125;
            let graded = |(number, criteria): (usize, &Vec<(i64, i64)>)| {
                let criteria: Vec<_> = criteria.iter().map(|(marks, max)| (marks.min(max) * unit, max * unit)).collect();
                answer(&number.to_string(), &criteria)
            };
            let mut feedback = feedback(answers.iter().enumerate().map(graded).collect());
            for (question, criterion, value, kind) in steps {
                let Ok(grade) = feedback.answer_mut(&question.to_string()) else { continue };
                let before = grade.clone();
                let done = match kind {
                    0 => grade.confirm(by(1)),
                    1 => grade.undo(),
                    _ => {
                        let given = [marks(&criterion.to_string(), value * unit)];
                        grade.override_marks(&given, Marks::from_thousandths(unit), None, by(2))
                    }
                };
                if done.is_err() {
                    prop_assert_eq!(&before, &*grade);
                }
                feedback.add_up(&[]);
                let mut total = 0;
                for grade in &feedback.questions {
                    let sum: i64 = grade.criteria.iter().map(|criterion| criterion.marks.thousandths()).sum();
                    prop_assert_eq!(grade.marks.thousandths(), sum);
                    prop_assert!(grade.criteria.iter().all(|c| c.marks >= Marks::ZERO && c.marks <= c.max_marks));
                    total += sum;
                }
                prop_assert_eq!(feedback.marks.thousandths(), total);
                let doubtful = feedback.questions.iter().filter(|grade| grade.decision().is_none()).count();
                prop_assert_eq!(feedback.review_reasons.len(), doubtful);
            }
        }
    }
}
