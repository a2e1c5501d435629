//! # aws
//!
//! How a function finds AWS. Lambda gives it region and credentials in the environment, so the SDK's search through
//! profiles, containers and instance metadata is left out, and with it what it needs.

use std::env;

use aws_config::{BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider};
use aws_credential_types::provider::SharedCredentialsProvider;

/// From `AWS_REGION`, `AWS_ACCESS_KEY_ID` and its companions, and `AWS_ENDPOINT_URL` if another cloud is to be called.
#[must_use]
pub fn config_from_env() -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(env::var("AWS_REGION").ok().map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    match env::var("AWS_ENDPOINT_URL") {
        Ok(endpoint) => config.endpoint_url(endpoint).build(),
        Err(_) => config.build(),
    }
}
