//! # files
//!
//! The only crate that knows S3: the grammar of the bucket's keys, presigned uploads and downloads, and the limits that
//! S3 itself enforces on an upload. `uploads-schema/README.md` prints the grammar for people.

pub mod key;
mod presign;
pub mod vault;

use std::{env, io::Write, path::Path, time::Duration};

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::{
        get_object::{GetObjectError, GetObjectOutput},
        list_objects_v2::builders::ListObjectsV2FluentBuilder,
    },
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{Delete, ObjectIdentifier},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use smartscripts_domain::{
    Error, Result,
    submission::{FileType, limits},
};

pub use key::{ScanKeys, ScanUploadKey, SubmissionKeys, UploadKey};
pub use presign::PresignedPost;
pub use vault::Vault;

/// How long a link to a page of feedback works.
const DOWNLOAD_LIFETIME: Duration = Duration::from_mins(10);

/// The bucket.
#[derive(Clone, Debug)]
pub struct Files {
    client: Client,
    config: SdkConfig,
    bucket: String,
}

impl Files {
    /// From `BUCKET`.
    ///
    /// # Errors
    /// `internal` if it is missing.
    pub fn from_env(config: &SdkConfig) -> Result<Self> {
        env::var("BUCKET").map(|bucket| Self::new(config, bucket)).map_err(|_| Error::internal("BUCKET is not set"))
    }

    /// With this bucket.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String) -> Self {
        Self { client: client(config), config: config.clone(), bucket }
    }

    /// Asks whether the bucket is there.
    ///
    /// # Errors
    /// `unavailable` if it isn't.
    pub async fn check(&self) -> Result<()> {
        self.client.head_bucket().bucket(&self.bucket).send().await.map(drop).map_err(unavailable)
    }

    /// A form with which a browser may upload exactly this object, of exactly this type, for five minutes.
    ///
    /// # Errors
    /// `unavailable` if there are no credentials to sign with.
    pub async fn presign_upload(&self, key: &str, content_type: FileType) -> Result<PresignedPost> {
        presign::upload(&self.config, &self.bucket, key, content_type).await
    }

    /// A link with which anyone may read this object for ten minutes.
    ///
    /// # Errors
    /// `unavailable` if there are no credentials to sign with.
    pub async fn presign_download(&self, key: &str) -> Result<String> {
        let lifetime = PresigningConfig::expires_in(DOWNLOAD_LIFETIME).map_err(Error::internal)?;
        let request = self.client.get_object().bucket(&self.bucket).key(key).presigned(lifetime).await;
        request.map(|request| request.uri().to_owned()).map_err(unavailable)
    }

    /// The object's bytes.
    ///
    /// # Errors
    /// `not_found`, `unavailable`.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>> {
        content(self.open(key).await?).await
    }

    /// The bytes of an uploaded file.
    ///
    /// # Errors
    /// `not_found`, `unavailable`; `file_too_large`, before any of it is fetched.
    pub async fn get_upload(&self, key: &str) -> Result<Vec<u8>> {
        let answer = self.open(key).await?;
        limits::check_file_bytes(answer.content_length().map_or(0, i64::unsigned_abs))?;
        content(answer).await
    }

    async fn open(&self, key: &str) -> Result<GetObjectOutput> {
        let sent = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        match sent {
            Ok(answer) => Ok(answer),
            // A role that may not list the bucket is told 403 about an object that isn't there.
            Err(error) if error.as_service_error().is_some_and(is_missing) => {
                Err(Error::not_found().with_context("no such object"))
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    /// The object, read as JSON.
    ///
    /// # Errors
    /// `not_found`, `unavailable`; `file_damaged` if it isn't what it should be.
    pub async fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        let bytes = self.get(key).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let message = "A file that we keep for this script is damaged. Retry the script; if that doesn't help, upload it anew.";
            // The position only: serde's message may quote what stands there.
            Error::invalid("file_damaged", message).with_context(format!("line {} of a kept file", error.line()))
        })
    }

    /// Writes an object.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn put(&self, key: &str, media_type: &str, content: Vec<u8>) -> Result<()> {
        let request = self.client.put_object().bucket(&self.bucket).key(key).content_type(media_type);
        request.body(ByteStream::from(content)).send().await.map(drop).map_err(unavailable)
    }

    /// Writes an object as JSON: the same value gives the same bytes.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn put_json<T: Serialize + Sync>(&self, key: &str, value: &T) -> Result<()> {
        let content = serde_json::to_vec(value).map_err(Error::internal)?;
        self.put(key, "application/json", content).await
    }

    /// Writes an object as JSON under the SHA-256 of its bytes, which `key` makes a key of; returns that hash. What lies under
    /// a hash never changes.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn put_version<T: Serialize + Sync>(
        &self,
        value: &T,
        key: impl FnOnce(&str) -> String,
    ) -> Result<String> {
        let content = serde_json::to_vec(value).map_err(Error::internal)?;
        let sha256 = hex::encode(Sha256::digest(&content));
        self.put(&key(&sha256), "application/json", content).await?;
        Ok(sha256)
    }

    /// Deletes one object, if it is there.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.client.delete_object().bucket(&self.bucket).key(key).send().await.map(drop).map_err(unavailable)
    }

    /// Deletes every object whose key begins so.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn delete_all(&self, prefix: &str) -> Result<()> {
        let mut listing = self.listing(prefix);
        while let Some(keys) = listing.next().await? {
            self.delete_these(&keys).await?;
        }
        Ok(())
    }

    /// Deletes these objects, at most 1000.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn delete_these(&self, keys: &[String]) -> Result<()> {
        let objects: Vec<ObjectIdentifier> = keys
            .iter()
            .map(|key| ObjectIdentifier::builder().key(key).build())
            .collect::<Result<_, _>>()
            .map_err(Error::internal)?;
        if objects.is_empty() {
            return Ok(());
        }
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(Error::internal)?;
        let answer =
            self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await.map_err(unavailable)?;
        match answer.errors().first() {
            Some(error) => Err(Error::unavailable(format!("S3 delete: {:?}", error.code()))),
            None => Ok(()),
        }
    }

    /// The keys that begin so, a thousand at a time.
    #[must_use]
    pub fn listing(&self, prefix: &str) -> Listing {
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        Listing { next: Some(request) }
    }

    /// Writes an object's bytes into `target` as they come, so that no more than a piece of it is in memory. False if there
    /// is no such object.
    ///
    /// # Errors
    /// `unavailable`; `internal` if `target` takes no more.
    pub async fn copy_to(&self, key: &str, target: &mut (impl Write + Send)) -> Result<bool> {
        let sent = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(is_missing) => return Ok(false),
            Err(error) => return Err(unavailable(error)),
        };
        while let Some(piece) = answer.body.next().await {
            let piece = piece.map_err(|e| Error::unavailable(format!("S3 body: {e}")))?;
            target.write_all(&piece).map_err(Error::internal)?;
        }
        Ok(true)
    }

    /// Writes an object from a file, which is read as it is sent.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn put_file(&self, key: &str, media_type: &str, path: &Path) -> Result<()> {
        let body = ByteStream::from_path(path).await.map_err(Error::internal)?;
        let request = self.client.put_object().bucket(&self.bucket).key(key).content_type(media_type);
        request.body(body).send().await.map(drop).map_err(unavailable)
    }
}

