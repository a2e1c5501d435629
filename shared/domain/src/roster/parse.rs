//! A spreadsheet's file → rows. Spreadsheets write many kinds of "CSV": the encoding, the separator and the names of the
//! columns are found out.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{Note, email, limits, name, number, roster_invalid, same_team, team_name};
use crate::{Error, Kind, Result};

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// One row for each student, in the file's order; no number stands there twice.
    pub rows: Vec<Row>,
    /// What was passed over.
    pub notes: Vec<Note>,
}

/// What a file says of a student.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line, counted from 1.
    pub line: usize,
    /// The number.
    pub number: String,
    /// The name.
    pub name: String,
    /// The e-mail address, in lower case.
    pub email: Option<String>,
    /// The classes; none if the file doesn't say.
    pub teams: Vec<String>,
}

impl Row {
    /// Whether both say the same, wherever they stand.
    fn says_the_same(&self, other: &Self) -> bool {
        (&self.name, &self.email, &self.teams) == (&other.name, &other.email, &other.teams)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Number,
    Name,
    FirstName,
    LastName,
    Email,
    Team,
}

/// How the columns may be called: in lower case, letters and digits only.
const SPELLINGS: &[(Column, &[&str])] = &[
    (
        Column::Number,
        &[
            "number",
            "no",
            "id",
            "idnumber",
            "studentnumber",
            "studentno",
            "studentid",
            "matriculationnumber",
            "matrikelnummer",
            "matrikelnr",
            "matrnr",
            "schülernummer",
            "schuelernummer",
            "schülernr",
            "nummer",
            "nr",
        ],
    ),
    (Column::Name, &["name", "fullname", "studentname", "student", "schüler", "schueler", "schülername"]),
    (Column::FirstName, &["firstname", "first", "givenname", "forename", "vorname"]),
    (Column::LastName, &["lastname", "last", "surname", "familyname", "nachname", "familienname"]),
    (Column::Email, &["email", "emailaddress", "mail", "emailadresse", "mailadresse"]),
    (Column::Team, &["class", "classes", "team", "teams", "group", "section", "klasse", "klassen", "kurs", "gruppe"]),
];

/// What parts the classes in one cell.
const BETWEEN_TEAMS: char = '|';

/// A last record that we add: if it doesn't come back, a quotation mark before it was never closed.
const END: &str = "\u{1}end";

/// Reads a file. A cell that is empty, or whose column isn't there, says nothing of an e-mail address or a class.
///
/// # Errors
/// `roster_too_large`, or `roster_invalid` with all problems, each with its line.
pub fn parse(bytes: &[u8]) -> Result<Roster> {
    if bytes.len() > limits::BYTES {
        return Err(Error::new(Kind::TooLarge, "roster_too_large", "The file is larger than 1 MiB."));
    }
    let text = decode(bytes)?;
    let (skipped, text) = without_hint(&text);
    let records: Vec<(usize, StringRecord)> = records(text, separator(text))?;
    let mut records = records.into_iter().map(|(line, record)| (line + skipped, record));
    let Some((line, header)) = records.next() else { return Err(problem(1, "The file is empty.")) };
    let (columns, notes) = columns(line, &header)?;
    let records: Vec<(usize, StringRecord)> = records.collect();
    if records.is_empty() {
        return Err(problem(line, "No student follows the line with the columns' names."));
    }
    if records.len() > limits::ROWS {
        let message = format!("The file has more than {} students. Import it in parts.", limits::ROWS);
        return Err(Error::new(Kind::TooLarge, "roster_too_large", message));
    }
    rows(&columns, header.len(), &records, notes)
}

fn problem(line: usize, text: impl Into<String>) -> Error {
    roster_invalid(vec![Note { line, text: text.into() }])
}

/// By its byte-order mark UTF-8 or UTF-16; without one UTF-8 if it can be, else what Excel writes in the western world.
/// Every line ends with one `\n`.
fn decode(bytes: &[u8]) -> Result<String> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, bytes),
        None => (WINDOWS_1252, bytes),
    };
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    if had_errors {
        let message = format!("The file says it is {}, and isn't. Save it anew as CSV (UTF-8).", encoding.name());
        return Err(problem(1, message));
    }
    if text.contains('\0') {
        return Err(problem(1, "The file is no text. Save the spreadsheet as CSV (UTF-8)."));
    }
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Takes off the line `sep=;`, which Excel understands and some programs write; and how many lines that were.
fn without_hint(text: &str) -> (usize, &str) {
    match text.split_once('\n') {
        Some((first, rest)) if first.trim_matches('"').to_lowercase().starts_with("sep=") => (1, rest),
        _ => (0, text),
    }
}

