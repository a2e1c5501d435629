//! Imports of rosters: what a file would change is kept as a preview, and a commit applies exactly that or nothing.
//!
//! One item, the roster's, counts every change of any student. A preview remembers the count that it was made at; a commit
//! takes hold of the roster at that very count, so nothing has changed in between, and nothing else changes while it is
//! applied. A large diff needs several transactions: each also counts the batches done, so that a commit which was cut
//! short goes on where it stopped, and two at once apply each batch once.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, builders::UpdateBuilder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{Principal, RosterImportId},
    roster::{Added, Changed, Diff, NewTeam, Removed, Write},
};
use utoipa::ToSchema;

use crate::{
    AuditEvent, Store, Student, Team, Tenant,
    item::{attribute, encode, number, text},
    keys, now,
    students::NumberOwner,
    transaction::Transaction,
};

/// How many items one batch writes beside its count and its audit event: a transaction holds a hundred.
const BATCH_ITEMS: usize = 98;

/// How long a preview can be committed.
const PREVIEW_SECONDS: i64 = 24 * 60 * 60;

/// How long it can be seen what was imported. The bucket deletes the diff after the same time.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// A roster that was uploaded. What it changes lies in the bucket.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RosterImport {
    /// The id.
    pub id: RosterImportId,
    /// Where it stands.
    pub state: ImportState,
    /// How much it changes.
    pub counts: Counts,
    /// SHA-256 of the diff as it lies in the bucket, hexadecimal.
    pub sha256: String,
    /// Which version of the roster it was previewed with.
    pub roster_version: u32,
    /// How many batches of it are applied.
    pub done: usize,
    /// Who uploaded it.
    pub created_by: Principal,
    /// When. It can be committed for 24 hours.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl RosterImport {
    fn has_expired(&self) -> bool {
        self.state == ImportState::Previewed && self.created_at.as_second() + PREVIEW_SECONDS <= now().as_second()
    }
}

/// The item, with the time at which the table may delete it, in seconds since 1970; none while it is applied.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    import: &'a RosterImport,
    expires_at: Option<i64>,
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RosterImportState)]
pub enum ImportState {
    /// It can be committed.
    Previewed,
    /// It is being applied; if that was cut short, commit it again.
    Committing,
    /// It is applied.
    Committed,
}

/// How much an import changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RosterCounts)]
pub struct Counts {
    /// Classes that are made.
    pub new_teams: usize,
    /// Students who come onto the roster.
    pub added: usize,
    /// Students of whom something changes.
    pub changed: usize,
    /// Students who leave the roster.
    pub removed: usize,
    /// Students who stay as they are.
    pub unchanged: usize,
}

impl From<&Diff> for Counts {
    fn from(diff: &Diff) -> Self {
        Self {
            new_teams: diff.new_teams.len(),
            added: diff.added.len(),
            changed: diff.changed.len(),
            removed: diff.removed.len(),
            unchanged: diff.unchanged,
        }
    }
}

impl Counts {
    fn of_batch(batch: &[Write<'_>]) -> Self {
        let count = |is: fn(&Write<'_>) -> bool| batch.iter().filter(|write| is(write)).count();
        Self {
            new_teams: count(|write| matches!(write, Write::Team(_))),
            added: count(|write| matches!(write, Write::Add(_))),
            changed: count(|write| matches!(write, Write::Change(_))),
            removed: count(|write| matches!(write, Write::Remove(_))),
            unchanged: 0,
        }
    }

    fn tell(self, event: AuditEvent) -> AuditEvent {
        event
            .with("new_teams", self.new_teams)
            .with("added", self.added)
            .with("changed", self.changed)
            .with("removed", self.removed)
    }
}

#[derive(Default, Deserialize)]
struct Roster {
    version: u32,
}

impl Store {
    /// How often the roster was changed. Read it before the students, so that a change in between is noticed.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn roster_version(&self, tenant: Tenant) -> Result<u32> {
        let roster: Option<Roster> = self.get(&keys::roster(tenant.org())).await?;
        Ok(roster.unwrap_or_default().version)
    }

    /// Keeps a preview.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn create_roster_import(&self, tenant: Tenant, import: &RosterImport, event: &AuditEvent) -> Result<()> {
        let exists = Error::conflict("roster_import_exists", "Please try again.");
        let kept = Kept { import, expires_at: Some(import.created_at.as_second() + PREVIEW_SECONDS) };
        Transaction::default()
            .create(self, encode(&keys::roster_import(tenant.org(), import.id), &kept)?, exists)?
            .audit(self, event)?
            .commit(self)
            .await
    }

    /// The import.
    ///
    /// # Errors
    /// `not_found`, also if it has expired.
    pub async fn roster_import(&self, tenant: Tenant, id: RosterImportId) -> Result<RosterImport> {
        let import: Option<RosterImport> = self.get(&keys::roster_import(tenant.org(), id)).await?;
        import.filter(|import| !import.has_expired()).ok_or_else(Error::not_found)
    }

