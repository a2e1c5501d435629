//! # reading
//!
//! From an uploaded file to lines of text, with the place of every word on the page and how sure it is. Everything runs
//! inside this process; no page leaves it. [`Reader::read_file`] takes JPEG, PNG, PDF and plain text, checks the limits
//! of `domain` before it unpacks anything, and gives page after page. [`split::split`] then finds each question's answer.
//!
//! A page of pixels goes through `detect` (where is writing), `order` (which boxes make a line, which line comes next),
//! `recognize` (what does it say) and `insertion` (what was written above or beside the line that it belongs to). Both networks are PP-OCRv6 small, prepared by `infra/models/prepare.py`. The
//! detector runs in `ocrs`; the recognizer in `rten` directly, because `ocrs` does not tell how probable a character is.
//! The same page gives the same result on any number of threads.

mod boxes;
pub mod decode;
mod detect;
mod file;
mod insertion;
mod label;
mod models;
mod order;
mod page;
pub mod pdf;
mod recognize;
pub mod split;
pub mod student;
mod typed;

pub use file::FilePage;
pub use page::{PageText, Reader};
