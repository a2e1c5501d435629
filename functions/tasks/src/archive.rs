//! The ZIP of an export: everything of a kind as JSON, the files as they are kept, and an index for people.
//!
//! It is built in files of the function's own disk. In memory there is never more than one page of items (1 MB), one piece
//! of one object, and the index's first thousand scripts; on disk, the items once as text and the archive itself.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Seek, Write},
    path::Path,
};

use askama::Template;
use jiff::Timestamp;
use serde_json::{Map, Value};
use smartscripts_domain::{Error, Result};
use smartscripts_files::Files;
use smartscripts_store::entities::Entity;
use tempfile::{NamedTempFile, TempDir};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Scripts that the index lists one by one.
const LISTED: usize = 1000;
/// The largest file that S3 takes in one piece, in bytes.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

/// An archive that is being made.
pub struct Archive {
    zip: ZipWriter<File>,
    file: NamedTempFile,
    folder: TempDir,
    kinds: BTreeMap<&'static str, Kind>,
    scripts: Vec<Script>,
}

struct Kind {
    entity: &'static Entity,
    items: BufWriter<File>,
    count: u64,
}

/// A script in the index.
struct Script {
    id: String,
    assessment: String,
    student: String,
    created_at: String,
    state: String,
    marks: String,
    files: Vec<String>,
}

/// What the index says at its head.
pub struct Heading {
    /// Whose data, as an id.
    pub whose: String,
    /// The export's id.
    pub export: String,
    /// When it was made.
    pub made_at: Timestamp,
}

struct Row {
    name: &'static str,
    description: &'static str,
    count: u64,
    path: String,
}

#[derive(Template)]
#[template(path = "export.html")]
struct Index<'a> {
    heading: &'a Heading,
    kinds: &'a [Row],
    scripts: &'a [Script],
    not_listed: u64,
}

#[derive(Template)]
#[template(path = "export.txt")]
struct Readme<'a> {
    heading: &'a Heading,
    kinds: &'a [Row],
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("archive: {error}"))
}

impl Archive {
    /// An archive of these kinds. Each is in it, even if there is nothing of the kind.
    ///
    /// # Errors
    /// `internal` if there is no disk to write to.
    pub fn new(kinds: impl Iterator<Item = &'static Entity>) -> Result<Self> {
        let (file, folder) = (NamedTempFile::new().map_err(failed)?, TempDir::new().map_err(failed)?);
        let zip = ZipWriter::new(file.reopen().map_err(failed)?);
        let mut archive = Self { zip, file, folder, kinds: BTreeMap::new(), scripts: Vec::new() };
        for entity in kinds {
            let items = File::create(archive.folder.path().join(entity.name)).map_err(failed)?;
            archive.kinds.insert(entity.name, Kind { entity, items: BufWriter::new(items), count: 0 });
        }
        Ok(archive)
    }

    /// Whether things of this kind belong into it.
    #[must_use]
    pub fn holds(&self, entity: &Entity) -> bool {
        self.kinds.contains_key(entity.name)
    }

    /// Adds an item.
    ///
    /// # Errors
    /// `internal` if the disk is full.
    pub fn add_item(&mut self, entity: &Entity, item: &Map<String, Value>) -> Result<()> {
        let Some(kind) = self.kinds.get_mut(entity.name) else { return Ok(()) };
        kind.items.write_all(if kind.count == 0 { b"[\n" } else { b",\n" }).map_err(failed)?;
        serde_json::to_writer(&mut kind.items, item).map_err(failed)?;
        kind.count += 1;
        if entity.name == "submission" && self.scripts.len() < LISTED {
            self.scripts.push(Script::of(item));
        }
        Ok(())
    }

    /// Adds an object of the bucket, under its own key. One that is gone meanwhile is left out.
    ///
    /// # Errors
    /// `unavailable`; `internal` if the disk is full.
    pub async fn add_object(&mut self, files: &Files, entity: &Entity, key: &str) -> Result<()> {
        let path = format!("files/{key}");
        self.zip.start_file(&path, options(key)).map_err(failed)?;
        if !files.copy_to(key, &mut self.zip).await? {
            return self.zip.abort_file().map_err(failed);
        }
        if let Some(kind) = self.kinds.get_mut(entity.name) {
            kind.count += 1;
        }
        if let Some(script) = self.scripts.last_mut().filter(|script| key.contains(&format!("/{}/", script.id))) {
            script.files.push(path);
        }
        Ok(())
    }

