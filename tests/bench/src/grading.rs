//! `bench grading`: how well marks agree with teachers', and how long an answer takes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Marks,
    answer::Answer,
    guide::{Criteria, Criterion, Marking, Question},
};
use smartscripts_grading::Grader;

use crate::{
    Outcome,
    agreement::{Pair, agreement, pearson, rmse, weighted_kappa},
};

/// Difference from the teacher's mark, as a share of the maximum, up to which an accepted mark counts as agreeing.
const AGREES: f64 = 0.25;

/// Options of `bench grading`.
#[derive(Args)]
pub struct Options {
    /// Rows `{dataset, question_id, question, reference_answers, rubric, student_answer, score, max_score, label}` as
    /// JSON lines.
    #[arg(long)]
    data: PathBuf,
    /// Where the result is written.
    #[arg(long)]
    out: PathBuf,
    /// Only the first so many rows.
    #[arg(long)]
    limit: Option<usize>,
    /// The model files.
    #[arg(long, default_value = ".local/models")]
    models: PathBuf,
}

#[derive(Deserialize)]
pub(crate) struct Item {
    pub dataset: String,
    pub question_id: String,
    pub question: String,
    pub reference_answers: Vec<String>,
    #[serde(default)]
    pub rubric: Option<Vec<KeyElement>>,
    pub student_answer: String,
    pub score: f64,
    pub max_score: f64,
    #[serde(default)]
    pub label: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct KeyElement {
    key_element: String,
    points: f64,
}

#[derive(Serialize)]
struct Row {
    dataset: String,
    question_id: String,
    /// The teacher's mark and ours, as shares of the maximum.
    teacher: f64,
    ours: f64,
    confidence: f64,
    /// Whether no person need look.
    auto: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_correct: Option<bool>,
    ms: f64,
}

#[derive(Serialize)]
struct Summary {
    n: usize,
    pearson: f64,
    /// As a share of the maximum.
    rmse: f64,
    qwk: f64,
    /// Right or not right, where the data says so; ours counts as right from half the marks.
    #[serde(skip_serializing_if = "Option::is_none")]
    acc_2way: Option<f64>,
    /// Share of the answers that no person need look at, and how often those agree within a quarter of the maximum.
    auto_share: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_agreement: Option<f64>,
    ms_per_answer: f64,
}

#[derive(Serialize)]
struct Report {
    engine: &'static str,
    summary: BTreeMap<String, Summary>,
    rows: Vec<Row>,
}

/// Grades every answer of the data and prints and writes what came out.
pub fn run(options: &Options) -> Outcome<()> {
    let grader = Grader::load(&options.models)?;
    let items = items(&options.data, options.limit)?;
    let mut rows = Vec::with_capacity(items.len());
    let mut last_word = Instant::now();
    for (number, item) in items.iter().enumerate() {
        rows.push(grade(&grader, item)?);
        if last_word.elapsed() > Duration::from_secs(5) {
            eprintln!("{}/{}", number + 1, items.len());
            last_word = Instant::now();
        }
    }
    let mut datasets: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        datasets.entry(row.dataset.clone()).or_default().push(row);
    }
    let summary = datasets.into_iter().map(|(dataset, rows)| (dataset, summary(&rows))).collect();
    let report = Report { engine: Grader::ENGINE, summary, rows };
    print(&report);
    fs::write(&options.out, serde_json::to_string_pretty(&report)?)?;
    Ok(())
}

/// The rows of a file.
pub(crate) fn items(file: &Path, limit: Option<usize>) -> Outcome<Vec<Item>> {
    let data = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = data.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let items = lines.take(limit.unwrap_or(usize::MAX)).map(|(number, line)| {
        serde_json::from_str(line)
            .map_err(|error| format!("{} line {}: {error}", file.display(), number + 1).into())
    });
    items.collect()
}

