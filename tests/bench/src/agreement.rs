//! How well marks agree with a teacher's.

use std::collections::BTreeSet;

/// Levels between no marks and all for [`weighted_kappa`]: quarters of the maximum.
const LEVELS: usize = 4;

/// A pair of marks as shares of the maximum, 0–1: given by the teacher, and by the grader.
pub type Pair = (f64, f64);

/// Pearson's correlation; 0 when one side is constant.
pub fn pearson(pairs: &[Pair]) -> f64 {
    let n = pairs.len().max(1) as f64;
    let (mean_a, mean_b) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |f: fn(f64, f64) -> f64| pairs.iter().map(|(a, b)| f(a - mean_a, b - mean_b)).sum::<f64>();
    let spread = (sum(|a, _| a * a) * sum(|_, b| b * b)).sqrt();
    if spread > 0.0 { sum(|a, b| a * b) / spread } else { 0.0 }
}

/// Root of the mean squared difference, as a share of the maximum.
pub fn rmse(pairs: &[Pair]) -> f64 {
    (pairs.iter().map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / pairs.len().max(1) as f64).sqrt()
}

/// Cohen's kappa with quadratic weights, marks rounded to quarters of the maximum; 1 when both sides are one constant.
pub fn weighted_kappa(pairs: &[Pair]) -> f64 {
    let level = |share: f64| (share.clamp(0.0, 1.0) * LEVELS as f64).round() as usize;
    let (mut teacher, mut grader) = ([0.0; LEVELS + 1], [0.0; LEVELS + 1]);
    let mut observed = 0.0;
    for (a, b) in pairs.iter().map(|&(a, b)| (level(a), level(b))) {
        teacher[a] += 1.0;
        grader[b] += 1.0;
        observed += (a as f64 - b as f64).powi(2);
    }
    let n = pairs.len().max(1) as f64;
    let mut by_chance = 0.0;
    for (a, count_a) in teacher.iter().enumerate() {
        for (b, count_b) in grader.iter().enumerate() {
            by_chance += count_a * count_b / n * (a as f64 - b as f64).powi(2);
        }
    }
    if by_chance > 0.0 { 1.0 - observed / by_chance } else { 1.0 }
}

/// Share of the pairs that differ by at most this share of the maximum; none without pairs.
pub fn agreement(pairs: &[Pair], tolerance: f64) -> Option<f64> {
    let near = pairs.iter().filter(|(a, b)| (a - b).abs() <= tolerance + 1e-9).count();
    (!pairs.is_empty()).then(|| near as f64 / pairs.len() as f64)
}

/// Mean of the labels' F1 scores, each label of the teacher's counting alike; none without labels.
pub fn macro_f1(labels: &[(&str, &str)]) -> Option<f64> {
    let known: BTreeSet<&str> = labels.iter().map(|(teacher, _)| *teacher).collect();
    let f1 = |label: &str| {
        let both = labels.iter().filter(|pair| **pair == (label, label)).count() as f64;
        let either = labels.iter().map(|(a, b)| u32::from(*a == label) + u32::from(*b == label)).sum::<u32>();
        2.0 * both / f64::from(either.max(1))
    };
    (!known.is_empty()).then(|| known.iter().map(|label| f1(label)).sum::<f64>() / known.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn perfect_opposite_and_constant_marks() {
        let same = [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)];
        assert!(near(pearson(&same), 1.0) && near(rmse(&same), 0.0) && near(weighted_kappa(&same), 1.0));
        let opposite = [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)];
        assert!(near(pearson(&opposite), -1.0) && near(weighted_kappa(&opposite), -1.0));
        assert!(near(pearson(&[(0.0, 1.0), (1.0, 1.0)]), 0.0));
        assert!(near(pearson(&[]), 0.0) && near(rmse(&[]), 0.0));
    }

    #[test]
    fn each_label_counts_alike() {
        let labels = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b")];
        // a: 2·2 / (3 + 2), b: 2·1 / (1 + 2).
        assert!(near(macro_f1(&labels).unwrap(), f64::midpoint(0.8, 2.0 / 3.0)));
        assert!(macro_f1(&[]).is_none());
    }

    #[test]
    fn known_values() {
        // Computed by hand: deviations (−.5, 0, .5) and (−.25, .25, 0).
        let pairs = [(0.0, 0.25), (0.5, 0.75), (1.0, 0.5)];
        assert!(near(pearson(&pairs), 0.125 / (0.5_f64 * 0.125).sqrt()));
        assert!(near(rmse(&pairs), (0.375_f64 / 3.0).sqrt()));
        // Observed 1 + 1 + 4 = 6; by chance (1+9+4 + 1+1+0 + 9+1+4) / 3 = 10.
        assert!(near(weighted_kappa(&pairs), 0.4));
        assert!(near(agreement(&pairs, 0.25).unwrap(), 2.0 / 3.0));
        assert!(agreement(&[], 0.25).is_none());
    }
}
