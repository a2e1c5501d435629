//! Every kind of thing that is kept, in one list: whose it is, how a person is found in it, which export holds it, what an
//! erasure does with it, and how long it is kept. Exports, erasures, retention and `docs/privacy.md` all go by this list,
//! so a new kind is one more row; a test fails as long as a key in `keys.rs` or a prefix in the bucket has none.

use std::fmt::Write;

use crate::Period;

/// A kind of thing.
#[derive(Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its name in exports, reports and certificates.
    pub name: &'static str,
    /// What it is, in the words of a person who reads about it.
    pub description: &'static str,
    /// Where it is kept.
    pub place: Place,
    /// Who it belongs to.
    pub whose: Whose,
    /// How it is known to be a person's: any of these is enough. What lies below a person's thing is the person's too.
    pub of_person: &'static [Find],
    /// In which export it is.
    pub export: Export,
    /// What an erasure does with it.
    pub erasure: Erasing,
    /// The period that an organization can set for it.
    pub period: Option<Period>,
    /// Attributes that no export holds: they would let in whoever reads them.
    pub secrets: &'static [&'static str],
    /// By these, other things are found, so they are deleted last: the higher, the later.
    pub last: u8,
}

/// Where a kind is kept. In a pattern, `{org}` is the organization, `{owner}` the organization or the user, and any other
/// name an attribute of the item that it is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the table of tenants.
    Item {
        /// The function in `keys.rs` that makes its key.
        key: &'static str,
        /// Pattern of the partition key.
        partition: &'static str,
        /// Pattern of the beginning of the sort key.
        sort: &'static str,
        /// The kinds by whose items it is found; none for what stands in the partition of an organization or a user.
        parents: &'static [&'static str],
    },
    /// In the bucket.
    Objects {
        /// Pattern of the beginning of the key.
        path: &'static str,
        /// The kinds by whose items it is found.
        parents: &'static [&'static str],
        /// How the last part of the key begins and ends. The first row that fits counts.
        names: &'static [(&'static str, &'static str)],
    },
    /// In the table of audit events.
    Audit {
        /// The functions in `keys.rs` that make keys of that table.
        keys: &'static [&'static str],
        /// Pattern of the partition key.
        partition: &'static str,
    },
}

/// Who a thing belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The organization; where it tells of a person, the organization decides about it.
    Organization,
    /// The person with the account.
    Person,
    /// Nobody in particular: what the service needs in order to work.
    Platform,
}

