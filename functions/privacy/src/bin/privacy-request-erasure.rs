//! `POST /v1/privacy/erasures`: a person has the own account erased, with everything that organizations keep of them. For
//! fourteen days it can be taken back.

use std::process::ExitCode;

use serde::Deserialize;
use smartscripts_accounts::account;
use smartscripts_domain::{id::Principal, rate};
use smartscripts_http::{App, Caller, Json, Result, State, StatusCode, ToSchema, routes, serve};
use smartscripts_jobs::SendMail;
use smartscripts_privacy::{ACCOUNT_DAYS, request_erasure};
use smartscripts_store::{Erasure, Subject};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnErasure {
    /// The password, once more.
    #[schema(format = "password", max_length = 1024)]
    password: String,
}

/// Have one's own account erased
#[utoipa::path(
    post,
    path = "/v1/privacy/erasures",
    request_body = OwnErasure,
    responses((status = 202, body = Erasure)),
    security(("access_token" = []))
)]
async fn request(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<OwnErasure>,
) -> Result<(StatusCode, Json<Erasure>)> {
    caller.take(&app, rate::LOG_IN).await?;
    let user = app.platform()?.user(caller.user).await?;
    account::check_password(&app, &caller, &user, &input.password).await?;
    let request_id = caller.origin.request_id.as_str();
    let by = (Principal::User(caller.user), request_id);
    let event = |id| caller.event("erasure.requested").with("erasure", id);
    let erasure = request_erasure(&app, Subject::Account(caller.user), by, ACCOUNT_DAYS, event).await?;
    app.send_mail(request_id, SendMail::ErasureRequested { user: caller.user, erasure: erasure.id }).await?;
    Ok((StatusCode::ACCEPTED, Json(erasure)))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(request))
}
