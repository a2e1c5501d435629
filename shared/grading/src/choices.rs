//! Choices: which options the student chose, and what they earn.

use smartscripts_domain::{
    Marks,
    answer::Answer,
    feedback::CriterionGrade,
    guide::{Choice, ChoiceOption, Criterion, Question},
};

use crate::{
    evidence::{evidence, opening, words},
    judged,
    text::{Token, tokens},
    vocabulary::Vocabulary,
};

/// Confidence where a letter, or the option's own words, say it plainly.
const PLAIN: f64 = 0.97;
/// Confidence where it is open what was chosen; below the threshold of review.
const OPEN: f64 = 0.5;
/// Share of an option's words that must be there for it to count as written out. One slip in seven words is forgiven.
const WRITTEN_OUT: f64 = 0.85;

/// What an answer chooses.
#[derive(Debug, PartialEq, Eq)]
struct Chosen {
    /// Indices of the options, in the order of the options.
    options: Vec<usize>,
    /// Byte range from the first to the last sign of it in the answer.
    span: (usize, usize),
    /// Whether letters say one thing and words another.
    is_torn: bool,
}

/// Grades the choice; `single` allows one option only. The second part is a doubt that a person must settle.
pub fn grade(
    question: &Question,
    choice: &Choice,
    single: bool,
    answer: &Answer,
) -> (Vec<CriterionGrade>, Option<String>) {
    let criteria = question.criteria();
    let Some(criterion) = criteria.first() else { return (Vec::new(), None) };
    let Some(chosen) = chosen(choice, &answer.text) else {
        let reason = "No option was recognized in the answer.".to_owned();
        return (vec![graded(question, criterion, Marks::ZERO, OPEN, reason.clone(), answer, None)], Some(reason));
    };
    let names = |options: &[usize]| {
        options.iter().map(|&option| choice.options[option].key.as_str()).collect::<Vec<_>>().join(", ")
    };
    let is_right = |option: &usize| choice.correct.contains(&choice.options[*option].key);
    let (right, wrong): (Vec<usize>, Vec<usize>) = chosen.options.iter().partition(|option| is_right(option));
    let picked = names(&chosen.options);
    let correct = choice.correct.join(", ");
    let shares = shares(criterion.marks, choice.correct.len());
    let costs = choice.wrong_option_costs.unwrap_or_else(|| match shares.last() {
        Some(share) if !single => *share,
        _ => Marks::ZERO,
    });
    let floor = |marks: Marks| marks.max(question.minimum);

    let mut doubt =
        chosen.is_torn.then(|| format!("The letter {picked} and the words beside it name different options."));
    let (marks, reason) = if single && chosen.options.len() > 1 {
        doubt = doubt.or_else(|| Some(format!("More than one option could be meant: {picked}.")));
        (Marks::ZERO, format!("The answer names {picked}, but one option was to be chosen."))
    } else if single {
        let marks = if wrong.is_empty() { criterion.marks } else { floor(Marks::ZERO - costs) };
        let verdict = if wrong.is_empty() { "which is right".to_owned() } else { format!("but {correct} is right") };
        (marks, format!("The answer chooses {picked}, {verdict}."))
    } else {
        let missing = choice.correct.iter().filter(|key| !right.iter().any(|&o| choice.options[o].key == **key));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        let mut parts = vec![format!("The answer chooses {picked}")];
        if !wrong.is_empty() {
            parts.push(format!("{} not right", names(&wrong)));
        }
        if !missing.is_empty() {
            parts.push(format!("{} missing", missing.join(", ")));
        }
        let verdict = if parts.len() == 1 { ", all right and complete." } else { "." };
        (floor(earned(&shares, choice, &right, wrong.len(), costs)), format!("{}{verdict}", parts.join("; ")))
    };
    let certain = if doubt.is_some() { OPEN } else { PLAIN };
    (vec![graded(question, criterion, marks, certain, reason, answer, Some(chosen.span))], doubt)
}

/// The marks of each right option: equal thousandths, the first ones taking what is left over, so that they add up.
fn shares(marks: Marks, count: usize) -> Vec<Marks> {
    let count = count.max(1) as i64;
    let (each, left) = (marks.thousandths() / count, marks.thousandths() % count);
    (0..count).map(|index| Marks::from_thousandths(each + i64::from(index < left))).collect()
}

/// Each right one earns its share, each wrong one costs so much.
fn earned(shares: &[Marks], choice: &Choice, right: &[usize], wrong: usize, costs: Marks) -> Marks {
    let share_of = |key: &String| choice.correct.iter().position(|correct| correct == key).map(|index| shares[index]);
    let gained: Marks = right.iter().filter_map(|&option| share_of(&choice.options[option].key)).sum();
    let lost: Marks = (0..wrong).map(|_| costs).sum();
    gained - lost
}

