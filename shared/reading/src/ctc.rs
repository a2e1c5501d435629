//! From the recognizer's steps to text (CTC): what is most likely written, how sure that is, and what else it may be.
//!
//! The recognizer gives, for each step of eight pixels, the probability of each character and of the blank between two.
//! Where every step is sure, the best label of each is the text. Else a prefix beam search (Graves 2006; Hannun et al.
//! 2014) adds up all ways in which a text can be seen, and weighs it with the [`Language`]. Then each doubtful word is
//! looked at by itself: the texts that compete for its place give its probability and its alternatives.

use std::{collections::HashMap, ops::Range};

use rten_tensor::{Layout, NdTensorView};

use crate::{
    confidence::calibrate,
    language::{Context, Language},
    terms::bare,
};

/// How much the language counts in comparison with the ink.
const LANGUAGE_WEIGHT: f32 = 0.45;
/// What each character adds, since the language makes long texts improbable.
const CHARACTER_BONUS: f32 = 0.6;
/// Texts that are kept at each step.
const BEAMS: usize = 16;
/// Labels this much less probable than the step's best are not looked at (natural logarithm).
const LABEL_MARGIN: f32 = 7.0;
/// Labels that are looked at in a step, at most.
const LABELS: usize = 8;
/// Texts this much worse than the best are dropped (natural logarithm).
const BEAM_MARGIN: f32 = 12.0;
/// A label with this probability leaves no doubt at its step.
const SURE: f32 = 0.98;
/// Shorter words of a guide are not looked for: too much looks like them.
const GUIDE_WORD: usize = 4;
/// How alike a word of the guide and what was read must be (Levenshtein, share of the longer one).
const GUIDE_LIKENESS: f64 = 0.5;
/// How much worse than what was read the ink may fit a word of the guide (natural logarithm).
const GUIDE_MARGIN: f32 = 7.0;
/// How much better than any other word that people use, the one that was read included, the ink must fit it.
const RIVAL_MARGIN: f32 = 1.0;
/// Characters by which these other words may differ from the guide's (Levenshtein).
const NEAR: usize = 2;
/// The least probability of an alternative that is told.
const LEAST_ALTERNATIVE: f64 = 0.02;
/// Alternatives that are told of a word, at most.
const ALTERNATIVES: usize = 3;

/// A character, the step at which it is seen first, the one at which it is seen last, and its probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) character: char,
    pub(crate) first: usize,
    pub(crate) last: usize,
    pub(crate) probability: f64,
}

/// A word with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeenWord {
    pub(crate) characters: Vec<Seen>,
    /// Probability that all of its characters are right.
    pub(crate) probability: f64,
    /// Other readings, the more probable first.
    pub(crate) alternatives: Vec<Rival>,
    /// What the ink alone says, where that is something else.
    pub(crate) ink: Option<String>,
}

/// Another reading of a word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rival {
    pub(crate) text: String,
    pub(crate) probability: f64,
    /// Whether it is here because the guide has it and the ink supports it.
    pub(crate) of_guide: bool,
}

/// Reads the steps of a line: natural logarithms of probabilities, `[steps, labels]`; label 0 is the blank, label `i`
/// the alphabet's character `i − 1`.
pub(crate) struct Decoder<'a> {
    pub(crate) steps: NdTensorView<'a, f32, 2>,
    pub(crate) alphabet: &'a [char],
    pub(crate) language: &'a Language,
    /// The words of a marking guide, lower case. They never change the text; see [`Decoder::guide_word`].
    pub(crate) guide: &'a [String],
}

/// A text that may be written, as labels.
struct Hypothesis {
    labels: Vec<u16>,
    /// Natural logarithm of its weight: the ink's and the language's part.
    score: f32,
}

/// A text of the search, as the end of a path through a tree.
struct Node {
    parent: u32,
    label: u16,
    context: Context,
    /// What the language says of the path, bonus included.
    language: f32,
}

/// A text at a step of the search, with the probability of the ways to it that end with a blank or with its last label.
#[derive(Clone, Copy)]
struct Beam {
    node: u32,
    blank: f32,
    label: f32,
}

