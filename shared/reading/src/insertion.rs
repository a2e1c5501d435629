//! Insertions: what was written above a line, with or without a caret, or in the margin with an arrow, goes to its place
//! in the line that it belongs to. The carets and arrows are signs to the reader, not text, and are left out with it.

use smartscripts_domain::reading::{Line, Quad, Word, round_confidence};

use crate::{
    boxes::{TextBox, turn},
    label,
};

/// Signs that a writer puts where something is to be inserted, as they may be read.
const CARETS: [&str; 8] = ["^", "˄", "∧", "ʌ", "Λ", "‸", "⁁", "^^"];
/// Signs that point from a note in the margin to its line.
const ARROWS: [&str; 14] = ["→", "←", "↑", "↓", "↗", "↘", "↖", "↙", "->", "<-", "-->", "<--", "=>", "<="];
/// The most that an insertion may be as high as a usual line, when no caret tells that it is one.
const LOW: f32 = 0.9;
/// How near its line an insertion stands, as a share of the usual distance of two lines, without and with a caret.
const NEAR: f32 = 0.72;
const NEAR_CARET: f32 = 1.3;
/// How far apart the lines above and below an insertion may be, in the same measure. Further apart there is room for a line.
const NO_ROOM: f32 = 1.5;
/// The most that an insertion may be as wide as its line.
const SHORT: f32 = 0.7;
/// The least gap between a line and a note in its margin, in heights of a line.
const GAP: f32 = 1.5;
/// Lines that may stand between an insertion and its line: others above the same line.
const OTHERS: usize = 3;

/// The lines of a page, in reading order, with what was inserted at its place. No word but carets and arrows is lost.
pub(crate) fn resolve(lines: Vec<Line>) -> Vec<Line> {
    let mut lines = with_notes(lines);
    let Some(usual) = Usual::of(&lines) else { return lines };
    let mut hosts: Vec<Option<usize>> = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let above = (0..index).rev().find(|before| hosts[*before].is_none()).map(|before| &lines[before]);
        let below = (index + 1..lines.len()).take(OTHERS);
        hosts.push(below.into_iter().find(|below| usual.is_insertion(line, above, &lines[*below])));
    }
    for (index, host) in hosts.iter().enumerate() {
        if let Some(host) = host {
            let insertion = std::mem::take(&mut lines[index].words);
            let quad = lines[index].quad;
            insert(&mut lines[*host], insertion, quad);
        }
    }
    lines.retain(|line| !line.words.is_empty());
    lines
}

/// What is usual on a page.
struct Usual {
    height: f32,
    /// The distance of two lines.
    pitch: f32,
}

impl Usual {
    fn of(lines: &[Line]) -> Option<Self> {
        let height = median(lines.iter().filter_map(|line| Some(Extent::of(line.quad?, along(line.quad?)).height())))?;
        let is_high = |quad: &Quad| Extent::of(*quad, along(*quad)).height() > LOW * height;
        let high: Vec<Quad> = lines.iter().filter_map(|line| line.quad).filter(is_high).collect();
        let pitches = high.windows(2).filter_map(|pair| {
            let [above, below] = [pair.first()?, pair.get(1)?].map(|quad| Extent::of(*quad, along(pair[1])));
            let distance = below.middle() - above.middle();
            (above.meets(&below) && distance > 0.5 * height).then_some(distance)
        });
        let pitch = median(pitches).unwrap_or(1.5 * height).max(height);
        Some(Self { height, pitch })
    }

    /// Whether a line is an insertion into the line `below`.
    fn is_insertion(&self, line: &Line, above: Option<&Line>, below: &Line) -> bool {
        let (Some(own), Some(host)) = (line.quad, below.quad) else { return false };
        let along = along(host);
        let (own, host) = (Extent::of(own, along), Extent::of(host, along));
        let is_within = own.left > host.left - self.height && own.right < host.right + self.height;
        let distance = host.middle() - own.middle();
        if !is_within || own.width() > SHORT * host.width() || distance <= 0.0 {
            return false;
        }
        let has_caret = line.words.iter().any(is_caret) || caret(below, &own, along, self.height).is_some();
        if has_caret {
            return distance < NEAR_CARET * self.pitch;
        }
        let label = label::parse(line.words.iter().map(|word| word.text.as_str()));
        let above = above.and_then(|line| line.quad).map(|quad| Extent::of(quad, along));
        let is_crowded = above.is_none_or(|above| {
            !above.meets(&own) || host.middle() - above.middle() < NO_ROOM * self.pitch || above.middle() > own.middle()
        });
        own.height() <= LOW * self.height
            && distance < NEAR * self.pitch
            && is_crowded
            && !label.is_some_and(|label| label.is_plain())
    }
}

