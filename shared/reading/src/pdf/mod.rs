//! PDF files to pages, decoded in a child process.
//!
//! No PDF library bounds everything: two kilobytes can unfold to ten gigabytes. So a PDF is opened by a second process
//! of the same program, which limits its own memory and processor time, holds no secrets (its environment is empty) and
//! hands one page after another to its parent. When it is stopped by a limit, the file is refused; the parent goes on.

mod child;
mod parent;
mod text_layer;

use serde::{Deserialize, Serialize};
use smartscripts_domain::{Error, reading::Line, submission::limits};

pub use child::run_child_if_asked;
pub use parent::count_pages_unguarded;
pub(crate) use parent::{PdfPage, PdfText, pages, texts};

/// What is wanted of a PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Its pages, drawn, with their text layers: a student's script.
    Pages,
    /// The text layers alone: a teacher's document, while the teacher waits.
    Text,
}

impl Wanted {
    /// The argument that makes a program the child.
    const fn argument(self) -> &'static str {
        match self {
            Self::Pages => "--smartscripts-pdf-pages",
            Self::Text => "--smartscripts-pdf-text",
        }
    }

    /// Processor seconds of the child for one file. A hundred scanned pages take about thirty to draw, a hundred typed
    /// ones about two to write down.
    const fn seconds(self) -> u64 {
        match self {
            Self::Pages => 120,
            Self::Text => 10,
        }
    }
}

/// Address space of the child: what a file may unfold to, and the program itself. With the parent's models and one page
/// it stays under 512 MiB.
pub const CHILD_BYTES: u64 = limits::DECODED_BYTES + 64 * 1024 * 1024;

/// What the child sends: its length as four bytes, little endian, then this as JSON. After a page follow its pixels, row
/// by row, three bytes each; after a page's text nothing.
#[derive(Debug, Serialize, Deserialize)]
enum Message {
    /// A page, in order.
    Page(Header),
    /// The text of a page, in order.
    Text(Header),
    /// There are no more pages.
    End,
    /// The file is refused.
    Refused(Refusal),
}

/// A page's size and text.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    width: u32,
    height: u32,
    /// The text layer; empty when there is none or when it can't be trusted.
    lines: Vec<Line>,
}

/// Why a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Refusal {
    Damaged,
    Encrypted,
    TooManyPages(u64),
    /// Pictures or fonts on this page can't be shown.
    Unreadable(u32),
    TooLarge,
    TooSlow,
}

impl Refusal {
    /// The refusal in words for whoever chose the file.
    fn error(self, wanted: Wanted) -> Error {
        let (code, message) = match self {
            Self::Damaged => (
                "pdf_damaged",
                "The PDF is damaged or cut off. Please export or scan it anew and upload it again.".to_owned(),
            ),
            Self::Encrypted => (
                "pdf_encrypted",
                "The PDF opens only with a password. Please save it without a password and upload it again.".to_owned(),
            ),
            Self::TooManyPages(pages) => {
                let advice = match wanted {
                    Wanted::Pages => "Please upload one student's script alone.",
                    Wanted::Text => "Please choose the guide of one assessment alone.",
                };
                ("pdf_too_many_pages", format!("The PDF has {pages} pages; allowed are {}. {advice}", limits::PAGES))
            }
            Self::Unreadable(page) => (
                "pdf_page_unreadable",
                format!(
                    "Page {page} of the PDF has a picture or a font that can't be shown, so part of the page would be \
                     missing. Please upload the page as a JPEG or PNG image."
                ),
            ),
            Self::TooLarge => {
                let advice = match wanted {
                    Wanted::Pages => "Please scan at a lower resolution (300 dpi is plenty) and upload it again.",
                    Wanted::Text => TEXT_INSTEAD,
                };
                let mebibytes = limits::DECODED_BYTES >> 20;
                ("pdf_too_large", format!("The PDF unfolds to more than {mebibytes} MiB. {advice}"))
            }
            Self::TooSlow => {
                let (work, advice) = match wanted {
                    Wanted::Pages => ("draw", "Please upload its pages as JPEG or PNG images."),
                    Wanted::Text => ("read", TEXT_INSTEAD),
                };
                let seconds = wanted.seconds();
                ("pdf_too_complex", format!("The PDF takes more than {seconds} seconds to {work}. {advice}"))
            }
        };
        Error::invalid(code, message)
    }
}

/// What to do with a guide that can't be read as a PDF.
const TEXT_INSTEAD: &str = "Please choose the Word document that it was made from, or paste its text.";
