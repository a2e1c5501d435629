//! A page with the grading drawn on it.

use std::{io::Cursor, ops::Range};

use ab_glyph::FontRef;
use image::{
    ExtendedColorType, ImageEncoder, RgbImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
    imageops,
};
use smartscripts_domain::{
    Error, Result,
    feedback::{AnswerGrade, Feedback},
    reading::{PageReading, Quad},
};

use crate::{
    draw::{BLUE, INK, Point, VERMILLION, WHITE, dashed_line, fill, font, line, text, text_width},
    groups::{Group, groups},
    place::{Area, Taken},
};

/// Width in pixels to which larger pages are reduced: A4 at 150 dots per inch, sharp in print and small in the bucket.
const PAGE_WIDTH: u32 = 1240;
/// All sizes below are in pixels of a page of [`PAGE_WIDTH`] and grow and shrink with the page.
const NOTE_SIZE: f32 = 25.0;
const SIGN_SIZE: f32 = 36.0;
const BADGE_SIZE: f32 = 31.0;
const TOTAL_SIZE: f32 = 46.0;
/// Stands beside the total while a person must still look: the marks may change.
const TO_BE_REVIEWED: &str = "? to be reviewed";
/// Room for notes beside the page.
const MARGIN: f32 = NOTES + BADGES;
const NOTES: f32 = 230.0;
const BADGES: f32 = 190.0;
const GAP: f32 = 10.0;
const PART_GAP: f32 = 20.0;
const STROKE: f32 = 2.4;
const LEADER: f32 = 2.4;
/// How far a box may reach beyond its words; of this, as far as the edge stands clear of the writing.
const PAD: f32 = 11.0;

/// Draws the grading on a page. `image` is the upright page, in the reading's size or another with the same shape.
/// Returned is a larger picture: the page, a margin for notes at its right, and above page 1 a band with the total.
///
/// # Errors
/// `internal` when the built-in font cannot be read.
pub fn annotate(page: &PageReading, image: &RgbImage, feedback: &Feedback) -> Result<RgbImage> {
    let drawn = reduced(image);
    let font = font()?;
    let unit = (drawn.width() as f32 / PAGE_WIDTH as f32).max(0.4);
    let pixels = |size: f32| (size * unit).round() as i32;
    let (width, height) = (drawn.width() as i32, drawn.height() as i32);
    let summary =
        if page.page == 1 { summary(feedback, &font, unit, (width + pixels(MARGIN)) as f32) } else { Vec::new() };
    let header = if page.page == 1 {
        pixels(TOTAL_SIZE + 2.0 * GAP) + summary.len() as i32 * pixels(NOTE_SIZE * 1.3) + pixels(GAP)
    } else {
        0
    };

    let size = ((width + pixels(MARGIN)).max(1) as u32, (height + header).max(1) as u32);
    let mut canvas = RgbImage::from_pixel(size.0, size.1, WHITE);
    imageops::replace(&mut canvas, &drawn, 0, i64::from(header));
    let mut pen = Pen { canvas, font, unit, taken: Taken::default(), page_right: width, header };
    pen.header(feedback, &summary);
    let scale = f64::from(drawn.width()) / f64::from(page.width.max(1));
    for word in page.lines.iter().flat_map(|line| &line.words) {
        if let Some(quad) = word.quad {
            pen.taken.add(bounds(&pen.corners(quad, scale, [0.0, 0.0])));
        }
    }
    let groups: Vec<Group> = feedback.questions.iter().flat_map(|grade| groups(grade, page.page)).collect();
    let boxed: Vec<Boxed> = groups.iter().map(|group| pen.boxed(group, scale)).collect();
    for one in &boxed {
        pen.outline(one);
        one.outlines.iter().for_each(|corners| pen.taken.add(bounds(corners)));
    }
    pen.badges(feedback, &boxed);
    // Those that find room beside their words first; the others then share the margin from top to bottom.
    let mut left: Vec<&Boxed> = boxed.iter().filter(|one| !pen.note_beside(one)).collect();
    left.sort_by_key(|one| one.last()[3]);
    let mut lowest = pen.header;
    for one in left {
        pen.sign(one);
        lowest = pen.note_in_margin(one, lowest);
    }
    Ok(pen.canvas)
}

