//! `bench grading`: how well marks agree with teachers', and how long an answer takes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Marks,
    answer::Answer,
    feedback::AnswerGrade,
    guide::{Criteria, Criterion, Marking, Question},
};
use smartscripts_grading::{Expected, Grader, Sketch, adapt, choose};

use crate::{
    Outcome,
    agreement::{Pair, agreement, macro_f1, pearson, rmse, weighted_kappa},
    calibration::{Calibration, diagram},
    errors::answer,
};

/// Difference from the teacher's mark, as a share of the maximum, up to which an accepted mark counts as agreeing.
const AGREES: f64 = 0.25;

/// Options of `bench grading`.
#[derive(Args)]
pub struct Options {
    /// Rows `{dataset, question_id, question, reference_answers, rubric, student_answer, score, max_score, label}` as
    /// JSON lines.
    #[arg(long, required = true)]
    data: Vec<PathBuf>,
    /// Where the reliability diagram of all sets is drawn, as SVG.
    #[arg(long)]
    diagram: Option<PathBuf>,
    /// Where the result is written.
    #[arg(long)]
    out: PathBuf,
    /// Only the first so many rows of each file.
    #[arg(long)]
    limit: Option<usize>,
    /// So many answers of each question are given as marked by the teacher; the system chooses which. They are not scored,
    /// and the others are graded with what they say.
    #[arg(long, default_value_t = 0)]
    shots: usize,
    /// Share of the answers' characters that are misread.
    #[arg(long, default_value_t = 0.0)]
    errors: f64,
    /// Grades twenty answers this many times, on 1, 2 and 8 threads, and says whether the bytes are always the same.
    #[arg(long)]
    repeat: Option<usize>,
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
    #[serde(default)]
    pub label_3way: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct KeyElement {
    key_element: String,
    points: f64,
}

/// How the question is marked, which is what confidence is calibrated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// One criterion of up to a mark: earned or not.
    Whole,
    /// One criterion of several marks, given in parts.
    Parts,
    /// Several criteria.
    Rubric,
}

impl Kind {
    fn of(question: &Question) -> Self {
        match question.criteria().as_slice() {
            [only] if only.marks <= Marks::whole(1) => Self::Whole,
            [_] => Self::Parts,
            _ => Self::Rubric,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Whole => "one criterion, whole",
            Self::Parts => "one criterion, parts",
            Self::Rubric => "several criteria",
        }
    }
}

#[derive(Serialize)]
struct Row {
    dataset: String,
    question_id: String,
    kind: Kind,
    /// The teacher's mark and ours, as shares of the maximum.
    teacher: f64,
    ours: f64,
    /// What the grader expects on average, where it marks by criteria.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<f64>,
    confidence: f64,
    /// Whether no person need look.
    auto: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_correct: Option<bool>,
    /// The teacher's label of three, and ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<(String, &'static str)>,
    words: usize,
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
    /// Of correct, contradictory and incorrect, each counting alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    macro_f1_3way: Option<f64>,
    /// Share of the answers that no person need look at, and how often those agree within a quarter of the maximum.
    auto_share: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_agreement: Option<f64>,
    /// Mean confidence of these: what was promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_promised: Option<f64>,
    /// Expected calibration error of all confidences.
    ece: f64,
    /// How much more the longest third of the answers is overrated than the shortest, as a share of the maximum.
    length_bias: f64,
    /// Mean of our marks, as a share of the maximum: with `--errors` it shows what misspelling costs.
    mean_ours: f64,
    ms_per_answer: f64,
}

#[derive(Serialize)]
struct Report {
    engine: &'static str,
    summary: BTreeMap<String, Summary>,
    /// The same of all sets together, by how the questions are marked.
    kinds: BTreeMap<&'static str, Summary>,
    rows: Vec<Row>,
}

/// Grades every answer of the data and prints and writes what came out.
pub fn run(options: &Options) -> Outcome<()> {
    let grader = Grader::load(&options.models)?;
    let mut items = Vec::new();
    for file in &options.data {
        items.extend(self::items(file, options.limit)?);
    }
    if let Some(times) = options.repeat {
        return repeat(&grader, &items, times);
    }
    let learned = learned(&grader, &items, options)?;
    let mut rows = Vec::with_capacity(items.len());
    let mut last_word = Instant::now();
    for (number, (item, learned)) in items.iter().zip(learned).enumerate() {
        match learned {
            Known::Marked => {}
            Known::Expected(expected) => rows.push(grade(&grader, item, options, Some(expected))?),
            Known::Nothing => rows.push(grade(&grader, item, options, None)?),
        }
        if last_word.elapsed() > Duration::from_secs(5) {
            eprintln!("{}/{}", number + 1, items.len());
            last_word = Instant::now();
        }
    }
    let mut datasets: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        datasets.entry(row.dataset.clone()).or_default().push(row);
    }
    let mut kinds: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        kinds.entry(row.kind.name()).or_default().push(row);
    }
    if let Some(path) = &options.diagram {
        let curves: Vec<(&String, Calibration)> =
            datasets.iter().map(|(dataset, rows)| (dataset, calibration(rows))).collect();
        let curves: Vec<(&str, &Calibration)> =
            curves.iter().map(|(dataset, calibration)| (dataset.as_str(), calibration)).collect();
        fs::write(path, diagram("Grading: how sure, how often the teacher agrees", &curves))?;
    }
    let summary = datasets.into_iter().map(|(dataset, rows)| (dataset, self::summary(&rows))).collect();
    let kinds = kinds.into_iter().map(|(kind, rows)| (kind, self::summary(&rows))).collect();
    let report = Report { engine: Grader::ENGINE, summary, kinds, rows };
    print(&report);
    fs::write(&options.out, serde_json::to_string_pretty(&report)?)?;
    Ok(())
}