/// How an item is known to be a person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Find {
    /// This attribute is the account's id.
    User(&'static str),
    /// This attribute is the id of the student on the roster.
    Student(&'static str),
    /// This attribute is the student's number, and the item names no student.
    Number(&'static str),
    /// This attribute is the person's e-mail address.
    Email(&'static str),
    /// This attribute is the id of one of the person's submissions.
    Submission(&'static str),
    /// This attribute has this value, and the thing may tell of anybody in the organization. It is erased with anybody, and
    /// in nobody's own export.
    Anybody(&'static str, &'static str),
}

/// In which export a kind is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// In none.
    None,
    /// In the organization's.
    Organization,
    /// In the person's.
    Person,
    /// In both.
    Both,
}

/// What an erasure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasing {
    /// It is deleted.
    Deleted,
    /// It is kept, on this ground.
    Kept(&'static str),
    /// It holds no personal data and is gone by itself.
    Expires(&'static str),
}

impl Entity {
    const fn new(name: &'static str, description: &'static str, whose: Whose, place: Place) -> Self {
        Self {
            name,
            description,
            place,
            whose,
            of_person: &[],
            export: Export::None,
            erasure: Erasing::Deleted,
            period: None,
            secrets: &[],
            last: 0,
        }
    }

    /// Something in the partition of the organization.
    const fn of_organization(
        name: &'static str,
        key: &'static str,
        sort: &'static str,
        description: &'static str,
    ) -> Self {
        let place = Place::Item { key, partition: "T#{org}#", sort, parents: &[] };
        Self::new(name, description, Whose::Organization, place)
    }

    /// Something in the partition of the user.
    const fn of_user(name: &'static str, key: &'static str, sort: &'static str, description: &'static str) -> Self {
        let place = Place::Item { key, partition: "P#{user}#", sort, parents: &[] };
        Self::new(name, description, Whose::Person, place)
    }

    const fn of_person(mut self, of_person: &'static [Find]) -> Self {
        self.of_person = of_person;
        self
    }

    const fn exported(mut self, export: Export) -> Self {
        self.export = export;
        self
    }

    const fn erased(mut self, erasure: Erasing) -> Self {
        self.erasure = erasure;
        self
    }

    const fn kept_for(mut self, period: Period) -> Self {
        self.period = Some(period);
        self
    }

    const fn without(mut self, secrets: &'static [&'static str]) -> Self {
        self.secrets = secrets;
        self
    }

    const fn last(mut self, last: u8) -> Self {
        self.last = last;
        self
    }

    /// Whether it is in a person's own export.
    #[must_use]
    pub const fn is_exported_to_person(&self) -> bool {
        matches!(self.export, Export::Person | Export::Both)
    }

    /// Whether it is in the organization's export.
    #[must_use]
    pub const fn is_exported_to_organization(&self) -> bool {
        matches!(self.export, Export::Organization | Export::Both)
    }

    /// The kinds by whose items it is found.
    #[must_use]
    pub const fn parents(&self) -> &'static [&'static str] {
        match self.place {
            Place::Item { parents, .. } | Place::Objects { parents, .. } => parents,
            Place::Audit { .. } => &[],
        }
    }
}

const PROOF: &str = "proof that the erasure was carried out (GDPR article 5(2)); opaque ids and counts only";
const TRACE: &str =
    "integrity of the audit log (GDPR articles 5(1)(f), 17(3)(b) and (e)); opaque ids only, networks shortened";
const HASHED: &str = "within days after the last call; only a hash";

/// All kinds.
pub const ENTITIES: &[Entity] = &[
    // Of an organization.
    Entity::of_organization("organization", "organization", "ORGANIZATION", "The organization and its settings.")
        .exported(Export::Organization)
        .last(6),
    Entity::new(
        "listed_organization",
        "The organization's place in the list of all.",
        Whose::Platform,
        Place::Item {
            key: "listed_organization",
            partition: "P#ORGANIZATIONS#",
            sort: "ORGANIZATION#{org}",
            parents: &["organization"],
        },
    ),
    Entity::of_organization("membership", "member", "MEMBER#", "Who is a member, as what, and in which teams.")
        .of_person(&[Find::User("user")])
        .exported(Export::Both)
        .last(3),
    Entity::new(
        "membership_of_user",
        "The same membership, as it is found from the account.",
        Whose::Person,
        Place::Item { key: "membership", partition: "P#{user}#", sort: "ORGANIZATION#{org}", parents: &["membership"] },
    )
    .last(2),
    Entity::of_organization("team", "team", "TEAM#", "A team or class.").exported(Export::Organization),
    Entity::of_organization("invite", "invite", "INVITE#", "An invitation: to which address, as what, by whom.")
        .of_person(&[Find::Email("email"), Find::Student("student")])
        .exported(Export::Both),
    Entity::of_organization("roster", "roster", "ROSTER", "How often the roster was changed."),
    Entity::of_organization(
        "roster_import",
        "roster_import",
        "ROSTER_IMPORT#",
        "A roster that was uploaded: how much it changes.",
    )
    .of_person(&[Find::Anybody("state", "previewed"), Find::Anybody("state", "committed")])
    .exported(Export::Organization),
    Entity::of_organization("student", "student", "STUDENT#", "A student on the roster.")
        .of_person(&[Find::Student("id"), Find::User("user")])
        .exported(Export::Both)
        .kept_for(Period::Students)
        .last(4),
    Entity::of_organization(
        "student_number",
        "student_number",
        "NUMBER#",
        "Which student a number belongs to, hashed.",
    )
    .of_person(&[Find::Student("student")]),
    Entity::of_organization("assessment", "assessment", "ASSESSMENT#", "An exam or test.")
        .exported(Export::Organization),
    Entity::new(
        "submission",
        "A script that was handed in: by whom, where it stands, its marks; who may be meant, if that is in doubt.",
        Whose::Organization,
        Place::Item { key: "submission", partition: "T#{org}#{id}#", sort: "SUBMISSION#", parents: &["assessment"] },
    )
    .of_person(&[Find::Student("student"), Find::Number("student_number")])
    .exported(Export::Both)
    .kept_for(Period::Submissions)
    .last(1),
    Entity::new(
        "class_scan",
        "The scan of a whole class, until it is split; then only which submissions have come of it.",
        Whose::Organization,
        Place::Item { key: "class_scan", partition: "T#{org}#{id}#", sort: "SCAN#", parents: &["assessment"] },
    )
    .of_person(&[
        Find::Anybody("state", "awaiting_upload"),
        Find::Anybody("state", "splitting"),
        Find::Anybody("state", "failed"),
    ])
    .exported(Export::Organization)
    .kept_for(Period::Pages)
    .last(1),
    Entity::new(
        "kept_comment",
        "A comment that a grader keeps, to give it to other answers too.",
        Whose::Organization,
        Place::Item { key: "comment", partition: "T#{org}#{id}#", sort: "COMMENT#", parents: &["assessment"] },
    )
    .of_person(&[Find::User("created_by")])
    .exported(Export::Both),
    Entity::new(
        "presence",
        "That somebody is looking at a script, until half a minute later.",
        Whose::Organization,
        Place::Item { key: "presence", partition: "T#{org}#{id}#", sort: "PRESENCE#", parents: &["assessment"] },
    )
    .of_person(&[Find::User("user")])
    .exported(Export::Both),
    Entity::new(
        "script_of_student",
        "Which script of an assessment is a student's.",
        Whose::Organization,
        Place::Item {
            key: "script_of_student",
            partition: "T#{org}#{assessment}#",
            sort: "SCRIPT_OF#{student}",
            parents: &["submission"],
        },
    )
    .exported(Export::Both),
    Entity::new(
        "answer_sketches",
        "What the answers of a script are compared with others by: hashes and measurements, and the groups that persons \
         have put them in; none of their words.",
        Whose::Organization,
        Place::Item {
            key: "sketches",
            partition: "T#{org}#{assessment}#",
            sort: "SKETCHES#{id}",
            parents: &["submission"],
        },
    )
    .exported(Export::Both)
    .kept_for(Period::Readings),
    Entity::new(
        "learning",
        "From how many decisions about a question's answers was learned, and whether that is to be done again.",
        Whose::Organization,
        Place::Item { key: "learning", partition: "T#{org}#{id}#", sort: "LEARNING#", parents: &["assessment"] },
    ),
    Entity::of_organization("api_key", "api_key", "API_KEY#", "A key with which a program calls the API.")
        .exported(Export::Organization)
        .without(&["secret_hash"]),
    Entity::new(
        "api_key_use",
        "When an API key was last used.",
        Whose::Platform,
        Place::Item { key: "api_key_use", partition: "P#API_KEY_USE#{id}#", sort: "USE", parents: &["api_key"] },
    ),
    Entity::of_organization(
        "idempotency_record",
        "idempotency",
        "IDEMPOTENCY#",
        "What an `Idempotency-Key` has made, for a day.",
    )
    .of_person(&[Find::Submission("result")]),
    Entity::of_organization("retention", "retention", "RETENTION", "How long the organization keeps what.")
        .exported(Export::Organization),
    Entity::of_organization(
        "usage",
        "usage",
        "USAGE#",
        "How many scripts were graded in a month, in all and of each team.",
    )
    .exported(Export::Organization),
    Entity::of_organization(
        "billing",
        "billing",
        "BILLING",
        "Which customer of Stripe's the organization is, and its subscription: ids, dates, plan and seats.",
    )
    .exported(Export::Organization),
    Entity::new(
        "stripe_customer",
        "The same, as it is found from the customer's id at Stripe.",
        Whose::Platform,
        Place::Item {
            key: "stripe_customer",
            partition: "P#STRIPE_CUSTOMER#{customer}#",
            sort: "CUSTOMER",
            parents: &["billing"],
        },
    ),
    Entity::of_organization(
        "overage_report",
        "overage",
        "OVERAGE#",
        "How many scripts beyond the plan Stripe was told of in a month.",
    )
    .exported(Export::Organization),
    Entity::of_organization(
        "export",
        "export",
        "EXPORT#",
        "An export that somebody of the organization has asked for.",
    )
    .of_person(&[
        Find::User("user"),
        Find::Student("student"),
        Find::User("requested_by"),
        Find::Anybody("about", "organization"),
    ])
    .exported(Export::Organization)
    .kept_for(Period::Exports),
    Entity::of_organization(
        "erasure",
        "erasure",
        "ERASURE#",
        "An erasure of a member or a student, and its certificate.",
    )
    .exported(Export::Organization)
    .erased(Erasing::Kept(PROOF)),
    // Of an account.
    Entity::of_user(
        "user",
        "user",
        "USER",
        "The account: name, e-mail address, password (as a hash) and second factor.",
    )
    .exported(Export::Person)
    .without(&["password_hash", "password_length", "second_factor", "pending_secret"])
    .last(5),
    Entity::new(
        "email",
        "Which account has an e-mail address, hashed.",
        Whose::Person,
        Place::Item { key: "email", partition: "P#EMAIL#{email_key}", sort: "EMAIL", parents: &["user"] },
    ),
    Entity::new(
        "session",
        "A log-in: when, from which network, with which browser.",
        Whose::Person,
        Place::Item { key: "session", partition: "P#SESSION#{id}#", sort: "SESSION#", parents: &["user"] },
    )
    .exported(Export::Person)
    .without(&["current", "previous"]),
    Entity::of_user("own_export", "export", "EXPORT#", "An export that the person has asked for.")
        .exported(Export::Person),
    Entity::of_user("own_erasure", "erasure", "ERASURE#", "An erasure of the account, and its certificate.")
        .exported(Export::Person)
        .erased(Erasing::Kept(PROOF)),
    // Of the platform.
    Entity::new(
        "due_export",
        "When an export's file is to be deleted.",
        Whose::Platform,
        Place::Item { key: "due_export", partition: "P#DUE#", sort: "EXPORT#{id}", parents: &["export", "own_export"] },
    )
    .erased(Erasing::Expires("within an hour after the export's file; opaque ids only")),
    Entity::new(
        "due_erasure",
        "When an erasure is to be carried out.",
        Whose::Platform,
        Place::Item {
            key: "due_erasure",
            partition: "P#DUE#",
            sort: "ERASURE#{id}",
            parents: &["erasure", "own_erasure"],
        },
    )
    .erased(Erasing::Expires("when the erasure is done or taken back; opaque ids only")),
    Entity::new(
        "mailed_token",
        "The hash of a token in a mail.",
        Whose::Platform,
        Place::Item { key: "mailed_token", partition: "P#TOKEN#{hash}", sort: "TOKEN", parents: &[] },
    )
    .erased(Erasing::Expires("within days; a hash and an opaque id only, and no account that it would open")),
    Entity::new(
        "invite_token",
        "The hash of a token in an invitation.",
        Whose::Platform,
        Place::Item { key: "invite_token", partition: "P#INVITE#{hash}", sort: "TOKEN", parents: &[] },
    )
    .erased(Erasing::Expires("within two weeks; a hash and opaque ids only, and no invitation that it would open")),
    Entity::new(
        "stripe_event",
        "That an event of Stripe's has come, so that it counts once.",
        Whose::Platform,
        Place::Item { key: "stripe_event", partition: "P#STRIPE_EVENT#{id}#", sort: "EVENT", parents: &[] },
    )
    .erased(Erasing::Expires("after 35 days; opaque ids only")),
    Entity::new(
        "rate_bucket",
        "How often somebody has called lately.",
        Whose::Platform,
        Place::Item { key: "rate", partition: "P#RATE#{limit}#{hash}", sort: "RATE", parents: &[] },
    )
    .erased(Erasing::Expires(HASHED)),
    // In the bucket.
    Entity::new(
        "reading",
        "What was read on the pages, and which lines answer which question.",
        Whose::Organization,
        Place::Objects {
            path: "answers/{org}/{assessment}/{id}/",
            parents: &["submission", "class_scan"],
            names: &[("", ".json")],
        },
    )
    .exported(Export::Both)
    .kept_for(Period::Readings),
    Entity::new(
        "uploaded_file",
        "A file of a script, as it was uploaded.",
        Whose::Organization,
        Place::Objects {
            path: "answers/{org}/{assessment}/{id}/",
            parents: &["submission", "class_scan"],
            names: &[("", "")],
        },
    )
    .exported(Export::Both)
    .kept_for(Period::Pages),
    Entity::new(
        "page_picture",
        "A picture of a page, as it is and with the grading drawn on it.",
        Whose::Organization,
        Place::Objects {
            path: "feedback/{org}/{assessment}/{id}/",
            parents: &["submission"],
            names: &[("page-", ".jpg"), ("annotated-", ".png")],
        },
    )
    .exported(Export::Both)
    .kept_for(Period::Pages),
    Entity::new(
        "release",
        "What was released to the students of an assessment: which version of whose feedback.",
        Whose::Organization,
        Place::Objects {
            path: "feedback/{org}/{id}/release-",
            parents: &["assessment"],
            names: &[("release-", ".json")],
        },
    )
    .exported(Export::Organization),
    Entity::new(
        "feedback",
        "The grades with their reasons and evidence, and what persons have decided: every version of it.",
        Whose::Organization,
        Place::Objects { path: "feedback/{org}/{assessment}/{id}/", parents: &["submission"], names: &[("", "")] },
    )
    .exported(Export::Both)
    .kept_for(Period::Feedback),
    Entity::new(
        "guide",
        "A version of a marking guide.",
        Whose::Organization,
        Place::Objects { path: "guides/{org}/{id}/", parents: &["assessment"], names: &[("", "")] },
    )
    .exported(Export::Organization),
    Entity::new(
        "roster_diff",
        "What an uploaded roster changes, for thirty days. What it has changed stands on the roster.",
        Whose::Organization,
        Place::Objects { path: "rosters/{org}/{id}.json", parents: &["roster_import"], names: &[("", "")] },
    ),
    Entity::new(
        "audit_export",
        "A period of the audit log that a member has exported, for two days: opaque ids only.",
        Whose::Organization,
        Place::Objects { path: "exports/{org}/audit-{id}.{extension}", parents: &[], names: &[("audit-", "")] },
    ),
    Entity::new(
        "export_file",
        "The file of an export, for a day.",
        Whose::Organization,
        Place::Objects { path: "exports/{owner}/{id}.zip", parents: &["export", "own_export"], names: &[("", "")] },
    ),
    // In the audit log.
    Entity::new(
        "audit_event",
        "What was done in an organization: who, what, which, when, from which network.",
        Whose::Organization,
        Place::Audit { keys: &["audit_event", "seal", "audit_head"], partition: "T#{org}#" },
    )
    .exported(Export::Both)
    .erased(Erasing::Kept(TRACE)),
    Entity::new(
        "audit_event_of_user",
        "What was done with the account.",
        Whose::Person,
        Place::Audit { keys: &[], partition: "P#{user}#" },
    )
    .exported(Export::Person)
    .erased(Erasing::Kept(TRACE)),
    Entity::new(
        "audit_event_of_nobody",
        "Attempts to log in to accounts that don't exist.",
        Whose::Platform,
        Place::Audit { keys: &[], partition: "P#NOBODY#" },
    )
    .erased(Erasing::Kept(TRACE)),
];

/// An item of a kind that is not in the list. It can only be one that an older or a newer version has written; it goes with
/// its organization or its account.
pub static OTHER: Entity =
    Entity::of_organization("other", "", "", "An item of a kind that this version doesn't know.");

/// The part of a pattern before the first name in braces.
fn literal(pattern: &str) -> &str {
    pattern.split('{').next().unwrap_or_default()
}

/// The kind of an item, by its key.
#[must_use]
pub fn of_item(pk: &str, sk: &str) -> Option<&'static Entity> {
    let fits = |entity: &&Entity| match entity.place {
        Place::Item { partition, sort, .. } => pk.starts_with(literal(partition)) && sk.starts_with(literal(sort)),
        _ => false,
    };
    let how_closely = |entity: &&Entity| match entity.place {
        Place::Item { partition, sort, .. } => (literal(partition).len(), literal(sort).len()),
        _ => (0, 0),
    };
    ENTITIES.iter().filter(fits).max_by_key(how_closely)
}

/// The kind of an object in the bucket, by its key.
#[must_use]
pub fn of_object(key: &str) -> Option<&'static Entity> {
    let name = key.rsplit('/').next().unwrap_or_default();
    ENTITIES.iter().find(|entity| match entity.place {
        Place::Objects { path, names, .. } => {
            key.starts_with(literal(path))
                && names.iter().any(|(begin, end)| name.starts_with(begin) && name.ends_with(end))
        }
        _ => false,
    })
}

