//! Finding everything that is kept of a person or an organization, by the list in [`entities`].

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use smartscripts_domain::{
    Error, Result,
    id::{ErasureId, ExportId, OrgId, StudentId, UserId},
    permission::Role,
};
use utoipa::ToSchema;

use crate::{
    Membership, Organization, Platform, ProposedStudent, Store, Student, Tenant, User, email_key,
    entities::{self, Entity, Find, Place},
    item::{Item, decode, key_item, text, unavailable},
    keys::{self, Key},
    organizations::OrganizationRef,
};

/// In whose partition an export or an erasure is kept: who has asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An organization.
    Organization(Tenant),
    /// A person with an account.
    User(UserId),
}

impl Owner {
    pub(crate) fn partition(self) -> String {
        match self {
            Self::Organization(tenant) => keys::tenant(tenant.org()),
            Self::User(user) => keys::platform_user(user),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(tenant) => tenant.org().fmt(f),
            Self::User(user) => user.fmt(f),
        }
    }
}

/// What an export or an erasure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// An account, and everything of its owner in every organization.
    Account,
    /// An organization.
    Organization,
    /// A member, in one organization.
    Member,
    /// A student on the roster of an organization.
    Student,
}

/// Whose data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A person with an account, everywhere.
    Account(UserId),
    /// An organization.
    Organization(Tenant),
    /// A member, in this organization.
    Member(Tenant, UserId),
    /// A student on the roster of this organization.
    Student(Tenant, StudentId),
}

impl Subject {
    /// In which of the four ways.
    #[must_use]
    pub const fn about(self) -> About {
        match self {
            Self::Account(_) => About::Account,
            Self::Organization(_) => About::Organization,
            Self::Member(..) => About::Member,
            Self::Student(..) => About::Student,
        }
    }

    /// In whose partition exports and erasures of it are kept.
    #[must_use]
    pub const fn owner(self) -> Owner {
        match self {
            Self::Account(user) => Owner::User(user),
            Self::Organization(tenant) | Self::Member(tenant, _) | Self::Student(tenant, _) => {
                Owner::Organization(tenant)
            }
        }
    }

    /// The ids by which an item names it.
    #[must_use]
    pub const fn ids(self) -> (Option<OrgId>, Option<UserId>, Option<StudentId>) {
        match self {
            Self::Account(user) => (None, Some(user), None),
            Self::Organization(tenant) => (Some(tenant.org()), None, None),
            Self::Member(tenant, user) => (Some(tenant.org()), Some(user), None),
            Self::Student(tenant, student) => (Some(tenant.org()), None, Some(student)),
        }
    }

    /// The subject that an item of this owner names.
    pub(crate) fn named(owner: Owner, about: About, user: Option<UserId>, student: Option<StudentId>) -> Result<Self> {
        match (about, owner, user, student) {
            (About::Account, Owner::User(user), ..) => Ok(Self::Account(user)),
            (About::Organization, Owner::Organization(tenant), ..) => Ok(Self::Organization(tenant)),
            (About::Member, Owner::Organization(tenant), Some(user), _) => Ok(Self::Member(tenant, user)),
            (About::Student, Owner::Organization(tenant), _, Some(student)) => Ok(Self::Student(tenant, student)),
            _ => Err(Error::internal("an export or erasure that names nobody")),
        }
    }
}

/// What a person is known by in one organization.
#[derive(Clone, Debug, Default)]
pub struct Person {
    user: Option<String>,
    students: BTreeSet<String>,
    numbers: BTreeSet<String>,
    emails: BTreeSet<String>,
    submissions: BTreeSet<String>,
}

