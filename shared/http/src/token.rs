//! Access tokens: JWTs signed with Ed25519, valid for ten minutes. Only `auth` holds the private key.
//!
//! A token names its key (`kid`). To change keys without logging anyone out, deploy the new public key beside the old one,
//! then the new private key; ten minutes later the old public key can go.

use std::{collections::HashMap, env};

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
    /// Whether a second factor was given when the session began.
    pub second_factor: bool,
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
}

/// Makes tokens.
pub struct Signer {
    key: EncodingKey,
    id: String,
}

impl Signer {
    /// From `ACCESS_TOKEN_PRIVATE_KEY` (PKCS#8, PEM) and `ACCESS_TOKEN_KEY_ID`.
    ///
    /// # Errors
    /// `internal` if one is missing, or it is no Ed25519 key.
    pub fn from_env() -> Result<Self> {
        let variable = |name: &str| env::var(name).map_err(|_| Error::internal(format!("{name} is not set")));
        Self::from_pem(&variable("ACCESS_TOKEN_PRIVATE_KEY")?, variable("ACCESS_TOKEN_KEY_ID")?)
    }

    fn from_pem(pem: &str, id: String) -> Result<Self> {
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|e| Error::internal(format!("private key: {e}")))?;
        Ok(Self { key, id })
    }

    /// A token for this user's session.
    ///
    /// # Errors
    /// `internal` if it cannot be signed.
    pub fn sign(&self, user: UserId, session: SessionId, second_factor: bool, now: Timestamp) -> Result<String> {
        let iat = now.as_second();
        let (iss, aud) = (ISSUER.to_owned(), AUDIENCE.to_owned());
        let claims = Claims { sub: user, sid: session, second_factor, iss, aud, iat, exp: iat + LIFETIME_SECONDS };
        let (typ, kid) = (Some(TYPE.to_owned()), Some(self.id.clone()));
        let header = Header { typ, kid, ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(|e| Error::internal(format!("sign token: {e}")))
    }
}

/// Checks tokens.
pub struct Verifier {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

impl Verifier {
    /// From `ACCESS_TOKEN_PUBLIC_KEYS`: a JSON object of key id → SPKI, PEM.
    pub(crate) fn from_env() -> Result<Self> {
        let keys =
            env::var("ACCESS_TOKEN_PUBLIC_KEYS").map_err(|_| Error::internal("ACCESS_TOKEN_PUBLIC_KEYS is not set"))?;
        Self::from_json(&keys)
    }

    fn from_json(json: &str) -> Result<Self> {
        let pems: HashMap<String, String> =
            serde_json::from_str(json).map_err(|e| Error::internal(format!("public keys: {e}")))?;
        let read = |(id, pem): (String, String)| {
            let key = DecodingKey::from_ed_pem(pem.as_bytes());
            key.map(|key| (id, key)).map_err(|e| Error::internal(format!("public key: {e}")))
        };
        let keys = pems.into_iter().map(read).collect::<Result<_>>()?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        Ok(Self { keys, validation })
    }

    /// What the token says, if it is ours, an access token, and not expired. Of its header only `kid` chooses anything, and
    /// only among our own keys.
    ///
    /// # Errors
    /// `token_invalid`.
    pub fn verify(&self, token: &str) -> Result<Claims> {
        let message = "The access token is missing, wrong or expired. Log in, or refresh it.";
        let invalid =
            |context: String| Error::new(Kind::Unauthenticated, "token_invalid", message).with_context(context);
        let header = jsonwebtoken::decode_header(token).map_err(|error| invalid(format!("{:?}", error.kind())))?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(invalid("another type of token".to_owned()));
        }
        let key = header.kid.and_then(|id| self.keys.get(&id)).ok_or_else(|| invalid("unknown key".to_owned()))?;
        let data = jsonwebtoken::decode::<Claims>(token, key, &self.validation);
        data.map(|data| data.claims).map_err(|error| invalid(format!("{:?}", error.kind())))
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    // A pair made for this test alone.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIGkBQN6EfmBeoK3uYMOEHGh+H7fpjk7xqiXo8uhwQTXW\n-----END PRIVATE KEY-----\n";
    const OTHER: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIc7DzVIYhEQ7NmqChz47XdGWp9mX1Vkt8EsaKzevqUq\n-----END PRIVATE KEY-----\n";
    const OTHER_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA6N1dSMZwBboUju656qaWmnS49gsu0Dma+XhXHOt9oyw=\n-----END PUBLIC KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAaOn8kdIWnXW4Ocow378LojJknGmhrA/C3r59HeU743E=\n-----END PUBLIC KEY-----\n";

    fn sign(private: &str, id: &str, now: Timestamp) -> String {
        let (user, session) = (UserId::new(Ulid::from(1)), SessionId::new(Ulid::from(2)));
        Signer::from_pem(private, id.to_owned()).unwrap().sign(user, session, false, now).unwrap()
    }

    fn verify(token: &str) -> Result<Claims> {
        let keys = serde_json::json!({ "one": PUBLIC, "other": OTHER_PUBLIC }).to_string();
        Verifier::from_json(&keys).unwrap().verify(token)
    }

    #[test]
    fn knows_its_own_tokens_whichever_key_signed_them() {
        let claims = verify(&sign(PRIVATE, "one", Timestamp::now())).unwrap();
        assert_eq!(claims.sub, UserId::new(Ulid::from(1)));
        assert!(verify(&sign(OTHER, "other", Timestamp::now())).is_ok());
    }

    #[test]
    fn refuses_all_others() {
        let good = sign(PRIVATE, "one", Timestamp::now());
        let past = Timestamp::from_second(Timestamp::now().as_second() - LIFETIME_SECONDS - 1).unwrap();
        let old = sign(PRIVATE, "one", past);
        let (header, rest) = good.split_once('.').unwrap();
        let (claims, _) = rest.split_once('.').unwrap();
        // {"alg":"none","typ":"at+jwt","kid":"one"} and {"alg":"EdDSA","typ":"JWT","kid":"one"}, the signature left as it was
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoib25lIn0.{claims}.");
        let other_type = format!("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6Im9uZSJ9.{rest}");
        let unsigned = format!("{header}.{claims}.");
        let (other_key, no_key) = (sign(OTHER, "one", Timestamp::now()), sign(PRIVATE, "three", Timestamp::now()));
        for token in [old, none, other_type, unsigned, other_key, no_key, String::new(), "a.b.c".to_owned()] {
            assert_eq!(verify(&token).unwrap_err().code(), "token_invalid", "{token}");
        }
    }
}
