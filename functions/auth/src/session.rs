//! What `auth-log-in` and `auth-refresh` answer.

use serde::Serialize;
use smartscripts_domain::id::UserId;
use smartscripts_http::{
    Result,
    token::{LIFETIME_SECONDS, Signer},
};
use smartscripts_store::{Session, now};
use utoipa::ToSchema;

/// An access token; the refresh token comes in a cookie.
#[derive(Serialize, ToSchema)]
pub struct AccessToken {
    /// To be sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// The user.
    pub user_id: UserId,
}

impl AccessToken {
    /// A fresh one for this session.
    ///
    /// # Errors
    /// `internal` if the key is missing.
    pub fn issue(session: &Session) -> Result<Self> {
        let access_token = Signer::from_env()?.sign(session.user, session.id, session.second_factor, now())?;
        Ok(Self { access_token, expires_in: LIFETIME_SECONDS, user_id: session.user })
    }
}
