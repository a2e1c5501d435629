//! From the grades of the questions to the feedback on the submission.

use smartscripts_domain::{
    Error, Marks, Result,
    answer::LineRef,
    feedback::{AnswerGrade, Feedback, TrayLine},
    guide::{BestOf, Guide},
    id::{AssessmentId, SubmissionId},
    reading::Reading,
};

/// A submission of which every question is graded.
pub struct Graded<'a> {
    /// The assessment.
    pub assessment: AssessmentId,
    /// The submission.
    pub submission: SubmissionId,
    /// The guide that it was graded with.
    pub guide: &'a Guide,
    /// The guide's version.
    pub guide_version: u32,
    /// Engine that graded the answers.
    pub grading_engine: &'a str,
    /// One grade for each question, in any order.
    pub grades: Vec<AnswerGrade>,
    /// What was read on the pages.
    pub reading: &'a Reading,
    /// Lines that fit no question.
    pub tray: &'a [LineRef],
}

/// Puts the grades together in the guide's order, with totals, the lowest confidence, and every reason for a review.
///
/// # Errors
/// `internal` when a question has no grade: a total would then be wrong without anyone noticing.
pub fn compose(graded: Graded) -> Result<Feedback> {
    let mut grades = graded.grades;
    let mut questions = Vec::with_capacity(graded.guide.questions.len());
    for question in &graded.guide.questions {
        let position = grades.iter().position(|grade| grade.question == question.label);
        let missing = || Error::internal(format!("question {} of {} has no grade", question.label, graded.submission));
        questions.push(grades.swap_remove(position.ok_or_else(missing)?));
    }
    excuse_what_was_not_chosen(&graded.guide.best_of, &mut questions);
    let mut feedback = Feedback {
        schema_version: Feedback::SCHEMA_VERSION,
        assessment: graded.assessment,
        submission: graded.submission,
        guide_version: graded.guide_version,
        reading_engine: graded.reading.engine.clone(),
        grading_engine: graded.grading_engine.to_owned(),
        marks: Marks::ZERO,
        max_marks: Marks::ZERO,
        confidence: 1.0,
        review_reasons: Vec::new(),
        tray: graded.tray.iter().filter_map(|line| tray_line(graded.reading, *line)).collect(),
        questions,
        best_of: graded.guide.best_of.clone(),
    };
    feedback.add_up(&[]);
    Ok(feedback)
}

/// Of questions of which only the best answers count, those without an answer are no reason for a review where the others
/// are enough: the student has chosen.
fn excuse_what_was_not_chosen(best_of: &[BestOf], questions: &mut [AnswerGrade]) {
    let is_empty = |grade: &AnswerGrade| grade.answer.trim().is_empty();
    for best in best_of {
        let is_member = |grade: &&mut AnswerGrade| best.questions.contains(&grade.question);
        let mut members: Vec<&mut AnswerGrade> = questions.iter_mut().filter(is_member).collect();
        let answered = members.iter().filter(|grade| !is_empty(grade)).count();
        if answered >= best.count as usize {
            members.retain(|grade| is_empty(grade));
            for grade in members {
                (grade.review_reason, grade.confidence) = (None, 1.0);
            }
        }
    }
}

/// Whether a person must look at it before it counts.
#[must_use]
pub fn needs_review(feedback: &Feedback) -> bool {
    !feedback.review_reasons.is_empty()
}

