//! Access tokens: JWTs signed with Ed25519, valid for ten minutes. Only `auth` holds the private key.

use std::env;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Kind, Result,
    id::{SessionId, UserId},
};

/// How long an access token is valid, in seconds.
pub const LIFETIME_SECONDS: i64 = 600;

const ISSUER: &str = "smartscripts";
const AUDIENCE: &str = "smartscripts-api";
/// The type of a JWT that is an access token: RFC 9068, section 2.1.
const TYPE: &str = "at+jwt";

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
}

/// Makes tokens.
pub struct Signer(EncodingKey);

impl Signer {
    /// From `ACCESS_TOKEN_PRIVATE_KEY` (PKCS#8, PEM).
    ///
    /// # Errors
    /// `internal` if it is missing or no Ed25519 key.
    pub fn from_env() -> Result<Self> {
        let pem =
            env::var("ACCESS_TOKEN_PRIVATE_KEY").map_err(|_| Error::internal("ACCESS_TOKEN_PRIVATE_KEY is not set"))?;
        Self::from_pem(&pem)
    }

    fn from_pem(pem: &str) -> Result<Self> {
        EncodingKey::from_ed_pem(pem.as_bytes()).map(Self).map_err(|e| Error::internal(format!("private key: {e}")))
    }

    /// A token for this user's session.
    ///
    /// # Errors
    /// `internal` if it cannot be signed.
    pub fn sign(&self, user: UserId, session: SessionId, now: Timestamp) -> Result<String> {
        let iat = now.as_second();
        let (iss, aud) = (ISSUER.to_owned(), AUDIENCE.to_owned());
        let claims = Claims { sub: user, sid: session, iss, aud, iat, exp: iat + LIFETIME_SECONDS };
        let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.0).map_err(|e| Error::internal(format!("sign token: {e}")))
    }
}

/// Checks tokens.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier {
    /// From `ACCESS_TOKEN_PUBLIC_KEY` (SPKI, PEM).
    pub(crate) fn from_env() -> Result<Self> {
        let pem =
            env::var("ACCESS_TOKEN_PUBLIC_KEY").map_err(|_| Error::internal("ACCESS_TOKEN_PUBLIC_KEY is not set"))?;
        Self::from_pem(&pem)
    }

    fn from_pem(pem: &str) -> Result<Self> {
        let key = DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|e| Error::internal(format!("public key: {e}")))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        Ok(Self { key, validation })
    }

    /// What the token says, if it is ours, an access token, and not expired.
    ///
    /// # Errors
    /// `token_invalid`.
    pub fn verify(&self, token: &str) -> Result<Claims> {
        let message = "The access token is missing, wrong or expired. Log in, or refresh it.";
        let invalid =
            |context: String| Error::new(Kind::Unauthenticated, "token_invalid", message).with_context(context);
        let data = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation)
            .map_err(|error| invalid(format!("{:?}", error.kind())))?;
        if data.header.typ.as_deref() != Some(TYPE) {
            return Err(invalid("another type of token".to_owned()));
        }
        Ok(data.claims)
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    // A pair made for this test alone.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIGkBQN6EfmBeoK3uYMOEHGh+H7fpjk7xqiXo8uhwQTXW\n-----END PRIVATE KEY-----\n";
    const OTHER: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIc7DzVIYhEQ7NmqChz47XdGWp9mX1Vkt8EsaKzevqUq\n-----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAaOn8kdIWnXW4Ocow378LojJknGmhrA/C3r59HeU743E=\n-----END PUBLIC KEY-----\n";

    fn sign(private: &str, now: Timestamp) -> String {
        let (user, session) = (UserId::new(Ulid::from(1)), SessionId::new(Ulid::from(2)));
        Signer::from_pem(private).unwrap().sign(user, session, now).unwrap()
    }

    fn verify(token: &str) -> Result<Claims> {
        Verifier::from_pem(PUBLIC).unwrap().verify(token)
    }

    #[test]
    fn knows_its_own_tokens() {
        let claims = verify(&sign(PRIVATE, Timestamp::now())).unwrap();
        assert_eq!(claims.sub, UserId::new(Ulid::from(1)));
    }

    #[test]
    fn refuses_all_others() {
        let good = sign(PRIVATE, Timestamp::now());
        let old = sign(PRIVATE, Timestamp::from_second(Timestamp::now().as_second() - LIFETIME_SECONDS - 1).unwrap());
        let (header, rest) = good.split_once('.').unwrap();
        let (claims, _) = rest.split_once('.').unwrap();
        // {"alg":"none","typ":"at+jwt"} and {"alg":"EdDSA","typ":"JWT"} with the signature left as it was
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}.");
        let other_type = format!("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.{rest}");
        let unsigned = format!("{header}.{claims}.");
        let other_key = sign(OTHER, Timestamp::now());
        for token in [old, none, other_type, unsigned, other_key, String::new(), "a.b.c".to_owned()] {
            assert_eq!(verify(&token).unwrap_err().code(), "token_invalid", "{token}");
        }
    }
}
