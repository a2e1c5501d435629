//! What the routes of students and of roster imports share.

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest, Sha256};
use smartscripts_domain::{
    Error, Result,
    id::{OrgId, TeamId},
    roster::{Diff, limits},
};
use smartscripts_files::key;
use smartscripts_http::{App, ToSchema};
use smartscripts_store::RosterImport;

/// An import and what it changes.
#[derive(Serialize, ToSchema)]
pub struct PreviewedImport {
    /// The import.
    pub import: RosterImport,
    /// What it changes, whole. A commit changes exactly this.
    pub diff: Diff,
}

/// Keeps a diff in the bucket, from where only the very same bytes are taken back; returns their SHA-256.
///
/// # Errors
/// `unavailable`.
pub async fn keep_diff(app: &App, key: &str, diff: &Diff) -> Result<String> {
    let content = serde_json::to_vec(diff).map_err(Error::internal)?;
    let sha256 = hex::encode(Sha256::digest(&content));
    app.files()?.put(key, "application/json", content).await?;
    Ok(sha256)
}

/// What an import changes.
///
/// # Errors
/// `unavailable`; `internal` if it isn't what was kept.
pub async fn kept_diff(app: &App, org: OrgId, import: &RosterImport) -> Result<Diff> {
    let content = app.files()?.get(&key::roster(org, import.id)).await?;
    if hex::encode(Sha256::digest(&content)) != import.sha256 {
        return Err(Error::internal("a kept diff is not the one that was previewed"));
    }
    serde_json::from_slice(&content).map_err(|error| Error::internal(format!("a kept diff, line {}", error.line())))
}

/// Checks how many classes a student is put into.
///
/// # Errors
/// `teams_invalid`.
pub fn check_teams(teams: &BTreeSet<TeamId>) -> Result<()> {
    if teams.len() > limits::TEAMS {
        let message = format!("`teams` may name {} teams at most.", limits::TEAMS);
        return Err(Error::invalid("teams_invalid", message));
    }
    Ok(())
}
