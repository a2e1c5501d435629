//! Deletes what an organization no longer keeps, by the periods that it has set. Repeated, it goes on where it was cut
//! short.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
    sync::Arc,
};

use jiff::Timestamp;
use smartscripts_domain::{Error, Result, id::StudentId};
use smartscripts_files::{Files, ScanKeys, SubmissionKeys};
use smartscripts_jobs::run_scheduled;
use smartscripts_store::{
    Actor, Assessment, AuditEvent, ExportState, Origin, Owner, Period, Periods, Platform, Store, Submission, Tenant,
    entities, now,
};

const NAME: &str = env!("CARGO_BIN_NAME");

/// Entries read at once.
const PAGE: usize = 100;

struct Shared {
    store: Store,
    platform: Platform,
    files: Files,
}

/// One run for one organization.
struct Run<'a> {
    shared: &'a Shared,
    tenant: Tenant,
    days: Periods,
    now: Timestamp,
    origin: Origin,
    /// How many of each kind are gone.
    gone: BTreeMap<&'static str, u64>,
}

async fn enforce_retention(shared: Arc<Shared>, request_id: String) -> Result<()> {
    let mut failure = None;
    for tenant in shared.platform.all_tenants().await? {
        if let Err(error) = enforce(&shared, tenant, &request_id).await {
            let org = tenant.org();
            tracing::error!(%org, code = error.code(), context = error.context(), "not enforced, comes again");
            failure = Some(error);
        }
    }
    failure.map_or(Ok(()), Err)
}

async fn enforce(shared: &Shared, tenant: Tenant, request_id: &str) -> Result<()> {
    let days = shared.store.retention(tenant).await?.days;
    if days == Periods::default() {
        return Ok(());
    }
    let (now, origin) = (now(), Origin::of_task(request_id));
    let mut run = Run { shared, tenant, days, now, origin, gone: BTreeMap::new() };
    let active = run.submissions().await?;
    run.students(&active).await?;
    run.exports().await?;
    let event = run.event("retention.enforced", tenant.org().to_string());
    let event = run.gone.iter().fold(event, |event, (kind, count)| event.with(kind, count));
    shared.store.record(&event).await
}

