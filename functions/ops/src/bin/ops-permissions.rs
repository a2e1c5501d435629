//! `GET /v1/permissions`: the table of role × permission × scope, for the web application and for whoever integrates.

use std::{collections::BTreeMap, process::ExitCode};

use serde::Serialize;
use smartscripts_domain::{
    permission::{Permission, Role, Scope},
    plan::Feature,
};
use smartscripts_http::{Json, ToSchema, routes, serve};

#[derive(Serialize, ToSchema)]
struct Permissions {
    items: Vec<PermissionRow>,
}

#[derive(Serialize, ToSchema)]
struct PermissionRow {
    permission: Permission,
    /// What it allows.
    description: &'static str,
    /// The feature that the organization's plan must include for it.
    feature: Option<Feature>,
    /// How far each role holds it; a role that doesn't is missing.
    scopes: BTreeMap<&'static str, Scope>,
}

/// Get the table of permissions
#[utoipa::path(get, path = "/v1/permissions", responses((status = 200, body = Permissions)))]
async fn permissions() -> Json<Permissions> {
    let row = |permission: &Permission| PermissionRow {
        permission: *permission,
        description: permission.description(),
        feature: permission.feature(),
        scopes: Role::ALL.iter().filter_map(|role| Some((role.name(), role.scope(*permission)?))).collect(),
    };
    Json(Permissions { items: Permission::ALL.iter().map(row).collect() })
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(permissions))
}