/// The prefixes in the bucket that hold something of an organization, each with the organization's id still to come.
#[must_use]
pub fn bucket_prefixes() -> Vec<&'static str> {
    let mut prefixes: Vec<&str> = ENTITIES
        .iter()
        .filter_map(|entity| match entity.place {
            Place::Objects { path, .. } => Some(literal(path)),
            _ => None,
        })
        .collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    prefixes
}

/// The list as Markdown, for the documentation.
#[must_use]
pub fn markdown() -> String {
    let mut text =
        "| Kind | What | Where | In a person's export | In the organization's export | When a person is erased | \
                    When the organization is erased | Period |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    let yes = |is: bool| if is { "yes" } else { "–" };
    for entity in ENTITIES {
        let place = match entity.place {
            Place::Item { partition, sort, .. } => format!("table `{partition}` `{sort}`"),
            Place::Objects { path, .. } => format!("bucket `{path}`"),
            Place::Audit { partition, .. } => format!("audit table `{partition}`"),
        };
        let period = entity.period.map_or("–".to_owned(), |period| format!("`{}`", period.name()));
        // Writing to a text can't fail.
        let _ = writeln!(
            text,
            "| `{}` | {} | {place} | {} | {} | {} | {} | {period} |",
            entity.name,
            entity.description,
            yes(entity.is_exported_to_person()),
            yes(entity.is_exported_to_organization()),
            with_person(entity),
            with_organization(entity),
        );
    }
    text
}

