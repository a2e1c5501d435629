//! # reading
//!
//! From an uploaded file to lines of text, with the place of every word on the page and how sure it is. Everything runs
//! inside this process; no page leaves it. [`Reader::read_file`] takes JPEG, PNG, PDF and plain text, checks the limits
//! of `domain` before it unpacks anything, and gives page after page. [`split::split`] then finds each question's answer.
//!
//! A page of pixels goes through `sheet` (a photo of a sheet becomes a flat page), `paper` (shadow and faintness are evened
//! out), `detect` (where is writing), `order` (which boxes make a line, which line comes next), `recognize` (what does it
//! say), `exponent` (which digits stand raised), `insertion` (what was written above or beside the line that it belongs to)
//! and `strike` (which words are crossed out). A page that reads badly, or whose lines stand on end, is looked at again to
//! tell which way up it is, turned and read anew, so that all four ways up give the same.
//!
//! Both networks are PP-OCRv6 small, the recognizer fine-tuned on handwriting, prepared by `infra/models/prepare.py`. They
//! run in `rten`: at a size that follows the page, which `ocrs` doesn't know, and with the probability of every character,
//! which `ocrs` doesn't tell. `ocrs` takes the second look. The same page gives the same result on any number of threads.

mod boxes;
mod confidence;
mod ctc;
pub mod decode;
mod detect;
pub mod document;
mod exponent;
mod file;
mod insertion;
mod label;
mod language;
mod models;
mod order;
mod page;
mod paper;
pub mod pdf;
mod recognize;
pub mod scan;
pub mod separator;
mod sheet;
pub mod split;
mod strike;
pub mod student;
pub mod terms;
mod typed;

pub use file::FilePage;
pub use page::{PageText, Reader};