/// What the teacher's marks say about an answer.
#[derive(Clone, Copy)]
enum Known {
    /// It is one of the marked ones.
    Marked,
    Expected(Expected),
    Nothing,
}

/// For each answer what the marks of the others say about it; nothing without `--shots`.
fn learned(grader: &Grader, items: &[Item], options: &Options) -> Outcome<Vec<Known>> {
    let mut known = vec![Known::Nothing; items.len()];
    if options.shots == 0 {
        return Ok(known);
    }
    let mut questions: BTreeMap<(&str, &str), Vec<(usize, Sketch)>> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(sketch) = grader.sketch(&question(item), &answer(&item.student_answer, options.errors))? {
            questions.entry((&item.dataset, &item.question_id)).or_default().push((index, sketch));
        }
    }
    for answers in questions.values() {
        let sketches: Vec<&Sketch> = answers.iter().map(|(_, sketch)| sketch).collect();
        let chosen = choose(&sketches, &[], options.shots);
        let share = |place: usize| share(&items[answers[place].0]);
        let marked: Vec<(&Sketch, f64)> = chosen.iter().map(|&place| (sketches[place], share(place))).collect();
        for ((index, _), expected) in answers.iter().zip(adapt(&marked, &sketches)) {
            known[*index] = Known::Expected(expected);
        }
        for &place in &chosen {
            known[answers[place].0] = Known::Marked;
        }
    }
    Ok(known)
}

/// The teacher's mark as a share of the maximum.
fn share(item: &Item) -> f64 {
    (item.score / item.max_score).clamp(0.0, 1.0)
}

/// Whether twenty answers, graded again and again on several threads, always give the same bytes.
#[expect(clippy::print_stdout, reason = "the answer is what the option is for")]
fn repeat(grader: &Grader, items: &[Item], times: usize) -> Outcome<()> {
    let chosen: Vec<&Item> = items.iter().step_by((items.len() / 20).max(1)).take(20).collect();
    let bytes = || -> Result<Vec<u8>, String> {
        let grades: Result<Vec<AnswerGrade>, _> =
            chosen.iter().map(|item| grader.grade(&question(item), &Answer::typed(&item.student_answer))).collect();
        serde_json::to_vec(&grades.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
    };
    let expected = bytes()?;
    for threads in [1, 2, 8] {
        let all: Vec<Result<Vec<u8>, String>> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|_| scope.spawn(|| (0..times.div_ceil(threads)).map(|_| bytes()).collect::<Vec<_>>()))
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        });
        let same = all.iter().filter(|result| result.as_ref() == Ok(&expected)).count();
        println!("{same} of {} runs of {} answers gave the same bytes on {threads} threads", all.len(), chosen.len());
        if same != all.len() || all.len() < times {
            return Err("the same answers were graded differently".into());
        }
    }
    Ok(())
}

/// The rows of a file.
pub(crate) fn items(file: &Path, limit: Option<usize>) -> Outcome<Vec<Item>> {
    let data = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = data.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let items = lines.take(limit.unwrap_or(usize::MAX)).map(|(number, line)| {
        serde_json::from_str(line).map_err(|error| format!("{} line {}: {error}", file.display(), number + 1).into())
    });
    items.collect()
}

fn grade(grader: &Grader, item: &Item, options: &Options, learned: Option<Expected>) -> Outcome<Row> {
    let question = question(item);
    let answer = answer(&item.student_answer, options.errors);
    let start = Instant::now();
    let grade = grader.grade_with(&question, &answer, learned)?;
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    let ours = grade.marks.as_f64() / grade.max_marks.as_f64();
    let is_contradicted = grade.criteria.iter().any(|criterion| criterion.reason.contains("which contradicts"));
    let label = if ours >= 0.5 {
        "correct"
    } else if is_contradicted {
        "contradictory"
    } else {
        "incorrect"
    };
    Ok(Row {
        dataset: item.dataset.clone(),
        question_id: item.question_id.clone(),
        kind: Kind::of(&question),
        teacher: share(item),
        ours,
        expected: learned.map(|expected| expected.share),
        confidence: grade.confidence,
        auto: grade.review_reason.is_none(),
        is_correct: item.label.as_ref().map(|label| label == "correct"),
        labels: item.label_3way.clone().map(|teacher| (teacher, label)),
        words: item.student_answer.split_whitespace().count(),
        ms,
    })
}

