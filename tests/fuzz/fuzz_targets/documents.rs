//! Word documents: whatever stands in their XML, text comes out or the document is refused with a reason. The parts are what
//! is mutated, divided by a form feed: of a mutated archive hardly a part could be unpacked.

#![no_main]

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use smartscripts_domain::{Kind, submission::limits};
use smartscripts_reading::document;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const PARTS: [&str; 3] = ["word/document.xml", "word/numbering.xml", "word/styles.xml"];

fn archive(parts: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, part) in PARTS.iter().zip(parts.splitn(PARTS.len(), |byte| *byte == b'\x0C')) {
        writer.start_file(*name, stored).unwrap();
        writer.write_all(part).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fuzz_target!(|content: &[u8]| match document::text(&archive(content)) {
    Ok(found) => {
        assert!(found.text.chars().count() <= limits::TEXT_CHARACTERS);
        let lines = found.text.lines().count();
        assert!(found.left_out.iter().all(|left| (1..=lines).contains(&left.line)), "of {lines} lines");
    }
    Err(error) => assert!(matches!(error.kind(), Kind::Invalid | Kind::TooLarge), "{error}"),
});