/// Whether the kind, or one that it is found by, is known to be a person's.
#[must_use]
pub fn is_personal(entity: &Entity) -> bool {
    let parents = || ENTITIES.iter().filter(|other| entity.parents().contains(&other.name));
    let in_account = entity.whose == Whose::Person && entity.parents().is_empty();
    in_account || !entity.of_person.is_empty() || parents().any(is_personal)
}

fn with_person(entity: &Entity) -> String {
    match entity.erasure {
        Erasing::Deleted if is_personal(entity) => "deleted".to_owned(),
        Erasing::Deleted => "stays: it is the organization's, and names persons by opaque ids only".to_owned(),
        Erasing::Kept(ground) => format!("kept: {ground}"),
        Erasing::Expires(when) => format!("gone {when}"),
    }
}

fn with_organization(entity: &Entity) -> String {
    let of_account = entity.whose == Whose::Person && !entity.parents().contains(&"membership");
    match entity.erasure {
        _ if of_account => "stays: it is the person's".to_owned(),
        Erasing::Deleted => "deleted".to_owned(),
        Erasing::Kept(ground) => format!("kept: {ground}"),
        Erasing::Expires(when) => format!("gone {when}"),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use smartscripts_domain::id::{
        ApiKeyId, AssessmentId, ClassScanId, CommentId, ErasureId, ExportId, InviteId, OrgId, RosterImportId,
        SessionId, StudentId, SubmissionId, TeamId, UserId,
    };
    use ulid::Ulid;

    use super::*;
    use crate::{Owner, Tenant, keys};

    /// A file of this repository, without its tests.
    fn source(path: &str) -> String {
        let text = fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        text.split("#[cfg(test)]").next().unwrap().to_owned()
    }

    #[test]
    fn every_key_of_the_table_has_a_row() {
        let source = source("shared/store/src/keys.rs");
        let functions = source.split("pub(crate) fn ").skip(1);
        let made: BTreeSet<&str> = functions
            .filter(|function| function.split('{').next().unwrap().contains("-> Key"))
            .map(|function| function.split('(').next().unwrap())
            .collect();
        let keys = |entity: &Entity| match entity.place {
            Place::Item { key, .. } => vec![key],
            Place::Audit { keys, .. } => keys.to_vec(),
            Place::Objects { .. } => Vec::new(),
        };
        let rows: BTreeSet<&str> = ENTITIES.iter().flat_map(keys).collect();
        assert!(made.len() > 15, "{made:?}");
        assert_eq!(made, rows, "shared/store/src/entities.rs needs a row for each key of keys.rs");
    }

    #[test]
    fn every_prefix_of_the_bucket_has_a_row() {
        let source = source("shared/files/src/key.rs");
        let texts = source.split('"').skip(1).step_by(2);
        let begins = |text: &str| {
            let (prefix, rest) = text.split_once('/')?;
            let is_prefix = !prefix.is_empty() && prefix.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            (is_prefix && (rest.is_empty() || rest.starts_with('{'))).then(|| format!("{prefix}/"))
        };
        let made: BTreeSet<String> = texts.filter_map(begins).collect();
        let rows: BTreeSet<String> = bucket_prefixes().into_iter().map(ToOwned::to_owned).collect();
        assert!(made.len() >= 4, "{made:?}");
        assert_eq!(made, rows, "shared/store/src/entities.rs needs a row for each prefix of shared/files/src/key.rs");
    }

    #[test]
    fn a_key_leads_to_its_row() {
        let ulid = Ulid::from(7);
        let (org, user, asm) = (OrgId::new(ulid), UserId::new(ulid), AssessmentId::new(ulid));
        let (organization, person) = (Owner::Organization(Tenant::listed(org)), Owner::User(user));
        let (export, erasure) = (ExportId::new(ulid), ErasureId::new(ulid));
        let made = [
            ("organization", keys::organization(org)),
            ("listed_organization", keys::listed_organization(org)),
            ("membership", keys::member(org, user)),
            ("membership_of_user", keys::membership(user, org)),
            ("team", keys::team(org, TeamId::new(ulid))),
            ("student", keys::student(org, StudentId::new(ulid))),
            ("student_number", keys::student_number(org, "7")),
            ("assessment", keys::assessment(org, asm)),
            ("submission", keys::submission(org, asm, SubmissionId::new(ulid))),
            ("class_scan", keys::class_scan(org, asm, ClassScanId::new(ulid))),
            ("answer_sketches", keys::sketches(org, asm, SubmissionId::new(ulid))),
            ("learning", keys::learning(org, asm, "1")),
            ("kept_comment", keys::comment(org, asm, CommentId::new(ulid))),
            ("presence", keys::presence(org, asm, SubmissionId::new(ulid), UserId::new(ulid))),
            ("script_of_student", keys::script_of_student(org, asm, StudentId::new(ulid))),
            ("api_key", keys::api_key(org, ApiKeyId::new(ulid))),
            ("api_key_use", keys::api_key_use(ApiKeyId::new(ulid))),
            ("idempotency_record", keys::idempotency(org, "x", "y")),
            ("retention", keys::retention(org)),
            ("usage", keys::usage(org, "2026-11", None)),
            ("billing", keys::billing(org)),
            ("overage_report", keys::overage(org, "2026-11")),
            ("stripe_customer", keys::stripe_customer("cus_1")),
            ("stripe_event", keys::stripe_event("evt_1")),
            ("invite", keys::invite(org, InviteId::new(ulid))),
            ("invite_token", keys::invite_token("x")),
            ("roster", keys::roster(org)),
            ("roster_import", keys::roster_import(org, RosterImportId::new(ulid))),
            ("export", keys::export(organization, export)),
            ("own_export", keys::export(person, export)),
            ("erasure", keys::erasure(organization, erasure)),
            ("own_erasure", keys::erasure(person, erasure)),
            ("due_export", keys::due_export(export)),
            ("due_erasure", keys::due_erasure(erasure)),
            ("user", keys::user(user)),
            ("email", keys::email("x")),
            ("session", keys::session(user, SessionId::new(ulid))),
            ("mailed_token", keys::mailed_token("x")),
            ("rate_bucket", keys::rate("x", "y")),
        ];
        for (name, key) in made {
            assert_eq!(of_item(&key.pk, &key.sk).map(|entity| entity.name), Some(name), "{key:?}");
        }
    }

    #[test]
    fn an_object_leads_to_its_row() {
        for (key, name) in [
            ("answers/o/a/s/1.png", "uploaded_file"),
            ("answers/o/a/s/1.reading.json", "reading"),
            ("answers/o/a/s/split.json", "reading"),
            ("answers/o/a/c/page-1-2.jpeg", "uploaded_file"),
            ("answers/o/a/c/1.marks.json", "reading"),
            ("feedback/o/a/s/page-1-2.jpg", "page_picture"),
            ("feedback/o/a/s/annotated-0a-2.png", "page_picture"),
            ("feedback/o/a/s/feedback-0a.json", "feedback"),
            ("feedback/o/a/release-1-0a.json", "release"),
            ("feedback/o/a/s/grade-1-2.json", "feedback"),
            ("guides/o/a/1-x.json", "guide"),
            ("exports/o/e.zip", "export_file"),
            ("exports/o/audit-e.csv", "audit_export"),
            ("rosters/o/i.json", "roster_diff"),
        ] {
            assert_eq!(of_object(key).map(|entity| entity.name), Some(name), "{key}");
        }
        assert_eq!(of_object("else/o"), None);
    }

    #[test]
    fn names_are_unique_and_parents_exist() {
        let names: BTreeSet<&str> = ENTITIES.iter().map(|entity| entity.name).collect();
        assert_eq!(names.len(), ENTITIES.len());
        for entity in ENTITIES {
            assert!(entity.parents().iter().all(|parent| names.contains(parent)), "{}", entity.name);
        }
    }

    #[test]
    fn whatever_is_kept_of_a_person_is_in_an_export() {
        // Lookups, which say again what stands elsewhere; what is gone in a day or a month; and copies.
        let technical = [
            "membership_of_user",
            "student_number",
            "idempotency_record",
            "email",
            "due_export",
            "due_erasure",
            "roster_diff",
            "export_file",
        ];
        for entity in ENTITIES.iter().filter(|entity| is_personal(entity)) {
            let is_exported = entity.export != Export::None;
            let is_technical = technical.contains(&entity.name);
            assert!(is_exported != is_technical, "{}", entity.name);
        }
    }

    #[test]
    fn the_documentation_prints_this_list() {
        let document = source("docs/privacy.md");
        assert!(document.contains(&markdown()), "docs/privacy.md must contain:\n\n{}", markdown());
        let periods = crate::retention::markdown();
        assert!(document.contains(&periods), "docs/privacy.md must contain:\n\n{periods}");
    }
}
