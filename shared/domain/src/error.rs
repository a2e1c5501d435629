//! The one error type. It knows nothing of HTTP or queues: `http` turns it into problem+json, `jobs` into a retry or a
//! recorded failure.

use std::fmt;

use crate::plan::Plan;

/// What an operation of SmartScripts returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in kind. Decides the status code and whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The input is wrong; the message says what to do.
    Invalid,
    /// The caller is not logged in, or the token or password is wrong.
    Unauthenticated,
    /// The caller may see this but not do it.
    Forbidden,
    /// The organization's plan does not include it; the error names the plan that does.
    PaymentRequired,
    /// There is no such thing, or it isn't the caller's: the two look the same.
    NotFound,
    /// It changed meanwhile, or already exists.
    Conflict,
    /// Too often; it may be tried again later.
    TooMany,
    /// The request is larger than it may be.
    TooLarge,
    /// An idempotency key was used with another request.
    Mismatch,
    /// Something that we depend on did not answer; trying again may help.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// An error with an outside and an inside: a stable code and a message for people, and a context for the log.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    code: &'static str,
    message: String,
    context: Option<String>,
    plan: Option<Plan>,
}

impl Error {
    /// An error of this kind. `code` is stable snake case; `message` says what is wrong and what to do, and is public.
    #[must_use]
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), context: None, plan: None }
    }

    /// The input is wrong.
    #[must_use]
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, message)
    }

    /// The organization's plan does not include it. `plan` is the smallest one that does, if any.
    #[must_use]
    pub fn payment_required(code: &'static str, message: impl Into<String>, plan: Option<Plan>) -> Self {
        Self { plan, ..Self::new(Kind::PaymentRequired, code, message) }
    }

    /// There is no such thing for this caller. One message for all, so that nothing can be learned from it.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "There is nothing here, or you may not see it.")
    }

    /// It already exists or changed meanwhile.
    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, message)
    }

    /// A dependency did not answer. `context` goes to the log only.
    #[must_use]
    pub fn unavailable(context: impl fmt::Display) -> Self {
        let message = "The service is busy right now. Please try again in a moment.";
        Self::new(Kind::Unavailable, "unavailable", message).with_context(context)
    }

    /// A fault of ours. `context` goes to the log only.
    #[must_use]
    pub fn internal(context: impl fmt::Display) -> Self {
        let message =
            "Something went wrong on our side. Please try again; if it stays, contact support with the request id.";
        Self::new(Kind::Internal, "internal", message).with_context(context)
    }

    /// Adds what only the log may know. Never put answer text, names, e-mail addresses or tokens here.
    #[must_use]
    pub fn with_context(mut self, context: impl fmt::Display) -> Self {
        self.context = Some(match self.context.take() {
            Some(inner) => format!("{context}: {inner}"),
            None => context.to_string(),
        });
        self
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The stable code, snake case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The public message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The smallest plan that includes what the organization's own does not.
    #[must_use]
    pub const fn plan(&self) -> Option<Plan> {
        self.plan
    }

    /// The private context, for the log.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// Whether the same attempt may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable | Kind::Internal | Kind::Conflict)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        self.context.as_ref().map_or(Ok(()), |context| write!(f, " ({context})"))
    }
}

impl std::error::Error for Error {}
