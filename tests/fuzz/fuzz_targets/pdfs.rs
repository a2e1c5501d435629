//! PDF files: whatever the bytes, pages come out or the file is refused with a reason. Memory and time are no matter
//! here; they are bounded by the limits of the process that opens a PDF, and `tests/bad-files` tries those.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smartscripts_domain::{Kind, submission::limits};
use smartscripts_reading::pdf;

fuzz_target!(|content: &[u8]| match pdf::count_pages_unguarded(content) {
    Ok(pages) => assert!((1..=limits::PAGES).contains(&pages), "{pages} pages"),
    Err(error) => assert_eq!(error.kind(), Kind::Invalid, "{error}"),
});
