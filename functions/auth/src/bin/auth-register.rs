//! `POST /v1/auth/register`: anyone may make an account. Whether the address has one already, only its owner is told, by
//! mail.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_auth::password;
use smartscripts_domain::{Error, id::UserId, rate};
use smartscripts_http::{App, Json, Open, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_store::{User, now};
use ulid::Ulid;

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
    let email = input.email.trim().to_lowercase();
    let name = input.name.trim();
    check(&email, name)?;
    password::check(&input.password, false, &[&email, name])?;
    open.take(&app, rate::MAIL, &email, false).await?;
    let user = User {
        id: UserId::new(Ulid::generate()),
        email,
        email_verified: false,
        name: name.to_owned(),
        password_hash: password::hash(&input.password)?,
        password_length: password::SHORTEST_ALONE,
        second_factor: None,
        pending_secret: None,
        disabled: false,
        created_at: now(),
        version: 1,
    };
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

/// An address is proved by the mail that reaches it, so only what can't be one is refused here.
fn check(email: &str, name: &str) -> Result<(), Error> {
    let parts = email.split_once('@');
    let plausible =
        parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    if !plausible || email.len() > 254 || email.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Error::invalid("email_invalid", "`email` is not an e-mail address."));
    }
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Error::invalid("name_invalid", "`name` must have 1 to 100 characters."));
    }
    Ok(())
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(register))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cannot_be_an_address() {
        for email in ["", "x", "x@", "@x.y", "x@y", "x y@z.w", "x@y@z.w", "x@y.z\u{7}"] {
            assert_eq!(check(email, "A").unwrap_err().code(), "email_invalid", "{email}");
        }
        assert!(check("a.b+c@school.example", "A").is_ok());
        assert_eq!(check("a@b.c", "").unwrap_err().code(), "name_invalid");
    }
}