/// The separator with which most names of columns are understood.
fn separator(text: &str) -> u8 {
    let understood = |separator: &u8| {
        let first = reader(text, *separator).into_records().next().and_then(Result::ok).unwrap_or_default();
        first.iter().filter(|cell| column(cell).is_some()).count()
    };
    // Of equals, `max_by_key` takes the last.
    [b'\t', b';', b','].into_iter().max_by_key(understood).unwrap_or(b',')
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}

/// Every record that isn't blank, with the line where it begins.
fn records(text: &str, separator: u8) -> Result<Vec<(usize, StringRecord)>> {
    let closed = format!("{text}\n{END}\n");
    let mut found = Vec::new();
    let mut lines = Lines { text: &closed, byte: 0, line: 1 };
    let mut ended = false;
    for record in reader(&closed, separator).into_records() {
        let record = record.map_err(Error::internal)?;
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        ended = record.iter().eq([END]);
        let blank = record.iter().all(|cell| cell.trim().is_empty());
        if !ended && !blank {
            found.push((line, record));
        }
    }
    if ended {
        return Ok(found);
    }
    let line = found.last().map_or(1, |(line, _)| *line);
    Err(problem(line, "A quotation mark is opened here or below and not closed."))
}

/// Counts lines up to a place. A record's own position lies before the blank lines that precede it.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, byte: u64) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
        while bytes.get(end) == Some(&b'\n') {
            end += 1;
        }
        self.line += self.text.get(self.byte..end).unwrap_or_default().matches('\n').count();
        self.byte = end;
        self.line
    }
}

fn column(cell: &str) -> Option<Column> {
    let plain: String = cell.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    SPELLINGS.iter().find(|(_, spellings)| spellings.contains(&plain.as_str())).map(|(column, _)| *column)
}

/// Where each column stands.
fn columns(line: usize, header: &StringRecord) -> Result<(BTreeMap<Column, usize>, Vec<Note>)> {
    let mut columns = BTreeMap::new();
    let mut notes = Vec::new();
    for (index, cell) in header.iter().enumerate() {
        let place = index + 1;
        match column(cell) {
            Some(column) => {
                if let Some(other) = columns.insert(column, index) {
                    let text = format!("Columns {} and {place} mean the same. Keep one of them.", other + 1);
                    return Err(problem(line, text));
                }
            }
            None if cell.trim().is_empty() => {}
            None => notes.push(Note { line, text: format!("Column {place} is not used.") }),
        }
    }
    if !columns.contains_key(&Column::Number) {
        let text =
            "No column is called “number”, “student number” or “Matrikelnummer”. The first line must name the columns.";
        return Err(problem(line, text));
    }
    let last = columns.contains_key(&Column::LastName) || columns.contains_key(&Column::Name);
    if !last {
        return Err(problem(line, "No column is called “name” or “last name”. The first line must name the columns."));
    }
    Ok((columns, notes))
}

fn rows(
    columns: &BTreeMap<Column, usize>,
    width: usize,
    records: &[(usize, StringRecord)],
    mut notes: Vec<Note>,
) -> Result<Roster> {
    let (mut rows, mut problems): (Vec<Row>, Vec<Note>) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (line, record) in records {
        let row = match row(columns, width, *line, record) {
            Ok(row) => row,
            Err(found) => {
                problems.extend(found.into_iter().map(|text| Note { line: *line, text }));
                continue;
            }
        };
        match seen.get(&row.number).and_then(|index| rows.get(*index)) {
            None => {
                seen.insert(row.number.clone(), rows.len());
                rows.push(row);
            }
            Some(first) if first.says_the_same(&row) => {
                notes.push(Note { line: *line, text: format!("The same as line {}.", first.line) });
            }
            Some(first) => {
                let text = format!("The same number as line {}, with something else beside it.", first.line);
                problems.push(Note { line: *line, text });
            }
        }
    }
    if problems.is_empty() { Ok(Roster { rows, notes }) } else { Err(roster_invalid(problems)) }
}

