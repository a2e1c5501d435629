//! `POST /v1/orgs/{org}/audit/exports`: writes a period of the audit log to a file and answers with a link to it. The file is
//! deleted after a day; that it was made stands in the log.

use std::process::ExitCode;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_audit::AuditExportFormat;
use smartscripts_domain::{
    Error,
    id::{ExportId, OrgId},
    rate,
};
use smartscripts_files::key;
use smartscripts_http::{App, Json, Member, Result, State, StatusCode, ToSchema, may, routes, serve};
use smartscripts_store::{AuditEntry, AuditFilter, Store, Tenant};
use ulid::Ulid;

/// The most entries of one export.
const ENTRIES: usize = 100_000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAuditExport {
    /// In which form.
    format: AuditExportFormat,
    /// Not before this time.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Before this time.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
}

#[derive(Serialize, ToSchema)]
struct AuditExport {
    id: ExportId,
    /// How many entries it has.
    entries: usize,
    /// Where it can be fetched; the link works for ten minutes.
    url: String,
}

/// Export the audit log
#[utoipa::path(
    post,
    path = "/v1/orgs/{org}/audit/exports",
    params(("org" = OrgId, Path)),
    request_body = NewAuditExport,
    responses((status = 201, body = AuditExport)),
    security(("access_token" = []))
)]
async fn export(
    State(app): State<App>,
    member: Member<may::ExportAudit>,
    Json(input): Json<NewAuditExport>,
) -> Result<(StatusCode, Json<AuditExport>)> {
    if input.from >= input.to {
        return Err(Error::invalid("period_invalid", "`from` must lie before `to`.").into());
    }
    member.take(&app, rate::SELDOM).await?;
    let entries = entries(app.store()?, member.tenant, &input).await?;
    let id = ExportId::new(Ulid::generate());
    let (format, count) = (input.format, entries.len());
    let key = key::audit_export(member.tenant.org(), id, format.extension());
    app.files()?.put(&key, format.media_type(), format.write(&entries)?).await?;
    let event = member
        .event("audit.exported", id)
        .with("format", format.extension())
        .with("from", input.from)
        .with("to", input.to)
        .with("entries", count);
    // Before the link is given: nothing leaves without standing in the log.
    app.store()?.record(&event).await?;
    let url = app.files()?.presign_download(&key).await?;
    Ok((StatusCode::CREATED, Json(AuditExport { id, entries: count, url })))
}

async fn entries(store: &Store, tenant: Tenant, input: &NewAuditExport) -> Result<Vec<AuditEntry>, Error> {
    let filter = AuditFilter { from: Some(input.from), to: Some(input.to), ..AuditFilter::default() };
    let mut entries = Vec::new();
    let mut after = None;
    loop {
        let (part, next) = store.audit_log_part(tenant, &filter, after).await?;
        entries.extend(part);
        if entries.len() > ENTRIES {
            let message = format!("The period has more than {ENTRIES} entries. Export shorter periods one by one.");
            return Err(Error::invalid("period_too_long", message));
        }
        match next {
            Some(_) => after = next,
            None => return Ok(entries),
        }
    }
}

fn main() -> ExitCode {
    serve(env!("CARGO_BIN_NAME"), routes!(export))
}