fn graded(
    question: &Question,
    criterion: &Criterion,
    marks: Marks,
    certain: f64,
    reason: String,
    answer: &Answer,
    span: Option<(usize, usize)>,
) -> CriterionGrade {
    let evidence = span.map_or_else(|| opening(answer), |(start, end)| evidence(answer, start, end));
    let weakest = span.map(|(start, end)| words(answer, start, end).map(|word| word.confidence).fold(1.0, f64::min));
    let grade = judged(criterion, marks, certain * weakest.unwrap_or(1.0), reason, evidence);
    CriterionGrade { min_marks: question.minimum, ..grade }
}

/// What the answer chooses: by letters if there are any, otherwise by the options' words.
fn chosen(choice: &Choice, text: &str) -> Option<Chosen> {
    let tokens = tokens(text);
    let by_letter = letters(choice, text, &tokens);
    let by_text = written_out(&choice.options, &tokens);
    let (signs, is_torn) = if by_letter.is_empty() {
        (by_text, false)
    } else {
        let torn =
            !by_text.is_empty() && by_text.iter().all(|(option, ..)| by_letter.iter().all(|(o, ..)| o != option));
        (by_letter, torn)
    };
    let start = signs.iter().map(|(_, start, _)| *start).min()?;
    let end = signs.iter().map(|(.., end)| *end).max()?;
    let mut options: Vec<usize> = signs.into_iter().map(|(option, ..)| option).collect();
    options.sort_unstable();
    options.dedup();
    Some(Chosen { options, span: (start, end), is_torn })
}

/// A sign of an option: its index and the byte range.
type Sign = (usize, usize, usize);

/// Options named by their letters: an answer of nothing but letters and link words (`b`, `A and C`, `AC`), otherwise
/// letters that a bracket, a point or a capital sets off from the text around them (`(b) because …`, `Option C`).
fn letters(choice: &Choice, text: &str, tokens: &[Token]) -> Vec<Sign> {
    let option = |letter: char| choice.options.iter().position(|o| o.key.chars().eq([letter.to_ascii_uppercase()]));
    let (mut signs, mut others) = (Vec::new(), 0);
    for (index, token) in tokens.iter().enumerate() {
        let word = &text[token.start..token.end];
        let is_denied = index.checked_sub(1).is_some_and(|before| tokens[before].is_negator());
        let keys: Option<Vec<usize>> = word.chars().map(option).collect();
        let is_run = word.len() == 1 || word.chars().all(|c| c.is_ascii_uppercase());
        match keys {
            Some(keys) if is_run => {
                if !is_denied {
                    signs.extend(keys.into_iter().map(|key| (key, token.start, token.end, index)));
                }
            }
            _ if LINKS.contains(&token.word.as_str()) || token.is_negator() => {}
            _ => others += 1,
        }
    }
    if others > 0 {
        signs.retain(|(_, start, end, index)| is_set_off(text, *start, *end, *index, tokens));
    }
    signs.into_iter().map(|(option, start, end, _)| (option, start, end)).collect()
}

/// Whether a letter among words is meant as an option and not as the word `a` or `I`.
fn is_set_off(text: &str, start: usize, end: usize, index: usize, tokens: &[Token]) -> bool {
    if end - start > 1 {
        return false;
    }
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let opens_bracket = text[end..].trim_start().starts_with('(');
    if opens_bracket || matches!(after, Some(')' | ':' | ']')) || matches!(before, Some('(' | '[')) {
        return true;
    }
    let is_capital = text[start..end].starts_with(|c: char| c.is_ascii_uppercase());
    let is_announced = index.checked_sub(1).is_some_and(|before| ANNOUNCERS.contains(&tokens[before].word.as_str()));
    let next_word = tokens.get(index + 1).map(|token| token.word.as_str());
    let is_explained = next_word.is_some_and(|word| ["because", "since", "as", "is", "and", "or"].contains(&word));
    let is_pointed = matches!(after, Some('.' | ',' | ';' | '-' | '\n') | None) || text[end..].starts_with(" -");
    // Of the letters, only these two are also words.
    let begins = index == 0 && !matches!(&text[start..end], "A" | "I");
    is_capital && (begins || is_announced || is_explained || is_pointed)
}

