//! Every key there is. A tenant's partition keys begin with `T#{org}#`; the organization's id has a fixed length and no
//! `#`, so no tenant's key is a prefix of another's.

use sha2::{Digest, Sha256};
use smartscripts_domain::{
    chain::Partition,
    id::{
        ApiKeyId, AssessmentId, AuditEventId, ClassScanId, CommentId, ErasureId, ExportId, InviteId, OrgId,
        RosterImportId, SessionId, StudentId, SubmissionId, TeamId, UserId,
    },
};

use crate::Owner;

/// A partition key and a sort key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

pub(crate) const CLASS_SCANS: &str = "SCAN#";

pub(crate) fn class_scan(org: OrgId, assessment: AssessmentId, scan: ClassScanId) -> Key {
    key(submissions_of(org, assessment), format!("{CLASS_SCANS}{scan}"))
}

pub(crate) const SKETCHES: &str = "SKETCHES#";

/// What the answers of a script are compared by.
pub(crate) fn sketches(org: OrgId, assessment: AssessmentId, submission: SubmissionId) -> Key {
    key(submissions_of(org, assessment), format!("{SKETCHES}{submission}"))
}

pub(crate) const LEARNING: &str = "LEARNING#";

/// What was learned of a question from the decisions of persons.
pub(crate) fn learning(org: OrgId, assessment: AssessmentId, question: &str) -> Key {
    key(submissions_of(org, assessment), format!("{LEARNING}{question}"))
}

pub(crate) const COMMENTS: &str = "COMMENT#";

pub(crate) fn comment(org: OrgId, assessment: AssessmentId, comment: CommentId) -> Key {
    key(submissions_of(org, assessment), format!("{COMMENTS}{comment}"))
}

/// How the sort keys of those begin who are looking at a script.
pub(crate) fn presences_at(submission: SubmissionId) -> String {
    format!("PRESENCE#{submission}#")
}

pub(crate) fn presence(org: OrgId, assessment: AssessmentId, submission: SubmissionId, user: UserId) -> Key {
    key(submissions_of(org, assessment), format!("{}{user}", presences_at(submission)))
}

/// Which script of an assessment is a student's.
pub(crate) fn script_of_student(org: OrgId, assessment: AssessmentId, student: StudentId) -> Key {
    key(submissions_of(org, assessment), format!("SCRIPT_OF#{student}"))
}

pub(crate) fn idempotency(org: OrgId, operation: &str, client_key: &str) -> Key {
    key(tenant(org), format!("IDEMPOTENCY#{operation}#{client_key}"))
}

pub(crate) const MEMBERS: &str = "MEMBER#";

pub(crate) const TEAMS: &str = "TEAM#";

pub(crate) fn team(org: OrgId, team: TeamId) -> Key {
    key(tenant(org), format!("{TEAMS}{team}"))
}

pub(crate) const INVITES: &str = "INVITE#";

pub(crate) fn invite(org: OrgId, invite: InviteId) -> Key {
    key(tenant(org), format!("{INVITES}{invite}"))
}

pub(crate) const STUDENTS: &str = "STUDENT#";

pub(crate) fn student(org: OrgId, student: StudentId) -> Key {
    key(tenant(org), format!("{STUDENTS}{student}"))
}

/// What all changes of the roster count up, so that two never meet unseen.
pub(crate) fn roster(org: OrgId) -> Key {
    key(tenant(org), "ROSTER")
}

pub(crate) fn roster_import(org: OrgId, import: RosterImportId) -> Key {
    key(tenant(org), format!("ROSTER_IMPORT#{import}"))
}

/// By which student a number belongs to is found; only a hash of the number stands in the key.
pub(crate) fn student_number(org: OrgId, number: &str) -> Key {
    key(tenant(org), format!("NUMBER#{}", hex::encode(Sha256::digest(number))))
}

pub(crate) const API_KEYS: &str = "API_KEY#";

pub(crate) fn api_key(org: OrgId, api_key: ApiKeyId) -> Key {
    key(tenant(org), format!("{API_KEYS}{api_key}"))
}

pub(crate) const EXPORTS: &str = "EXPORT#";

pub(crate) fn export(owner: Owner, export: ExportId) -> Key {
    key(owner.partition(), format!("{EXPORTS}{export}"))
}

pub(crate) const ERASURES: &str = "ERASURE#";

