//! `GET /v1/orgs/{org}/assessments/{assessment}/review-plan`: for each question, how many answers a person must see so that no
//! more than the acceptable share of the others is marked otherwise than a teacher would, and which ones come first.

use std::{cmp::Reverse, process::ExitCode};

use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Marks,
    disagreement::{Estimate, Judged, agree, estimate},
    id::{AssessmentId, OrgId, SubmissionId},
};
use smartscripts_grading::{Sketch, choose};
use smartscripts_http::{App, Json, OfAssessment, Parameters, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::GradedAnswer;
use utoipa::IntoParams;

/// As long as fewer answers are decided, those come first from whose marks the others learn most; then the most doubtful.
const FIRST_MARKS: usize = 10;
/// Answers among which those are chosen: the time that it takes grows with the square.
const CHOSEN_AMONG: usize = 150;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PlanQuery {
    /// Only the question with this label.
    question: Option<String>,
    /// How many answers to name for each question.
    #[param(minimum = 0, maximum = 100, default = 10)]
    first: Option<usize>,
}

/// How many answers a person must see.
#[derive(Serialize, ToSchema)]
struct ReviewPlan {
    /// The share of answers that may be accepted with other marks than a teacher would give.
    acceptable_disagreement: f64,
    /// Answers that a person must still see, of all questions.
    to_see: usize,
    /// By the questions' labels.
    questions: Vec<QuestionPlan>,
}

/// The plan for one question.
#[derive(Serialize, ToSchema)]
struct QuestionPlan {
    /// The question's label.
    question: String,
    /// Graded answers to it.
    answers: usize,
    /// How many of them a person has decided about.
    decided: usize,
    /// How many of these had nearly the marks that the machine had given: up to a quarter of the maximum apart.
    agreed: usize,
    /// How many wait in the queue of reviews.
    waiting: usize,
    /// How many more a person must see, those in `first` before others.
    to_see: usize,
    /// The share of the answers that nobody has seen of which a teacher's marks are expected to differ by more than a quarter
    /// of the maximum, if all of them are accepted now.
    expected_disagreement: f64,
    /// The same among those left when a person has seen `to_see` more.
    expected_after: f64,
    /// The answers to see next.
    first: Vec<NextAnswer>,
}

/// An answer that a person should see.
#[derive(Serialize, ToSchema)]
struct NextAnswer {
    /// The script.
    submission: SubmissionId,
    /// Marks given.
    marks: Marks,
    /// Marks to be had.
    max_marks: Marks,
    /// Probability that a teacher would give the same marks, 0–1.
    confidence: f64,
    /// Why a person must look, if it waits in the queue of reviews.
    review_reason: Option<String>,
    /// The version that a decision must name.
    version: u32,
}

/// Get the plan of the review
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/review-plan",
    params(("org" = OrgId, Path), ("assessment" = AssessmentId, Path), PlanQuery),
    responses((status = 200, body = ReviewPlan)),
    security(("access_token" = []))
)]
async fn plan(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Parameters(query): Parameters<PlanQuery>,
) -> Result<Json<ReviewPlan>> {
    let first = query.first.unwrap_or(10);
    if first > 100 {
        return Err(Error::invalid("first_invalid", "`first` must lie between 0 and 100.").into());
    }
    let acceptable = of.assessment.acceptable_disagreement();
    let answers = app.store()?.graded_answers(of.tenant, of.assessment.id, query.question.as_deref()).await?;
    let mut questions = Vec::with_capacity(answers.len());
    for (question, answers) in answers {
        questions.push(plan_question(question, &answers, acceptable, first)?);
    }
    let to_see = questions.iter().map(|question| question.to_see).sum();
    Ok(Json(ReviewPlan { acceptable_disagreement: acceptable, to_see, questions }))
}