/// The picture as PNG.
///
/// # Errors
/// `internal` when it cannot be encoded.
pub fn encode_png(image: &RgbImage) -> Result<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
        .write_image(image, image.width(), image.height(), ExtendedColorType::Rgb8)
        .map_err(Error::internal)?;
    Ok(png.into_inner())
}

fn reduced(image: &RgbImage) -> RgbImage {
    if image.width() <= PAGE_WIDTH {
        return image.clone();
    }
    let height = (f64::from(image.height()) * f64::from(PAGE_WIDTH) / f64::from(image.width())).round().max(1.0);
    imageops::resize(image, PAGE_WIDTH, height as u32, imageops::FilterType::Triangle)
}

/// The marks of each question, in lines that fit the width.
fn summary(feedback: &Feedback, font: &FontRef, unit: f32, width: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for grade in &feedback.questions {
        let entry = marks_of(grade);
        let longer = lines.last().map(|line| format!("{line}     {entry}"));
        match (lines.last_mut(), longer) {
            (Some(line), Some(longer)) if text_width(font, NOTE_SIZE * unit, &longer) < width - 4.0 * GAP * unit => {
                *line = longer;
            }
            _ => lines.push(entry),
        }
    }
    lines
}

/// `Q2 1.5/2`, with a question mark if a person must look.
fn marks_of(grade: &AnswerGrade) -> String {
    let doubt = if grade.review_reason.is_some() { " ?" } else { "" };
    format!("Q{} {}/{}{doubt}", grade.question, grade.marks, grade.max_marks)
}

/// The picture in the making.
struct Pen {
    canvas: RgbImage,
    font: FontRef<'static>,
    /// Pixels for each pixel of a page of [`PAGE_WIDTH`].
    unit: f32,
    taken: Taken,
    /// Where the page ends and the margin begins.
    page_right: i32,
    /// Height of the band above the page.
    header: i32,
}

impl Pen {
    fn pixels(&self, size: f32) -> i32 {
        (size * self.unit).round() as i32
    }

    fn width(&self) -> i32 {
        self.canvas.width() as i32
    }

    fn height(&self) -> i32 {
        self.canvas.height() as i32
    }

    /// The total and each question's marks above the page, and the rules that part the page from what is added.
    fn header(&mut self, feedback: &Feedback, summary: &[String]) {
        let rule = (1.5 * self.unit).max(1.0);
        let (width, height) = (self.width() as f32, self.height() as f32);
        let (right, top) = (self.page_right as f32, self.header as f32);
        line(&mut self.canvas, [right, top], [right, height], rule, INK);
        if self.header == 0 {
            return;
        }
        line(&mut self.canvas, [0.0, top - rule], [width, top - rule], rule, INK);
        let left = 2.0 * GAP * self.unit;
        let total = format!("Total {}/{}", feedback.marks, feedback.max_marks);
        text(&mut self.canvas, &self.font, TOTAL_SIZE * self.unit, [left, GAP * self.unit], &total, INK);
        if !feedback.review_reasons.is_empty() {
            let size = BADGE_SIZE * self.unit;
            let right = width - left - text_width(&self.font, size, TO_BE_REVIEWED);
            let y = (GAP + (TOTAL_SIZE - BADGE_SIZE) / 2.0) * self.unit;
            text(&mut self.canvas, &self.font, size, [right, y], TO_BE_REVIEWED, VERMILLION);
        }
        for (row, entry) in summary.iter().enumerate() {
            let y = (TOTAL_SIZE + 2.0 * GAP + row as f32 * NOTE_SIZE * 1.3) * self.unit;
            text(&mut self.canvas, &self.font, NOTE_SIZE * self.unit, [left, y], entry, INK);
        }
    }

