//! Where a piece of writing stands: a rectangle that may be turned.

use smartscripts_domain::reading::Quad;

/// A rectangle around a piece of writing, in pixels of the page. All arithmetic is on plain sums and products, so that
/// the same page gives the same box everywhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextBox {
    /// Its middle, `[x, y]`.
    pub center: [f32; 2],
    /// Unit vector `[x, y]` in the direction of writing.
    pub along: [f32; 2],
    /// Length in the direction of writing.
    pub width: f32,
    /// Length across it.
    pub height: f32,
}

impl TextBox {
    /// The smallest box with this direction of writing around these points; none when there are no points.
    pub(crate) fn around(points: impl IntoIterator<Item = [f32; 2]>, along: [f32; 2]) -> Option<Self> {
        let mut range: Option<[f32; 4]> = None;
        for point in points {
            let [u, v] = turn(point, along);
            let [left, top, right, bottom] = range.unwrap_or([u, v, u, v]);
            range = Some([left.min(u), top.min(v), right.max(u), bottom.max(v)]);
        }
        let [left, top, right, bottom] = range?;
        let middle = [f32::midpoint(left, right), f32::midpoint(top, bottom)];
        Some(Self { center: turn_back(middle, along), along, width: right - left, height: bottom - top })
    }

    /// The point of the page at `u` in the direction of writing and `v` across it, both from the top left corner.
    pub(crate) fn point(&self, u: f32, v: f32) -> [f32; 2] {
        let offset = turn_back([u - self.width / 2.0, v - self.height / 2.0], self.along);
        [self.center[0] + offset[0], self.center[1] + offset[1]]
    }

    /// The corners, clockwise from the top left of the writing.
    pub(crate) fn corners(&self) -> [[f32; 2]; 4] {
        [
            self.point(0.0, 0.0),
            self.point(self.width, 0.0),
            self.point(self.width, self.height),
            self.point(0.0, self.height),
        ]
    }

    /// The part from `left` to `right` in the direction of writing, measured from the left edge.
    pub(crate) fn part(&self, left: f32, right: f32) -> Self {
        let center = self.point(f32::midpoint(left, right), self.height / 2.0);
        Self { center, width: right - left, ..*self }
    }

    /// This box with `margin` more on each side.
    pub(crate) fn grown(&self, margin: f32) -> Self {
        Self { width: self.width + 2.0 * margin, height: self.height + 2.0 * margin, ..*self }
    }

    /// The corners in whole pixels.
    #[must_use]
    pub fn quad(&self) -> Quad {
        Quad(self.corners().map(|corner| corner.map(|value| value.round() as i32)))
    }
}

/// The coordinates of a point in a frame turned so that `along` points to the right.
pub(crate) fn turn([x, y]: [f32; 2], along: [f32; 2]) -> [f32; 2] {
    [x * along[0] + y * along[1], y * along[0] - x * along[1]]
}

/// The inverse of [`turn`].
fn turn_back([u, v]: [f32; 2], along: [f32; 2]) -> [f32; 2] {
    [u * along[0] - v * along[1], u * along[1] + v * along[0]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_box_keeps_its_corners_in_writing_order() {
        // 3-4-5: writing that falls by 3 pixels in 4.
        let along = [0.8, 0.6];
        let corners = [[100.0, 50.0], [180.0, 110.0], [168.0, 126.0], [88.0, 66.0]];
        let found = TextBox::around(corners, along).unwrap();
        assert!((found.width - 100.0).abs() < 1e-3 && (found.height - 20.0).abs() < 1e-3, "{found:?}");
        assert_eq!(found.quad(), Quad(corners.map(|corner| corner.map(|value| value as i32))));
    }

    #[test]
    fn a_part_lies_where_it_was_cut() {
        let line = TextBox { center: [50.0, 10.0], along: [1.0, 0.0], width: 100.0, height: 20.0 };
        assert_eq!(line.part(10.0, 30.0).quad(), Quad::rectangle(10, 0, 30, 20));
    }
}
