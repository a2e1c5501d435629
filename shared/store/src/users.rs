//! Users: people who can log in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smartscripts_domain::{Error, Kind, Result, id::UserId};

use crate::{AuditEvent, Origin, Platform, item::encode, keys, now, transaction::Transaction};

/// A person who can log in.
#[derive(Clone, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// Lower case.
    pub email: String,
    /// Whether a mail to this address was answered.
    pub email_verified: bool,
    /// What they are called.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// How many characters the password has at least: 15, or 8 if it was set under a second factor.
    pub password_length: usize,
    /// The second factor, once it is confirmed.
    pub second_factor: Option<SecondFactor>,
    /// A second factor that was begun and not confirmed: its secret.
    pub pending_secret: Option<String>,
    /// When they registered.
    pub created_at: Timestamp,
    /// Counted up at every change, so that of two changes at once one is refused.
    pub version: u32,
}

/// A second factor: time-based one-time passwords (RFC 6238), and recovery codes for when the device is lost.
#[derive(Clone, Serialize, Deserialize)]
pub struct SecondFactor {
    /// The shared secret, Base32.
    pub secret: String,
    /// The last time step whose code was accepted; no code is accepted twice.
    pub last_step: u64,
    /// SHA-256 of the recovery codes that are left, hexadecimal.
    pub recovery_codes: Vec<String>,
}

/// What a mailed token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPurpose {
    /// To show that the address is one's own.
    VerifyEmail,
    /// To set a new password.
    ResetPassword,
}

#[derive(Serialize, Deserialize)]
struct MailedToken {
    user: UserId,
    purpose: TokenPurpose,
    /// Seconds since 1970; the table deletes it some time after.
    expires_at: i64,
}

/// How an e-mail address is looked up: the SHA-256 of its lower case, so that keys and logs hold no address.
#[must_use]
pub fn email_key(email: &str) -> String {
    hex::encode(Sha256::digest(email.trim().to_lowercase()))
}

/// What a mailed token is kept as: its SHA-256, so that nobody who reads the table can use it.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

#[derive(Serialize, Deserialize)]
struct EmailOwner {
    user: UserId,
}

impl Platform {
    /// Registers a user.
    ///
    /// # Errors
    /// `email_taken`, which a stranger must not be told.
    pub async fn create_user(&self, user: &User, origin: &Origin) -> Result<()> {
        self.creating_user(user, origin)?.commit(self.store()).await
    }

    pub(crate) fn creating_user(&self, user: &User, origin: &Origin) -> Result<Transaction> {
        let taken = Error::conflict("email_taken", "There is already an account with this e-mail address.");
        let exists = Error::conflict("user_exists", "Please try again.");
        let owner = EmailOwner { user: user.id };
        Transaction::default()
            .create(self.store(), encode(&keys::email(&email_key(&user.email)), &owner)?, taken)?
            .create(self.store(), encode(&keys::user(user.id), user)?, exists)?
            .audit(self.store(), &AuditEvent::of_user(user.id, "user.registered", origin))
    }

    /// The user with this e-mail address.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        self.user_by_email_key(&email_key(email)).await
    }

    /// The user whose address has this [`email_key`].
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn user_by_email_key(&self, email_key: &str) -> Result<Option<User>> {
        let owner: Option<EmailOwner> = self.store().get(&keys::email(email_key)).await?;
        match owner {
            Some(owner) => self.store().get(&keys::user(owner.user)).await,
            None => Ok(None),
        }
    }

    /// The user.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn user(&self, id: UserId) -> Result<User> {
        self.store().get(&keys::user(id)).await?.ok_or_else(Error::not_found)
    }

    /// Keeps a changed user, if nobody has changed it since it was read.
    ///
    /// # Errors
    /// `user_changed`.
    pub async fn save_user(&self, user: &User, event: &AuditEvent) -> Result<()> {
        self.saving(user, event)?.commit(self.store()).await
    }

    /// Keeps a changed user and uses up the mailed token that allowed it.
    ///
    /// # Errors
    /// `token_used`, `user_changed`.
    pub async fn save_user_with_token(&self, user: &User, token_hash: &str, event: &AuditEvent) -> Result<()> {
        let used = Error::conflict("link_used", "This link was used already.");
        self.saving(user, event)?
            .delete(self.store(), &keys::mailed_token(token_hash), used)?
            .commit(self.store())
            .await
    }

    fn saving(&self, user: &User, event: &AuditEvent) -> Result<Transaction> {
        let changed = Error::conflict("user_changed", "The account was changed by another request. Please try again.");
        let next = User { version: user.version + 1, ..user.clone() };
        Transaction::default()
            .replace(self.store(), encode(&keys::user(user.id), &next)?, user.version, changed)?
            .audit(self.store(), event)
    }

    /// Keeps the hash of a token that is about to be mailed.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_token(&self, hash: &str, user: UserId, purpose: TokenPurpose, seconds: i64) -> Result<()> {
        let exists = Error::conflict("token_exists", "Please try again.");
        let token = MailedToken { user, purpose, expires_at: now().as_second() + seconds };
        Transaction::default()
            .create(self.store(), encode(&keys::mailed_token(hash), &token)?, exists)?
            .commit(self.store())
            .await
    }

    /// The user for whom a token with this hash was mailed for this purpose.
    ///
    /// # Errors
    /// `link_invalid` if there is none, or it has expired.
    pub async fn user_of_token(&self, hash: &str, purpose: TokenPurpose) -> Result<User> {
        let token: Option<MailedToken> = self.store().get(&keys::mailed_token(hash)).await?;
        let valid = token.filter(|token| token.purpose == purpose && token.expires_at > now().as_second());
        let message = "This link is not valid any more. Ask for a new one.";
        let token = valid.ok_or_else(|| Error::new(Kind::Invalid, "link_invalid", message))?;
        self.user(token.user).await
    }
}
