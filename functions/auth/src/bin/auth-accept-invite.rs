//! `POST /v1/auth/accept-invite`: who was invited and has no account makes one, and is a member. The link came by mail, so
//! the address is verified by it.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_accounts::{account::new_user, password};
use smartscripts_domain::{Error, person};
use smartscripts_http::{App, Json, Open, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_store::{Membership, token_hash};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    /// From the link in the mail.
    #[schema(max_length = 200)]
    token: String,
    /// At least 15 characters, and none of those that everybody tries first.
    #[schema(format = "password", min_length = 15, max_length = 1024)]
    password: String,
    /// What others see.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Accept an invitation with a new account
#[utoipa::path(
    post,
    path = "/v1/auth/accept-invite",
    request_body = NewAccount,
    responses((status = 201, body = Membership))
)]
async fn accept(
    State(app): State<App>,
    open: Open,
    Json(input): Json<NewAccount>,
) -> Result<(StatusCode, Json<Membership>)> {
    let platform = app.platform()?;
    let invited = platform.invite_of_token(&token_hash(&input.token)).await?;
    let (name, email) = (person::name(&input.name)?, invited.invite.email.clone());
    password::check(&input.password, false, &[&email, name])?;
    let mut user = new_user(email, name, &input.password)?;
    user.email_verified = true;
    match platform.accept_invite_as_new(&invited, &user, &open.origin).await {
        Ok(member) => Ok((StatusCode::CREATED, Json(member))),
        // Who holds the link reads that address's mail, so this tells nothing new.
        Err(error) if error.code() == "email_taken" => {
            let message = "This address has an account already. Log in and accept the invitation there.";
            Err(Error::conflict("account_exists", message).into())
        }
        Err(error) => Err(error.into()),
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(accept))
}