/// The guide's question: a criterion for each key element, or one for the model answers as a whole.
pub(crate) fn question(item: &Item) -> Question {
    let criterion = |id: usize, description: &str, points: f64| {
        let marks = Marks::from_thousandths((points * 1000.0).round().max(1.0) as i64);
        Criterion::plain(&format!("c{id}"), description.to_owned(), marks)
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
        minimum: Marks::ZERO,
        marking: Marking::Explanation(Criteria {
            reference_answers: item.reference_answers.clone(),
            criteria,
            groups: Vec::new(),
        }),
    }
}

fn summary(rows: &[&Row]) -> Summary {
    let pair = |row: &&Row| -> Pair { (row.teacher, row.ours) };
    let pairs: Vec<Pair> = rows.iter().map(pair).collect();
    let auto: Vec<Pair> = rows.iter().filter(|row| row.auto).map(pair).collect();
    let labelled = rows.iter().filter_map(|row| Some((row.is_correct?, row.ours >= 0.5)));
    let labelled: Vec<Pair> = labelled.map(|(a, b)| (f64::from(u8::from(a)), f64::from(u8::from(b)))).collect();
    let labels: Vec<(&str, &str)> =
        rows.iter().filter_map(|row| row.labels.as_ref()).map(|(teacher, ours)| (teacher.as_str(), *ours)).collect();
    let promised: Vec<f64> = rows.iter().filter(|row| row.auto).map(|row| row.confidence).collect();
    let n = rows.len();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    Summary {
        n,
        pearson: pearson(&pairs),
        rmse: rmse(&pairs),
        qwk: weighted_kappa(&pairs),
        acc_2way: agreement(&labelled, 0.0),
        macro_f1_3way: macro_f1(&labels),
        auto_share: auto.len() as f64 / n.max(1) as f64,
        auto_agreement: agreement(&auto, AGREES),
        auto_promised: (!promised.is_empty()).then(|| mean(&promised)),
        ece: calibration(rows).error(),
        length_bias: length_bias(rows),
        mean_ours: mean(&rows.iter().map(|row| row.ours).collect::<Vec<_>>()),
        ms_per_answer: mean(&rows.iter().map(|row| row.ms).collect::<Vec<_>>()),
    }
}

fn calibration(rows: &[&Row]) -> Calibration {
    let mut calibration = Calibration::default();
    for row in rows {
        calibration.add(row.confidence, (row.teacher - row.ours).abs() <= AGREES + 1e-9);
    }
    calibration
}

/// Mean of ours less the teacher's mark among the longest third of the answers, less the same among the shortest.
fn length_bias(rows: &[&Row]) -> f64 {
    let mut by_length = rows.to_vec();
    by_length.sort_by_key(|row| row.words);
    let third = rows.len() / 3;
    let mean = |rows: &[&Row]| rows.iter().map(|row| row.ours - row.teacher).sum::<f64>() / rows.len().max(1) as f64;
    mean(&by_length[rows.len() - third..]) - mean(&by_length[..third])
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn print(report: &Report) {
    println!("{}", report.engine);
    println!(
        "{:22} {:>5} {:>7} {:>8} {:>6} {:>6} {:>6} {:>5} {:>9} {:>8} {:>5} {:>7} {:>6} {:>6}",
        "dataset",
        "n",
        "pearson",
        "rmse/max",
        "qwk",
        "2-way",
        "f1 3w",
        "auto",
        "agreement",
        "promised",
        "ece",
        "length",
        "mean",
        "ms"
    );
    let share = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let kinds = report.kinds.iter().map(|(kind, row)| (*kind, row));
    for (dataset, row) in report.summary.iter().map(|(dataset, row)| (dataset.as_str(), row)).chain(kinds) {
        println!(
            "{dataset:22} {:5} {:7.3} {:8.3} {:6.3} {:>6} {:>6} {:5.2} {:>9} {:>8} {:5.3} {:7.3} {:6.3} {:6.1}",
            row.n,
            row.pearson,
            row.rmse,
            row.qwk,
            share(row.acc_2way),
            share(row.macro_f1_3way),
            row.auto_share,
            share(row.auto_agreement),
            share(row.auto_promised),
            row.ece,
            row.length_bias,
            row.mean_ours,
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
