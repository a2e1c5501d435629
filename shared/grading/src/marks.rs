//! From probabilities to marks: a distribution over the marks that can be given, the middle of it, and how sure
//! that is.

use crate::head::{logit, sigmoid};

/// Smallest step in which part of a criterion is given, in thousandths: half a mark.
const STEP: i64 = 500;
/// Most steps of one criterion; one of more marks goes in larger ones.
const MOST_STEPS: i64 = 40;
/// Probability below which a criterion is not earned, whatever the answer earns as a whole.
const LEAST: f64 = 0.3;
/// The same before what the answer earns as a whole is known.
const LEAST_ALONE: f64 = 0.3;
/// Difference from the mark, as a share of the maximum, up to which another grader's is the same.
pub const AGREES: f64 = 0.25;
/// Parts of a criterion that are given.
const PARTS: f64 = 4.0;
/// Steps in which the sum of several criteria is followed.
pub const STEPS: usize = 20;

/// In how many steps a criterion that is the question's only one is marked: whole or not at all up to one mark, else by
/// half marks.
pub fn steps(thousandths: i64) -> usize {
    if thousandths <= 1000 { 1 } else { (thousandths / STEP).clamp(1, MOST_STEPS) as usize }
}

/// The mark of so many steps that is as likely too high as too low. Between whole and nothing it is the most likely one.
/// Where there are more, teachers' marks pile up at both ends, and the most likely mark jumps there; the model card says what
/// the two gave, and on which answers that was seen.
pub fn median(levels: &[f64]) -> usize {
    let mut below = 0.0;
    let reaches = levels.iter().position(|probability| {
        below += probability;
        below >= 0.5
    });
    reaches.unwrap_or(levels.len().saturating_sub(1))
}

/// The probability that another grader's mark is the same within [`AGREES`]; the mark is a share of the maximum.
pub fn agreement(levels: &[f64], mark: f64) -> f64 {
    let steps = levels.len().saturating_sub(1).max(1) as f64;
    let is_near = |level: usize| (level as f64 / steps - mark).abs() <= AGREES + 1e-6;
    (0..levels.len()).filter(|&level| is_near(level)).map(|level| levels[level]).sum::<f64>().min(1.0)
}

/// Gives the criteria that are likeliest, as many as come nearest to the share that the answer as a whole is worth. For each
/// criterion, how much of it is earned, all or nothing, and how likely it is that it would be.
pub fn sum(probabilities: &[f64], weights: &[f64], share: f64) -> Vec<(f64, f64)> {
    let likely = shifted(probabilities, weights, share);
    let is_open = |index: &usize| likely[*index] >= LEAST && probabilities[*index] >= LEAST_ALONE;
    let order: Vec<usize> = likeliest_first(&likely).into_iter().filter(is_open).collect();
    let total = total(weights);
    let (mut given, mut count, mut nearest) = (0.0, 0, share);
    for (number, &index) in order.iter().enumerate() {
        given += weights[index] / total;
        // Criteria that are as likely as each other, as those with the same text are, are given together or not at all.
        let is_tied = order.get(number + 1).is_some_and(|&next| is_equal(likely[next], likely[index]));
        if !is_tied && (given - share).abs() < nearest - 1e-9 {
            (count, nearest) = (number + 1, (given - share).abs());
        }
    }
    let mut earned = vec![0.0; likely.len()];
    order[..count].iter().for_each(|&index| earned[index] = 1.0);
    earned.into_iter().zip(likely).collect()
}

/// The same, where the one on the edge earns a part, in quarters.
pub fn parts(probabilities: &[f64], weights: &[f64], share: f64) -> Vec<(f64, f64)> {
    let likely = shifted(probabilities, weights, share);
    let mut left = share * total(weights);
    let mut earned = vec![0.0; likely.len()];
    let order = likeliest_first(&likely);
    for tied in order.chunk_by(|&a, &b| is_equal(likely[a], likely[b])) {
        let together: f64 = tied.iter().map(|&index| weights[index]).sum();
        let part = if together > 0.0 { (left / together).clamp(0.0, 1.0) } else { 0.0 };
        let part = (part * PARTS).round() / PARTS;
        for &index in tied {
            earned[index] = part;
        }
        left -= part * together;
    }
    earned.into_iter().zip(likely).collect()
}

/// The criteria's probabilities, shifted so that together they promise the share that the answer as a whole is worth.
fn shifted(probabilities: &[f64], weights: &[f64], share: f64) -> Vec<f64> {
    let by = |by: f64| -> Vec<f64> { probabilities.iter().map(|&p| sigmoid(logit(p) + by)).collect() };
    let total = total(weights);
    let promised = |ps: &[f64]| ps.iter().zip(weights).map(|(p, weight)| p * weight).sum::<f64>() / total;
    // Bisection: the sum rises with the shift.
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if promised(&by(middle)) < share { low = middle } else { high = middle }
    }
    by(f64::midpoint(low, high))
}

/// Indices, the likeliest first; of equals the earlier.
fn likeliest_first(likely: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..likely.len()).collect();
    order.sort_by(|&a, &b| likely[b].total_cmp(&likely[a]).then(a.cmp(&b)));
    order
}

fn is_equal(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn total(weights: &[f64]) -> f64 {
    weights.iter().sum::<f64>().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_whole_up_to_one_and_by_halves_above() {
        assert_eq!([250, 1000, 1500, 5000, 90_000].map(steps), [1, 1, 3, 10, 40]);
    }

    #[test]
    fn the_middle_mark_is_given_and_neighbours_agree() {
        let levels = [0.1, 0.2, 0.1, 0.25, 0.35];
        assert_eq!(median(&levels), 3);
        assert!((agreement(&levels, 1.0) - 0.6).abs() < 1e-9);
        assert_eq!((median(&[0.5, 0.5]), median(&[0.4, 0.6])), (0, 1));
    }

    #[test]
    fn the_likeliest_criteria_make_up_the_share() {
        let earned = sum(&[0.9, 0.5, 0.2, 0.45], &[1.0, 1.0, 1.0, 1.0], 0.75);
        assert_eq!(earned.iter().map(|(earned, _)| *earned > 0.0).collect::<Vec<_>>(), [true, true, false, true]);
        let earned = parts(&[0.9, 0.5, 0.2], &[1.0, 1.0, 1.0], 0.5);
        assert_eq!(earned.iter().map(|(earned, _)| earned * 4.0).sum::<f64>().round() as i32, 6);
    }

    #[test]
    fn what_is_as_likely_earns_as_much() {
        let of = |earned: Vec<(f64, f64)>| earned.into_iter().map(|(earned, _)| earned).collect::<Vec<_>>();
        assert_eq!(of(sum(&[0.6, 0.6, 0.9], &[1.0; 3], 0.7)), [1.0, 1.0, 1.0]);
        assert_eq!(of(sum(&[0.6, 0.6, 0.9], &[1.0; 3], 0.6)), [0.0, 0.0, 1.0]);
        assert_eq!(of(parts(&[0.6, 0.6, 0.9], &[1.0; 3], 0.6)), [0.5, 0.5, 1.0]);
    }

    #[test]
    fn many_slight_chances_earn_nothing() {
        let earned = sum(&[0.15; 6], &[1.0; 6], 0.15);
        assert!(earned.iter().all(|(earned, _)| *earned <= 0.0), "{earned:?}");
    }
}
