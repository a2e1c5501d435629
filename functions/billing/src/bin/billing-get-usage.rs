//! `GET /v1/orgs/{org}/usage`: how many scripts and seats are used, beside what the plan includes.

use std::process::ExitCode;

use serde::Serialize;
use smartscripts_domain::{
    id::OrgId,
    permission::Scope,
    plan::{Plan, Quota},
};
use smartscripts_http::{App, Json, Member, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::{Usage, this_month};

#[derive(Serialize, ToSchema)]
struct UsageReport {
    /// The plan that the organization is on.
    plan: Plan,
    /// Members who work for the organization, and open invitations to do so.
    seats_taken: usize,
    /// The seats of the plan; none where they aren't counted.
    seats: Option<u32>,
    /// The month (UTC) in which scripts that are handed in now are counted, as `2026-11`.
    month: String,
    /// Scripts that the plan includes in a month.
    scripts_a_month: u32,
    /// Whether scripts beyond that are graded and charged, rather than refused.
    is_metered: bool,
    /// How many of this month's are charged, so far.
    scripts_charged: u32,
    /// What was used, oldest month first: of each month the sum, then the teams in reach. A month without a script is
    /// missing.
    items: Vec<Usage>,
}

/// Get the usage
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/usage",
    params(("org" = OrgId, Path)),
    responses((status = 200, body = UsageReport)),
    security(("access_token" = []))
)]
async fn usage(State(app): State<App>, member: Member<may::ReadUsage>) -> Result<Json<UsageReport>> {
    let store = app.store()?;
    let quota = smartscripts_billing::quota(member.plan)?;
    let Quota { plan, scripts_a_month, is_metered, .. } = quota;
    let seats = smartscripts_billing::terms(plan)?.seats;
    let seats_taken = store.seats_taken(member.tenant).await?;
    let mut items = store.usage(member.tenant).await?;
    let month = this_month();
    let of_month = items.iter().find(|usage| usage.month == month && usage.team.is_none());
    let scripts_charged = of_month.map_or(0, |usage| quota.charged(usage.metered));
    let is_in_reach = |usage: &Usage| usage.team.is_none_or(|team| member.teams.contains(&team));
    items.retain(|usage| member.scope == Scope::Organization || is_in_reach(usage));
    Ok(Json(UsageReport { plan, seats_taken, seats, month, scripts_a_month, is_metered, scripts_charged, items }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(usage))
}
