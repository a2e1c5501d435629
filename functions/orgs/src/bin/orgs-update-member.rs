//! `PATCH /v1/orgs/{org}/members/{user}`: an administrator gives a member another role, or shuts the member out. Both count
//! from the next call on; whoever is shut out is logged out everywhere at once.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_billing::check_seats;
use smartscripts_domain::{
    id::{OrgId, UserId},
    permission::Role,
};
use smartscripts_http::{App, Json, Member, Path, Result, State, ToSchema, may, routes, serve};
use smartscripts_orgs::{check_may_appoint, check_version};
use smartscripts_store::Membership;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberChange {
    /// The version that the change is made to.
    version: u32,
    role: Option<Role>,
    /// Whether the member is shut out of the organization.
    disabled: Option<bool>,
}

/// Change a member
#[utoipa::path(
    patch,
    path = "/v1/orgs/{org}/members/{user}",
    params(("org" = OrgId, Path), ("user" = UserId, Path)),
    request_body = MemberChange,
    responses((status = 200, body = Membership)),
    security(("access_token" = []))
)]
async fn update(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Path((_, user)): Path<(OrgId, UserId)>,
    Json(input): Json<MemberChange>,
) -> Result<Json<Membership>> {
    let store = app.store()?;
    let before = store.member(member.tenant, user).await?;
    check_may_appoint(&member, before.role)?;
    check_version(input.version, before.version)?;
    let mut after = before.clone();
    let mut event = member.event("member.changed", user);
    if let Some(role) = input.role {
        check_may_appoint(&member, role)?;
        event = event.with("role_before", before.role.name()).with("role_after", role.name());
        after.role = role;
    }
    if let Some(disabled) = input.disabled {
        event = event.with("disabled", disabled);
        after.disabled = disabled;
    }
    if after.takes_seat() && !before.takes_seat() {
        check_seats(member.plan, store.seats_taken(member.tenant).await? + 1)?;
    }
    let saved = store.save_member(member.tenant, &before, &after, &event).await?;
    if saved.disabled {
        app.platform()?.revoke_all(user, None, &member.origin).await?;
    }
    if saved.takes_seat() != before.takes_seat() {
        member.sync_seats(&app).await;
    }
    Ok(Json(saved))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(update))
}