impl Run<'_> {
    fn event(&self, action: &'static str, target: impl Into<String>) -> AuditEvent {
        self.tenant.event(Actor::Task(NAME), action, target, &self.origin)
    }

    /// Whether something that was made then is not kept any more.
    fn is_over(&self, period: Period, made_at: Timestamp) -> bool {
        self.days.limit(period, self.now).is_some_and(|limit| made_at < limit)
    }

    fn count(&mut self, kind: &'static str) {
        *self.gone.entry(kind).or_default() += 1;
    }

    /// Goes through all submissions; returns the students of whom there is one within the students' period.
    async fn submissions(&mut self) -> Result<BTreeSet<StudentId>> {
        let mut active = BTreeSet::new();
        let mut cursor = None;
        loop {
            let page = self.shared.store.assessments(self.tenant, PAGE, cursor.as_deref()).await?;
            for assessment in &page.items {
                self.class_scans_of(assessment).await?;
                self.submissions_of(assessment, &mut active).await?;
            }
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(active),
            }
        }
    }

    /// A scan that is split has no files any more; the others go with theirs.
    async fn class_scans_of(&mut self, assessment: &Assessment) -> Result<()> {
        let mut cursor = None;
        loop {
            let page = self.shared.store.class_scans(self.tenant, assessment.id, PAGE, cursor.as_deref()).await?;
            for scan in &page.items {
                if !self.is_over(Period::Pages, scan.created_at) {
                    continue;
                }
                let keys = ScanKeys { org: self.tenant.org(), assessment: assessment.id, scan: scan.id };
                self.shared.files.delete_all(&keys.prefix()).await?;
                let event = self.event("class_scan.expired", scan.id.to_string());
                unless_gone(self.shared.store.delete_class_scan(self.tenant, scan, &event).await)?;
                self.count("class_scan");
            }
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn submissions_of(&mut self, assessment: &Assessment, active: &mut BTreeSet<StudentId>) -> Result<()> {
        let mut cursor = None;
        loop {
            let page = self.shared.store.submissions(self.tenant, assessment.id, PAGE, cursor.as_deref()).await?;
            for submission in &page.items {
                if !self.is_over(Period::Students, submission.created_at) {
                    active.extend(submission.student);
                }
                self.submission(submission).await?;
            }
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn submission(&mut self, submission: &Submission) -> Result<()> {
        let parts = [Period::Pages, Period::Readings, Period::Feedback];
        if self.is_over(Period::Submissions, submission.created_at) {
            self.delete_files(submission, &parts).await?;
            let event = self.event("submission.expired", submission.id.to_string());
            let deleted = self.shared.store.delete_submission(self.tenant, submission, &event).await;
            self.count("submission");
            return unless_gone(deleted);
        }
        let is_due = |period: &Period| {
            self.is_over(*period, submission.created_at) && !submission.expired.contains(period.name())
        };
        let due: Vec<Period> = parts.into_iter().filter(is_due).collect();
        if due.is_empty() {
            return Ok(());
        }
        self.delete_files(submission, &due).await?;
        let expired = submission.expired.iter().cloned().chain(due.iter().map(|period| period.name().to_owned()));
        let event = self.event("submission.part_expired", submission.id.to_string());
        let event = due.iter().fold(event, |event, period| event.with(period.name(), "expired"));
        self.shared.store.mark_expired(self.tenant, submission, &expired.collect(), &event).await
    }

    /// Deletes the submission's files of these periods.
    async fn delete_files(&mut self, submission: &Submission, periods: &[Period]) -> Result<()> {
        let (org, assessment) = (self.tenant.org(), submission.assessment);
        let keys = SubmissionKeys { org, assessment, submission: submission.id };
        for prefix in [keys.answers(), keys.feedback_prefix()] {
            let mut listing = self.shared.files.listing(&prefix);
            while let Some(mut keys) = listing.next().await? {
                let is_due = |key: &String| {
                    entities::of_object(key).and_then(|entity| entity.period).is_some_and(|of| periods.contains(&of))
                };
                keys.retain(is_due);
                self.shared.files.delete_these(&keys).await?;
                for entity in keys.iter().filter_map(|key| entities::of_object(key)) {
                    self.count(entity.name);
                }
            }
        }
        Ok(())
    }

    async fn students(&mut self, active: &BTreeSet<StudentId>) -> Result<()> {
        let mut cursor = None;
        loop {
            let page = self.shared.store.students(self.tenant, PAGE, cursor.as_deref()).await?;
            for student in &page.items {
                if self.is_over(Period::Students, student.created_at) && !active.contains(&student.id) {
                    let event = self.event("student.expired", student.id.to_string());
                    self.shared.store.remove_student(self.tenant, student, &event).await?;
                    self.count("student");
                }
            }
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn exports(&mut self) -> Result<()> {
        let (owner, mut cursor) = (Owner::Organization(self.tenant), None);
        loop {
            let page = self.shared.store.exports(owner, PAGE, cursor.as_deref()).await?;
            for export in &page.items {
                let is_needed = matches!(export.state(self.now), ExportState::InProgress | ExportState::Ready);
                if self.is_over(Period::Exports, export.requested_at) && !is_needed {
                    let event = self.event("export.expired", export.id.to_string());
                    self.shared.store.expire_export(self.tenant, export.id, &event).await?;
                    self.count("export");
                }
            }
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
    }
}

fn unless_gone(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == smartscripts_domain::Kind::NotFound => Ok(()),
        other => other,
    }
}

fn main() -> ExitCode {
    run_scheduled(
        NAME,
        |config| {
            let store = Store::from_env(config)?;
            Ok::<_, Error>(Shared { platform: Platform::new(store.clone()), store, files: Files::from_env(config)? })
        },
        enforce_retention,
    )
}