    /// Corners of a box on the canvas, moved outwards by so many pixels along the writing and across it.
    fn corners(&self, quad: Quad, scale: f64, outwards: [f32; 2]) -> [Point; 4] {
        let place =
            |[x, y]: [i32; 2]| [(f64::from(x) * scale) as f32, (f64::from(y) * scale) as f32 + self.header as f32];
        let corners = quad.0.map(place);
        let vector = |from: Point, to: Point, outwards: f32| {
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let length = dx.hypot(dy).max(1.0);
            [dx / length * outwards, dy / length * outwards]
        };
        let along = vector(corners[0], corners[1], outwards[0]);
        let down = vector(corners[0], corners[3], outwards[1]);
        let moved = |point: Point, a: f32, d: f32| {
            // Never off the canvas, where an outline would not be seen.
            let (right, bottom) = (self.canvas.width() as f32 - 2.0, self.canvas.height() as f32 - 2.0);
            let (x, y) = (point[0] + a * along[0] + d * down[0], point[1] + a * along[1] + d * down[1]);
            [x.clamp(1.0, right), y.clamp(1.0, bottom)]
        };
        [
            moved(corners[0], -1.0, -1.0),
            moved(corners[1], 1.0, -1.0),
            moved(corners[2], 1.0, 1.0),
            moved(corners[3], -1.0, 1.0),
        ]
    }

