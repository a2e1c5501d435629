//! # reading
//!
//! From an uploaded file to lines of text with their places on the page and how sure they are.

mod boxes;
mod detect;
mod label;
mod order;
mod page;
mod recognize;

pub use page::{PageText, Reader};
