//! Word documents: a ZIP archive with the text, the styles and the numbering as XML.
//!
//! What an archive says of its sizes is not believed: as much is unpacked as the limits allow, and no more.

use std::{
    collections::HashMap,
    io::{Cursor, Read},
};

use quick_xml::{
    events::{BytesStart, Event},
    name::{Namespace, ResolveResult},
    reader::NsReader,
};
use smartscripts_domain::{
    Error, Result,
    document::{DocumentText, Unwritten},
};
use zip::ZipArchive;

use super::{Writer, row, too_large};

/// Files in the archive. A document of a hundred pages with fifty pictures has about a hundred.
const FILES: usize = 2_000;
/// Bytes of one file of XML, unpacked. A page of text has about 20,000.
const XML_BYTES: u64 = 16 * 1024 * 1024;
/// Elements within each other. A table within a table within a text box has about forty.
const DEPTH: usize = 200;
/// Levels of a list.
const LEVELS: usize = 9;
/// Styles that are based on each other.
const BASED: usize = 20;

/// The text of a Word document.
///
/// # Errors
/// `docx_damaged`, `document_too_large`.
pub(super) fn text(content: &[u8]) -> Result<DocumentText> {
    let mut archive = ZipArchive::new(Cursor::new(content)).map_err(damaged)?;
    if archive.len() > FILES {
        return Err(too_large("The document has too many parts"));
    }
    let relations = unpack(&mut archive, "_rels/.rels")?.unwrap_or_default();
    let main = main_part(&relations)?.unwrap_or_else(|| "word/document.xml".to_owned());
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let Some(document) = unpack(&mut archive, &main)? else {
        return Err(damaged("there is no main part"));
    };
    let styles = unpack(&mut archive, &format!("{folder}/styles.xml"))?.unwrap_or_default();
    let numbering = unpack(&mut archive, &format!("{folder}/numbering.xml"))?.unwrap_or_default();
    let mut body = Body {
        styles: styles_of(&styles)?,
        numbering: numbering_of(&numbering)?,
        counts: HashMap::new(),
        paragraphs: Vec::new(),
        tables: Vec::new(),
        skipped: 0,
        is_document: false,
        was_list: false,
        writer: Writer::default(),
    };
    read(&document, |happened| body.take(happened))?;
    if !body.is_document {
        return Err(damaged("there is no body"));
    }
    Ok(body.writer.finish())
}

fn damaged(context: impl std::fmt::Display) -> Error {
    let message = "The Word document is damaged, or it isn't one. Please open it in your word processor, save it as a Word \
                   document (.docx) and choose it again.";
    Error::invalid("docx_damaged", message).with_context(context)
}

/// A file of the archive; none when there is none of this name.
fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>> {
    let Some(index) = archive.index_for_name(name) else { return Ok(None) };
    let file = archive.by_index(index).map_err(damaged)?;
    let mut text = String::new();
    file.take(XML_BYTES + 1).read_to_string(&mut text).map_err(damaged)?;
    if text.len() as u64 > XML_BYTES {
        return Err(too_large("The document unfolds to more than 16 MiB of text"));
    }
    Ok(Some(text))
}

