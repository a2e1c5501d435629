//! # feedback
//!
//! What a student gets back. `compose` puts the grades of a submission together into `feedback.json`; `annotate` draws
//! them on a page as a careful teacher would: the words that decided each criterion are boxed, with a tick or a cross
//! beside them, the marks of each question stand in a margin added at the right, the total above page 1. Awarded and
//! refused differ in colour, in sign and in line (solid, dashed), so that a grey print says the same.

mod annotate;
mod compose;
mod draw;
mod groups;
mod place;

pub use annotate::{annotate, encode_png};
pub use compose::{Graded, compose, needs_review};
