//! What is likely to be written: a model of the language, character by character.
//!
//! `language.bin` is made by `infra/training/reading/language.py` from openly licensed text. It holds n-grams of
//! characters (interpolated Witten-Bell) and a list of words with their frequencies; the probability of a character is
//! the mean of what both say. The model only tips the scales where the ink leaves room; [`crate::ctc`] says how much.

use std::path::Path;

use smartscripts_domain::Result;

use crate::models::missing;

/// The file's name in the folder of the models.
const FILE: &str = "language.bin";
/// First bytes of the file, and its version.
const MAGIC: &[u8; 4] = b"SSLM";
const VERSION: u32 = 1;
/// Logarithms are kept in steps of this many to one, as whole numbers.
const STEPS: f32 = 16.0;
/// Frequencies of words are kept as Zipf values (base 10, per billion) times this.
const ZIPF_STEPS: f32 = 25.0;
/// Zipf value from which a word of the list counts as one that people use: three in a hundred million.
const USED: f32 = 2.5;
/// Share of the list of words in the mean; the rest is the n-grams'.
const WORDS_SHARE: f32 = 0.5;
/// Probability of a character that the list of words knows nothing about.
const UNKNOWN: f32 = 1e-4;
/// Probability that a word ends where the list of words has no such word.
const UNKNOWN_END: f32 = 1e-3;
/// Natural logarithm of the least probability that the model gives to anything.
const LEAST: f32 = -14.0;

/// A model of the language.
pub(crate) struct Language {
    order: usize,
    /// Characters that n-grams know, in their order; the code of one is its index here plus 1.
    characters: Vec<char>,
    /// Hashes of the n-grams, 0 where there is none.
    slots: Vec<u32>,
    /// −log p and −log of the back-off weight for each slot.
    values: Vec<[u8; 2]>,
    words: Words,
}

/// The list of words, sorted by code point, with how much of all text the words before each make up.
struct Words {
    /// All words' characters, one after another.
    text: Vec<char>,
    /// Where each word begins in `text`; one more at the end.
    starts: Vec<u32>,
    /// Sum of the frequencies of the words before each; one more at the end.
    sums: Vec<f64>,
}

/// What the model knows of the text so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Context {
    /// Codes of the last characters, eight bits each, the last one lowest; as many as the order less one.
    recent: u64,
    known: u32,
    /// Words of the list that begin like the word so far.
    from: u32,
    to: u32,
    /// Length of the word so far.
    length: u32,
    last: Last,
}

/// What stands last, as far as it matters for numbers and formulas.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Last {
    /// Nothing, or a space behind words.
    Gap,
    /// A letter or a mark of a sentence.
    Text,
    /// A capital letter of a word.
    Capital,
    Digit,
    /// A sign of a formula: `=`, `×`, `²`, `°`, `π` …
    Sign,
    /// A space behind a digit or a sign.
    GapInFormula,
    /// A letter behind one of these: a unit or a variable.
    Unit,
}

impl Last {
    fn after(self, character: char) -> Self {
        let in_formula = matches!(self, Self::Digit | Self::Sign | Self::GapInFormula | Self::Unit);
        match character {
            ' ' if matches!(self, Self::Digit | Self::Sign) => Self::GapInFormula,
            ' ' => Self::Gap,
            '.' | ',' if self == Self::Digit => Self::Digit,
            _ if character.is_ascii_digit() => Self::Digit,
            _ if is_sign(character) => Self::Sign,
            _ if character.is_alphabetic() && in_formula => Self::Unit,
            _ if character.is_uppercase() => Self::Capital,
            _ => Self::Text,
        }
    }

