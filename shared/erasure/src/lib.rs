//! # erasure
//!
//! What is kept of a person or an organization, in the table and in the bucket: counting it and erasing it. Both go by the
//! list of kinds in `store::entities`. A dry run counts as the erasure itself does, so the two never differ.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use futures::future::try_join_all;
use smartscripts_domain::{Error, Result};
use smartscripts_files::Files;
use smartscripts_store::{
    Found, Platform, Store, Subject, Target, Tenant, Walk,
    entities::{self, Entity, Erasing},
};

/// Items deleted at the same time.
const AT_ONCE: usize = 20;
/// How often what is left is erased again. A task that was at work when its submission was deleted leaves something once.
const TRIES: u32 = 3;

/// What there is to be erased.
#[derive(Debug, Default)]
pub struct Inventory {
    targets: Vec<Target>,
    /// What is the account's own: by it, the organizations are found that keep the rest, so it is erased after that.
    of_account: Vec<Target>,
    /// Where in the bucket an organization's objects lie; a person's are found by their items.
    prefixes: Vec<String>,
    counts: BTreeMap<&'static str, u64>,
}

impl Inventory {
    /// How many there are of each kind; no kind of which there are none.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    fn all(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().chain(&self.of_account)
    }

    /// Where in the bucket the objects lie, each place once.
    fn paths(&self) -> BTreeSet<String> {
        if !self.prefixes.is_empty() {
            return self.prefixes.iter().cloned().collect();
        }
        self.all().flat_map(|target| target.paths.clone()).collect()
    }

    /// Counts the objects whose keys begin so.
    async fn count_objects(&mut self, files: &Files, prefix: &str) -> Result<()> {
        let mut listing = files.listing(prefix);
        while let Some(keys) = listing.next().await? {
            for key in keys {
                let entity = entities::of_object(&key).unwrap_or(&entities::OTHER);
                *self.counts.entry(entity.name).or_default() += 1;
            }
        }
        Ok(())
    }
}

fn is_deleted(entity: &Entity) -> bool {
    matches!(entity.erasure, Erasing::Deleted)
}

/// Counts what there is to be erased, and changes nothing.
///
/// # Errors
/// `unavailable`.
pub async fn inventory(store: &Store, files: &Files, subject: Subject) -> Result<Inventory> {
    let mut inventory = Inventory::default();
    match subject {
        Subject::Organization(tenant) => {
            inventory.targets = targets(store.walk_organization(tenant, is_deleted)).await?;
            let of_organization = |prefix: &&str| format!("{prefix}{}/", tenant.org());
            inventory.prefixes = entities::bucket_prefixes().iter().map(of_organization).collect();
        }
        Subject::Account(user) => {
            inventory.of_account = targets(store.walk_account(user, is_deleted)).await?;
            let mut found = Vec::new();
            for tenant in Platform::new(store.clone()).tenants_of(user).await? {
                found.extend(targets_of_person(store, subject, tenant).await?);
            }
            // Each membership leads to its place in the account, which was found there already.
            let known: HashSet<(&str, &str)> = inventory.of_account.iter().map(Target::key).collect();
            found.retain(|target| !known.contains(&target.key()));
            inventory.targets = found;
        }
        Subject::Member(tenant, _) | Subject::Student(tenant, _) => {
            inventory.targets = targets_of_person(store, subject, tenant).await?;
        }
    }
    let mut counts = BTreeMap::new();
    for target in inventory.all() {
        *counts.entry(target.entity.name).or_default() += 1;
    }
    inventory.counts = counts;
    for path in inventory.paths() {
        inventory.count_objects(files, &path).await?;
    }
    Ok(inventory)
}

async fn targets_of_person(store: &Store, subject: Subject, tenant: Tenant) -> Result<Vec<Target>> {
    let person = store.person(subject, tenant).await?;
    targets(store.walk_person(tenant, &person, is_deleted)).await
}

async fn targets(mut walk: Walk<'_>) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    while let Some(found) = walk.next().await? {
        targets.extend(found.into_iter().map(Found::into_target));
    }
    Ok(targets)
}

/// Erases everything of `subject`, and looks again until nothing is found any more. Repeated, it goes on where it was cut
/// short: what others are found by is deleted last.
///
/// # Errors
/// `unavailable`; `internal` if something comes back again and again.
pub async fn erase(store: &Store, files: &Files, subject: Subject) -> Result<()> {
    // First: once the person is off the roster, nobody knows any more by which ids they were proposed.
    forget_proposals(store, subject).await?;
    for _ in 0..TRIES {
        let inventory = inventory(store, files, subject).await?;
        if inventory.counts.is_empty() {
            return Ok(());
        }
        erase_once(store, files, inventory).await?;
    }
    let left = inventory(store, files, subject).await?;
    if left.counts.is_empty() {
        return Ok(());
    }
    let kinds: Vec<&str> = left.counts.keys().copied().collect();
    Err(Error::internal(format!("still there after {TRIES} erasures: {}", kinds.join(", "))))
}

/// Takes a person out of what was proposed for the scripts of others.
async fn forget_proposals(store: &Store, subject: Subject) -> Result<()> {
    let tenants = match subject {
        Subject::Organization(_) => Vec::new(),
        Subject::Account(user) => Platform::new(store.clone()).tenants_of(user).await?,
        Subject::Member(tenant, _) | Subject::Student(tenant, _) => vec![tenant],
    };
    for tenant in tenants {
        let person = store.person(subject, tenant).await?;
        if person.students().next().is_some() {
            store.forget_proposals(tenant, &person).await?;
        }
    }
    Ok(())
}

async fn erase_once(store: &Store, files: &Files, inventory: Inventory) -> Result<()> {
    let (prefixes, paths) = (inventory.prefixes.clone(), inventory.paths());
    let Inventory { targets, of_account, .. } = inventory;
    for prefix in &prefixes {
        files.delete_all(prefix).await?;
    }
    for mut targets in [targets, of_account] {
        // What was found last lies deepest, so it goes first; a stable sort keeps that within each rank.
        targets.reverse();
        targets.sort_by_key(|target| target.entity.last);
        for rank in targets.chunk_by(|one, other| one.entity.last == other.entity.last) {
            for chunk in rank.chunks(AT_ONCE) {
                let erased = chunk.iter().map(|target| erase_target(store, files, target, prefixes.is_empty()));
                try_join_all(erased).await?;
            }
        }
    }
    // Once more, for what a task wrote while it still saw the submission.
    for path in &paths {
        files.delete_all(path).await?;
    }
    Ok(())
}

/// The objects go first: if this is cut short, the item is still there, by which they are found.
async fn erase_target(store: &Store, files: &Files, target: &Target, with_objects: bool) -> Result<()> {
    if with_objects {
        for path in &target.paths {
            files.delete_all(path).await?;
        }
    }
    store.erase(target).await
}
