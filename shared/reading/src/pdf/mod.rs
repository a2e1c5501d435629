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
pub(crate) use parent::{PdfPage, pages};

/// The argument that makes a program the child.
const CHILD: &str = "--smartscripts-pdf-pages";
/// Address space of the child: what a file may unfold to, and the program itself. With the parent's models and one page
/// it stays under 512 MiB.
pub const CHILD_BYTES: u64 = limits::DECODED_BYTES + 64 * 1024 * 1024;
/// Processor seconds of the child for one file. A hundred scanned pages take about thirty.
const CHILD_SECONDS: u64 = 120;

/// What the child sends: its length as four bytes, little endian, then this as JSON. After a page follow its pixels, row
/// by row, three bytes each.
#[derive(Debug, Serialize, Deserialize)]
enum Message {
    /// A page, in order.
    Page(Header),
    /// There are no more pages.
    End,
    /// The file is refused.
    Refused(Refusal),
}

/// A page whose pixels follow.
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

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Damaged => Self::invalid(
                "pdf_damaged",
                "The PDF is damaged or cut off. Please export or scan it anew and upload it again.",
            ),
            Refusal::Encrypted => Self::invalid(
                "pdf_encrypted",
                "The PDF opens only with a password. Please save it without a password and upload it again.",
            ),
            Refusal::TooManyPages(pages) => Self::invalid(
                "pdf_too_many_pages",
                format!(
                    "The PDF has {pages} pages; allowed are {}. Please upload one student's script alone.",
                    limits::PAGES
                ),
            ),
            Refusal::Unreadable(page) => Self::invalid(
                "pdf_page_unreadable",
                format!(
                    "Page {page} of the PDF has a picture or a font that can't be shown, so part of the page would be \
                     missing. Please upload the page as a JPEG or PNG image."
                ),
            ),
            Refusal::TooLarge => Self::invalid(
                "pdf_too_large",
                format!(
                    "The PDF unfolds to more than {} MiB. Please scan at a lower resolution (300 dpi is plenty) and \
                     upload it again.",
                    limits::DECODED_BYTES >> 20
                ),
            ),
            Refusal::TooSlow => Self::invalid(
                "pdf_too_complex",
                format!(
                    "The PDF takes more than {CHILD_SECONDS} seconds to draw. Please upload its pages as JPEG or PNG \
                     images."
                ),
            ),
        }
    }
}
