//! API keys: with one, a program acts in an organization.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{ApiKeyId, UserId},
    permission::Permission,
};
use utoipa::ToSchema;

use crate::{
    AuditEvent, Page, Store, Tenant,
    item::{encode, text},
    keys, now,
    transaction::Transaction,
};

/// How old the noted last use may grow before it is noted again, in seconds.
const NOTED_EVERY: i64 = 60;

/// An API key. Of its secret only a hash is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// What it is for, in its maker's words.
    pub name: String,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it works.
    pub valid_until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ApiKeyUse {
    at: Timestamp,
}

/// An API key as its organization sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApiKeySummary {
    /// The id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when it works.
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl ApiKeySummary {
    /// The summary of a key that was last used then.
    #[must_use]
    pub fn new(key: ApiKey, last_used_at: Option<Timestamp>) -> Self {
        let ApiKey { id, name, permissions, created_by, created_at, valid_until, .. } = key;
        Self { id, name, permissions, created_by, created_at, valid_until, last_used_at }
    }
}

impl ApiKey {
    /// Whether this hash is that of the secret, and the key has not expired. Hashes are compared, not secrets, so the
    /// time it takes tells nothing.
    #[must_use]
    pub fn is_valid(&self, secret_hash: &str, now: Timestamp) -> bool {
        self.secret_hash == secret_hash && now < self.valid_until
    }
}

impl Store {
    /// Creates an API key.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_api_key(&self, tenant: Tenant, key: &ApiKey, event: &AuditEvent) -> Result<()> {
        let exists = Error::conflict("api_key_exists", "Please try again.");
        Transaction::default()
            .create(self, encode(&keys::api_key(tenant.org(), key.id), key)?, exists)?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// The organization's API keys, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn api_keys(&self, tenant: Tenant, limit: usize, cursor: Option<&str>) -> Result<Page<ApiKeySummary>> {
        let page: Page<ApiKey> = self.list(&keys::tenant(tenant.org()), keys::API_KEYS, limit, cursor).await?;
        let mut items = Vec::new();
        for key in page.items {
            let used: Option<ApiKeyUse> = self.get(&keys::api_key_use(key.id)).await?;
            items.push(ApiKeySummary::new(key, used.map(|used| used.at)));
        }
        Ok(Page { items, cursor: page.cursor })
    }

    /// Revokes an API key: it is gone at once.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke_api_key(&self, tenant: Tenant, id: ApiKeyId, event: &AuditEvent) -> Result<()> {
        Transaction::default()
            .delete(self, &keys::api_key(tenant.org(), id), Error::not_found())?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// Notes that a key was used, at most once a minute. That it can't be noted is no reason to refuse the call.
    pub(crate) async fn note_use(&self, id: ApiKeyId) {
        let now = now();
        let before = Timestamp::from_second(now.as_second() - NOTED_EVERY).unwrap_or(now);
        let noted = self
            .update_if(&keys::api_key_use(id), |update| {
                Ok(update
                    .update_expression("SET #at = :now")
                    .condition_expression("attribute_not_exists(#at) OR #at < :before")
                    .expression_attribute_names("#at", "at")
                    .expression_attribute_values(":now", text(now.to_string()))
                    .expression_attribute_values(":before", text(before.to_string())))
            })
            .await;
        if let Err(error) = noted {
            tracing::warn!(code = error.code(), context = error.context(), "the use of an API key could not be noted");
        }
    }
}
