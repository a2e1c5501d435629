//! The grammar of the bucket's keys. Everything of a tenant has the organization's id, which has a fixed length and holds
//! no slash, as its second part; so no tenant's key is a prefix of another's.

use std::fmt;

use smartscripts_domain::{
    id::{AssessmentId, ClassScanId, ExportId, OrgId, RosterImportId, SubmissionId},
    submission::{FileType, limits},
};

/// What a browser uploads: `answers/{org}/{assessment}/{submission}/{file}.{extension}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadKey {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The submission.
    pub submission: SubmissionId,
    /// Number of the file, from 1.
    pub file: u32,
    /// Its type, by the extension.
    pub content_type: FileType,
}

impl UploadKey {
    /// Reads a key. None if it isn't one of an upload, in its one canonical spelling.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix("answers/")?.split('/');
        let (org, assessment, submission) = (parts.next()?, parts.next()?, parts.next()?);
        let (file, extension) = parts.next()?.split_once('.')?;
        let parsed = Self {
            org: org.parse().ok()?,
            assessment: assessment.parse().ok()?,
            submission: submission.parse().ok()?,
            file: file.parse().ok()?,
            content_type: FileType::from_extension(extension)?,
        };
        (parsed.to_string() == key && (1..=limits::FILES).contains(&(parsed.file as usize))).then_some(parsed)
    }
}

impl fmt::Display for UploadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { org, assessment, submission, file, content_type } = *self;
        let keys = SubmissionKeys { org, assessment, submission };
        write!(f, "{}{file}.{}", keys.answers(), content_type.extension())
    }
}

/// What a browser uploads of a class's scan: `answers/{org}/{assessment}/{class_scan}/{file}.{extension}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanUploadKey {
    /// The scan, and whose it is.
    pub keys: ScanKeys,
    /// Number of the file, from 1.
    pub file: u32,
    /// Its type, by the extension.
    pub content_type: FileType,
}

impl ScanUploadKey {
    /// Reads a key. None if it isn't one of an upload of a scan, in its one canonical spelling.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix("answers/")?.split('/');
        let (org, assessment, scan) = (parts.next()?, parts.next()?, parts.next()?);
        let (file, extension) = parts.next()?.split_once('.')?;
        let keys = ScanKeys { org: org.parse().ok()?, assessment: assessment.parse().ok()?, scan: scan.parse().ok()? };
        let parsed = Self { keys, file: file.parse().ok()?, content_type: FileType::from_extension(extension)? };
        (parsed.to_string() == key && (1..=limits::FILES).contains(&(parsed.file as usize))).then_some(parsed)
    }
}

impl fmt::Display for ScanUploadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}.{}", self.keys.prefix(), self.file, self.content_type.extension())
    }
}

/// The keys of everything that belongs to the scan of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanKeys {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The scan.
    pub scan: ClassScanId,
}

impl ScanKeys {
    /// Prefix of everything.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("answers/{}/{}/{}/", self.org, self.assessment, self.scan)
    }

    /// An uploaded file.
    #[must_use]
    pub const fn upload(&self, file: u32, content_type: FileType) -> ScanUploadKey {
        ScanUploadKey { keys: *self, file, content_type }
    }

    /// A page's picture, `page` counted within its file. Its extension isn't that of an upload, so nobody is told of it.
    #[must_use]
    pub fn page(&self, file: u32, page: u32) -> String {
        format!("{}page-{file}-{page}.jpeg", self.prefix())
    }

    /// What each page of a file is.
    #[must_use]
    pub fn marks(&self, file: u32) -> String {
        format!("{}{file}.marks.json", self.prefix())
    }
}

/// The keys of everything that belongs to one submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubmissionKeys {
    /// The organization.
    pub org: OrgId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The submission.
    pub submission: SubmissionId,
}

impl SubmissionKeys {
    /// Prefix of what was uploaded and read.
    #[must_use]
    pub fn answers(&self) -> String {
        format!("answers/{}/{}/{}/", self.org, self.assessment, self.submission)
    }

    /// Prefix of what is shown.
    #[must_use]
    pub fn feedback_prefix(&self) -> String {
        format!("feedback/{}/{}/{}/", self.org, self.assessment, self.submission)
    }

    /// An uploaded file.
    #[must_use]
    pub fn upload(&self, file: u32, content_type: FileType) -> UploadKey {
        UploadKey { org: self.org, assessment: self.assessment, submission: self.submission, file, content_type }
    }

    /// What was read in one file.
    #[must_use]
    pub fn file_reading(&self, file: u32) -> String {
        format!("{}{file}.reading.json", self.answers())
    }

    /// What was read in the whole submission.
    #[must_use]
    pub fn reading(&self) -> String {
        format!("{}reading.json", self.answers())
    }

    /// Which lines answer which question.
    #[must_use]
    pub fn split(&self) -> String {
        format!("{}split.json", self.answers())
    }

    /// The same after a person has assigned lines, by the id of what was assigned.
    #[must_use]
    pub fn assigned_split(&self, id: &str) -> String {
        format!("{}split-{id}.json", self.answers())
    }

    /// An upright page, `page` counted within its file, as people see it.
    #[must_use]
    pub fn page_image(&self, file: u32, page: u32) -> String {
        format!("{}page-{file}-{page}.jpg", self.feedback_prefix())
    }

    /// The grade of one answer in one run.
    #[must_use]
    pub fn grade(&self, run: u32, question: &str) -> String {
        format!("{}grade-{run}-{question}.json", self.feedback_prefix())
    }