fn grade(grader: &Grader, item: &Item) -> Outcome<Row> {
    let question = question(item);
    let start = Instant::now();
    let grade = grader.grade(&question, &Answer::typed(&item.student_answer))?;
    Ok(Row {
        dataset: item.dataset.clone(),
        question_id: item.question_id.clone(),
        teacher: (item.score / item.max_score).clamp(0.0, 1.0),
        ours: grade.marks.as_f64() / grade.max_marks.as_f64(),
        confidence: grade.confidence,
        auto: grade.review_reason.is_none(),
        is_correct: item.label.as_ref().map(|label| label == "correct"),
        ms: start.elapsed().as_secs_f64() * 1000.0,
    })
}

/// The guide's question: a criterion for each key element, or one for the model answers as a whole.
pub(crate) fn question(item: &Item) -> Question {
    let criterion = |id: usize, description: &str, points: f64| Criterion {
        id: format!("c{id}"),
        description: description.to_owned(),
        marks: Marks::from_thousandths((points * 1000.0).round().max(1.0) as i64),
        accepted_phrasings: Vec::new(),
    };
    let criteria: Vec<Criterion> = match &item.rubric {
        Some(elements) if !elements.is_empty() => elements
            .iter()
            .enumerate()
            .map(|(index, element)| criterion(index + 1, &element.key_element, element.points))
            .collect(),
        _ => {
            let description = item.reference_answers.first().map_or(item.question.as_str(), String::as_str);
            vec![criterion(1, description, item.max_score)]
        }
    };
    Question {
        label: "1".to_owned(),
        text: item.question.clone(),
        marks: criteria.iter().map(|criterion| criterion.marks).sum(),
        marking: Marking::Explanation(Criteria { reference_answers: item.reference_answers.clone(), criteria }),
    }
}

fn summary(rows: &[&Row]) -> Summary {
    let pair = |row: &&Row| -> Pair { (row.teacher, row.ours) };
    let pairs: Vec<Pair> = rows.iter().map(pair).collect();
    let auto: Vec<Pair> = rows.iter().filter(|row| row.auto).map(pair).collect();
    let labelled = rows.iter().filter_map(|row| Some((row.is_correct?, row.ours >= 0.5)));
    let labelled: Vec<Pair> = labelled.map(|(a, b)| (f64::from(u8::from(a)), f64::from(u8::from(b)))).collect();
    let n = rows.len();
    Summary {
        n,
        pearson: pearson(&pairs),
        rmse: rmse(&pairs),
        qwk: weighted_kappa(&pairs),
        acc_2way: agreement(&labelled, 0.0),
        auto_share: auto.len() as f64 / n.max(1) as f64,
        auto_agreement: agreement(&auto, AGREES),
        ms_per_answer: rows.iter().map(|row| row.ms).sum::<f64>() / n.max(1) as f64,
    }
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn print(report: &Report) {
    println!("{}", report.engine);
    println!(
        "{:24} {:>6} {:>8} {:>8} {:>6} {:>6} {:>10} {:>10} {:>9}",
        "dataset", "n", "pearson", "rmse/max", "qwk", "2-way", "auto share", "agreement", "ms/answer"
    );
    let share = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    for (dataset, row) in &report.summary {
        println!(
            "{dataset:24} {:6} {:8.3} {:8.3} {:6.3} {:>6} {:10.3} {:>10} {:9.1}",
            row.n,
            row.pearson,
            row.rmse,
            row.qwk,
            share(row.acc_2way),
            row.auto_share,
            share(row.auto_agreement),
            row.ms_per_answer
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(rubric: &str) -> Item {
        let row = format!(
            r#"{{"dataset": "d", "question_id": "1", "question": "Why?", "reference_answers": ["Because."],
            "rubric": {rubric}, "student_answer": "x", "score": 1, "max_score": 2, "label": null}}"#
        );
        serde_json::from_str(&row).unwrap()
    }

    #[test]
    fn a_rubric_makes_a_criterion_of_each_element_and_none_makes_one_of_the_model_answer() {
        let elements = r#"[{"key_element": "a", "points": 0.25}, {"key_element": "b", "points": 0.75}]"#;
        let with = question(&item(elements));
        assert_eq!((with.criteria().len(), with.marks), (2, Marks::whole(1)));
        let without = question(&item("null"));
        assert_eq!((without.criteria().len(), without.marks), (1, Marks::whole(2)));
        assert_eq!(without.criteria()[0].description, "Because.");
    }
}
