//! # reading
//!
//! From an uploaded file to lines of text with their places on the page and how sure they are.

mod boxes;
pub mod decode;
mod detect;
mod label;
mod order;
mod page;
mod recognize;
pub mod split;
mod typed;

pub use page::{PageText, Reader};
