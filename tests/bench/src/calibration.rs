//! Whether confidence is what it says: of all that is read with 0.8, eight in ten should be right.

use std::fmt::Write;

use serde::Serialize;

/// Number of bins between 0 and 1.
const BINS: usize = 10;

/// Confidences and how often they were right, in ten bins.
#[derive(Clone, Default)]
pub struct Calibration {
    bins: [Bin; BINS],
}

/// What was read with a confidence between two tenths.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Bin {
    /// How many.
    pub n: usize,
    /// Sum of their confidences.
    pub promised: f64,
    /// How many of them were right.
    pub right: usize,
}

impl Calibration {
    /// Counts one.
    pub fn add(&mut self, confidence: f64, is_right: bool) {
        let bin = &mut self.bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.n += 1;
        bin.promised += confidence;
        bin.right += usize::from(is_right);
    }

    /// Adds another one's.
    pub fn merge(&mut self, other: &Self) {
        for (bin, other) in self.bins.iter_mut().zip(&other.bins) {
            bin.n += other.n;
            bin.promised += other.promised;
            bin.right += other.right;
        }
    }

    /// The bins.
    #[must_use]
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// How many were counted.
    #[must_use]
    pub fn n(&self) -> usize {
        self.bins.iter().map(|bin| bin.n).sum()
    }

    /// Expected calibration error (Naeini et al. 2015): the mean distance of promised and right, by the size of the bins.
    #[must_use]
    pub fn error(&self) -> f64 {
        let distance: f64 = self.bins.iter().map(|bin| (bin.promised - bin.right as f64).abs()).sum();
        distance / self.n().max(1) as f64
    }
}

/// For each item of what was read, whether it is right when both are laid side by side with the fewest edits.
#[must_use]
pub fn right<T: PartialEq>(read: &[T], truth: &[T]) -> Vec<bool> {
    let width = truth.len() + 1;
    // costs[i][j]: edits from read[i..] to truth[j..].
    let mut costs = vec![0_u32; (read.len() + 1) * width];
    for i in (0..=read.len()).rev() {
        for j in (0..=truth.len()).rev() {
            costs[i * width + j] = match (i < read.len(), j < truth.len()) {
                (false, _) => (truth.len() - j) as u32,
                (true, false) => (read.len() - i) as u32,
                (true, true) => {
                    let both = costs[(i + 1) * width + j + 1] + u32::from(read[i] != truth[j]);
                    both.min(costs[(i + 1) * width + j] + 1).min(costs[i * width + j + 1] + 1)
                }
            };
        }
    }
    let mut right = vec![false; read.len()];
    let (mut i, mut j) = (0, 0);
    while i < read.len() && j < truth.len() {
        let here = costs[i * width + j];
        if here == costs[(i + 1) * width + j + 1] + u32::from(read[i] != truth[j]) {
            right[i] = read[i] == truth[j];
            (i, j) = (i + 1, j + 1);
        } else if here == costs[(i + 1) * width + j] + 1 {
            i += 1;
        } else {
            j += 1;
        }
    }
    right
}

/// A reliability diagram as SVG: for each bin how much of it was right; the line is what was promised.
#[must_use]
pub fn diagram(title: &str, curves: &[(&str, &Calibration)]) -> String {
    // Okabe and Ito's colours, which people with any colour vision can tell apart.
    const COLOURS: [&str; 5] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"];
    let (left, top, size) = (60.0, 40.0, 300.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 400\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"400\" height=\"400\" fill=\"white\"/>\n<text x=\"{left}\" y=\"22\" font-size=\"14\">{title}</text>\n\
         <rect x=\"{left}\" y=\"{top}\" width=\"{size}\" height=\"{size}\" fill=\"none\" stroke=\"#888\"/>\n\
         <line x1=\"{left}\" y1=\"{}\" x2=\"{}\" y2=\"{top}\" stroke=\"#888\" stroke-dasharray=\"4\"/>\n\
         <text x=\"{}\" y=\"375\" text-anchor=\"middle\">confidence promised</text>\n\
         <text x=\"20\" y=\"{}\" text-anchor=\"middle\" transform=\"rotate(-90 20 {})\">share that was right</text>\n",
        top + size,
        left + size,
        left + size / 2.0,
        top + size / 2.0,
        top + size / 2.0,
    );
    for tenth in [0, 5, 10] {
        let share = f64::from(tenth) / 10.0;
        // Writing to a string can't fail.
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"355\" text-anchor=\"middle\">{share}</text>\
             <text x=\"52\" y=\"{}\" text-anchor=\"end\">{share}</text>",
            left + share * size,
            top + size - share * size + 4.0
        );
    }
    for (index, (name, curve)) in curves.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let mut points = String::new();
        for bin in curve.bins().iter().filter(|bin| bin.n > 0) {
            let x = left + bin.promised / bin.n as f64 * size;
            let y = top + size - bin.right as f64 / bin.n as f64 * size;
            let _ = write!(points, "{x:.1},{y:.1} ");
            let radius = 2.0 + 6.0 * (bin.n as f64 / curve.n() as f64).sqrt();
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" fill-opacity=\"0.6\"/>"
            );
        }
        let y = 60.0 + 18.0 * index as f64;
        let _ = writeln!(
            svg,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n\
             <text x=\"70\" y=\"{y}\" fill=\"{colour}\">{name}: n = {}, ECE {:.3}</text>",
            curve.n(),
            curve.error()
        );
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_both_is_right() {
        assert_eq!(right(&["a", "x", "c"], &["a", "b", "c"]), [true, false, true]);
        assert_eq!(right(&["a", "c"], &["a", "b", "c"]), [true, true]);
        assert_eq!(right(&["a", "b", "c"], &[]), [false; 3]);
    }

    #[test]
    fn promising_too_much_is_an_error() {
        let mut calibration = Calibration::default();
        for number in 0..10 {
            calibration.add(0.9, number < 5);
        }
        assert!((calibration.error() - 0.4).abs() < 1e-9);
    }
}
