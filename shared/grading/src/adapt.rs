//! What the teacher's first marks of a question say about its other answers.
//!
//! A Gaussian process over the differences between the teacher's marks and the head's: answers that are alike in meaning or
//! in what was measured are marked alike, and far from all marked answers the head's word stands. Closed form, so that the
//! same marks give the same result in whatever order they arrive.

use crate::embedding::cosine;

/// Spread of the differences that all answers to a question share: a teacher who is stricter than most.
const SHARED: f64 = 0.2;
/// Spread of those that answers of the same meaning share, and the distance (1 − cosine) over which it fades.
const MEANING: f64 = 0.45;
const MEANING_REACH: f64 = 0.25;
/// Spread of those that answers share for which the same was measured, and the distance over which it fades.
const MEASURED: f64 = 0.25;
const MEASURED_REACH: f64 = 0.6;
/// Spread of a teacher's marks around what the same teacher would give another day.
const NOISE: f64 = 0.15;

/// An answer, as far as it is compared with others to the same question.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Its meaning, of length one.
    pub meaning: Vec<f32>,
    /// What was measured that tells most, all between 0 and 1.
    pub measured: Vec<f64>,
    /// The share of the marks that the head expects.
    pub expected: f64,
}

/// What a share of the marks is expected to be, and its standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    pub share: f64,
    pub deviation: f64,
}

/// The shares that the other answers are expected to be worth, after these marks. Shares lie between 0 and 1.
#[must_use]
pub fn adapt(marked: &[(&Sketch, f64)], others: &[&Sketch]) -> Vec<Expected> {
    let n = marked.len();
    let mut matrix = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let noise = if i == j { NOISE * NOISE } else { 0.0 };
            matrix[i * n + j] = likeness(marked[i].0, marked[j].0) + noise;
        }
    }
    let factor = cholesky(matrix, n);
    let difference: Vec<f64> = marked.iter().map(|(sketch, share)| share - sketch.expected).collect();
    let whitened = forward(&factor, n, &difference);
    let expect = |other: &&Sketch| {
        let alike: Vec<f64> = marked.iter().map(|(sketch, _)| likeness(sketch, other)).collect();
        let alike = forward(&factor, n, &alike);
        let change: f64 = alike.iter().zip(&whitened).map(|(a, b)| a * b).sum();
        let known: f64 = alike.iter().map(|a| a * a).sum();
        let share = (other.expected + change).clamp(0.0, 1.0);
        Expected { share, deviation: (likeness(other, other) - known).max(0.0).sqrt() }
    };
    others.iter().map(expect).collect()
}

/// Which of the answers to mark next, so that the others gain most: each time the one that makes the variance of all
/// together fall most, given those before. `marked` are indices of answers that are marked already.
#[must_use]
pub fn choose(sketches: &[&Sketch], marked: &[usize], count: usize) -> Vec<usize> {
    let n = sketches.len();
    let mut shared: Vec<f64> = (0..n * n).map(|cell| likeness(sketches[cell / n], sketches[cell % n])).collect();
    let mut taken = vec![false; n];
    let take = |index: usize, shared: &mut Vec<f64>| {
        let row = shared[index * n..(index + 1) * n].to_vec();
        let scale = row[index] + NOISE * NOISE;
        for (cell, value) in shared.iter_mut().enumerate() {
            *value -= row[cell / n] * row[cell % n] / scale;
        }
    };
    for &index in marked {
        taken[index] = true;
        take(index, &mut shared);
    }
    let mut chosen = Vec::new();
    while chosen.len() < count {
        let gain = |index: usize| {
            let row = &shared[index * n..(index + 1) * n];
            row.iter().map(|value| value * value).sum::<f64>() / (row[index] + NOISE * NOISE)
        };
        // Of equals the first wins.
        let open = (0..n).filter(|&index| !taken[index]).map(|index| (index, gain(index)));
        let best = open.reduce(|best, next| if next.1 > best.1 { next } else { best });
        let Some((index, _)) = best else { break };
        taken[index] = true;
        chosen.push(index);
        take(index, &mut shared);
    }
    chosen
}

/// How much of the differences two answers share: the covariance of the process.
fn likeness(a: &Sketch, b: &Sketch) -> f64 {
    let meaning = (1.0 - cosine(&a.meaning, &b.meaning)).max(0.0) / MEANING_REACH;
    let squares: f64 = a.measured.iter().zip(&b.measured).map(|(x, y)| (x - y) * (x - y)).sum();
    let measured = squares / (2.0 * MEASURED_REACH * MEASURED_REACH);
    SHARED * SHARED + MEANING * MEANING * (-meaning).exp() + MEASURED * MEASURED * (-measured).exp()
}

/// The lower factor of a positive definite matrix given by its lower half.
fn cholesky(mut matrix: Vec<f64>, n: usize) -> Vec<f64> {
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| matrix[i * n + k] * matrix[j * n + k]).sum();
            let rest = matrix[i * n + j] - dot;
            matrix[i * n + j] = if i == j { rest.max(1e-9).sqrt() } else { rest / matrix[j * n + j] };
        }
    }
    matrix
}

/// Solves factor · x = right.
fn forward(factor: &[f64], n: usize, right: &[f64]) -> Vec<f64> {
    let mut x: Vec<f64> = Vec::with_capacity(n);
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| factor[i * n + k] * x[k]).sum();
        x.push((right[i] - dot) / factor[i * n + i]);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::DIMENSIONS;

    fn sketch(direction: usize, expected: f64) -> Sketch {
        let mut meaning = vec![0.0; DIMENSIONS];
        meaning[direction] = 1.0;
        Sketch { meaning, measured: vec![direction as f64 / 4.0], expected }
    }

    #[test]
    fn answers_follow_the_marks_of_those_like_them() {
        let (right, wrong, new) = (sketch(0, 0.5), sketch(1, 0.5), sketch(2, 0.5));
        let after = adapt(&[(&right, 1.0), (&right, 1.0), (&wrong, 0.0)], &[&right, &wrong, &new]);
        assert!(after[0].share > 0.8 && after[1].share < 0.3, "{after:?}");
        assert!(after[2].deviation > after[0].deviation && after[2].deviation > after[1].deviation);
        assert!((after[2].share - 0.5).abs() < 0.2);
    }

    #[test]
    fn without_marks_the_head_s_word_stands_and_order_does_not_count() {
        let (a, b, c) = (sketch(0, 0.7), sketch(1, 0.2), sketch(2, 0.4));
        assert!((adapt(&[], &[&a])[0].share - 0.7).abs() < 1e-12);
        let one = adapt(&[(&a, 1.0), (&b, 0.0)], &[&c])[0];
        let other = adapt(&[(&b, 0.0), (&a, 1.0)], &[&c])[0];
        assert!((one.share - other.share).abs() < 1e-9 && (one.deviation - other.deviation).abs() < 1e-9);
    }

    #[test]
    fn one_of_each_kind_is_marked_before_a_second() {
        let all: Vec<Sketch> = (0..12).map(|index| sketch(index % 3, 0.5)).collect();
        let all: Vec<&Sketch> = all.iter().collect();
        let mut kinds: Vec<usize> = choose(&all, &[], 3).into_iter().map(|index| index % 3).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [0, 1, 2]);
        assert!(choose(&all, &[0], 20).len() == 11 && !choose(&all, &[0], 11).contains(&0));
        assert!(choose(&[], &[], 5).is_empty());
    }
}
