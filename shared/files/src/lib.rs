//! # files
//!
//! The only crate that knows S3: the grammar of the bucket's keys, presigned uploads and downloads, and the limits that
//! S3 itself enforces on an upload. `uploads-schema/README.md` prints the grammar for people.

pub mod key;
mod presign;
pub mod vault;

use std::{env, time::Duration};

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::get_object::GetObjectError,
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{Delete, ObjectIdentifier},
};
use serde::{Serialize, de::DeserializeOwned};
use smartscripts_domain::{Error, Result};

pub use key::{SubmissionKeys, UploadKey};
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
        let bucket = env::var("BUCKET").map_err(|_| Error::internal("BUCKET is not set"))?;
        Ok(Self { client: client(config), config: config.clone(), bucket })
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
    pub async fn presign_upload(&self, key: &UploadKey) -> Result<PresignedPost> {
        presign::upload(&self.config, &self.bucket, key).await
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
        let sent = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            // A role that may not list the bucket is told 403 about an object that isn't there.
            Err(error) if error.as_service_error().is_some_and(is_missing) => {
                return Err(Error::not_found().with_context("no such object"));
            }
            Err(error) => return Err(unavailable(error)),
        };
        let body = answer.body.collect().await.map_err(|e| Error::unavailable(format!("S3 body: {e}")))?;
        Ok(body.to_vec())
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
        let mut pages = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(unavailable)?;
            let keys = page.contents().iter().filter_map(|object| object.key());
            let objects: Vec<ObjectIdentifier> = keys
                .map(|key| ObjectIdentifier::builder().key(key).build())
                .collect::<Result<_, _>>()
                .map_err(Error::internal)?;
            if objects.is_empty() {
                continue;
            }
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(Error::internal)?;
            let answer =
                self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await.map_err(unavailable)?;
            if let Some(error) = answer.errors().first() {
                return Err(Error::unavailable(format!("S3 delete: {:?}", error.code())));
            }
        }
        Ok(())
    }
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
