//! Every key there is. A tenant's partition keys begin with `T#{org}#`; the organization's id has a fixed length and no
//! `#`, so no tenant's key is a prefix of another's.

use smartscripts_domain::id::{AssessmentId, OrgId, SessionId, SubmissionId, UserId};

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
    key(tenant(org), format!("MEMBER#{user}"))
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

pub(crate) fn email(email_key: &str) -> Key {
    key(format!("P#EMAIL#{email_key}"), "EMAIL")
}

pub(crate) fn user(user: UserId) -> Key {
    key(format!("P#{user}#"), "USER")
}

pub(crate) const MEMBERSHIPS: &str = "ORGANIZATION#";

pub(crate) fn memberships_of(user: UserId) -> String {
    format!("P#{user}#")
}

pub(crate) fn membership(user: UserId, org: OrgId) -> Key {
    key(memberships_of(user), format!("{MEMBERSHIPS}{org}"))
}

pub(crate) fn session(session: SessionId) -> Key {
    key(format!("P#{session}#"), "SESSION")
}

pub(crate) fn platform_audit(user: UserId) -> String {
    format!("P#{user}#")
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