impl Person {
    /// Whether the item is the person's.
    fn owns(&self, entity: &Entity, item: &Map<String, Value>) -> bool {
        let value = |name: &str| item.get(name).and_then(Value::as_str);
        entity.of_person.iter().any(|find| match *find {
            Find::User(name) => self.user.is_some() && value(name) == self.user.as_deref(),
            Find::Student(name) => value(name).is_some_and(|id| self.students.contains(id)),
            Find::Number(name) => {
                value("student").is_none() && value(name).is_some_and(|number| self.numbers.contains(number))
            }
            Find::Email(name) => value(name).is_some_and(|email| self.emails.contains(&email.to_lowercase())),
            Find::Submission(name) => value(name).is_some_and(|id| self.submissions.contains(id)),
            Find::Anybody(name, wanted) => value(name) == Some(wanted),
        })
    }

    /// The ids of the students on the roster that the person is.
    pub fn students(&self) -> impl Iterator<Item = &str> {
        self.students.iter().map(String::as_str)
    }

    /// The ids by which audit events name the person.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.user.iter().chain(&self.students).chain(&self.submissions).map(String::as_str)
    }
}

/// An item that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its kind.
    pub entity: &'static Entity,
    /// Where in the bucket its objects lie, as beginnings of keys.
    pub paths: Vec<String>,
    key: Key,
    item: Map<String, Value>,
}

/// What is to be erased: an item, and the objects that are found by it.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its kind.
    pub entity: &'static Entity,
    /// Where in the bucket its objects lie, as beginnings of keys.
    pub paths: Vec<String>,
    pub(crate) key: Key,
}

impl Found {
    /// The item without its key and without what would let in whoever reads it.
    #[must_use]
    pub fn exported(&self) -> Map<String, Value> {
        let mut item = self.item.clone();
        for name in ["PK", "SK"].iter().chain(self.entity.secrets) {
            item.remove(*name);
        }
        item
    }

    /// Where the item lies and which students are proposed in it, if it is a submission for which some are.
    pub(crate) fn proposals(&self) -> Option<(&Key, Vec<ProposedStudent>)> {
        let proposals = self.item.get("student_match")?.get("proposals")?;
        let proposals: Vec<ProposedStudent> = serde_json::from_value(proposals.clone()).ok()?;
        (!proposals.is_empty()).then_some((&self.key, proposals))
    }

    /// The same, to be erased.
    #[must_use]
    pub fn into_target(self) -> Target {
        Target { entity: self.entity, paths: self.paths, key: self.key }
    }
}

impl Target {
    /// What tells one item from another.
    #[must_use]
    pub fn key(&self) -> (&str, &str) {
        (&self.key.pk, &self.key.sk)
    }
}

/// A part of the table that is still to be read.
struct Part {
    pk: String,
    sk: String,
    start: Option<Item>,
    /// Whether it lies below something of the person's.
    inherited: bool,
}

/// Reads everything that is kept of somebody, a page of a part of the table at a time.
pub struct Walk<'a> {
    store: &'a Store,
    owner: Owner,
    person: Option<&'a Person>,
    wanted: fn(&Entity) -> bool,
    parts: Vec<Part>,
}