    /// Natural logarithm of the least probability of a character here. Text says nothing about numbers and formulas; with
    /// these the language leaves them to the ink: neither `0,5` nor `kJ` nor `÷` may cost more than a letter does in a word.
    /// Words in capitals are seldom in text, and usual on forms.
    fn least(self, character: char) -> f32 {
        let in_formula = matches!(self, Self::Digit | Self::Sign | Self::GapInFormula | Self::Unit);
        match character {
            ' ' if matches!(self, Self::Digit | Self::Sign) => -1.0,
            '.' | ',' if self == Self::Digit => -1.6,
            _ if character.is_ascii_digit() && matches!(self, Self::Digit | Self::Sign) => -1.3,
            _ if character.is_ascii_digit() && !matches!(self, Self::Text | Self::Capital) => -2.3,
            _ if is_sign(character) => -2.3,
            _ if character.is_alphabetic() && in_formula => -2.7,
            _ if character.is_uppercase() && self == Self::Capital => -2.5,
            _ => LEAST,
        }
    }
}

/// Whether a character is a sign of formulas. Hyphens and slashes belong to text as well.
fn is_sign(character: char) -> bool {
    let is_greek = ('α'..='ω').contains(&character) || ('Α'..='Ω').contains(&character);
    is_greek || "+-/=<>%°²³¹⁰⁴⁵⁶⁷⁸⁹⁺⁻ⁿ₀₁₂₃₄₅₆₇₈₉±×÷·≈≠≡≤≥√∞∝∠∴∵←↑→↓↔⇌⇒⇔∂∆∇∑∫µ℃".contains(character)
}

impl Language {
    /// Loads the model.
    pub(crate) fn load(models: &Path) -> Result<Self> {
        let content = std::fs::read(models.join(FILE)).map_err(|error| missing(models, FILE, error))?;
        Self::parse(&content).ok_or_else(|| missing(models, FILE, "the file is not complete"))
    }

    fn parse(content: &[u8]) -> Option<Self> {
        let (magic, rest) = content.split_at_checked(4)?;
        let (header, rest) = rest.split_at_checked(24)?;
        let numbers: Vec<u32> =
            header.chunks_exact(4).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect();
        let [version, order, characters, slots, words, text] = numbers[..] else { return None };
        if magic != MAGIC || version != VERSION || !(1..=8).contains(&order) {
            return None;
        }
        let (characters, rest) = rest.split_at_checked(characters as usize)?;
        let (hashes, rest) = rest.split_at_checked(slots as usize * 4)?;
        let (values, rest) = rest.split_at_checked(slots as usize * 2)?;
        let (text, frequencies) = rest.split_at_checked(text as usize)?;
        if frequencies.len() != words as usize || slots == 0 {
            return None;
        }
        let characters: Vec<char> = std::str::from_utf8(characters).ok()?.chars().collect();
        if !characters.is_sorted() {
            return None;
        }
        Some(Self {
            order: order as usize,
            characters,
            slots: hashes
                .chunks_exact(4)
                .map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect(),
            values: values.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect(),
            words: Words::new(std::str::from_utf8(text).ok()?, frequencies)?,
        })
    }

    /// The context at the start of a line: nothing is known of what stands before.
    pub(crate) fn start(&self) -> Context {
        Context { recent: 0, known: 0, from: 0, to: self.words.len() as u32, length: 0, last: Last::Gap }
    }

    /// Natural logarithm of the probability of a character in this context, and the context after it.
    pub(crate) fn next(&self, context: Context, character: char) -> (f32, Context) {
        let (by_words, from, to, length) = self.by_words(context, character);
        let code = self.characters.binary_search(&character).map_or(0, |index| index as u64 + 1);
        let by_ngrams = if code == 0 { UNKNOWN } else { self.by_ngrams(context, code) };
        let mean = WORDS_SHARE * by_words + (1.0 - WORDS_SHARE) * by_ngrams;
        let kept = self.order.saturating_sub(1).min(7) as u32;
        let mask = (1_u64 << (8 * kept)) - 1;
        let (recent, known) =
            if code == 0 { (0, 0) } else { (((context.recent << 8) | code) & mask, (context.known + 1).min(kept)) };
        let least = context.last.least(character);
        let last = context.last.after(character);
        (mean.ln().max(least), Context { recent, known, from, to, length, last })
    }

