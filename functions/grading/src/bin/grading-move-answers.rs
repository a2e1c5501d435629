//! `POST /v1/orgs/{org}/assessments/{assessment}/questions/{question}/groups/move`: a grader moves answers to another group
//! (merging two, if it is all of one), or out of theirs into one of their own (splitting it, or leaving it alone).

use std::{collections::BTreeSet, process::ExitCode};

use futures::future::join_all;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error,
    id::{AssessmentId, OrgId, SubmissionId},
};
use smartscripts_grading_routes::decide::Refusal;
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::group_changed;

/// Answers in one request.
const MEMBERS: usize = 100;
/// Answers moved at the same time.
const AT_ONCE: usize = 10;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerMove {
    /// The answers, each with the `placement` that was looked at.
    #[schema(min_items = 1, max_items = 100)]
    members: Vec<PlacedMember>,
    /// The group that they join; none for a group of their own, which the first of them then names.
    to: Option<SubmissionId>,
}

/// An answer that is moved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlacedMember {
    /// The script.
    submission: SubmissionId,
    /// Its `placement`.
    placement: u32,
}

#[derive(Serialize, ToSchema)]
struct AnswersMoved {
    /// The group that they are in now.
    group: SubmissionId,
    /// One for each answer, in the order of the request.
    results: Vec<MemberMoved>,
}

/// What became of one answer: either it has a new `placement`, or it was `refused`.
#[derive(Serialize, ToSchema)]
struct MemberMoved {
    /// The script.
    submission: SubmissionId,
    /// The version that the next move must name.
    placement: Option<u32>,
    /// Why it stays where it is.
    refused: Option<Refusal>,
}

/// Move answers between groups
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/questions/{question}/groups/move",
    params(
        ("org" = OrgId, Path),
        ("assessment" = AssessmentId, Path),
        ("question" = String, Path, description = "The question's label")
    ),
    request_body = AnswerMove,
    responses((status = 200, body = AnswersMoved)),
    security(("access_token" = []))
)]
async fn move_answers(
    State(app): State<App>,
    of: OfAssessment<may::GradeGroups>,
    Path((_, _, question)): Path<(OrgId, AssessmentId, String)>,
    Json(input): Json<AnswerMove>,
) -> Result<Json<AnswersMoved>> {
    let first = check(&input)?;
    if let Some(to) = input.to {
        let named = app.store()?.sketches(of.tenant, of.assessment.id, to).await?;
        named.filter(|sketches| sketches.answers.contains_key(&question)).ok_or_else(Error::not_found)?;
    }
    let group = input.to.unwrap_or(first);
    let mut results = Vec::with_capacity(input.members.len());
    for chunk in input.members.chunks(AT_ONCE) {
        results.extend(join_all(chunk.iter().map(|member| moved(&app, &of, &question, member, group))).await);
    }
    Ok(Json(AnswersMoved { group, results }))
}

/// The first of the members.
fn check(input: &AnswerMove) -> Result<SubmissionId, Error> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = input.members.iter().find(|member| !seen.insert(member.submission)) {
        return Err(Error::invalid("member_twice", format!("`members` names {} twice.", twice.submission)));
    }
    match input.members.first() {
        Some(first) if input.members.len() <= MEMBERS => Ok(first.submission),
        _ => Err(Error::invalid("members_invalid", format!("`members` must have 1 to {MEMBERS} entries."))),
    }
}

async fn moved(
    app: &App,
    of: &OfAssessment<may::GradeGroups>,
    question: &str,
    member: &PlacedMember,
    group: SubmissionId,
) -> MemberMoved {
    let submission = member.submission;
    match move_one(app, of, question, member, group).await {
        Ok(placement) => MemberMoved { submission, placement: Some(placement), refused: None },
        Err(error) => MemberMoved { submission, placement: None, refused: Some(Refusal::of(&error)) },
    }
}

async fn move_one(
    app: &App,
    of: &OfAssessment<may::GradeGroups>,
    question: &str,
    member: &PlacedMember,
    group: SubmissionId,
) -> Result<u32, Error> {
    let sketches = app.store()?.sketches(of.tenant, of.assessment.id, member.submission).await?;
    let before = sketches.as_ref().and_then(|sketches| sketches.answers.get(question)).ok_or_else(Error::not_found)?;
    let at = (member.submission, question, member.placement);
    let event = of
        .event("answer.moved", member.submission)
        .with("assessment", of.assessment.id)
        .with("question", question)
        .with("group_before", before.group.map_or_else(|| "none".to_owned(), |group| group.to_string()))
        .with("group_after", group);
    if sketches.is_some_and(|sketches| sketches.version != member.placement) {
        return Err(group_changed());
    }
    app.store()?.move_answer(of.tenant, of.assessment.id, at, group, &event).await
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(move_answers))
}