fn plan_question(
    question: String,
    answers: &[GradedAnswer],
    acceptable: f64,
    first: usize,
) -> Result<QuestionPlan, Error> {
    let judged: Vec<Judged> = answers.iter().map(judge).collect();
    let Estimate { to_see, now, then, .. } = estimate(&judged, acceptable);
    let count = |is: fn(&Judged) -> bool| judged.iter().filter(|judged| is(judged)).count();
    Ok(QuestionPlan {
        question,
        answers: answers.len(),
        decided: count(|judged| judged.agrees.is_some()),
        agreed: count(|judged| judged.agrees == Some(true)),
        waiting: answers.iter().filter(|answer| answer.standing.review_reason.is_some()).count(),
        to_see,
        expected_disagreement: now,
        expected_after: then,
        first: next(answers, first)?,
    })
}

/// An answer that was decided before the machine's marks were kept beside it is taken to agree with what was promised.
fn judge(answer: &GradedAnswer) -> Judged {
    let standing = &answer.standing;
    let machine = standing.machine_marks.unwrap_or(standing.marks);
    let agrees = standing.decided_by.map(|_| agree(machine, standing.marks, standing.max_marks));
    Judged { confidence: standing.machine_confidence.unwrap_or(standing.confidence), agrees }
}

/// The answers to see next: from whose marks the others learn most, or the most doubtful.
fn next(answers: &[GradedAnswer], count: usize) -> Result<Vec<NextAnswer>, Error> {
    let (decided, mut open): (Vec<&GradedAnswer>, Vec<&GradedAnswer>) =
        answers.iter().partition(|answer| answer.standing.decided_by.is_some());
    // What waits for a person must be seen anyway. Of equals, the script that was handed in first comes first.
    let doubt = |answer: &GradedAnswer| {
        (Reverse(answer.standing.review_reason.is_some()), (answer.standing.confidence * 1000.0).round() as u32)
    };
    open.sort_by_key(|answer| (doubt(answer), answer.submission));
    if decided.len() < FIRST_MARKS {
        // Only the more doubtful half: a mark that everybody expects teaches little.
        let half = open.len().div_ceil(2).max(count).min(CHOSEN_AMONG);
        let told = telling(&decided, &open[..half.min(open.len())], FIRST_MARKS - decided.len())?;
        let chosen: Vec<&GradedAnswer> = told.into_iter().map(|index| open[index]).collect();
        let is_chosen = |answer: &GradedAnswer| chosen.iter().any(|chosen| chosen.submission == answer.submission);
        open.retain(|answer| !is_chosen(answer));
        open.splice(0..0, chosen);
    }
    Ok(open.into_iter().take(count).map(NextAnswer::from).collect())
}

/// Places of the answers in `open` from whose marks the others would learn most.
fn telling(decided: &[&GradedAnswer], open: &[&GradedAnswer], count: usize) -> Result<Vec<usize>, Error> {
    let sketch = |answer: &&GradedAnswer| {
        let meaning = answer.sketch.as_ref()?.sketch.meaning.as_ref()?;
        Some(Sketch::try_from(meaning))
    };
    let known = decided.iter().filter_map(sketch).collect::<Result<Vec<_>, _>>()?;
    let mut places = Vec::new();
    let mut sketches = Vec::new();
    for (place, answer) in open.iter().enumerate() {
        if let Some(sketch) = sketch(answer) {
            places.push(place);
            sketches.push(sketch?);
        }
    }
    let all: Vec<&Sketch> = known.iter().chain(&sketches).collect();
    let marked: Vec<usize> = (0..known.len()).collect();
    Ok(choose(&all, &marked, count).into_iter().map(|index| places[index - known.len()]).collect())
}

impl From<&GradedAnswer> for NextAnswer {
    fn from(answer: &GradedAnswer) -> Self {
        let standing = answer.standing.clone();
        Self {
            submission: answer.submission,
            marks: standing.marks,
            max_marks: standing.max_marks,
            confidence: standing.confidence,
            review_reason: standing.review_reason,
            version: standing.version,
        }
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(plan))
}
