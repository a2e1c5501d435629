//! Error rates of a reading.

use unicode_normalization::UnicodeNormalization;

/// Errors and length, in characters and in words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    /// Edit distance in characters.
    pub characters: usize,
    /// Characters of the truth.
    pub of_characters: usize,
    /// Edit distance in words.
    pub words: usize,
    /// Words of the truth.
    pub of_words: usize,
}

impl Errors {
    /// Compares what was read with the truth, after [`normal`].
    #[must_use]
    pub fn count(truth: &str, read: &str, fold_case: bool) -> Self {
        let (truth, read) = (normal(truth, fold_case), normal(read, fold_case));
        let (truth_characters, read_characters): (Vec<char>, Vec<char>) =
            (truth.chars().collect(), read.chars().collect());
        let (truth_words, read_words): (Vec<&str>, Vec<&str>) = (
            truth.split(' ').filter(|word| !word.is_empty()).collect(),
            read.split(' ').filter(|word| !word.is_empty()).collect(),
        );
        Self {
            characters: strsim::generic_levenshtein(&truth_characters, &read_characters),
            of_characters: truth_characters.len(),
            words: strsim::generic_levenshtein(&truth_words, &read_words),
            of_words: truth_words.len(),
        }
    }

    /// Adds another text's.
    pub fn add(&mut self, other: Self) {
        self.characters += other.characters;
        self.of_characters += other.of_characters;
        self.words += other.words;
        self.of_words += other.of_words;
    }

    /// Character error rate.
    #[must_use]
    pub fn cer(&self) -> f64 {
        self.characters as f64 / self.of_characters.max(1) as f64
    }

    /// Word error rate.
    #[must_use]
    pub fn wer(&self) -> f64 {
        self.words as f64 / self.of_words.max(1) as f64
    }
}

/// NFC, typographic quotes folded to plain ones, runs of white space to one space.
#[must_use]
pub fn normal(text: &str, fold_case: bool) -> String {
    let folded: String = text
        .nfc()
        .map(|character| match character {
            '‘' | '’' | '‚' | '‛' | '′' | '`' | '´' => '\'',
            '“' | '”' | '„' | '‟' | '″' => '"',
            other => other,
        })
        .collect();
    let folded = if fold_case { folded.to_lowercase() } else { folded };
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_different_counts() {
        let errors = Errors::count("The “cat”\n sat  e\u{301}", "The \"cat\" sag é", false);
        assert_eq!(errors, Errors { characters: 1, of_characters: 15, words: 1, of_words: 4 });
        assert_eq!(Errors::count("TOTAL", "total", true).characters, 0);
        assert_eq!(Errors::count("", "", false).cer().to_bits(), 0.0_f64.to_bits());
        assert_eq!(Errors::count("abc", "", false).wer().to_bits(), 1.0_f64.to_bits());
    }
}