    /// Applies what was previewed, or what is left of it. `event` makes audit events of this import. Whoever calls it
    /// again, or at the same time, changes nothing more.
    ///
    /// # Errors
    /// `roster_changed` if anything has changed since the preview: then nothing is applied.
    pub async fn commit_roster_import(
        &self,
        tenant: Tenant,
        mut import: RosterImport,
        diff: &Diff,
        event: impl Fn(&'static str) -> AuditEvent,
    ) -> Result<RosterImport> {
        // An erasure and the end of a retention period do not wait for an import: whoever is gone stays gone.
        let there: BTreeSet<_> = self.all_students(tenant).await?.into_iter().map(|student| student.id).collect();
        let is_left = |write: &Write<'_>| match write {
            Write::Remove(Removed { id, .. }) | Write::Change(Changed { id, .. }) => there.contains(id),
            Write::Team(_) | Write::Add(_) => true,
        };
        let batches = diff.batches(BATCH_ITEMS);
        while import.state != ImportState::Committed {
            let step = match (import.state, batches.get(import.done)) {
                (ImportState::Previewed, _) => self.begin_import(tenant, &import, diff, &event).await,
                (_, Some(batch)) => {
                    let left: Vec<_> = batch.iter().copied().filter(is_left).collect();
                    self.apply_batch(tenant, &import, &left, &event).await
                }
                (_, None) => self.finish_import(tenant, &import, &event).await,
            };
            import = match step {
                Err(error) if error.code() == MOVED_ON => self.roster_import(tenant, import.id).await?,
                step => step?,
            };
        }
        Ok(import)
    }

