//! The locked bucket: what is written there can be neither changed nor deleted for years. It holds the anchors and the
//! backups of the audit log.
//!
//! Object Lock protects *versions*: a second one of the same key, or a marker that hides it, can still be written. So every
//! list here is of versions, and of a key the oldest version counts.

use std::{collections::BTreeMap, env};

use aws_config::SdkConfig;
use aws_sdk_s3::{Client, error::ProvideErrorMetadata, primitives::ByteStream, types::ObjectVersion};
use smartscripts_domain::{
    Error, Result,
    chain::{Anchor, Link, Partition},
};

use crate::unavailable;

/// The locked bucket.
#[derive(Clone, Debug)]
pub struct Vault {
    client: Client,
    bucket: String,
}

/// An object of the locked bucket: the oldest version of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its key.
    pub key: String,
    version: String,
    /// How many younger versions there are. There should be none.
    pub overwritten: usize,
}

/// A head that was anchored, as its key says it: so a list of anchors needs no object to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchoredHead {
    /// The head.
    pub link: Link,
    kept: Kept,
}

/// The prefix of a log's anchors.
fn anchors(log: Partition) -> String {
    format!("anchors/{log}/")
}

/// The prefix of a log's backups.
#[must_use]
pub fn backups(log: Partition) -> String {
    format!("backups/{log}/")
}

/// The file of a backup that begins with this number.
#[must_use]
pub fn backup_file(log: Partition, first: u64) -> String {
    format!("{}{first:012}.jsonl", backups(log))
}

/// The manifest beside a file of a backup.
#[must_use]
pub fn backup_manifest(log: Partition, first: u64) -> String {
    format!("{}{first:012}.manifest.json", backups(log))
}

fn anchor_key(log: Partition, head: Link) -> String {
    format!("{}{:012}-{}.json", anchors(log), head.sequence, head.hash)
}

fn anchored_link(key: &str) -> Option<Link> {
    let (_, name) = key.rsplit_once('/')?;
    let (sequence, hash) = name.strip_suffix(".json")?.split_once('-')?;
    Some(Link { sequence: sequence.parse().ok()?, hash: hash.parse().ok()? })
}

impl Vault {
    /// From `AUDIT_BUCKET`.
    ///
    /// # Errors
    /// `internal` if it is missing.
    pub fn from_env(config: &SdkConfig) -> Result<Self> {
        let bucket = env::var("AUDIT_BUCKET").map_err(|_| Error::internal("AUDIT_BUCKET is not set"))?;
        Ok(Self::new(config, bucket))
    }

