//! # domain
//!
//! The words SmartScripts is spoken in: marks, the marking guide, what a reading and a grade look like, the states of a
//! submission, roles and their permissions, and the one error type. Types and rules only: no I/O, no async, no clock.
//! Everything kept in the bucket is one of these types; `uploads-schema/` holds their JSON Schemas and golden examples.

pub mod answer;
pub mod backup;
pub mod chain;
pub mod decision;
pub mod disagreement;
pub mod document;
pub mod error;
pub mod feedback;
pub mod formula;
pub mod guide;
pub mod guide_change;
pub mod id;
pub mod marks;
pub mod permission;
pub mod person;
pub mod plan;
pub mod rate;
pub mod reading;
pub mod release;
pub mod roster;
pub mod scan;
pub mod separator;
pub mod sketch;
pub mod submission;
pub mod subscription;
pub mod totals;

pub use error::{Error, Kind, Result};
pub use marks::Marks;