    /// Whether this is a word that people use, whatever its case.
    pub(crate) fn knows(&self, word: &str) -> bool {
        let mut context = self.start();
        for character in word.chars().flat_map(char::to_lowercase) {
            let (from, to) = self.words.narrow(context.from, context.to, context.length, character);
            context = Context { from, to, length: context.length + 1, ..context };
        }
        self.words.is_word(context.from, context.to, context.length)
            && self.words.frequency(context.from) >= 10.0_f64.powf(f64::from(USED))
    }

    /// The words that people use and that at most so many insertions, deletions and replacements turn into this one.
    pub(crate) fn near(&self, word: &str, distance: usize) -> Vec<String> {
        let word: Vec<char> = word.chars().collect();
        let least = 10.0_f64.powf(f64::from(USED));
        let mut near = Vec::new();
        // The rows of the Levenshtein table, one for each character of the word of the list; words follow each other by
        // code point, so most begin like the one before and share its rows.
        let mut rows: Vec<Vec<usize>> = vec![(0..=word.len()).collect()];
        let mut before: &[char] = &[];
        for index in 0..self.words.len() as u32 {
            let own = self.words.word(index);
            let same = before.iter().zip(own).take_while(|(a, b)| a == b).count();
            rows.truncate(rows.len().min(same + 1));
            before = own;
            while rows.len() <= own.len() && rows[rows.len() - 1].iter().any(|cost| *cost <= distance) {
                let (last, character) = (&rows[rows.len() - 1], own[rows.len() - 1]);
                let mut row = Vec::with_capacity(last.len());
                row.push(last[0] + 1);
                for (at, other) in word.iter().enumerate() {
                    let replaced = last[at] + usize::from(*other != character);
                    row.push(replaced.min(last[at + 1] + 1).min(row[at] + 1));
                }
                rows.push(row);
            }
            let is_whole = rows.len() == own.len() + 1;
            if is_whole && rows[own.len()][word.len()] <= distance && self.words.frequency(index) >= least {
                near.push(own.iter().collect());
            }
        }
        near
    }

    fn by_ngrams(&self, context: Context, code: u64) -> f32 {
        let mut back_off = 0;
        for length in (0..=context.known).rev() {
            let before = context.recent & ((1_u64 << (8 * length)) - 1);
            if let Some([cost, _]) = self.find((before << 8) | code) {
                return (-(f32::from(cost) + back_off as f32) / STEPS).exp();
            }
            back_off += self.find(before).filter(|_| length > 0).map_or(0, |[_, weight]| u32::from(weight));
        }
        UNKNOWN
    }

    fn find(&self, ngram: u64) -> Option<[u8; 2]> {
        let hash = mix(ngram);
        let size = self.slots.len() as u64;
        let mut slot = (((hash >> 32) * size) >> 32) as usize;
        let print = (hash as u32).max(1);
        while self.slots[slot] != 0 {
            if self.slots[slot] == print {
                return Some(self.values[slot]);
            }
            slot = if slot + 1 < self.slots.len() { slot + 1 } else { 0 };
        }
        None
    }

    /// What the list of words says: the probability, and the words that fit then.
    fn by_words(&self, context: Context, character: char) -> (f32, u32, u32, u32) {
        let Context { from, to, length, .. } = context;
        let all = self.words.len() as u32;
        let all_of_it = self.words.sum(from, to);
        let lower = character.to_lowercase().next().unwrap_or(character);
        if character.is_alphabetic() || (character == '\'' && length > 0) {
            let (from, to) = self.words.narrow(from, to, length, lower);
            let share = if all_of_it > 0.0 { self.words.sum(from, to) / all_of_it } else { 0.0 };
            // A capital within a word is rare; at its start it is a matter of the sentence.
            let case = match (lower == character, length) {
                (true, 0) => 0.85,
                (true, _) => 0.98,
                (false, 0) => 0.15,
                (false, _) => 0.02,
            };
            return ((share as f32 * case).max(UNKNOWN), from, to, length + 1);
        }
        if length == 0 {
            return (UNKNOWN, 0, all, 0);
        }
        let whole = if all_of_it > 0.0 && self.words.is_word(from, to, length) {
            self.words.frequency(from) / all_of_it
        } else {
            0.0
        };
        let share = if character == ' ' { 0.85 } else { 0.03 };
        ((whole as f32 * share).max(UNKNOWN_END * share), 0, all, 0)
    }
}