    /// Takes hold of the roster as it was at the preview.
    async fn begin_import(
        &self,
        tenant: Tenant,
        import: &RosterImport,
        diff: &Diff,
        event: &impl Fn(&'static str) -> AuditEvent,
    ) -> Result<RosterImport> {
        let teams: Vec<_> = self.all_teams(tenant).await?.into_iter().map(|team| (team.id, team.name)).collect();
        if !diff.fits(&teams) {
            // The very classes that it makes are there as soon as another call has begun to apply it.
            let begun = self.roster_import(tenant, import.id).await?.state != ImportState::Previewed;
            return Err(if begun { moved_on() } else { roster_changed() });
        }
        let next = RosterImport { state: ImportState::Committing, ..import.clone() };
        self.moving_import(tenant, import, &next, None)?
            .update(self, &keys::roster(tenant.org()), roster_changed(), |update| {
                let update = update
                    .update_expression("SET importing = :import ADD version :one")
                    .expression_attribute_values(":import", text(import.id.to_string()))
                    .expression_attribute_values(":one", number(1));
                match import.roster_version {
                    0 => update.condition_expression("attribute_not_exists(PK)"),
                    before => update
                        .condition_expression("version = :before AND attribute_not_exists(importing)")
                        .expression_attribute_values(":before", number(before)),
                }
            })?
            .audit(self, &event("roster.import_begun"))?
            .commit(self)
            .await?;
        Ok(next)
    }

    async fn apply_batch(
        &self,
        tenant: Tenant,
        import: &RosterImport,
        batch: &[Write<'_>],
        event: &impl Fn(&'static str) -> AuditEvent,
    ) -> Result<RosterImport> {
        let next = RosterImport { done: import.done + 1, ..import.clone() };
        let mut transaction = self.moving_import(tenant, import, &next, None)?;
        for write in batch {
            transaction = match write {
                Write::Team(team) => self.making_team(transaction, tenant, team)?,
                Write::Remove(removed) => self.removing(transaction, tenant, removed)?,
                Write::Change(changed) => self.changing(transaction, tenant, changed)?,
                Write::Add(added) => self.adding(transaction, tenant, added)?,
            };
        }
        let event = Counts::of_batch(batch).tell(event("roster.batch_imported")).with("batch", next.done);
        transaction.audit(self, &event)?.commit(self).await?;
        Ok(next)
    }

    /// Lets go of the roster. Its version moves on once more, for a preview that was made while the import was applied.
    async fn finish_import(
        &self,
        tenant: Tenant,
        import: &RosterImport,
        event: &impl Fn(&'static str) -> AuditEvent,
    ) -> Result<RosterImport> {
        let next = RosterImport { state: ImportState::Committed, ..import.clone() };
        self.moving_import(tenant, import, &next, Some(now().as_second() + KEPT_SECONDS))?
            .update(self, &keys::roster(tenant.org()), held(), |update| {
                update
                    .update_expression("ADD version :one REMOVE importing")
                    .condition_expression("importing = :import")
                    .expression_attribute_values(":import", text(import.id.to_string()))
                    .expression_attribute_values(":one", number(1))
            })?
            .audit(self, &import.counts.tell(event("roster.imported")))?
            .commit(self)
            .await?;
        Ok(next)
    }

    /// The beginning of each step: the import goes from where it stands to where it goes, if nobody else has moved it.
    fn moving_import(
        &self,
        tenant: Tenant,
        import: &RosterImport,
        next: &RosterImport,
        expires_at: Option<i64>,
    ) -> Result<Transaction> {
        let (before, after) = (attribute(&import.state)?, attribute(&next.state)?);
        let (done, next_done, expires_at) = (attribute(&import.done)?, attribute(&next.done)?, attribute(&expires_at)?);
        Transaction::default().update(self, &keys::roster_import(tenant.org(), import.id), moved_on(), |update| {
            update
                .update_expression("SET #state = :after, done = :next_done, expires_at = :expires_at")
                .condition_expression("#state = :before AND done = :done")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":before", before)
                .expression_attribute_values(":after", after)
                .expression_attribute_values(":done", done)
                .expression_attribute_values(":next_done", next_done)
                .expression_attribute_values(":expires_at", expires_at)
        })
    }

    fn making_team(&self, transaction: Transaction, tenant: Tenant, new: &NewTeam) -> Result<Transaction> {
        let team = Team { id: new.id, name: new.name.clone(), created_at: now(), version: 1 };
        transaction.create(self, encode(&keys::team(tenant.org(), team.id), &team)?, held())
    }

    fn removing(&self, transaction: Transaction, tenant: Tenant, removed: &Removed) -> Result<Transaction> {
        transaction.delete(self, &keys::student(tenant.org(), removed.id), held())?.delete(
            self,
            &keys::student_number(tenant.org(), &removed.number),
            held(),
        )
    }

    /// Changes what the diff names and nothing else: an account that was linked meanwhile stays.
    fn changing(&self, transaction: Transaction, tenant: Tenant, changed: &Changed) -> Result<Transaction> {
        let mut fields: Vec<(&str, AttributeValue)> = Vec::new();
        if let Some(name) = &changed.name {
            fields.push(("name", text(&name.after)));
        }
        if let Some(email) = &changed.email {
            fields.push(("email", text(&email.after)));
        }
        if let Some(teams) = &changed.teams {
            fields.push(("teams", attribute(&teams.after)?));
        }
        let set: String = fields.iter().map(|(name, _)| format!(", #{name} = :{name}")).collect::<Vec<_>>().concat();
        transaction.update(self, &keys::student(tenant.org(), changed.id), held(), |update| {
            let update = update
                .update_expression(format!("SET version = version + :one{set}"))
                .condition_expression("attribute_exists(PK)")
                .expression_attribute_values(":one", number(1));
            fields.into_iter().fold(update, with_field)
        })
    }

    fn adding(&self, transaction: Transaction, tenant: Tenant, added: &Added) -> Result<Transaction> {
        let Added { id, number, name, email, teams, .. } = added.clone();
        let student = Student { id, number, name, email, teams, user: None, created_at: now(), version: 1 };
        self.adding_student(transaction, tenant, &student, held)
    }

    /// A student's item and the one of the number.
    pub(crate) fn adding_student(
        &self,
        transaction: Transaction,
        tenant: Tenant,
        student: &Student,
        taken: impl Fn() -> Error,
    ) -> Result<Transaction> {
        let (org, id) = (tenant.org(), student.id);
        transaction
            .create(self, encode(&keys::student_number(org, &student.number), &NumberOwner { student: id })?, taken())?
            .create(self, encode(&keys::student(org, id), student)?, taken())
    }

    /// Counts the roster's version up, so that no preview made before can be committed.
    pub(crate) fn moving_roster(&self, transaction: Transaction, tenant: Tenant) -> Result<Transaction> {
        transaction.update(self, &keys::roster(tenant.org()), roster_importing(), |update| {
            update
                .update_expression("ADD version :one")
                .condition_expression("attribute_not_exists(importing)")
                .expression_attribute_values(":one", number(1))
        })
    }
}

fn with_field(update: UpdateBuilder, (name, value): (&str, AttributeValue)) -> UpdateBuilder {
    update.expression_attribute_names(format!("#{name}"), name).expression_attribute_values(format!(":{name}"), value)
}

const MOVED_ON: &str = "roster_import_moved_on";

fn moved_on() -> Error {
    Error::conflict(MOVED_ON, "The import has moved on.")
}

fn roster_changed() -> Error {
    let message =
        "The roster or the classes have changed since the preview. Upload the file again to see what it changes.";
    Error::conflict("roster_changed", message)
}

fn roster_importing() -> Error {
    let message = "A roster is being imported right now. Try again in a moment; if it was cut short, commit it again.";
    Error::conflict("roster_importing", message)
}

/// While an import holds the roster, nothing else changes it.
fn held() -> Error {
    Error::internal("the roster has changed while an import held it")
}
