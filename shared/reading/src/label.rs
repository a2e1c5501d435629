//! What a question's label looks like at the start of a line: `1`, `1.`, `1)`, `Q1`, `Question 1`, `Ans 3:`, `1a`,
//! `2 (b)`, or `(b)` under a number that was written above.

/// Words that announce a label.
const ANNOUNCING: [&str; 7] = ["question", "answer", "ques", "ans", "qno", "qn", "q"];
/// Words that may stand between such a word and the number: `Answer to question no. 3`.
const BETWEEN: [&str; 5] = ["to", "for", "no", "nr", "number"];

/// A label that a line may begin with. Whether it is one, only the guide and the other lines can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// Letters and digits of the number, lower case, as they were read.
    pub(crate) number: String,
    /// The part behind it: `b` in `2 (b)`. A part alone has an empty number.
    pub(crate) part: Option<char>,
    /// Words that number and part take up.
    pub(crate) words: usize,
    /// Words that the number alone takes up, should the guide know no such part.
    pub(crate) number_words: usize,
    /// Whether a word like `Question` announces it.
    pub(crate) announced: bool,
    /// Whether a point, bracket or colon closes it.
    pub(crate) punctuated: bool,
}

/// The label that these words begin with.
pub(crate) fn parse<'a>(words: impl Iterator<Item = &'a str>) -> Option<Label> {
    let words: Vec<String> = words.take(7).map(str::to_lowercase).collect();
    let mut at = 0;
    let mut announced = false;
    let mut token = words.first()?.as_str();
    loop {
        let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
        if ANNOUNCING.contains(&bare) || (announced && BETWEEN.contains(&bare)) {
            announced = true;
            at += 1;
            token = words.get(at)?.as_str();
        } else if let Some(rest) = after_announcement(token) {
            announced = true;
            token = rest;
        } else {
            break;
        }
    }
    let token = Token::new(token)?;
    let mut label = Label {
        number: token.core.clone(),
        part: token.part,
        words: at + 1,
        number_words: at + 1,
        announced,
        punctuated: token.punctuated,
    };
    // `1 .` and `1 )`
    let is_punctuation = |word: &String| matches!(word.as_str(), "." | ")" | ":" | ".)" | "-");
    if !label.punctuated && words.get(label.words).is_some_and(is_punctuation) {
        label.punctuated = true;
        label.words += 1;
        label.number_words += 1;
    }
    if let [letter] = label.number.chars().collect::<Vec<_>>()[..]
        && letter.is_alphabetic()
        && label.part.is_none()
        && label.punctuated
        && !announced
    {
        // It may be a part, or a badly read number: the guide decides.
        label.part = Some(letter);
    } else if label.part.is_none()
        && let Some(next) = words.get(label.words).and_then(|word| Token::new(word))
        && let [part] = next.core.chars().collect::<Vec<_>>()[..]
        && part.is_alphabetic()
        && next.punctuated
        && next.part.is_none()
    {
        label.part = Some(part);
        label.punctuated = true;
        label.words += 1;
    }
    Some(label)
}

/// What follows the announcement in `Q1`, `q.1` or `Ans3:`.
fn after_announcement(token: &str) -> Option<&str> {
    let rest = ANNOUNCING.iter().find_map(|word| token.strip_prefix(word))?;
    let rest = rest.trim_start_matches(['.', ':', '-', '#']);
    let first = rest.chars().next()?;
    // Letters that are taken for digits may follow, but `quick` and `answering` are words.
    let short = rest.chars().filter(|c| c.is_alphanumeric()).count() <= 2;
    (first.is_ascii_digit() || (short && first.is_alphanumeric())).then_some(rest)
}

/// A word that may be a number, a part, or both.
struct Token {
    core: String,
    part: Option<char>,
    punctuated: bool,
}

impl Token {
    /// Takes `1`, `12a`, `(1)`, `1.`, `1(b)`, `1.b)` apart; none for `3.5`, `1,` and words with other signs.
    fn new(word: &str) -> Option<Self> {
        let inner = word.trim_start_matches(['(', '[']);
        let opened = inner.len() < word.len();
        let is_core = |c: &char| c.is_alphanumeric() || matches!(c, '|' | '!');
        let core: String = inner.chars().take_while(is_core).collect();
        let rest: Vec<char> = inner.chars().skip(core.chars().count()).collect();
        if core.is_empty() || core.chars().count() > 10 {
            return None;
        }
        let letters: Vec<char> = rest.iter().copied().filter(|c| c.is_alphanumeric()).collect();
        let part = match letters[..] {
            [] => None,
            [letter] if letter.is_alphabetic() => Some(letter),
            _ => return None,
        };
        let separators = ['.', ')', ']', ':', '-', '–', '('];
        let is_clean = rest.iter().all(|c| c.is_alphanumeric() || separators.contains(c));
        is_clean.then_some(Self { core, part, punctuated: opened || rest.iter().any(|c| separators.contains(c)) })
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
                '0' => matches!(read, 'o' | 'q' | 'd'),
                '1' => matches!(read, 'l' | 'i' | '|' | '!' | 'j' | 't'),
                '2' => read == 'z',
                '4' => matches!(read, 'y' | 'u' | 'h'),
                '5' => read == 's',
                '6' => matches!(read, 'b' | 'g'),
                '7' => matches!(read, 't' | 'f'),
                '8' => read == 'b',
                '9' => matches!(read, 'g' | 'q'),
                'a' => matches!(read, 'o' | 'd'),
                'b' => matches!(read, '6' | '8'),
                'g' => read == '9',
                _ => false,
            }
    };
    (read.chars().count() == label.chars().count() && read.chars().zip(label.chars()).all(alike)).then_some(false)
}

/// What else a number may have been before it was read: each with one digit replaced by one that handwriting confuses with it.
pub(crate) fn misread(number: &str) -> Vec<String> {
    const ALIKE: [(char, char); 5] = [('1', '7'), ('4', '9'), ('5', '6'), ('3', '8'), ('0', '6')];
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
        assert_eq!(misread("3a"), ["8a"]);
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
        // line, number, part, words, announced, punctuated
        let cases = [
            ("1 Water", "1", None, 1, false, false),
            ("1. Water", "1", None, 1, false, true),
            ("1) Water", "1", None, 1, false, true),
            ("(1) Water", "1", None, 1, false, true),
            ("1 . Water", "1", None, 2, false, true),
            ("Q1 Water", "1", None, 1, true, false),
            ("Q.1 Water", "1", None, 1, true, false),
            ("Ql. Water", "l", None, 1, true, true),
            ("Question 1", "1", None, 2, true, false),
            ("QUESTION 1: Water", "1", None, 2, true, true),
            ("Ans 3: Water", "3", None, 2, true, true),
            ("Ans3: Water", "3", None, 1, true, true),
            ("Answer to question no. 3", "3", None, 5, true, false),
            ("1a Water", "1a", None, 1, false, false),
            ("1(a) Water", "1", Some('a'), 1, false, true),
            ("1. (a) Water", "1", Some('a'), 2, false, true),
            ("2 b) Water", "2", Some('b'), 2, false, true),
            ("(b) Water", "b", Some('b'), 1, false, true),
        ];
        for (line, number, part, words, announced, punctuated) in cases {
            let label = parse(line.split(' ')).unwrap_or_else(|| panic!("{line}"));
            let found = (label.number.as_str(), label.part, label.words, label.announced, label.punctuated);
            assert_eq!(found, (number, part, words, announced, punctuated), "{line}");
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
        assert_eq!(matches("2b", "2a"), None);
        assert_eq!(matches("12", "1"), None);
    }
}