    /// The finished archive.
    ///
    /// # Errors
    /// `export_too_large`; `internal` if the disk is full.
    pub fn finish(mut self, heading: &Heading) -> Result<NamedTempFile> {
        let (mut rows, mut submissions) = (Vec::new(), 0);
        for (name, kind) in std::mem::take(&mut self.kinds) {
            let Kind { entity, mut items, count } = kind;
            if name == "submission" {
                submissions = count;
            }
            let is_item = !matches!(entity.place, smartscripts_store::entities::Place::Objects { .. });
            let path = if is_item { format!("data/{name}.json") } else { "files/".to_owned() };
            if is_item {
                items.write_all(if count == 0 { b"[]\n" } else { b"\n]\n" }).map_err(failed)?;
                items.flush().map_err(failed)?;
                self.add_text(&path, &self.folder.path().join(name))?;
            }
            rows.push(Row { name, description: entity.description, count, path });
        }
        let not_listed = u64::saturating_sub(submissions, LISTED as u64);
        let index = Index { heading, kinds: &rows, scripts: &self.scripts, not_listed };
        let index = index.render().map_err(failed)?;
        let readme = Readme { heading, kinds: &rows }.render().map_err(failed)?;
        for (name, text) in [("index.html", index), ("README.txt", readme)] {
            self.zip.start_file(name, options(name)).map_err(failed)?;
            self.zip.write_all(text.as_bytes()).map_err(failed)?;
        }
        let mut written = self.zip.finish().map_err(failed)?;
        if written.stream_position().map_err(failed)? > LARGEST {
            let message = "The export is larger than 5 GiB. Ask for the persons' exports one by one.";
            return Err(Error::invalid("export_too_large", message));
        }
        Ok(self.file)
    }

    fn add_text(&mut self, name: &str, source: &Path) -> Result<()> {
        self.zip.start_file(name, options(name)).map_err(failed)?;
        let mut source = File::open(source).map_err(failed)?;
        std::io::copy(&mut source, &mut self.zip).map(drop).map_err(failed)
    }
}

/// Pictures and PDF files don't shrink any more.
fn options(name: &str) -> SimpleFileOptions {
    let is_text = [".json", ".txt", ".html"].iter().any(|end| name.ends_with(end));
    let method = if is_text { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    SimpleFileOptions::default().compression_method(method).large_file(true)
}

impl Script {
    fn of(item: &Map<String, Value>) -> Self {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let outcome = item.get("outcome").filter(|outcome| outcome.is_object());
        let marks = outcome.map(|outcome| format!("{} of {}", outcome["marks"], outcome["max_marks"]));
        let student = [text("student_name"), text("student_number")].join(" ").trim().to_owned();
        Self {
            id: text("id"),
            assessment: text("assessment"),
            student,
            created_at: text("created_at"),
            state: text("state"),
            marks: marks.unwrap_or_default(),
            files: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::json;
    use smartscripts_store::entities::ENTITIES;
    use zip::ZipArchive;

    use super::*;

    fn entity(name: &str) -> &'static Entity {
        ENTITIES.iter().find(|entity| entity.name == name).unwrap()
    }

    #[test]
    fn every_kind_is_in_it_and_names_are_text() {
        let kinds = ["submission", "team", "feedback"].map(entity);
        let mut archive = Archive::new(kinds.into_iter()).unwrap();
        let Value::Object(item) = json!({
            "id": "sub_1", "assessment": "asm_1", "student_name": "<b>Ada</b>", "state": "graded",
            "outcome": { "marks": 3.5, "max_marks": 4 },
        }) else {
            return;
        };
        archive.add_item(entity("submission"), &item).unwrap();
        archive.add_item(entity("submission"), &item).unwrap();
        archive.add_item(entity("user"), &item).unwrap();
        let heading = Heading { whose: "w".to_owned(), export: "e".to_owned(), made_at: Timestamp::UNIX_EPOCH };
        let file = archive.finish(&heading).unwrap();
        let mut zip = ZipArchive::new(file.reopen().unwrap()).unwrap();
        let mut names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        names.sort();
        assert_eq!(names, ["README.txt", "data/submission.json", "data/team.json", "index.html"]);
        let mut read = |name: &str| {
            let mut text = String::new();
            zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let submissions: Value = serde_json::from_str(&read("data/submission.json")).unwrap();
        assert_eq!(submissions.as_array().unwrap().len(), 2);
        assert_eq!(serde_json::from_str::<Value>(&read("data/team.json")).unwrap(), json!([]));
        let index = read("index.html");
        assert!(index.contains("3.5 of 4") && index.contains("data/submission.json"), "{index}");
        assert!(!index.contains("<b>"), "{index}");
        assert!(read("README.txt").contains("data/team.json"));
    }
}
