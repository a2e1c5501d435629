//! A text of the guide that fulfils a criterion when the answer says it.

use std::collections::BTreeSet;

use crate::{
    embedding::Words,
    features::trigrams,
    opposites::are_opposite,
    text::{self, Token},
    vocabulary::Vocabulary,
};

/// Weight in the choice of a passage of a word that already stands in the question, as a share of what it weighs
/// elsewhere: repeating the question proves little.
const QUESTION_WORD: f64 = 0.25;
/// Words before a matched one within which a negator turns it round.
const NEGATION_REACH: usize = 3;

/// A text of the guide that fulfils a criterion when the answer says it.
pub struct Target {
    /// As the teacher wrote it.
    pub text: String,
    pub tokens: Vec<Token>,
    /// Each token's number in the vocabulary.
    pub ids: Vec<usize>,
    /// Weight of each token: its rarity when it has content and has not been there before, else 0.
    pub weights: Vec<f64>,
    /// Whether each token stands in the question.
    pub of_question: Vec<bool>,
    /// Numbers (years, voltages), which the answer must name as they are.
    pub numbers: Vec<usize>,
    /// Of its words with content.
    pub trigrams: BTreeSet<u64>,
    is_negative: bool,
}

impl Target {
    /// Prepares a text, adding its words to the vocabulary. `rarity` says how rare a word is. Of a description the words
    /// that speak of the answer are left out ("States that …"): the answer says it, and doesn't say that it says it.
    pub fn new(text: &str, is_description: bool, vocabulary: &mut Vocabulary, rarity: impl Fn(&str) -> f64) -> Self {
        let mut tokens = text::tokens(text);
        let mut text = text;
        if is_description {
            let lead = tokens.iter().take_while(|token| LEADS.contains(&token.word.as_str())).count();
            if lead < tokens.len() {
                tokens.drain(..lead);
                text = &text[tokens[0].start..];
            }
        }
        tokens.truncate(MOST_WORDS);
        let ids: Vec<usize> = tokens.iter().map(|token| vocabulary.add(token)).collect();
        // A text of function words only ("to be") is compared by these.
        let only_function_words = !tokens.iter().any(Token::is_content);
        let mut seen = BTreeSet::new();
        let weights: Vec<f64> = tokens
            .iter()
            .zip(&ids)
            .map(|(token, id)| {
                let counts = (only_function_words || token.is_content()) && seen.insert(*id);
                if counts { rarity(&token.word) } else { 0.0 }
            })
            .collect();
        let of_question: Vec<bool> = ids.iter().map(|&id| vocabulary.is_of_question(id)).collect();
        let is_new_number = |&index: &usize| weights[index] > 0.0 && tokens[index].is_number() && !of_question[index];
        let numbers = (0..tokens.len()).filter(is_new_number).map(|index| ids[index]).collect();
        let with_content = tokens.iter().zip(&weights).filter(|(_, weight)| **weight > 0.0);
        Self {
            text: text.to_owned(),
            trigrams: trigrams(with_content.map(|(token, _)| token.word.as_str())),
            is_negative: tokens.iter().any(Token::is_negator),
            tokens,
            ids,
            weights,
            of_question,
            numbers,
        }
    }

