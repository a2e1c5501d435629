//! Whole files through the reader, with the real models: good pages, skewed ones, every kind of PDF, and files that
//! must be refused. Needs the models (`infra/models/prepare.py`) and python3, which writes the bad files.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test with a main of its own isn't known as one")]

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::OnceLock,
};

use image::{Rgb, RgbImage};
use imageproc::geometric_transformations::{Border, Interpolation, rotate_about_center_no_crop};
use libtest_mimic::{Arguments, Trial};
use smartscripts_domain::{Error, guide::Guide, reading::Source, submission::FileType};
use smartscripts_reading::{FilePage, Reader, decode, document, pdf, split};

fn main() -> ExitCode {
    if let Some(code) = pdf::run_child_if_asked() {
        return code;
    }
    let tests: [(&str, fn()); 16] = [
        ("a_page_is_read_word_for_word", a_page_is_read_word_for_word),
        ("words_stand_where_the_ink_is", words_stand_where_the_ink_is),
        ("skew_and_shadow_change_little", skew_and_shadow_change_little),
        ("threads_change_nothing", threads_change_nothing),
        ("a_blank_page_has_no_lines", a_blank_page_has_no_lines),
        ("a_text_layer_is_used", a_text_layer_is_used),
        ("a_scan_in_a_pdf_is_read", a_scan_in_a_pdf_is_read),
        ("writing_on_a_typed_page_is_read_too", writing_on_a_typed_page_is_read_too),
        ("typed_text_has_no_page", typed_text_has_no_page),
        ("bad_files_are_refused_with_a_reason", bad_files_are_refused_with_a_reason),
        ("a_cut_off_pdf_is_refused", a_cut_off_pdf_is_refused),
        ("the_receivers_error_stops_the_reading", the_receivers_error_stops_the_reading),
        ("a_guide_in_a_pdf_is_written_down", a_guide_in_a_pdf_is_written_down),
        ("columns_of_a_pdf_stay_rows_of_a_table", columns_of_a_pdf_stay_rows_of_a_table),
        ("a_document_that_cannot_be_read_says_why", a_document_that_cannot_be_read_says_why),
        ("the_sample_class_is_split_by_its_guide", the_sample_class_is_split_by_its_guide),
    ];
    let trials = tests.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn reader_with(threads: usize) -> Reader {
    Reader::load_with_threads(&repository().join(".local/models"), threads).expect("run infra/models/prepare.py first")
}

fn reader() -> &'static Reader {
    static READER: OnceLock<Reader> = OnceLock::new();
    READER.get_or_init(|| reader_with(2))
}

fn kept(name: &str) -> Vec<u8> {
    std::fs::read(repository().join("tests/bad-files/kept").join(name)).unwrap()
}

/// A handwritten page, without the line that its lower edge cuts through.
fn page() -> RgbImage {
    let page = decode::image(FileType::Png, &kept("good.png")).unwrap();
    image::imageops::crop_imm(&page, 0, 0, page.width(), 855).to_image()
}

fn pages(kind: FileType, content: &[u8]) -> Result<Vec<FilePage>, Error> {
    let mut pages = Vec::new();
    reader().read_file(kind, content, |page| {
        pages.push(page);
        Ok(())
    })?;
    Ok(pages)
}

fn text(image: &RgbImage) -> Vec<String> {
    reader().read_page(image).unwrap().lines.into_iter().map(|line| line.text).collect()
}

/// A PDF of these objects, the first being the catalog and the second the pages.
fn pdf_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        file.extend(format!("{number} 0 obj\n").into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let (start, size) = (file.len(), objects.len() + 1);
    file.extend(format!("xref\n0 {size}\n{table}trailer << /Size {size} /Root 1 0 R >>\n").into_bytes());
    file.extend(format!("startxref\n{start}\n%%EOF\n").into_bytes());
    file
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<< {dictionary} /Length {} >>\nstream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

/// A page of A4 that draws this, with Helvetica as `F` and good.jpg as `I`.
fn pdf_that_draws(content: &str) -> Vec<u8> {
    let image = page();
    let dictionary = format!(
        "/Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
        image.width(),
        image.height()
    );
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90).encode_image(&image).unwrap();
    pdf_of(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
          /Resources << /Font << /F 5 0 R >> /XObject << /I 6 0 R >> >> >>"
            .to_vec(),
        stream("", content.as_bytes()),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
        stream(&dictionary, &jpeg),
    ])
}

