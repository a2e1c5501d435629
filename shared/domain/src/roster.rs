//! Rosters: the students of a school as a spreadsheet lists them. [`parse`] reads a file, [`diff`] says what importing it
//! would change, and the functions here are the rules for a student's number, name, e-mail address and class, whoever
//! gives them.

mod diff;
mod parse;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Result};

pub use diff::{Added, Changed, Diff, Listed, NewTeam, Options, Removed, TeamsChange, TextChange, Write, diff};
pub use parse::{Roster, Row, parse};

/// The limits of a roster.
pub mod limits {
    /// Bytes of a file.
    pub const BYTES: usize = 1024 * 1024;
    /// Students in a file.
    pub const ROWS: usize = 5000;
    /// Characters of a number, a name, and the name of a class.
    pub const CHARACTERS: usize = 100;
    /// Bytes of an e-mail address.
    pub const EMAIL_BYTES: usize = 254;
    /// Classes that one student is in.
    pub const TEAMS: usize = 20;
}

/// Something about a line of a file that a person should read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RosterNote)]
pub struct Note {
    /// The line, counted from 1.
    pub line: usize,
    /// What is to be said about it.
    pub text: String,
}

/// How many problems of a file are told at once.
const TOLD: usize = 50;

/// One error that tells of all problems, in the order of their lines.
fn roster_invalid(mut problems: Vec<Note>) -> Error {
    problems.sort_by_key(|problem| problem.line);
    let line = |problem: &Note| format!("Line {}: {}", problem.line, problem.text);
    let mut lines: Vec<String> = problems.iter().take(TOLD).map(line).collect();
    if problems.len() > TOLD {
        lines.push(format!("And {} more.", problems.len() - TOLD));
    }
    Error::invalid("roster_invalid", lines.join("\n"))
}

/// A student's number, without needless white space.
///
/// # Errors
/// `number_invalid`
pub fn number(text: &str) -> Result<String> {
    cell("number", text).map_err(|sentence| Error::invalid("number_invalid", sentence))
}

/// A student's name, without needless white space.
///
/// # Errors
/// `name_invalid`
pub fn name(text: &str) -> Result<String> {
    cell("name", text).map_err(|sentence| Error::invalid("name_invalid", sentence))
}

/// The name of a class, without needless white space.
///
/// # Errors
/// `team_invalid`
pub fn team_name(text: &str) -> Result<String> {
    cell("class", text).map_err(|sentence| Error::invalid("team_invalid", sentence))
}

/// An e-mail address in lower case. It is proved by the invitation that reaches it, so only what can't be one is refused.
///
/// # Errors
/// `email_invalid`
pub fn email(text: &str) -> Result<String> {
    let email = tidy(text).to_lowercase();
    let parts = email.split_once('@');
    let plausible =
        parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    let strange = email.contains(|c: char| c.is_whitespace() || c.is_control()) || is_formula(&email);
    if !plausible || strange || email.len() > limits::EMAIL_BYTES {
        return Err(Error::invalid("email_invalid", "The e-mail address is none."));
    }
    Ok(email)
}

/// Two classes whose names differ in case only are the same class.
#[must_use]
pub fn same_team(name: &str) -> String {
    name.to_lowercase()
}

/// Whether a spreadsheet would run this as a formula. Whoever may put a text into a roster could make the spreadsheet of
/// whoever opens an export of it do something, so no such text gets in.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// White space of any kind, line breaks in a cell included, becomes one space; none is left at the ends.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cell(what: &str, text: &str) -> Result<String, String> {
    let text = tidy(text);
    if text.is_empty() {
        return Err(format!("The {what} is missing."));
    }
    if text.chars().count() > limits::CHARACTERS {
        let most = limits::CHARACTERS;
        return Err(format!("The {what} has more than {most} characters. Perhaps a quotation mark is missing."));
    }
    if text.contains(char::is_control) {
        return Err(format!("The {what} contains a character that can't be written."));
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(format!(
            "A letter of the {what} was lost on the way. Send the file as `application/octet-stream`, or save it as UTF-8."
        ));
    }
    if is_formula(&text) {
        return Err(format!("The {what} begins like a formula (=, +, -, @). Write it without that sign."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_kept_that_a_spreadsheet_would_run() {
        for text in ["=1+1", "+49", "-5", "@SUM(A1)", "\t=cmd|' /C calc'!A0", "\r\n@x", "\u{a0}=1", "＝1"] {
            assert!(name(text).unwrap_err().message().contains("formula"), "{text}");
            assert!(number(text).is_err() && team_name(text).is_err(), "{text}");
        }
        assert_eq!(email("=x@y.example").unwrap_err().code(), "email_invalid");
        assert_eq!(name("Anna-Lena @ home = 1 + 1").unwrap(), "Anna-Lena @ home = 1 + 1");
    }

    #[test]
    fn white_space_is_tidied_and_nothing_else_changed() {
        assert_eq!(name("  Zoë\n O’Brien\u{a0}\t").unwrap(), "Zoë O’Brien");
        assert_eq!(number(" 007 ").unwrap(), "007");
        assert_eq!(email(" Ada@School.Example ").unwrap(), "ada@school.example");
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(name(" ").unwrap_err().message(), "The name is missing.");
        assert_eq!(number(&"1".repeat(101)).unwrap_err().code(), "number_invalid");
        assert!(number(&"1".repeat(100)).is_ok());
        assert!(name("a\u{0}b").unwrap_err().message().contains("can't be written"));
        assert!(name("M\u{fffd}ller").unwrap_err().message().contains("lost on the way"));
        for text in ["x", "x@", "@x.y", "x@y", "x y@z.w", "x@y@z.w", "x@y.z\u{7}"] {
            assert_eq!(email(text).unwrap_err().code(), "email_invalid", "{text}");
        }
    }

    #[test]
    fn tells_of_the_first_fifty_problems() {
        let problems = (1..=60).rev().map(|line| Note { line, text: "Bad.".to_owned() }).collect();
        let error = roster_invalid(problems);
        let lines: Vec<&str> = error.message().lines().collect();
        assert_eq!((lines.len(), lines[0], lines[50]), (51, "Line 1: Bad.", "And 10 more."));
    }
}
