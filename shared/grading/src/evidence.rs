//! From a span of the answer to the boxes on the page.

use smartscripts_domain::{
    answer::{Answer, AnswerWord},
    feedback::{Evidence, EvidenceBox},
    reading::Quad,
};

/// The evidence for a byte range of the answer's text. White space at its ends is left out. None when nothing is left.
pub fn evidence(answer: &Answer, start: usize, end: usize) -> Option<Evidence> {
    let text = answer.text.get(start..end)?;
    let start = start + (text.len() - text.trim_start().len());
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let end = start + text.len();
    Some(Evidence { start, end, text: text.to_owned(), boxes: boxes(answer, start, end) })
}

/// Words shown as the nearest attempt when nothing in particular fits.
const OPENING_WORDS: usize = 12;

/// The answer's first words: the nearest there is to evidence when nothing in particular fits.
pub fn opening(answer: &Answer) -> Option<Evidence> {
    let end = answer.words.get(OPENING_WORDS - 1).map_or(answer.text.len(), |word| word.end);
    evidence(answer, 0, end)
}

/// The words that a byte range touches.
pub fn words(answer: &Answer, start: usize, end: usize) -> impl Iterator<Item = &AnswerWord> {
    answer.words.iter().filter(move |word| word.start < end && word.end > start)
}

/// Mean confidence of the reading over the words that a byte range touches; 1 where there are none.
pub fn reading_confidence(answer: &Answer, start: usize, end: usize) -> f64 {
    let (sum, count) = words(answer, start, end).fold((0.0, 0_u32), |(sum, n), word| (sum + word.confidence, n + 1));
    if count == 0 { 1.0 } else { sum / f64::from(count) }
}

/// One box for each run of words on one written line.
fn boxes(answer: &Answer, start: usize, end: usize) -> Vec<EvidenceBox> {
    let mut boxes = Vec::new();
    let mut run: Vec<Quad> = Vec::new();
    let mut previous: Option<&AnswerWord> = None;
    for word in words(answer, start, end) {
        let Some(quad) = word.quad else { continue };
        if let Some(before) = previous {
            let between = answer.text.get(before.end..word.start).unwrap_or_default();
            if before.page != word.page || between.contains('\n') {
                boxes.extend(around(&run).map(|quad| EvidenceBox { page: before.page, quad }));
                run.clear();
            }
        }
        run.push(quad);
        previous = Some(word);
    }
    if let Some(last) = previous {
        boxes.extend(around(&run).map(|quad| EvidenceBox { page: last.page, quad }));
    }
    boxes
}

/// The smallest rectangle around these, turned as the writing is.
fn around(quads: &[Quad]) -> Option<Quad> {
    let (first, last) = (quads.first()?.0, quads.last()?.0);
    if quads.len() == 1 {
        return quads.first().copied();
    }
    let middle = |a: [i32; 2], b: [i32; 2]| [f64::from(a[0] + b[0]) / 2.0, f64::from(a[1] + b[1]) / 2.0];
    let (from, to) = (middle(first[0], first[3]), middle(last[1], last[2]));
    let length = (to[0] - from[0]).hypot(to[1] - from[1]);
    let (cos, sin) = if length > 0.0 { ((to[0] - from[0]) / length, (to[1] - from[1]) / length) } else { (1.0, 0.0) };
    // Corners in the writing's own directions: along the line, and across it.
    let (mut along, mut across) = ([f64::MAX, f64::MIN], [f64::MAX, f64::MIN]);
    for [x, y] in quads.iter().flat_map(|quad| quad.0) {
        let (x, y) = (f64::from(x), f64::from(y));
        let (a, c) = (x * cos + y * sin, y * cos - x * sin);
        along = [along[0].min(a), along[1].max(a)];
        across = [across[0].min(c), across[1].max(c)];
    }
    let corner = |a: f64, c: f64| [(a * cos - c * sin).round() as i32, (a * sin + c * cos).round() as i32];
    Some(Quad([
        corner(along[0], across[0]),
        corner(along[1], across[0]),
        corner(along[1], across[1]),
        corner(along[0], across[1]),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "one two" on one line of page 1, "three" below, "four" on page 2.
    fn answer() -> Answer {
        let word = |start, end, page, quad| AnswerWord {
            start,
            end,
            confidence: 0.5,
            page,
            quad: Some(quad),
            alternatives: Vec::new(),
        };
        Answer {
            text: "one two\nthree\nfour".to_owned(),
            words: vec![
                word(0, 3, 1, Quad::rectangle(10, 10, 40, 30)),
                word(4, 7, 1, Quad::rectangle(50, 12, 90, 34)),
                word(8, 13, 1, Quad::rectangle(10, 50, 60, 70)),
                word(14, 18, 2, Quad::rectangle(10, 10, 60, 30)),
            ],
        }
    }

    #[test]
    fn words_of_one_line_share_a_box() {
        let found = evidence(&answer(), 0, 18).unwrap();
        let expected = [
            EvidenceBox { page: 1, quad: Quad::rectangle(10, 10, 90, 34) },
            EvidenceBox { page: 1, quad: Quad::rectangle(10, 50, 60, 70) },
            EvidenceBox { page: 2, quad: Quad::rectangle(10, 10, 60, 30) },
        ];
        // The first line climbs by a pixel or two, and so does its box.
        for (got, expected) in found.boxes.iter().zip(&expected) {
            let far = got.quad.0.iter().flatten().zip(expected.quad.0.iter().flatten()).any(|(a, b)| (a - b).abs() > 3);
            assert!(got.page == expected.page && !far, "{got:?} {expected:?}");
        }
        assert_eq!(found.boxes.len(), 3);
    }

    #[test]
    fn a_skewed_line_gets_a_skewed_box() {
        let mut answer = answer();
        answer.words[0].quad = Some(Quad([[0, 0], [100, 10], [98, 30], [-2, 20]]));
        answer.words[1].quad = Some(Quad([[110, 11], [210, 21], [208, 41], [108, 31]]));
        let found = evidence(&answer, 0, 7).unwrap();
        let [a, b, c, d] = found.boxes[0].quad.0;
        assert!((a[1] - b[1]).abs() > 15 && (d[1] - c[1]).abs() > 15, "{:?}", found.boxes[0]);
        assert!(b[0] > 205 && a[0] < 3);
    }

    #[test]
    fn spans_are_trimmed_and_only_touched_words_are_boxed() {
        let found = evidence(&answer(), 3, 8).unwrap();
        assert_eq!((found.start, found.end, found.text.as_str(), found.boxes.len()), (4, 7, "two", 1));
        assert!(evidence(&answer(), 3, 4).is_none());
        assert!(evidence(&answer(), 0, 99).is_none());
        assert!((reading_confidence(&answer(), 0, 7) - 0.5).abs() < 1e-9);
    }
}