pub(crate) fn erasure(owner: Owner, erasure: ErasureId) -> Key {
    key(owner.partition(), format!("{ERASURES}{erasure}"))
}

pub(crate) const USAGE: &str = "USAGE#";

/// How many scripts were graded in a month, like `2026-11`: of a team, or of all.
pub(crate) fn usage(org: OrgId, month: &str, team: Option<TeamId>) -> Key {
    let team = team.map(|team| format!("#{team}")).unwrap_or_default();
    key(tenant(org), format!("{USAGE}{month}{team}"))
}

/// Which customer of Stripe's the organization is, and its subscription.
pub(crate) fn billing(org: OrgId) -> Key {
    key(tenant(org), "BILLING")
}

/// How many scripts beyond the plan Stripe was told of in a month, like `2026-11`.
pub(crate) fn overage(org: OrgId, month: &str) -> Key {
    key(tenant(org), format!("OVERAGE#{month}"))
}

/// Which organization a customer of Stripe's is.
pub(crate) fn stripe_customer(customer: &str) -> Key {
    key(format!("P#STRIPE_CUSTOMER#{customer}#"), "CUSTOMER")
}

/// That an event of Stripe's has come.
pub(crate) fn stripe_event(id: &str) -> Key {
    key(format!("P#STRIPE_EVENT#{id}#"), "EVENT")
}

pub(crate) fn retention(org: OrgId) -> Key {
    key(tenant(org), "RETENTION")
}

/// The partition that lists what a schedule must come back to: exports that expire, erasures whose grace period ends.
pub(crate) const DUE: &str = "P#DUE#";

pub(crate) fn due_export(export: ExportId) -> Key {
    key(DUE.to_owned(), format!("{EXPORTS}{export}"))
}

pub(crate) fn due_erasure(erasure: ErasureId) -> Key {
    key(DUE.to_owned(), format!("{ERASURES}{erasure}"))
}

/// When a key was last used lies apart from the key, so that the functions that note it can't change a key.
pub(crate) fn api_key_use(api_key: ApiKeyId) -> Key {
    key(format!("P#API_KEY_USE#{api_key}#"), "USE")
}

pub(crate) fn email(email_key: &str) -> Key {
    key(format!("P#EMAIL#{email_key}"), "EMAIL")
}

/// The partition that lists all organizations, for the tasks that a schedule starts.
pub(crate) const ALL_ORGANIZATIONS: &str = "P#ORGANIZATIONS#";

pub(crate) fn listed_organization(org: OrgId) -> Key {
    key(ALL_ORGANIZATIONS.to_owned(), format!("{MEMBERSHIPS}{org}"))
}

/// The partition of audit events about accounts that don't exist.
pub(crate) const NOBODY: &str = "P#NOBODY#";

pub(crate) fn platform_user(user: UserId) -> String {
    format!("P#{user}#")
}

/// The partition of the audit table that holds this log.
pub(crate) fn audit_log(log: Partition) -> String {
    match log {
        Partition::Organization(org) => tenant(org),
        Partition::User(user) => platform_user(user),
        Partition::Nobody => NOBODY.to_owned(),
    }
}

/// Whose log a partition of the audit table is.
pub(crate) fn log_of(pk: &str) -> Option<Partition> {
    if pk == NOBODY {
        return Some(Partition::Nobody);
    }
    let id = pk.strip_prefix("T#").or_else(|| pk.strip_prefix("P#"))?.strip_suffix('#')?;
    id.parse().ok().filter(|log| audit_log(*log) == pk)
}

/// How the sort keys of events begin.
pub(crate) const AUDIT_EVENTS: &str = AuditEventId::PREFIX;

pub(crate) fn audit_event(log: Partition, event: AuditEventId) -> Key {
    key(audit_log(log), event.to_string())
}

/// Twelve digits, so that seals lie in the order of their numbers.
pub(crate) fn seal(log: Partition, sequence: u64) -> Key {
    key(audit_log(log), format!("SEAL#{sequence:012}"))
}

pub(crate) fn audit_head(log: Partition) -> Key {
    key(audit_log(log), "HEAD")
}

/// Into how many parts the index of what is due in the audit table is divided, so that no part becomes hot.
pub(crate) const SHARDS: u8 = 16;

fn shard(pk: &str) -> u8 {
    Sha256::digest(pk)[0] % SHARDS
}

