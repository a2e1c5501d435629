//! `reading.json`: whatever it says, it is refused, or split, composed into feedback, and drawn.

#![no_main]

use std::sync::LazyLock;

use image::RgbImage;
use libfuzzer_sys::fuzz_target;
use smartscripts_domain::{
    Marks,
    answer::Answer,
    feedback::{AnswerGrade, CriterionGrade, Evidence, EvidenceBox},
    guide::{Guide, Question},
    id::{AssessmentId, SubmissionId},
    reading::Reading,
};
use smartscripts_feedback::{Graded, annotate, compose};
use smartscripts_reading::split::split;
use ulid::Ulid;

static GUIDE: LazyLock<Guide> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../sample-class/guide.json")).expect("the sample class has a guide")
});

fuzz_target!(|content: &[u8]| {
    let Ok(reading) = serde_json::from_slice::<Reading>(content) else { return };
    let written = serde_json::to_vec(&reading).expect("a reading can be written");
    let again = serde_json::from_slice::<Reading>(&written).expect("what was written can be read");
    assert_eq!(reading, again);

    let split = split(&reading, &GUIDE);
    let lines: usize = reading.pages.iter().map(|page| page.lines.len()).sum();
    let assigned = split.tray.len() + split.answers.iter().map(|answer| answer.lines.len()).sum::<usize>();
    assert_eq!(lines, assigned, "every line is an answer's or in the tray");

    let answers = GUIDE.questions.iter().zip(&split.answers);
    let grades = answers.map(|(question, own)| grade(question, &Answer::collect(&reading, &own.lines))).collect();
    let feedback = compose(Graded {
        assessment: AssessmentId::new(Ulid::from(1)),
        submission: SubmissionId::new(Ulid::from(2)),
        guide: &GUIDE,
        guide_version: 1,
        grading_engine: "none",
        grades,
        reading: &reading,
        tray: &split.tray,
    })
    .expect("every question has a grade");
    let paper = RgbImage::from_pixel(62, 88, image::Rgb([255; 3]));
    for page in reading.pages.iter().take(2) {
        annotate(page, &paper, &feedback).expect("the page can be drawn");
    }
});

/// A grade whose evidence is the whole answer.
fn grade(question: &Question, answer: &Answer) -> AnswerGrade {
    let places = answer.words.iter().filter_map(|word| Some(EvidenceBox { page: word.page, quad: word.quad? }));
    let evidence = Evidence { start: 0, end: answer.text.len(), text: answer.text.clone(), boxes: places.collect() };
    let criterion = CriterionGrade {
        criterion: "all".to_owned(),
        description: question.text.clone(),
        marks: Marks::whole(1),
        max_marks: question.marks,
        min_marks: Marks::ZERO,
        level: None,
        confidence: 0.5,
        missing: Vec::new(),
        feedback: String::new(),
        reason: "As in the guide.".to_owned(),
        evidence: (!answer.words.is_empty()).then_some(evidence),
    };
    AnswerGrade {
        question: question.label.clone(),
        answer: answer.text.clone(),
        marks: Marks::whole(1),
        max_marks: question.marks,
        totals: None,
        total_reason: None,
        counts: true,
        confidence: 0.5,
        review_reason: None,
        criteria: vec![criterion],
        decided: None,
    }
}
