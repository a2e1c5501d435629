//! `POST /v1/auth/look-up-invite`: what the page behind an invitation's link shows before it is accepted.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use smartscripts_domain::permission::Role;
use smartscripts_http::{App, Json, Open, Result, State, ToSchema, routes, serve};
use smartscripts_store::token_hash;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookUp {
    /// From the link in the mail.
    #[schema(max_length = 200)]
    token: String,
}

#[derive(Serialize, ToSchema)]
struct Invitation {
    /// What the organization is called.
    organization_name: String,
    /// The address that was invited.
    email: String,
    /// As what.
    role: Role,
    /// Whether the address has an account: then log in and accept, otherwise accept with a new one.
    has_account: bool,
}

/// Look an invitation up
#[utoipa::path(post, path = "/v1/auth/look-up-invite", request_body = LookUp, responses((status = 200, body = Invitation)))]
async fn look_up(State(app): State<App>, _: Open, Json(input): Json<LookUp>) -> Result<Json<Invitation>> {
    let platform = app.platform()?;
    let open = platform.invite_of_token(&token_hash(&input.token)).await?;
    let has_account = platform.user_by_email(&open.invite.email).await?.is_some();
    let (organization_name, email, role) = (open.organization.name, open.invite.email, open.invite.role);
    Ok(Json(Invitation { organization_name, email, role, has_account }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(look_up))
}
