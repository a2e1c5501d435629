//! `GET /v1/orgs/{org}/audit`: the organization's audit log, newest first. Whoever holds the permission with the scope `own`
//! sees what they have done themselves.

use std::process::ExitCode;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{Error, id::OrgId, permission::Scope};
use smartscripts_http::{App, Json, Member, Parameters, Result, State, ToSchema, may, routes, serve};
use smartscripts_store::{AuditEntry, AuditFilter};
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Of this actor only: the id of a person or an API key, the name of a task, or `anybody`.
    #[param(max_length = 100)]
    actor: Option<String>,
    /// Of this action only, for instance `submission.created`.
    #[param(max_length = 100)]
    action: Option<String>,
    /// Of this target only.
    #[param(max_length = 100)]
    target: Option<String>,
    /// Not before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<usize>,
    /// The `cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AuditLog {
    items: Vec<AuditEntry>,
    /// Where the next page begins; none on the last. With filters, a page may be short, or empty, and not be the last.
    cursor: Option<String>,
}

/// List the audit log
#[utoipa::path(
    get,
    path = "/v1/orgs/{org}/audit",
    params(("org" = OrgId, Path), Wanted),
    responses((status = 200, body = AuditLog)),
    security(("access_token" = []))
)]
async fn list(
    State(app): State<App>,
    member: Member<may::ReadAudit>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<AuditLog>> {
    let limit = wanted.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Error::invalid("limit_invalid", "`limit` must lie between 1 and 100.").into());
    }
    let Wanted { actor, action, target, from, to, cursor, .. } = wanted;
    let own = member.principal.to_string();
    let actor = match member.scope {
        Scope::Organization => actor,
        // Nobody else's entries are there for this member.
        _ if actor.as_ref().is_some_and(|actor| *actor != own) => {
            return Ok(Json(AuditLog { items: Vec::new(), cursor: None }));
        }
        _ => Some(own),
    };
    for filter in [&actor, &action, &target].into_iter().flatten() {
        if filter.is_empty() || filter.chars().count() > 100 {
            let message = "`actor`, `action` and `target` must have 1 to 100 characters.";
            return Err(Error::invalid("filter_invalid", message).into());
        }
    }
    let filter = AuditFilter { actor, action, target, from, to };
    let page = app.store()?.audit_log(member.tenant, &filter, limit, cursor.as_deref()).await?;
    Ok(Json(AuditLog { items: page.items, cursor: page.cursor }))
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(list))
}