    /// As the model reads it.
    pub fn as_words(&self) -> Words<'_> {
        Words {
            words: self.tokens.iter().map(|token| token.word.as_str()).collect(),
            ends: self.tokens.iter().map(|token| token.ends_sentence).collect(),
        }
    }

    /// Whether the word with this number is one of its words with content.
    pub fn has(&self, id: usize) -> bool {
        self.ids.iter().zip(&self.weights).any(|(word, weight)| *word == id && *weight > 0.0)
    }

    /// Weight of a token in the choice of a passage.
    pub fn passage_weight(&self, index: usize) -> f64 {
        if self.of_question[index] { QUESTION_WORD * self.weights[index] } else { self.weights[index] }
    }

    /// Share of the words with content, by weight, that are present; `present` is indexed by number in the vocabulary.
    pub fn coverage(&self, present: &[bool]) -> f64 {
        let total: f64 = (0..self.ids.len()).map(|index| self.passage_weight(index)).sum();
        let found = (0..self.ids.len()).filter(|&index| present[self.ids[index]]);
        let found: f64 = found.map(|index| self.passage_weight(index)).sum();
        if total > 0.0 { found / total } else { 0.0 }
    }

    /// Whether the passage names another number in the place of one that the target names.
    pub fn has_other_number(&self, passage: &[Token], ids: &[Option<usize>]) -> bool {
        let lacks_one = self.numbers.iter().any(|id| !ids.contains(&Some(*id)));
        lacks_one && passage.iter().zip(ids).any(|(token, id)| token.is_number() && !id.is_some_and(|id| self.has(id)))
    }

    /// Whether the passage denies what the target says, or says its opposite: a negator shortly before a matched word
    /// where the target has none (or the other way round), or an opposite in the place of one of its words.
    pub fn is_contradicted(&self, passage: &[Token], ids: &[Option<usize>], vocabulary: &Vocabulary) -> bool {
        let matched = |index: usize| ids[index].is_some_and(|id| self.has(id));
        let is_negated = (0..passage.len()).filter(|&index| passage[index].is_negator()).any(|negator| {
            let reach = (negator + 1)..(negator + 1 + NEGATION_REACH).min(passage.len());
            let cut = reach.clone().find(|&index| passage[index - 1].ends_sentence).unwrap_or(reach.end);
            (reach.start..cut).any(matched)
        });
        if is_negated != self.is_negative && (0..passage.len()).any(matched) {
            return true;
        }
        self.opposites(passage, ids, vocabulary) > 0
    }

    /// How many of its words the passage lacks and names the opposite of.
    pub fn opposites(&self, passage: &[Token], ids: &[Option<usize>], vocabulary: &Vocabulary) -> usize {
        let lacks = |index: usize| self.weights[index] > 0.0 && !ids.contains(&Some(self.ids[index]));
        let is_opposed = |index: usize| {
            let stem = vocabulary.stem(self.ids[index]);
            passage.iter().zip(ids).any(|(token, resolved)| {
                // A word that the target itself uses is not held against it ("from high to low").
                !resolved.is_some_and(|id| self.has(id)) && are_opposite(stem, &token.stem)
            })
        };
        (0..self.ids.len()).filter(|&index| lacks(index) && is_opposed(index)).count()
    }
}

/// Longest text of a guide that is compared, in words.
const MOST_WORDS: usize = 480;

/// Words with which a description speaks of the answer instead of the matter.
const LEADS: [&str; 33] = [
    "answer",
    "award",
    "correctly",
    "describe",
    "describes",
    "explain",
    "explains",
    "explanation",
    "give",
    "gives",
    "how",
    "identifies",
    "identify",
    "mark",
    "mention",
    "mentions",
    "name",
    "names",
    "one",
    "reference",
    "recall",
    "recalls",
    "refer",
    "refers",
    "say",
    "says",
    "state",
    "states",
    "student",
    "that",
    "the",
    "to",
    "why",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    /// Coverage in hundredths, contradiction and other number of an answer, measured against one target.
    fn measure(question: &str, target: &str, answer: &str) -> (i32, bool, bool) {
        let mut vocabulary = Vocabulary::of_question(&tokens(question));
        let target = Target::new(target, false, &mut vocabulary, |_| 1.0);
        let answer = tokens(answer);
        let ids = vocabulary.resolve(&answer, false, |_| true);
        let mut present = vec![false; vocabulary.len()];
        ids.iter().flatten().for_each(|&id| present[id] = true);
        let coverage = (target.coverage(&present) * 100.0).round() as i32;
        (coverage, target.is_contradicted(&answer, &ids, &vocabulary), target.has_other_number(&answer, &ids))
    }

    #[test]
    fn question_words_count_for_little() {
        assert_eq!(measure("", "water evaporates", "The water has evaporated").0, 100);
        assert_eq!(measure("Where is the water?", "water evaporates", "water").0, 20);
        assert_eq!(measure("", "water evaporates", "It is a secret").0, 0);
        assert_eq!(measure("", "to be", "to be").0, 100);
    }

    #[test]
    fn denials_and_opposites_contradict() {
        for (target, answer, expected) in [
            ("the terminals are connected", "The terminals are not connected", true),
            ("the terminals are connected", "The terminals aren't connected", true),
            ("the terminals are not connected", "The terminals are connected", true),
            ("the terminals are not connected", "They are not connected", false),
            ("the pressure increases", "the pressure decreases", true),
            ("the pressure increases", "It is not cold. Pressure increases", false),
            ("from high to low potential", "from high to low potential", false),
            ("the pressure increases", "I like cats", false),
        ] {
            assert_eq!(measure("", target, answer).1, expected, "{target} / {answer}");
        }
    }

    #[test]
    fn another_number_is_noticed() {
        assert!(measure("", "The war began in 1914", "The war began in 1941").2);
        assert!(!measure("", "The war began in 1914", "The war began in 1914, not 1941").2);
        assert!(!measure("", "The war began in 1914", "The war began").2);
    }
}
