//! Pages as they come: turned, skewed, photographed, shadowed, faint, ruled, empty, crossed out. Each is made here from a
//! handwritten page; what is read must stay what was read on the page as it was. Needs the models
//! (`infra/models/prepare.py`). The error rates are printed: `cargo test -p smartscripts-reading --test pages -- --nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "tests, with figures for a person")]

use std::{path::Path, sync::OnceLock};

use image::{Rgb, RgbImage, imageops};
use imageproc::{
    drawing::draw_antialiased_line_segment_mut,
    geometric_transformations::{Border, Interpolation, Projection, rotate_about_center_no_crop, warp_into},
    pixelops::interpolate,
};
use smartscripts_domain::{
    reading::{Line, Word},
    submission::FileType,
};
use smartscripts_reading::{PageText, Reader, decode};

fn reader() -> &'static Reader {
    static READER: OnceLock<Reader> = OnceLock::new();
    READER.get_or_init(|| {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local/models");
        Reader::load_with_threads(&models, 1).expect("run infra/models/prepare.py first")
    })
}

/// A handwritten page, without the line that its lower edge cuts through.
fn page() -> &'static RgbImage {
    static PAGE: OnceLock<RgbImage> = OnceLock::new();
    PAGE.get_or_init(|| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bad-files/kept/good.png");
        let page = decode::image(FileType::Png, &std::fs::read(file).unwrap()).unwrap();
        imageops::crop_imm(&page, 0, 0, page.width(), 855).to_image()
    })
}

/// What is read on the page as it is.
fn straight() -> &'static PageText {
    static READ: OnceLock<PageText> = OnceLock::new();
    READ.get_or_init(|| reader().read_page(page()).unwrap())
}

