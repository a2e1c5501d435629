//! `POST /v1/auth/register`: anyone may make an account. Whether the address has one already, only its owner is told, by
//! mail.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_accounts::{account::new_user, password};
use smartscripts_domain::{Error, person, rate};
use smartscripts_http::{App, Json, Open, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// With which to log in.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// At least 15 characters, and none of those that everybody tries first.
    #[schema(format = "password", min_length = 15, max_length = 1024)]
    password: String,
    /// What others see.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Register
#[utoipa::path(post, path = "/v1/auth/register", request_body = Registration, responses((status = 202)))]
async fn register(State(app): State<App>, open: Open, Json(input): Json<Registration>) -> Result<StatusCode> {
    let (email, name) = (person::email_address(&input.email)?, person::name(&input.name)?);
    password::check(&input.password, false, &[&email, name])?;
    open.take(&app, rate::MAIL, &email, false).await?;
    let user = new_user(email, name, &input.password)?;
    let mail = match app.platform()?.create_user(&user, &open.origin).await {
        Ok(()) => SendMail::VerifyEmail { user: user.id },
        Err(error) if error.code() == "email_taken" => {
            let owner = app.platform()?.user_by_email(&user.email).await?.ok_or_else(Error::not_found)?;
            SendMail::AlreadyRegistered { user: owner.id }
        }
        Err(error) => return Err(error.into()),
    };
    app.send_mail(&open.origin.request_id, mail).await?;
    Ok(StatusCode::ACCEPTED)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(register))
}