/// Puts words into a line, where its caret stands below them, else between the words that they stand above.
fn insert(line: &mut Line, words: Vec<Word>, place: Option<Quad>) {
    let (Some(host), Some(place)) = (line.quad, place) else { return line.words.extend(words) };
    let along = along(host);
    let own = Extent::of(place, along);
    let height = Extent::of(host, along).height();
    let at = if let Some(at) = caret(line, &own, along, height) {
        line.words.remove(at);
        at
    } else {
        // Where the insertion's own caret stands, or its middle.
        let sign = words.iter().find(|word| is_caret(word)).and_then(|word| word.quad);
        let center = sign.map_or(own.center(), |quad| Extent::of(quad, along).center());
        let is_before = |word: &&Word| word.quad.is_some_and(|quad| Extent::of(quad, along).center() < center);
        line.words.iter().take_while(is_before).count()
    };
    let words = words.into_iter().filter(|word| !is_caret(word));
    line.words.splice(at..at, words);
    let corners = [host, place].map(|quad| quad.0.map(|corner| corner.map(|value| value as f32)));
    line.quad = TextBox::around(corners.concat(), along).map(|around| around.quad());
    renew(line);
}

/// The word of a line that is a caret below `own`.
fn caret(line: &Line, own: &Extent, along: [f32; 2], reach: f32) -> Option<usize> {
    line.words.iter().position(|word| {
        let center = word.quad.map(|quad| Extent::of(quad, along).center());
        is_caret(word) && center.is_some_and(|center| center > own.left - reach && center < own.right + reach)
    })
}

fn is_caret(word: &Word) -> bool {
    CARETS.contains(&word.text.as_str())
}

fn is_arrow(word: &Word) -> bool {
    ARROWS.contains(&word.text.as_str())
}

/// Text and confidence of a line whose words have changed.
fn renew(line: &mut Line) {
    line.text = line.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let characters = |word: &Word| word.text.chars().count() as f64;
    let all: f64 = line.words.iter().map(characters).sum();
    let sum: f64 = line.words.iter().map(|word| word.confidence * characters(word)).sum();
    line.confidence = round_confidence(sum / all.max(1.0));
}

/// On which side of the text a note stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The lines with the notes that an arrow points from at the end or the beginning of the line beside the arrow. A note of
/// several lines stands, without this, piece by piece at the lines beside it.
fn with_notes(mut lines: Vec<Line>) -> Vec<Line> {
    let Some(body) = Body::of(&lines) else { return lines };
    for side in [Side::Left, Side::Right] {
        let parts: Vec<Option<(usize, usize)>> = lines.iter().map(|line| body.note(line, side)).collect();
        let mut begin = 0;
        while begin < parts.len() {
            let count = parts[begin..].iter().take_while(|part| part.is_some()).count();
            gather(&mut lines, &parts, begin..begin + count, side);
            begin += count + 1;
        }
    }
    lines.retain(|line| !line.words.is_empty());
    lines
}

/// Moves the words of a note that stands beside these lines to the line that its arrow stands at.
fn gather(lines: &mut [Line], parts: &[Option<(usize, usize)>], range: std::ops::Range<usize>, side: Side) {
    let has_arrow = |index: &usize| {
        let part = parts[*index].and_then(|(from, to)| lines[*index].words.get(from..to));
        part.is_some_and(|words| words.first().is_some_and(is_arrow) || words.last().is_some_and(is_arrow))
    };
    let Some(arrow) = range.clone().find(has_arrow) else { return };
    // The arrow may stand at a height of its own; its line is then the nearest that has text of its own.
    let has_text = |index: &usize| parts[*index].is_none_or(|(from, to)| to - from < lines[*index].words.len());
    let distance = |index: &usize| {
        let middle = |index: usize| lines[index].quad.map_or(f32::MAX, |quad| Extent::of(quad, along(quad)).middle());
        (middle(*index) - middle(arrow)).abs()
    };
    let near = arrow.saturating_sub(1)..(arrow + 2).min(lines.len());
    let text = near.filter(has_text).min_by(|a, b| distance(a).total_cmp(&distance(b)));
    let Some(target) = text else { return };
    let mut note = Vec::new();
    for index in range {
        if let Some((from, to)) = parts[index] {
            note.extend(lines[index].words.drain(from..to).filter(|word| !is_arrow(word)));
            renew(&mut lines[index]);
        }
    }
    let line = &mut lines[target];
    let at = match side {
        Side::Left => parts[target].map_or(0, |(from, _)| from),
        Side::Right => line.words.len(),
    };
    line.words.splice(at..at, note);
    renew(line);
}

