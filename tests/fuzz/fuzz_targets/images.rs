//! Image files: whatever the bytes, a page within the limits comes out or the file is refused with a reason.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smartscripts_domain::{
    Kind,
    submission::{FileType, limits},
};
use smartscripts_reading::decode;

fuzz_target!(|content: &[u8]| {
    for kind in [FileType::Jpeg, FileType::Png] {
        match decode::image(kind, content) {
            Ok(page) => {
                let pixels = u64::from(page.width()) * u64::from(page.height());
                assert!(pixels <= limits::PIXELS, "a page of {pixels} pixels");
                assert!(page.width().max(page.height()) <= limits::SIDE, "a page of {:?}", page.dimensions());
            }
            Err(error) => assert_eq!(error.kind(), Kind::Invalid, "{error}"),
        }
    }
});
