//! `POST /v1/orgs/{org}/assessments/{assessment}/questions/{question}/groups/decide`: a grader makes one decision about several
//! answers to a question, as a rule those of a group. Each is a decision of its own: with its version, its event, and its
//! result.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

use futures::future::join_all;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Marks,
    decision::{By, CriterionMarks},
    feedback::AnswerGrade,
    guide::Guide,
    id::{AssessmentId, OrgId, SubmissionId},
    submission::State as Standing,
};
use smartscripts_files::key;
use smartscripts_grading_routes::decide::{Refusal, Script, Seen, decide, learn};
use smartscripts_http::{App, Json, OfAssessment, Path, Result, State, ToSchema, may, routes, serve};

/// Answers in one request: what is decided in the time that a request may take.
const MEMBERS: usize = 100;
/// Decisions made at the same time.
const AT_ONCE: usize = 10;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupDecision {
    /// The answers, each with the version that was looked at.
    #[schema(min_items = 1, max_items = 100)]
    members: Vec<SeenMember>,
    /// Other marks, as for a single answer; none to confirm those that each has.
    #[schema(max_items = 50)]
    criteria: Option<Vec<CriterionMarks>>,
    /// Why, for the students too; only with other marks.
    #[schema(max_length = 2000)]
    comment: Option<String>,
    /// Whether answers about which a person has decided are decided anew; otherwise they are refused.
    #[serde(default)]
    decide_anew: bool,
}

/// An answer that was looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SeenMember {
    /// The script.
    submission: SubmissionId,
    /// The version of the answer.
    version: u32,
}

#[derive(Serialize, ToSchema)]
struct GroupDecided {
    /// One for each answer, in the order of the request.
    results: Vec<MemberDecided>,
}

/// What became of one answer: either `decided` or `refused`.
#[derive(Serialize, ToSchema)]
struct MemberDecided {
    /// The script.
    submission: SubmissionId,
    /// The answer after the decision.
    decided: Option<MemberStanding>,
    /// Why nothing was decided about it.
    refused: Option<Refusal>,
}

/// An answer after a decision about its group.
#[derive(Serialize, ToSchema)]
struct MemberStanding {
    /// The answer's marks.
    marks: Marks,
    /// The version that the next decision must name.
    version: u32,
    /// Where the script stands.
    state: Standing,
}

/// Decide about a group of answers
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/assessments/{assessment}/questions/{question}/groups/decide",
    params(
        ("org" = OrgId, Path),
        ("assessment" = AssessmentId, Path),
        ("question" = String, Path, description = "The question's label")
    ),
    request_body = GroupDecision,
    responses((status = 200, body = GroupDecided)),
    security(("access_token" = []))
)]
async fn decide_group(
    State(app): State<App>,
    of: OfAssessment<may::GradeGroups>,
    Path((_, _, question)): Path<(OrgId, AssessmentId, String)>,
    Json(input): Json<GroupDecision>,
) -> Result<Json<GroupDecided>> {
    check(&input)?;
    let group = DecidingGroup { app: &app, of: &of, question: &question, input: &input };
    let steps = if input.criteria.is_some() { group.steps().await? } else { BTreeMap::new() };
    let mut results = Vec::with_capacity(input.members.len());
    for chunk in input.members.chunks(AT_ONCE) {
        results.extend(join_all(chunk.iter().map(|member| group.decide_member(member, &steps))).await);
    }
    if results.iter().any(|result: &MemberDecided| result.decided.is_some()) {
        learn(&app, &of, &question).await;
    }
    Ok(Json(GroupDecided { results }))
}

fn check(input: &GroupDecision) -> Result<(), Error> {
    if input.members.is_empty() || input.members.len() > MEMBERS {
        let message = format!("`members` must have 1 to {MEMBERS} entries. Decide about a larger group in parts.");
        return Err(Error::invalid("members_invalid", message));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = input.members.iter().find(|member| !seen.insert(member.submission)) {
        return Err(Error::invalid("member_twice", format!("`members` names {} twice.", twice.submission)));
    }
    if input.criteria.as_ref().is_some_and(Vec::is_empty) {
        let message = "`criteria` must name at least one criterion; leave it out to confirm the marks as they are.";
        return Err(Error::invalid("criteria_missing", message));
    }
    if input.criteria.is_none() && input.comment.is_some() {
        let message = "A comment belongs to other marks. Leave it out, or name `criteria`.";
        return Err(Error::invalid("comment_invalid", message));
    }
    Ok(())
}

/// What is decided about whom.
struct DecidingGroup<'a> {
    app: &'a App,
    of: &'a OfAssessment<may::GradeGroups>,
    question: &'a str,
    input: &'a GroupDecision,
}

impl DecidingGroup<'_> {
    /// The step of the marks in each version of the guide that one of the scripts was graded with.
    async fn steps(&self) -> Result<BTreeMap<u32, Marks>, Error> {
        let mut guides = BTreeMap::new();
        for chunk in self.input.members.chunks(AT_ONCE) {
            let scripts = join_all(chunk.iter().map(|member| Script::load(self.app, self.of, member.submission))).await;
            // One that can't be loaded is refused when it is decided about.
            let found = scripts.into_iter().filter_map(|script| script.ok()?.submission.guide);
            guides.extend(found.map(|guide| (guide.version, guide.sha256)));
        }
        let mut steps = BTreeMap::new();
        for (version, sha256) in guides {
            let at = key::guide(self.of.tenant.org(), self.of.assessment.id, version, &sha256);
            steps.insert(version, self.app.files()?.get_json::<Guide>(&at).await?.step());
        }
        Ok(steps)
    }

    async fn decide_member(&self, member: &SeenMember, steps: &BTreeMap<u32, Marks>) -> MemberDecided {
        let submission = member.submission;
        let seen = Seen { submission, question: self.question, version: member.version };
        let action = if self.input.criteria.is_some() { "answer.overridden" } else { "answer.confirmed" };
        let result = decide(self.app, self.of, seen, action, |answer, by, guide| {
            self.change(answer, by, steps.get(&guide).copied())
        });
        match result.await {
            Ok(done) => {
                let decided = MemberStanding { marks: done.answer.marks, version: done.version, state: done.state };
                MemberDecided { submission, decided: Some(decided), refused: None }
            }
            Err(error) => MemberDecided { submission, decided: None, refused: Some(Refusal::of(&error)) },
        }
    }

    fn change(&self, answer: &mut AnswerGrade, by: By, step: Option<Marks>) -> Result<(), Error> {
        if answer.decision().is_some() && !self.input.decide_anew {
            let message = "A person has decided about this answer. Say `decide_anew` to decide about it again.";
            return Err(Error::conflict("already_decided", message));
        }
        let Some(criteria) = &self.input.criteria else { return answer.confirm(by) };
        let step = step.ok_or_else(|| Error::internal("the guide of a graded script is not known"))?;
        answer.override_marks(criteria, step, self.input.comment.clone(), by)
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(decide_group))
}