/// The key in the index of events that wait to be sealed.
pub(crate) fn unsealed(shard: u8) -> String {
    format!("P#UNSEALED#{shard}")
}

pub(crate) fn unsealed_of(pk: &str) -> String {
    unsealed(shard(pk))
}

/// The key in the same index of heads that have moved on since the last backup.
pub(crate) fn moved_heads(shard: u8) -> String {
    format!("P#HEADS#{shard}")
}

pub(crate) fn moved_heads_of(pk: &str) -> String {
    moved_heads(shard(pk))
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

/// `hash` is the SHA-256 of the token in an invitation.
pub(crate) fn invite_token(hash: &str) -> Key {
    key(format!("P#INVITE#{hash}"), "TOKEN")
}

/// `whose` is a hash.
pub(crate) fn rate(limit: &str, whose: &str) -> Key {
    key(format!("P#RATE#{limit}#{whose}"), "RATE")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::{Rng, SeedableRng, rngs::StdRng};
    use ulid::Ulid;

    use super::*;

    /// Every partition key that a tenant has.
    fn partitions(org: OrgId, thing: u128) -> Vec<String> {
        let ulid = Ulid::from(thing);
        let (asm, sub, user) = (AssessmentId::new(ulid), SubmissionId::new(ulid), UserId::new(ulid));
        let keys = [
            organization(org),
            member(org, user),
            team(org, TeamId::new(ulid)),
            invite(org, InviteId::new(ulid)),
            student(org, StudentId::new(ulid)),
            student_number(org, "T#org_x#"),
            roster(org),
            roster_import(org, RosterImportId::new(ulid)),
            api_key(org, ApiKeyId::new(ulid)),
            assessment(org, asm),
            submission(org, asm, sub),
            script_of_student(org, asm, StudentId::new(ulid)),
            class_scan(org, asm, ClassScanId::new(ulid)),
            sketches(org, asm, sub),
            learning(org, asm, "T#org_x#"),
            comment(org, asm, CommentId::new(ulid)),
            presence(org, asm, sub, user),
            idempotency(org, "submissions-create", "T#org_x#"),
            export(Owner::Organization(crate::Tenant::listed(org)), ExportId::new(ulid)),
            erasure(Owner::Organization(crate::Tenant::listed(org)), ErasureId::new(ulid)),
            retention(org),
            usage(org, "2026-11", Some(TeamId::new(ulid))),
            billing(org),
            overage(org, "2026-11"),
        ];
        keys.into_iter().map(|key| key.pk).chain([tenant(org), submissions_of(org, asm)]).collect()
    }

    #[test]
    fn no_key_of_one_tenant_begins_a_key_of_another_among_ten_thousand() {
        let mut random = StdRng::seed_from_u64(20_261_123);
        let mut keys = BTreeSet::new();
        for _ in 0..10_000 {
            let org = OrgId::new(Ulid::from(random.random::<u128>()));
            keys.extend(partitions(org, random.random()).into_iter().map(|key| (key, org)));
        }
        // Sorted, whatever begins with a key stands in one run right behind it.
        let mut run: Option<&(String, OrgId)> = None;
        for key in &keys {
            match run {
                Some((first, owner)) if key.0.starts_with(first) => {
                    assert_eq!(*owner, key.1, "{first} begins {}", key.0);
                }
                _ => run = Some(key),
            }
        }
    }

    #[test]
    fn a_log_is_found_by_its_partition() {
        let id = Ulid::from(1);
        let logs = [Partition::Organization(OrgId::new(id)), Partition::User(UserId::new(id)), Partition::Nobody];
        for log in logs {
            assert_eq!(log_of(&audit_log(log)), Some(log));
        }
        for other in ["", "P#", "T#x#", "P#nobody#", "P#ORGANIZATIONS#", "T#org_1#"] {
            assert_eq!(log_of(other), None, "{other}");
        }
    }

    #[test]
    fn platform_and_tenants_never_meet() {
        let (user, session) = (UserId::new(Ulid::from(1)), SessionId::new(Ulid::from(2)));
        let platform = [super::user(user).pk, super::session(user, session).pk, email("x").pk, rate("x", "y").pk];
        assert!(platform.iter().all(|key| key.starts_with("P#")));
        assert!(partitions(OrgId::new(Ulid::from(3)), 4).iter().all(|key| key.starts_with("T#org_")));
    }
}
