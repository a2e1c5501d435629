//! The states of a submission, and the rules by which it moves from one to the next.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Result};

/// Where a submission stands. Every submission is in exactly one of these, so nothing is ever silently dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Some of its files have not arrived.
    AwaitingUpload,
    /// All files have arrived; pages are being read.
    Reading,
    /// Answers are being graded.
    Grading,
    /// Graded, and no person need look.
    Graded,
    /// Graded, and a person must look.
    NeedsReview,
    /// It could not be read or graded; the reason is on the submission, and a teacher can retry.
    Failed,
}

impl State {
    /// Whether the system, not a person, has the next move.
    #[must_use]
    pub const fn is_in_progress(self) -> bool {
        matches!(self, Self::AwaitingUpload | Self::Reading | Self::Grading)
    }
}

/// How many submissions of an assessment stand where. `submitted = graded + needs_review + failed + in_progress` and
/// `in_progress = awaiting_upload + reading + grading`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// All submissions.
    pub submitted: u32,
    /// Waiting for files, being read or being graded.
    pub in_progress: u32,
    /// Waiting for files.
    pub awaiting_upload: u32,
    /// Being read.
    pub reading: u32,
    /// Being graded.
    pub grading: u32,
    /// Graded.
    pub graded: u32,
    /// Graded, but a person must look.
    pub needs_review: u32,
    /// Not graded, for a reason.
    pub failed: u32,
}

impl FromIterator<State> for Progress {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        let mut progress = Self::default();
        for state in states {
            progress.submitted += 1;
            match state {
                State::Graded => progress.graded += 1,
                State::NeedsReview => progress.needs_review += 1,
                State::Failed => progress.failed += 1,
                State::AwaitingUpload => progress.awaiting_upload += 1,
                State::Reading => progress.reading += 1,
                State::Grading => progress.grading += 1,
            }
        }
        progress.in_progress = progress.awaiting_upload + progress.reading + progress.grading;
        progress
    }
}

/// What a script may be uploaded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum FileType {
    /// A photo or a scan.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// A scan.
    #[serde(rename = "image/png")]
    Png,
    /// Scanned pages, or a typed document.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// A typed answer.
    #[serde(rename = "text/plain")]
    Text,
}

impl FileType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Pdf, Self::Text];

    /// The media type, as in `Content-Type`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain",
        }
    }

    /// The extension in the bucket.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
            Self::Text => "txt",
        }
    }

    /// The type with this extension.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.extension() == extension)
    }

    /// Checks that the content begins as this type must.
    ///
    /// # Errors
    /// `file_wrong_type`, saying what was announced and what it looks like.
    pub fn check_magic(self, content: &[u8]) -> Result<()> {
        if content.is_empty() {
            return Err(Error::invalid("file_empty", "The file is empty. Please upload it again."));
        }
        let found = if content.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Some(Self::Jpeg)
        } else if content.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if content.iter().take(1024).collect::<Vec<_>>().windows(5).any(|w| w.iter().copied().eq(b"%PDF-")) {
            Some(Self::Pdf)
        } else if std::str::from_utf8(content).is_ok_and(|text| !text.contains('\0')) {
            Some(Self::Text)
        } else {
            None
        };
        if found == Some(self) {
            return Ok(());
        }
        let looks = found.map_or("none of JPEG, PNG, PDF and UTF-8 text", Self::media_type);
        Err(Error::invalid(
            "file_wrong_type",
            format!(
                "The file was announced as {}, but its content is {looks}. Please upload the original file.",
                self.media_type()
            ),
        ))
    }
}

/// Limits on what is uploaded. `uploads-schema/README.md` prints them for clients; a test compares.
pub mod limits {
    use crate::{Error, Result};

    /// Bytes of one file.
    pub const FILE_BYTES: u64 = 20 * 1024 * 1024;

    /// Checks a file's size, as announced or as it arrived.
    ///
    /// # Errors
    /// `file_empty`, `file_too_large`.
    pub fn check_file_bytes(bytes: u64) -> Result<()> {
        if bytes == 0 {
            return Err(Error::invalid("file_empty", "The file is empty. Please choose the original file."));
        }
        if bytes > FILE_BYTES {
            let message =
                "The file is larger than 20 MiB. Please scan it at a lower resolution, or upload it in parts.";
            return Err(Error::invalid("file_too_large", message));
        }
        Ok(())
    }

    /// Files of one submission.
    pub const FILES: usize = 100;
    /// Pages of one submission.
    pub const PAGES: usize = 100;
    /// Pages of the scan of a class.
    pub const SCAN_PAGES: usize = 1000;
    /// Pixels along a side.
    pub const SIDE: u32 = 12_000;
    /// Pixels of a page.
    pub const PIXELS: u64 = 40_000_000;
    /// Bytes of a page, decoded; also what a PDF may unfold to.
    pub const DECODED_BYTES: u64 = 256 * 1024 * 1024;
    /// Characters of a typed answer script.
    pub const TEXT_CHARACTERS: usize = 200_000;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_has_one_byte_to_20_mib() {
        let code = |bytes| limits::check_file_bytes(bytes).map_err(|error| error.code());
        assert_eq!((code(1), code(20 * 1024 * 1024)), (Ok(()), Ok(())));
        assert_eq!((code(0), code(20 * 1024 * 1024 + 1)), (Err("file_empty"), Err("file_too_large")));
    }

    #[test]
    fn knows_files_by_their_first_bytes() {
        assert!(FileType::Jpeg.check_magic(&[0xFF, 0xD8, 0xFF, 0xE0]).is_ok());
        assert!(FileType::Pdf.check_magic(b"\n%PDF-1.7").is_ok());
        assert!(FileType::Text.check_magic("Grüße".as_bytes()).is_ok());
        assert_eq!(FileType::Png.check_magic(&[0xFF, 0xD8, 0xFF, 0xE0]).unwrap_err().code(), "file_wrong_type");
        assert_eq!(FileType::Text.check_magic(&[0, 159]).unwrap_err().code(), "file_wrong_type");
        assert_eq!(FileType::Png.check_magic(&[]).unwrap_err().code(), "file_empty");
    }

    proptest! {
        #[test]
        fn progress_always_adds_up(states in proptest::collection::vec(0_usize..6, 0..300)) {
            let all = [State::AwaitingUpload, State::Reading, State::Grading, State::Graded, State::NeedsReview, State::Failed];
            let count = states.len();
            let states: Vec<State> = states.into_iter().map(|i| all[i]).collect();
            let progress: Progress = states.iter().copied().collect();
            prop_assert_eq!(progress.submitted as usize, count);
            prop_assert_eq!(progress.submitted, progress.graded + progress.needs_review + progress.failed + progress.in_progress);
            let moving = states.iter().filter(|state| state.is_in_progress()).count();
            prop_assert_eq!(progress.in_progress as usize, moving);
            prop_assert_eq!(progress.in_progress, progress.awaiting_upload + progress.reading + progress.grading);
        }
    }
}