/// The keys of a listing, page by page.
pub struct Listing {
    next: Option<ListObjectsV2FluentBuilder>,
}

impl Listing {
    /// The next keys; none when all were listed.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn next(&mut self) -> Result<Option<Vec<String>>> {
        let Some(request) = self.next.take() else { return Ok(None) };
        let page = request.clone().send().await.map_err(unavailable)?;
        self.next = page.next_continuation_token().map(|token| request.continuation_token(token));
        Ok(Some(page.contents().iter().filter_map(|object| object.key()).map(ToOwned::to_owned).collect()))
    }
}

async fn content(answer: GetObjectOutput) -> Result<Vec<u8>> {
    let body = answer.body.collect().await.map_err(|e| Error::unavailable(format!("S3 body: {e}")))?;
    Ok(body.to_vec())
}

fn client(config: &SdkConfig) -> Client {
    // Another endpoint than Amazon's (the cloud on a laptop) has no host name per bucket.
    let path_style = config.endpoint_url().is_some();
    Client::from_conf(aws_sdk_s3::config::Builder::from(config).force_path_style(path_style).build())
}

fn is_missing(error: &GetObjectError) -> bool {
    error.is_no_such_key() || error.code() == Some("AccessDenied")
}

fn unavailable<E: std::error::Error + 'static, R: std::fmt::Debug + 'static>(error: SdkError<E, R>) -> Error {
    Error::unavailable(format!("S3: {}", DisplayErrorContext(error)))
}
