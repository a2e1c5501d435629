//! Reading order: boxes on one line of writing from left to right, lines from top to bottom, in a single column.

use crate::boxes::{TextBox, turn};

/// Share of the lower of two boxes by which they must overlap in height to stand on one line.
const SAME_LINE: f32 = 0.5;

/// Groups boxes into lines: indices into `boxes`, in reading order along the direction in which the page is written.
pub(crate) fn lines(boxes: &[TextBox]) -> Vec<Vec<usize>> {
    let along = page_direction(boxes);
    let upright: Vec<Upright> = boxes.iter().map(|place| Upright::new(place, along)).collect();
    let mut order: Vec<usize> = (0..boxes.len()).collect();
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
    let height = |line: &Vec<usize>| line.iter().map(|index| upright[*index].middle).sum::<f32>() / line.len() as f32;
    lines.sort_by(|a, b| height(a).total_cmp(&height(b)).then(a.cmp(b)));
    lines
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

    proptest! {
        #[test]
        fn every_box_is_in_exactly_one_line(
            places in proptest::collection::vec((0.0_f32..2000.0, 0.0_f32..3000.0, 1.0_f32..900.0, 1.0_f32..90.0, -0.2_f32..0.2), 0..40),
        ) {
            let boxes: Vec<TextBox> = places
                .into_iter()
                .map(|(x, y, width, height, slope)| {
                    let length = (1.0 + slope * slope).sqrt();
                    place(x, y, width, height, [1.0 / length, slope / length])
                })
                .collect();
            let mut found: Vec<usize> = lines(&boxes).into_iter().flatten().collect();
            found.sort_unstable();
            prop_assert_eq!(found, (0..boxes.len()).collect::<Vec<_>>());
        }
    }
}