impl Words {
    fn new(text: &str, frequencies: &[u8]) -> Option<Self> {
        let mut words = Self { text: Vec::with_capacity(text.len()), starts: vec![0], sums: vec![0.0] };
        let mut sum = 0.0;
        for (word, frequency) in text.split('\n').zip(frequencies) {
            words.text.extend(word.chars());
            words.starts.push(words.text.len() as u32);
            sum += 10.0_f64.powf(f64::from(*frequency) / f64::from(ZIPF_STEPS));
            words.sums.push(sum);
        }
        (words.len() == frequencies.len()).then_some(words)
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn word(&self, index: u32) -> &[char] {
        let index = index as usize;
        &self.text[self.starts[index] as usize..self.starts[index + 1] as usize]
    }

    fn sum(&self, from: u32, to: u32) -> f64 {
        self.sums[to as usize] - self.sums[from as usize]
    }

    fn frequency(&self, index: u32) -> f64 {
        self.sum(index, index + 1)
    }

    /// Whether the first word of a range is as long as what was read so far: then it is that word.
    fn is_word(&self, from: u32, to: u32, length: u32) -> bool {
        from < to && length > 0 && self.word(from).len() == length as usize
    }

    /// The words of a range whose next character is this one.
    fn narrow(&self, from: u32, to: u32, length: u32, character: char) -> (u32, u32) {
        let at = |index: u32| self.word(index).get(length as usize).copied();
        let first = partition(from, to, |index| at(index) < Some(character));
        let last = partition(first, to, |index| at(index) <= Some(character));
        (first, last)
    }
}

/// The first index of a range for which the condition, true up to some index and false from there, is false.
fn partition(from: u32, to: u32, before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (from, to);
    while low < high {
        let middle = u32::midpoint(low, high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// `SplitMix64`'s finalizer (Steele, Lea, Flood 2014): spreads the n-grams over the table.
fn mix(key: u64) -> u64 {
    let mut x = key;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language() -> Language {
        Language::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/models"))).unwrap()
    }

    fn cost(language: &Language, text: &str) -> f32 {
        let mut context = language.start();
        let mut sum = 0.0;
        for character in text.chars() {
            let (logarithm, after) = language.next(context, character);
            assert!((LEAST..=0.0).contains(&logarithm), "{character} {logarithm}");
            (sum, context) = (sum + logarithm, after);
        }
        sum
    }

    #[test]
    fn english_is_likelier_than_letters() {
        let language = language();
        assert!(cost(&language, "the water evaporates") > cost(&language, "the watcr evaporates") + 3.0);
        assert!(cost(&language, "Ωж≤ qqq") > 7.0 * LEAST - 0.1);
    }

    #[test]
    fn numbers_and_formulas_are_left_to_the_ink() {
        let language = language();
        for (one, other) in [
            ("0.5 m", "0,5 m"),
            ("64.8 ÷ 2", "64.8 + 2"),
            ("v = 3 m/s", "v = 3 kJ"),
            ("x ≤ 4", "x < 4"),
            ("10² N", "10³ N"),
        ] {
            let (first, second) = (cost(&language, one), cost(&language, other));
            assert!((first - second).abs() < 2.0, "{one} {first}, {other} {second}");
            assert!(first > -2.8 * one.chars().count() as f32, "{one} {first}");
        }
    }

    #[test]
    fn words_that_people_use_are_known() {
        let language = language();
        for word in ["water", "Mitosis", "meiosis", "cathode", "DECREASE", "effect"] {
            assert!(language.knows(word), "{word}");
        }
        for word in ["watcr", "mitesis", "", "termind"] {
            assert!(!language.knows(word), "{word}");
        }
    }

    #[test]
    fn a_file_that_is_cut_short_is_refused() {
        let models = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/models"));
        let content = std::fs::read(models.join(FILE)).unwrap();
        for length in [0, 3, 4, 20, 30, 1000, content.len() - 1] {
            assert!(Language::parse(&content[..length]).is_none(), "{length}");
        }
    }
}