/// Where the text of a page stands.
struct Body {
    left: f32,
    right: f32,
    height: f32,
}

impl Body {
    /// None unless an arrow stands on the page.
    fn of(lines: &[Line]) -> Option<Self> {
        lines.iter().any(|line| line.words.iter().any(is_arrow)).then_some(())?;
        let height = median(lines.iter().filter_map(|line| Some(Extent::of(line.quad?, along(line.quad?)).height())))?;
        let widest = |line: &Line| {
            let along = along(line.quad?);
            let extents = parts(line, height).into_iter().filter_map(|(from, to)| around(&line.words[from..to], along));
            extents.max_by(|a, b| a.width().total_cmp(&b.width()))
        };
        let texts: Vec<Extent> = lines.iter().filter_map(widest).collect();
        let [left, right] = [median(texts.iter().map(|text| text.left))?, median(texts.iter().map(|text| text.right))?];
        Some(Self { left, right, height })
    }

    /// The words of a line that stand in this margin.
    fn note(&self, line: &Line, side: Side) -> Option<(usize, usize)> {
        let along = along(line.quad?);
        let parts = parts(line, self.height);
        let (from, to) = match side {
            Side::Left => *parts.first()?,
            Side::Right => *parts.last()?,
        };
        let part = around(&line.words[from..to], along)?;
        let label = label::parse(line.words[from..to].iter().map(|word| word.text.as_str()));
        let is_label = label.is_some_and(|label| label.is_plain() && label.words() == to - from);
        let is_beside = match side {
            Side::Left => part.right < self.left,
            Side::Right => part.left > self.right,
        };
        (is_beside && !is_label).then_some((from, to))
    }
}

/// The ranges of words between wide gaps.
fn parts(line: &Line, height: f32) -> Vec<(usize, usize)> {
    let Some(along) = line.quad.map(along) else { return vec![(0, line.words.len())] };
    let mut begins = vec![0];
    for (index, pair) in line.words.windows(2).enumerate() {
        let extents = pair.iter().filter_map(|word| Some(Extent::of(word.quad?, along))).collect::<Vec<_>>();
        if let [before, after] = extents.as_slice()
            && after.left - before.right > GAP * height
        {
            begins.push(index + 1);
        }
    }
    let ends = begins.iter().skip(1).copied().chain([line.words.len()]).collect::<Vec<_>>();
    begins.into_iter().zip(ends).filter(|(from, to)| from < to).collect()
}

fn around(words: &[Word], along: [f32; 2]) -> Option<Extent> {
    let extents = words.iter().filter_map(|word| Some(Extent::of(word.quad?, along)));
    extents.reduce(|a, b| Extent {
        left: a.left.min(b.left),
        top: a.top.min(b.top),
        right: a.right.max(b.right),
        bottom: a.bottom.max(b.bottom),
    })
}

/// The range of a quad in the frame in which a line is written from left to right.
#[derive(Clone, Copy)]
struct Extent {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Extent {
    fn of(quad: Quad, along: [f32; 2]) -> Self {
        let [a, b, c, d] = quad.0.map(|corner| turn(corner.map(|value| value as f32), along));
        let all = [b, c, d];
        let range = |axis: usize, pick: fn(f32, f32) -> f32| all.iter().map(|corner| corner[axis]).fold(a[axis], pick);
        Self {
            left: range(0, f32::min),
            top: range(1, f32::min),
            right: range(0, f32::max),
            bottom: range(1, f32::max),
        }
    }

    fn width(&self) -> f32 {
        self.right - self.left
    }

    fn height(&self) -> f32 {
        self.bottom - self.top
    }

    fn center(&self) -> f32 {
        f32::midpoint(self.left, self.right)
    }

    fn middle(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }

    /// Whether the two stand, at least in part, above each other.
    fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right
    }
}

