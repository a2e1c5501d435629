//! How many answers to a question a person must see, so that of the others no more than acceptable get marks that a teacher
//! would not give.
//!
//! The machine promises for each answer how probable it is that a teacher agrees. What persons decide shows whether it keeps
//! its promises on this question: the disagreement that was seen over the disagreement that was promised corrects the
//! promises for the answers that nobody has seen yet. A few decisions prove little, so both are taken to have begun at the
//! same small number, as a Beta prior does for a single probability.

use crate::Marks;

/// The share of answers that may be accepted with other marks than a teacher would give, unless the teacher says otherwise.
pub const ACCEPTABLE: f64 = 0.05;
/// Disagreements seen and promised before the first decision: so many must be seen until they count as much as the promise.
const PRIOR: f64 = 2.0;

/// An answer, as far as the estimate goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The probability, as the machine sees it, that a teacher gives the same marks.
    pub confidence: f64,
    /// Whether the person who has decided about it agrees; none as long as nobody has.
    pub agrees: Option<bool>,
}

/// What is to be expected of a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How many more answers a person must see, the most doubtful first.
    pub to_see: usize,
    /// The share of the unseen answers that a teacher would mark otherwise, if all are accepted now; 0 if there are none.
    pub now: f64,
    /// The same among those left when a person has seen `to_see` more.
    pub then: f64,
    /// By what the promised disagreement is multiplied.
    pub correction: f64,
}

/// Whether two marks count as agreeing: up to a quarter of the maximum apart.
#[must_use]
pub fn agree(one: Marks, other: Marks, max_marks: Marks) -> bool {
    (one.thousandths() - other.thousandths()).abs() * 4 <= max_marks.thousandths()
}

/// By what the disagreement that the machine promises on this question is multiplied, after these decisions.
#[must_use]
pub fn correction(answers: &[Judged]) -> f64 {
    let (mut seen, mut promised) = (PRIOR, PRIOR);
    for answer in answers {
        if let Some(agrees) = answer.agrees {
            seen += f64::from(u8::from(!agrees));
            promised += 1.0 - answer.confidence.clamp(0.0, 1.0);
        }
    }
    seen / promised
}

/// How many of these answers to one question a person must see for `acceptable`.
#[must_use]
pub fn estimate(answers: &[Judged], acceptable: f64) -> Estimate {
    let correction = correction(answers);
    let unseen = answers.iter().filter(|answer| answer.agrees.is_none());
    let expected = |answer: &Judged| ((1.0 - answer.confidence.clamp(0.0, 1.0)) * correction).min(1.0);
    let mut expected: Vec<f64> = unseen.map(expected).collect();
    expected.sort_by(f64::total_cmp);
    // The mean of the least doubtful ones rises with every further one, so the last that is acceptable is the largest.
    let (mut sum, mut left, mut then) = (0.0, 0, 0.0);
    for (count, value) in (1_usize..).zip(&expected) {
        sum += value;
        let mean = sum / count as f64;
        if mean <= acceptable {
            (left, then) = (count, mean);
        }
    }
    let now = if expected.is_empty() { 0.0 } else { sum / expected.len() as f64 };
    Estimate { to_see: expected.len() - left, now, then, correction }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(confidence: f64) -> Judged {
        Judged { confidence, agrees: None }
    }

    fn decided(confidence: f64, agrees: bool) -> Judged {
        Judged { confidence, agrees: Some(agrees) }
    }

    #[test]
    fn the_doubtful_are_seen_and_the_sure_accepted() {
        let answers = [open(0.99), open(0.97), open(0.9), open(0.5)];
        let found = estimate(&answers, 0.05);
        assert_eq!(found.to_see, 1);
        assert!((found.now - 0.16).abs() < 1e-9 && (found.then - 0.14 / 3.0).abs() < 1e-9, "{found:?}");
        assert_eq!(estimate(&answers, 0.0).to_see, 4);
        assert_eq!(estimate(&answers, 0.2).to_see, 0);
        assert_eq!(estimate(&[], 0.05), Estimate { to_see: 0, now: 0.0, then: 0.0, correction: 1.0 });
    }

    #[test]
    fn a_quarter_of_the_maximum_is_near_enough() {
        let marks = Marks::from_thousandths;
        assert!(agree(marks(1500), marks(2000), marks(2000)) && agree(marks(2000), marks(1500), marks(2000)));
        assert!(!agree(marks(1499), marks(2000), marks(2000)));
        assert!(agree(marks(0), marks(0), marks(0)));
    }

    #[test]
    fn many_decisions_overrule_the_promise() {
        // Promised is one disagreement in five; persons disagree every second time.
        let seen: Vec<Judged> = (0..400).map(|number| decided(0.8, number % 2 == 0)).collect();
        assert!((correction(&seen) - 2.5).abs() < 0.05, "{}", correction(&seen));
    }

    fn any_answer() -> impl Strategy<Value = Judged> {
        (0.0_f64..=1.0, proptest::option::of(any::<bool>()))
            .prop_map(|(confidence, agrees)| Judged { confidence, agrees })
    }

    proptest! {
        #[test]
        fn the_estimate_is_acceptable_and_no_larger_than_need_be(
            answers in proptest::collection::vec(any_answer(), 0..40),
            acceptable in 0.0_f64..=0.5,
        ) {
            let found = estimate(&answers, acceptable);
            let unseen = answers.iter().filter(|answer| answer.agrees.is_none()).count();
            prop_assert!(found.to_see <= unseen);
            prop_assert!(found.then <= acceptable && (0.0..=1.0).contains(&found.now));
            if found.to_see == 0 {
                prop_assert!((found.then - found.now).abs() < 1e-9);
            } else {
                prop_assert!(found.now > acceptable);
            }
            // With one fewer seen it would not be acceptable.
            let mut expected: Vec<f64> = answers.iter().filter(|answer| answer.agrees.is_none())
                .map(|answer| ((1.0 - answer.confidence) * found.correction).min(1.0)).collect();
            expected.sort_by(f64::total_cmp);
            if found.to_see > 0 {
                let more = &expected[..=unseen - found.to_see];
                prop_assert!(more.iter().sum::<f64>() / more.len() as f64 > acceptable - 1e-9);
            }
        }

        #[test]
        fn order_does_not_count_and_less_is_acceptable_for_more_work(
            mut answers in proptest::collection::vec(any_answer(), 0..40),
            acceptable in 0.0_f64..=0.5,
            less in 0.0_f64..=1.0,
        ) {
            let found = estimate(&answers, acceptable);
            prop_assert!(estimate(&answers, acceptable * less).to_see >= found.to_see);
            answers.reverse();
            let reversed = estimate(&answers, acceptable);
            prop_assert_eq!(reversed.to_see, found.to_see);
            prop_assert!((reversed.now - found.now).abs() < 1e-9);
        }

        #[test]
        fn agreement_spares_work_and_disagreement_makes_it(
            answers in proptest::collection::vec(any_answer(), 1..40),
            confidence in 0.0_f64..=1.0,
            acceptable in 0.0_f64..=0.5,
        ) {
            let before = estimate(&answers, acceptable);
            let with = |agrees| {
                let mut more = answers.clone();
                more.push(decided(confidence, agrees));
                estimate(&more, acceptable)
            };
            prop_assert!(with(true).correction <= before.correction && with(true).to_see <= before.to_see);
            prop_assert!(with(false).correction >= with(true).correction);
            prop_assert!(with(false).to_see >= with(true).to_see);
        }
    }
}
