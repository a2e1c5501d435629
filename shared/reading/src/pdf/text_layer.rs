//! The text that a PDF page carries with it, with the place of every word.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
        InterpreterSettings, SoftMask, TransformExt,
        font::{Glyph, GlyphRun},
        hayro_cmap::BfString,
        interpret_page,
    },
    hayro_syntax::page::Page,
    kurbo::{Affine, BezPath, Point, Rect},
};
use smartscripts_domain::reading::{Line, Word};

use crate::boxes::TextBox;

/// Share of characters whose meaning may be unknown. Above it the text is a riddle, and the page is read instead.
const UNKNOWN: f64 = 0.02;
/// Gap between two characters, as a share of the size of the writing, from which they are two words.
const GAP: f64 = 0.2;
/// Offset across the writing, in the same measure, from which two characters are not on one line.
const OFFSET: f64 = 0.3;
/// How far writing reaches above and below its baseline, in thousandths of its size.
const ABOVE: f64 = 800.0;
const BELOW: f64 = -200.0;
/// Width of a character of which the font doesn't tell it, in thousandths of its size.
const WIDTH: f32 = 500.0;

/// The visible text of a page that is drawn at this scale and size, in lines as they are `arranged`; empty when there is
/// none, or when too many characters are unknown.
pub(super) fn lines<'a>(
    page: &'a Page<'a>,
    settings: &InterpreterSettings,
    arranged: fn(&[TextBox]) -> Vec<Vec<usize>>,
    [x_scale, y_scale]: [f32; 2],
    [width, height]: [u32; 2],
) -> Vec<Line> {
    let scale = Affine::scale_non_uniform(f64::from(x_scale), f64::from(y_scale));
    let transform = scale * page.initial_transform(true).to_kurbo();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let cache = InterpreterCache::new();
    let mut context = Context::new(transform, bounds, &cache, page.xref(), settings.clone());
    let mut collector = Collector { bounds, ..Collector::default() };
    interpret_page(page, &mut context, &mut collector);
    collector.lines(arranged)
}

/// Collects the words that are drawn.
#[derive(Default)]
struct Collector {
    bounds: Rect,
    words: Vec<Drawn>,
    /// Where the writing goes on if the next character belongs to the last word.
    end: Option<End>,
    known: usize,
    unknown: usize,
}

/// A word and the corners of its characters.
struct Drawn {
    text: String,
    corners: Vec<[f32; 2]>,
    along: [f32; 2],
}

struct End {
    point: Point,
    size: f64,
}

impl Collector {
    fn add(&mut self, glyph: &Glyph<'_>, transform: Affine) {
        let advance = match glyph {
            Glyph::Outline(glyph) => glyph.advance_width(),
            Glyph::Type3(glyph) => glyph.advance_width(),
        };
        let advance = f64::from(advance.unwrap_or(WIDTH));
        let origin = transform * Point::ZERO;
        let end = transform * Point::new(advance, 0.0);
        let size = (transform * Point::new(0.0, 1000.0) - origin).hypot();
        let Some(along) = direction(transform) else { return };
        if !self.bounds.contains(origin) && !self.bounds.contains(end) {
            return;
        }
        let text = match glyph.as_unicode() {
            Some(BfString::Char(character)) => plain(character),
            Some(BfString::String(text)) => text,
            None => String::new(),
        };
        if text.chars().all(char::is_whitespace) && !text.is_empty() {
            self.end = None;
            return;
        }
        if text.is_empty() || text.chars().any(is_unknown) {
            self.unknown += 1;
            return;
        }
        self.known += 1;
        let goes_on = self.end.as_ref().is_some_and(|last| {
            let step = origin - last.point;
            let (forward, across) = (step.x * along[0] + step.y * along[1], step.y * along[0] - step.x * along[1]);
            forward.abs() < GAP * size
                && across.abs() < OFFSET * size
                && last.size < 2.0 * size
                && size < 2.0 * last.size
        });
        let corners = [(0.0, BELOW), (0.0, ABOVE), (advance, BELOW), (advance, ABOVE)];
        let corners = corners.map(|(x, y)| transform * Point::new(x, y)).map(|point| [point.x as f32, point.y as f32]);
        match self.words.last_mut() {
            Some(word) if goes_on => {
                word.text.push_str(&text);
                word.corners.extend(corners);
            }
            _ => {
                let along = along.map(|value| value as f32);
                self.words.push(Drawn { text, corners: corners.to_vec(), along });
            }
        }
        self.end = Some(End { point: end, size });
    }

    fn lines(self, arranged: fn(&[TextBox]) -> Vec<Vec<usize>>) -> Vec<Line> {
        if self.unknown as f64 > UNKNOWN * (self.known + self.unknown) as f64 {
            return Vec::new();
        }
        let words: Vec<(Drawn, TextBox)> = self
            .words
            .into_iter()
            .filter_map(|word| {
                let place = TextBox::around(word.corners.iter().copied(), word.along)?;
                Some((word, place))
            })
            .collect();
        let places: Vec<TextBox> = words.iter().map(|(_, place)| *place).collect();
        arranged(&places)
            .into_iter()
            .filter_map(|line| {
                let along = places[*line.first()?].along;
                let around = TextBox::around(line.iter().flat_map(|index| places[*index].corners()), along)?;
                let words: Vec<Word> = line
                    .iter()
                    .map(|index| &words[*index])
                    .map(|(word, place)| Word::new(word.text.clone(), 1.0, Some(place.quad())))
                    .collect();
                let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
                Some(Line { text, confidence: 1.0, quad: Some(around.quad()), words })
            })
            .collect()
    }
}

/// The unit vector of the direction of writing; none for writing without extent.
fn direction(transform: Affine) -> Option<[f64; 2]> {
    let [x, y, ..] = transform.as_coeffs();
    let length = (x * x + y * y).sqrt();
    (length > 0.0 && length.is_finite()).then(|| [x / length, y / length])
}

/// Ligatures as the letters that they stand for, and the bullets of word processors, which lie where fonts of signs have
/// them, as the signs that they are.
fn plain(character: char) -> String {
    match character {
        '\u{F0B7}' => "•".to_owned(),
        '\u{F0A7}' => "▪".to_owned(),
        '\u{F0D8}' => "➢".to_owned(),
        '\u{F0FC}' => "✓".to_owned(),
        '\u{F0E0}' => "→".to_owned(),
        '\u{FB00}' => "ff".to_owned(),
        '\u{FB01}' => "fi".to_owned(),
        '\u{FB02}' => "fl".to_owned(),
        '\u{FB03}' => "ffi".to_owned(),
        '\u{FB04}' => "ffl".to_owned(),
        '\u{FB05}' | '\u{FB06}' => "st".to_owned(),
        other => other.to_string(),
    }
}

/// Control characters, private use and the replacement character say nothing.
fn is_unknown(character: char) -> bool {
    character.is_control() || matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{FFFD}')
}

impl Device<'_> for Collector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, mode: &DrawMode) {
        // Invisible text lies over scans: some other program's reading of them.
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        for glyph in run.glyphs() {
            self.add(glyph, props.transform * glyph.transform());
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