/// The direction in which a quad is written.
fn along(quad: Quad) -> [f32; 2] {
    let [left, right] = [quad.0[0], quad.0[1]].map(|corner| corner.map(|value| value as f32));
    let step = [right[0] - left[0], right[1] - left[1]];
    let length = (step[0] * step[0] + step[1] * step[1]).sqrt();
    if length > 0.0 { [step[0] / length, step[1] / length] } else { [1.0, 0.0] }
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A line of words of 20 pixels a character and gaps of 20, or of as much as stands in brackets before a word.
    fn line(left: i32, top: i32, height: i32, text: &str) -> Line {
        let mut x = left;
        let mut words = Vec::new();
        for word in text.split(' ') {
            if let Some(gap) = word.strip_prefix('[').and_then(|gap| gap.strip_suffix(']')) {
                x += gap.parse::<i32>().unwrap();
                continue;
            }
            let end = x + 20 * word.chars().count() as i32;
            words.push(Word::new(word, 0.9, Some(Quad::rectangle(x, top, end, top + height))));
            x = end + 20;
        }
        let quad = Some(Quad::rectangle(left, top, x - 20, top + height));
        let mut line = Line { text: String::new(), confidence: 0.0, quad, words };
        renew(&mut line);
        line
    }

    fn texts(lines: Vec<Line>) -> Vec<String> {
        resolve(lines).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_word_above_the_line_stands_between_the_words_below_it() {
        let page = vec![
            line(100, 100, 50, "plants take in carbon dioxide by day"),
            line(100, 180, 50, "and they give off oxygen to the air"),
            line(370, 230, 30, "most"),
            line(100, 260, 50, "and use some of it themselves at night"),
            line(100, 340, 50, "when there is no light at all there"),
        ];
        let found = texts(page);
        assert_eq!(found[2], "and use some of most it themselves at night");
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn a_caret_tells_where_the_insertion_belongs_and_is_left_out() {
        let page = vec![
            line(100, 100, 50, "plants take in carbon dioxide by day"),
            line(280, 190, 50, "much"),
            line(100, 260, 50, "and use ^ of it themselves at night"),
            line(440, 310, 32, "green ^"),
            line(100, 340, 50, "when there is no light at all there"),
        ];
        assert_eq!(
            texts(page)[1..],
            ["and use much of it themselves at night", "when there is no light green at all there"]
        );
    }

    #[test]
    fn two_words_above_one_line_both_go_into_it() {
        let page = vec![
            line(100, 100, 50, "plants take in carbon dioxide by day"),
            line(230, 150, 30, "will"),
            line(570, 152, 30, "white"),
            line(100, 180, 50, "and they give off oxygen to the air"),
        ];
        assert_eq!(texts(page)[1], "and they will give off oxygen white to the air");
    }

    #[test]
    fn a_short_line_with_room_of_its_own_is_a_line() {
        let page = || {
            vec![
                line(100, 100, 50, "plants take in carbon dioxide by day"),
                line(100, 180, 50, "75 cm"),
                line(100, 260, 50, "and use some of it themselves at night"),
                line(100, 390, 30, "small"),
                line(100, 460, 50, "when there is no light at all there"),
                line(100, 512, 28, "2) no"),
                line(100, 540, 50, "when there is no light at all there"),
            ]
        };
        assert_eq!(resolve(page()), page());
    }

    #[test]
    fn a_note_in_the_margin_goes_where_its_arrow_stands() {
        let page = vec![
            line(100, 100, 50, "plants take in carbon dioxide by day"),
            line(100, 180, 50, "and they give off oxygen to the air [100] ← which"),
            line(100, 260, 50, "and use some of it themselves daily [100] animals"),
            line(1000, 300, 50, "need"),
            line(100, 340, 50, "when there is no light at all there"),
        ];
        assert_eq!(
            texts(page),
            [
                "plants take in carbon dioxide by day",
                "and they give off oxygen to the air which animals need",
                "and use some of it themselves daily",
                "when there is no light at all there",
            ]
        );
    }

    #[test]
    fn an_arrow_in_the_text_is_text() {
        let page = || {
            vec![
                line(100, 100, 50, "plants take in carbon dioxide by day"),
                line(100, 180, 50, "water + light → sugar"),
                line(100, 260, 50, "2. glucose → energy [100] + water"),
                line(100, 340, 50, "when there is no light at all there"),
            ]
        };
        assert_eq!(resolve(page()), page());
    }

    proptest! {
        #[test]
        fn no_word_is_lost(
            lines in proptest::collection::vec((0_i32..800, 0_i32..900, 10_i32..70, "[a-z]{1,5}( [a-z]{1,5}| \\^| →| \\[90\\]){0,6}"), 0..15),
        ) {
            let lines: Vec<Line> = lines.iter().map(|(left, top, height, text)| line(*left, *top, *height, text)).collect();
            let words = |lines: &[Line]| {
                let mut words: Vec<String> = lines
                    .iter()
                    .flat_map(|line| &line.words)
                    .filter(|word| !is_caret(word) && !is_arrow(word))
                    .map(|word| word.text.clone())
                    .collect();
                words.sort();
                words
            };
            prop_assert_eq!(words(&resolve(lines.clone())), words(&lines));
        }
    }
}
