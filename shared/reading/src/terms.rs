//! The words of a marking guide, and finding its terms in what was read.

use std::collections::BTreeSet;

use smartscripts_domain::{
    guide::{Criteria, Guide, Marking},
    reading::{Line, Word},
};

/// Every word of a guide that an answer may contain, lower case, each once.
pub(crate) fn words(guide: &Guide) -> Vec<String> {
    let mut texts: Vec<&str> = Vec::new();
    for question in &guide.questions {
        texts.push(&question.text);
        match &question.marking {
            Marking::ShortAnswer(part) | Marking::Explanation(part) => texts.extend(texts_of(part)),
            Marking::TrueFalse(statement) => texts.extend(statement.reason.iter().flat_map(texts_of)),
            Marking::SingleChoice(choice) | Marking::MultipleChoice(choice) => {
                texts.extend(choice.options.iter().map(|option| option.text.as_str()));
            }
            Marking::Steps(part) => texts.extend(
                part.steps
                    .iter()
                    .flat_map(|step| step.accepted_phrasings.iter().chain([&step.description]).map(String::as_str)),
            ),
            Marking::Numeric(_) => {}
        }
    }
    words_of(texts)
}

/// What a written answer may say: the model answers, and what fulfils each criterion.
fn texts_of(part: &Criteria) -> impl Iterator<Item = &str> {
    let criteria = part.criteria.iter().flat_map(|criterion| {
        let levels = criterion.levels.iter().map(|level| &level.description);
        criterion.accepted_phrasings.iter().chain([&criterion.description]).chain(levels)
    });
    part.reference_answers.iter().chain(criteria).map(String::as_str)
}

/// The words of these texts, lower case, each once.
pub(crate) fn words_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let words = texts.into_iter().flat_map(|text| text.split(|c: char| !c.is_alphabetic()));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether a term of a guide, one word or several, stands somewhere in these lines: as it was read, or as a word of the
/// guide that the ink supports. A word that is broken at the end of a line counts as one, `Newton's` as `Newton`, and an
/// exponent that was written, or read, as large as the rest as what it is: `m/s2` as `m/s²`.
#[must_use]
pub fn contains(lines: &[Line], term: &str) -> bool {
    let term: Vec<String> = term.split_whitespace().map(plain).collect();
    let words: Vec<&Word> = lines.iter().flat_map(|line| &line.words).filter(|word| !word.struck_out).collect();
    if term.is_empty() {
        return false;
    }
    let stands = words.windows(term.len()).any(|window| window.iter().zip(&term).all(|(word, own)| may_be(word, own)));
    let broken = |pair: &[&Word]| {
        let [first, second] = pair else { return false };
        let Some(first) = first.text.strip_suffix(['-', '\u{ad}', '=']) else { return false };
        format!("{}{}", bare(first), bare(&second.text)).to_lowercase() == term[0]
    };
    stands || (term.len() == 1 && words.windows(2).any(broken))
}

fn may_be(word: &Word, own: &str) -> bool {
    let is_own = |text: &str| {
        let text = plain(text);
        text == own || text.strip_suffix("'s").is_some_and(|text| text == own)
    };
    is_own(&word.text) || word.alternatives.iter().any(|rival| rival.of_guide && is_own(&rival.text))
}

/// A word as it is compared: without the punctuation around it, lower case, exponents as digits.
fn plain(word: &str) -> String {
    let digits = bare(word).chars().map(|character| match character {
        '²' => '2',
        '³' => '3',
        '’' => '\'',
        _ => character,
    });
    digits.collect::<String>().to_lowercase()
}

/// A word without the punctuation around it.
pub(crate) fn bare(word: &str) -> &str {
    word.trim_matches(|character: char| !character.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::reading::Alternative;

    use super::*;

    fn line(text: &str) -> Line {
        let words = text.split(' ').map(|word| Word::new(word, 0.9, None)).collect();
        Line { text: text.to_owned(), confidence: 0.9, quad: None, words }
    }

    #[test]
    fn terms_are_found_whole_across_lines_and_hyphens() {
        let lines = [line("By Photo-"), line("synthesis in the cell"), line("wall, not 12.")];
        for term in ["photosynthesis", "cell wall", "12", "Synthesis"] {
            assert!(contains(&lines, term), "{term}");
        }
        let lines = [line("at 3 m/s2 by Newton’s law")];
        assert!(contains(&lines, "3 m/s²") && contains(&lines, "newton") && !contains(&lines, "new"));
    }

    #[test]
    fn parts_of_words_and_words_in_another_order_are_not_found() {
        let lines = [line("By Photo-"), line("synthesis in the cell"), line("wall, not 12.")];
        for term in ["synthes", "wall cell", "1", "", "osmosis", "cellwall"] {
            assert!(!contains(&lines, term), "{term}");
        }
    }

    #[test]
    fn only_a_word_of_the_guide_counts_beside_the_text() {
        let mut lines = [line("by osmoeis")];
        let alternative = |of_guide| Alternative { text: "osmosis".to_owned(), confidence: 0.3, of_guide };
        lines[0].words[1].alternatives = vec![alternative(false)];
        assert!(!contains(&lines, "osmosis"));
        lines[0].words[1].alternatives = vec![alternative(true)];
        assert!(contains(&lines, "osmosis"));
        lines[0].words[1].struck_out = true;
        assert!(!contains(&lines, "osmosis"));
    }
}