fn row(
    columns: &BTreeMap<Column, usize>,
    width: usize,
    line: usize,
    record: &StringRecord,
) -> Result<Row, Vec<String>> {
    let mut problems = Vec::new();
    if record.iter().skip(width).any(|cell| !cell.trim().is_empty()) {
        problems
            .push("There are more cells than columns. Perhaps a name with a comma stands without quotes.".to_owned());
    }
    let text = |column| columns.get(&column).and_then(|index| record.get(*index)).unwrap_or_default();
    let filled = |column| Some(text(column)).filter(|cell| !cell.trim().is_empty());
    let mut note = |error: Error| problems.push(error.message().to_owned());
    let number = number(text(Column::Number)).map_err(&mut note).unwrap_or_default();
    // Beside a first name, a column called “name” holds the last name.
    let last = filled(Column::LastName).unwrap_or_else(|| text(Column::Name));
    let whole = format!("{} {last}", text(Column::FirstName));
    let name = name(&whole).map_err(&mut note).unwrap_or_default();
    let email = filled(Column::Email).and_then(|cell| email(cell).map_err(&mut note).ok());
    let teams = teams(text(Column::Team)).map_err(&mut note).unwrap_or_default();
    if problems.is_empty() { Ok(Row { line, number, name, email, teams }) } else { Err(problems) }
}

