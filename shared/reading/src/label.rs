//! What a question's label looks like at the start of a line: `1`, `1.`, `1)`, `Q1`, `Question 1`, `Ans 3:`, `No 1`, `1 -`,
//! `1a`, `2 (b)`, `3 b) ii)`, or `(b)` under a number that was written above.

use unicode_normalization::UnicodeNormalization;

/// Words that announce a label.
const ANNOUNCING: [&str; 22] = [
    "question",
    "questions",
    "answer",
    "answers",
    "exercise",
    "problem",
    "solution",
    "number",
    "ques",
    "quest",
    "prob",
    "part",
    "task",
    "soln",
    "ans",
    "qno",
    "qn",
    "qu",
    "no",
    "nr",
    "q",
    "#",
];
/// Words that may stand between such a word and the number: `Answer to question no. 3`.
const BETWEEN: [&str; 7] = ["to", "for", "the", "no", "nr", "number", "#"];
/// Numbers in words, which count only behind an announcing word.
const NUMBERS: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
/// Roman numbers of parts.
const ROMAN: [&str; 12] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
/// The least length of an announcing word that may be misread in a letter.
const LONG: usize = 6;

/// A label that a line may begin with. Whether it is one, only the guide and the other lines can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// Number, part, part of the part: at least one, at most three.
    pub(crate) parts: Vec<Part>,
    /// Whether a word like `Question` announces it.
    pub(crate) announced: bool,
}

/// One part of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Letters and digits, lower case, as they were read.
    pub(crate) core: String,
    /// Words of the line up to the end of this part.
    pub(crate) words: usize,
    /// Whether a point, bracket, dash or colon belongs to it.
    pub(crate) punctuated: bool,
}

impl Label {
    /// Whether its form tells that it is a label.
    pub(crate) fn is_plain(&self) -> bool {
        self.announced || self.parts.iter().any(|part| part.punctuated)
    }

    /// Words that it takes up as a whole.
    pub(crate) fn words(&self) -> usize {
        self.parts.last().map_or(0, |part| part.words)
    }

    /// The first part.
    pub(crate) fn number(&self) -> &str {
        self.parts.first().map_or("", |part| part.core.as_str())
    }
}

/// The label that these words begin with.
pub(crate) fn parse<'a>(words: impl Iterator<Item = &'a str>) -> Option<Label> {
    // Circled and boxed digits become plain ones.
    let written: Vec<String> = words.take(8).map(|word| closed(word.nfkc().collect())).collect();
    let words: Vec<String> = written.iter().map(|word| word.to_lowercase()).collect();
    let mut at = 0;
    let mut announced = false;
    let mut token = words.first()?.as_str();
    loop {
        // `Ans:-`, of which the dash may have been read as something else.
        let own = token.split_once(':').filter(|(own, rest)| own.len() > 1 && rest.len() <= 1);
        let own = own.map_or(token, |(own, _)| own);
        let bare = own.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
        let next = words.get(at + 1).map_or("", String::as_str);
        let is_badly_read = !announced && announces_badly(token, bare, next);
        if announces(bare) || is_badly_read || (announced && BETWEEN.contains(&bare)) {
            announced = true;
            at += 1;
            token = words.get(at)?.as_str();
            // `Ans - 3`
            if is_punctuation(token) {
                at += 1;
                token = words.get(at)?.as_str();
            }
        } else if let Some(rest) = after_announcement(token) {
            announced = true;
            token = rest;
        } else {
            break;
        }
    }
    let mut parts = Vec::new();
    // A point that was read as a comma, but not the comma of `1, 2 and 3`.
    let follows_number = words.get(at + 1).is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
    let token = token.strip_suffix(',').filter(|_| !follows_number).unwrap_or(token);
    add(&mut parts, &Token::parse(token, announced)?, at + 1);
    while parts.len() < 3 {
        let next = at + parts.last().map_or(1, |part: &Part| part.words - at);
        let Some(word) = words.get(next) else { break };
        // `1 .` and `1 )`
        if is_punctuation(word) {
            let Some(last) = parts.last_mut().filter(|part| !part.punctuated) else { break };
            last.punctuated = true;
            last.words += 1;
            continue;
        }
        let Some(token) = Token::parse(word.trim_start_matches(['-', '.', ':']), false) else { break };
        let is_small = written.get(next).is_some_and(|word| !word.starts_with(char::is_uppercase));
        let is_part = token.runs.iter().all(|run| is_part(run)) && (token.punctuated || (is_small && parts.len() == 1));
        if !is_part {
            break;
        }
        add(&mut parts, &token, next + 1);
    }
    parts.truncate(3);
    Some(Label { parts, announced })
}

