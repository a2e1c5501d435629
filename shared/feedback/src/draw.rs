//! Lines, areas and writing on a picture, with soft edges.

use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage};
use smartscripts_domain::{Error, Result};

/// Black.
pub const INK: Rgb<u8> = Rgb([20, 20, 20]);
/// Paper.
pub const WHITE: Rgb<u8> = Rgb([255, 255, 255]);
/// For what is awarded: blue of Okabe and Ito's palette, which the colour-blind can tell from the other.
pub const BLUE: Rgb<u8> = Rgb([0, 114, 178]);
/// For what is refused: vermillion of the same palette.
pub const VERMILLION: Rgb<u8> = Rgb([213, 94, 0]);

/// A point in pixels.
pub type Point = [f32; 2];

/// `DejaVu` Sans Bold, reduced to what annotations need; see assets/LICENSE.
static FONT: &[u8] = include_bytes!("../assets/DejaVuSans-Bold-subset.ttf");

/// The font of all annotations.
pub fn font() -> Result<FontRef<'static>> {
    FontRef::try_from_slice(FONT).map_err(Error::internal)
}

/// Lays a colour over a pixel with this opacity, 0–1. Outside the picture nothing happens.
fn blend(image: &mut RgbImage, x: i32, y: i32, colour: Rgb<u8>, opacity: f32) {
    let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
    if let Some(pixel) = image.get_pixel_mut_checked(x, y) {
        for (under, over) in pixel.0.iter_mut().zip(colour.0) {
            let mixed = f32::from(*under) + (f32::from(over) - f32::from(*under)) * opacity.clamp(0.0, 1.0);
            *under = mixed.round() as u8;
        }
    }
}

/// A straight stroke with round ends.
pub fn line(image: &mut RgbImage, from: Point, to: Point, width: f32, colour: Rgb<u8>) {
    let reach = width / 2.0 + 1.0;
    let (left, right) = (from[0].min(to[0]) - reach, from[0].max(to[0]) + reach);
    let (top, bottom) = (from[1].min(to[1]) - reach, from[1].max(to[1]) + reach);
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let squared = (dx * dx + dy * dy).max(f32::MIN_POSITIVE);
    // Only what lies on the picture: a box may come from a reading that is wrong about the page.
    let limit = |value: f32, size: u32| value.clamp(-1.0, size as f32) as i32;
    for y in limit(top, image.height())..=limit(bottom, image.height()) {
        for x in limit(left, image.width())..=limit(right, image.width()) {
            let (px, py) = (x as f32 - from[0], y as f32 - from[1]);
            let along = ((px * dx + py * dy) / squared).clamp(0.0, 1.0);
            let distance = (px - along * dx).hypot(py - along * dy);
            blend(image, x, y, colour, width / 2.0 + 0.5 - distance);
        }
    }
}

/// A stroke of dashes; with a short dash it is a row of dots.
pub fn dashed_line(image: &mut RgbImage, from: Point, to: Point, width: f32, dash: f32, gap: f32, colour: Rgb<u8>) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx.hypot(dy).max(f32::MIN_POSITIVE);
    let at = |distance: f32| [from[0] + dx * distance / length, from[1] + dy * distance / length];
    // As many whole dashes as fit, so that corners are always drawn.
    let count = ((length + gap) / (dash + gap)).floor().clamp(1.0, 1000.0);
    let step = if count > 1.0 { (length - dash) / (count - 1.0) } else { length };
    for index in 0..count as u32 {
        let start = index as f32 * step;
        line(image, at(start), at((start + dash).min(length)), width, colour);
    }
}

/// Fills an upright rectangle: left, top, right, bottom.
pub fn fill(image: &mut RgbImage, [left, top, right, bottom]: [i32; 4], colour: Rgb<u8>, opacity: f32) {
    for y in top.max(0)..bottom.min(image.height() as i32) {
        for x in left.max(0)..right.min(image.width() as i32) {
            blend(image, x, y, colour, opacity);
        }
    }
}

/// Width in pixels of a text at this size (height from ascender to descender, in pixels).
pub fn text_width(font: &FontRef, size: f32, text: &str) -> f32 {
    layout(font, size, text).1
}

/// Writes a text with its top left corner here.
pub fn text(image: &mut RgbImage, font: &FontRef, size: f32, [x, y]: Point, text: &str, colour: Rgb<u8>) {
    let scale = PxScale::from(size);
    let baseline = y + font.as_scaled(scale).ascent();
    for (glyph, offset) in layout(font, size, text).0 {
        let glyph = glyph.with_scale_and_position(scale, point(x + offset, baseline));
        let Some(outline) = font.outline_glyph(glyph) else { continue };
        let corner = outline.px_bounds().min;
        outline.draw(|column, row, coverage| {
            blend(image, corner.x as i32 + column as i32, corner.y as i32 + row as i32, colour, coverage);
        });
    }
}

/// The glyphs of a text with their offsets from its left, and its width.
fn layout(font: &FontRef, size: f32, text: &str) -> (Vec<(GlyphId, f32)>, f32) {
    let scaled = font.as_scaled(PxScale::from(size));
    let mut offset = 0.0;
    let mut glyphs = Vec::new();
    for c in text.chars() {
        let glyph = font.glyph_id(c);
        glyphs.push((glyph, offset));
        offset += scaled.h_advance(glyph);
    }
    (glyphs, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_every_sign_that_is_used() {
        let font = font().unwrap();
        for c in "Total Q2a 14.5/20 +1 ✓✗ … – é ß ž".chars() {
            assert_ne!(font.glyph_id(c), GlyphId(0), "{c}");
        }
    }

    #[test]
    fn drawing_outside_the_picture_is_harmless_and_inside_it_shows() {
        let mut image = RgbImage::from_pixel(40, 40, WHITE);
        line(&mut image, [-1e9, 20.0], [1e9, 20.0], 3.0, BLUE);
        fill(&mut image, [-10, -10, 5, 5], VERMILLION, 1.0);
        text(&mut image, &font().unwrap(), 20.0, [-50.0, 35.0], "✓", INK);
        assert_eq!(
            (*image.get_pixel(20, 20), *image.get_pixel(2, 2), *image.get_pixel(20, 30)),
            (BLUE, VERMILLION, WHITE)
        );
    }

    #[test]
    fn a_dashed_line_has_gaps_and_both_ends() {
        let mut image = RgbImage::from_pixel(120, 10, WHITE);
        dashed_line(&mut image, [10.0, 5.0], [110.0, 5.0], 2.0, 8.0, 6.0, INK);
        let dark = |x: u32| image.get_pixel(x, 5).0[0] < 128;
        assert!(dark(10) && dark(110));
        assert!((10..110).filter(|&x| !dark(x)).count() > 20);
    }
}
