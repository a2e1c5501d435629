//! The comment bank of an assessment: comments that graders keep in order to give them again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{AssessmentId, CommentId, Principal},
};
use utoipa::ToSchema;

use crate::{AuditEvent, Page, Store, Tenant, item::encode, keys, transaction::Transaction};

/// A comment that is kept to be given again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct KeptComment {
    /// Its id.
    pub id: CommentId,
    /// The comment.
    pub text: String,
    /// Who keeps it.
    pub created_by: Principal,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl Store {
    /// Keeps a comment.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn keep_comment(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        comment: &KeptComment,
        event: &AuditEvent,
    ) -> Result<()> {
        let key = keys::comment(tenant.org(), assessment, comment.id);
        let exists = Error::conflict("comment_exists", "Please try again.");
        Transaction::default().create(self, encode(&key, comment)?, exists)?.audit(self, event)?.commit(self).await
    }

    /// The assessment's comments, oldest first.
    ///
    /// # Errors
    /// `cursor_invalid`, `unavailable`.
    pub async fn comments(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<KeptComment>> {
        self.list(&keys::submissions_of(tenant.org(), assessment), keys::COMMENTS, limit, cursor).await
    }

    /// Deletes a comment from the bank. Where it was given, it stays.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_comment(
        &self,
        tenant: Tenant,
        assessment: AssessmentId,
        id: CommentId,
        event: &AuditEvent,
    ) -> Result<()> {
        let key = keys::comment(tenant.org(), assessment, id);
        Transaction::default().delete(self, &key, Error::not_found())?.audit(self, event)?.commit(self).await
    }
}
