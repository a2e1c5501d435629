//! Links that were mailed: the token in one is 256 random bits, of which only the hash is kept.

use sha2::{Digest, Sha256};

/// What the table knows a mailed token by.
#[must_use]
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}