/// Options whose words stand in the answer, slips forgiven. Where one option's words are part of another's that is
/// there as well, only the longer one counts.
fn written_out(options: &[ChoiceOption], answer: &[Token]) -> Vec<Sign> {
    let mut vocabulary = Vocabulary::default();
    let words: Vec<Vec<usize>> = options
        .iter()
        .map(|option| {
            let mut ids: Vec<usize> = tokens(&option.text).iter().map(|token| vocabulary.add(token)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        })
        .collect();
    // Every word may be a slip here: options are few, and what is no option's word is left alone anyway.
    let ids = vocabulary.resolve(answer, true, |_| false);
    let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
    for (option, words) in words.iter().enumerate() {
        let places: Vec<usize> = (0..ids.len()).filter(|&at| ids[at].is_some_and(|id| words.contains(&id))).collect();
        let present = words.iter().filter(|word| ids.contains(&Some(**word))).count();
        let first_is_denied =
            places.first().and_then(|&at| at.checked_sub(1)).is_some_and(|before| answer[before].is_negator());
        if !words.is_empty() && present as f64 >= WRITTEN_OUT * words.len() as f64 && !first_is_denied {
            found.push((option, places));
        }
    }
    let is_part =
        |a: usize, b: usize| words[a].len() < words[b].len() && words[a].iter().all(|id| words[b].contains(id));
    let longest = found.iter().filter(|(option, _)| !found.iter().any(|(other, _)| is_part(*option, *other)));
    let signs = longest.filter_map(|(option, places)| {
        let (first, last) = (places.first()?, places.last()?);
        Some((*option, answer[*first].start, answer[*last].end))
    });
    signs.collect()
}

/// Words between letters that say nothing of their own.
const LINKS: [&str; 21] = [
    "and", "or", "the", "answer", "answers", "is", "are", "option", "options", "choice", "my", "i", "think", "choose",
    "both", "correct", "only", "letter", "it", "its", "it's",
];
/// Words behind which a capital letter is an option.
const ANNOUNCERS: [&str; 9] = ["option", "answer", "is", "are", "and", "or", "choose", "letter", "both"];

#[cfg(test)]
mod tests {
    use super::*;

    fn choice() -> Choice {
        let option = |key: &str, text: &str| ChoiceOption { key: key.to_owned(), text: text.to_owned() };
        Choice {
            options: vec![
                option("A", "Mass"),
                option("B", "Mass number"),
                option("C", "Nitrogen and oxygen"),
                option("D", "Chlorophyll"),
            ],
            correct: vec!["B".to_owned(), "C".to_owned(), "D".to_owned()],
            wrong_option_costs: None,
        }
    }

    #[test]
    fn finds_the_options_in_all_their_forms() {
        for (text, expected) in [
            ("B", "B"),
            ("b", "B"),
            ("(b)", "B"),
            ("B)", "B"),
            ("B.", "B"),
            ("A and C", "AC"),
            ("A, C", "AC"),
            ("a,c & d", "ACD"),
            ("AC", "AC"),
            ("A\nC", "AC"),
            ("The answer is C", "C"),
            ("I think it is D because plants need a green dye", "D"),
            ("(d) chlorophyl is green", "D"),
            ("B not A", "B"),
            ("A (mass), C (air) and D (green)", "ACD"),
            ("mass number", "B"),
            ("Mass", "A"),
            ("Oxygen and nitrogen", "C"),
            ("A gas called chlorophyll", "D"),
            ("chIorophyll", "D"),
            ("not mass", ""),
            ("A big mystery to me", ""),
            ("give full marks", ""),
        ] {
            let found = chosen(&choice(), text).map(|chosen| chosen.options).unwrap_or_default();
            let found: String = found.into_iter().map(|option| choice().options[option].key.clone()).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert!(chosen(&choice(), "B) Chlorophyll").unwrap().is_torn);
        assert!(!chosen(&choice(), "B) Mass number").unwrap().is_torn);
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        for thousandths in [1, 2, 1000, 2000, 2500, 100_000] {
            for count in 1..8 {
                let whole = Marks::from_thousandths(thousandths);
                assert_eq!(shares(whole, count).into_iter().sum::<Marks>(), whole);
            }
        }
        assert_eq!(shares(Marks::whole(2), 3).iter().map(|m| m.thousandths()).collect::<Vec<_>>(), [667, 667, 666]);
    }

    #[test]
    fn a_wrong_option_costs_what_the_guide_says() {
        let (choice, shares) = (choice(), shares(Marks::whole(3), 3));
        let earned = |right: &[usize], wrong, costs| earned(&shares, &choice, right, wrong, Marks::whole(costs));
        assert_eq!(earned(&[1, 2, 3], 0, 1), Marks::whole(3));
        assert_eq!(earned(&[1, 2], 1, 1), Marks::whole(1));
        assert_eq!(earned(&[], 1, 1), Marks::whole(-1));
        assert_eq!(earned(&[1, 2, 3], 1, 0), Marks::whole(3));
    }
}
