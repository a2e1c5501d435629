//! How sure a reading is: what the search believes of a word, turned into how often such words are right.

use crate::ctc::SeenWord;

/// Constant and weights of the log-odds of a word and of its line. Fitted once (logistic regression) on a thousand drawn
/// lines, before the recognizer was fine-tuned: `infra/training/reading/README.md`. Whether they still hold, the
/// calibration errors of `bench reading` tell.
const CALIBRATION: [f64; 3] = [-0.451, 0.659, 0.384];
/// No probability is taken to be closer to 0 or 1 than this.
const MOST_DOUBT: f64 = 0.002;
/// Turns what the search believes into what is right as often as it says. On a line that is doubtful as a whole, as those
/// of an unusual hand are, each word is less certain than it seems by itself.
pub(crate) fn calibrate(words: &mut [SeenWord]) {
    let mean = |sum: f64, count: usize| sum / count.max(1) as f64;
    let line = mean(words.iter().map(|word| word.probability).sum(), words.len());
    let characters = words.iter().map(|word| word.characters.len()).sum();
    let sum = words.iter().flat_map(|word| &word.characters).map(|seen| seen.probability).sum();
    let line_characters = mean(sum, characters);
    for word in words {
        let before = word.probability;
        word.probability = calibrated(before, line);
        let rest = if before < 1.0 { (1.0 - word.probability) / (1.0 - before) } else { 1.0 };
        for rival in &mut word.alternatives {
            rival.probability = (rival.probability * rest).min(1.0 - word.probability);
        }
        for seen in &mut word.characters {
            seen.probability = calibrated(seen.probability, line_characters);
        }
    }
}

/// A logistic regression on a probability and the mean of its line.
fn calibrated(probability: f64, line: f64) -> f64 {
    let log_odds = |p: f64| {
        let p = p.clamp(MOST_DOUBT, 1.0 - MOST_DOUBT);
        (p / (1.0 - p)).ln()
    };
    let [constant, own, of_line] = CALIBRATION;
    1.0 / (1.0 + (-(constant + own * log_odds(probability) + of_line * log_odds(line))).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_doubted_more_on_a_doubtful_line() {
        let [sure, doubtful] = [0.95, 0.4].map(|line| calibrated(0.8, line));
        assert!(doubtful < sure && doubtful > 0.3, "{doubtful} {sure}");
    }

    #[test]
    fn more_belief_is_more_confidence_and_never_certainty() {
        let steps: Vec<f64> = (0..=100).map(|percent| calibrated(f64::from(percent) / 100.0, 0.9)).collect();
        assert!(steps.is_sorted() && steps[0] > 0.0 && steps[100] < 1.0);
    }
}
