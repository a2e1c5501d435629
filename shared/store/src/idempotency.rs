//! The same request sent twice has one effect.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smartscripts_domain::{Error, Kind, Result};

use crate::{
    Store, Tenant,
    item::{Item, encode},
    keys, now,
};

/// How long a key is remembered.
const REMEMBERED_SECONDS: i64 = 24 * 60 * 60;

/// What a client sent as `Idempotency-Key`, bound to the operation and the body it came with.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    operation: &'static str,
    key: String,
    body_hash: String,
}

impl IdempotencyKey {
    /// `operation` is the route's name; `body` the request's bytes.
    ///
    /// # Errors
    /// `idempotency_key_invalid` unless the key has 1 to 100 visible ASCII characters.
    pub fn new(operation: &'static str, key: &str, body: &[u8]) -> Result<Self> {
        if key.is_empty() || key.len() > 100 || !key.chars().all(|c| c.is_ascii_graphic()) {
            let message = "`Idempotency-Key` must have 1 to 100 visible ASCII characters.";
            return Err(Error::invalid("idempotency_key_invalid", message));
        }
        let body_hash = hex::encode(Sha256::digest(body));
        Ok(Self { operation, key: key.to_owned(), body_hash })
    }

    pub(crate) fn record(&self, tenant: Tenant, result: &str) -> Result<Item> {
        let record = Record {
            body_hash: self.body_hash.clone(),
            result: result.to_owned(),
            expires_at: now().as_second() + REMEMBERED_SECONDS,
        };
        encode(&keys::idempotency(tenant.org(), self.operation, &self.key), &record)
    }
}

#[derive(Serialize, Deserialize)]
struct Record {
    body_hash: String,
    result: String,
    expires_at: i64,
}

/// Whether the request was seen before.
#[derive(Debug, PartialEq, Eq)]
pub enum Replay {
    /// It is new.
    New,
    /// It was seen: the id of what it made.
    Of(String),
}

impl Store {
    /// Looks the key up.
    ///
    /// # Errors
    /// `idempotency_key_reused` if it came with another body.
    pub async fn replay(&self, tenant: Tenant, key: &IdempotencyKey) -> Result<Replay> {
        let found: Option<Record> = self.get(&keys::idempotency(tenant.org(), key.operation, &key.key)).await?;
        match found {
            None => Ok(Replay::New),
            Some(record) if record.body_hash == key.body_hash => Ok(Replay::Of(record.result)),
            Some(_) => {
                let message = "This `Idempotency-Key` was used with another request. Use a new one.";
                Err(Error::new(Kind::Mismatch, "idempotency_key_reused", message))
            }
        }
    }
}
