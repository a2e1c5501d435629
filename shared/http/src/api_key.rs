//! What an API key looks like: `ssk_{organization}_{key}_{256 bits, hexadecimal}`, the ids without their prefixes.

use sha2::{Digest, Sha256};
use smartscripts_domain::{
    Error, Result,
    id::{ApiKeyId, OrgId},
};

/// A fresh key, as its maker sees it once, and the hash of its secret.
///
/// # Errors
/// `internal` if the system has no randomness.
pub fn make(org: OrgId, id: ApiKeyId) -> Result<(String, String)> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|e| Error::internal(format!("randomness: {e}")))?;
    let secret = hex::encode(secret);
    let bare = |id: String| id.split_once('_').map(|(_, ulid)| ulid.to_owned()).unwrap_or_default();
    let key = format!("ssk_{}_{}_{secret}", bare(org.to_string()), bare(id.to_string()));
    Ok((key, hash(&secret)))
}

/// The organization, the key's id, and the hash of the secret.
pub(crate) fn parse(key: &str) -> Option<(OrgId, ApiKeyId, String)> {
    let mut parts = key.strip_prefix("ssk_")?.split('_');
    let (org, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let org = format!("{}{org}", OrgId::PREFIX).parse().ok()?;
    let id = format!("{}{id}", ApiKeyId::PREFIX).parse().ok()?;
    parts.next().is_none().then(|| (org, id, hash(secret)))
}

fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    #[test]
    fn a_key_is_found_by_its_text() {
        let (org, id) = (OrgId::new(Ulid::from(1)), ApiKeyId::new(Ulid::from(2)));
        let (key, hash) = make(org, id).unwrap();
        assert_eq!(parse(&key), Some((org, id, hash)));
        for other in ["", "ssk_", "ssk_1_2_3", &format!("{key}_4")] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
