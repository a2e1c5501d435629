//! Sessions: log-ins, and the refresh tokens that descend from each.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{SessionId, UserId},
};

use crate::{
    AuditEvent, Origin, Platform, Store,
    item::{encode, text},
    keys, now,
    transaction::Transaction,
};

/// How long the loser of a race between two tabs may still present the token that the winner has just replaced.
const GRACE_SECONDS: i64 = 30;

/// A log-in. Of the refresh token only the hash is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// Whether a second factor was given.
    pub second_factor: bool,
    /// SHA-256 of the refresh token that is valid now, hexadecimal.
    pub current: String,
    /// The one before; presenting it within the grace gets the same successor.
    pub previous: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When `previous` was replaced: the last sign of life.
    pub rotated_at: Timestamp,
    /// Set when the session was ended, by its user or because an old token was presented.
    pub revoked: bool,
    /// The network that it began in.
    pub network: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// When it ends in any case, in seconds since 1970; the table deletes it some time after.
    pub expires_at: i64,
}

impl Session {
    /// Whether it can be used now.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.revoked && self.expires_at > now().as_second()
    }
}

/// What came of presenting a refresh token.
pub enum Rotation {
    /// The successor is valid now, for this session. Racing callers with the same token all get this answer.
    Rotated(Box<Session>),
    /// The token isn't valid; if it was an older one of the session, the session is now revoked.
    Refused,
}

impl Store {
    /// Whether the session can be used.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn is_session_alive(&self, user: UserId, id: SessionId) -> Result<bool> {
        let session: Option<Session> = self.get(&keys::session(user, id)).await?;
        Ok(session.is_some_and(|session| session.is_alive()))
    }
}

impl Platform {
    /// Starts a session, with its audit event.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_session(&self, session: &Session, origin: &Origin) -> Result<()> {
        let exists = Error::conflict("session_exists", "Please try again.");
        let event = AuditEvent::of_user(session.user, "user.logged_in", origin)
            .with("session", session.id)
            .with("second_factor", session.second_factor);
        Transaction::default()
            .create(self.store(), encode(&keys::session(session.user, session.id), session)?, exists)?
            .audit(self.store(), &event)?
            .commit(self.store())
            .await
    }

    /// The user's sessions that are alive, oldest first.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn sessions(&self, user: UserId) -> Result<Vec<Session>> {
        let mut sessions: Vec<Session> = self.store().list_all(&keys::sessions_of(user), keys::SESSIONS).await?;
        sessions.retain(Session::is_alive);
        Ok(sessions)
    }

    /// Replaces the refresh token whose hash is `presented` by the one whose hash is `successor`. The successor is a
    /// function of the token, so that two tabs that present the same token at once get the same successor. Presenting
    /// any other token of the session ends it: somebody has a copy.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn rotate(
        &self,
        user: UserId,
        id: SessionId,
        presented: &str,
        successor: &str,
        origin: &Origin,
    ) -> Result<Rotation> {
        let key = keys::session(user, id);
        let Some(session) = self.store().get::<Session>(&key).await? else { return Ok(Rotation::Refused) };
        if !session.is_alive() {
            return Ok(Rotation::Refused);
        }
        if session.current == presented && self.replace(&session, successor).await? {
            return Ok(Rotation::Rotated(Box::new(session)));
        }
        // Somebody was faster, a moment ago or since the item was read above.
        let Some(session) = self.store().get::<Session>(&key).await? else { return Ok(Rotation::Refused) };
        let recent = now().as_second() - session.rotated_at.as_second() <= GRACE_SECONDS;
        if !session.revoked && recent && session.previous.as_deref() == Some(presented) && session.current == successor
        {
            return Ok(Rotation::Rotated(Box::new(session)));
        }
        // Whoever presents it may not be its owner.
        let event = AuditEvent::of_attempt(Some(user), "session.old_token_presented", origin).with("session", id);
        self.revoke(user, id, &event).await?;
        Ok(Rotation::Refused)
    }

    async fn replace(&self, session: &Session, successor: &str) -> Result<bool> {
        let changed = self
            .store()
            .update_if(&keys::session(session.user, session.id), |update| {
                Ok(update
                    .update_expression("SET #current = :successor, #previous = :presented, rotated_at = :now")
                    .condition_expression("#current = :presented AND revoked = :no")
                    .expression_attribute_names("#current", "current")
                    .expression_attribute_names("#previous", "previous")
                    .expression_attribute_values(":successor", text(successor))
                    .expression_attribute_values(":presented", text(&session.current))
                    .expression_attribute_values(":now", text(now().to_string()))
                    .expression_attribute_values(":no", AttributeValue::Bool(false)))
            })
            .await?;
        Ok(changed.is_some())
    }

    /// Ends a session, if it is there and alive.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn revoke(&self, user: UserId, id: SessionId, event: &AuditEvent) -> Result<()> {
        let revoked = Transaction::default()
            .update(self.store(), &keys::session(user, id), Error::not_found(), |update| {
                update
                    .update_expression("SET revoked = :yes")
                    .condition_expression("revoked = :no")
                    .expression_attribute_values(":yes", AttributeValue::Bool(true))
                    .expression_attribute_values(":no", AttributeValue::Bool(false))
            })?
            .audit(self.store(), event)?
            .commit(self.store())
            .await;
        match revoked {
            Err(error) if error.code() == "not_found" => Ok(()),
            other => other,
        }
    }

    /// Ends all sessions of a user but one.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn revoke_all(&self, user: UserId, but: Option<SessionId>, origin: &Origin) -> Result<()> {
        for session in self.sessions(user).await?.into_iter().filter(|session| Some(session.id) != but) {
            let event = AuditEvent::of_user(user, "session.revoked", origin).with("session", session.id);
            self.revoke(user, session.id, &event).await?;
        }
        Ok(())
    }
}
