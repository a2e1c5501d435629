//! From probabilities to marks: a distribution over the marks that can be given, the most likely of them, and how sure
//! that is.

use crate::head::{logit, sigmoid};

/// Smallest step in which part of a criterion is given, in thousandths: half a mark.
const STEP: i64 = 500;
/// Most steps of one criterion; one of more marks goes in larger ones.
const MOST_STEPS: i64 = 40;
/// Probability below which a criterion is not earned, whatever the answer earns as a whole.
const LEAST: f64 = 0.3;
/// Difference from the mark, as a share of the maximum, up to which another grader's is the same.
pub const AGREES: f64 = 0.25;
/// Steps in which the sum of several criteria is followed.
const GRID: usize = 200;

/// In how many steps a criterion that is the question's only one is marked: whole or not at all up to one mark, else by
/// half marks.
pub fn steps(thousandths: i64) -> usize {
    if thousandths <= 1000 { 1 } else { (thousandths / STEP).clamp(1, MOST_STEPS) as usize }
}

/// The most likely of the marks 0, 1, … of so many steps, the lower of equals, and the probability that another grader's
/// mark is the same within [`AGREES`].
pub fn most_likely(levels: &[f64]) -> (usize, f64) {
    let best = (1..levels.len()).fold(0, |best, level| if levels[level] > levels[best] { level } else { best });
    let reach = AGREES * (levels.len() - 1) as f64 + 1e-9;
    let near = levels.iter().enumerate().filter(|(level, _)| best.abs_diff(*level) as f64 <= reach);
    (best, near.map(|(_, probability)| probability).sum())
}

/// What several criteria earn together.
#[derive(Debug)]
pub struct Sum {
    /// For each criterion, whether it is earned, and how likely that it would be.
    pub criteria: Vec<(bool, f64)>,
    /// Probability that another grader's sum is the same within [`AGREES`].
    pub agreement: f64,
}

/// Shifts the criteria's probabilities so that together they promise the share that the answer as a whole is worth, and
/// gives those that are likeliest, as many as come nearest to that share.
pub fn sum(probabilities: &[f64], weights: &[f64], share: f64) -> Sum {
    let total: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let shifted = |by: f64| -> Vec<f64> { probabilities.iter().map(|&p| sigmoid(logit(p) + by)).collect() };
    let promised = |ps: &[f64]| ps.iter().zip(weights).map(|(p, weight)| p * weight).sum::<f64>() / total;
    // Bisection: the sum rises with the shift.
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if promised(&shifted(middle)) < share { low = middle } else { high = middle }
    }
    let likely = shifted(f64::midpoint(low, high));
    let mut order: Vec<usize> = (0..likely.len()).filter(|&index| likely[index] >= LEAST).collect();
    order.sort_by(|&a, &b| likely[b].total_cmp(&likely[a]).then(a.cmp(&b)));
    let (mut given, mut count, mut nearest) = (0.0, 0, share);
    for (number, &index) in order.iter().enumerate() {
        given += weights[index] / total;
        if (given - share).abs() < nearest - 1e-9 {
            (count, nearest) = (number + 1, (given - share).abs());
        }
    }
    let mut earned = vec![false; likely.len()];
    order[..count].iter().for_each(|&index| earned[index] = true);
    let mark: f64 = (0..likely.len()).filter(|&index| earned[index]).map(|index| weights[index] / total).sum();
    let agreement = agreement(&likely, weights, total, mark);
    Sum { criteria: earned.into_iter().zip(likely).collect(), agreement }
}

/// Probability that independent decisions about the criteria sum up to the mark, within [`AGREES`] of the maximum.
fn agreement(likely: &[f64], weights: &[f64], total: f64, mark: f64) -> f64 {
    let mut sums = vec![0.0; GRID + 1];
    sums[0] = 1.0;
    for (p, weight) in likely.iter().zip(weights) {
        let step = (weight / total * GRID as f64).round() as usize;
        for sum in (0..=GRID).rev() {
            let without = if sum >= step { sums[sum - step] } else { 0.0 };
            sums[sum] = sums[sum] * (1.0 - p) + without * p;
        }
    }
    let is_near = |sum: usize| (sum as f64 / GRID as f64 - mark).abs() <= AGREES + 0.01;
    (0..=GRID).filter(|&sum| is_near(sum)).map(|sum| sums[sum]).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_whole_up_to_one_and_by_halves_above() {
        assert_eq!([250, 1000, 1500, 5000, 90_000].map(steps), [1, 1, 3, 10, 40]);
    }

    #[test]
    fn the_most_likely_mark_wins_and_neighbours_agree() {
        let (level, agreement) = most_likely(&[0.1, 0.2, 0.1, 0.25, 0.35]);
        assert_eq!(level, 4);
        assert!((agreement - 0.6).abs() < 1e-9);
        assert_eq!(most_likely(&[0.5, 0.5]).0, 0);
    }

    #[test]
    fn the_likeliest_criteria_make_up_the_share() {
        let sum = sum(&[0.9, 0.5, 0.2, 0.45], &[1.0, 1.0, 1.0, 1.0], 0.75);
        assert_eq!(sum.criteria.iter().map(|(earned, _)| *earned).collect::<Vec<_>>(), [true, true, false, true]);
        assert!((0.5..1.0).contains(&sum.agreement));
    }

    #[test]
    fn many_slight_chances_earn_nothing() {
        let sum = sum(&[0.15; 6], &[1.0; 6], 0.15);
        assert!(sum.criteria.iter().all(|(earned, _)| !earned), "{sum:?}");
    }
}
