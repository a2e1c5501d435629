//! Reading order: boxes on one line of writing from left to right, lines from top to bottom, columns from left to right.
//!
//! A column is what stands beside other text for several lines, with a gutter between that no line crosses. Lines that do
//! cross it (a heading over both columns) part the page into bands; in each, the left column is read before the right one.
//! Labels or marks in a margin are much narrower than the text beside them: they are no column, and stay in their lines.

use crate::boxes::{TextBox, turn};

/// Share of the lower of two boxes by which they must overlap in height to stand on one line.
const SAME_LINE: f32 = 0.5;
/// The least width of a gutter, in heights of a line: words are hardly ever so far apart in several lines at one place.
const GUTTER: f32 = 1.0;
/// The least number of lines of a column; of a narrow one there must be more, since the printed fields of a form with what
/// was written behind them stand in columns too, and are read across.
const ROWS: usize = 3;
const NARROW_ROWS: usize = 5;
/// A narrow column is less than so many heights of a line wide.
const NARROW: f32 = 6.0;
/// The least width of a line of a column, in heights of a line: a label alone is narrower.
const COLUMN: f32 = 2.2;
/// Lines shorter than this, in heights, make a column only beside lines that are not much longer: this share of them.
const SHORT: f32 = 6.0;
const ALIKE: f32 = 0.6;
/// The same where the lines of both sides stand level, as in a table (this share of lines, within so much of a height);
/// and how many lines two lists must have there, so as not to be one.
const LEVEL: f32 = 12.0;
const LEVEL_ALIKE: f32 = 0.75;
const LEVEL_ROWS: usize = 6;
const LEVEL_SHARE: f32 = 0.8;
const LEVEL_WITHIN: f32 = 0.25;
/// The least width of a column as a share of the one beside it. What is narrower stands in a margin.
const MARGIN: f32 = 0.3;

/// Groups boxes into lines: indices into `boxes`, in reading order along the direction in which the page is written. The
/// order in which the boxes are given makes no difference.
pub(crate) fn lines(boxes: &[TextBox]) -> Vec<Vec<usize>> {
    let mut given: Vec<usize> = (0..boxes.len()).collect();
    given.sort_by(|a, b| compare(&boxes[*a], &boxes[*b]));
    let sorted: Vec<TextBox> = given.iter().map(|index| boxes[*index]).collect();
    let page = Page::new(&sorted);
    let blocks = page.blocks((0..sorted.len()).collect());
    let lines = blocks.iter().flat_map(|block| page.rows(block));
    lines.map(|line| line.into_iter().map(|index| given[index]).collect()).collect()
}

/// Groups boxes into lines from margin to margin, whatever columns there are, from top to bottom. For documents with tables,
/// in which a cell may be as long as a column of text.
pub(crate) fn lines_across(boxes: &[TextBox]) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..boxes.len()).collect();
    Page::new(boxes).rows(&all)
}

