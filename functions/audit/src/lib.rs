//! What the routes of `audit` share: how the log is written for export.

use serde::Deserialize;
use smartscripts_domain::{Error, Result, chain::EventActor};
use smartscripts_store::AuditEntry;
use utoipa::ToSchema;

/// In which form the log is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditExportFormat {
    /// For spreadsheets.
    Csv,
    /// For programs: one entry as JSON in each line.
    Jsonl,
}

impl AuditExportFormat {
    /// The file's extension, which is also the format's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    /// The file's media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/jsonl",
        }
    }

    /// The entries as a file.
    ///
    /// # Errors
    /// None in practice.
    pub fn write(self, entries: &[AuditEntry]) -> Result<Vec<u8>> {
        match self {
            Self::Csv => csv(entries),
            Self::Jsonl => jsonl(entries),
        }
    }
}

fn jsonl(entries: &[AuditEntry]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut file, entry).map_err(Error::internal)?;
        file.push(b'\n');
    }
    Ok(file)
}

const COLUMNS: [&str; 10] =
    ["sequence", "id", "at", "actor_kind", "actor", "action", "target", "details", "network", "request_id"];

fn csv(entries: &[AuditEntry]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(Error::internal)?;
    for entry in entries {
        let (kind, actor) = match &entry.actor {
            EventActor::User(id) => ("user", id.to_string()),
            EventActor::ApiKey(id) => ("api_key", id.to_string()),
            EventActor::Task(name) => ("task", name.clone()),
            EventActor::Anybody => ("anybody", String::new()),
        };
        let record = [
            entry.sequence.map(|sequence| sequence.to_string()).unwrap_or_default(),
            entry.id.to_string(),
            entry.at.to_string(),
            kind.to_owned(),
            actor,
            entry.action.clone(),
            entry.target.clone(),
            serde_json::to_string(&entry.details).map_err(Error::internal)?,
            entry.network.clone().unwrap_or_default(),
            entry.request_id.clone(),
        ];
        writer.write_record(record.map(harmless)).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}

/// A cell that a spreadsheet would run as a formula, as text.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn entry(target: &str) -> AuditEntry {
        AuditEntry {
            id: "evt_00000000000000000000000001".parse().unwrap(),
            sequence: Some(7),
            at: Timestamp::UNIX_EPOCH,
            actor: EventActor::Task("seal-audit".to_owned()),
            action: "thing.done".to_owned(),
            target: target.to_owned(),
            details: BTreeMap::from([("n".to_owned(), "1, \"2\"".to_owned())]),
            network: None,
            request_id: "r".to_owned(),
        }
    }

    #[test]
    fn an_entry_is_a_row() {
        let file = String::from_utf8(AuditExportFormat::Csv.write(&[entry("x")]).unwrap()).unwrap();
        assert_eq!(
            file,
            "sequence,id,at,actor_kind,actor,action,target,details,network,request_id\n\
             7,evt_00000000000000000000000001,1970-01-01T00:00:00Z,task,seal-audit,thing.done,x,\
             \"{\"\"n\"\":\"\"1, \\\"\"2\\\"\"\"\"}\",,r\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let file = AuditExportFormat::Csv.write(&[entry(formula)]).unwrap();
            let mut reader = csv::Reader::from_reader(file.as_slice());
            assert_eq!(reader.records().next().unwrap().unwrap()[6], format!("'{formula}"));
        }
    }

    proptest! {
        #[test]
        fn both_forms_come_back(target: String) {
            let lines = AuditExportFormat::Jsonl.write(&[entry(&target)]).unwrap();
            prop_assert_eq!(serde_json::from_slice::<AuditEntry>(&lines).unwrap(), entry(&target));
            let file = AuditExportFormat::Csv.write(&[entry(&target), entry("x")]).unwrap();
            let mut reader = csv::Reader::from_reader(file.as_slice());
            let rows: Vec<_> = reader.records().map(|row| row.unwrap()[6].trim_start_matches('\'').to_owned()).collect();
            prop_assert_eq!(rows, [target.trim_start_matches('\'').to_owned(), "x".to_owned()]);
        }
    }
}
