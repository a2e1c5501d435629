//! What belongs to no tenant: users and their sessions. Only the functions of `auth` and `orgs` are allowed it.

use aws_sdk_dynamodb::{operation::update_item::UpdateItemError, types::AttributeValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smartscripts_domain::{
    Error, Result,
    id::{SessionId, UserId},
};

use crate::{
    AuditEvent, Store,
    item::{encode, key_item, text, unavailable},
    keys, now,
    transaction::Transaction,
};

/// How long the loser of a race between two tabs may still present the token that the winner has just replaced.
const GRACE_SECONDS: i64 = 30;

/// The part of the store that belongs to no tenant.
#[derive(Clone, Debug)]
pub struct Platform {
    store: Store,
}

/// A person who can log in.
#[derive(Clone, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// Lower case.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// When they registered.
    pub created_at: Timestamp,
}

/// A log-in. Of the refresh token only the hash is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// SHA-256 of the refresh token that is valid now, hexadecimal.
    pub current: String,
    /// The one before; presenting it within the grace gets the same successor.
    pub previous: Option<String>,
    /// When `previous` was replaced.
    pub rotated_at: Timestamp,
    /// Set when the session was ended, by its user or because an old token was presented.
    pub revoked: bool,
    /// When it ends in any case, in seconds since 1970; the table deletes it some time after.
    pub expires_at: i64,
}

/// What came of presenting a refresh token.
#[derive(Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The successor is valid now, for this user. Racing callers with the same token all get this answer.
    Rotated(UserId),
    /// The token isn't valid; if it was an older one of the session, the session is now revoked.
    Refused,
}

/// How an e-mail address is looked up: the SHA-256 of its lower case, so that keys and logs hold no address.
#[must_use]
pub fn email_key(email: &str) -> String {
    hex::encode(Sha256::digest(email.trim().to_lowercase()))
}

#[derive(Serialize, Deserialize)]
struct EmailOwner {
    user: UserId,
}

impl Platform {
    /// The platform's part of this store.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Registers a user.
    ///
    /// # Errors
    /// `email_taken`.
    pub async fn create_user(&self, user: &User, request_id: &str) -> Result<()> {
        let taken =
            Error::conflict("email_taken", "There is already an account with this e-mail address. Log in instead.");
        let exists = Error::conflict("user_exists", "Please try again.");
        let owner = EmailOwner { user: user.id };
        Transaction::default()
            .create(&self.store, encode(&keys::email(&email_key(&user.email)), &owner)?, taken)?
            .create(&self.store, encode(&keys::user(user.id), user)?, exists)?
            .audit(&self.store, &AuditEvent::of_user(user.id, "user.registered", request_id))?
            .commit(&self.store)
            .await
    }

    /// The user with this e-mail address.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        let owner: Option<EmailOwner> = self.store.get(&keys::email(&email_key(email))).await?;
        match owner {
            Some(owner) => self.store.get(&keys::user(owner.user)).await,
            None => Ok(None),
        }
    }

    /// Starts a session, with its audit event.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_session(&self, session: &Session, request_id: &str) -> Result<()> {
        let exists = Error::conflict("session_exists", "Please try again.");
        Transaction::default()
            .create(&self.store, encode(&keys::session(session.id), session)?, exists)?
            .audit(&self.store, &AuditEvent::of_user(session.user, "user.logged_in", request_id))?
            .commit(&self.store)
            .await
    }

    /// Replaces the refresh token whose hash is `presented` by the one whose hash is `successor`. The successor is a
    /// function of the token, so that two tabs that present the same token at once get the same successor. Presenting
    /// any other token of the session ends it: somebody has a copy.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn rotate(&self, id: SessionId, presented: &str, successor: &str) -> Result<Rotation> {
        let Some(session) = self.store.get::<Session>(&keys::session(id)).await? else { return Ok(Rotation::Refused) };
        let now = now();
        if session.revoked || session.expires_at <= now.as_second() {
            return Ok(Rotation::Refused);
        }
        if session.current == presented && self.replace(id, presented, successor).await? {
            return Ok(Rotation::Rotated(session.user));
        }
        // Somebody was faster, a moment ago or since the item was read above.
        let Some(session) = self.store.get::<Session>(&keys::session(id)).await? else { return Ok(Rotation::Refused) };
        let recent = now.as_second() - session.rotated_at.as_second() <= GRACE_SECONDS;
        if !session.revoked && recent && session.previous.as_deref() == Some(presented) && session.current == successor
        {
            return Ok(Rotation::Rotated(session.user));
        }
        self.revoke(id).await?;
        Ok(Rotation::Refused)
    }

    async fn replace(&self, id: SessionId, presented: &str, successor: &str) -> Result<bool> {
        let update = self.store.client.update_item().table_name(&self.store.tenants);
        let sent = update
            .set_key(Some(key_item(&keys::session(id))))
            .update_expression("SET #current = :successor, #previous = :presented, rotated_at = :now")
            .condition_expression("#current = :presented AND revoked = :no")
            .expression_attribute_names("#current", "current")
            .expression_attribute_names("#previous", "previous")
            .expression_attribute_values(":successor", text(successor))
            .expression_attribute_values(":presented", text(presented))
            .expression_attribute_values(":now", text(now().to_string()))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Ends a session, if it is there.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn revoke(&self, id: SessionId) -> Result<()> {
        let update = self.store.client.update_item().table_name(&self.store.tenants);
        let sent = update
            .set_key(Some(key_item(&keys::session(id))))
            .update_expression("SET revoked = :yes")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(unavailable(error)),
        }
    }
}