fn teams(cell: &str) -> Result<Vec<String>> {
    let parts = cell.split(BETWEEN_TEAMS).filter(|part| !part.trim().is_empty());
    let names: Vec<String> = parts.map(team_name).collect::<Result<_>>()?;
    let mut seen = BTreeSet::new();
    let names: Vec<String> = names.into_iter().filter(|name| seen.insert(same_team(name))).collect();
    if names.len() > limits::TEAMS {
        let message = format!("A student can be in {} classes at most.", limits::TEAMS);
        return Err(Error::invalid("team_invalid", message));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use encoding_rs::Encoder;
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "Student number;Name;E-mail;Class\n";

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        let unit = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
    }

    fn windows(text: &str) -> Vec<u8> {
        let mut encoder: Encoder = WINDOWS_1252.new_encoder();
        let mut bytes = Vec::with_capacity(text.len() * 2);
        let (_, _, lossy) = encoder.encode_from_utf8_to_vec(text, &mut bytes, true);
        assert!(!lossy);
        bytes
    }

    /// Every way in which a spreadsheet may write this text.
    fn encodings(text: &str) -> [Vec<u8>; 5] {
        let with_mark = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        [text.as_bytes().to_vec(), with_mark, utf16(text, false), utf16(text, true), windows(text)]
    }

    fn lines_of(error: &Error) -> Vec<String> {
        assert_eq!(error.code(), "roster_invalid");
        error.message().lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn reads_each_encoding_and_separator() {
        let plain =
            "Matrikelnr.,Vorname,Nachname,E-Mail,Klasse\n007,Zoë,Müller,Zoe@School.example,7a\n8,Jürgen,Groß,,\n";
        let expected = parse(plain.as_bytes()).unwrap();
        assert_eq!(expected.rows[0].name, "Zoë Müller");
        assert_eq!(expected.rows[0].number, "007");
        assert_eq!(expected.rows[0].email.as_deref(), Some("zoe@school.example"));
        assert_eq!(expected.rows[0].teams, ["7a"]);
        assert_eq!((expected.rows[1].email.as_ref(), expected.rows[1].teams.len()), (None, 0));
        for separator in [",", ";", "\t"] {
            for line_end in ["\n", "\r\n", "\r"] {
                let text = plain.replace(',', separator).replace('\n', line_end);
                for (index, bytes) in encodings(&text).iter().enumerate() {
                    assert_eq!(parse(bytes).unwrap(), expected, "{separator:?} {line_end:?} {index}");
                }
            }
        }
    }

    #[test]
    fn reads_what_is_quoted() {
        let roster = parse(b"sep=;\nName;Nr\n\"M\xc3\xbcller; \"\"Max\"\"\";1\n\n ; \n\"Two\nlines\";2\n").unwrap();
        let read: Vec<(usize, &str)> = roster.rows.iter().map(|row| (row.line, row.name.as_str())).collect();
        assert_eq!(read, [(3, "Müller; \"Max\""), (6, "Two lines")]);
    }

    #[test]
    fn understands_the_usual_names_of_columns() {
        for (header, name) in [
            ("ID,First name,Surname", "A B"),
            ("student_id,Vorname,Name", "A B"),
            ("number,Given Name,FAMILY NAME", "A B"),
            ("Schülernummer,Vorname,Familienname", "A B"),
        ] {
            let roster = parse(format!("{header}\n1,A,B\n").as_bytes()).unwrap();
            assert_eq!(roster.rows[0].name, name, "{header}");
        }
        let roster = parse(b"Nr,Phone,Name,Teams\n1,555,A,7a | Chess|7A\n").unwrap();
        assert_eq!(roster.rows[0].teams, ["7a", "Chess"]);
        assert_eq!(roster.notes, [Note { line: 1, text: "Column 2 is not used.".to_owned() }]);
    }

    #[test]
    fn tells_of_all_problems_at_once() {
        let body = "1;A;a@b.c;\n;B;;\n3;;x;\n4;=1+1;;\n1;A;a@b.c;\n1;Other;;\n5;E;;;;x\n6;Tab\u{1};;\n";
        let error = parse(format!("{HEADER}{body}").as_bytes()).unwrap_err();
        let lines = lines_of(&error);
        let begins = |line: &str| lines.iter().filter(|found| found.starts_with(line)).count();
        assert_eq!((begins("Line 3:"), begins("Line 4:"), begins("Line 5:")), (1, 2, 1), "{lines:?}");
        assert!(lines.contains(&"Line 7: The same number as line 2, with something else beside it.".to_owned()));
        assert_eq!((begins("Line 6:"), begins("Line 8:"), begins("Line 9:"), lines.len()), (0, 1, 1, 7), "{lines:?}");
    }

    #[test]
    fn notes_what_stands_there_twice() {
        let roster = parse(format!("{HEADER}1;A;;\n\n1; A ;;\n").as_bytes()).unwrap();
        assert_eq!(roster.rows.len(), 1);
        assert_eq!(roster.notes, [Note { line: 4, text: "The same as line 2.".to_owned() }]);
    }

    #[test]
    fn refuses_what_is_no_roster() {
        let refused = |bytes: &[u8]| parse(bytes).unwrap_err().message().to_owned();
        assert!(refused(b"").contains("empty"));
        assert!(refused(b"\n\n").contains("empty"));
        assert!(refused(b"1,Ada\n").contains("name the columns"));
        assert!(refused(b"number,class\n1,7a\n").contains("“name”"));
        assert!(refused(b"number,name\n").contains("No student"));
        assert!(refused(b"number,id,name\n1,2,A\n").contains("mean the same"));
        assert!(refused(b"PK\x03\x04\x00\x00").contains("no text"));
        assert!(refused(b"\xff\xfe\x00\xd8").contains("UTF-16LE"));
        assert!(refused(b"number,name\n1,\"Ada\n2,Bob\n").contains("quotation mark"));
        assert!(refused("number,name\n1,M\u{fffd}ller\n".as_bytes()).contains("lost on the way"));
    }

    #[test]
    fn has_limits() {
        let students = |count| (0..count).map(|n| format!("{n};A;;\n")).collect::<Vec<_>>().concat();
        let many = students(limits::ROWS + 1);
        assert_eq!(parse(format!("{HEADER}{many}").as_bytes()).unwrap_err().code(), "roster_too_large");
        let most = students(limits::ROWS);
        assert_eq!(parse(format!("{HEADER}{most}").as_bytes()).unwrap().rows.len(), limits::ROWS);
        assert_eq!(parse(&vec![b'a'; limits::BYTES + 1]).unwrap_err().code(), "roster_too_large");
        let classes: Vec<String> = (0..=limits::TEAMS).map(|n| n.to_string()).collect();
        let error = parse(format!("{HEADER}1;A;;{}\n", classes.join("|")).as_bytes()).unwrap_err();
        assert!(error.message().contains("20 classes"), "{error}");
    }

    fn words() -> impl Strategy<Value = String> {
        "[A-Za-zÀ-ÖØ-öø-ÿ0-9][A-Za-zÀ-ÖØ-öø-ÿ0-9 ,;\"'’.-]{0,30}"
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
            let _ = parse(&[HEADER.as_bytes(), &bytes].concat());
        }

        #[test]
        fn reads_what_a_spreadsheet_has_written(
            names in proptest::collection::vec(words(), 1..20),
            separator in prop::sample::select(vec![b',', b';', b'\t']),
            encoding in 0_usize..5,
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
            writer.write_record(["Nr", "Name"]).unwrap();
            for (number, name) in names.iter().enumerate() {
                writer.write_record([number.to_string().as_str(), name]).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let rows = parse(&encodings(&text)[encoding]).unwrap().rows;
            let read: Vec<(usize, &str)> = rows.iter().map(|row| (row.line, row.name.as_str())).collect();
            let tidied: Vec<String> = names.iter().map(|name| super::super::tidy(name)).collect();
            let expected: Vec<(usize, &str)> = (2..).zip(tidied.iter().map(String::as_str)).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