/// An order of boxes that goes by where they are alone.
fn compare(a: &TextBox, b: &TextBox) -> std::cmp::Ordering {
    let values = |place: &TextBox| [place.center[0], place.center[1], place.width, place.height, place.along[1]];
    let pairs = values(a).into_iter().zip(values(b));
    pairs.map(|(a, b)| a.total_cmp(&b)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

/// The boxes of a page, as they are and in the frame in which the page is written from left to right.
struct Page<'a> {
    boxes: &'a [TextBox],
    along: [f32; 2],
    upright: Vec<Upright>,
}

impl<'a> Page<'a> {
    fn new(boxes: &'a [TextBox]) -> Self {
        let along = page_direction(boxes);
        Self { boxes, along, upright: boxes.iter().map(|place| Upright::new(place, along)).collect() }
    }

    /// The boxes of one column each, in reading order.
    fn blocks(&self, members: Vec<usize>) -> Vec<Vec<usize>> {
        let Some(bands) = self.best_bands(&members) else { return vec![members] };
        bands.into_iter().flat_map(Band::blocks).flat_map(|block| self.blocks(block)).collect()
    }

    /// The bands that the best gutter makes of these boxes; none when they stand in one column.
    fn best_bands(&self, members: &[usize]) -> Option<Vec<Band>> {
        let height = self.median_height(members)?;
        // No gutter is narrower than two steps, so none is missed.
        let steps: std::collections::BTreeSet<i32> = members
            .iter()
            .map(|index| (self.upright[*index].right / (GUTTER * height / 2.0)).ceil())
            .filter(|step| step.is_finite())
            .map(|step| step as i32)
            .collect();
        let mut best: Option<(usize, f32, Vec<Band>)> = None;
        for step in steps {
            let bands = self.bands(members, step as f32 * GUTTER * height / 2.0, height);
            let columns: Vec<&Columns> = bands.iter().filter_map(Band::columns).collect();
            let parted: usize = columns.iter().map(|columns| columns.left.len() + columns.right.len()).sum();
            let gutter = columns.iter().map(|columns| columns.gutter).fold(f32::INFINITY, f32::min);
            // Of two gutters that part as much the wider one is that between the columns, the other that between a
            // column's text and the labels in its margin.
            let is_better = best.as_ref().is_none_or(|(most, widest, _)| (parted, gutter) > (*most, *widest));
            if parted > 0 && is_better {
                best = Some((parted, gutter, bands));
            }
        }
        best.map(|(_, _, bands)| bands)
    }

    /// Parts boxes into bands at those that cross `x`.
    fn bands(&self, members: &[usize], x: f32, height: f32) -> Vec<Band> {
        let at = |index: &usize| &self.upright[*index];
        let crosses = |index: &usize| at(index).left < x && at(index).right > x;
        let mut crossing: Vec<f32> =
            members.iter().filter(|index| crosses(index)).map(|index| at(index).middle).collect();
        crossing.sort_by(f32::total_cmp);
        // What stands on a line that crosses goes with it.
        let is_beside = |middle: f32| {
            let near = crossing.partition_point(|other| *other < middle - SAME_LINE * height);
            crossing.get(near).is_some_and(|other| *other < middle + SAME_LINE * height)
        };
        let mut sides: Vec<[Vec<usize>; 2]> = vec![Default::default(); crossing.len() + 1];
        let mut across: Vec<Vec<usize>> = vec![Vec::new(); crossing.len() + 1];
        for index in members {
            let middle = at(index).middle;
            let band = crossing.partition_point(|other| *other < middle);
            if crosses(index) || is_beside(middle) {
                across[band].push(*index);
            } else {
                sides[band][usize::from(at(index).left >= x)].push(*index);
            }
        }
        let mut bands: Vec<Band> = Vec::new();
        for (sides, crossing) in sides.into_iter().zip(across) {
            match self.columns(&sides, height) {
                Some(columns) => bands.push(Band::Columns(columns)),
                None => Band::add(&mut bands, sides.concat()),
            }
            Band::add(&mut bands, crossing);
        }
        bands
    }

    /// What stands on two sides, if these are columns of text.
    fn columns(&self, sides: &[Vec<usize>; 2], height: f32) -> Option<Columns> {
        let [left, right] = sides;
        if left.len() < ROWS || right.len() < ROWS {
            return None;
        }
        let edge = |side: &[usize], of: fn(&Upright) -> f32, pick: fn(f32, f32) -> f32| {
            side.iter().map(|index| of(&self.upright[*index])).reduce(pick)
        };
        let ends = edge(left, |place| place.right, f32::max)?;
        let begins = edge(right, |place| place.left, f32::min)?;
        let gutter = begins - ends;
        if gutter < GUTTER * height {
            return None;
        }
        let widths =
            [ends - edge(left, |place| place.left, f32::min)?, edge(right, |place| place.right, f32::max)? - begins];
        let narrower = widths[0].min(widths[1]);
        let rows = sides.each_ref().map(|side| self.rows(side));
        let fewest = rows.iter().map(Vec::len).min()?;
        let is_narrow = narrower < NARROW * height;
        if fewest < if is_narrow { NARROW_ROWS } else { ROWS } || narrower < MARGIN * widths[0].max(widths[1]) {
            return None;
        }
        let usual = |rows: &Vec<Vec<usize>>| {
            let width = |row: &Vec<usize>| {
                let left = edge(row, |place| place.left, f32::min).unwrap_or_default();
                edge(row, |place| place.right, f32::max).unwrap_or_default() - left
            };
            median(rows.iter().map(width).collect())
        };
        let usual = [usual(&rows[0])?, usual(&rows[1])?];
        let (short, long) = (usual[0].min(usual[1]), usual[0].max(usual[1]));
        // Short lines beside long ones are amounts or remarks, not a text of their own. So are lines that all stand level
        // with the other side's: those of a table do; of two texts, only on ruled paper.
        let is_level = self.are_level(&rows, height);
        let (enough, alike) = if is_level { (LEVEL, LEVEL_ALIKE) } else { (SHORT, ALIKE) };
        let is_list = short >= alike * long && (!is_level || fewest >= LEVEL_ROWS);
        let are_text = short >= COLUMN * height && (short >= enough * height || is_list);
        if self.is_ranged_right(&rows[1], height) {
            return None; // amounts of a list
        }
        // Beside columns as narrow as a label and a word, only a gutter that is wider than they are parts anything.
        let is_wide_enough = !is_narrow || gutter >= 0.5 * narrower;
        (are_text && is_wide_enough).then(|| Columns { left: left.clone(), right: right.clone(), gutter })
    }

    /// Whether nearly each line of the side with fewer lines stands level with one of the other.
    fn are_level(&self, sides: &[Vec<Vec<usize>>; 2], height: f32) -> bool {
        let middle =
            |row: &Vec<usize>| row.iter().map(|index| self.upright[*index].middle).sum::<f32>() / row.len() as f32;
        let [left, right] = sides.each_ref().map(|rows| rows.iter().map(middle).collect::<Vec<f32>>());
        let (fewer, more) = if left.len() < right.len() { (left, right) } else { (right, left) };
        let is_level = |own: &&f32| more.iter().any(|other| (*own - other).abs() < LEVEL_WITHIN * height);
        fewer.iter().filter(is_level).count() as f32 >= LEVEL_SHARE * fewer.len() as f32
    }

    /// Whether lines end under each other rather than begin there, as amounts do and text does not.
    fn is_ranged_right(&self, rows: &[Vec<usize>], height: f32) -> bool {
        let spread = |edges: Vec<f32>| {
            let middle = median(edges.clone())?;
            median(edges.iter().map(|edge| (edge - middle).abs()).collect())
        };
        let of = |side: fn(&Upright) -> f32, pick: fn(f32, f32) -> f32| {
            let edge = |row: &Vec<usize>| row.iter().map(|index| side(&self.upright[*index])).reduce(pick);
            spread(rows.iter().filter_map(edge).collect()).unwrap_or_default()
        };
        let (begins, ends) = (of(|place| place.left, f32::min), of(|place| place.right, f32::max));
        begins > 0.15 * height && ends < 0.7 * begins
    }

    fn median_height(&self, members: &[usize]) -> Option<f32> {
        median(members.iter().map(|index| self.boxes[*index].height).collect()).map(|height| height.max(1.0))
    }

    /// The lines of one column, from top to bottom.
    fn rows(&self, members: &[usize]) -> Vec<Vec<usize>> {
        let (boxes, upright, along) = (self.boxes, &self.upright, self.along);
        let mut order = members.to_vec();
        order.sort_by(|a, b| upright[*a].left.total_cmp(&upright[*b].left).then(a.cmp(b)));

        // From left to right, each box continues the line whose last box it fits best. The last box, not the whole line:
        // lines of a photographed page bend.
        let mut lines: Vec<Vec<usize>> = Vec::new();
        for index in order {
            let place = &upright[index];
            let best = lines
                .iter_mut()
                .filter_map(|line| {
                    let last = &upright[*line.last()?];
                    let overlap = place.overlap(last, boxes, index, *line.last()?, along);
                    let follows = place.left > f32::midpoint(last.left, last.right);
                    (follows && overlap >= SAME_LINE).then_some((overlap, line))
                })
                .max_by(|a, b| a.0.total_cmp(&b.0));
            match best {
                Some((_, line)) => line.push(index),
                None => lines.push(vec![index]),
            }
        }
        let height =
            |line: &Vec<usize>| line.iter().map(|index| upright[*index].middle).sum::<f32>() / line.len() as f32;
        lines.sort_by(|a, b| height(a).total_cmp(&height(b)).then(a.cmp(b)));
        lines
    }
}

/// What stands between two heights of a page.
enum Band {
    /// Two columns.
    Columns(Columns),
    /// One.
    Single(Vec<usize>),
}

/// Two columns beside each other.
struct Columns {
    left: Vec<usize>,
    right: Vec<usize>,
    /// Width of the gutter between them.
    gutter: f32,
}

impl Band {
    /// Adds boxes of a single column to the bands above.
    fn add(bands: &mut Vec<Self>, boxes: Vec<usize>) {
        match bands.last_mut() {
            _ if boxes.is_empty() => {}
            Some(Self::Single(above)) => above.extend(boxes),
            _ => bands.push(Self::Single(boxes)),
        }
    }

    fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Columns(columns) => Some(columns),
            Self::Single(_) => None,
        }
    }

    /// The columns one by one.
    fn blocks(self) -> Vec<Vec<usize>> {
        match self {
            Self::Columns(columns) => vec![columns.left, columns.right],
            Self::Single(boxes) => vec![boxes],
        }
    }
}