fn add(parts: &mut Vec<Part>, token: &Token, words: usize) {
    let last = token.runs.len();
    parts.extend(token.runs.iter().zip(1..).map(|(run, number)| Part {
        core: run.clone(),
        words,
        // What stands between two runs of a word closes the first.
        punctuated: token.punctuated || number < last,
    }));
}

/// Whether this may be the name of a part: a letter, or a Roman number.
fn is_part(core: &str) -> bool {
    let is_letter = core.chars().count() == 1 && core.chars().all(char::is_alphabetic);
    // `!i` and `lii` are Roman numbers that were badly read.
    let is_strokes =
        core.chars().count() <= 4 && core.chars().all(|c| matches!(c, 'i' | 'l' | '!' | '|' | 'j' | 't' | 'v'));
    is_letter || is_strokes || ROMAN.contains(&core)
}

fn is_punctuation(word: &str) -> bool {
    matches!(word, "." | ")" | ":" | ".)" | "-" | "–" | "—" | ":-" | "]" | ">")
}

/// The word, its brackets, where they were taken for a capital C or J, put right.
fn closed(word: String) -> String {
    if let Some(rest) = word.strip_prefix('C')
        && rest.ends_with([')', ']'])
        && (2..=5).contains(&rest.chars().count())
    {
        return format!("({rest}");
    }
    match word.strip_suffix('J') {
        Some(rest) if (1..=6).contains(&rest.chars().count()) && !rest.ends_with(char::is_uppercase) => {
            format!("{rest})")
        }
        _ => word,
    }
}

/// Whether a word stands for `Ans` or `No.` although a letter of it was badly read: its colon or point, and the number
/// behind it, speak for it.
fn announces_badly(token: &str, bare: &str, next: &str) -> bool {
    let is_number = next.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        || ROMAN.iter().any(|own| next.trim_end_matches([')', '.', ':']) == *own);
    let is_short = (1..=4).contains(&bare.chars().count());
    let answer = (token.contains(':') || next.ends_with(':')) && strsim::levenshtein(bare, "ans") <= 1;
    let number = token.ends_with(['.', ':']) && strsim::levenshtein(bare, "no") <= 1;
    is_short && is_number && (answer || number)
}

fn announces(word: &str) -> bool {
    let is_misread = |own: &&str| {
        let length = own.len();
        length >= LONG && word.len().abs_diff(length) <= 1 && strsim::levenshtein(word, own) <= 1 + length / 8
    };
    ANNOUNCING.contains(&word) || (word.len() >= LONG - 1 && ANNOUNCING.iter().any(is_misread))
}

