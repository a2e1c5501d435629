//! The learned head: from what was measured to how likely it is that a teacher gives the marks.
//!
//! Its weights are made by `infra/training/grading` and lie in `assets/head.json`; the model card is there. The mean of a
//! logistic regression and of small trees, because the one carries over better to subjects that neither has seen, and
//! the other fits better where they have.

use serde::Deserialize;
use smartscripts_domain::{Error, Result};

use crate::features::{Features, NAMES};

const WEIGHTS: &str = include_str!("../assets/head.json");
/// A standardized feature counts up to this many standard deviations from its mean.
const MOST_DEVIATIONS: f64 = 4.0;

/// The weights.
#[derive(Deserialize)]
pub struct Head {
    features: Vec<String>,
    /// Fulfils the criterion, where it is earned whole or not at all.
    strict: Ensemble,
    /// Which share of the marks it is worth, where part of them can be given.
    share: Ensemble,
    levels: Levels,
    rubric: Rubric,
    confidence: Confidences,
}

#[derive(Deserialize)]
struct Ensemble {
    linear: Linear,
    bias: f64,
    trees: Vec<Tree>,
}

#[derive(Deserialize)]
struct Linear {
    bias: f64,
    mean: Vec<f64>,
    scale: Vec<f64>,
    weights: Vec<f64>,
}

/// A tree: for each inner node its feature, threshold and two branches; a negative branch −1 − i is the leaf number i.
#[derive(Deserialize)]
struct Tree {
    feature: Vec<usize>,
    threshold: Vec<f64>,
    left: Vec<i32>,
    right: Vec<i32>,
    leaves: Vec<f64>,
}

/// How likely a teacher gives at least the share t of the marks, from the logit x of the share that is expected:
/// σ(slope · x + bias − spread · (2 t − 1)).
#[derive(Deserialize)]
struct Levels {
    slope: f64,
    bias: f64,
    spread: f64,
}

/// The share of a whole rubric: σ(bias + slope · logit of the mean of what model answer and criteria say).
#[derive(Deserialize)]
struct Rubric {
    slope: f64,
    bias: f64,
}

/// What a probability is worth on questions that were not trained on: pairs of the head's own, and the promised one.
#[derive(Deserialize)]
struct Confidences {
    criterion: Vec<(f64, f64)>,
    levels: Vec<(f64, f64)>,
}

/// For what a confidence is given.
#[derive(Clone, Copy, Debug)]
pub enum Decision {
    /// A criterion that is earned or not.
    Criterion,
    /// Marks of which part can be earned, within a quarter of the maximum.
    Levels,
}

impl Head {
    /// Loads the weights.
    pub fn load() -> Result<Self> {
        let head: Self =
            serde_json::from_str(WEIGHTS).map_err(|e| Error::internal(format!("assets/head.json: {e}")))?;
        if head.features != NAMES || ![&head.strict, &head.share].iter().all(|ensemble| ensemble.is_whole()) {
            return Err(Error::internal("assets/head.json was trained on other features; `make train` makes it anew"));
        }
        Ok(head)
    }

    /// Probability that a teacher would say that the criterion is fulfilled.
    pub fn fulfilled(&self, features: &Features) -> f64 {
        self.strict.probability(features)
    }

    /// Share of the marks that a teacher would give, where part of them can be given.
    pub fn share(&self, features: &Features) -> f64 {
        self.share.probability(features)
    }

    /// Probabilities of the marks 0, 1, … of so many steps, from the share that is expected.
    pub fn levels(&self, share: f64, steps: usize) -> Vec<f64> {
        let Levels { slope, bias, spread } = &self.levels;
        let at_least = |step: usize| match step {
            0 => 1.0,
            step if step > steps => 0.0,
            step => sigmoid(slope * logit(share) + bias - spread * (2.0 * (step as f64) / (steps as f64) - 1.0)),
        };
        (0..=steps).map(|step| (at_least(step) - at_least(step + 1)).max(0.0)).collect()
    }

    /// Share of the marks of several criteria together, from what the model answer says, if there is one, and the criteria.
    pub fn rubric(&self, whole: Option<f64>, criteria: f64) -> f64 {
        let mean = whole.map_or(criteria, |whole| f64::midpoint(whole, criteria));
        sigmoid(self.rubric.bias + self.rubric.slope * logit(mean))
    }