/// What is met in a file, elements by their names in the namespaces that count here: `w:p`, `m:oMath`.
#[derive(Clone, Copy)]
enum Met<'a> {
    Begin(&'a str, &'a BytesStart<'a>),
    End(&'a str),
    Text(&'a str),
}

/// Goes through a file of XML. An element without content begins and ends.
fn read(xml: &str, mut take: impl FnMut(Met<'_>)) -> Result<()> {
    let mut reader = NsReader::from_str(xml.trim_start_matches('\u{FEFF}'));
    let mut depth = 0;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(damaged)?;
        let prefix = prefix(&namespace);
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > DEPTH {
                    return Err(damaged("too deep"));
                }
                let name = format!("{prefix}:{}", start.local_name().into_inner());
                take(Met::Begin(&name, &start));
            }
            Event::Empty(start) => {
                let name = format!("{prefix}:{}", start.local_name().into_inner());
                take(Met::Begin(&name, &start));
                take(Met::End(&name));
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                take(Met::End(&format!("{prefix}:{}", end.local_name().into_inner())));
            }
            Event::Text(text) => take(Met::Text(&text.xml10_content())),
            Event::CData(text) => take(Met::Text(&text.xml10_content())),
            Event::GeneralRef(reference) => {
                let character = match &*reference {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => match reference.resolve_char_ref().map_err(damaged)? {
                        Some(character) => character,
                        None => return Err(damaged("an unknown entity")),
                    },
                };
                take(Met::Text(character.encode_utf8(&mut [0; 4])));
            }
            // Office Open XML has none; whoever writes one wants entities unfolded.
            Event::DocType(_) => return Err(damaged("a document type")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(damaged("cut off")),
        }
    }
}

/// The usual prefix of a namespace that counts here; the same for the strict form of the standard.
fn prefix(namespace: &ResolveResult<'_>) -> &'static str {
    let ResolveResult::Bound(Namespace(namespace)) = namespace else { return "" };
    match *namespace {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        | "http://purl.oclc.org/ooxml/wordprocessingml/main" => "w",
        "http://schemas.openxmlformats.org/officeDocument/2006/math"
        | "http://purl.oclc.org/ooxml/officeDocument/math" => "m",
        "http://schemas.openxmlformats.org/markup-compatibility/2006" => "mc",
        "http://schemas.openxmlformats.org/package/2006/relationships" => "rel",
        _ => "",
    }
}

/// An attribute by its name without the prefix.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.attributes().with_checks(false).flatten().find(|it| it.key.local_name().into_inner() == name)?;
    Some(found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// The `w:val` of an element as a number.
fn number(start: &BytesStart<'_>) -> Option<usize> {
    attribute(start, "val")?.parse().ok()
}

/// The name of the main part, by the archive's list of relations.
fn main_part(relations: &str) -> Result<Option<String>> {
    let mut found = None;
    read(relations, |met| {
        if let Met::Begin("rel:Relationship", start) = met
            && attribute(start, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
        {
            found = attribute(start, "Target").map(|target| target.trim_start_matches('/').to_owned());
        }
    })?;
    Ok(found)
}

/// How a paragraph is set: what counts here.
#[derive(Clone, Default)]
struct Setting {
    /// Level of a heading, from 1.
    heading: Option<usize>,
    /// The list that it belongs to, and the level in it, from 0.
    list: Option<String>,
    level: Option<usize>,
    /// How far in a style of the word processor's own stands, whose list knows one level alone: 1 for `List Bullet 2`.
    depth: Option<usize>,
}

impl Setting {
    /// This, and what it doesn't say from another.
    fn or(self, other: &Self) -> Self {
        Self {
            heading: self.heading.or(other.heading),
            list: self.list.or_else(|| other.list.clone()),
            level: self.level.or(other.level),
            depth: self.depth.or(other.depth),
        }
    }

    /// Takes a property in, if it is one of these.
    fn take(&mut self, name: &str, start: &BytesStart<'_>) {
        match name {
            "w:outlineLvl" => self.heading = number(start).filter(|level| *level < LEVELS).map(|level| level + 1),
            "w:ilvl" => self.level = number(start).filter(|level| *level < LEVELS),
            "w:numId" => self.list = attribute(start, "val"),
            _ => {}
        }
    }
}

/// The paragraph styles by their ids, each with what it inherits.
fn styles_of(xml: &str) -> Result<HashMap<String, Setting>> {
    struct Style {
        setting: Setting,
        based_on: Option<String>,
    }
    let mut styles: HashMap<String, Style> = HashMap::new();
    let mut current: Option<(String, Style)> = None;
    read(xml, |met| {
        match (met, &mut current) {
            (Met::Begin("w:style", start), _) => {
                let style = Style { setting: Setting::default(), based_on: None };
                current = attribute(start, "styleId").map(|id| (id, style));
            }
            (Met::End("w:style"), _) => styles.extend(current.take()),
            (Met::Begin("w:basedOn", start), Some((_, style))) => style.based_on = attribute(start, "val"),
            (Met::Begin("w:name", start), Some((_, style))) => {
                let name = attribute(start, "val").unwrap_or_default().to_lowercase();
                if name == "title" {
                    style.setting.heading = Some(1); // above all headings
                }
                let number = name.strip_prefix("list bullet ").or_else(|| name.strip_prefix("list number "));
                let number: Option<usize> = number.and_then(|number| number.parse().ok());
                style.setting.depth = number.and_then(|number| number.checked_sub(1)).filter(|depth| *depth < LEVELS);
            }
            (Met::Begin(name, start), Some((_, style))) => style.setting.take(name, start),
            _ => {}
        }
    })?;
    let inherited = |id: &String| {
        let mut setting = Setting::default();
        let mut next = Some(id);
        // Styles that are based on each other in a circle end too.
        for _ in 0..BASED {
            let Some(style) = next.and_then(|id| styles.get(id)) else { break };
            setting = setting.or(&style.setting);
            next = style.based_on.as_ref();
        }
        setting
    };
    Ok(styles.keys().map(|id| (id.clone(), inherited(id))).collect())
}

/// A level of a list.
#[derive(Clone, Default)]
struct Level {
    /// How it counts: `decimal`, `lowerLetter`, `bullet` …
    format: String,
    /// What is written, with `%1` where the first level's number stands.
    text: String,
    start: Option<usize>,
}

/// A list.
#[derive(Clone)]
struct List {
    /// What it counts with: lists of one kind go on counting where the last one stopped, unless they begin anew.
    counter: String,
    levels: Vec<Level>,
}

/// The lists by their ids.
fn numbering_of(xml: &str) -> Result<HashMap<String, List>> {
    let mut kinds: HashMap<String, Vec<Level>> = HashMap::new();
    let mut lists: HashMap<String, List> = HashMap::new();
    let (mut kind, mut list): (Option<(String, Vec<Level>)>, Option<String>) = (None, None);
    let mut level = 0;
    read(xml, |met| match met {
        Met::Begin("w:abstractNum", start) => {
            kind = attribute(start, "abstractNumId").map(|id| (id, vec![Level::default(); LEVELS]));
        }
        Met::End("w:abstractNum") => kinds.extend(kind.take()),
        Met::Begin("w:num", start) => list = attribute(start, "numId"),
        Met::End("w:num") => list = None,
        Met::Begin("w:abstractNumId", start) => {
            let id = attribute(start, "val").unwrap_or_default();
            if let (Some(list), Some(levels)) = (&list, kinds.get(&id)) {
                let levels = levels.clone();
                lists.insert(list.clone(), List { counter: format!("kind {id}"), levels });
            }
        }
        Met::Begin("w:lvl" | "w:lvlOverride", start) => {
            level = attribute(start, "ilvl").and_then(|level| level.parse().ok()).unwrap_or(LEVELS);
        }
        Met::Begin(name @ ("w:numFmt" | "w:lvlText" | "w:start" | "w:startOverride"), start) => {
            let levels = match (&mut kind, &list) {
                (Some((_, levels)), _) => Some(levels),
                (None, Some(id)) => lists.get_mut(id).map(|list| {
                    if name == "w:startOverride" {
                        list.counter.clone_from(id);
                    }
                    &mut list.levels
                }),
                (None, None) => None,
            };
            if let Some(level) = levels.and_then(|levels| levels.get_mut(level)) {
                match name {
                    "w:numFmt" => level.format = attribute(start, "val").unwrap_or_default(),
                    "w:lvlText" => level.text = attribute(start, "val").unwrap_or_default(),
                    _ => level.start = number(start),
                }
            }
        }
        _ => {}
    })?;
    Ok(lists)
}

/// A paragraph that is being read.
#[derive(Default)]
struct Paragraph {
    style: Option<String>,
    setting: Setting,
    text: String,
    /// Within `w:pPr`, whose other elements are the paragraph's.
    in_properties: bool,
    /// Within `w:t` or `m:t`.
    in_text: bool,
    left_out: Vec<Unwritten>,
}

/// A table that is being read.
#[derive(Default)]
struct Table {
    cells: Vec<String>,
}

/// The text, as it is read.
struct Body {
    styles: HashMap<String, Setting>,
    numbering: HashMap<String, List>,
    /// The numbers that the lists have come to, by what they count with.
    counts: HashMap<String, [usize; LEVELS]>,
    /// The paragraph, and those around it that a text box stands in.
    paragraphs: Vec<Paragraph>,
    /// The table, and those around it.
    tables: Vec<Table>,
    /// How deep within what is not read: what was deleted, and the older form of what is there twice.
    skipped: usize,
    is_document: bool,
    /// Whether the last line is an entry of a list.
    was_list: bool,
    writer: Writer,
}

impl Body {
    fn take(&mut self, met: Met<'_>) {
        match met {
            Met::Begin("w:del" | "w:moveFrom" | "mc:Fallback", _) => self.skipped += 1,
            Met::End("w:del" | "w:moveFrom" | "mc:Fallback") => self.skipped = self.skipped.saturating_sub(1),
            _ if self.skipped > 0 => {}
            Met::Begin(name, start) => self.begin(name, start),
            Met::End(name) => self.end(name),
            Met::Text(text) => {
                if let Some(paragraph) = self.paragraphs.last_mut().filter(|paragraph| paragraph.in_text) {
                    paragraph.text.push_str(text);
                }
            }
        }
    }

    fn begin(&mut self, name: &str, start: &BytesStart<'_>) {
        match name {
            "w:body" => self.is_document = true,
            "w:p" => self.paragraphs.push(Paragraph::default()),
            "w:tbl" => self.tables.push(Table::default()),
            "w:tc" => {
                if let Some(table) = self.tables.last_mut() {
                    table.cells.push(String::new());
                }
            }
            _ => {}
        }
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        match name {
            "w:pPr" => paragraph.in_properties = true,
            "w:pStyle" => paragraph.style = attribute(start, "val"),
            "w:t" | "m:t" => paragraph.in_text = true,
            "w:tab" if !paragraph.in_properties => paragraph.text.push('\t'),
            "w:br" | "w:cr" => paragraph.text.push('\n'),
            "w:noBreakHyphen" => paragraph.text.push('-'),
            "w:drawing" | "w:pict" | "w:object" => paragraph.left_out.push(Unwritten::Picture),
            "m:oMath" => paragraph.left_out.push(Unwritten::Formula),
            "w:footnoteReference" | "w:endnoteReference" => paragraph.left_out.push(Unwritten::Note),
            "w:outlineLvl" | "w:ilvl" | "w:numId" if paragraph.in_properties => paragraph.setting.take(name, start),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "w:p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.put(paragraph);
                }
            }
            "w:tr" => {
                if let Some(table) = self.tables.last_mut() {
                    let cells = std::mem::take(&mut table.cells);
                    if cells.iter().any(|cell| !cell.is_empty()) {
                        self.put_row(&cells);
                    }
                }
            }
            "w:tbl" => {
                self.tables.pop();
                self.writer.gap();
            }
            _ => {
                let Some(paragraph) = self.paragraphs.last_mut() else { return };
                match name {
                    "w:pPr" => paragraph.in_properties = false,
                    "w:t" | "m:t" => paragraph.in_text = false,
                    _ => {}
                }
            }
        }
    }

    /// A row of a table; within another table it is text of that one's cell.
    fn put_row(&mut self, cells: &[String]) {
        let above = self.tables.len().checked_sub(2).and_then(|index| self.tables.get_mut(index));
        match above.and_then(|table| table.cells.last_mut()) {
            Some(cell) => add(cell, &cells.join(" ")),
            None => self.writer.line(row(cells)),
        }
    }

    fn put(&mut self, paragraph: Paragraph) {
        let inherited = paragraph.style.as_ref().and_then(|style| self.styles.get(style)).cloned().unwrap_or_default();
        let setting = paragraph.setting.or(&inherited);
        let mut lines = paragraph.text.lines().map(spaced).filter(|line| !line.is_empty());
        let first = lines.next();
        // An empty entry of a list isn't counted, and a text box's own paragraphs have been put before it.
        let mark = first.as_ref().and_then(|_| self.mark(&setting));
        if let Some(cell) = self.tables.last_mut().and_then(|table| table.cells.last_mut()) {
            for missing in paragraph.left_out {
                self.writer.leave_out(missing);
            }
            let mark = mark.map(|(_, mark)| mark).unwrap_or_default();
            for line in first.into_iter().map(|line| spaced(&format!("{mark} {line}"))).chain(lines) {
                add(cell, &line);
            }
            return;
        }
        let is_list = mark.is_some();
        if first.is_some() && !(is_list && self.was_list) {
            self.writer.gap();
        }
        for missing in paragraph.left_out {
            self.writer.leave_out(missing);
        }
        let Some(first) = first else { return };
        let line = match (mark, setting.heading) {
            (mark, Some(level)) => {
                let mark = mark.map(|(_, mark)| mark).filter(|mark| mark != "-").unwrap_or_default();
                spaced(&format!("{} {mark} {first}", "#".repeat(level.min(6))))
            }
            (Some((level, mark)), None) => format!("{}{mark} {first}", "  ".repeat(level)),
            (None, None) => first,
        };
        self.writer.line(line);
        for line in lines {
            self.writer.line(line);
        }
        self.was_list = is_list;
    }

    /// What stands before an entry of a list, and its level: `-`, or the number that the word processor counts.
    fn mark(&mut self, setting: &Setting) -> Option<(usize, String)> {
        let list = setting.list.as_ref().filter(|list| *list != "0")?;
        let level = setting.level.unwrap_or(0);
        let List { counter, levels } = self.numbering.get(list)?;
        let own = levels.get(level)?;
        let depth = level.max(setting.depth.unwrap_or(0));
        if own.format == "bullet" {
            return Some((depth, "-".to_owned()));
        }
        if own.format == "none" {
            return None;
        }
        let counts = self.counts.entry(counter.clone()).or_insert([0; LEVELS]);
        let start = |level: usize| levels.get(level).and_then(|level| level.start).unwrap_or(1);
        counts[level] = if counts[level] == 0 { start(level) } else { counts[level] + 1 };
        counts[level + 1..].fill(0);
        let mut mark = own.text.clone();
        for (index, level) in levels.iter().enumerate().take(level + 1) {
            let count = if counts[index] == 0 { start(index) } else { counts[index] };
            mark = mark.replace(&format!("%{}", index + 1), &counted(count, &level.format));
        }
        (!mark.trim().is_empty()).then_some((depth, mark))
    }
}

/// Adds text to a cell.
fn add(cell: &mut String, text: &str) {
    if !cell.is_empty() && !text.is_empty() {
        cell.push(' ');
    }
    cell.push_str(text);
}

/// Words with one space between them.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A number as a list writes it.
fn counted(count: usize, format: &str) -> String {
    // After z come aa, bb and so on.
    let letter = |first: u8| {
        let letter = char::from(first + ((count.max(1) - 1) % 26) as u8);
        letter.to_string().repeat(((count.max(1) - 1) / 26 + 1).min(10))
    };
    match format {
        "lowerLetter" => letter(b'a'),
        "upperLetter" => letter(b'A'),
        "lowerRoman" => roman(count).to_lowercase(),
        "upperRoman" => roman(count),
        _ => count.to_string(),
    }
}

/// A number in Roman numerals; from 4,000 on in ours.
fn roman(count: usize) -> String {
    const SIGNS: [(usize, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if count >= 4000 {
        return count.to_string();
    }
    let mut rest = count;
    let mut numeral = String::new();
    for (value, sign) in SIGNS {
        numeral.push_str(&sign.repeat(rest / value));
        rest %= value;
    }
    numeral
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;
    use smartscripts_domain::document::LeftOut;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    const SAMPLE: &[u8] = include_bytes!("../../../../tests/guide-files/guide.docx");
    const NAMESPACES: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// A document with this body, and with this numbering.
    fn document(body: &str, numbering: &str) -> Vec<u8> {
        archive(&[
            ("word/document.xml", &format!("<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>")),
            ("word/numbering.xml", &format!("<w:numbering {NAMESPACES}>{numbering}</w:numbering>")),
        ])
    }

    fn text_of(body: &str) -> DocumentText {
        text(&document(body, "")).unwrap()
    }

    fn code(content: &[u8]) -> &'static str {
        text(content).unwrap_err().code()
    }

    #[test]
    fn a_document_that_a_word_processor_made_is_written_down() {
        let DocumentText { text, left_out } = text(SAMPLE).unwrap();
        let expected = [
            "# Photosynthesis",
            "Year 9, spring term",
            "1. Name the gas that plants take in. [1]",
            "- carbon dioxide [1]",
            "  - CO2 & “carbonic gas”",
            "2. Explain why leaves are green. [3]",
            "| Criterion | Accept | Marks |",
            "| they hold chlorophyll | leaf green | 1 |",
            "| green light is thrown back |  | 2 |",
            "## Question 3 (2 marks)",
            "Balance the equation 6CO2",
            "- six molecules of water [2]",
        ];
        assert_eq!(text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(), expected, "{text}");
        let at = 1 + text.lines().position(|line| line.starts_with("Balance")).unwrap();
        assert_eq!(left_out, [LeftOut { line: at, what: Unwritten::Formula }]);
    }

    #[test]
    fn numbers_are_counted_as_the_word_processor_does() {
        let level = |level: usize, format: &str, text: &str| {
            format!(
                r#"<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{format}"/><w:lvlText w:val="{text}"/></w:lvl>"#
            )
        };
        let numbering = format!(
            r#"<w:abstractNum w:abstractNumId="7">{}{}{}</w:abstractNum>
            <w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="7"/></w:num>
            <w:num w:numId="3"><w:abstractNumId w:val="7"/>
            <w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>"#,
            level(0, "decimal", "%1."),
            level(1, "lowerLetter", "(%2)"),
            level(2, "lowerRoman", "%1%2%3)"),
        );
        let entry = |list: u32, level: u32| {
            format!(
                r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list}"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>"#
            )
        };
        let body: String = [(1, 0), (1, 1), (1, 1), (1, 2), (2, 0), (1, 1), (3, 0), (3, 0), (9, 0)]
            .map(|(list, level)| entry(list, level))
            .concat();
        let found = text(&document(&body, &numbering)).unwrap().text;
        let lines: Vec<&str> = found.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["1. x", "  (a) x", "  (b) x", "    1bi) x", "2. x", "  (a) x", "5. x", "6. x", "x"]);
        assert_eq!(["lowerLetter", "upperRoman", "decimal"].map(|format| counted(28, format)), ["bb", "XXVIII", "28"]);
        assert_eq!((roman(1994), roman(4000)), ("MCMXCIV".to_owned(), "4000".to_owned()));
    }

    #[test]
    fn what_text_does_not_hold_is_named() {
        let found = text_of(
            "<w:p><w:r><w:t>one</w:t></w:r></w:p>\
             <w:p><w:r><w:drawing/><w:t>two</w:t><w:footnoteReference/></w:r></w:p><w:p><w:r><w:pict/></w:r></w:p>",
        );
        assert_eq!(found.text, "one\n\ntwo");
        let at = |line, what| LeftOut { line, what };
        assert_eq!(found.left_out, [at(3, Unwritten::Picture), at(3, Unwritten::Note), at(3, Unwritten::Picture)]);
    }

    #[test]
    fn a_text_that_is_there_twice_is_read_once_and_boxes_stand_before_their_paragraph() {
        let twice = "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p>\
                     </w:txbxContent></mc:Choice><mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Fallback>\
                     </mc:AlternateContent><w:t>text</w:t></w:r></w:p>";
        assert_eq!(text_of(twice).text, "box\n\ntext");
    }

    #[test]
    fn cells_keep_their_paragraphs_and_inner_tables() {
        let cell = |content: &str| format!("<w:tc>{content}</w:tc>");
        let p = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
        let inner = format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", cell(&p("in")), cell(&p("ner")));
        let table = format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", cell(&(p("a|b") + &p("c"))), cell(&(inner + &p("d"))));
        assert_eq!(text_of(&table).text, "| a/b c | in ner d |");
    }

    #[test]
    fn what_is_no_word_document_is_refused() {
        assert_eq!(code(b"PK\x03\x04"), "docx_damaged");
        assert_eq!(code(&SAMPLE[..SAMPLE.len() / 2]), "docx_damaged");
        assert_eq!(code(&archive(&[("content.xml", "<office/>")])), "docx_damaged");
        let of = |xml: &str| archive(&[("word/document.xml", xml)]);
        assert_eq!(code(&of("<w:document>")), "docx_damaged");
        assert_eq!(code(&of("<a></b>")), "docx_damaged");
        assert_eq!(code(&of("<a/>")), "docx_damaged");
        let bomb = "<!DOCTYPE a [<!ENTITY b 'xxxxxxxxxx'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>";
        assert_eq!(code(&of(bomb)), "docx_damaged");
        assert_eq!(code(&of(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)))), "docx_damaged");
    }

    #[test]
    fn no_more_is_unpacked_than_the_limits_allow() {
        let long = format!("<w:document {NAMESPACES}><w:body>{}</w:body></w:document>", " ".repeat(17 << 20));
        let bomb = archive(&[("word/document.xml", &long)]);
        assert!(bomb.len() < 100_000, "{} bytes", bomb.len());
        assert_eq!(code(&bomb), "document_too_large");
        let names: Vec<String> = (0..=FILES).map(|number| format!("{number}.xml")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        assert_eq!(code(&archive(&many)), "document_too_large");
        // Styles that are based on each other in a circle end.
        let circle = format!(
            r#"<w:styles {NAMESPACES}><w:style w:styleId="a"><w:basedOn w:val="b"/></w:style><w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>"#
        );
        assert_eq!(styles_of(&circle).unwrap().len(), 2);
    }

    proptest! {
        #[test]
        fn any_xml_ends_well_or_with_a_reason(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "<w:p>", "</w:p>", "<w:t>", "</w:t>", "<w:tbl>", "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>", "</w:tc>",
                    "<w:del>", "</w:del>", "<w:pPr>", "</w:pPr>", "<w:numPr/>", "<w:ilvl w:val='99999999999'/>",
                    "<w:numId w:val='1'/>", "<m:oMath/>", "<w:drawing/>", "&lt;", "&#0;", "&x;", "word", "\u{1F600}", "|",
                ]),
                0..40,
            ),
        ) {
            match text(&document(&parts.concat(), "")) {
                Ok(found) => {
                    let lines = found.text.lines().count().max(1);
                    prop_assert!(found.left_out.iter().all(|missing| (1..=lines).contains(&missing.line)));
                }
                Err(error) => prop_assert_eq!(error.code(), "docx_damaged"),
            }
        }

        #[test]
        fn a_damaged_archive_ends_well_or_with_a_reason(at in 0..SAMPLE.len(), byte: u8) {
            let mut content = SAMPLE.to_vec();
            content[at] = byte;
            if let Err(error) = text(&content) {
                prop_assert!(["docx_damaged", "document_too_large"].contains(&error.code()), "{error}");
            }
        }
    }
}
