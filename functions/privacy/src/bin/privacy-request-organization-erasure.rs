//! `POST /v1/orgs/{org}/privacy/erasures`: an administrator has everything erased that the organization keeps of a member
//! or a student. For seven days it can be taken back.

use std::process::ExitCode;

use smartscripts_domain::{Error, id::OrgId, rate};
use smartscripts_http::{App, Json, Member, Result, State, StatusCode, may, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_privacy::{PERSON_DAYS, Whom, request_erasure};
use smartscripts_store::{Erasure, Subject};

/// Have a person erased in an organization
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/privacy/erasures",
    params(("org" = OrgId, Path)),
    request_body = Whom,
    responses((status = 202, body = Erasure)),
    security(("access_token" = []))
)]
async fn request(
    State(app): State<App>,
    member: Member<may::ManagePrivacy>,
    Json(whom): Json<Whom>,
) -> Result<(StatusCode, Json<Erasure>)> {
    let subject = whom.subject(member.tenant)?;
    if matches!(subject, Subject::Organization(_)) {
        let message =
            "Name a member (`user`) or a student (`student`). To erase the organization, its owner deletes it.";
        return Err(Error::invalid("whom_missing", message).into());
    }
    member.take(&app, rate::SELDOM).await?;
    let request_id = member.origin.request_id.as_str();
    let about = whom.user.map(|id| id.to_string()).or(whom.student.map(|id| id.to_string())).unwrap_or_default();
    let event = |id| member.event("erasure.requested", id).with("about", about);
    let erasure = request_erasure(&app, subject, (member.principal, request_id), PERSON_DAYS, event).await?;
    if let Subject::Member(tenant, user) = subject {
        let mail = SendMail::MemberErasureRequested { user, organization: tenant.org() };
        app.send_mail(request_id, mail).await?;
    }
    Ok((StatusCode::ACCEPTED, Json(erasure)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(request))
}