    /// The outlines of a group: a little wider than the words, and not as high as the reading's boxes, which include
    /// room for the tallest letters and would run into the next line.
    fn boxed<'a>(&self, group: &'a Group, scale: f64) -> Boxed<'a> {
        let outlines = group.quads.iter().map(|&quad| {
            // Where a word ends is read only roughly: each end of the box goes where it strikes through no letter.
            let wider = |pad: f32| self.corners(quad, scale, [pad * self.unit, -self.unit]);
            let ink = |pad: f32, end: [usize; 2]| self.ink(end.map(|corner| wider(pad)[corner]));
            let [left, right] = [[0, 3], [1, 2]].map(|end| {
                let pads = (0..=PAD as u32).map(|pad| pad as f32);
                pads.min_by_key(|&pad| (ink(pad, end), (2.0 * (pad - PAD / 2.0).abs()) as u32)).unwrap_or_default()
            });
            let (left, right) = (wider(left), wider(right));
            [left[0], right[1], right[2], left[3]]
        });
        Boxed { group, outlines: outlines.collect() }
    }

    /// How much darker than paper it is along a line, as wide as an outline.
    fn ink(&self, [from, to]: [Point; 2]) -> u32 {
        let steps = (to[1] - from[1]).hypot(to[0] - from[0]).max(1.0) as u32;
        let reach = (STROKE / 2.0 * self.unit).ceil() as i32;
        let mut ink = 0;
        for step in 0..=steps {
            let share = step as f32 / steps as f32;
            let (x, y) = (from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1]));
            for x in x as i32 - reach..=x as i32 + reach {
                let pixel = self.canvas.get_pixel_checked(x.max(0) as u32, y.max(0.0) as u32);
                // Shadows and the ruling are lighter.
                ink += pixel.map_or(0, |pixel| u32::from(140_u8.saturating_sub(pixel.0[1])));
            }
        }
        ink
    }

    /// A tick or a cross alone at a corner of the last box, whichever has the most room, for a group whose note stands in
    /// the margin. Only strokes are drawn, so that writing beneath can still be read.
    fn sign(&mut self, boxed: &Boxed) {
        let Some(corners) = boxed.outlines.last() else { return };
        let sign = if boxed.group.is_awarded() { "✓" } else { "✗" };
        let size = SIGN_SIZE * self.unit;
        let (width, height) = (text_width(&self.font, size, sign).ceil() as i32, size.ceil() as i32);
        let places =
            [(1, 1, -1), (2, 1, 1), (0, -1, -1), (3, -1, 1)].map(|(corner, right, down): (usize, i32, i32)| {
                let [x, y] = corners[corner].map(|value| value.round() as i32);
                let (x, y) = (x + right * width / 2, y + down * height / 4);
                [x - width / 2, y - height / 2, x + width - width / 2, y + height - height / 2]
            });
        let is_inside = |place: &Area| {
            place[0] >= 0 && place[2] <= self.width() && place[1] >= self.header && place[3] <= self.height()
        };
        let ink = |place: &Area| {
            let [left, top, right, bottom] = place.map(|value| value as f32);
            (top as i32..bottom as i32).map(|y| self.ink([[left, y as f32], [right, y as f32]])).sum::<u32>()
        };
        let Some(place) = places.into_iter().filter(is_inside).min_by_key(ink) else { return };
        let colour = if boxed.group.is_awarded() { BLUE } else { VERMILLION };
        text(&mut self.canvas, &self.font, size, [place[0] as f32, place[1] as f32], sign, colour);
        self.taken.add(place);
    }

    /// Solid blue for what is awarded, dashed vermillion for what is refused.
    fn outline(&mut self, boxed: &Boxed) {
        let width = (STROKE * self.unit).max(1.2);
        for corners in &boxed.outlines {
            for side in 0..4 {
                let (from, to) = (corners[side], corners[(side + 1) % 4]);
                if boxed.group.is_awarded() {
                    line(&mut self.canvas, from, to, width, BLUE);
                } else {
                    let (dash, gap) = (12.0 * self.unit, 9.0 * self.unit);
                    dashed_line(&mut self.canvas, from, to, width, dash, gap, VERMILLION);
                }
            }
        }
    }

    /// Each question's marks in the margin, at the height of its first evidence on this page.
    fn badges(&mut self, feedback: &Feedback, boxed: &[Boxed]) {
        let mut wanted: Vec<(i32, String)> = Vec::new();
        for grade in &feedback.questions {
            let own = boxed.iter().filter(|one| one.group.question == grade.question);
            if let Some(top) = own.map(|one| one.first()[1]).min() {
                wanted.push((top, marks_of(grade)));
            }
        }
        wanted.sort();
        let size = BADGE_SIZE * self.unit;
        for (top, label) in wanted {
            let size = fitting(&self.font, size, &label, (BADGES - 3.0 * GAP) * self.unit);
            let width = text_width(&self.font, size, &label).ceil() as i32 + self.pixels(1.6 * GAP);
            let height = size.ceil() as i32 + self.pixels(GAP);
            let right = self.width() - self.pixels(GAP);
            let place = self.taken.slide([right - width, top, right, top + height], self.header, self.height());
            self.taken.add(grown(place, self.pixels(4.0)));
            let stroke = (2.0 * self.unit).max(1.0);
            let [l, t, r, b] = place.map(|value| value as f32);
            for (from, to) in [([l, t], [r, t]), ([r, t], [r, b]), ([r, b], [l, b]), ([l, b], [l, t])] {
                line(&mut self.canvas, from, to, stroke, INK);
            }
            let at = [l + 0.8 * GAP * self.unit, t + 0.5 * GAP * self.unit];
            text(&mut self.canvas, &self.font, size, at, &label, INK);
        }
    }

    /// The ticks and crosses of a group right behind its words or before them, if nothing stands there. Says whether
    /// that was so.
    fn note_beside(&mut self, boxed: &Boxed) -> bool {
        let (Some(first), Some(last)) = (boxed.outlines.first(), boxed.outlines.last()) else { return true };
        let gap = GAP * 0.7 * self.unit;
        let (rows, [width, height]) = self.rows(boxed.group);
        // Centred on an end of the box, which may be skewed.
        let at = |x: f32, y: f32| {
            let (left, top) = (x.round() as i32, y.round() as i32 - height / 2);
            [left, top, left + width, top + height]
        };
        let behind = at(last[1][0].max(last[2][0]) + gap, f32::midpoint(last[1][1], last[2][1]));
        let before = at(first[0][0].min(first[3][0]) - gap - width as f32, f32::midpoint(first[0][1], first[3][1]));
        let is_inside = |place: Area| {
            place[0] >= 0 && place[2] <= self.width() && place[1] >= self.header && place[3] <= self.height()
        };
        let place = [behind, before].into_iter().find(|&place| is_inside(place) && self.taken.is_free(place));
        if let Some(place) = place {
            self.write(boxed.group, &rows, place);
        }
        place.is_some()
    }

    /// The same in the margin, not above `lowest`, with a dotted line between the lines of writing. Returns the lower
    /// end, so that the lines of several notes don't cross.
    fn note_in_margin(&mut self, boxed: &Boxed, lowest: i32) -> i32 {
        let Some([_, _, from, bottom_left]) = boxed.outlines.last().copied() else { return lowest };
        let (rows, [width, height]) = self.rows(boxed.group);
        let left = self.page_right + self.pixels(3.0 * GAP);
        // Along the lower edge of the box, so that the line runs between the lines of a skewed page too.
        let slope = (from[1] - bottom_left[1]) / (from[0] - bottom_left[0]).max(1.0);
        let edge = [self.page_right as f32, from[1] + slope * (self.page_right as f32 - from[0])];
        let wanted = (edge[1] as i32 - height / 2).max(lowest);
        let place = self.taken.slide([left, wanted, left + width, wanted + height], lowest, self.height());
        let to = [left as f32 - 0.4 * GAP * self.unit, i32::midpoint(place[1], place[3]) as f32];
        let colour = if boxed.group.is_awarded() { BLUE } else { VERMILLION };
        for (from, to) in [(from, edge), (edge, to)] {
            dashed_line(&mut self.canvas, from, to, (LEADER * self.unit).max(1.2), 0.1, 5.0 * self.unit, colour);
        }
        self.write(boxed.group, &rows, place);
        place[3]
    }

    /// Writes a note, on white that lets the ruling of the paper shine through a little.
    fn write(&mut self, group: &Group, rows: &[Range<usize>], place: Area) {
        self.taken.add(grown(place, self.pixels(3.0)));
        fill(&mut self.canvas, place, WHITE, 0.8);
        let size = NOTE_SIZE * self.unit;
        let row_height = (place[3] - place[1]) as f32 / rows.len().max(1) as f32;
        for (row, parts) in rows.iter().enumerate() {
            let (mut x, y) = (place[0] as f32, place[1] as f32 + row as f32 * row_height);
            for part in &group.parts[parts.clone()] {
                let colour = if part.is_awarded { BLUE } else { VERMILLION };
                text(&mut self.canvas, &self.font, size, [x, y], &part.text, colour);
                x += text_width(&self.font, size, &part.text) + PART_GAP * self.unit;
            }
        }
    }

    /// The parts of a note in rows that fit the margin, and the note's width and height.
    fn rows(&self, group: &Group) -> (Vec<Range<usize>>, [i32; 2]) {
        let size = NOTE_SIZE * self.unit;
        let most = (NOTES - 3.0 * GAP) * self.unit;
        let mut rows: Vec<Range<usize>> = Vec::new();
        let (mut used, mut widest) = (0.0_f32, 0.0_f32);
        for (index, part) in group.parts.iter().enumerate() {
            let width = text_width(&self.font, size, &part.text);
            match rows.last_mut() {
                Some(row) if used + PART_GAP * self.unit + width <= most => {
                    row.end = index + 1;
                    used += PART_GAP * self.unit + width;
                }
                _ => {
                    rows.push(index..index + 1);
                    used = width;
                }
            }
            widest = widest.max(used);
        }
        let height = (size * 1.15).ceil() as i32 * rows.len() as i32;
        (rows, [widest.ceil() as i32, height])
    }
}

