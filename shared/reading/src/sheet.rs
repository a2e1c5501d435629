//! Finds the sheet on a photo of it, and makes a flat page of it.

use image::{GrayImage, Rgb, RgbImage, imageops};
use imageproc::{
    contrast::otsu_level,
    geometric_transformations::{Border, Interpolation, Projection, warp_into},
    region_labelling::{Connectivity, connected_components},
};

/// Pixels along the longer side of the small picture on which the sheet is looked for.
const LOOK: u32 = 320;
/// Difference of brightness between sheet and table.
const CONTRAST: f32 = 35.0;
/// Share of the picture that a sheet covers at least, and at most; beyond, it is the picture.
const SHARES: [f32; 2] = [0.25, 0.96];
/// Share of its four corners' area that the sheet fills.
const FILLED: f32 = 0.93;
/// Share of the picture's edge that is not sheet.
const EDGE: f32 = 0.5;
/// Angle between opposite sides that perspective makes, as a ratio of their lengths.
const PERSPECTIVE: f32 = 0.5;

/// The flat page of the sheet that is to be seen on a photo; none when the picture is a page already.
pub(crate) fn flat(photo: &RgbImage) -> Option<RgbImage> {
    let scale = LOOK as f32 / photo.width().max(photo.height()) as f32;
    if scale >= 1.0 {
        return None;
    }
    let side = |side: u32| ((side as f32 * scale).round() as u32).max(1);
    let small = imageops::grayscale(&imageops::thumbnail(photo, side(photo.width()), side(photo.height())));
    let corners = corners(&small)?;
    let (x, y) = (photo.width() as f32 / small.width() as f32, photo.height() as f32 / small.height() as f32);
    let corners = corners.map(|[u, v]| ((u + 0.5) * x, (v + 0.5) * y));
    let length = |a: usize, b: usize| (corners[a].0 - corners[b].0).hypot(corners[a].1 - corners[b].1);
    let (top, bottom, left, right) = (length(0, 1), length(3, 2), length(0, 3), length(1, 2));
    if top.min(bottom) < PERSPECTIVE * top.max(bottom) || left.min(right) < PERSPECTIVE * left.max(right) {
        return None;
    }
    let (width, height) = (top.max(bottom).round(), left.max(right).round());
    let page = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    let projection = Projection::from_control_points(corners, page)?;
    let mut flat = RgbImage::from_pixel(width as u32, height as u32, Rgb([255; 3]));
    warp_into(photo, projection, Interpolation::Bilinear, Border::Replicate, &mut flat);
    Some(flat)
}

/// The corners of the sheet, clockwise from the top left.
fn corners(small: &GrayImage) -> Option<[[f32; 2]; 4]> {
    let blurred = imageops::blur(small, 1.5);
    let level = otsu_level(&blurred);
    let bright = GrayImage::from_fn(blurred.width(), blurred.height(), |x, y| {
        image::Luma([u8::from(blurred.get_pixel(x, y).0[0] > level)])
    });
    let labels = connected_components(&bright, Connectivity::Four, image::Luma([0]));
    let mut sizes = vec![0_u32; labels.iter().max().map_or(0, |most| *most as usize + 1)];
    for label in labels.iter() {
        sizes[*label as usize] += 1;
    }
    let largest = (1..sizes.len()).max_by_key(|label| (sizes[*label], std::cmp::Reverse(*label)))? as u32;
    let is_sheet = |x: u32, y: u32| labels.get_pixel(x, y).0[0] == largest;
    let (width, height) = small.dimensions();
    let edge: Vec<bool> = (0..width)
        .flat_map(|x| [is_sheet(x, 0), is_sheet(x, height - 1)])
        .chain((0..height).flat_map(|y| [is_sheet(0, y), is_sheet(width - 1, y)]))
        .collect();
    if (edge.iter().filter(|sheet| !**sheet).count() as f32) < EDGE * edge.len() as f32 {
        return None;
    }
    // The points that lie furthest towards each corner of the picture.
    let mut found = [[0.0_f32; 2]; 4];
    let mut furthest = [f32::NEG_INFINITY; 4];
    for (x, y, label) in labels.enumerate_pixels() {
        if label.0[0] != largest {
            continue;
        }
        let (x, y) = (x as f32, y as f32);
        for (corner, distance) in [-x - y, x - y, x + y, y - x].into_iter().enumerate() {
            if distance > furthest[corner] {
                (furthest[corner], found[corner]) = (distance, [x, y]);
            }
        }
    }
    let area =
        (0..4).map(|i| (found[i], found[(i + 1) % 4])).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f32>() / 2.0;
    let inside = |x: f32, y: f32| {
        (0..4).all(|i| {
            let (a, b) = (found[i], found[(i + 1) % 4]);
            (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= 0.0
        })
    };
    let (mut filled, mut all) = (0_u32, 0_u32);
    let (mut within, mut without) = ((0.0_f32, 0_u32), (0.0_f32, 0_u32));
    for (x, y, pixel) in small.enumerate_pixels() {
        let value = f32::from(pixel.0[0]);
        if inside(x as f32, y as f32) {
            // Writing is dark and inside of the sheet.
            all += 1;
            filled +=
                u32::from(is_sheet(x, y) || blurred.get_pixel(x, y).0[0] <= level && is_within(&labels, largest, x, y));
            within = (within.0 + value, within.1 + 1);
        } else {
            without = (without.0 + value, without.1 + 1);
        }
    }
    let mean = |(sum, count): (f32, u32)| sum / count.max(1) as f32;
    let share = area / (width * height) as f32;
    let is_sheet = (SHARES[0]..=SHARES[1]).contains(&share)
        && filled as f32 >= FILLED * all as f32
        && mean(within) - mean(without) >= CONTRAST;
    is_sheet.then_some(found)
}

/// Whether a dark point has sheet on its left and right, or above and below.
fn is_within(labels: &image::ImageBuffer<image::Luma<u32>, Vec<u32>>, sheet: u32, x: u32, y: u32) -> bool {
    let (width, height) = labels.dimensions();
    let is_sheet = |x: u32, y: u32| labels.get_pixel(x, y).0[0] == sheet;
    let across = (0..x).any(|x| is_sheet(x, y)) && (x + 1..width).any(|x| is_sheet(x, y));
    across && (0..y).any(|y| is_sheet(x, y)) && (y + 1..height).any(|y| is_sheet(x, y))
}
