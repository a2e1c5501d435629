//! Carries out what was asked for and waited long enough: erasures whose grace period is over, organizations that were
//! deleted, files of exports after their day. A run that is cut short is taken up by the next: an erasure that was begun
//! stays on the list until nothing is found any more.

use std::{process::ExitCode, sync::Arc};

use smartscripts_domain::{
    Error, Kind, Result,
    id::{ErasureId, ExportId, UserId},
};
use smartscripts_erasure::{erase, inventory};
use smartscripts_files::{Files, key};
use smartscripts_jobs::run_scheduled;
use smartscripts_store::{
    Actor, AuditEvent, Erasure, ErasureState, Export, ExportState, Origin, Owner, Platform, Store, Subject, Tenant,
    counted, now,
};
use smartscripts_tasks::mail::{Content, Mailer};

const NAME: &str = env!("CARGO_BIN_NAME");

struct Shared {
    store: Store,
    platform: Platform,
    files: Files,
    mailer: Mailer,
}

async fn erase_due(shared: Arc<Shared>, request_id: String) -> Result<()> {
    let mut failure = None;
    for tenant in shared.platform.all_tenants().await? {
        note(&mut failure, tenant.org(), begin_if_deleted(&shared, tenant, &request_id).await);
    }
    let due = shared.platform.due().await?;
    for (owner, id) in due.exports {
        note(&mut failure, id, delete_expired(&shared, owner, id).await);
    }
    for (owner, id) in due.erasures {
        note(&mut failure, id, carry_out(&shared, owner, id).await);
    }
    failure.map_or(Ok(()), Err)
}

/// One that fails must not hold up the others; the run fails at its end, so that somebody looks.
fn note(failure: &mut Option<Error>, id: impl std::fmt::Display, result: Result<()>) {
    match result {
        Ok(()) => {}
        // Another run was faster.
        Err(error) if matches!(error.code(), "erasure_changed" | "erasure_exists") => {}
        Err(error) => {
            tracing::error!(%id, code = error.code(), context = error.context(), "not carried out, comes again");
            *failure = Some(error);
        }
    }
}

/// Notes the erasure of an organization whose owner has deleted it, once the time to take that back is over.
async fn begin_if_deleted(shared: &Shared, tenant: Tenant, request_id: &str) -> Result<()> {
    let organization = match shared.store.organization(tenant).await {
        Ok(organization) => organization,
        Err(error) if error.kind() == Kind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let Some(delete_at) = organization.delete_at.filter(|delete_at| *delete_at <= now()) else { return Ok(()) };
    let owners = shared.store.owners(tenant).await?;
    let erasure = Erasure::of_organization(tenant, delete_at, owners, request_id);
    let event = event(Owner::Organization(tenant), &erasure, "erasure.requested");
    shared.store.create_erasure(Owner::Organization(tenant), &erasure, &event).await
}

async fn delete_expired(shared: &Shared, owner: Owner, id: ExportId) -> Result<()> {
    let is_over = |export: &Export| matches!(export.state(now()), ExportState::Expired | ExportState::Failed);
    match shared.store.export(owner, id).await {
        Ok(export) if !is_over(&export) => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() == Kind::NotFound => {}
        Err(error) => return Err(error),
    }
    shared.files.delete(&key::export(owner, id)).await?;
    shared.store.forget_export_file(id).await
}

async fn carry_out(shared: &Shared, owner: Owner, id: ErasureId) -> Result<()> {
    let erasure = shared.store.erasure(owner, id).await?;
    let subject = erasure.subject(owner)?;
    let begun = match erasure.state {
        ErasureState::Pending if erasure.due_at <= now() => match begin(shared, owner, subject, &erasure).await? {
            Some(begun) => begun,
            None => return Ok(()),
        },
        ErasureState::Erasing => erasure,
        _ => return Ok(()),
    };
    erase(&shared.store, &shared.files, subject).await?;
    shared.store.complete_erasure(owner, &begun, &event(owner, &begun, "erasure.completed")).await.map(drop)
}

/// Counts, tells the person while there still is an address, and begins. None if it has to wait: an organization must not
/// lose its only owner.
async fn begin(shared: &Shared, owner: Owner, subject: Subject, erasure: &Erasure) -> Result<Option<Erasure>> {
    match shared.store.check_erasable(subject).await {
        Ok(()) => {}
        // There is nothing left of the person; the certificate says so.
        Err(error) if error.kind() == Kind::NotFound => {}
        Err(error) if error.kind() == Kind::Conflict => {
            tracing::warn!(erasure = %erasure.id, code = error.code(), "the erasure waits");
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let inventory = inventory(&shared.store, &shared.files, subject).await?;
    tell(shared, subject, erasure).await?;
    let mut events = vec![event(owner, erasure, "erasure.begun")];
    if let Subject::Account(user) = subject {
        let origin = Origin::of_task(&erasure.request_id);
        let in_organization = |tenant: Tenant| tenant.event(Actor::Task(NAME), "member.erased", user, &origin);
        events.extend(shared.platform.tenants_of(user).await?.into_iter().map(in_organization));
    }
    shared.store.begin_erasure(owner, erasure, counted(inventory.counts()), &events).await.map(Some)
}

fn event(owner: Owner, erasure: &Erasure, action: &'static str) -> AuditEvent {
    let origin = Origin::of_task(&erasure.request_id);
    match owner {
        Owner::Organization(tenant) => tenant.event(Actor::Task(NAME), action, erasure.id, &origin),
        Owner::User(user) => AuditEvent::of_user(user, action, &origin).by_task(NAME).with("erasure", erasure.id),
    }
}

/// Mails are sent from here and not through the queue: a moment later the address is gone.
async fn tell(shared: &Shared, subject: Subject, erasure: &Erasure) -> Result<()> {
    let (users, tenant): (Vec<UserId>, _) = match subject {
        Subject::Account(user) => (vec![user], None),
        Subject::Member(tenant, user) => (vec![user], Some(tenant)),
        Subject::Organization(tenant) => (erasure.copied_to.clone(), Some(tenant)),
        Subject::Student(..) => return Ok(()),
    };
    let organization = match tenant {
        Some(tenant) => shared.platform.organization_name(tenant.org()).await?.unwrap_or_default(),
        None => String::new(),
    };
    for user in users {
        let user = match shared.platform.user(user).await {
            Ok(user) => user,
            Err(error) if error.kind() == Kind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let (subject, what) = match subject {
            Subject::Account(_) => {
                ("Your account is erased", "Your account and everything that is kept of you".to_owned())
            }
            Subject::Organization(_) => ("Your organization is erased", format!("Everything of {organization}")),
            _ => ("Your data is erased", format!("Everything that {organization} keeps of you")),
        };
        let content = Content {
            subject,
            name: &user.name,
            message: format!(
                "{what} is being erased now; within minutes nothing of it is left. The certificate of this erasure has the \
                 number {}.",
                erasure.id
            ),
            link: None,
            note: "What is kept: the certificate itself, and audit events, which name you by an opaque number only.",
        };
        shared.mailer.send(&user.email, content.render()?).await?;
    }
    Ok(())
}

fn main() -> ExitCode {
    run_scheduled(
        NAME,
        |config| {
            let (store, files) = (Store::from_env(config)?, Files::from_env(config)?);
            Ok(Shared { platform: Platform::new(store.clone()), store, files, mailer: Mailer::from_env(config)? })
        },
        erase_due,
    )
}