impl Beam {
    fn new(node: u32) -> Self {
        Self { node, blank: f32::NEG_INFINITY, label: f32::NEG_INFINITY }
    }

    fn ink(&self) -> f32 {
        log_sum(self.blank, self.label)
    }
}

impl Decoder<'_> {
    /// Reads the steps.
    pub(crate) fn read(&self) -> Vec<SeenWord> {
        let (greedy, is_sure) = self.greedy();
        let mut words = if is_sure {
            sure_words(&greedy)
        } else {
            let best = self.search(0..self.steps.size(0), self.language.start()).into_iter().next();
            best.map_or_else(Vec::new, |best| self.words(&best.labels, &greedy))
        };
        calibrate(&mut words);
        words
    }

    /// The best label of each step, repetitions and blanks taken out; whether all of them are sure.
    fn greedy(&self) -> (Vec<Seen>, bool) {
        let mut seen: Vec<Seen> = Vec::new();
        let mut is_sure = true;
        let mut previous = 0;
        for step in 0..self.steps.size(0) {
            let (label, logarithm) = self.best_label(step);
            is_sure &= logarithm >= SURE.ln();
            let probability = f64::from(logarithm).exp();
            if label > 0 {
                match seen.last_mut() {
                    Some(last) if label == previous => {
                        last.last = step;
                        last.probability = last.probability.max(probability);
                    }
                    _ => seen.push(Seen { character: self.alphabet[label - 1], first: step, last: step, probability }),
                }
            }
            previous = label;
        }
        (seen, is_sure)
    }

    fn best_label(&self, step: usize) -> (usize, f32) {
        let mut best = (0, f32::NEG_INFINITY);
        for label in 0..self.steps.size(1) {
            if self.steps[[step, label]] > best.1 {
                best = (label, self.steps[[step, label]]);
            }
        }
        best
    }

    /// The labels that are worth a look at a step, with their logarithms; the best first.
    fn candidates(&self, step: usize) -> Vec<(u16, f32)> {
        let (_, best) = self.best_label(step);
        let mut labels: Vec<(u16, f32)> = (0..self.steps.size(1))
            .map(|label| (label as u16, self.steps[[step, label]]))
            .filter(|(_, logarithm)| *logarithm >= best - LABEL_MARGIN)
            .collect();
        labels.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        labels.truncate(LABELS);
        labels
    }

    /// The texts that these steps may show, the best first.
    fn search(&self, steps: Range<usize>, context: Context) -> Vec<Hypothesis> {
        let mut nodes = vec![Node { parent: u32::MAX, label: 0, context, language: 0.0 }];
        let mut children: HashMap<(u32, u16), u32> = HashMap::new();
        let mut beams = vec![Beam { node: 0, blank: 0.0, label: f32::NEG_INFINITY }];
        for step in steps {
            let candidates = self.candidates(step);
            let mut next: Vec<Beam> = Vec::with_capacity(beams.len() * candidates.len());
            let mut places: HashMap<u32, usize> = HashMap::new();
            let mut place = |next: &mut Vec<Beam>, node: u32| {
                *places.entry(node).or_insert_with(|| {
                    next.push(Beam::new(node));
                    next.len() - 1
                })
            };
            for beam in &beams {
                let last = nodes[beam.node as usize].label;
                let ink = beam.ink();
                for (label, logarithm) in &candidates {
                    if *label == 0 {
                        let at = place(&mut next, beam.node);
                        next[at].blank = log_sum(next[at].blank, ink + logarithm);
                        continue;
                    }
                    let mut before = ink;
                    if *label == last {
                        // Seen for another step, or written twice with a blank between.
                        let at = place(&mut next, beam.node);
                        next[at].label = log_sum(next[at].label, beam.label + logarithm);
                        before = beam.blank;
                    }
                    if before == f32::NEG_INFINITY {
                        continue;
                    }
                    let child = *children.entry((beam.node, *label)).or_insert_with(|| {
                        let own = &nodes[beam.node as usize];
                        let character = self.alphabet[usize::from(*label) - 1];
                        let (logarithm, context) = self.language.next(own.context, character);
                        let language = own.language + LANGUAGE_WEIGHT * logarithm + CHARACTER_BONUS;
                        nodes.push(Node { parent: beam.node, label: *label, context, language });
                        nodes.len() as u32 - 1
                    });
                    let at = place(&mut next, child);
                    next[at].label = log_sum(next[at].label, before + logarithm);
                }
            }
            let score = |beam: &Beam| beam.ink() + nodes[beam.node as usize].language;
            next.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.node.cmp(&b.node)));
            next.truncate(BEAMS);
            let least = next.first().map_or(0.0, score) - BEAM_MARGIN;
            next.retain(|beam| score(beam) >= least);
            beams = next;
        }
        let path = |mut node: u32| {
            let mut labels = Vec::new();
            while nodes[node as usize].parent != u32::MAX {
                labels.push(nodes[node as usize].label);
                node = nodes[node as usize].parent;
            }
            labels.reverse();
            labels
        };
        beams
            .iter()
            .map(|beam| Hypothesis { labels: path(beam.node), score: beam.ink() + nodes[beam.node as usize].language })
            .collect()
    }

    /// The words of a text, each with its place among the steps, its probability and its alternatives.
    fn words(&self, labels: &[u16], greedy: &[Seen]) -> Vec<SeenWord> {
        let seen = self.align(labels);
        let mut words = Vec::new();
        let mut context = self.language.start();
        let mut from = 0;
        let mut rest = seen.as_slice();
        while let Some(first) = rest.iter().position(|seen| seen.character != ' ') {
            let end = rest[first..].iter().position(|seen| seen.character == ' ').map_or(rest.len(), |end| first + end);
            // From the space before to the space after, or to the ends of the line.
            let to = rest.get(end).map_or(self.steps.size(0), |space| space.first);
            from = first.checked_sub(1).map_or(from, |space| rest[space].last + 1);
            let characters = &rest[first..end];
            words.push(self.word(characters, from..to, context, greedy));
            for seen in characters {
                context = self.language.next(context, seen.character).1;
            }
            context = self.language.next(context, ' ').1;
            from = rest.get(end).map_or(to, |space| space.last + 1);
            rest = &rest[end..];
        }
        words
    }

    /// A word, compared with everything else that its steps may show.
    fn word(&self, characters: &[Seen], steps: Range<usize>, context: Context, greedy: &[Seen]) -> SeenWord {
        let own: Vec<char> = characters.iter().map(|seen| seen.character).collect();
        let rivals = self.search(steps.clone(), context);
        let best = rivals.first().map_or(0.0, |rival| rival.score);
        let all: f64 = rivals.iter().map(|rival| f64::from(rival.score - best).exp()).sum();
        let mut probability = 0.0;
        let mut right = vec![0.0; own.len()];
        let mut alternatives: Vec<Rival> = Vec::new();
        for rival in &rivals {
            let share = f64::from(rival.score - best).exp() / all;
            let text: String = rival.labels.iter().map(|label| self.alphabet[usize::from(*label) - 1]).collect();
            let text: Vec<char> = text.trim().chars().collect();
            for (sum, same) in right.iter_mut().zip(common(&own, &text)) {
                *sum += if same { share } else { 0.0 };
            }
            if text == own {
                probability += share;
            } else if share >= LEAST_ALTERNATIVE && !text.is_empty() && alternatives.len() < ALTERNATIVES {
                alternatives.push(Rival { text: text.into_iter().collect(), probability: share, of_guide: false });
            }
        }
        let own: String = own.into_iter().collect();
        let ink: String = greedy
            .iter()
            .filter(|seen| steps.contains(&seen.first) && seen.character != ' ')
            .map(|seen| seen.character)
            .collect();
        if let Some(word) = self.guide_word(&own, &steps, &alternatives) {
            alternatives.retain(|rival| rival.text != word.text);
            alternatives.push(word);
        }
        let characters = characters.iter().zip(right).map(|(seen, right)| Seen { probability: right, ..*seen });
        SeenWord {
            characters: characters.collect(),
            probability,
            alternatives,
            ink: (ink != own && !ink.is_empty()).then_some(ink),
        }
    }

    /// The word of the guide that the ink supports where something else was read.
    ///
    /// A student who wrote another word than the guide's must not be helped to the right one, so nothing is offered where
    /// a number was read, nor where the ink fits a word that people use about as well as the guide's.
    fn guide_word(&self, own: &str, steps: &Range<usize>, rivals: &[Rival]) -> Option<Rival> {
        let bare = bare(own);
        if bare.chars().count() < GUIDE_WORD || bare.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let lower = bare.to_lowercase();
        if self.guide.contains(&lower) {
            return None;
        }
        let ink = |text: &str| self.labels(text).map_or(f32::NEG_INFINITY, |labels| self.ink(&labels, steps));
        // In place of what was read, written as that was.
        let instead = |word: &str| {
            let is_capital = bare.starts_with(char::is_uppercase);
            own.replacen(bare, &if is_capital { capitalized(word) } else { word.to_owned() }, 1)
        };
        let close = |word: &&String| strsim::normalized_levenshtein(word, &lower) >= GUIDE_LIKENESS;
        let fitting = self.guide.iter().filter(close).map(|word| (ink(&instead(word)), word));
        let (score, word) = fitting.max_by(|a, b| a.0.total_cmp(&b.0))?;
        let read = ink(own);
        let least = if self.language.knows(bare) { read + RIVAL_MARGIN } else { read - GUIDE_MARGIN };
        if score < least {
            return None;
        }
        let read_rivals = rivals.iter().map(|rival| crate::terms::bare(&rival.text).to_lowercase());
        let is_rival = |rival: &String| self.language.knows(rival) && !self.guide.contains(rival);
        let against = read_rivals
            .chain(self.language.near(word, NEAR))
            .chain(self.language.near(&lower, 1))
            .filter(is_rival)
            .map(|rival| ink(&instead(&rival)))
            .fold(f32::NEG_INFINITY, f32::max);
        if score < against + RIVAL_MARGIN {
            return None;
        }
        let odds = f64::from(score - read.max(against)).exp();
        Some(Rival { text: instead(word), probability: odds / (1.0 + odds), of_guide: true })
    }

    /// A text as labels; none when the alphabet lacks one of its characters.
    fn labels(&self, text: &str) -> Option<Vec<u16>> {
        let label = |character| Some(self.alphabet.iter().position(|own| *own == character)? as u16 + 1);
        text.chars().map(label).collect()
    }

    /// Natural logarithm of the probability that these steps show this text (CTC, all ways together), whatever the
    /// language says.
    fn ink(&self, labels: &[u16], steps: &Range<usize>) -> f32 {
        let states = 2 * labels.len() + 1;
        let label = |state: usize| if state.is_multiple_of(2) { 0 } else { labels[state / 2] };
        let mut scores = vec![f32::NEG_INFINITY; states];
        scores[0] = 0.0;
        for (number, step) in steps.clone().enumerate() {
            for state in (0..states).rev() {
                let mut sum = if number == 0 && state > 0 { f32::NEG_INFINITY } else { scores[state] };
                if state > 0 && (number > 0 || state == 1) {
                    sum = log_sum(sum, scores[state - 1]);
                }
                if number > 0 && state > 1 && state % 2 == 1 && label(state) != label(state - 2) {
                    sum = log_sum(sum, scores[state - 2]);
                }
                scores[state] = sum + self.steps[[step, usize::from(label(state))]];
            }
        }
        log_sum(scores[states - 1], if states > 1 { scores[states - 2] } else { f32::NEG_INFINITY })
    }

    /// The most probable place of each label of a text among the steps (Viterbi).
    fn align(&self, labels: &[u16]) -> Vec<Seen> {
        let steps = self.steps.size(0);
        let states = 2 * labels.len() + 1;
        let label = |state: usize| if state.is_multiple_of(2) { 0 } else { labels[state / 2] };
        let mut scores = vec![f32::NEG_INFINITY; states];
        let mut from: Vec<u8> = vec![0; states * steps];
        for step in 0..steps {
            let before = scores.clone();
            for state in 0..states {
                let mut best =
                    if step == 0 { (if state < 2 { 0.0 } else { f32::NEG_INFINITY }, 0) } else { (before[state], 0) };
                if step > 0 && state > 0 && before[state - 1] > best.0 {
                    best = (before[state - 1], 1);
                }
                let may_skip = state > 1 && state % 2 == 1 && label(state) != label(state - 2);
                if step > 0 && may_skip && before[state - 2] > best.0 {
                    best = (before[state - 2], 2);
                }
                scores[state] = best.0 + self.steps[[step, usize::from(label(state))]];
                from[step * states + state] = best.1;
            }
        }
        let mut seen: Vec<Seen> = labels
            .iter()
            .map(|label| Seen {
                character: self.alphabet[usize::from(*label) - 1],
                first: usize::MAX,
                last: 0,
                probability: 0.0,
            })
            .collect();
        let mut state = states - 1;
        if states > 1 && scores[states - 2] > scores[states - 1] {
            state = states - 2;
        }
        for step in (0..steps).rev() {
            if state % 2 == 1 {
                let own = &mut seen[state / 2];
                own.first = step;
                own.last = own.last.max(step);
                own.probability = own.probability.max(f64::from(self.steps[[step, usize::from(label(state))]]).exp());
            }
            state -= usize::from(from[step * states + state]).min(state);
        }
        // More labels than steps can't happen for a text that the search has found.
        seen.retain(|seen| seen.first != usize::MAX);
        seen
    }
}