const TYPED: &str =
    "BT /F 14 Tf 72 770 Td (1. Water flows downhill.) Tj 0 -20 Td (2. Salt is solu) Tj (ble in water.) Tj ET";

fn a_page_is_read_word_for_word() {
    let lines = text(&page());
    let expected = [
        "1. Mitochondria",
        "2. He built the printing press with movable type. Because books could be",
        "3b. 150 / 2 = 75 turns",
        "mutation has made a few of them resistant before the drug is ever used.",
    ];
    let mut rest = lines.iter();
    for line in expected {
        assert!(rest.any(|read| read == line), "`{line}` is missing or out of order in {lines:#?}");
    }
}

fn words_stand_where_the_ink_is() {
    let page = page();
    let read = reader().read_page(&page).unwrap();
    assert!(read.lines.iter().flat_map(|line| &line.words).count() > 60);
    for word in read.lines.iter().flat_map(|line| &line.words) {
        let [left, top, right, bottom] = word.quad.unwrap().bounds();
        let within = |x: i32, y: i32| x >= 0 && y >= 0 && (x as u32) < page.width() && (y as u32) < page.height();
        let dark = (top..bottom)
            .flat_map(|y| (left..right).map(move |x| (x, y)))
            .filter(|(x, y)| within(*x, *y) && page.get_pixel(*x as u32, *y as u32).0[0] < 110)
            .count();
        assert!(dark > 10, "no ink under `{}` at {:?}", word.text, [left, top, right, bottom]);
        assert!((0.0..=1.0).contains(&word.confidence));
    }
}

fn skew_and_shadow_change_little() {
    let straight = text(&page()).join(" ");
    for degrees in [-7.0_f32, 7.0] {
        let paper = Border::Constant(Rgb([255; 3]));
        let mut skewed = rotate_about_center_no_crop(&page(), degrees.to_radians(), Interpolation::Bilinear, paper);
        let (width, height) = skewed.dimensions();
        for (x, y, pixel) in skewed.enumerate_pixels_mut() {
            let light = 0.4 + 0.6 * (x + y) as f32 / (width + height) as f32;
            pixel.0 = pixel.0.map(|value| (f32::from(value) * light) as u8);
        }
        let read = text(&skewed).join(" ");
        let likeness = strsim_like(&straight, &read);
        assert!(likeness > 0.95, "{degrees}°: {likeness}\n{straight}\n{read}");
    }
}

/// 1 − edit distance / length.
fn strsim_like(a: &str, b: &str) -> f64 {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut length = 0;
    for left in a.chars() {
        length += 1;
        let mut diagonal = row[0];
        row[0] = length;
        for (index, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[index + 1];
            row[index + 1] = replaced.min(diagonal + 1).min(row[index] + 1);
        }
    }
    1.0 - row[b.len()] as f64 / length.max(1) as f64
}

fn threads_change_nothing() {
    let page = page();
    let one = reader_with(1).read_page(&page).unwrap().lines;
    for threads in [2, 4] {
        assert_eq!(reader_with(threads).read_page(&page).unwrap().lines, one, "{threads} threads");
    }
}

fn a_blank_page_has_no_lines() {
    // Paper with a little noise.
    let blank = RgbImage::from_fn(1240, 1754, |x, y| Rgb([235 + ((x * 7919 + y * 104_729) % 13) as u8; 3]));
    assert_eq!(text(&blank), Vec::<String>::new());
    assert_eq!(text(&RgbImage::new(1, 1)), Vec::<String>::new());
}

fn a_text_layer_is_used() {
    let pages = pages(FileType::Pdf, &pdf_that_draws(TYPED)).unwrap();
    assert_eq!(pages.len(), 1);
    let page = &pages[0];
    assert_eq!((page.number, page.source), (1, Source::TextLayer));
    let lines: Vec<&str> = page.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["1. Water flows downhill.", "2. Salt is soluble in water."]);
    // 14 points at 200 dpi, 72 points from the left and 770 from the bottom
    let [left, top, right, bottom] = page.lines[0].words[1].quad.unwrap().bounds();
    assert!((220..260).contains(&left) && right > left + 80, "{left}–{right}");
    assert!((150..180).contains(&top) && (195..215).contains(&bottom), "{top}–{bottom}");
    let image = page.image.as_ref().unwrap();
    assert_eq!(image.dimensions(), (page.width, page.height));
    assert!((left..right).any(|x| image.get_pixel(x as u32, 190).0[0] < 100), "no ink under the word");
}

