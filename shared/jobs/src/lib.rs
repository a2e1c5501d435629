//! # jobs
//!
//! The only crate that knows SQS: the envelope of a message, sending, and the runner of a background task. The runner
//! handles one message at a time, isolates a panic to the message that caused it, and reports exactly the messages that
//! failed, so that only those come again. Tasks are written so that a second delivery of a message changes nothing.

mod message;
mod queue;
mod runner;
mod schedule;

pub use message::{
    BillingJob, DeadLetter, DrawPages, ExportPrivacy, GradeAnswer, Message, ReadFile, ReadJob, RegradeScript,
    RescoreQuestion, SendMail, SplitScan,
};
pub use queue::Queue;
pub use runner::{Delivery, run};
pub use schedule::run_scheduled;
