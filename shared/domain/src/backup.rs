//! A backup of the audit log: JSON Lines, one sealed event each, and a manifest beside every file. From these alone the log
//! can be restored and verified.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::chain::{Hash, Link, Partition, Sealed};

/// What stands beside a file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// 1.
    pub schema_version: u32,
    /// Whose log.
    pub partition: Partition,
    /// Number of the first event in the file.
    pub first: u64,
    /// Number of the last.
    pub last: u64,
    /// How many there are.
    pub count: u64,
    /// The hash of the event before the first.
    pub previous_hash: Hash,
    /// The hash of the last.
    pub head_hash: Hash,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// The version of SmartScripts that made it.
    pub engine_version: String,
}

/// Why a file of a backup is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It isn't the file that its manifest describes.
    NotTheFile,
    /// The line with this number, from 1, is no event.
    Line(usize),
    /// It doesn't hold the events that its manifest says.
    NotTheEvents,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTheFile => f.write_str("the file is not the one that its manifest describes"),
            Self::Line(line) => write!(f, "line {line} of the file is no event"),
            Self::NotTheEvents => f.write_str("the file does not hold the events that its manifest says"),
        }
    }
}

/// The events as a file.
///
/// # Errors
/// None in practice: there is nothing here that JSON can't say.
pub fn write(events: &[Sealed]) -> Result<Vec<u8>, serde_json::Error> {
    let mut file = Vec::new();
    for event in events {
        serde_json::to_writer(&mut file, event)?;
        file.push(b'\n');
    }
    Ok(file)
}

/// The events of a file, and how they end if one line is none.
#[must_use]
pub fn read(file: &[u8]) -> (Vec<Sealed>, Option<Damage>) {
    let mut events = Vec::new();
    for (index, line) in file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate() {
        match serde_json::from_slice(line) {
            Ok(event) => events.push(event),
            Err(_) => return (events, Some(Damage::Line(index + 1))),
        }
    }
    (events, None)
}

fn sha256(file: &[u8]) -> String {
    hex::encode(Sha256::digest(file))
}

impl Manifest {
    /// Reads a manifest; none if it is none.
    #[must_use]
    pub fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The manifest of a file with these events, which follow `previous`. None if there are no events.
    #[must_use]
    pub fn of(
        partition: Partition,
        previous: Link,
        events: &[Sealed],
        file: &[u8],
        made_at: Timestamp,
        engine_version: &str,
    ) -> Option<Self> {
        let (first, last) = (events.first()?, events.last()?);
        Some(Self {
            schema_version: 1,
            partition,
            first: first.sequence,
            last: last.sequence,
            count: events.len() as u64,
            previous_hash: previous.hash,
            head_hash: last.hash,
            sha256: sha256(file),
            bytes: file.len() as u64,
            made_at,
            engine_version: engine_version.to_owned(),
        })
    }

    /// Checks that this is the manifest's file, with the events that it says. Their chain is checked apart.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self, file: &[u8], events: &[Sealed]) -> Result<(), Damage> {
        if self.sha256 != sha256(file) || self.bytes != file.len() as u64 {
            return Err(Damage::NotTheFile);
        }
        let ends = (events.first().map(|event| event.sequence), events.last().map(Sealed::link));
        let said = (Some(self.first), Some(Link { sequence: self.last, hash: self.head_hash }));
        if ends != said || self.count != events.len() as u64 {
            return Err(Damage::NotTheEvents);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ulid::Ulid;

    use super::*;
    use crate::chain::{Event, EventActor};

    fn events() -> Vec<Sealed> {
        let mut at = Link::START;
        let seal = |number: u128| {
            let event = Event {
                action: "thing.done".to_owned(),
                actor: EventActor::Anybody,
                at: Timestamp::UNIX_EPOCH,
                details: BTreeMap::new(),
                id: crate::id::AuditEventId::new(Ulid(number)),
                network: None,
                partition: Partition::Nobody,
                request_id: String::new(),
                target: "Zürich\n".to_owned(),
            };
            at = at.next(&event).unwrap();
            Sealed { sequence: at.sequence, hash: at.hash, event }
        };
        (1..=5).map(seal).collect()
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let file = write(&events()).unwrap();
        assert_eq!(read(&file), (events(), None));
        let manifest =
            Manifest::of(Partition::Nobody, Link::START, &events(), &file, Timestamp::UNIX_EPOCH, "0.1.0").unwrap();
        assert_eq!((manifest.first, manifest.last, manifest.count, manifest.bytes), (1, 5, 5, file.len() as u64));
        assert_eq!(manifest.check(&file, &events()), Ok(()));
        let json = serde_json::to_vec(&manifest).unwrap();
        assert_eq!(Manifest::parse(&json), Some(manifest));
    }

    #[test]
    fn a_changed_file_is_found() {
        let file = write(&events()).unwrap();
        let manifest =
            Manifest::of(Partition::Nobody, Link::START, &events(), &file, Timestamp::UNIX_EPOCH, "0.1.0").unwrap();
        let mut changed = file.clone();
        changed[20] ^= 1;
        assert_eq!(manifest.check(&changed, &events()), Err(Damage::NotTheFile));
        assert_eq!(manifest.check(&file, &events()[1..]), Err(Damage::NotTheEvents));
        let (kept, damage) = read(&[&file[..file.len() - 30], b"\n"].concat());
        assert_eq!((kept.len(), damage), (4, Some(Damage::Line(5))));
    }
}
