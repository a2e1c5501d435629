//! # http
//!
//! The runner of an API route. A route is one axum handler with its `OpenAPI` annotation; [`serve`] makes a Lambda of it:
//! request id, log line, body limit, panic guard, problem+json. The extractor is the authorization: a handler that takes
//! a [`Member`] is called only for a member of the organization in the path who holds the permission, one that takes an
//! [`OfAssessment`] only if the permission reaches the assessment in the path, one that takes a [`Caller`] only for a
//! person who is logged in, and an [`Open`] one for anybody, at a limited rate. Handlers know no header, status code or key.

pub mod api_key;
mod app;
mod caller;
mod extract;
mod member;
mod origin;
mod problem;
mod rate;
mod serve;
mod sessions;
pub mod token;

pub use app::App;
pub use caller::{Caller, Open};
pub use extract::{CsvFile, DocumentFile, IdempotentJson, Json, Listing, Parameters, Path, SignedBody};
pub use member::{Member, OfAssessment, Permit, may};
pub use problem::{Problem, Result};
pub use serve::{Document, RequestId, serve};

// What every route file needs, so that it names one crate.
pub use axum::{extract::State, http::StatusCode};
pub use utoipa::ToSchema;
pub use utoipa_axum::routes;
