//! What the routes of `privacy` share: exports and erasures, of one's own or of somebody in an organization.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{
    Error, Result,
    id::{ErasureId, ExportId, OrgId, Principal, StudentId, UserId},
};
use smartscripts_files::key;
use smartscripts_http::App;
use smartscripts_jobs::ExportPrivacy;
use smartscripts_store::{
    About, AuditEvent, Counted, Erasure, Export, ExportState, Failure, Kept, Owner, Page, Subject, Tenant, counted,
    kept, now,
};
use ulid::Ulid;
use utoipa::ToSchema;

/// Days in which a person can take the erasure of the own account back.
pub const ACCOUNT_DAYS: i64 = 14;
/// Days in which an organization can take the erasure of a member or a student back.
pub const PERSON_DAYS: i64 = 7;
/// Days in which an owner can take the deletion of the organization back.
pub const ORGANIZATION_DAYS: i64 = 30;

/// An export, as whoever has asked for it sees it.
#[derive(Serialize, ToSchema)]
pub struct ExportSummary {
    /// The id.
    pub id: ExportId,
    /// What it is about.
    pub about: About,
    /// The organization, unless it is about an account.
    pub organization: Option<OrgId>,
    /// The account or the member.
    pub user: Option<UserId>,
    /// The student.
    pub student: Option<StudentId>,
    /// Who has asked for it.
    pub requested_by: Principal,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// Where it stands.
    pub state: ExportState,
    /// The size of the ZIP in bytes, once it is there.
    pub bytes: Option<u64>,
    /// Until when it can be downloaded.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub available_until: Option<Timestamp>,
    /// Why it could not be made.
    pub failure: Option<Failure>,
    /// Where the ZIP can be downloaded, for ten minutes; ask again for a fresh link. Only where one export is asked for.
    pub download_url: Option<String>,
}

impl From<Export> for ExportSummary {
    fn from(export: Export) -> Self {
        let state = export.state(now());
        let Export { id, about, organization, user, student, requested_by, requested_at, .. } = export;
        let Export { bytes, available_until, failure, .. } = export;
        Self {
            id,
            about,
            organization,
            user,
            student,
            requested_by,
            requested_at,
            state,
            bytes,
            available_until,
            failure,
            download_url: None,
        }
    }
}

/// A page of exports.
#[derive(Serialize, ToSchema)]
pub struct Exports {
    /// Oldest first.
    pub items: Vec<ExportSummary>,
    /// Where the next page begins; none on the last.
    pub cursor: Option<String>,
}

impl From<Page<Export>> for Exports {
    fn from(page: Page<Export>) -> Self {
        Self { items: page.items.into_iter().map(ExportSummary::from).collect(), cursor: page.cursor }
    }
}

/// A page of erasures.
#[derive(Serialize, ToSchema)]
pub struct Erasures {
    /// Oldest first.
    pub items: Vec<Erasure>,
    /// Where the next page begins; none on the last.
    pub cursor: Option<String>,
}

impl From<Page<Erasure>> for Erasures {
    fn from(page: Page<Erasure>) -> Self {
        Self { items: page.items, cursor: page.cursor }
    }
}

/// What an erasure would do now. Nothing is changed.
#[derive(Serialize, ToSchema)]
pub struct ErasurePlan {
    /// What it is about.
    pub about: About,
    /// What would be erased.
    pub erased: Vec<Counted>,
    /// What would be kept, on which ground.
    pub kept: Vec<Kept>,
    /// For how many days it could be taken back.
    pub grace_days: i64,
}

/// Somebody in an organization.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// A member.
    pub user: Option<UserId>,
    /// A student on the roster.
    pub student: Option<StudentId>,
}

impl Whom {
    /// The member or the student; the organization if neither is named.
    ///
    /// # Errors
    /// `whom_invalid` if both are named.
    pub fn subject(&self, tenant: Tenant) -> Result<Subject> {
        match (self.user, self.student) {
            (None, None) => Ok(Subject::Organization(tenant)),
            (Some(user), None) => Ok(Subject::Member(tenant, user)),
            (None, Some(student)) => Ok(Subject::Student(tenant, student)),
            (Some(_), Some(_)) => {
                Err(Error::invalid("whom_invalid", "Name either a member (`user`) or a student (`student`)."))
            }
        }
    }
}

/// Has an export made. `event` makes the audit event of it from its id.
///
/// # Errors
/// `not_found` if there is no such member or student.
pub async fn request_export(
    app: &App,
    subject: Subject,
    by: (Principal, &str),
    event: impl FnOnce(ExportId) -> AuditEvent,
) -> Result<ExportSummary> {
    let (principal, request_id) = by;
    let store = app.store()?;
    store.check_subject(subject).await?;
    let id = ExportId::new(Ulid::generate());
    let export = Export::new(id, subject, principal, request_id);
    store.create_export(subject.owner(), &export, &event(id)).await?;
    let (organization, user) = match subject.owner() {
        Owner::Organization(tenant) => (Some(tenant.org()), None),
        Owner::User(user) => (None, Some(user)),
    };
    let job = ExportPrivacy { organization, user, export: id };
    app.queue("PRIVACY_QUEUE_URL")?.send_all(request_id, [job]).await?;
    Ok(export.into())
}

/// An export, with a fresh link if its file is there. That a link was given out is written down.
///
/// # Errors
/// `not_found`.
pub async fn show_export(app: &App, owner: Owner, id: ExportId, event: AuditEvent) -> Result<ExportSummary> {
    let store = app.store()?;
    let mut export = ExportSummary::from(store.export(owner, id).await?);
    if export.state == ExportState::Ready {
        store.record(&event).await?;
        export.download_url = Some(app.files()?.presign_download(&key::export(owner, id)).await?);
    }
    Ok(export)
}

/// What an erasure of this subject would do now.
///
/// # Errors
/// `not_found` if there is no such member or student.
pub async fn plan_erasure(app: &App, subject: Subject) -> Result<ErasurePlan> {
    let store = app.store()?;
    store.check_subject(subject).await?;
    let inventory = smartscripts_erasure::inventory(store, app.files()?, subject).await?;
    let grace_days = match subject.about() {
        About::Account => ACCOUNT_DAYS,
        About::Organization => ORGANIZATION_DAYS,
        About::Member | About::Student => PERSON_DAYS,
    };
    let about = subject.about();
    Ok(ErasurePlan { about, erased: counted(inventory.counts()), kept: kept(about), grace_days })
}

/// Asks for an erasure that is carried out after `days`.
///
/// # Errors
/// `not_found`, `member_is_owner`, `last_owner`, `erasure_exists`.
pub async fn request_erasure(
    app: &App,
    subject: Subject,
    by: (Principal, &str),
    days: i64,
    event: impl FnOnce(ErasureId) -> AuditEvent,
) -> Result<Erasure> {
    let (principal, request_id) = by;
    let store = app.store()?;
    store.check_erasable(subject).await?;
    store.check_no_erasure(subject).await?;
    let id = ErasureId::new(Ulid::generate());
    let erasure = Erasure::new(id, subject, principal, request_id, days);
    store.create_erasure(subject.owner(), &erasure, &event(id)).await?;
    Ok(erasure)
}