/// The middle one; of an even number the upper of the two.
fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// A box in the frame in which the page is written from left to right.
struct Upright {
    left: f32,
    right: f32,
    middle: f32,
}

impl Upright {
    fn new(place: &TextBox, along: [f32; 2]) -> Self {
        let [x, middle] = turn(place.center, along);
        Self { left: x - place.width / 2.0, right: x + place.width / 2.0, middle }
    }

    /// Share of the lower box's height by which the two overlap, when the left one is followed along its own direction
    /// to the right one.
    fn overlap(&self, left: &Self, boxes: &[TextBox], own: usize, left_own: usize, along: [f32; 2]) -> f32 {
        let (place, before) = (&boxes[own], &boxes[left_own]);
        let [cosine, rise] = turn(before.along, along);
        let distance = self.left - f32::midpoint(left.left, left.right);
        let expected = left.middle + if cosine > 0.0 { distance * rise / cosine } else { 0.0 };
        let [cosine, rise] = turn(place.along, along);
        let start = self.middle - if cosine > 0.0 { place.width / 2.0 * rise / cosine } else { 0.0 };
        let lower = place.height.min(before.height).max(1.0);
        (f32::midpoint(place.height, before.height) - (expected - start).abs()) / lower
    }
}

/// The direction of most of the writing: that of all boxes together, each counted by its width.
fn page_direction(boxes: &[TextBox]) -> [f32; 2] {
    let sum = boxes
        .iter()
        .fold([0.0, 0.0], |sum, place| [sum[0] + place.along[0] * place.width, sum[1] + place.along[1] * place.width]);
    let length = (sum[0] * sum[0] + sum[1] * sum[1]).sqrt();
    if length > 0.0 { [sum[0] / length, sum[1] / length] } else { [1.0, 0.0] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(x: f32, y: f32, width: f32, height: f32, along: [f32; 2]) -> TextBox {
        TextBox { center: [x, y], along, width, height }
    }

    #[test]
    fn labels_in_the_margin_stand_before_their_line() {
        let flat = [1.0, 0.0];
        let boxes = [
            place(500.0, 200.0, 600.0, 50.0, flat),
            place(60.0, 260.0, 30.0, 30.0, flat),
            place(60.0, 205.0, 30.0, 30.0, flat),
            place(480.0, 262.0, 560.0, 50.0, flat),
        ];
        assert_eq!(lines(&boxes), [vec![2, 0], vec![1, 3]]);
    }

    #[test]
    fn a_page_turned_by_seven_degrees_reads_along_its_lines() {
        // cos and sin of 7°: over 900 pixels a line falls by 110, more than the distance of two lines.
        let along = [0.992_546, 0.121_869];
        let at = |u: f32, v: f32| [u * along[0] - v * along[1] + 200.0, u * along[1] + v * along[0] + 50.0];
        let mut boxes = Vec::new();
        for row in 0..5 {
            for column in 0..3 {
                let [x, y] = at(150.0 + 300.0 * column as f32, 60.0 * row as f32);
                boxes.push(place(x, y, 260.0, 44.0, along));
            }
        }
        let expected: Vec<Vec<usize>> = (0..5).map(|row| (0..3).map(|column| row * 3 + column).collect()).collect();
        assert_eq!(lines(&boxes), expected);
    }

    /// Boxes of these lines of `[left, right]`, 60 pixels apart, from this height on.
    fn column(top: f32, ends: &[[f32; 2]]) -> Vec<TextBox> {
        let row = |(row, [left, right]): (usize, &[f32; 2])| {
            place(f32::midpoint(*left, *right), top + 60.0 * row as f32, right - left, 44.0, [1.0, 0.0])
        };
        ends.iter().enumerate().map(row).collect()
    }

    /// The same boxes on a page that is turned by this angle's cosine and sine.
    fn turned(boxes: &[TextBox], along: [f32; 2]) -> Vec<TextBox> {
        let turn = |[u, v]: [f32; 2]| [u * along[0] - v * along[1] + 300.0, u * along[1] + v * along[0] + 50.0];
        boxes.iter().map(|place| TextBox { center: turn(place.center), along, ..*place }).collect()
    }

    /// Whether the boxes, one a line, are read in the order in which they are given: flat, and turned by 4° and by −12°.
    fn reads_in_order(boxes: &[TextBox]) {
        let expected: Vec<Vec<usize>> = (0..boxes.len()).map(|index| vec![index]).collect();
        for along in [[1.0, 0.0], [0.997_564, 0.069_756], [0.978_148, -0.207_912]] {
            assert_eq!(lines(&turned(boxes, along)), expected, "{along:?}");
        }
    }

    #[test]
    fn the_left_column_is_read_before_the_right_one() {
        let left = column(100.0, &[[50.0, 700.0], [55.0, 690.0], [48.0, 500.0], [52.0, 705.0], [50.0, 300.0]]);
        let right = column(120.0, &[[790.0, 1400.0], [800.0, 1450.0], [795.0, 1000.0], [790.0, 1380.0]]);
        reads_in_order(&[left, right].concat());
    }

    #[test]
    fn a_heading_stands_above_both_columns_and_a_closing_line_below() {
        let heading = column(30.0, &[[200.0, 1300.0]]);
        let left = column(100.0, &[[50.0, 700.0], [55.0, 690.0], [48.0, 500.0], [52.0, 705.0], [50.0, 300.0]]);
        let right = column(100.0, &[[790.0, 1400.0], [800.0, 1450.0], [795.0, 1000.0]]);
        let closing = column(440.0, &[[60.0, 1350.0], [60.0, 1380.0], [60.0, 400.0]]);
        reads_in_order(&[heading, left, right, closing].concat());
    }

    #[test]
    fn columns_may_be_uneven_and_there_may_be_three() {
        let left: Vec<[f32; 2]> = (0..20).map(|row| [50.0, 400.0 - 20.0 * (row % 4) as f32]).collect();
        let narrow = column(125.0, &[[520.0, 900.0], [520.0, 880.0], [520.0, 700.0]]);
        reads_in_order(&[column(100.0, &left), narrow.clone()].concat());
        let right = column(95.0, &[[1000.0, 1400.0], [1000.0, 1390.0], [1000.0, 1300.0], [1000.0, 1200.0]]);
        reads_in_order(&[column(100.0, &left), narrow, right].concat());
    }

    #[test]
    fn labels_and_marks_in_the_margins_are_no_column() {
        let text: Vec<[f32; 2]> = (0..8).map(|row| [200.0, 1200.0 + 10.0 * (row % 3) as f32]).collect();
        let labels: Vec<[f32; 2]> = (0..8).map(|_| [60.0, 130.0]).collect();
        let marks: Vec<[f32; 2]> = (0..8).map(|_| [1330.0, 1390.0]).collect();
        let boxes = [column(100.0, &text), column(104.0, &labels), column(97.0, &marks)].concat();
        let expected: Vec<Vec<usize>> = (0..8).map(|row| vec![row + 8, row, row + 16]).collect();
        assert_eq!(lines(&boxes), expected);
    }

    #[test]
    fn labels_of_short_answers_stay_with_them_and_the_answers_in_their_columns() {
        // `1. A` to `6. D`, and beside them `7. B` to `12. C`, every label a box of its own.
        let labels = |left: f32| (0..6).map(|_| [left, left + 35.0]).collect::<Vec<_>>();
        let letters = |left: f32| (0..6).map(|_| [left, left + 40.0]).collect::<Vec<_>>();
        let boxes = [labels(60.0), letters(130.0), labels(560.0), letters(630.0)];
        let boxes = boxes.map(|ends| column(100.0, &ends)).concat();
        let expected: Vec<Vec<usize>> =
            (0..12).map(|row| row % 6 + row / 6 * 12).map(|box_| vec![box_, box_ + 6]).collect();
        assert_eq!(lines(&boxes), expected);
    }

    #[test]
    fn the_fields_of_a_form_are_read_across() {
        let fields = column(100.0, &[[60.0, 250.0], [60.0, 290.0], [60.0, 200.0]]);
        let written = column(100.0, &[[420.0, 800.0], [420.0, 700.0], [425.0, 690.0]]);
        assert_eq!(lines(&[fields, written].concat()), [vec![0, 3], vec![1, 4], vec![2, 5]]);
    }

    #[test]
    fn amounts_stay_with_what_they_are_for() {
        let items = column(100.0, &[[60.0, 400.0], [60.0, 380.0], [60.0, 300.0], [60.0, 420.0], [60.0, 330.0]]);
        let amounts =
            column(100.0, &[[900.0, 1030.0], [920.0, 1030.0], [860.0, 1031.0], [920.0, 1030.0], [880.0, 1029.0]]);
        let expected: Vec<Vec<usize>> = (0..5).map(|row| vec![row, row + 5]).collect();
        assert_eq!(lines(&[items, amounts].concat()), expected);
    }

    #[test]
    fn a_table_of_words_is_read_across() {
        let names = column(100.0, &[[60.0, 330.0], [60.0, 360.0], [60.0, 300.0], [60.0, 340.0]]);
        let values = column(102.0, &[[500.0, 760.0], [500.0, 800.0], [505.0, 770.0], [500.0, 740.0]]);
        let expected: Vec<Vec<usize>> = (0..4).map(|row| vec![row, row + 4]).collect();
        assert_eq!(lines(&[names, values].concat()), expected);
    }

    #[test]
    fn gaps_in_a_few_lines_make_no_columns() {
        let mut boxes = column(100.0, &[[60.0, 700.0], [60.0, 1300.0], [60.0, 690.0], [60.0, 1290.0], [60.0, 1310.0]]);
        boxes.push(place(1030.0, 100.0, 540.0, 44.0, [1.0, 0.0]));
        boxes.push(place(1030.0, 220.0, 540.0, 44.0, [1.0, 0.0]));
        assert_eq!(lines(&boxes), [vec![0, 5], vec![1], vec![2, 6], vec![3], vec![4]]);
    }

    /// Whether columns with lines of these widths, the right one so much lower, are read from first to last.
    fn are_read_one_after_the_other(left: &[f32], right: &[f32], offset: f32) -> bool {
        let ends = |left: f32, widths: &[f32]| widths.iter().map(|width| [left, left + width]).collect::<Vec<_>>();
        let boxes = [column(100.0, &ends(50.0, left)), column(100.0 + offset, &ends(780.0, right))].concat();
        lines(&boxes).into_iter().flatten().eq(0..boxes.len())
    }

    proptest! {
        #[test]
        fn every_box_is_in_exactly_one_line_in_whatever_order_they_come(
            places in proptest::collection::vec((0.0_f32..2000.0, 0.0_f32..3000.0, 1.0_f32..900.0, 1.0_f32..90.0, -0.2_f32..0.2), 0..60),
            seed: u64,
        ) {
            let boxes: Vec<TextBox> = places
                .into_iter()
                .map(|(x, y, width, height, slope)| {
                    let length = (1.0 + slope * slope).sqrt();
                    place(x, y, width, height, [1.0 / length, slope / length])
                })
                .collect();
            let read = lines(&boxes);
            let mut found: Vec<usize> = read.iter().flatten().copied().collect();
            found.sort_unstable();
            prop_assert_eq!(found, (0..boxes.len()).collect::<Vec<_>>());

            let mut mixed: Vec<usize> = (0..boxes.len()).collect();
            mixed.sort_by_key(|index| (*index as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
            let others: Vec<TextBox> = mixed.iter().map(|index| boxes[*index]).collect();
            let again: Vec<Vec<usize>> =
                lines(&others).into_iter().map(|line| line.into_iter().map(|index| mixed[index]).collect()).collect();
            prop_assert_eq!(again, read);
        }

        #[test]
        fn two_columns_are_read_one_after_the_other_whatever_their_lines(
            left in proptest::collection::vec(300.0_f32..650.0, 4..25),
            right in proptest::collection::vec(300.0_f32..650.0, 4..25),
            // Short lines that stand level may be a table.
            offset in 14.0_f32..46.0,
        ) {
            prop_assert!(are_read_one_after_the_other(&left, &right, offset));
        }

        #[test]
        fn long_lines_are_columns_also_where_they_stand_level(
            left in proptest::collection::vec(540.0_f32..650.0, 4..25),
            right in proptest::collection::vec(540.0_f32..650.0, 4..25),
            offset in 0.0_f32..60.0,
        ) {
            prop_assert!(are_read_one_after_the_other(&left, &right, offset));
        }
    }
}
