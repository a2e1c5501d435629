//! An account as its owner sees it, and the checks that its changes share.

use jiff::Timestamp;
use serde::Serialize;
use smartscripts_domain::{Error, Kind, Result, id::UserId};
use smartscripts_http::{App, Caller};
use smartscripts_store::{User, now};
use ulid::Ulid;
use utoipa::ToSchema;

use crate::password;

/// An account as its owner sees it.
#[derive(Serialize, ToSchema)]
pub struct Account {
    /// The id.
    pub id: UserId,
    /// The address to log in with.
    pub email: String,
    /// Whether a mail to it was answered.
    pub email_verified: bool,
    /// What others see.
    pub name: String,
    /// Whether a second factor is needed to log in.
    pub second_factor: bool,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        let User { id, email, email_verified, name, second_factor, created_at, .. } = user;
        let recovery_codes = second_factor.as_ref().map_or(0, |factor| factor.recovery_codes.len());
        Self { id, email, email_verified, name, second_factor: second_factor.is_some(), recovery_codes, created_at }
    }
}

/// A new account with this address, not verified yet, and this password.
///
/// # Errors
/// `internal` if the password can't be hashed.
pub fn new_user(email: String, name: &str, password: &str) -> Result<User> {
    Ok(User {
        id: UserId::new(Ulid::generate()),
        email,
        email_verified: false,
        name: name.to_owned(),
        password_hash: password::hash(password)?,
        password_length: password::SHORTEST_ALONE,
        second_factor: None,
        pending_secret: None,
        created_at: now(),
        version: 1,
    })
}

/// Checks the password that a caller gives again before something important. A wrong one is written down.
///
/// # Errors
/// `password_wrong`.
pub async fn check_password(app: &App, caller: &Caller, user: &User, given: &str) -> Result<()> {
    if password::matches(given, Some(&user.password_hash)) {
        return Ok(());
    }
    app.store()?.record(&caller.event("user.password_refused").with("operation", app.name())).await?;
    // Not 401: the caller is logged in, and a client must not try to refresh the token.
    Err(Error::new(Kind::Forbidden, "password_wrong", "The password is wrong."))
}

/// Gives the account a new password.
///
/// # Errors
/// As [`password::check`].
pub fn set_password(user: &mut User, new: &str) -> Result<()> {
    password::check(new, user.second_factor.is_some(), &[&user.email, &user.name])?;
    user.password_hash = password::hash(new)?;
    user.password_length = new.chars().count().min(password::SHORTEST_ALONE);
    Ok(())
}
