//! `DELETE /v1/orgs/{org}/invites/{invite}`: an invitation is taken back; its link works no more, at once.

use std::process::ExitCode;

use smartscripts_domain::{
    Error,
    id::{InviteId, OrgId},
};
use smartscripts_http::{App, Json, Member, Path, Result, State, may, routes, serve};
use smartscripts_store::{Invite, InviteState};

/// Take an invitation back
#[utoipa::path(
    delete,
    path = "/v1/orgs/{org}/invites/{invite}",
    params(("org" = OrgId, Path), ("invite" = InviteId, Path)),
    responses((status = 200, body = Invite)),
    security(("access_token" = []))
)]
async fn revoke(
    State(app): State<App>,
    member: Member<may::ManageMembers>,
    Path((_, id)): Path<(OrgId, InviteId)>,
) -> Result<Json<Invite>> {
    let store = app.store()?;
    let mut invite = store.invite(member.tenant, id).await?;
    match invite.state {
        InviteState::Revoked => return Ok(Json(invite)),
        InviteState::Accepted => {
            let message = "This invitation was accepted already. Remove the member instead.";
            return Err(Error::conflict("invite_ended", message).into());
        }
        InviteState::Pending => invite.state = InviteState::Revoked,
    }
    let saved = store.save_invite(member.tenant, &invite, &member.event("invite.revoked", id)).await?;
    member.sync_seats(&app).await;
    Ok(Json(saved))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(revoke))
}
