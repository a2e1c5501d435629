//! What the routes of `grading` share: how a person's decision about a graded script is kept, and which answers say the same.

pub mod decide;
pub mod groups;
pub mod release;
