//! `POST /v1/orgs/{org}/api-keys`: an administrator makes a key with which a program can call the API.

use std::{collections::BTreeSet, process::ExitCode};

use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Kind,
    id::{ApiKeyId, OrgId},
    permission::{Permission, Scope},
    rate,
};
use smartscripts_http::{App, Json, Member, Result, State, StatusCode, ToSchema, api_key, may, routes, serve};
use smartscripts_orgs::organization_name;
use smartscripts_store::{ApiKey, ApiKeySummary, now};
use ulid::Ulid;

/// The longest that a key may work, in days. One that is forgotten must not work for ever.
const LONGEST_DAYS: u16 = 366;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewApiKey {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it allows, in the whole organization. No key can manage members, keys, privacy or the organization itself.
    permissions: BTreeSet<Permission>,
    /// For how many days it works.
    #[schema(minimum = 1, maximum = 366)]
    days: u16,
}

#[derive(Serialize, ToSchema)]
struct CreatedApiKey {
    api_key: ApiKeySummary,
    /// To be sent as `Authorization: Bearer …`. It is shown this once.
    key: String,
}

/// Create an API key
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/api-keys",
    params(("org" = OrgId, Path)),
    request_body = NewApiKey,
    responses((status = 201, body = CreatedApiKey)),
    security(("access_token" = []))
)]
async fn create(
    State(app): State<App>,
    member: Member<may::CreateApiKeys>,
    Json(input): Json<NewApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>)> {
    let created_by = member.user()?;
    let name = organization_name(&input.name)?;
    check(&member, &input)?;
    member.take(&app, rate::SELDOM).await?;
    let (id, created_at) = (ApiKeyId::new(Ulid::generate()), now());
    let (key, secret_hash) = api_key::make(member.tenant.org(), id)?;
    let valid_until = expiry(created_at, input.days)?;
    let permissions = input.permissions.into_iter().collect();
    let kept = ApiKey { id, name, permissions, secret_hash, created_by, created_at, valid_until };
    app.store()?.create_api_key(member.tenant, &kept, &member.event("api_key.created", id.to_string())).await?;
    Ok((StatusCode::CREATED, Json(CreatedApiKey { api_key: ApiKeySummary::new(kept, None), key })))
}

/// A key allows only what its maker may do in the whole organization, and nothing that decides who may do what.
fn check(member: &Member<may::CreateApiKeys>, input: &NewApiKey) -> Result<(), Error> {
    use Permission as P;
    if !(1..=LONGEST_DAYS).contains(&input.days) {
        return Err(Error::invalid("days_invalid", format!("`days` must lie between 1 and {LONGEST_DAYS}.")));
    }
    if input.permissions.is_empty() {
        return Err(Error::invalid("permissions_missing", "`permissions` must name at least one."));
    }
    let for_persons = [
        P::ManageOrganization,
        P::DeleteOrganization,
        P::ManageMembers,
        P::CreateApiKeys,
        P::ManageApiKeys,
        P::ManagePrivacy,
    ];
    for permission in &input.permissions {
        let held = member.role.and_then(|role| role.scope(*permission)) == Some(Scope::Organization);
        if !held || for_persons.contains(permission) {
            let message = format!("An API key can't have the permission `{}`.", permission.name());
            return Err(Error::new(Kind::Forbidden, "permission_refused", message));
        }
    }
    Ok(())
}

fn expiry(from: Timestamp, days: u16) -> Result<Timestamp, Error> {
    from.checked_add(Span::new().hours(i64::from(days) * 24)).map_err(Error::internal)
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(create))
}