    /// With this bucket.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String) -> Self {
        Self { client: crate::client(config), bucket }
    }

    /// Writes an object whose key is new; false if there is one already.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn put_new(&self, key: &str, media_type: &str, content: Vec<u8>) -> Result<bool> {
        let request = self.client.put_object().bucket(&self.bucket).key(key).content_type(media_type);
        match request.if_none_match("*").body(ByteStream::from(content)).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().and_then(|error| error.code()) == Some("PreconditionFailed") => {
                Ok(false)
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Anchors a chain. Anchoring the same again changes nothing.
    ///
    /// # Errors
    /// `internal` if the anchor holds nothing; `unavailable`.
    pub async fn anchor(&self, anchor: &Anchor) -> Result<()> {
        let head = anchor.head().ok_or_else(|| Error::internal("an anchor without a hash"))?;
        let content = serde_json::to_vec(anchor).map_err(Error::internal)?;
        self.put_new(&anchor_key(anchor.partition, head), "application/json", content).await.map(drop)
    }

    /// The heads of a log that were anchored behind number `after`, up to number `last`, in order.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn anchored_heads(&self, log: Partition, after: u64, last: u64) -> Result<Vec<AnchoredHead>> {
        let mut heads = Vec::new();
        let behind = format!("{}{after:012}-~", anchors(log));
        for kept in self
            .list(&anchors(log), Some(behind), |key| anchored_link(key).is_some_and(|link| link.sequence > last))
            .await?
        {
            match anchored_link(&kept.key) {
                Some(link) if link.sequence > last => break,
                Some(link) => heads.push(AnchoredHead { link, kept }),
                None => return Err(Error::internal("an object among the anchors is none")),
            }
        }
        Ok(heads)
    }

    /// What was written at an anchored head.
    ///
    /// # Errors
    /// `internal` if it is not what its key says.
    pub async fn read_anchor(&self, log: Partition, head: &AnchoredHead) -> Result<Anchor> {
        let content = self.read(&head.kept).await?;
        let anchor: Option<Anchor> = serde_json::from_slice(&content).ok();
        let anchor = anchor.filter(|anchor| anchor.partition == log && anchor.head() == Some(head.link));
        anchor.ok_or_else(|| Error::internal(format!("the anchor {} is damaged", head.kept.key)))
    }

    /// The logs that have an anchor or a backup.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn logs(&self) -> Result<Vec<Partition>> {
        let mut logs: Vec<Partition> = Vec::new();
        for prefix in ["anchors/", "backups/"] {
            let (mut key, mut version) = (None, None);
            loop {
                let request = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix).delimiter("/");
                let request = request.set_key_marker(key).set_version_id_marker(version);
                let answer = request.send().await.map_err(unavailable)?;
                let found = answer.common_prefixes().iter().filter_map(|found| found.prefix());
                let ids = found.filter_map(|found| found.strip_prefix(prefix)?.strip_suffix('/'));
                logs.extend(ids.filter_map(|id| id.parse::<Partition>().ok()));
                if answer.is_truncated() != Some(true) {
                    break;
                }
                (key, version) = (answer.next_key_marker, answer.next_version_id_marker);
            }
        }
        logs.sort();
        logs.dedup();
        Ok(logs)
    }

    /// The object with this very key, if there is one.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn find(&self, key: &str) -> Result<Option<Kept>> {
        Ok(self.list(key, None, |_| false).await?.into_iter().find(|kept| kept.key == key))
    }

    /// The objects whose keys begin so, in order.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn find_all(&self, prefix: &str) -> Result<Vec<Kept>> {
        self.list(prefix, None, |_| false).await
    }

    /// An object's bytes.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn read(&self, kept: &Kept) -> Result<Vec<u8>> {
        let request = self.client.get_object().bucket(&self.bucket).key(&kept.key).version_id(&kept.version);
        let answer = request.send().await.map_err(unavailable)?;
        let body = answer.body.collect().await.map_err(|e| Error::unavailable(format!("S3 body: {e}")))?;
        Ok(body.to_vec())
    }

    /// The oldest version of every key that begins so and stands behind `after`, until a key is `enough`.
    async fn list(&self, prefix: &str, after: Option<String>, enough: impl Fn(&str) -> bool) -> Result<Vec<Kept>> {
        let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let (mut key, mut version) = (after, None);
        loop {
            let request = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix);
            let request = request.set_key_marker(key).set_version_id_marker(version);
            let answer = request.send().await.map_err(unavailable)?;
            for ObjectVersion { key, version_id, .. } in answer.versions.unwrap_or_default() {
                if let (Some(key), Some(version)) = (key, version_id) {
                    versions.entry(key).or_default().push(version);
                }
            }
            let is_enough = versions.last_key_value().is_some_and(|(key, _)| enough(key));
            if is_enough || answer.is_truncated != Some(true) {
                break;
            }
            (key, version) = (answer.next_key_marker, answer.next_version_id_marker);
        }
        // S3 lists the versions of a key from the youngest to the oldest.
        let oldest = |(key, mut versions): (String, Vec<String>)| {
            let version = versions.pop()?;
            Some(Kept { key, version, overwritten: versions.len() })
        };
        Ok(versions.into_iter().filter_map(oldest).collect())
    }
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::chain::Hash;

    use super::*;

    #[test]
    fn an_anchors_key_says_its_head() {
        let log: Partition = "org_00000000000000000000000001".parse().unwrap();
        let head = Link { sequence: 42, hash: Hash::NONE };
        let key = anchor_key(log, head);
        assert_eq!(key, format!("anchors/{log}/000000000042-{}.json", "0".repeat(64)));
        assert_eq!(anchored_link(&key), Some(head));
        for other in ["", "anchors/x", "anchors/x/1.json", "anchors/x/1-00.json"] {
            assert_eq!(anchored_link(other), None, "{other}");
        }
    }
}
