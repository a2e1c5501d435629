//! `PUT /v1/orgs/{org}/privacy/retention`: an administrator sets how long the organization keeps what. A schedule enforces
//! it every night.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_domain::id::OrgId;
use smartscripts_http::{App, Json, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::{Period, Periods, Retention};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRetention {
    /// Days by period; what has none is kept.
    days: Periods,
    /// The version that this changes; 0 if nothing was set yet.
    version: u32,
}

/// Set an organization's retention periods
#[utoipa::path(
    put,
    path = "/v1/orgs/{org}/privacy/retention",
    params(("org" = OrgId, Path)),
    request_body = NewRetention,
    responses((status = 200, body = Retention)),
    security(("access_token" = []))
)]
async fn set(
    State(app): State<App>,
    member: Member<may::ManagePrivacy>,
    Json(input): Json<NewRetention>,
) -> Result<Json<Retention>> {
    input.days.check()?;
    let event = member.event("retention.set", member.tenant.org());
    let event = Period::ALL.into_iter().fold(event, |event, period| match input.days.days(period) {
        Some(days) => event.with(period.name(), days),
        None => event,
    });
    let retention = Retention { days: input.days, version: input.version };
    Ok(Json(app.store()?.set_retention(member.tenant, &retention, &event).await?))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(set))
}
