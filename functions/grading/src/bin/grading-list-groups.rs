//! `GET /v1/orgs/{org}/assessments/{assessment}/questions/{question}/groups`: answers to a question that say the same, those
//! first where one decision spares the most others.

use std::process::ExitCode;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Kind, Marks,
    feedback::{AnswerGrade, Feedback},
    id::{AssessmentId, OrgId, Principal, StudentId, SubmissionId},
};
use smartscripts_grading_routes::groups::{Group, grouped};
use smartscripts_http::{App, Json, OfAssessment, Parameters, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::GradedAnswer;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GroupQuery {
    /// How many groups at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<usize>,
    /// The `cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AnswerGroups {
    items: Vec<AnswerGroup>,
    /// Where the next page begins; none on the last. A group about which somebody has decided meanwhile may be on neither.
    cursor: Option<String>,
    /// Answers to the question.
    answers: usize,
    /// Groups that they are in.
    groups: usize,
}

/// Answers that say the same: near-identical ones, and those of the same meaning with the same numbers, that the machine
/// has given the same marks.
#[derive(Serialize, ToSchema)]
struct AnswerGroup {
    /// Names the group, as long as it is there.
    id: SubmissionId,
    /// The grade of one of the answers, as an example; none if its retention period is over.
    example: Option<AnswerGrade>,
    /// How many of the members nobody has decided about.
    undecided: usize,
    /// In the order in which the scripts were handed in.
    members: Vec<GroupMember>,
}

/// An answer in a group.
#[derive(Serialize, ToSchema)]
struct GroupMember {
    /// The script.
    submission: SubmissionId,
    /// The student on the roster, if the number is on it.
    student: Option<StudentId>,
    /// Marks given.
    marks: Marks,
    /// Marks to be had.
    max_marks: Marks,
    /// Probability that a teacher would give the same marks, 0–1; 1 when a person has decided.
    confidence: f64,
    /// Why a person must look; none when none need, or when one has decided.
    review_reason: Option<String>,
    /// Who has decided last.
    decided_by: Option<Principal>,
    /// The version that a decision must name.
    version: u32,
    /// The version that a move must name.
    placement: u32,
    /// Whether a person has moved it here.
    is_moved: bool,
    /// The same for answers that are written the same, but for the case of words, spaces, and the punctuation of sentences;
    /// none where nothing is written.
    literal: Option<String>,
}

impl From<&GradedAnswer> for GroupMember {
    fn from(answer: &GradedAnswer) -> Self {
        let standing = answer.standing.clone();
        Self {
            submission: answer.submission,
            student: answer.student,
            marks: standing.marks,
            max_marks: standing.max_marks,
            confidence: standing.confidence,
            review_reason: standing.review_reason,
            decided_by: standing.decided_by,
            version: standing.version,
            placement: answer.placement,
            is_moved: answer.sketch.as_ref().is_some_and(|placed| placed.group.is_some()),
            literal: answer.sketch.as_ref().map(|placed| placed.sketch.literal.clone()).filter(|it| !it.is_empty()),
        }
    }
}

/// List the groups of answers to a question
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/assessments/{assessment}/questions/{question}/groups",
    params(
        ("org" = OrgId, Path),
        ("assessment" = AssessmentId, Path),
        ("question" = String, Path, description = "The question's label"),
        GroupQuery
    ),
    responses((status = 200, body = AnswerGroups)),
    security(("access_token" = []))
)]
async fn list(
    State(app): State<App>,
    of: OfAssessment<may::Grade>,
    Path((_, _, question)): Path<(OrgId, AssessmentId, String)>,
    Parameters(query): Parameters<GroupQuery>,
) -> Result<Json<AnswerGroups>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Error::invalid("limit_invalid", "`limit` must lie between 1 and 100.").into());
    }
    let behind = query.cursor.as_deref().map(read_cursor).transpose()?;
    let mut answers = app.store()?.graded_answers(of.tenant, of.assessment.id, Some(&question)).await?;
    let mut found = grouped(answers.remove(&question).unwrap_or_default())?;
    let (answers, groups) = (found.iter().map(|group| group.members.len()).sum(), found.len());
    found.retain(|group| behind.as_ref().is_none_or(|behind| group.place() > *behind));
    let is_more = found.len() > limit;
    found.truncate(limit);
    let cursor = found.last().filter(|_| is_more).map(|last| URL_SAFE_NO_PAD.encode(last.place()));
    let items = try_join_all(found.iter().map(|group| shown(&app, &of, group, &question))).await?;
    Ok(Json(AnswerGroups { items, cursor, answers, groups }))
}

async fn shown(app: &App, of: &OfAssessment<may::Grade>, group: &Group, question: &str) -> Result<AnswerGroup, Error> {
    let leader = group.members.iter().find(|member| member.submission == group.id).or(group.members.first());
    let example = match leader {
        Some(leader) => example(app, of, leader, question).await?,
        None => None,
    };
    let members = group.members.iter().map(GroupMember::from).collect();
    Ok(AnswerGroup { id: group.id, example, undecided: group.undecided(), members })
}

async fn example(
    app: &App,
    of: &OfAssessment<may::Grade>,
    answer: &GradedAnswer,
    question: &str,
) -> Result<Option<AnswerGrade>, Error> {
    let at = of.keys(answer.submission).feedback(&answer.feedback);
    match app.files()?.get_json::<Feedback>(&at).await {
        Ok(feedback) => Ok(feedback.questions.into_iter().find(|grade| grade.question == question)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_cursor(cursor: &str) -> Result<String, Error> {
    let invalid = || Error::invalid("cursor_invalid", "`cursor` is not one that this list has given out.");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    String::from_utf8(bytes).ok().filter(|place| place.matches('#').count() == 2).ok_or_else(invalid)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
