//! `POST /v1/auth/log-in`: an account's owner gets an access token, and a refresh token in a cookie.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_accounts::password;
use smartscripts_auth::{
    refresh::{LIFETIME_SECONDS, RefreshToken, SetRefreshCookie},
    second_factor::{self, Used},
    session::AccessToken,
};
use smartscripts_domain::{
    Error, Kind,
    id::{SessionId, UserId},
    rate,
};
use smartscripts_http::{App, Json, Open, Result, State, ToSchema, routes, serve};
use smartscripts_store::{AuditEvent, Session, User, email_key, now};
use ulid::Ulid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(format = "password", max_length = 1024)]
    password: String,
    /// The second factor, where there is one: six digits, or a recovery code. Without it, the answer is
    /// `second_factor_needed`.
    #[schema(max_length = 100)]
    code: Option<String>,
}

/// Log in
#[utoipa::path(post, path = "/v1/auth/log-in", request_body = Credentials, responses((status = 200, body = AccessToken)))]
async fn log_in(
    State(app): State<App>,
    open: Open,
    Json(input): Json<Credentials>,
) -> Result<(SetRefreshCookie, Json<AccessToken>)> {
    let email_key = email_key(&input.email);
    open.take(&app, rate::LOG_IN, &email_key, true).await?;
    open.take(&app, rate::LOG_IN_ANYWHERE, &email_key, false).await?;
    let user = app.platform()?.user_by_email_key(&email_key).await?;
    let mut user = match check(user, &input) {
        Ok(user) => user,
        Err((user, error)) => {
            // An attempt on nobody's account is written down too, so that it takes as long.
            let event = AuditEvent::of_attempt(user, "user.log_in_failed", &open.origin);
            app.store()?.record(&event.with("code", error.code())).await?;
            return Err(error.into());
        }
    };
    let used = second_factor::check(&mut user, input.code.as_deref(), now().as_second() as u64);
    let used = match used {
        Ok(used) => used,
        Err(error) => {
            let event = AuditEvent::of_attempt(Some(user.id), "user.log_in_failed", &open.origin);
            app.store()?.record(&event.with("code", error.code())).await?;
            return Err(error.into());
        }
    };
    let outdated = password::is_outdated(&user.password_hash);
    if outdated {
        user.password_hash = password::hash(&input.password)?;
    }
    if outdated || used != Used::Nothing {
        let action = if used == Used::RecoveryCode { "user.recovery_code_used" } else { "user.credentials_used" };
        app.platform()?.save_user(&user, &AuditEvent::of_user(user.id, action, &open.origin)).await?;
    }
    let (token, session) = begin(&user, &open, used != Used::Nothing)?;
    app.platform()?.create_session(&session, &open.origin).await?;
    Ok((SetRefreshCookie(Some(token)), Json(AccessToken::issue(&session)?)))
}

/// The user, if the password is right. One answer for a wrong password and an unknown address.
fn check(user: Option<User>, input: &Credentials) -> Result<User, (Option<UserId>, Error)> {
    let right = password::matches(&input.password, user.as_ref().map(|user| user.password_hash.as_str()));
    match user {
        Some(user) if right => Ok(user),
        other => {
            let message = "The e-mail address or the password is wrong.";
            Err((other.map(|user| user.id), Error::new(Kind::Unauthenticated, "credentials_wrong", message)))
        }
    }
}

fn begin(user: &User, open: &Open, second_factor: bool) -> Result<(RefreshToken, Session)> {
    let id = SessionId::new(Ulid::generate());
    let token = RefreshToken::first(user.id, id)?;
    let now = now();
    let session = Session {
        id,
        user: user.id,
        second_factor,
        current: token.hash(),
        previous: None,
        created_at: now,
        rotated_at: now,
        revoked: false,
        network: open.origin.network.clone(),
        user_agent: open.user_agent.clone(),
        expires_at: now.as_second() + LIFETIME_SECONDS,
    };
    Ok((token, session))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(log_in))
}
