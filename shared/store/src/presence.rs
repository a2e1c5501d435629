//! Who is looking at a script right now: one short-lived item for each person and script, which is written anew as long as
//! the person looks.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Result,
    id::{SubmissionId, UserId},
};

use crate::{
    Store, Submission, Tenant,
    item::{encode, unavailable},
    keys, now,
};

/// How long somebody counts as looking after having said so: two and a half times as long as a browser waits between.
const PRESENT: SignedDuration = SignedDuration::from_secs(25);

#[derive(Serialize, Deserialize)]
struct Presence {
    user: UserId,
    submission: SubmissionId,
    seen_at: Timestamp,
    /// When the table may drop it, which can be much later than when it has ceased to count.
    expires_at: i64,
}

impl Store {
    /// Notes that somebody is looking at the script.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn note_presence(&self, tenant: Tenant, submission: &Submission, user: UserId) -> Result<()> {
        let seen_at = now();
        let presence =
            Presence { user, submission: submission.id, seen_at, expires_at: (seen_at + PRESENT).as_second() };
        let key = keys::presence(tenant.org(), submission.assessment, submission.id, user);
        let put = self.client.put_item().table_name(&self.tenants).set_item(Some(encode(&key, &presence)?));
        put.send().await.map_err(unavailable)?;
        Ok(())
    }

    /// Who is looking at the script, in the order in which they registered.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn present(&self, tenant: Tenant, submission: &Submission) -> Result<Vec<UserId>> {
        let pk = keys::submissions_of(tenant.org(), submission.assessment);
        let found: Vec<Presence> = self.list_all(&pk, &keys::presences_at(submission.id)).await?;
        let since = now() - PRESENT;
        Ok(found.into_iter().filter(|presence| presence.seen_at >= since).map(|presence| presence.user).collect())
    }
}