/// The words of a line that are not claimed; none when there are none.
fn tray_line(reading: &Reading, reference: LineRef) -> Option<TrayLine> {
    let page = reading.pages.iter().find(|page| page.page == reference.page)?;
    let words = &page.lines.get(reference.line as usize)?.words;
    let text: Vec<&str> = words.iter().skip(reference.first_word as usize).map(|word| word.text.as_str()).collect();
    (!text.is_empty()).then(|| TrayLine { page: reference.page, text: text.join(" ") })
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::{
        guide::{Marking, Numeric, Question},
        reading::{Line, PageReading, Source, Word},
    };

    use super::*;

    fn grade(question: &str, thousandths: i64, confidence: f64, review: Option<&str>) -> AnswerGrade {
        AnswerGrade {
            question: question.to_owned(),
            answer: "5".to_owned(),
            marks: Marks::from_thousandths(thousandths),
            max_marks: Marks::whole(2),
            totals: None,
            total_reason: None,
            counts: true,
            confidence,
            review_reason: review.map(str::to_owned),
            criteria: Vec::new(),
            decided: None,
        }
    }

    fn guide() -> Guide {
        let numeric = Numeric {
            value: 5.0,
            tolerance: 0.0,
            units: Vec::new(),
            unit_marks: Marks::ZERO,
            converts_units: true,
            significant_figures: None,
            significant_figures_marks: Marks::ZERO,
        };
        let question = |label: &str| Question {
            label: label.to_owned(),
            text: String::new(),
            marks: Marks::whole(2),
            minimum: Marks::ZERO,
            marking: Marking::Numeric(numeric.clone()),
        };
        Guide {
            schema_version: 1,
            title: "Test".to_owned(),
            total_marks: Marks::whole(4),
            questions: vec![question("1"), question("2")],
            best_of: Vec::new(),
        }
    }

    fn reading() -> Reading {
        let word = |text: &str| Word::new(text, 1.0, None);
        let words = vec![word("Ada"), word("Lovelace")];
        let line = Line { text: "Ada Lovelace".to_owned(), confidence: 1.0, quad: None, words };
        let page = PageReading {
            page: 1,
            file: 1,
            width: 0,
            height: 0,
            source: Source::Typed,
            lines: vec![line],
            failure: None,
        };
        Reading { schema_version: 1, engine: "reader 1".to_owned(), pages: vec![page] }
    }

    fn composed(grades: Vec<AnswerGrade>, tray: &[LineRef]) -> Result<Feedback> {
        compose(Graded {
            assessment: AssessmentId::new(ulid::Ulid::from(1)),
            submission: SubmissionId::new(ulid::Ulid::from(2)),
            guide: &guide(),
            guide_version: 3,
            grading_engine: "grader 1",
            grades,
            reading: &reading(),
            tray,
        })
    }

    #[test]
    fn totals_follow_the_guide_s_order() {
        let feedback = composed(vec![grade("2", 500, 0.7, None), grade("1", 2000, 0.9, None)], &[]).unwrap();
        assert_eq!(feedback.questions.iter().map(|q| q.question.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((feedback.marks.to_string().as_str(), feedback.max_marks), ("2.5", Marks::whole(4)));
        assert!((feedback.confidence - 0.7).abs() < 1e-9 && !needs_review(&feedback));
        assert_eq!((feedback.reading_engine.as_str(), feedback.grading_engine.as_str()), ("reader 1", "grader 1"));
    }

    #[test]
    fn a_doubt_about_one_question_is_a_review_of_the_submission() {
        let feedback = composed(vec![grade("1", 0, 0.5, Some("Unclear.")), grade("2", 0, 0.9, None)], &[]).unwrap();
        assert_eq!(feedback.review_reasons, ["Question 1: Unclear."]);
        assert!(needs_review(&feedback));
    }

    #[test]
    fn the_tray_keeps_its_words_and_passes_over_what_is_not_there() {
        let line = |line, first_word| LineRef { page: 1, line, first_word };
        let grades = vec![grade("1", 0, 0.9, None), grade("2", 0, 0.9, None)];
        let feedback = composed(grades, &[line(0, 0), line(0, 1), line(0, 2), line(9, 0)]).unwrap();
        let texts: Vec<&str> = feedback.tray.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["Ada Lovelace", "Lovelace"]);
    }

    #[test]
    fn a_missing_grade_is_an_error() {
        let error = composed(vec![grade("1", 0, 0.9, None)], &[]).unwrap_err();
        assert!(error.context().unwrap().contains("question 2"));
    }
}
