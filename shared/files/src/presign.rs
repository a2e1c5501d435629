//! Presigned POST: the policy that lets a browser upload one object. The AWS SDK for Rust has none; the signature is
//! Signature Version 4 as in "Browser-Based Uploads Using POST" of the S3 API reference, whose example the test repeats.

use std::{collections::BTreeMap, time::SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::ProvideCredentials};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use sha2::Sha256;
use smartscripts_domain::{
    Error, Result,
    submission::{FileType, limits},
};
use utoipa::ToSchema;

/// How long the form works.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// A form to be sent as `multipart/form-data`: all fields, then the content as the last field, `file`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PresignedPost {
    /// Where to send it.
    pub url: String,
    /// The fields, to be sent unchanged.
    pub fields: BTreeMap<String, String>,
}

pub(crate) async fn upload(
    config: &SdkConfig,
    bucket: &str,
    key: &str,
    content_type: FileType,
) -> Result<PresignedPost> {
    let provider = config.credentials_provider().ok_or_else(|| Error::unavailable("no credentials provider"))?;
    let credentials =
        provider.provide_credentials().await.map_err(|e| Error::unavailable(format!("credentials: {e}")))?;
    let region = config.region().map_or("us-east-1", |region| region.as_ref());
    let url = match config.endpoint_url() {
        Some(endpoint) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
        None => format!("https://{bucket}.s3.{region}.amazonaws.com/"),
    };
    let now = Timestamp::try_from(SystemTime::now()).map_err(Error::internal)?;
    let fields = fields(&credentials, region, bucket, (key, content_type), now)?;
    Ok(PresignedPost { url, fields })
}

fn fields(
    credentials: &Credentials,
    region: &str,
    bucket: &str,
    (key, content_type): (&str, FileType),
    now: Timestamp,
) -> Result<BTreeMap<String, String>> {
    let day = now.strftime("%Y%m%d").to_string();
    let mut fields = BTreeMap::from([
        ("key".to_owned(), key.to_owned()),
        ("Content-Type".to_owned(), content_type.media_type().to_owned()),
        ("success_action_status".to_owned(), "201".to_owned()),
        ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential".to_owned(), format!("{}/{day}/{region}/s3/aws4_request", credentials.access_key_id())),
        ("x-amz-date".to_owned(), now.strftime("%Y%m%dT%H%M%SZ").to_string()),
    ]);
    if let Some(token) = credentials.session_token() {
        fields.insert("x-amz-security-token".to_owned(), token.to_owned());
    }
    let mut conditions = vec![json!({ "bucket": bucket }), json!(["content-length-range", 1, limits::FILE_BYTES])];
    conditions.extend(fields.iter().map(|(name, value)| json!({ name: value })));
    let expiration = now.checked_add(LIFETIME).map_err(Error::internal)?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let policy = STANDARD.encode(json!({ "expiration": expiration, "conditions": conditions }).to_string());
    fields.insert("x-amz-signature".to_owned(), sign(credentials.secret_access_key(), &day, region, &policy)?);
    fields.insert("policy".to_owned(), policy);
    Ok(fields)
}

/// Signs a policy that is already Base64.
fn sign(secret: &str, day: &str, region: &str, policy: &str) -> Result<String> {
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [day, region, "s3", "aws4_request", policy] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
        mac.update(part.as_bytes());
        key = mac.finalize().into_bytes().to_vec();
    }
    Ok(hex::encode(key))
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;
    use crate::UploadKey;

    /// The example of "Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)", S3 API reference.
    const EXAMPLE_POLICY: &str = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

    #[test]
    fn signs_as_the_published_example() {
        let signature =
            sign("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20151229", "us-east-1", EXAMPLE_POLICY).unwrap();
        assert_eq!(signature, "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e");
    }

    #[test]
    fn the_policy_fixes_every_field_and_the_size() {
        let key = UploadKey {
            org: smartscripts_domain::id::OrgId::new(Ulid::from(1)),
            assessment: smartscripts_domain::id::AssessmentId::new(Ulid::from(2)),
            submission: smartscripts_domain::id::SubmissionId::new(Ulid::from(3)),
            file: 1,
            content_type: FileType::Jpeg,
        };
        let credentials = Credentials::new("AKID", "secret", Some("token".to_owned()), None, "test");
        let fields = fields(
            &credentials,
            "eu-central-1",
            "bucket",
            (&key.to_string(), key.content_type),
            "2026-01-02T03:04:05Z".parse().unwrap(),
        )
        .unwrap();
        let policy: serde_json::Value = serde_json::from_slice(&STANDARD.decode(&fields["policy"]).unwrap()).unwrap();
        assert_eq!(policy["expiration"], "2026-01-02T03:09:05Z");
        let conditions = policy["conditions"].as_array().unwrap();
        assert!(conditions.contains(&json!(["content-length-range", 1, 20 * 1024 * 1024])));
        for (name, value) in fields.iter().filter(|(name, _)| !["policy", "x-amz-signature"].contains(&name.as_str())) {
            assert!(conditions.contains(&json!({ name: value })), "{name} is not fixed by the policy");
        }
    }
}