impl Walk<'_> {
    /// The next items; none when all were read.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn next(&mut self) -> Result<Option<Vec<Found>>> {
        let Some(part) = self.parts.pop() else { return Ok(None) };
        let (items, next) = self.store.part(&part).await?;
        let inherited = part.inherited;
        if next.is_some() {
            self.parts.push(Part { start: next, ..part });
        }
        let mut found = Vec::new();
        for item in items {
            let Value::Object(item) = decode::<Value>(item)? else { continue };
            let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let key = Key { pk: text("PK"), sk: text("SK") };
            let entity = entities::of_item(&key.pk, &key.sk).unwrap_or(&entities::OTHER);
            let belongs = inherited || self.person.is_none_or(|person| person.owns(entity, &item));
            self.parts.extend(self.below(entity, &item, belongs));
            if belongs && (self.wanted)(entity) {
                let paths = self.paths(entity, &item);
                found.push(Found { entity, paths, key, item });
            }
        }
        Ok(Some(found))
    }

    /// The parts of the table that are found by this item.
    fn below(&self, entity: &Entity, item: &Map<String, Value>, belongs: bool) -> Vec<Part> {
        let child = |child: &Entity| match child.place {
            Place::Item { partition, sort, parents, .. } if parents.contains(&entity.name) => {
                let reachable = belongs || !child.of_person.is_empty();
                let (pk, sk) = (fill(partition, self.owner, item)?, fill(sort, self.owner, item)?);
                (reachable && (self.wanted)(child)).then_some(Part { pk, sk, start: None, inherited: belongs })
            }
            _ => None,
        };
        entities::ENTITIES.iter().filter_map(child).collect()
    }

    fn paths(&self, entity: &Entity, item: &Map<String, Value>) -> Vec<String> {
        let below = |row: &Entity| match row.place {
            Place::Objects { path, parents, .. } if parents.contains(&entity.name) && (self.wanted)(row) => {
                fill(path, self.owner, item)
            }
            _ => None,
        };
        let mut paths: Vec<String> = entities::ENTITIES.iter().filter_map(below).collect();
        paths.dedup();
        paths
    }
}

/// Puts ids in the place of the names in a pattern; none if the item has no such attribute.
fn fill(pattern: &str, owner: Owner, item: &Map<String, Value>) -> Option<String> {
    let mut parts = pattern.split('{');
    let mut filled = parts.next()?.to_owned();
    for part in parts {
        let (name, after) = part.split_once('}')?;
        let attribute = |name: &str| item.get(name).and_then(Value::as_str);
        let value = match (name, owner) {
            ("owner", owner) => owner.to_string(),
            ("org", Owner::Organization(tenant)) => tenant.org().to_string(),
            ("org", Owner::User(_)) => return None,
            ("email_key", _) => email_key(attribute("email")?),
            (name, _) => attribute(name)?.to_owned(),
        };
        filled.push_str(&value);
        filled.push_str(after);
    }
    Some(filled)
}

/// What a schedule must come back to.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pointer {
    pub organization: Option<OrgId>,
    pub user: Option<UserId>,
    pub export: Option<ExportId>,
    pub erasure: Option<ErasureId>,
}

impl Pointer {
    pub fn new(owner: Owner, export: Option<ExportId>, erasure: Option<ErasureId>) -> Self {
        let (organization, user) = match owner {
            Owner::Organization(tenant) => (Some(tenant.org()), None),
            Owner::User(user) => (None, Some(user)),
        };
        Self { organization, user, export, erasure }
    }

    fn owner(&self) -> Option<Owner> {
        let organization = self.organization.map(|org| Owner::Organization(Tenant::listed(org)));
        organization.or(self.user.map(Owner::User))
    }
}

/// Exports and erasures that a schedule must come back to, by their owners.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// Exports whose files will expire.
    pub exports: Vec<(Owner, ExportId)>,
    /// Erasures whose grace periods will end.
    pub erasures: Vec<(Owner, ErasureId)>,
}

impl Platform {
    /// What a schedule must come back to.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn due(&self) -> Result<Due> {
        let exports: Vec<Pointer> = self.store().list_all(keys::DUE, keys::EXPORTS).await?;
        let erasures: Vec<Pointer> = self.store().list_all(keys::DUE, keys::ERASURES).await?;
        Ok(Due {
            exports: exports.iter().filter_map(|pointer| Some((pointer.owner()?, pointer.export?))).collect(),
            erasures: erasures.iter().filter_map(|pointer| Some((pointer.owner()?, pointer.erasure?))).collect(),
        })
    }

    /// The organizations that a user is a member of, for exporting and erasing what they keep of the user.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn tenants_of(&self, user: UserId) -> Result<Vec<Tenant>> {
        let of_user: Vec<OrganizationRef> =
            self.store().list_all(&keys::platform_user(user), keys::MEMBERSHIPS).await?;
        Ok(of_user.into_iter().map(|listed| Tenant::listed(listed.organization)).collect())
    }

    /// What an organization is called, for a mail; none if it is gone.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn organization_name(&self, org: OrgId) -> Result<Option<String>> {
        let organization: Option<Organization> = self.store().get(&keys::organization(org)).await?;
        Ok(organization.map(|organization| organization.name))
    }

    /// The organizations that would have no owner without this user, and that nobody has asked to delete.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn organizations_only_owned_by(&self, user: UserId) -> Result<Vec<OrgId>> {
        let mut alone = Vec::new();
        for tenant in self.tenants_of(user).await? {
            let organization: Option<Organization> = self.store().get(&keys::organization(tenant.org())).await?;
            if organization.is_none_or(|organization| organization.delete_at.is_some()) {
                continue;
            }
            let owners = self.store().owners(tenant).await?;
            if owners == [user] {
                alone.push(tenant.org());
            }
        }
        Ok(alone)
    }
}

