//! Makes the file of an export: everything that is kept of a person or an organization, by the list of kinds in
//! `store::entities`. A second delivery finds it made and does nothing; one that was cut short begins anew and writes over.

use std::{collections::BTreeSet, process::ExitCode, sync::Arc};

use smartscripts_domain::{Error, Kind, Result, id::Principal};
use smartscripts_files::{Files, key};
use smartscripts_jobs::{Delivery, ExportPrivacy, Queue, SendMail, run};
use smartscripts_store::{
    Actor, AuditEvent, Export, Failure, Origin, Owner, Platform, Store, Subject, Tenant, Walk,
    entities::{ENTITIES, Entity, Whose, of_object},
    now,
};
use smartscripts_tasks::archive::{Archive, Heading};
use tempfile::NamedTempFile;

const NAME: &str = env!("CARGO_BIN_NAME");

struct Shared {
    store: Store,
    files: Files,
    mails: Queue,
}

async fn export_privacy(shared: Arc<Shared>, delivery: Delivery<ExportPrivacy>) -> Result<()> {
    let ExportPrivacy { organization, user, export } = delivery.message;
    let (owner, export) = match shared.store.export_of_job(organization, user, export).await {
        Ok((owner, export)) if export.is_requested() => (owner, export),
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == Kind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // On the heap: it holds the state of every kind of walk.
    match Box::pin(make(&shared, owner, &export)).await {
        Ok(file) => keep(&shared, owner, &export, &file).await,
        Err(error) if error.is_retryable() => Err(error),
        Err(error) => {
            tracing::error!(code = error.code(), context = error.context(), "the export could not be made");
            let event = event(owner, &export, "export.failed");
            shared.store.fail_export(owner, export.id, &Failure::from(&error), &event).await.map(drop)
        }
    }
}

/// Uploads the archive, and has whoever asked for it told.
async fn keep(shared: &Shared, owner: Owner, export: &Export, file: &NamedTempFile) -> Result<()> {
    // Making it may have taken minutes. If the export was erased since, its file must not come after it; should that happen
    // this very moment, the schedule finds that the export is gone and deletes the file.
    match shared.store.export(owner, export.id).await {
        Ok(_) => {}
        Err(error) if error.kind() == Kind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    let bytes = file.as_file().metadata().map_err(Error::internal)?.len();
    shared.files.put_file(&key::export(owner, export.id), "application/zip", file.path()).await?;
    let event = event(owner, export, "export.completed");
    let is_first = shared.store.complete_export(owner, export.id, bytes, &event).await?;
    match export.requested_by {
        Principal::User(user) if is_first => {
            shared.mails.send_all(&export.request_id, [SendMail::ExportReady { user }]).await
        }
        _ => Ok(()),
    }
}

fn event(owner: Owner, export: &Export, action: &'static str) -> AuditEvent {
    let origin = Origin::of_task(&export.request_id);
    match owner {
        Owner::Organization(tenant) => tenant.event(Actor::Task(NAME), action, export.id, &origin),
        Owner::User(user) => AuditEvent::of_user(user, action, &origin).by_task(NAME).with("export", export.id),
    }
}

fn is_for_person(entity: &Entity) -> bool {
    entity.is_exported_to_person()
}

fn is_for_person_in_organization(entity: &Entity) -> bool {
    entity.is_exported_to_person() && entity.whose != Whose::Person
}

fn is_for_organization(entity: &Entity) -> bool {
    entity.is_exported_to_organization()
}

async fn make(shared: &Shared, owner: Owner, export: &Export) -> Result<NamedTempFile> {
    let subject = export.subject(owner)?;
    let wanted: fn(&Entity) -> bool = match subject {
        Subject::Account(_) => is_for_person,
        Subject::Organization(_) => is_for_organization,
        Subject::Member(..) | Subject::Student(..) => is_for_person_in_organization,
    };
    let mut archive = Archive::new(ENTITIES.iter().filter(|entity| wanted(entity)))?;
    let whose = match subject {
        Subject::Account(user) => {
            for tenant in Platform::new(shared.store.clone()).tenants_of(user).await? {
                add_person(shared, &mut archive, subject, tenant).await?;
            }
            add(shared, &mut archive, shared.store.walk_account(user, wanted)).await?;
            add_audit(shared, &mut archive, "audit_event_of_user", Owner::User(user), None).await?;
            user.to_string()
        }
        Subject::Organization(tenant) => {
            add(shared, &mut archive, shared.store.walk_organization(tenant, wanted)).await?;
            add_audit(shared, &mut archive, "audit_event", owner, None).await?;
            tenant.org().to_string()
        }
        Subject::Member(tenant, user) => {
            add_person(shared, &mut archive, subject, tenant).await?;
            user.to_string()
        }
        Subject::Student(tenant, student) => {
            add_person(shared, &mut archive, subject, tenant).await?;
            student.to_string()
        }
    };
    archive.finish(&Heading { whose, export: export.id.to_string(), made_at: now() })
}

/// What an organization keeps of a person.
async fn add_person(shared: &Shared, archive: &mut Archive, subject: Subject, tenant: Tenant) -> Result<()> {
    let person = shared.store.person(subject, tenant).await?;
    add(shared, archive, shared.store.walk_person(tenant, &person, is_for_person_in_organization)).await?;
    let ids = person.ids().map(ToOwned::to_owned).collect();
    add_audit(shared, archive, "audit_event", Owner::Organization(tenant), Some(&ids)).await
}

async fn add(shared: &Shared, archive: &mut Archive, mut walk: Walk<'_>) -> Result<()> {
    while let Some(found) = walk.next().await? {
        for found in found {
            archive.add_item(found.entity, &found.exported())?;
            for path in &found.paths {
                add_objects(shared, archive, path).await?;
            }
        }
    }
    Ok(())
}

async fn add_objects(shared: &Shared, archive: &mut Archive, path: &str) -> Result<()> {
    let mut listing = shared.files.listing(path);
    while let Some(keys) = listing.next().await? {
        for key in keys {
            if let Some(entity) = of_object(&key).filter(|entity| archive.holds(entity)) {
                archive.add_object(&shared.files, entity, &key).await?;
            }
        }
    }
    Ok(())
}

async fn add_audit(
    shared: &Shared,
    archive: &mut Archive,
    kind: &str,
    owner: Owner,
    about: Option<&BTreeSet<String>>,
) -> Result<()> {
    let Some(entity) = ENTITIES.iter().find(|entity| entity.name == kind) else { return Ok(()) };
    let mut start = None;
    loop {
        let (events, next) = shared.store.audit_events_about(owner, about, start).await?;
        for event in &events {
            if let Some(event) = event.as_object() {
                archive.add_item(entity, event)?;
            }
        }
        match next {
            Some(next) => start = Some(next),
            None => return Ok(()),
        }
    }
}

fn main() -> ExitCode {
    run(
        NAME,
        |config| {
            let (store, files) = (Store::from_env(config)?, Files::from_env(config)?);
            Ok(Shared { store, files, mails: Queue::from_env(config, "MAIL_QUEUE_URL")? })
        },
        export_privacy,
    )
}
