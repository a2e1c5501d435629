//! A document in which a teacher keeps a marking guide, as text to be looked through and corrected.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Result};

/// Bytes of a document. A request has at most six megabytes, and in it the bytes are written in base 64.
pub const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;

/// What a document may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentType {
    /// A file of a word processor, Office Open XML.
    Docx,
    /// A printed document with its text.
    Pdf,
}

impl DocumentType {
    /// The type of a document, told by how it begins: what a browser says of a file's type it takes from its name.
    ///
    /// # Errors
    /// `file_empty`, `document_wrong_type`, with what to do.
    pub fn of(content: &[u8]) -> Result<Self> {
        let wrong = |message: &str| Err(Error::invalid("document_wrong_type", message));
        if content.is_empty() {
            return Err(Error::invalid("file_empty", "The file is empty. Please choose the original file."));
        }
        if content.starts_with(b"PK\x03\x04") {
            return Ok(Self::Docx);
        }
        if content[..content.len().min(1024)].windows(5).any(|window| window == b"%PDF-") {
            return Ok(Self::Pdf);
        }
        if content.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return wrong(
                "This is a file of an old word processor (.doc), or one with a password. Please save it as a Word \
                 document (.docx) without a password and choose that.",
            );
        }
        wrong("The file is neither a Word document (.docx) nor a PDF. Please save the guide as one of these.")
    }
}

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentText {
    /// Its lines, written as in Markdown: `#` before a heading, `-` before an entry of a list and two spaces more for
    /// each level, `|` around the cells of a table's row. Numbers that the word processor counts are written out.
    pub text: String,
    /// What is in the document and not in `text`.
    pub left_out: Vec<LeftOut>,
}

/// Something that text does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The line of the text on or before which it stands, from 1.
    pub line: usize,
    /// What it is.
    pub what: Unwritten,
}

/// What can stand in a document and not in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unwritten {
    /// A picture, a drawing or a diagram.
    Picture,
    /// A formula whose signs are in the text, without how they stand: a fraction's bar, a power's height.
    Formula,
    /// A footnote or an endnote.
    Note,
    /// A page of a PDF without text: a picture of a page.
    Page,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_documents_type_is_told_by_how_it_begins() {
        assert_eq!(DocumentType::of(b"PK\x03\x04rest").unwrap(), DocumentType::Docx);
        assert_eq!(DocumentType::of(b"\n%PDF-1.7").unwrap(), DocumentType::Pdf);
        let refused = |content: &[u8]| DocumentType::of(content).unwrap_err();
        assert_eq!(refused(b"").code(), "file_empty");
        let old = refused(&[0xD0, 0xCF, 0x11, 0xE0, 0]);
        assert_eq!(old.code(), "document_wrong_type");
        assert!(old.message().contains(".docx"), "{old}");
        assert_eq!(refused(b"1. What?").code(), "document_wrong_type");
    }
}