fn a_scan_in_a_pdf_is_read() {
    // With a text layer that somebody's OCR has laid over it, invisibly.
    let content = format!("q 595 0 0 421 0 421 cm /I Do Q BT 3 Tr ET {}", TYPED.replace("BT", "BT 3 Tr"));
    let pages = pages(FileType::Pdf, &pdf_that_draws(&content)).unwrap();
    assert_eq!(pages[0].source, Source::Recognized);
    let lines: Vec<&str> = pages[0].lines.iter().map(|line| line.text.as_str()).collect();
    assert!(lines.contains(&"1. Mitochondria"), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("downhill")), "{lines:#?}");
}

fn writing_on_a_typed_page_is_read_too() {
    let content = format!("q 500 0 0 354 40 300 cm /I Do Q {TYPED}");
    let pages = pages(FileType::Pdf, &pdf_that_draws(&content)).unwrap();
    assert_eq!(pages[0].source, Source::Recognized);
    let all: Vec<&str> = pages[0].lines.iter().map(|line| line.text.as_str()).collect();
    assert!(all.contains(&"1. Water flows downhill.") && all.contains(&"1. Mitochondria"), "{all:#?}");
}

fn typed_text_has_no_page() {
    let pages = pages(FileType::Text, "\u{FEFF}1. Water\n".as_bytes()).unwrap();
    assert_eq!((pages[0].number, pages[0].width, pages[0].source), (1, 0, Source::Typed));
    assert!(pages[0].image.is_none());
    assert_eq!(pages[0].lines[0].text, "1. Water");
}

fn bad_files_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let script = repository().join("tests/bad-files/make_bad_files.py");
    let made = Command::new("python3").arg(script).arg(folder.path()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let cases = [
        ("wrong-magic.jpg", "file_wrong_type"),
        ("truncated.jpg", "image_damaged"),
        ("empty.jpg", "file_empty"),
        ("huge-dimensions.png", "image_too_large"),
        ("too-many-pixels.png", "image_too_large"),
        ("bomb.pdf", "pdf_too_large"),
        ("bomb-object-stream.pdf", "pdf_too_large"),
        ("image-bomb.pdf", "pdf_too_large"),
        ("encrypted.pdf", "pdf_encrypted"),
        ("200-pages.pdf", "pdf_too_many_pages"),
        ("garbage.pdf", "pdf_damaged"),
        ("not-utf8.txt", "file_wrong_type"),
    ];
    for (name, code) in cases {
        let content = std::fs::read(folder.path().join(name)).unwrap();
        let kind = FileType::from_extension(name.rsplit('.').next().unwrap()).unwrap();
        let start = std::time::Instant::now();
        let error = pages(kind, &content).expect_err(name);
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(!error.is_retryable(), "{name}");
        assert!(start.elapsed().as_secs() < 30, "{name} took {:?}", start.elapsed());
    }
    // A page of 70 metres is drawn no larger than any other.
    let huge = pages(FileType::Pdf, &std::fs::read(folder.path().join("huge-page.pdf")).unwrap()).unwrap();
    assert!(u64::from(huge[0].width) * u64::from(huge[0].height) <= 4_000_000);
    // Parent and child together stay under 512 MiB: the child can't have more than its limit.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    if std::env::var_os("NEXTEST").is_some() {
        // Under nextest this process has run no other test.
        assert!(peak * 1024 + pdf::CHILD_BYTES < 512 << 20, "{peak} kB");
    }
}

fn a_cut_off_pdf_is_refused() {
    let whole = pdf_that_draws(TYPED);
    for end in [20, whole.len() / 2, whole.len() - 10] {
        let error = pages(FileType::Pdf, &whole[..end]).unwrap_err();
        assert_eq!(error.code(), "pdf_damaged", "cut at {end}: {error}");
    }
}

fn the_receivers_error_stops_the_reading() {
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_vec();
    let file = pdf_of(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R 4 0 R 5 0 R] /Count 3 >>".to_vec(),
        page.clone(),
        page.clone(),
        page,
    ]);
    let mut given = 0;
    let error = reader()
        .read_file(FileType::Pdf, &file, |page| {
            given = page.number;
            if given < 2 { Ok(()) } else { Err(Error::unavailable("bucket")) }
        })
        .unwrap_err();
    assert_eq!((given, error.code()), (2, "unavailable"));
}

