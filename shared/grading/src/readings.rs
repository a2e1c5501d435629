//! The second stage of the reading check: where a word could have been read otherwise, the answer is graded as it would
//! then be. If the marks change, a person must look at the page.

use smartscripts_domain::{
    Result,
    answer::{Answer, AnswerWord},
    feedback::AnswerGrade,
    guide::{Marking, Question},
};

use crate::{
    quote,
    text::{Token, tokens},
};

/// Probability from which another reading of a word is plausible. A word of the guide is among the readings only where
/// the ink supports it.
const PLAUSIBLE: f64 = 0.1;
/// Most other readings that are graded, the likeliest first; each costs as much as a grade.
const MOST: usize = 4;

/// Another reading of the answer.
struct Other<'a> {
    word: &'a AnswerWord,
    text: &'a str,
    probability: f64,
}

/// Why a person must look: a plausible other reading of a word changes the marks. None where no such reading does.
///
/// # Errors
/// What `grade` fails with.
pub fn doubt(
    question: &Question,
    answer: &Answer,
    grade: &AnswerGrade,
    mut regrade: impl FnMut(&Answer) -> Result<AnswerGrade>,
) -> Result<Option<String>> {
    for other in plausible(question, answer) {
        let changed = regrade(&with(answer, &other))?;
        if changed.marks != grade.marks {
            let read = quote(&answer.text[other.word.start..other.word.end]);
            return Ok(Some(format!(
                "The word read as {read} could be {}; the marks would then be {} instead of {}.",
                quote(other.text),
                changed.marks,
                grade.marks
            )));
        }
    }
    Ok(None)
}

/// Other readings that could change the marks, the likeliest first. Of a written answer only words count that either
/// reading shares with the guide, and numbers.
fn plausible<'a>(question: &Question, answer: &'a Answer) -> Vec<Other<'a>> {
    let known = words_of_guide(question);
    let matters = |text: &str| {
        let Some(known) = &known else { return true };
        tokens(text).iter().any(|token| token.is_number() || token.is_negator() || known.contains(&token.stem))
    };
    let mut others: Vec<Other> = Vec::new();
    for word in &answer.words {
        let read = &answer.text[word.start..word.end];
        let alternatives = word.alternatives.iter().filter(|other| {
            let is_plausible = other.confidence >= PLAUSIBLE || other.of_guide;
            is_plausible && !other.text.eq_ignore_ascii_case(read) && (matters(read) || matters(&other.text))
        });
        others.extend(alternatives.map(|other| Other { word, text: &other.text, probability: other.confidence }));
    }
    others.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.word.start.cmp(&b.word.start)));
    others.truncate(MOST);
    others
}

/// Stems of the guide's words with content; none where every word may matter, as every digit does of a number.
fn words_of_guide(question: &Question) -> Option<Vec<String>> {
    let (Marking::ShortAnswer(part) | Marking::Explanation(part)) = &question.marking else { return None };
    let criteria = part.criteria.iter();
    let texts = criteria.flat_map(|criterion| criterion.accepted_phrasings.iter().chain([&criterion.description]));
    let words = texts.chain(&part.reference_answers).flat_map(|text| tokens(text));
    Some(words.filter(Token::is_content).map(|token| token.stem).collect())
}

/// The answer with another reading in the place of one word.
fn with(answer: &Answer, other: &Other) -> Answer {
    let Other { word, text, .. } = other;
    let grown = text.len() as isize - (word.end - word.start) as isize;
    let moved = |offset: usize| if offset >= word.end { offset.saturating_add_signed(grown) } else { offset };
    let words = answer.words.iter().map(|each| AnswerWord {
        start: moved(each.start),
        end: moved(each.end),
        // What is asked is how the answer would be graded if this was what it says.
        confidence: if each.start == word.start { 1.0 } else { each.confidence },
        alternatives: Vec::new(),
        ..each.clone()
    });
    let text = format!("{}{text}{}", &answer.text[..word.start], &answer.text[word.end..]);
    Answer { text, words: words.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_reading_moves_what_stands_behind_it() {
        let answer = Answer::typed("the anode is hot");
        let word = &answer.words[1];
        let changed = with(&answer, &Other { word, text: "cathode", probability: 0.3 });
        assert_eq!(changed.text, "the cathode is hot");
        let words: Vec<&str> = changed.words.iter().map(|word| &changed.text[word.start..word.end]).collect();
        assert_eq!(words, ["the", "cathode", "is", "hot"]);
    }
}