    /// A version of the whole feedback, by the hash of its content.
    #[must_use]
    pub fn feedback(&self, sha256: &str) -> String {
        format!("{}feedback-{sha256}.json", self.feedback_prefix())
    }

    /// Prefix of the pages drawn for one version of the feedback.
    #[must_use]
    pub fn annotated_pages(&self, sha256: &str) -> String {
        format!("{}annotated-{sha256}-", self.feedback_prefix())
    }

    /// A page with the evidence of one version of the feedback marked on it, `page` counted in the submission.
    #[must_use]
    pub fn annotated_page(&self, sha256: &str, page: u32) -> String {
        format!("{}{page}.png", self.annotated_pages(sha256))
    }
}

/// A version of a guide, by the hash of its content.
#[must_use]
pub fn guide(org: OrgId, assessment: AssessmentId, version: u32, sha256: &str) -> String {
    format!("guides/{org}/{assessment}/{version}-{sha256}.json")
}

/// What was released to the students of an assessment, by the hash of its content.
#[must_use]
pub fn release(org: OrgId, assessment: AssessmentId, number: u32, sha256: &str) -> String {
    format!("feedback/{org}/{assessment}/release-{number}-{sha256}.json")
}

/// The file of an export; `owner` is the organization or the user who has asked for it.
#[must_use]
pub fn export(owner: impl fmt::Display, export: ExportId) -> String {
    format!("exports/{owner}/{export}.zip")
}

/// What an upload of a roster changes.
#[must_use]
pub fn roster(org: OrgId, import: RosterImportId) -> String {
    format!("rosters/{org}/{import}.json")
}

/// A part of the audit log that a member has exported; it is deleted within two days.
#[must_use]
pub fn audit_export(org: OrgId, export: ExportId, extension: &str) -> String {
    format!("exports/{org}/audit-{export}.{extension}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rand::{Rng, SeedableRng, rngs::StdRng};
    use ulid::Ulid;

    use super::*;

    fn upload(a: u128, b: u128, c: u128, file: u32, kind: usize) -> UploadKey {
        UploadKey {
            org: OrgId::new(Ulid::from(a)),
            assessment: AssessmentId::new(Ulid::from(b)),
            submission: SubmissionId::new(Ulid::from(c)),
            file,
            content_type: FileType::ALL[kind],
        }
    }

    proptest! {
        #[test]
        fn survives_text(a: u128, b: u128, c: u128, file in 1_u32..=100, kind in 0_usize..4) {
            let key = upload(a, b, c, file, kind);
            prop_assert_eq!(UploadKey::parse(&key.to_string()), Some(key));
        }
    }

    #[test]
    fn no_key_of_one_tenant_begins_a_key_of_another_among_ten_thousand() {
        let mut random = StdRng::seed_from_u64(20_261_123);
        let mut found = BTreeSet::new();
        for _ in 0..10_000 {
            let (org, thing) = (OrgId::new(Ulid::from(random.random::<u128>())), Ulid::from(random.random::<u128>()));
            let (assessment, submission) = (AssessmentId::new(thing), SubmissionId::new(thing));
            let keys = SubmissionKeys { org, assessment, submission };
            let all = [
                keys.answers(),
                keys.feedback_prefix(),
                keys.upload(1, FileType::Jpeg).to_string(),
                keys.page_image(1, 1),
                keys.grade(1, "3a"),
                ScanKeys { org, assessment, scan: ClassScanId::new(thing) }.prefix(),
                guide(org, assessment, 1, "hash"),
                release(org, assessment, 1, "hash"),
                export(org, ExportId::new(thing)),
                roster(org, RosterImportId::new(thing)),
                audit_export(org, ExportId::new(thing), "csv"),
            ];
            found.extend(all.into_iter().map(|key| (key, org)));
        }
        // Sorted, whatever begins with a key stands in one run right behind it.
        let mut run: Option<&(String, OrgId)> = None;
        for key in &found {
            match run {
                Some((first, owner)) if key.0.starts_with(first) => {
                    assert_eq!(*owner, key.1, "{first} begins {}", key.0);
                }
                _ => run = Some(key),
            }
        }
    }

    #[test]
    fn an_upload_of_a_scan_is_none_of_a_submission() {
        let id = |number| Ulid::from(number);
        let (org, assessment) = (OrgId::new(id(1)), AssessmentId::new(id(2)));
        let keys = ScanKeys { org, assessment, scan: ClassScanId::new(id(3)) };
        let key = keys.upload(7, FileType::Pdf);
        assert_eq!(ScanUploadKey::parse(&key.to_string()), Some(key));
        assert_eq!(UploadKey::parse(&key.to_string()), None);
        assert_eq!(ScanUploadKey::parse(&upload(1, 2, 3, 1, 0).to_string()), None);
        for other in [keys.page(1, 1), keys.marks(1), format!("{}0.pdf", keys.prefix())] {
            assert_eq!((ScanUploadKey::parse(&other), UploadKey::parse(&other)), (None, None), "{other}");
        }
    }

    #[test]
    fn refuses_what_was_never_signed() {
        let key = upload(1, 2, 3, 1, 0).to_string();
        for other in [
            key.replace("1.jpg", "01.jpg"),
            key.replace("1.jpg", "0.jpg"),
            key.replace("1.jpg", "101.jpg"),
            key.replace("1.jpg", "1.gif"),
            key.replace("1.jpg", "1.reading.json"),
            key.replace("answers/", "guides/"),
            format!("{key}/1.jpg"),
            "answers/../x".to_owned(),
        ] {
            assert_eq!(UploadKey::parse(&other), None, "{other}");
        }
    }
}
