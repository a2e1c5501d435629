//! Which sessions are alive, remembered for a short time, so that an ended session's access tokens end with it.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use smartscripts_domain::{
    Result,
    id::{SessionId, UserId},
};
use smartscripts_store::Store;

use crate::token::Claims;

/// How long a session is believed to be alive. That it was ended must take effect within a minute.
const BELIEVED: Duration = Duration::from_secs(20);
/// How many sessions are remembered before the memory is cleared.
const REMEMBERED: usize = 1000;

/// What one function's process knows of sessions.
#[derive(Default)]
pub(crate) struct SessionCache(Mutex<HashMap<(UserId, SessionId), Instant>>);

impl SessionCache {
    /// Whether the token's session is alive.
    pub async fn is_alive(&self, store: &Store, claims: &Claims) -> Result<bool> {
        let session = (claims.sub, claims.sid);
        if self.knows(session) {
            return Ok(true);
        }
        let alive = store.is_session_alive(claims.sub, claims.sid).await?;
        if alive && let Ok(mut sessions) = self.0.lock() {
            if sessions.len() >= REMEMBERED {
                sessions.clear();
            }
            sessions.insert(session, Instant::now());
        }
        Ok(alive)
    }

    fn knows(&self, session: (UserId, SessionId)) -> bool {
        let seen = self.0.lock().ok().and_then(|sessions| sessions.get(&session).copied());
        seen.is_some_and(|seen| seen.elapsed() < BELIEVED)
    }
}
