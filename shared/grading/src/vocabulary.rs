//! The words of the guide, and which of them a student's word stands for.

use std::collections::HashMap;

use strsim::normalized_damerau_levenshtein;

use crate::{opposites::are_opposite, text::Token};

/// Similarity from which a word that is in no dictionary counts as a slip of the nearest word of question or guide.
/// Measured: at 5–10 % wrong characters this halves the marks lost. Recognized writing slips more often than typing.
const SLIP_RECOGNIZED: f64 = 0.7;
/// The same for a typed answer: one letter in five.
const SLIP_TYPED: f64 = 0.8;
/// Share of the longer of two stems that both begin with, from which they are forms of one word (`photosynthes`,
/// `photosynthet`; `assassin`, `assassinat`).
const SAME_WORD: f64 = 0.8;
/// Shortest word that may be a slip or another form; short words have too many neighbours.
const MIN_LETTERS: usize = 4;

/// Numbers the distinct stems of question and guide.
#[derive(Default)]
pub struct Vocabulary {
    stems: Vec<String>,
    words: Vec<String>,
    ids: HashMap<String, usize>,
    question_words: usize,
}

impl Vocabulary {
    /// A vocabulary that begins with the question's words.
    pub fn of_question(tokens: &[Token]) -> Self {
        let mut vocabulary = Self::default();
        for token in tokens {
            vocabulary.add(token);
        }
        vocabulary.question_words = vocabulary.len();
        vocabulary
    }

    /// How many distinct stems the question has; theirs are the first numbers.
    pub fn question_words(&self) -> usize {
        self.question_words
    }

    /// Whether the word with this number stands in the question.
    pub fn is_of_question(&self, id: usize) -> bool {
        id < self.question_words
    }

    /// The number of the token's stem, made when it is new.
    pub fn add(&mut self, token: &Token) -> usize {
        if let Some(&id) = self.ids.get(&token.stem) {
            return id;
        }
        let id = self.stems.len();
        self.ids.insert(token.stem.clone(), id);
        self.stems.push(token.stem.clone());
        self.words.push(token.word.clone());
        id
    }

    /// How many distinct stems there are.
    pub fn len(&self) -> usize {
        self.stems.len()
    }

    /// The first word with this number's stem.
    pub fn word(&self, id: usize) -> &str {
        &self.words[id]
    }

    /// The stem with this number.
    pub fn stem(&self, id: usize) -> &str {
        &self.stems[id]
    }

    /// For each token of an answer, which word of the guide it stands for. `is_word` says whether a word in lower case
    /// is a word of the language: then it is no slip. Each distinct word is looked up once.
    pub fn resolve(&self, tokens: &[Token], recognized: bool, is_word: impl Fn(&str) -> bool) -> Vec<Option<usize>> {
        let slip = if recognized { SLIP_RECOGNIZED } else { SLIP_TYPED };
        let mut seen: HashMap<&str, Option<usize>> = HashMap::new();
        let resolve_one = |token: &Token| {
            let exact = self.ids.get(&token.stem).copied();
            if exact.is_some() || token.word.chars().count() < MIN_LETTERS || token.is_number() {
                return exact;
            }
            if !token.is_content() {
                return None;
            }
            let form = self.nearest(token, &token.stem, &self.stems, SAME_WORD, common_beginning);
            if form.is_some() || is_word(&token.word) {
                return form;
            }
            self.nearest(token, &token.word, &self.words, slip, normalized_damerau_levenshtein)
        };
        tokens.iter().map(|token| *seen.entry(&token.word).or_insert_with(|| resolve_one(token))).collect()
    }

    /// The nearest of the candidates, which are the stems or the words; none when it isn't near enough, when another
    /// one is equally near, or when it is the word's opposite.
    fn nearest(
        &self,
        token: &Token,
        text: &str,
        candidates: &[String],
        threshold: f64,
        measure: fn(&str, &str) -> f64,
    ) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        let mut tied = false;
        for (id, candidate) in candidates.iter().enumerate() {
            let (short, long) = (text.len().min(candidate.len()), text.len().max(candidate.len()));
            // A cheap test first: lengths that differ much cannot be near.
            if short < MIN_LETTERS || (short as f64) < 0.6 * long as f64 {
                continue;
            }
            let near = measure(text, candidate);
            if near < threshold || candidate.starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            match best {
                Some((highest, _)) if near < highest => {}
                Some((highest, _)) if near <= highest => tied = true,
                _ => (best, tied) = (Some((near, id)), false),
            }
        }
        let (_, id) = best.filter(|_| !tied)?;
        (!are_opposite(&token.stem, &self.stems[id])).then_some(id)
    }
}

/// How much of the longer text both begin with, 0–1.
fn common_beginning(a: &str, b: &str) -> f64 {
    let common = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    common as f64 / a.chars().count().max(b.chars().count()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    /// What the words of an answer are taken for, given the words of a guide.
    fn resolve(guide: &str, answer: &str, recognized: bool) -> Vec<String> {
        let mut vocabulary = Vocabulary::default();
        for token in tokens(guide) {
            vocabulary.add(&token);
        }
        let dictionary = ["form", "effect", "increase", "pant"];
        let ids = vocabulary.resolve(&tokens(answer), recognized, |word| dictionary.contains(&word));
        ids.into_iter().map(|id| id.map_or_else(|| "-".to_owned(), |id| vocabulary.words[id].clone())).collect()
    }

    #[test]
    fn slips_of_pen_and_of_reading_are_taken_for_the_guide_s_word() {
        assert_eq!(
            resolve("photosynthesis in chlorophyll", "photosynthetic chlorphyl", false),
            ["photosynthesis", "chlorophyll"]
        );
        assert_eq!(resolve("mitochondria", "rnitochondria", true), ["mitochondria"]);
        assert_eq!(resolve("osmosis", "osnasis", true), ["osmosis"]);
        assert_eq!(resolve("osmosis", "osnasis", false), ["-"]);
    }

    #[test]
    fn real_words_opposites_and_ties_are_left_alone() {
        assert_eq!(resolve("plants", "pant", true), ["-"]);
        assert_eq!(resolve("mitosis hypotonic", "meiosis hypertonic", true), ["-", "-"]);
        assert_eq!(resolve("1914", "1915", true), ["-"]);
        assert_eq!(resolve("moat meat", "mbat", true), ["-"]);
        assert_eq!(resolve("cell", "call", true), ["cell"]);
    }
}
