//! # stripe
//!
//! The only crate that calls Stripe. Requests are built by `async-stripe`; of the answers only the few fields are read that
//! are needed, so that another version of Stripe's API, or a stand-in of Stripe's on a laptop, may send more or less.
//! Nothing that is a card's or a person's is read, kept or logged. What creates something at Stripe carries a key by which
//! Stripe makes it once.

mod answers;
mod client;
mod keep;

pub use answers::{Invoice, Preview, PreviewLine};
pub use client::{Checkout, Stripe};
pub use keep::{keep_answer, sync_seats, take_event};
