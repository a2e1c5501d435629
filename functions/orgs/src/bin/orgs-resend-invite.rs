//! `POST /v1/orgs/{org}/invites/{invite}/resend`: the mail is sent again, and the invitation works for seven days more.

use std::process::ExitCode;

use smartscripts_billing::check_seats;
use smartscripts_domain::{
    Error,
    id::{InviteId, OrgId},
    rate,
};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_orgs::check_may_appoint;
use smartscripts_store::{Invite, InviteState};

/// Send an invitation again
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/invites/{invite}/resend",
    params(("org" = OrgId, Path), ("invite" = InviteId, Path)),
    responses((status = 200, body = Invite)),
    security(("access_token" = []))
)]
async fn resend(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Path((org, id)): Path<(OrgId, InviteId)>,
) -> Result<Json<Invite>> {
    let store = app.store()?;
    let mut invite = store.invite(member.tenant, id).await?;
    check_may_appoint(&member, invite.role)?;
    if invite.state != InviteState::Pending {
        let message = "This invitation was accepted or taken back. Make a new one if it is needed.";
        return Err(Error::conflict("invite_ended", message).into());
    }
    member.take(&app, rate::INVITES).await?;
    // One that has expired gave its seat back.
    if invite.role.is_staff() && !invite.is_open() {
        check_seats(member.plan, store.seats_taken(member.tenant).await? + 1)?;
    }
    invite.valid_until = Invite::validity();
    let saved = store.save_invite(member.tenant, &invite, &member.event("invite.resent", id)).await?;
    app.send_mail(&member.origin.request_id, SendMail::Invite { org, invite: id }).await?;
    member.sync_seats(&app).await;
    Ok(Json(saved))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(resend))
}
