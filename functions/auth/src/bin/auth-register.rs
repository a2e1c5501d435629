//! `POST /v1/auth/register`: anyone may make an account.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use smartscripts_auth::password;
use smartscripts_domain::{Error, id::UserId};
use smartscripts_http::{App, Json, RequestId, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_store::{User, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// With which to log in.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// At least 15 characters.
    #[schema(format = "password", min_length = 15, max_length = 1024)]
    password: String,
    /// What others see.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

#[derive(Serialize, ToSchema)]
struct Registered {
    id: UserId,
}

/// Register
#[utoipa::path(post, path = "/v1/auth/register", request_body = Registration, responses((status = 201, body = Registered)))]
async fn register(
    State(app): State<App>,
    request_id: RequestId,
    Json(input): Json<Registration>,
) -> Result<(StatusCode, Json<Registered>)> {
    let email = input.email.trim().to_lowercase();
    let name = input.name.trim();
    check(&email, name)?;
    let id = UserId::new(Ulid::generate());
    let password_hash = password::hash(&input.password)?;
    let user = User { id, email, name: name.to_owned(), password_hash, created_at: now() };
    app.platform()?.create_user(&user, request_id.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(Registered { id })))
}

/// An address is proved by the mail that reaches it, so only what can't be one is refused here.
fn check(email: &str, name: &str) -> Result<(), Error> {
    let parts = email.split_once('@');
    let plausible =
        parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    if !plausible || email.len() > 254 || email.contains(char::is_whitespace) {
        return Err(Error::invalid("email_invalid", "`email` is not an e-mail address."));
    }
    if name.is_empty() || name.chars().count() > 100 {
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
    fn refuses_what_is_no_address() {
        for email in ["", "a", "a@", "@b.c", "a@b", "a b@c.d", "a@b@c.d"] {
            assert_eq!(check(email, "Ada").unwrap_err().code(), "email_invalid", "{email}");
        }
        assert!(check("ada@school.example", "Ada").is_ok());
        assert_eq!(check("ada@school.example", "").unwrap_err().code(), "name_invalid");
    }
}
