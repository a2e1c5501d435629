//! Where a note can stand without hiding anything.

/// An upright rectangle: left, top, right, bottom, in pixels.
pub type Area = [i32; 4];

/// What is taken on a page: the writing, and the notes placed so far.
#[derive(Default)]
pub struct Taken {
    areas: Vec<Area>,
}

impl Taken {
    /// Marks an area as taken.
    pub fn add(&mut self, area: Area) {
        self.areas.push(area);
    }

    /// Whether nothing stands there.
    pub fn is_free(&self, area: Area) -> bool {
        !self.areas.iter().any(|taken| overlap(*taken, area))
    }

    /// The free place nearest to this one, moving up or down only, within `top..bottom`; the place itself if there is
    /// none.
    pub fn slide(&self, area: Area, top: i32, bottom: i32) -> Area {
        let height = area[3] - area[1];
        let highest = (bottom - height).max(top);
        let at = |y: i32| [area[0], y, area[2], y + height];
        let wanted = area[1].clamp(top, highest);
        (0..=highest - top)
            .flat_map(|distance| [wanted + distance, wanted - distance])
            .filter(|y| (top..=highest).contains(y))
            .map(at)
            .find(|place| self.is_free(*place))
            .unwrap_or(at(wanted))
    }
}

/// Whether two areas share a pixel.
fn overlap(a: Area, b: Area) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slides_to_the_nearest_gap() {
        let mut taken = Taken::default();
        taken.add([0, 100, 50, 140]);
        assert_eq!(taken.slide([0, 105, 50, 125], 0, 500), [0, 80, 50, 100]);
        assert_eq!(taken.slide([0, 125, 50, 145], 0, 500), [0, 140, 50, 160]);
        assert_eq!(taken.slide([60, 110, 90, 130], 0, 500), [60, 110, 90, 130]);
        // No room at all: better there than nowhere.
        assert_eq!(taken.slide([0, 110, 50, 130], 100, 140), [0, 110, 50, 130]);
    }

    proptest! {
        #[test]
        fn notes_that_fit_never_overlap(wanted in proptest::collection::vec(0_i32..400, 1..20)) {
            let mut taken = Taken::default();
            let mut placed: Vec<Area> = Vec::new();
            for y in wanted {
                let place = taken.slide([0, y, 10, y + 20], 0, 1000);
                prop_assert!(placed.iter().all(|other| !overlap(*other, place)));
                taken.add(place);
                placed.push(place);
            }
        }
    }
}
