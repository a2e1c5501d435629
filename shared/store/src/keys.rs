//! Every key there is. A tenant's partition keys begin with `T#{org}#`; the organization's id has a fixed length and no
//! `#`, so no tenant's key is a prefix of another's.

use smartscripts_domain::id::{ApiKeyId, AssessmentId, OrgId, SessionId, SubmissionId, TeamId, UserId};

/// A partition key and a sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub pk: String,
    pub sk: String,
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

pub(crate) fn tenant(org: OrgId) -> String {
    format!("T#{org}#")
}

pub(crate) fn organization(org: OrgId) -> Key {
    key(tenant(org), "ORGANIZATION")
}

pub(crate) fn member(org: OrgId, user: UserId) -> Key {
    key(tenant(org), format!("{MEMBERS}{user}"))
}

pub(crate) const ASSESSMENTS: &str = "ASSESSMENT#";

pub(crate) fn assessment(org: OrgId, assessment: AssessmentId) -> Key {
    key(tenant(org), format!("{ASSESSMENTS}{assessment}"))
}

pub(crate) const SUBMISSIONS: &str = "SUBMISSION#";

pub(crate) fn submissions_of(org: OrgId, assessment: AssessmentId) -> String {
    format!("{}{assessment}#", tenant(org))
}

pub(crate) fn submission(org: OrgId, assessment: AssessmentId, submission: SubmissionId) -> Key {
    key(submissions_of(org, assessment), format!("{SUBMISSIONS}{submission}"))
}

pub(crate) fn idempotency(org: OrgId, operation: &str, client_key: &str) -> Key {
    key(tenant(org), format!("IDEMPOTENCY#{operation}#{client_key}"))
}

pub(crate) const MEMBERS: &str = "MEMBER#";

pub(crate) const TEAMS: &str = "TEAM#";

pub(crate) fn team(org: OrgId, team: TeamId) -> Key {
    key(tenant(org), format!("{TEAMS}{team}"))
}

pub(crate) const API_KEYS: &str = "API_KEY#";

pub(crate) fn api_key(org: OrgId, api_key: ApiKeyId) -> Key {
    key(tenant(org), format!("{API_KEYS}{api_key}"))
}

/// When a key was last used lies apart from the key, so that the functions that note it can't change a key.
pub(crate) fn api_key_use(api_key: ApiKeyId) -> Key {
    key(format!("P#API_KEY_USE#{api_key}#"), "USE")
}

pub(crate) fn email(email_key: &str) -> Key {
    key(format!("P#EMAIL#{email_key}"), "EMAIL")
}

/// The partition of audit events about accounts that don't exist.
pub(crate) const NOBODY: &str = "P#NOBODY#";

pub(crate) fn platform_user(user: UserId) -> String {
    format!("P#{user}#")
}

pub(crate) fn user(user: UserId) -> Key {
    key(platform_user(user), "USER")
}

pub(crate) const MEMBERSHIPS: &str = "ORGANIZATION#";

pub(crate) fn membership(user: UserId, org: OrgId) -> Key {
    key(platform_user(user), format!("{MEMBERSHIPS}{org}"))
}

/// Sessions lie apart from their user, so that the functions that only check a session can't read a user.
pub(crate) fn sessions_of(user: UserId) -> String {
    format!("P#SESSION#{user}#")
}

pub(crate) const SESSIONS: &str = "SESSION#";

pub(crate) fn session(user: UserId, session: SessionId) -> Key {
    key(sessions_of(user), format!("{SESSIONS}{session}"))
}

/// `hash` is the SHA-256 of a token that was mailed.
pub(crate) fn mailed_token(hash: &str) -> Key {
    key(format!("P#TOKEN#{hash}"), "TOKEN")
}

/// `whose` is a hash.
pub(crate) fn rate(limit: &str, whose: &str) -> Key {
    key(format!("P#RATE#{limit}#{whose}"), "RATE")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ulid::Ulid;

    use super::*;

    proptest! {
        #[test]
        fn no_tenants_key_begins_another_tenants(a: u128, b: u128, thing: u128) {
            prop_assume!(a != b);
            let (one, other) = (OrgId::new(Ulid::from(a)), OrgId::new(Ulid::from(b)));
            let (asm, sub) = (AssessmentId::new(Ulid::from(thing)), SubmissionId::new(Ulid::from(thing)));
            let keys = |org| [tenant(org), submissions_of(org, asm), submission(org, asm, sub).pk];
            for left in keys(one) {
                for right in keys(other) {
                    prop_assert!(!left.starts_with(&right) && !right.starts_with(&left));
                }
            }
        }
    }
}