    /// What a probability is worth: straight lines between what was seen on questions that were not trained on.
    pub fn promise(&self, decision: Decision, probability: f64) -> f64 {
        let points = match decision {
            Decision::Criterion => &self.confidence.criterion,
            Decision::Levels => &self.confidence.levels,
        };
        let above = points.partition_point(|(raw, _)| *raw < probability);
        match (above.checked_sub(1).and_then(|below| points.get(below)), points.get(above)) {
            (Some((x, low)), Some((z, high))) => low + (high - low) * (probability - x) / (z - x),
            (Some((_, promised)), None) | (None, Some((_, promised))) => *promised,
            (None, None) => 0.0,
        }
    }
}

impl Ensemble {
    fn probability(&self, features: &Features) -> f64 {
        let leaves: f64 = self.trees.iter().map(|tree| tree.leaf(features)).sum();
        f64::midpoint(sigmoid(self.linear.sum(features)), sigmoid(self.bias + leaves))
    }

    /// Whether every number that is looked up is there.
    fn is_whole(&self) -> bool {
        let Linear { mean, scale, weights, .. } = &self.linear;
        let lines = [mean.len(), scale.len(), weights.len()] == [NAMES.len(); 3];
        lines && self.trees.iter().all(Tree::is_whole)
    }
}

impl Linear {
    fn sum(&self, features: &Features) -> f64 {
        let terms = features.iter().enumerate().map(|(index, value)| {
            let deviation = (value - self.mean[index]) / self.scale[index];
            self.weights[index] * deviation.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)
        });
        self.bias + terms.sum::<f64>()
    }
}

impl Tree {
    fn leaf(&self, features: &Features) -> f64 {
        let mut node = if self.feature.is_empty() { -1 } else { 0 };
        while let Ok(index) = usize::try_from(node) {
            let goes_left = features[self.feature[index]] <= self.threshold[index];
            node = if goes_left { self.left[index] } else { self.right[index] };
        }
        self.leaves[(-1 - node) as usize]
    }

    /// Branches lead on, so that each walk ends, and to nodes and leaves that are there.
    fn is_whole(&self) -> bool {
        let nodes = self.feature.len();
        let leads_on = |(from, branch): (usize, &i32)| match usize::try_from(*branch) {
            Ok(node) => node > from && node < nodes,
            Err(_) => ((-1 - branch) as usize) < self.leaves.len(),
        };
        [self.threshold.len(), self.left.len(), self.right.len()] == [nodes; 3]
            && self.feature.iter().all(|&feature| feature < NAMES.len())
            && self.left.iter().enumerate().all(leads_on)
            && self.right.iter().enumerate().all(leads_on)
            && !self.leaves.is_empty()
    }
}

/// The logistic function.
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Its inverse, for what is not quite certain.
pub fn logit(p: f64) -> f64 {
    let p = p.clamp(0.001, 0.999);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_fit_the_features_and_probabilities_add_up() {
        let head = Head::load().unwrap();
        for value in [0.0, 0.5, 1.0, 100.0, -100.0] {
            let features = [value; NAMES.len()];
            for probability in [head.fulfilled(&features), head.share(&features)] {
                assert!((0.0..=1.0).contains(&probability));
                assert!((head.levels(probability, 10).iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
        }
        assert!(head.levels(0.9, 4)[4] > head.levels(0.1, 4)[4]);
    }

    #[test]
    fn promises_rise_and_stay_within_bounds() {
        let head = Head::load().unwrap();
        for decision in [Decision::Criterion, Decision::Levels] {
            let promises: Vec<f64> = (0..=20).map(|n| head.promise(decision, f64::from(n) / 20.0)).collect();
            assert!(promises.windows(2).all(|pair| pair[0] <= pair[1]), "{decision:?} {promises:?}");
            assert!(promises.iter().all(|promise| (0.0..1.0).contains(promise)));
        }
    }

    #[test]
    fn the_engine_names_these_weights() {
        let version = include_str!("../assets/head.version");
        assert!(crate::Grader::ENGINE.contains(version) && version.len() == 12);
    }
}
