//! Does an answer fulfil a criterion? What is measured, and what is made of it.

use crate::{
    opposites::are_opposite,
    text::{self, Token},
    vocabulary::Vocabulary,
};

/// Weight of a word that already stands in the question, where other words weigh 1: repeating the question proves
/// little. From the measurement that coverage without the question's words is the strongest single feature.
const QUESTION_WORD: f64 = 0.25;
/// Similarity to the question above which a passage only repeats it.
const ECHO: f64 = 0.95;
/// Words before a matched one within which a negator turns it round.
const NEGATION_REACH: usize = 3;

/// A text of the guide that fulfils a criterion when the answer says it.
pub struct Target {
    /// As the teacher wrote it.
    pub text: String,
    /// Whether it is the criterion's description, which tells rather than phrases what is asked.
    pub is_description: bool,
    /// Content words, by number in the vocabulary, with their weight.
    words: Vec<(usize, f64)>,
    /// Numbers (years, voltages), which the answer must name as they are.
    numbers: Vec<usize>,
    is_negative: bool,
}

impl Target {
    /// Prepares a text, adding its words to the vocabulary.
    pub fn new(text: &str, is_description: bool, vocabulary: &mut Vocabulary) -> Self {
        let mut tokens = text::tokens(text);
        let mut text = text;
        if is_description {
            // "States that water evaporates": the answer says it, and doesn't say that it says it.
            let lead = tokens.iter().take_while(|token| LEADS.contains(&token.word.as_str())).count();
            if lead < tokens.len() {
                tokens.drain(..lead);
                text = &text[tokens[0].start..];
            }
        }
        let is_negative = tokens.iter().any(Token::is_negator);
        let mut target =
            Self { text: text.to_owned(), is_description, words: Vec::new(), numbers: Vec::new(), is_negative };
        // A text of function words only ("to be") is compared by these.
        let only_function_words = !tokens.iter().any(Token::is_content);
        for token in tokens.iter().filter(|token| only_function_words || token.is_content()) {
            let id = vocabulary.add(token);
            if target.words.iter().all(|(known, _)| *known != id) {
                target.words.push((id, if vocabulary.is_of_question(id) { QUESTION_WORD } else { 1.0 }));
                if token.is_number() && !vocabulary.is_of_question(id) {
                    target.numbers.push(id);
                }
            }
        }
        target
    }

    /// Whether the word with this number is one of its content words.
    pub fn has(&self, id: usize) -> bool {
        self.words.iter().any(|(word, _)| *word == id)
    }

    /// Share of the content words, by weight, that the passage has. `present` is indexed by number in the vocabulary.
    pub fn coverage(&self, present: &[bool]) -> f64 {
        let total: f64 = self.words.iter().map(|(_, weight)| weight).sum();
        let found: f64 = self.words.iter().filter(|(id, _)| present[*id]).map(|(_, weight)| weight).sum();
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
        let says = |id: usize| ids.contains(&Some(id));
        self.words.iter().filter(|(id, _)| !says(*id)).any(|(id, _)| {
            let stem = vocabulary.stem(*id);
            passage.iter().zip(ids).any(|(token, resolved)| {
                // A word that the target itself uses is not held against it ("from high to low").
                !resolved.is_some_and(|id| self.has(id)) && are_opposite(stem, &token.stem)
            })
        })
    }
}

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

/// What is measured of one target and one passage. A learned head can be fed with these as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// Weighted share of the target's content words found, 0–1.
    pub coverage: f64,
    /// Cosine of the sentence embeddings of target and passage, −1–1.
    pub similarity: f64,
    /// The same of target and question: how much of the target the question gives away.
    pub question_similarity: f64,
    /// The same of passage and question: how much of the passage is the question's echo.
    pub echo: f64,
    /// Whether the passage says the opposite.
    pub is_contradicted: bool,
    /// Whether another number stands in the place of one that the target names.
    pub has_other_number: bool,
    /// Whether the target is the description of the criterion.
    pub is_description: bool,
}

impl Features {
    /// Probability that a teacher would say that the passage fulfils the criterion, 0–1.
    ///
    /// A logistic regression on 700 rows drawn from the training answers of SemEval-2013 task 7 (350 Beetle, 350
    /// `SciEntsBank`), cross-validated by question: 73 of 100 decisions agree with the teachers' (coverage or similarity
    /// alone: 69 or 67). Weights are rounded. The floor is what those rows show: 86 of 100 answers with all the words
    /// of a model answer, and no contradiction, were right.
    pub fn probability(&self) -> f64 {
        let is_opposed = self.is_contradicted || self.has_other_number;
        let opposition = if is_opposed { -2.4 * self.coverage } else { 0.0 };
        let logit = -2.5 + 2.4 * self.coverage + 2.5 * self.similarity + opposition;
        let probability = 1.0 / (1.0 + (-logit).exp());
        if self.echo > ECHO {
            return probability.min(0.2);
        }
        if self.coverage > 0.99 && !is_opposed && !self.is_description {
            return probability.max(0.86);
        }
        probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    const NONE: Features = Features {
        coverage: 0.0,
        similarity: 0.1,
        question_similarity: 0.3,
        echo: 0.3,
        is_contradicted: false,
        has_other_number: false,
        is_description: false,
    };

    /// Coverage in hundredths, contradiction and other number of an answer, measured against one target.
    fn measure(question: &str, target: &str, answer: &str) -> (i32, bool, bool) {
        let mut vocabulary = Vocabulary::of_question(&tokens(question));
        let target = Target::new(target, false, &mut vocabulary);
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

    #[test]
    fn probability_follows_the_evidence() {
        let all = Features { coverage: 1.0, similarity: 0.4, ..NONE };
        assert!(all.probability() > 0.8);
        assert!(NONE.probability() < 0.15);
        assert!(Features { is_contradicted: true, ..all }.probability() < 0.5);
        assert!(Features { has_other_number: true, ..all }.probability() < 0.5);
        assert!(Features { echo: 0.99, ..all }.probability() < 0.5);
        assert!(Features { coverage: 0.6, similarity: 0.7, ..NONE }.probability() > 0.5);
    }
}
