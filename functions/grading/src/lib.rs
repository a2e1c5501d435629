//! What the routes of `grading` share: how a person's decision about a graded script is kept.

pub mod decide;
pub mod release;
