//! The pictures of a script's pages with its grading drawn on them.

use serde::de::DeserializeOwned;
use smartscripts_domain::{Error, Kind, Result, feedback::Feedback, reading::Reading};
use smartscripts_feedback as feedback;
use smartscripts_files::{Files, SubmissionKeys};

/// Draws the evidence on every page that has a picture; returns the pages' numbers. `sha256` is the hash under which the
/// feedback is kept, so that the pages of another version stay as they are.
///
/// # Errors
/// `file_missing` if a picture isn't there; `unavailable`, `internal`.
pub async fn draw(
    files: &Files,
    reading: &Reading,
    graded: &Feedback,
    keys: SubmissionKeys,
    sha256: &str,
) -> Result<Vec<u32>> {
    let mut drawn = Vec::new();
    for page in reading.pages.iter().filter(|page| page.width > 0) {
        let earlier = reading.pages.iter().filter(|other| other.file == page.file && other.page < page.page).count();
        let picture = files.get(&keys.page_image(page.file, earlier as u32 + 1)).await.map_err(damaged)?;
        let image = image::load_from_memory(&picture).map_err(|e| Error::internal(format!("decode page: {e}")))?;
        let annotated = feedback::annotate(page, &image.into_rgb8(), graded)?;
        let png = feedback::encode_png(&annotated)?;
        files.put(&keys.annotated_page(sha256, page.page), "image/png", png).await?;
        drawn.push(page.page);
    }
    Ok(drawn)
}

/// A file that an earlier step has written.
///
/// # Errors
/// `file_missing`, `file_damaged`, `unavailable`.
pub async fn kept<T: DeserializeOwned>(files: &Files, key: &str) -> Result<T> {
    files.get_json(key).await.map_err(damaged)
}

/// A file of ours that isn't there is damage, for which a retry writes it anew.
fn damaged(error: Error) -> Error {
    if error.kind() != Kind::NotFound {
        return error;
    }
    let message =
        "A file that we keep for this script is missing. Retry the script; if that doesn't help, upload it anew.";
    Error::invalid("file_missing", message)
}