impl Store {
    /// Checks that there is such a member or student.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn check_subject(&self, subject: Subject) -> Result<()> {
        match subject {
            Subject::Account(_) | Subject::Organization(_) => Ok(()),
            Subject::Member(tenant, user) => self.member(tenant, user).await.map(drop),
            Subject::Student(tenant, student) => self.student(tenant, student).await.map(drop),
        }
    }

    /// Checks that an erasure of this subject would take no owner from an organization.
    ///
    /// # Errors
    /// `member_is_owner`, `last_owner`, `not_found` if there is no such member or student.
    pub async fn check_erasable(&self, subject: Subject) -> Result<()> {
        self.check_subject(subject).await?;
        let member = match subject {
            Subject::Organization(_) => None,
            Subject::Account(user) => return self.check_not_last_owner(user).await,
            Subject::Member(tenant, user) => self.membership_of(tenant, user).await?,
            Subject::Student(tenant, student) => match self.student(tenant, student).await?.user {
                Some(user) => self.membership_of(tenant, user).await?,
                None => None,
            },
        };
        if member.is_some_and(|member| member.role == Role::Owner) {
            let message = "An owner can't be erased. Another owner must give them another role first.";
            return Err(Error::conflict("member_is_owner", message));
        }
        Ok(())
    }

    async fn check_not_last_owner(&self, user: UserId) -> Result<()> {
        let alone = Platform::new(self.clone()).organizations_only_owned_by(user).await?;
        let Some(org) = alone.first() else { return Ok(()) };
        let message = format!(
            "You are the only owner of {} ({org}). Make somebody else an owner, or delete the organization, and ask again.",
            if alone.len() == 1 { "an organization".to_owned() } else { format!("{} organizations", alone.len()) }
        );
        Err(Error::conflict("last_owner", message))
    }

    /// The membership, if there is one.
    async fn membership_of(&self, tenant: Tenant, user: UserId) -> Result<Option<Membership>> {
        self.get(&keys::member(tenant.org(), user)).await
    }

    /// The owners of the organization who are not disabled.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn owners(&self, tenant: Tenant) -> Result<Vec<UserId>> {
        let members = self.all_members(tenant).await?;
        let is_owner = |member: &Membership| member.role == Role::Owner;
        Ok(members.iter().filter(|member| is_owner(member) && !member.disabled).map(|member| member.user).collect())
    }

    /// Everything of an organization, of the kinds that are wanted.
    #[must_use]
    pub fn walk_organization(&self, tenant: Tenant, wanted: fn(&Entity) -> bool) -> Walk<'_> {
        self.walk(Owner::Organization(tenant), None, wanted)
    }

    /// Everything that an organization keeps of a person, of the kinds that are wanted.
    #[must_use]
    pub fn walk_person<'a>(&'a self, tenant: Tenant, person: &'a Person, wanted: fn(&Entity) -> bool) -> Walk<'a> {
        self.walk(Owner::Organization(tenant), Some(person), wanted)
    }

    /// Everything of an account outside of organizations, of the kinds that are wanted.
    #[must_use]
    pub fn walk_account(&self, user: UserId, wanted: fn(&Entity) -> bool) -> Walk<'_> {
        self.walk(Owner::User(user), None, wanted)
    }

    fn walk<'a>(&'a self, owner: Owner, person: Option<&'a Person>, wanted: fn(&Entity) -> bool) -> Walk<'a> {
        let root = Part { pk: owner.partition(), sk: String::new(), start: None, inherited: person.is_none() };
        Walk { store: self, owner, person, wanted, parts: vec![root] }
    }

    async fn part(&self, part: &Part) -> Result<(Vec<Item>, Option<Item>)> {
        let mut request = self
            .client
            .query()
            .table_name(&self.tenants)
            .expression_attribute_values(":pk", text(&part.pk))
            .consistent_read(true)
            .set_exclusive_start_key(part.start.clone());
        request = if part.sk.is_empty() {
            request.key_condition_expression("PK = :pk")
        } else {
            request
                .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
                .expression_attribute_values(":prefix", text(&part.sk))
        };
        let answer = request.send().await.map_err(unavailable)?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// What a person is known by in an organization: as the user of an account, as a student on the roster, or both.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn person(&self, subject: Subject, tenant: Tenant) -> Result<Person> {
        let (_, mut user, student) = subject.ids();
        let roster = self.all_students(tenant).await?;
        if let Some(found) = roster.iter().find(|found| Some(found.id) == student) {
            user = user.or(found.user);
        }
        let is_them = |found: &&Student| Some(found.id) == student || (user.is_some() && found.user == user);
        let mut person = Person { user: user.map(|user| user.to_string()), ..Person::default() };
        for found in roster.iter().filter(is_them) {
            person.students.insert(found.id.to_string());
            person.numbers.insert(found.number.clone());
            person.emails.extend(found.email.as_ref().map(|email| email.to_lowercase()));
        }
        if let Some(user) = user {
            let account: Option<User> = self.get(&keys::user(user)).await?;
            person.emails.extend(account.map(|account| account.email.to_lowercase()));
        }
        let is_submission: fn(&Entity) -> bool = |entity| entity.name == "submission";
        let mut walk = self.walk_person(tenant, &person, is_submission);
        let mut submissions = BTreeSet::new();
        while let Some(found) = walk.next().await? {
            let ids = found.iter().filter_map(|found| found.item.get("id").and_then(Value::as_str));
            submissions.extend(ids.map(ToOwned::to_owned));
        }
        person.submissions = submissions;
        Ok(person)
    }

    /// Deletes an item, if it is there.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn erase(&self, target: &Target) -> Result<()> {
        let request = self.client.delete_item().table_name(&self.tenants).set_key(Some(key_item(&target.key)));
        request.send().await.map(drop).map_err(unavailable)
    }

    /// The audit events of an organization or an account from behind `start` on, a page at a time; with `about`, those
    /// that name one of these ids.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn audit_events_about(
        &self,
        owner: Owner,
        about: Option<&BTreeSet<String>>,
        start: Option<AuditPlace>,
    ) -> Result<(Vec<Value>, Option<AuditPlace>)> {
        let answer = self
            .client
            .query()
            .table_name(&self.audit)
            .key_condition_expression("PK = :pk AND begins_with(SK, :prefix)")
            .expression_attribute_values(":pk", text(owner.partition()))
            .expression_attribute_values(":prefix", text(smartscripts_domain::id::AuditEventId::PREFIX))
            .consistent_read(true)
            .set_exclusive_start_key(start.map(|place| place.0))
            .send()
            .await
            .map_err(unavailable)?;
        let mut events = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let mut event: Value = decode(item)?;
            if about.is_none_or(|ids| names_one(&event, ids)) {
                if let Some(fields) = event.as_object_mut() {
                    fields.retain(|name, _| !["PK", "SK", "unsealed"].contains(&name.as_str()));
                }
                events.push(event);
            }
        }
        Ok((events, answer.last_evaluated_key.map(AuditPlace)))
    }
}