fn guide_file(name: &str) -> Vec<u8> {
    std::fs::read(repository().join("tests/guide-files").join(name)).unwrap()
}

fn a_guide_in_a_pdf_is_written_down() {
    let found = document::text(&guide_file("guide.pdf")).unwrap();
    let expected = [
        "# Photosynthesis: mark scheme",
        "1. Name the gas that plants take in for photosynthesis, and say through which part of the leaf it comes in from \
         the air outside. [2]",
        "- carbon dioxide [1]",
        "  - CO2",
        "- through the stomata, which are the small openings on the lower side of the leaf, whatever they are called by \
         the student [1]",
        "Answer: Carbon dioxide, through the stomata.",
        "2. Explain why leaves are green. [3]",
        "| Criterion | Accept | Marks |",
        "| they hold chlorophyll, which is found in the chloroplasts of nearly all of their cells | leaf green, or the green \
         pigment of the leaf | 1 |",
        "| it takes in red and blue light |  | 1 |",
        "| green light is thrown back | green is reflected | 1 |",
    ];
    assert_eq!(found.text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(), expected, "{}", found.text);
    assert_eq!(found.left_out, []);
}

fn columns_of_a_pdf_stay_rows_of_a_table() {
    let rows = ["1|Names the gas|1", "2|Names the stomata|2", "3|Says why the leaf needs both|1", "4|Draws it|1"];
    let mut content = "BT /F 12 Tf 1 0 0 1 0 0 Tm".to_owned();
    for (index, row) in rows.iter().enumerate() {
        for (cell, x) in row.split('|').zip([72, 120, 480]) {
            write!(content, " 1 0 0 1 {x} {} Tm ({cell}) Tj", 700 - 30 * index).unwrap();
        }
    }
    content.push_str(" 1 0 0 1 280 30 Tm (Page 1 of 1) Tj ET");
    let found = document::text(&pdf_that_draws(&content)).unwrap();
    let expected = rows.map(|row| format!("| {} |", row.replace('|', " | "))).join("\n");
    assert_eq!(found.text, expected);
}

fn a_document_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let script = repository().join("tests/bad-files/make_bad_files.py");
    assert!(Command::new("python3").arg(script).arg(folder.path()).output().unwrap().status.success());
    let read = |name: &str| document::text(&std::fs::read(folder.path().join(name)).unwrap());
    for (name, code) in [
        ("bomb.pdf", "pdf_too_large"),
        ("bomb-object-stream.pdf", "pdf_too_large"),
        ("encrypted.pdf", "pdf_encrypted"),
        ("200-pages.pdf", "pdf_too_many_pages"),
        ("garbage.pdf", "pdf_damaged"),
        ("image-bomb.pdf", "document_without_text"),
        ("empty.jpg", "file_empty"),
        ("wrong-magic.jpg", "document_wrong_type"),
    ] {
        let start = std::time::Instant::now();
        let error = read(name).expect_err(name);
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(start.elapsed().as_secs() < 20, "{name} took {:?}", start.elapsed());
    }
    let scan = document::text(&pdf_that_draws("q 595 0 0 421 0 421 cm /I Do Q")).unwrap_err();
    assert_eq!(scan.code(), "document_without_text");
    assert!(scan.message().contains("paste"), "{scan}");
    let large = [b"%PDF-1.7".as_slice(), &vec![0; 4 << 20]].concat();
    assert_eq!(document::text(&large).unwrap_err().code(), "document_too_large");
}

fn the_sample_class_is_split_by_its_guide() {
    let class = repository().join("tests/sample-class");
    let guide: Guide = serde_json::from_slice(&std::fs::read(class.join("guide.json")).unwrap()).unwrap();
    let image = std::fs::read(class.join("pages/amara-okafor.png")).unwrap();
    let page = pages(FileType::Png, &image).unwrap().remove(0);
    let reading = smartscripts_domain::reading::Reading {
        schema_version: 1,
        engine: Reader::ENGINE.to_owned(),
        pages: vec![smartscripts_domain::reading::PageReading {
            page: 1,
            file: 1,
            width: page.width,
            height: page.height,
            source: page.source,
            lines: page.lines,
            failure: page.failure,
        }],
    };
    let split = split::split(&reading, &guide);
    let empty: Vec<&str> =
        split.answers.iter().filter(|answer| answer.lines.is_empty()).map(|answer| answer.question.as_str()).collect();
    assert!(empty.is_empty(), "no answer found for {empty:?}");
}