fn text(lines: &[Line]) -> String {
    lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Edit distance to what is read on the page as it is, as a share of that.
fn error_rate(read: &[Line]) -> f64 {
    let (truth, read): (Vec<char>, Vec<char>) =
        (text(&straight().lines).chars().collect(), text(read).chars().collect());
    let mut row: Vec<usize> = (0..=read.len()).collect();
    for (number, left) in (1..).zip(&truth) {
        let mut diagonal = row[0];
        row[0] = number;
        for (index, right) in read.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[index + 1];
            row[index + 1] = replaced.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[read.len()] as f64 / truth.len() as f64
}

/// Reads a page and says how far it is from the straight one.
fn check(name: &str, page: &RgbImage, most: f64) -> PageText {
    let read = reader().read_page(page).unwrap();
    let rate = error_rate(&read.lines);
    eprintln!("{name:34} CER {rate:.3} (allowed {most})");
    assert!(rate <= most, "{name}: CER {rate:.3} > {most}\n{}", text(&read.lines));
    read
}

/// The page with every pixel's brightness changed.
fn relit(page: &RgbImage, light: impl Fn(u32, u32, f32) -> f32) -> RgbImage {
    RgbImage::from_fn(page.width(), page.height(), |x, y| {
        Rgb(page.get_pixel(x, y).0.map(|value| light(x, y, f32::from(value)).clamp(0.0, 255.0) as u8))
    })
}

/// A little noise, the same every time.
fn noise(x: u32, y: u32) -> f32 {
    let mixed = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D);
    ((mixed ^ (mixed >> 12)) % 1000) as f32 / 500.0 - 1.0
}

/// The page on a dark table, photographed from the side: its corners lie at these shares of the picture.
fn photographed(page: &RgbImage, corners: [(f32, f32); 4]) -> RgbImage {
    let (width, height) = (page.width() as f32, page.height() as f32);
    let (wide, high) = (width * 1.3, height * 1.3);
    let own = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    let projection = Projection::from_control_points(own, corners.map(|(x, y)| (x * wide, y * high))).unwrap();
    let mut photo = RgbImage::new(wide as u32, high as u32);
    warp_into(page, projection, Interpolation::Bilinear, Border::Constant(Rgb([70, 55, 45])), &mut photo);
    relit(&photo, |x, y, value| value * (0.75 + 0.25 * x as f32 / wide) + 3.0 * noise(x, y))
}

fn skewed(page: &RgbImage, degrees: f32) -> RgbImage {
    let paper = Border::Constant(Rgb([252; 3]));
    rotate_about_center_no_crop(page, degrees.to_radians(), Interpolation::Bilinear, paper)
}

/// With rules at this distance, across and, if squared, down.
fn ruled(page: &RgbImage, distance: u32, squared: bool) -> RgbImage {
    RgbImage::from_fn(page.width(), page.height(), |x, y| {
        let pixel = *page.get_pixel(x, y);
        let is_rule = y % distance < 2 || squared && x % distance < 2;
        if is_rule { Rgb([0, 1, 2].map(|i| pixel.0[i].min([150, 180, 215][i]))) } else { pixel }
    })
}

#[test]
fn a_page_reads_the_same_whichever_way_up_it_lies() {
    for (name, turned) in [
        ("90°", imageops::rotate90(page())),
        ("180°", imageops::rotate180(page())),
        ("270°", imageops::rotate270(page())),
    ] {
        let read = check(name, &turned, 0.0);
        assert_eq!(read.lines, straight().lines, "{name}");
        assert_eq!(read.image.as_ref(), Some(page()), "{name}: the page that is kept is upright");
    }
    assert_eq!(straight().image, None);
}

#[test]
fn skew_changes_little() {
    for degrees in [-15.0, -8.0, -3.0, 3.0, 8.0, 15.0] {
        check(&format!("skew of {degrees}°"), &skewed(page(), degrees), 0.03);
    }
}

#[test]
fn a_sheet_is_found_on_a_photo_of_it() {
    for (name, corners) in [
        ("photo from the front", [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)]),
        ("photo from below", [(0.2, 0.12), (0.8, 0.12), (0.93, 0.9), (0.07, 0.9)]),
        ("photo from the left, turned", [(0.08, 0.14), (0.88, 0.06), (0.94, 0.82), (0.1, 0.92)]),
    ] {
        let photo = photographed(page(), corners);
        let read = check(name, &photo, 0.04);
        let flat = read.image.expect("the sheet was not found");
        assert!(flat.width() < photo.width() && flat.height() < photo.height(), "{name}: {:?}", flat.dimensions());
        let ratio = flat.width() as f32 / flat.height() as f32 * page().height() as f32 / page().width() as f32;
        assert!((0.8..1.25).contains(&ratio), "{name}: {ratio}");
        for word in read.lines.iter().flat_map(|line| &line.words) {
            let [left, top, right, bottom] = word.quad.unwrap().bounds();
            let dark = (top.max(0)..bottom.min(flat.height() as i32))
                .flat_map(|y| (left.max(0)..right.min(flat.width() as i32)).map(move |x| (x as u32, y as u32)))
                .filter(|(x, y)| flat.get_pixel(*x, *y).0[0] < 110);
            assert!(dark.count() > 10, "{name}: no ink under `{}`", word.text);
        }
    }
}

#[test]
fn poor_light_and_faint_writing_change_little() {
    let (width, height) = (page().width() as f32, page().height() as f32);
    let far = |x: u32, y: u32| f32::midpoint(x as f32 / width, y as f32 / height);
    check("slanting shadow", &relit(page(), |x, y, value| value * (0.3 + 0.7 * far(x, y))), 0.03);
    let hand =
        |x: u32, y: u32| if (x as f32 - 0.6 * width).hypot(y as f32 - 0.5 * height) < 300.0 { 0.45 } else { 1.0 };
    check("shadow of a hand", &relit(page(), |x, y, value| value * hand(x, y)), 0.03);
    check("low contrast", &relit(page(), |_, _, value| 150.0 + value * 0.18), 0.03);
    check("pencil", &relit(page(), |x, y, value| 235.0 - (255.0 - value) * 0.22 + 5.0 * noise(x, y)), 0.05);
    check("noise", &relit(page(), |x, y, value| value + 25.0 * noise(x, y)), 0.03);
}

#[test]
fn ruled_and_squared_paper_change_little() {
    check("ruled", &ruled(page(), 53, false), 0.05);
    check("squared", &ruled(page(), 40, true), 0.05);
}

