//! Refresh tokens: `{user}.{session}.{256 bits, hexadecimal}`, in a cookie that no script can read. A token's successor is a keyed
//! hash of it, so that two tabs which refresh at once get the same one and neither is logged out.

use std::{convert::Infallible, env};

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponseParts, ResponseParts},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use smartscripts_domain::{
    Error, Kind, Result,
    id::{SessionId, UserId},
};

/// How long a session lasts at most, in seconds: 30 days.
pub const LIFETIME_SECONDS: i64 = 30 * 24 * 60 * 60;

const COOKIE: &str = "refresh_token";

/// A refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The user whose session it belongs to.
    pub user: UserId,
    /// The session it belongs to.
    pub session: SessionId,
    secret: String,
}

impl RefreshToken {
    /// The first token of a session.
    ///
    /// # Errors
    /// `internal` if the system has no randomness.
    pub fn first(user: UserId, session: SessionId) -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|e| Error::internal(format!("randomness: {e}")))?;
        Ok(Self { user, session, secret: hex::encode(secret) })
    }

    /// The token that replaces this one.
    ///
    /// # Errors
    /// `internal` if `REFRESH_TOKEN_PEPPER` is missing.
    pub fn successor(&self) -> Result<Self> {
        let pepper = env::var("REFRESH_TOKEN_PEPPER").ok().filter(|pepper| pepper.len() >= 32);
        let pepper = pepper.ok_or_else(|| Error::internal("REFRESH_TOKEN_PEPPER is not set, or too short"))?;
        self.successor_with(pepper.as_bytes())
    }

    fn successor_with(&self, pepper: &[u8]) -> Result<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(pepper).map_err(Error::internal)?;
        mac.update(self.to_string().as_bytes());
        Ok(Self { user: self.user, session: self.session, secret: hex::encode(mac.finalize().into_bytes()) })
    }

    /// What the table keeps of it.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.to_string()))
    }

    fn parse(text: &str) -> Option<Self> {
        let (user, rest) = text.split_once('.')?;
        let (session, secret) = rest.split_once('.')?;
        let hexadecimal =
            secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let secret = hexadecimal.then(|| secret.to_owned())?;
        Some(Self { user: user.parse().ok()?, session: session.parse().ok()?, secret })
    }
}

impl std::fmt::Display for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.user, self.session, self.secret)
    }
}

/// The answer to a refresh token that is missing, old, or not ours.
#[must_use]
pub fn refused() -> Error {
    Error::new(Kind::Unauthenticated, "refresh_token_invalid", "Your session has ended. Log in again.")
}

/// The refresh token in the request's cookie, if there is one.
pub struct RefreshCookie(pub Option<RefreshToken>);

impl<S: Sync> FromRequestParts<S> for RefreshCookie {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let token = pairs.find(|(name, _)| *name == COOKIE).and_then(|(_, value)| RefreshToken::parse(value));
        Ok(Self(token))
    }
}

/// Sets or clears the cookie in the answer.
pub struct SetRefreshCookie(pub Option<RefreshToken>);

impl IntoResponseParts for SetRefreshCookie {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        let (value, age) = self.0.map_or((String::new(), 0), |token| (token.to_string(), LIFETIME_SECONDS));
        // Local development has no TLS, and browsers drop a Secure cookie there unless the host is `localhost`.
        let secure = if env::var("STAGE").as_deref() == Ok("local") { "" } else { "; Secure" };
        let cookie = format!("{COOKIE}={value}; Path=/v1/auth; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> RefreshToken {
        let (user, session) = ("usr_00000000000000000000000001", "ses_00000000000000000000000001");
        RefreshToken::first(user.parse().unwrap(), session.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_successor_is_one_and_the_same() {
        let token = token();
        let once = token.successor_with(b"pepper").unwrap();
        assert!(once == token.successor_with(b"pepper").unwrap());
        assert!(once != token && once != token.successor_with(b"another").unwrap());
    }

    #[test]
    fn survives_the_cookie() {
        let token = token();
        assert!(RefreshToken::parse(&token.to_string()) == Some(token.clone()));
        for other in ["", "x", "x.y.z", "usr_00000000000000000000000001.ses_00000000000000000000000001.XYZ"] {
            assert!(RefreshToken::parse(other).is_none(), "{other}");
        }
    }
}