/// The words of a line that is sure in every step.
fn sure_words(seen: &[Seen]) -> Vec<SeenWord> {
    seen.split(|seen| seen.character == ' ')
        .filter(|group| !group.is_empty())
        .map(|group| SeenWord {
            characters: group.to_vec(),
            probability: group.iter().map(|seen| seen.probability).product(),
            alternatives: Vec::new(),
            ink: None,
        })
        .collect()
}

/// Which characters of a text stand in the other one too, when the two are laid side by side (longest common subsequence).
fn common(own: &[char], other: &[char]) -> Vec<bool> {
    let width = other.len() + 1;
    let mut lengths = vec![0_u16; (own.len() + 1) * width];
    for i in (0..own.len()).rev() {
        for j in (0..other.len()).rev() {
            lengths[i * width + j] = if own[i] == other[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let mut same = vec![false; own.len()];
    let (mut i, mut j) = (0, 0);
    while i < own.len() && j < other.len() {
        if own[i] == other[j] {
            same[i] = true;
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    same
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The logarithm of the sum of two numbers given as logarithms.
fn log_sum(a: f32, b: f32) -> f32 {
    let (greater, less) = if a > b { (a, b) } else { (b, a) };
    if less == f32::NEG_INFINITY { greater } else { greater + (less - greater).exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use rten_tensor::{AsView, NdTensor};

    use super::*;

    const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz0123456789.-';?T ";

    fn language() -> Language {
        Language::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/models"))).unwrap()
    }

    /// Steps that show a text: three for each character, then a blank. `doubts` gives, for a character's index, another
    /// one and its share of the probability.
    fn steps(text: &str, doubts: &[(usize, char, f32)]) -> NdTensor<f32, 2> {
        let alphabet: Vec<char> = ALPHABET.chars().collect();
        let label = |character| alphabet.iter().position(|own| *own == character).unwrap() + 1;
        let count = text.chars().count();
        let mut steps = NdTensor::full([count * 4, alphabet.len() + 1], (1e-5_f32).ln());
        for (index, character) in text.chars().enumerate() {
            for step in 4 * index..4 * index + 3 {
                steps[[step, label(character)]] = (0.995_f32).ln();
                for (_, other, share) in doubts.iter().filter(|(own, ..)| *own == index) {
                    steps[[step, label(*other)]] = share.ln();
                    steps[[step, label(character)]] = (0.999 - share).ln();
                }
            }
            steps[[4 * index + 3, 0]] = (0.995_f32).ln();
        }
        steps
    }

    fn read(steps: &NdTensor<f32, 2>, guide: &[&str]) -> Vec<SeenWord> {
        let alphabet: Vec<char> = ALPHABET.chars().collect();
        let guide: Vec<String> = guide.iter().map(|word| (*word).to_owned()).collect();
        Decoder { steps: steps.view(), alphabet: &alphabet, language: &language(), guide: &guide }.read()
    }

    fn text(words: &[SeenWord]) -> String {
        let word = |word: &SeenWord| word.characters.iter().map(|seen| seen.character).collect::<String>();
        words.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn repetitions_fall_together_unless_a_blank_stands_between() {
        let words = read(&steps("aab b", &[]), &[]);
        assert_eq!(text(&words), "aab b");
        assert_eq!((words[0].characters[1].first, words[0].characters[1].last), (4, 6));
        assert!(words[0].probability > 0.9, "{words:?}");
    }

    #[test]
    fn the_language_decides_where_the_ink_does_not() {
        let words = read(&steps("the ceil wall", &[(7, 'l', 0.0), (6, 'l', 0.55)]), &[]);
        assert_eq!(text(&words), "the cell wall");
        assert!(words[1].probability < 0.95 && words[0].probability > words[1].probability, "{words:?}");
    }

    #[test]
    fn a_clear_mistake_of_the_writer_stays() {
        let words = read(&steps("they recieve it", &[(8, 'e', 0.1), (9, 'i', 0.1)]), &[]);
        assert_eq!(text(&words), "they recieve it");
    }

    #[test]
    fn what_the_ink_alone_says_is_kept_beside_what_the_language_made_of_it() {
        let words = read(&steps("the wator is", &[(7, 'e', 0.45)]), &[]);
        assert_eq!((text(&words).as_str(), words[1].ink.as_deref()), ("the water is", Some("wator")));
        assert_eq!(words[0].ink, None);
    }

    #[test]
    fn a_word_of_the_guide_is_offered_where_the_ink_supports_it() {
        let doubtful = steps("the osmoeis of", &[(8, 's', 0.02)]);
        assert!(read(&doubtful, &[])[1].alternatives.iter().all(|rival| !rival.of_guide));
        let words = read(&doubtful, &["osmosis"]);
        let offered: Vec<&str> =
            words[1].alternatives.iter().filter(|rival| rival.of_guide).map(|rival| rival.text.as_str()).collect();
        assert!(text(&words) == "the osmosis of" || offered == ["osmosis"], "{words:?}");
    }

    #[test]
    fn another_word_is_never_turned_into_the_guides() {
        for (written, of_guide) in
            [("meiosis", "mitosis"), ("cathode", "anode"), ("effect", "affect"), ("decrease", "increase")]
        {
            for share in [0.001, 0.1, 0.3] {
                let doubt = [(1, of_guide.chars().nth(1).unwrap(), share)];
                let words = read(&steps(written, &doubt), &[of_guide]);
                assert!(words[0].alternatives.iter().all(|rival| !rival.of_guide), "{written}: {words:?}");
            }
        }
        let words = read(&steps("12", &[(0, '2', 0.3), (1, '1', 0.3)]), &["21"]);
        assert!(words[0].alternatives.iter().all(|rival| !rival.of_guide));
    }

    proptest! {
        #[test]
        fn probabilities_are_probabilities_and_words_follow_each_other(
            text in "[a-z]{1,6}( [a-z]{1,6}){0,3}",
            doubts in proptest::collection::vec((0_usize..20, proptest::char::range('a', 'z'), 0.01_f32..0.6), 0..6),
        ) {
            let words = read(&steps(&text, &doubts), &["osmosis"]);
            let mut last = None;
            for word in &words {
                let others: f64 =
                    word.alternatives.iter().filter(|rival| !rival.of_guide).map(|rival| rival.probability).sum();
                prop_assert!((0.0..=1.0).contains(&word.probability) && word.probability + others <= 1.0 + 1e-9, "{word:?}");
                for seen in &word.characters {
                    prop_assert!((0.0..=1.0).contains(&seen.probability));
                    prop_assert!(seen.first <= seen.last && last.is_none_or(|last| last < seen.first));
                    last = Some(seen.last);
                }
            }
        }
    }
}
