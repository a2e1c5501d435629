//! Separator sheets between the scripts of a class: finds the QR code on the picture of a page, whichever way up it lies.

use image::{GrayImage, RgbImage, imageops};
use rqrr::PreparedImage;
use smartscripts_domain::separator::Separator;

use crate::file::unless_it_panics;

/// Longer sides in pixels at which a page is looked at, in this order. On a sheet as we print it, a module of the code then
/// has 9, 18 and 5 pixels; a code on a sheet that fills but a part of a photo is found at the second.
const SIDES: [u32; 3] = [1000, 2000, 600];

/// The separator sheet that the page is, if it is one. A page with another code, with a code that can't be read or with the
/// codes of two sheets is none.
#[must_use]
pub fn find(page: &RgbImage) -> Option<Separator> {
    let grey = imageops::grayscale(page);
    SIDES.iter().find_map(|side| {
        // The library is given what strangers have drawn; where it panics there is no code.
        unless_it_panics(|| Ok(find_at(&grey, *side))).unwrap_or_default()
    })
}

fn find_at(page: &GrayImage, side: u32) -> Option<Separator> {
    let longer = page.width().max(page.height());
    // Nothing is gained by enlarging.
    let scaled = if longer > side {
        let size = |length: u32| (u64::from(length) * u64::from(side) / u64::from(longer)).max(1) as u32;
        imageops::resize(page, size(page.width()), size(page.height()), imageops::FilterType::Triangle)
    } else {
        page.clone()
    };
    let pixel = |x: usize, y: usize| scaled.get_pixel(x as u32, y as u32).0[0];
    let mut prepared = PreparedImage::prepare_from_greyscale(scaled.width() as usize, scaled.height() as usize, pixel);
    let mut found: Vec<Separator> = Vec::new();
    for grid in prepared.detect_grids() {
        let Ok((_, text)) = grid.decode() else { continue };
        found.extend(text.parse::<Separator>());
    }
    found.dedup();
    match found.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}