/// Where a page of audit events ends.
pub struct AuditPlace(HashMap<String, AttributeValue>);

fn names_one(event: &Value, ids: &BTreeSet<String>) -> bool {
    let details = event["details"].as_object().into_iter().flat_map(Map::values);
    let mut named = [&event["actor"]["id"], &event["target"]].into_iter().chain(details).filter_map(Value::as_str);
    named.any(|id| ids.contains(id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use ulid::Ulid;

    use super::*;

    fn row(name: &str) -> &'static Entity {
        entities::ENTITIES.iter().find(|entity| entity.name == name).unwrap()
    }

    fn owns(person: &Person, kind: &str, item: Value) -> bool {
        let Value::Object(item) = item else { panic!("an item is an object") };
        person.owns(row(kind), &item)
    }

    #[test]
    fn a_person_owns_what_names_them_and_nothing_else() {
        let person = Person {
            user: Some("usr_1".to_owned()),
            students: BTreeSet::from(["stu_1".to_owned()]),
            numbers: BTreeSet::from(["4711".to_owned()]),
            emails: BTreeSet::from(["a@b.example".to_owned()]),
            submissions: BTreeSet::from(["sub_1".to_owned()]),
        };
        assert!(owns(&person, "membership", json!({ "user": "usr_1" })));
        assert!(!owns(&person, "membership", json!({ "user": "usr_2" })));
        assert!(owns(&person, "submission", json!({ "student": "stu_1" })));
        assert!(owns(&person, "submission", json!({ "student": null, "student_number": "4711" })));
        assert!(!owns(&person, "submission", json!({ "student": "stu_2", "student_number": "4711" })));
        assert!(owns(&person, "idempotency_record", json!({ "result": "sub_1" })));
        assert!(owns(&person, "export", json!({ "about": "organization" })));
        assert!(!owns(&person, "export", json!({ "about": "student", "student": "stu_2" })));
        assert!(!owns(&person, "team", json!({ "id": "tea_1" })));
        // Without an account, an item that names no account isn't theirs for that.
        let without = Person { user: None, ..person };
        assert!(!owns(&without, "student", json!({ "id": "stu_2", "user": null })));
    }

    #[test]
    fn patterns_are_filled_from_the_item() {
        let org = OrgId::new(Ulid::from(1));
        let owner = Owner::Organization(Tenant::listed(org));
        let Value::Object(item) = json!({ "id": "sub_1", "assessment": "asm_1", "email": "A@b.c" }) else { return };
        let path = fill("answers/{org}/{assessment}/{id}/", owner, &item);
        assert_eq!(path, Some(format!("answers/{org}/asm_1/sub_1/")));
        assert_eq!(fill("exports/{owner}/{id}.zip", owner, &item), Some(format!("exports/{org}/sub_1.zip")));
        assert_eq!(fill("P#EMAIL#{email_key}", owner, &item), Some(format!("P#EMAIL#{}", email_key("a@b.c"))));
        assert_eq!(fill("{nothing}", owner, &item), None);
        assert_eq!(fill("T#{org}#", Owner::User(UserId::new(Ulid::from(1))), &item), None);
    }

    #[test]
    fn an_event_is_about_whom_it_names() {
        let ids = BTreeSet::from(["stu_1".to_owned()]);
        let event = |actor: &str, target: &str, detail: &str| json!({ "actor": { "kind": "user", "id": actor }, "target": target, "details": { "x": detail } });
        assert!(names_one(&event("usr_1", "stu_1", ""), &ids));
        assert!(names_one(&event("stu_1", "", ""), &ids));
        assert!(names_one(&event("", "", "stu_1"), &ids));
        assert!(!names_one(&event("usr_1", "stu_2", "y"), &ids));
    }
}
