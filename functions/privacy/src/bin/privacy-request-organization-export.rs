//! `POST /v1/orgs/{org}/privacy/exports`: an administrator asks for the organization's data, or for what it keeps of one
//! member or one student, as a ZIP.

use std::process::ExitCode;

use smartscripts_domain::{id::OrgId, rate};
use smartscripts_http::{App, Json, Member, Result, State, StatusCode, may, routes, serve};
use smartscripts_privacy::{ExportSummary, Whom, request_export};

/// Ask for an organization's data, or for a person's in it
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/privacy/exports",
    params(("org" = OrgId, Path)),
    request_body = Whom,
    responses((status = 202, body = ExportSummary)),
    security(("access_token" = []))
)]
async fn request(
    State(app): State<App>,
    member: Member<may::ManagePrivacy>,
    Json(whom): Json<Whom>,
) -> Result<(StatusCode, Json<ExportSummary>)> {
    let subject = whom.subject(member.tenant)?;
    member.take(&app, rate::SELDOM).await?;
    let by = (member.principal, member.origin.request_id.as_str());
    let about = whom.user.map(|id| id.to_string()).or(whom.student.map(|id| id.to_string())).unwrap_or_default();
    let event = |id| member.event("export.requested", id).with("about", about);
    Ok((StatusCode::ACCEPTED, Json(request_export(&app, subject, by, event).await?)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(request))
}