/// What follows the announcement in `Q1`, `q.1` or `Ans3:`.
fn after_announcement(token: &str) -> Option<&str> {
    // A Q may have been read as an O or a D.
    let round =
        || token.strip_prefix(['o', 'd']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
    let rest = ANNOUNCING.iter().find_map(|word| token.strip_prefix(word)).or_else(round)?;
    let rest = rest.trim_start_matches(['.', ',', ':', '-', '#', '(', '[']);
    let first = rest.chars().next()?;
    // Letters that are taken for digits may follow, but `quick`, `not` and `answering` are words.
    let bare: String = rest.chars().filter(|c| c.is_alphanumeric()).collect();
    let short = bare.chars().count() <= 2 || ROMAN.contains(&bare.as_str());
    let is_word = token.starts_with(['n', 'p', 't', 's']) && first.is_alphabetic();
    (first.is_ascii_digit() || (short && first.is_alphanumeric() && !is_word)).then_some(rest)
}

/// A word that may be a number, a part, or several of them: `1`, `12a`, `(1)`, `1.`, `1(b)`, `1.b)`, `2(a)(ii)`.
struct Token {
    runs: Vec<String>,
    punctuated: bool,
}

impl Token {
    /// None for `3.5`, `1,` and words with other signs.
    fn parse(word: &str, announced: bool) -> Option<Self> {
        if matches!(word, "i.e." | "e.g." | "a.m." | "p.m." | "z.b." | "d.h." | "c.f.") {
            return None;
        }
        let boxed = word.strip_prefix('|').and_then(|word| word.strip_suffix('|')).filter(|inner| !inner.is_empty());
        let inner = boxed.unwrap_or(word).trim_start_matches(['(', '[', '{', '<', '/']);
        let is_core = |c: char| c.is_alphanumeric() || matches!(c, '|' | '!');
        let is_separator =
            |c: char| matches!(c, '.' | ')' | ']' | '}' | '>' | ':' | ';' | '-' | '–' | '—' | '(' | '[' | '{' | '/');
        if !inner.chars().all(|c| is_core(c) || is_separator(c)) || !inner.starts_with(is_core) {
            return None;
        }
        let mut runs: Vec<String> =
            inner.split(is_separator).filter(|run| !run.is_empty()).map(ToOwned::to_owned).collect();
        if runs.len() > 3 || runs.first().is_none_or(|run| run.chars().count() > 10) {
            return None;
        }
        if !runs.iter().skip(1).all(|run| is_part(run)) {
            return None;
        }
        let number = NUMBERS.iter().position(|number| announced && runs.first().is_some_and(|run| run == number));
        if let (Some(number), Some(first)) = (number, runs.first_mut()) {
            *first = (number + 1).to_string();
        }
        let punctuated = boxed.is_some() || inner.len() < word.len() || inner.ends_with(is_separator);
        Some(Self { runs, punctuated })
    }
}

/// Whether a label as it was read may be this label of the guide (both lower case): the same characters, or letters
/// that are easily taken for the guide's characters. The second value says whether it is the very same.
pub(crate) fn matches(read: &str, label: &str) -> Option<bool> {
    if read == label || read.trim_start_matches('0') == label {
        return Some(true);
    }
    let alike = |(read, own): (char, char)| {
        read == own
            || match own {
                '0' => matches!(read, 'o' | 'q' | 'd' | 'c'),
                '1' => matches!(read, 'l' | 'i' | '|' | '!' | 'j' | 't' | 'r'),
                '2' => matches!(read, 'z' | 's'),
                '3' => matches!(read, 'e' | 'b' | 's'),
                '4' => matches!(read, 'y' | 'u' | 'h' | 'a'),
                '5' => matches!(read, 's' | 'j'),
                '6' => matches!(read, 'b' | 'g' | 'c'),
                '7' => matches!(read, 't' | 'f' | 'l' | '?'),
                '8' => matches!(read, 'b' | 's' | 'g'),
                '9' => matches!(read, 'g' | 'q' | 'a' | 'y'),
                'a' => matches!(read, 'o' | 'd' | 'q' | 'u' | '9'),
                'b' => matches!(read, '6' | '8' | 'h' | 'k' | 'l'),
                'c' => matches!(read, 'e' | 'o' | '('),
                'd' => matches!(read, 'a' | 'o'),
                'e' => matches!(read, 'c'),
                'f' => matches!(read, 't'),
                'g' => matches!(read, '9' | 'q' | 'y'),
                'i' => matches!(read, 'l' | '1' | 'j' | 't' | '|' | '!'),
                'v' => matches!(read, 'u' | 'y' | 'r'),
                _ => false,
            }
    };
    let is_alike =
        |read: &str| read.chars().count() == label.chars().count() && read.chars().zip(label.chars()).all(alike);
    // A circle around it, or the Q before it, may have been read as a letter or a digit.
    let inner = read.strip_prefix(['o', '0', 'q', 'a', 'g', '9']).filter(|inner| *inner == label);
    (is_alike(read) || inner.is_some() || roman(read, label)).then_some(false)
}

/// Whether one is the Roman number of the other.
fn roman(read: &str, label: &str) -> bool {
    let is_number = |roman: &str, arabic: &str| {
        ROMAN.iter().position(|own| *own == roman).is_some_and(|index| (index + 1).to_string() == arabic)
    };
    is_number(read, label) || is_number(label, read)
}

/// What a label of the guide may begin with, before its last part, the longest first: `2b`, `2` and nothing for `2bii`.
pub(crate) fn beginnings(label: &str) -> Vec<&str> {
    let mut ends = vec![0];
    let mut rest = label;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c: char| c.is_ascii_digit() != first.is_ascii_digit()).unwrap_or(rest.len());
        // `aii` is the part `a` and its part `ii`; `ii` and `essay` are one.
        let letter = first.len_utf8();
        let is_two = run > letter && !ROMAN.contains(&&rest[..run]) && ROMAN.contains(&&rest[letter..run]);
        let part = if is_two { letter } else { run };
        rest = &rest[part..];
        ends.push(label.len() - rest.len());
    }
    ends.pop();
    ends.into_iter().rev().map(|end| &label[..end]).collect()
}

