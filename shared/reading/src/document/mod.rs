//! A teacher's document, a marking guide, to text: Word documents and PDFs with their text.
//!
//! A guide is looked through and corrected before it is used, so this tells the structure as far as it is sure of it
//! (headings, lists, tables), says what it leaves out, and guesses nothing that a person would have to find.

mod docx;
mod layout;

use smartscripts_domain::{
    Error, Kind, Result,
    document::{DOCUMENT_BYTES, DocumentText, DocumentType, LeftOut, Unwritten},
    submission::limits,
};

use crate::pdf;

/// The text of a document. Programs that call this must begin their `main` with
/// [`run_child_if_asked`](crate::pdf::run_child_if_asked).
///
/// # Errors
/// What is wrong with the document and what to do: `file_empty`, `document_wrong_type`, `document_too_large`,
/// `document_without_text`, `docx_…`, `pdf_…`.
pub fn text(content: &[u8]) -> Result<DocumentText> {
    if content.len() > DOCUMENT_BYTES {
        return Err(too_large("The document is larger than 4 MiB"));
    }
    let document = match DocumentType::of(content)? {
        DocumentType::Docx => docx::text(content)?,
        DocumentType::Pdf => {
            let pages = pdf::texts(content)?;
            if pages.iter().all(|page| page.lines.is_empty()) {
                let message = "The PDF holds pictures of pages and no text, as a scan does. Please choose the document \
                               that was printed, or paste the guide's text.";
                return Err(Error::invalid("document_without_text", message));
            }
            layout::text(&pages)
        }
    };
    if document.text.trim().is_empty() {
        let message = "There is no text in the document. Please choose the one with the guide, or paste its text.";
        return Err(Error::invalid("document_without_text", message));
    }
    if document.text.chars().count() > limits::TEXT_CHARACTERS {
        let allowed = limits::TEXT_CHARACTERS;
        let message = format!(
            "The document has more than {allowed} characters. Please choose the guide of one assessment alone."
        );
        return Err(Error::new(Kind::TooLarge, "document_too_large", message));
    }
    Ok(document)
}

fn too_large(what: &str) -> Error {
    let message = format!("{what}. Please save it without pictures, or paste the guide's text.");
    Error::new(Kind::TooLarge, "document_too_large", message)
}

/// The text as it is put together.
#[derive(Default)]
struct Writer {
    lines: Vec<String>,
    left_out: Vec<LeftOut>,
}

impl Writer {
    fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    /// An empty line, unless there is one already.
    fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    /// Notes that something is missing on the line that comes next, once a line.
    fn leave_out(&mut self, what: Unwritten) {
        let missing = LeftOut { line: self.lines.len() + 1, what };
        if self.left_out.last() != Some(&missing) {
            self.left_out.push(missing);
        }
    }

    fn finish(mut self) -> DocumentText {
        while self.lines.last().is_some_and(String::is_empty) {
            self.lines.pop();
        }
        let last = self.lines.len().max(1);
        for missing in &mut self.left_out {
            missing.line = missing.line.min(last);
        }
        self.left_out.dedup();
        DocumentText { text: self.lines.join("\n"), left_out: self.left_out }
    }
}

/// The cells of a table's row on one line.
fn row(cells: &[String]) -> String {
    let cell = |text: &String| text.replace('|', "/");
    format!("| {} |", cells.iter().map(cell).collect::<Vec<_>>().join(" | "))
}