/// A group with its outlines on the canvas.
struct Boxed<'a> {
    group: &'a Group,
    outlines: Vec<[Point; 4]>,
}

impl Boxed<'_> {
    /// Around the first run of words.
    fn first(&self) -> Area {
        self.outlines.first().map_or([0; 4], bounds)
    }

    /// Around the last run of words.
    fn last(&self) -> Area {
        self.outlines.last().map_or([0; 4], bounds)
    }
}

/// The size at which a text fits this width, at most `size`.
fn fitting(font: &FontRef, size: f32, label: &str, width: f32) -> f32 {
    size * (width / text_width(font, size, label).max(1.0)).min(1.0)
}

fn bounds(corners: &[Point; 4]) -> Area {
    let (mut left, mut top, mut right, mut bottom) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
    for [x, y] in corners {
        (left, right) = (left.min(*x), right.max(*x));
        (top, bottom) = (top.min(*y), bottom.max(*y));
    }
    [left.floor() as i32, top.floor() as i32, right.ceil() as i32, bottom.ceil() as i32]
}

fn grown([left, top, right, bottom]: Area, by: i32) -> Area {
    [left - by, top - by, right + by, bottom + by]
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use smartscripts_domain::{
        Marks,
        feedback::{CriterionGrade, Evidence, EvidenceBox},
        id::{AssessmentId, SubmissionId},
        reading::{Line, Source, Word},
    };

    use super::*;

    /// Black bars in the place of words: three lines of four on a page of this width.
    fn page(width: u32) -> (PageReading, RgbImage) {
        let scale = width as i32 / 310;
        let mut image = RgbImage::from_pixel(width, width * 14 / 10, WHITE);
        let mut lines = Vec::new();
        for row in 0..3 {
            let words = (0..4).map(|column| {
                let (left, top) = (scale * (20 + 70 * column), scale * (60 + 14 * row));
                let quad = Quad::rectangle(left, top, left + scale * 55, top + scale * 9);
                fill(&mut image, [left, top + scale * 2, left + scale * 55, top + scale * 7], INK, 1.0);
                Word::new("word", 1.0, Some(quad))
            });
            let words = words.collect();
            lines.push(Line { text: "word word word word".to_owned(), confidence: 1.0, quad: None, words });
        }
        let (width, height) = (image.width(), image.height());
        (PageReading { page: 1, file: 1, width, height, source: Source::Recognized, lines, failure: None }, image)
    }

    /// Evidence in these words (line, word) of the page.
    fn criterion(
        id: &str,
        marks: i32,
        page: &PageReading,
        span: (usize, usize),
        words: &[(usize, usize)],
    ) -> CriterionGrade {
        let quad = |&(line, word): &(usize, usize)| page.lines[line].words[word].quad.unwrap();
        let boxes = words.iter().map(|at| EvidenceBox { page: 1, quad: quad(at) }).collect();
        CriterionGrade {
            criterion: id.to_owned(),
            description: String::new(),
            marks: Marks::whole(marks),
            max_marks: Marks::whole(1),
            confidence: 1.0,
            min_marks: Marks::ZERO,
            level: None,
            reason: String::new(),
            missing: Vec::new(),
            feedback: String::new(),
            evidence: Some(Evidence { start: span.0, end: span.1, text: String::new(), boxes }),
        }
    }

    fn feedback(questions: Vec<Vec<CriterionGrade>>) -> Feedback {
        let grade = |(index, criteria): (usize, Vec<CriterionGrade>)| AnswerGrade {
            question: (index + 1).to_string(),
            answer: String::new(),
            marks: criteria.iter().map(|c| c.marks).sum(),
            max_marks: criteria.iter().map(|c| c.max_marks).sum(),
            totals: None,
            total_reason: None,
            counts: true,
            confidence: 1.0,
            review_reason: None,
            criteria,
            decided: None,
        };
        let questions: Vec<AnswerGrade> = questions.into_iter().enumerate().map(grade).collect();
        Feedback {
            schema_version: 1,
            assessment: AssessmentId::new(ulid::Ulid::from(1)),
            submission: SubmissionId::new(ulid::Ulid::from(2)),
            guide_version: 1,
            reading_engine: String::new(),
            grading_engine: String::new(),
            marks: questions.iter().map(|q| q.marks).sum(),
            max_marks: questions.iter().map(|q| q.max_marks).sum(),
            confidence: 1.0,
            review_reasons: Vec::new(),
            questions,
            best_of: Vec::new(),
            tray: Vec::new(),
        }
    }

    fn count(image: &RgbImage, colour: Rgb<u8>) -> usize {
        image.pixels().filter(|pixel| **pixel == colour).count()
    }

    #[test]
    fn awarded_is_blue_refused_is_vermillion_and_nothing_graded_is_neither() {
        let (page, image) = page(1240);
        for (marks, present, absent) in [(1, BLUE, VERMILLION), (0, VERMILLION, BLUE)] {
            let one = feedback(vec![vec![criterion("a", marks, &page, (0, 4), &[(0, 1)])]]);
            let drawn = annotate(&page, &image, &one).unwrap();
            assert!(count(&drawn, present) > 100 && count(&drawn, absent) == 0);
        }
        let drawn = annotate(&page, &image, &feedback(Vec::new())).unwrap();
        assert_eq!((count(&drawn, BLUE), count(&drawn, VERMILLION)), (0, 0));
    }

    #[test]
    fn no_writing_is_hidden() {
        let (page, image) = page(1240);
        let questions = (0..3).map(|line| {
            let word = |word: usize, marks| {
                criterion(&format!("c{word}"), marks, &page, (word * 5, word * 5 + 4), &[(line, word)])
            };
            vec![word(0, 1), word(1, 0), word(2, 1), word(3, 0)]
        });
        let drawn = annotate(&page, &image, &feedback(questions.collect())).unwrap();
        let header = drawn.height() - image.height();
        for (x, y, pixel) in image.enumerate_pixels().filter(|(.., pixel)| **pixel == INK) {
            assert_eq!(drawn.get_pixel(x, y + header), pixel, "at {x}, {y}");
        }
    }

    #[test]
    fn the_total_stands_above_page_1_only_and_large_pages_are_reduced() {
        let (mut page, image) = page(2480);
        let one = feedback(vec![vec![criterion("a", 1, &page, (0, 4), &[(0, 1)])]]);
        let first = annotate(&page, &image, &one).unwrap();
        page.page = 2;
        let second = annotate(&page, &image, &one).unwrap();
        assert_eq!(second.height(), image.height() / 2);
        assert!(first.height() > second.height() && first.width() == second.width());
        assert_eq!(first.width(), PAGE_WIDTH + MARGIN as u32);
        // The evidence is on page 1.
        assert!(count(&first, BLUE) > 0 && count(&second, BLUE) == 0);
    }

    #[test]
    fn a_note_in_the_margin_leaves_a_sign_at_the_words() {
        let (page, image) = page(1240);
        // Beside the second word of the second line there is no room for two names, only for a tick above it.
        let word = |id, span| criterion(id, 1, &page, span, &[(1, 1)]);
        let drawn =
            annotate(&page, &image, &feedback(vec![vec![word("first", (0, 2)), word("second", (2, 4))]])).unwrap();
        let [[left, top], [right, _], ..] = page.lines[1].words[1].quad.unwrap().0;
        let header = drawn.height() - image.height();
        let above = |x: u32, y: u32| (left - 60..right + 60).contains(&(x as i32)) && (y as i32) < top + header as i32;
        let signs = drawn.enumerate_pixels().filter(|&(x, y, pixel)| *pixel == BLUE && y > header && above(x, y));
        assert!(signs.count() > 20);
    }

    #[test]
    fn a_page_that_a_person_must_look_at_says_so() {
        let (page, image) = page(1240);
        let mut one = feedback(vec![vec![criterion("a", 1, &page, (0, 4), &[(0, 1)])]]);
        assert_eq!(count(&annotate(&page, &image, &one).unwrap(), VERMILLION), 0);
        one.review_reasons.push("Question 1: it is uncertain.".to_owned());
        assert!(count(&annotate(&page, &image, &one).unwrap(), VERMILLION) > 50);
    }

    #[test]
    fn the_png_is_the_picture() {
        let (_, image) = page(310);
        let png = encode_png(&image).unwrap();
        assert_eq!(image::load_from_memory(&png).unwrap().into_rgb8(), image);
    }
}