/// What else a number may have been before it was read: each with one digit replaced by one that handwriting confuses with it.
pub(crate) fn misread(number: &str) -> Vec<String> {
    const ALIKE: [(char, char); 6] = [('1', '7'), ('4', '9'), ('5', '6'), ('3', '8'), ('0', '6'), ('3', '5')];
    let others = |digit: char| {
        let pairs = ALIKE.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]);
        pairs.filter(move |(read, _)| *read == digit).map(|(_, other)| other)
    };
    let characters: Vec<char> = number.chars().collect();
    let replaced = |at: usize| {
        let characters = characters.clone();
        others(characters[at]).map(move |other| {
            let mut changed = characters.clone();
            changed[at] = other;
            changed.into_iter().collect()
        })
    };
    (0..characters.len()).flat_map(replaced).collect()
}

/// Number of characters of a label at the start of a word that goes on with text, as in `1.The` or `(a)because`; none
/// when the word doesn't begin so. `1.5` and `e.g.` don't.
pub(crate) fn glued(word: &str) -> Option<usize> {
    let characters: Vec<char> = word.chars().collect();
    let end = characters.iter().position(|c| matches!(c, '.' | ')' | ':'))? + 1;
    let label: String = characters[..end - 1].iter().collect::<String>().to_lowercase();
    let bare = label.trim_start_matches('(').trim_start_matches('q');
    let digits = bare.chars().take_while(char::is_ascii_digit).count();
    let letters = bare.chars().count() - digits;
    let numbered = (1..=2).contains(&digits) && letters <= 1;
    let lettered = label.starts_with('(') && digits == 0 && letters == 1;
    // A digit behind the point is a decimal's, `3.5`, unless the label ends with a letter: `3a.150`.
    let goes_on = if digits > 0 && letters == 1 {
        characters.len() > end && characters[end].is_alphanumeric()
    } else {
        characters.len() >= end + 2 && characters[end..end + 2].iter().all(|c| c.is_alphabetic())
    };
    ((numbered || lettered) && bare.chars().all(|c| c.is_ascii_alphanumeric()) && goes_on).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_is_taken_for_one_like_it() {
        assert_eq!(misread("7"), ["1"]);
        assert_eq!(misread("8a"), ["3a"]);
        assert_eq!(misread("16"), ["76", "15", "10"]);
        assert!(misread("2").is_empty());
    }

    #[test]
    fn only_a_label_before_text_is_cut_off() {
        for (word, length) in
            [("1.The", 2), ("Q2)Because", 3), ("12:It", 3), ("3a.Water", 3), ("(b)Osmosis", 3), ("3a.150", 3)]
        {
            assert_eq!(glued(word), Some(length), "{word}");
        }
        for word in ["1.5", "e.g.", "1.", "3.5m", "Mr.Smith", "a.m.", "1.x", "end.The", "123.The", ""] {
            assert_eq!(glued(word), None, "{word}");
        }
    }

    #[test]
    fn labels_are_taken_apart() {
        // line, parts, words, announced, punctuated
        let cases = [
            ("1 Water", "1", 1, false, false),
            ("1. Water", "1", 1, false, true),
            ("1) Water", "1", 1, false, true),
            ("(1) Water", "1", 1, false, true),
            ("[1] Water", "1", 1, false, true),
            ("|1| Water", "1", 1, false, true),
            ("① Water", "1", 1, false, false),
            ("⑴ Water", "1", 1, false, true),
            ("1 . Water", "1", 2, false, true),
            ("1 - Water", "1", 2, false, true),
            ("1:- Water", "1", 1, false, true),
            ("Q1 Water", "1", 1, true, false),
            ("Q.1 Water", "1", 1, true, false),
            ("Q. 1 Water", "1", 2, true, false),
            ("No 1 Water", "1", 2, true, false),
            ("No.1 Water", "1", 1, true, false),
            ("Ql. Water", "l", 1, true, true),
            ("Question 1", "1", 2, true, false),
            ("Question two", "2", 2, true, false),
            ("Questlon 1", "1", 2, true, false),
            ("QUESTION 1: Water", "1", 2, true, true),
            ("Ans 3: Water", "3", 2, true, true),
            ("Ans - 3 Water", "3", 3, true, false),
            ("Ans3: Water", "3", 1, true, true),
            ("Answer to question no. 3", "3", 5, true, false),
            ("1a Water", "1a", 1, false, false),
            ("1(a) Water", "1 a", 1, false, true),
            ("1 (a) (ii) Water", "1 a ii", 3, false, true),
            ("1(a)(ii) Water", "1 a ii", 1, false, true),
            ("1. (a) Water", "1 a", 2, false, true),
            ("2 b) Water", "2 b", 2, false, true),
            ("2 A plant", "2", 1, false, false),
            ("(b) Water", "b", 1, false, true),
            ("(iv) Water", "iv", 1, false, true),
        ];
        for (line, parts, words, announced, punctuated) in cases {
            let label = parse(line.split(' ')).unwrap_or_else(|| panic!("{line}"));
            let found = label.parts.iter().map(|part| part.core.as_str()).collect::<Vec<_>>().join(" ");
            let is_punctuated = label.parts.iter().any(|part| part.punctuated);
            let found = (found.as_str(), label.words(), label.announced, is_punctuated);
            assert_eq!(found, (parts, words, announced, punctuated), "{line}");
        }
        for line in ["3.5 metres", "1, 2 and 3", "", "question", "10% of it", "-3"] {
            assert_eq!(parse(line.split(' ').filter(|word| !word.is_empty())), None, "{line}");
        }
    }

    #[test]
    fn letters_pass_for_the_digits_that_they_look_like() {
        assert_eq!(matches("1", "1"), Some(true));
        assert_eq!(matches("01", "1"), Some(true));
        assert_eq!(matches("l", "1"), Some(false));
        assert_eq!(matches("io", "10"), Some(false));
        assert_eq!(matches("2b", "2b"), Some(true));
        assert_eq!(matches("zb", "2b"), Some(false));
        assert_eq!(matches("iv", "4"), Some(false));
        assert_eq!(matches("2", "ii"), Some(false));
        assert_eq!(matches("o1", "1"), Some(false));
        assert_eq!(matches("2b", "2a"), None);
        assert_eq!(matches("12", "1"), None);
    }

    #[test]
    fn a_label_is_parted_where_its_parts_meet() {
        assert_eq!(beginnings("2bii"), ["2b", "2", ""]);
        assert_eq!(beginnings("10"), [""]);
        assert_eq!(beginnings("3ii"), ["3", ""]);
        assert_eq!(beginnings("essay"), [""]);
    }
}