#[test]
fn empty_pages_have_no_words() {
    let paper = RgbImage::from_pixel(1240, 1754, Rgb([245; 3]));
    let shadow = |page: &RgbImage| relit(page, |x, y, value| value * (0.4 + 0.6 * (x + y) as f32 / 3000.0));
    let grain = |page: &RgbImage| relit(page, |x, y, value| value - 8.0 + 8.0 * noise(x, y));
    // What is written on the other side, in a mirror, blurred and pale.
    let other_side = imageops::blur(&imageops::flip_horizontal(page()), 2.0);
    let through = relit(&other_side, |x, y, value| 245.0 - (255.0 - value) * 0.07 + 3.0 * noise(x, y));
    let margin =
        RgbImage::from_fn(1240, 1754, |x, _| if (120..123).contains(&x) { Rgb([200, 90, 90]) } else { Rgb([250; 3]) });
    let holes = RgbImage::from_fn(1240, 1754, |x, y| {
        let is_hole = [500.0, 1250.0].iter().any(|hole| (x as f32 - 60.0).hypot(y as f32 - hole) < 22.0);
        if is_hole { Rgb([40; 3]) } else { Rgb([248; 3]) }
    });
    for (name, page) in [
        ("white", paper.clone()),
        ("grain", grain(&paper)),
        ("shadow", grain(&shadow(&paper))),
        ("ruled", grain(&ruled(&paper, 60, false))),
        ("ruled, with a margin", grain(&ruled(&margin, 60, false))),
        ("squared", grain(&ruled(&paper, 40, true))),
        ("squared, finely, in shadow", grain(&shadow(&ruled(&paper, 30, true)))),
        (
            "ruled, photographed",
            photographed(&ruled(&paper, 60, false), [(0.1, 0.1), (0.9, 0.13), (0.92, 0.9), (0.07, 0.88)]),
        ),
        ("the other side shows through", through),
        ("punched", holes),
    ] {
        let read = reader().read_page(&page).unwrap().lines;
        eprintln!("empty, {name:30} {} lines", read.len());
        assert_eq!(text(&read), "", "{name}");
    }
}

/// The page with a line drawn over a word: it begins and ends at these heights of the word, as shares.
fn drawn_over(page: &mut RgbImage, word: &Word, [left_share, right_share]: [f32; 2]) {
    let [left, top, right, bottom] = word.quad.unwrap().bounds();
    let at = |share: f32| top as f32 + share * (bottom - top) as f32;
    for offset in -1..=1 {
        let from = (left + 2, at(left_share) as i32 + offset);
        let to = (right - 2, at(right_share) as i32 + offset);
        draw_antialiased_line_segment_mut(page, from, to, Rgb([25, 25, 60]), interpolate);
    }
}

#[test]
fn crossed_out_words_are_marked_and_no_others() {
    let words: Vec<&Word> = straight().lines.iter().flat_map(|line| &line.words).collect();
    assert!(words.iter().all(|word| !word.struck_out), "on the page as it is");
    let long: Vec<&Word> = words.into_iter().filter(|word| word.text.chars().count() >= 6).step_by(3).collect();
    let (mut struck, mut underlined) = (page().clone(), page().clone());
    for (number, word) in long.iter().enumerate() {
        drawn_over(&mut struck, word, if number % 2 == 0 { [0.52, 0.5] } else { [0.6, 0.42] });
        drawn_over(&mut underlined, word, [0.92, 0.92]);
    }
    let marked = |page: &RgbImage| {
        let read = reader().read_page(page).unwrap().lines;
        let words = read.into_iter().flat_map(|line| line.words).filter(|word| word.struck_out);
        words.map(|word| word.quad.unwrap().bounds()).collect::<Vec<_>>()
    };
    let found = marked(&struck);
    let is_hit = |word: &Word, [left, top, right, bottom]: [i32; 4]| {
        let own = word.quad.unwrap().bounds();
        (left..=right).contains(&i32::midpoint(own[0], own[2]))
            && (top..=bottom).contains(&i32::midpoint(own[1], own[3]))
    };
    let hits = long.iter().filter(|word| found.iter().any(|place| is_hit(word, *place))).count();
    let false_alarms = found.iter().filter(|place| !long.iter().any(|word| is_hit(word, **place))).count();
    eprintln!("crossed out: {hits} of {} found, {false_alarms} others", long.len());
    assert!(hits * 10 >= long.len() * 7 && false_alarms == 0);
    assert_eq!(marked(&underlined).len(), 0, "an underline is no stroke");
}
