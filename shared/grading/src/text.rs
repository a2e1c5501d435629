//! Text as it is compared: folded, cut into words with their place in the original, stemmed, cut into passages.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A text with accents, ligatures and typographic signs reduced to plain characters, each knowing where it came from.
/// Raised digits become `^` and the digits, so that `10⁸` is not read as 108.
pub struct Folded {
    /// The plain characters, in the original's case.
    pub chars: Vec<char>,
    origin: Vec<usize>,
    /// Bytes of the original.
    length: usize,
}

impl Folded {
    /// Folds a text.
    pub fn new(text: &str) -> Self {
        let mut folded = Self { chars: Vec::new(), origin: Vec::new(), length: text.len() };
        let mut raised = false;
        for (offset, original) in text.char_indices() {
            let was_raised = raised;
            raised = is_raised(original);
            if raised && !was_raised {
                folded.push('^', offset);
            }
            if is_fraction(original) && folded.chars.last().is_some_and(char::is_ascii_digit) {
                folded.push(' ', offset);
            }
            for plain in std::iter::once(original).nfkd().filter(|&c| !is_combining_mark(c)) {
                folded.push(plain_sign(plain), offset);
            }
        }
        folded
    }

    fn push(&mut self, c: char, offset: usize) {
        self.chars.push(c);
        self.origin.push(offset);
    }

    /// Byte range in the original of a range of folded characters.
    pub fn span(&self, start: usize, end: usize) -> (usize, usize) {
        let offset = |index: usize| self.origin.get(index).copied().unwrap_or(self.length);
        let last = end.checked_sub(1).map_or(0, offset);
        // The original character behind the last one: several folded characters may come from the same original.
        let behind = (end..self.origin.len()).map(offset).find(|&next| next > last).unwrap_or(self.length);
        (offset(start), behind.max(offset(start)))
    }
}

fn is_raised(c: char) -> bool {
    matches!(c, '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' | '⁻' | '⁺')
}

fn is_fraction(c: char) -> bool {
    matches!(c, '¼'..='¾' | '⅐'..='⅞')
}

fn plain_sign(c: char) -> char {
    match c {
        '’' | '‘' | 'ʼ' | '`' | '´' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '−' | '–' | '—' | '‐' | '‑' => '-',
        '⁄' | '∕' | '÷' => '/',
        '∙' | '⋅' | '•' => '·',
        '✕' | '✖' => '×',
        _ => c,
    }
}

/// A word of a text.
#[derive(Clone, Debug)]
pub struct Token {
    /// Byte offset in the original.
    pub start: usize,
    /// Byte offset behind it.
    pub end: usize,
    /// Folded, in lower case.
    pub word: String,
    /// Its stem.
    pub stem: String,
    /// Whether a sentence ends behind it.
    pub ends_sentence: bool,
}

impl Token {
    /// Whether it carries content; `the` and `of` don't.
    pub fn is_content(&self) -> bool {
        !STOP_WORDS.contains(&self.word.as_str()) && !self.is_negator()
    }

    /// Whether it turns a statement into its opposite.
    pub fn is_negator(&self) -> bool {
        NEGATORS.contains(&self.word.as_str()) || self.word.ends_with("n't")
    }

    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        self.word.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// Cuts a text into words. A word broken at the end of a line (`photo-` / `synthesis`) is one word.
pub fn tokens(text: &str) -> Vec<Token> {
    let folded = Folded::new(text);
    let chars = &folded.chars;
    let stemmer = Stemmer::create(Algorithm::English);
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_alphanumeric() {
            mark_end(&mut tokens, chars, at);
            at += 1;
            continue;
        }
        let start = at;
        let mut word = String::new();
        while at < chars.len() {
            let next = |ahead: usize| chars.get(at + ahead).copied().unwrap_or(' ');
            let inside_number = word.ends_with(|c: char| c.is_ascii_digit()) && next(1).is_ascii_digit();
            if chars[at].is_alphanumeric() {
                word.extend(chars[at].to_lowercase());
                at += 1;
            } else if chars[at] == '\'' && next(1).is_alphabetic() {
                word.push('\'');
                at += 1;
            } else if matches!(chars[at], '.' | ',') && inside_number {
                word.push('.');
                at += 1;
            } else if chars[at] == '-' && next(1) == '\n' && next(2).is_lowercase() {
                at += 2;
            } else {
                break;
            }
        }
        let (begin, end) = folded.span(start, at);
        let word = word.strip_suffix("'s").unwrap_or(&word).to_owned();
        let stem = stemmer.stem(&word).into_owned();
        tokens.push(Token { start: begin, end, word, stem, ends_sentence: false });
    }
    tokens
}

/// Notes that a sentence ends where this sign stands: at `.`, `!`, `?`, `;`, an empty line, or a line that begins an
/// entry of a list. The end of a written line alone says nothing.
fn mark_end(tokens: &mut [Token], chars: &[char], at: usize) {
    let next = |ahead: usize| chars.get(at + ahead).copied().unwrap_or('\n');
    let ends = match chars[at] {
        '.' | '!' | '?' => next(1).is_whitespace() || matches!(next(1), '"' | ')' | '\''),
        ';' => true,
        '\n' => matches!(next(1), '\n' | '-' | '*' | '·') || (next(1).is_ascii_digit() && matches!(next(2), '.' | ')')),
        _ => false,
    };
    if let (true, Some(token)) = (ends, tokens.last_mut()) {
        token.ends_sentence = true;
    }
}

/// Longest passage, in words. A run of writing without full stops is cut into passages of this length that overlap
/// by half, so that no statement is cut in two everywhere.
const PASSAGE_WORDS: usize = 40;

/// The passages in which an answer's statements are looked for, as ranges of tokens: every sentence, every two
/// neighbouring ones, and a short answer as a whole.
pub fn passages(tokens: &[Token]) -> Vec<(usize, usize)> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for end in 1..=tokens.len() {
        if tokens[end - 1].ends_sentence || end == tokens.len() {
            sentences.push((start, end));
            start = end;
        }
    }
    let mut passages = Vec::new();
    for (start, end) in &sentences {
        let mut from = *start;
        while end - from > PASSAGE_WORDS {
            passages.push((from, from + PASSAGE_WORDS));
            from += PASSAGE_WORDS / 2;
        }
        passages.push((from, *end));
    }
    let pairs = sentences.windows(2).map(|pair| (pair[0].0, pair[1].1));
    passages.extend(pairs.filter(|(start, end)| end - start <= 2 * PASSAGE_WORDS));
    if sentences.len() > 2 && tokens.len() <= 2 * PASSAGE_WORDS {
        passages.push((0, tokens.len()));
    }
    passages
}

const NEGATORS: [&str; 13] =
    ["not", "no", "never", "none", "nothing", "neither", "nor", "without", "cannot", "cant", "doesnt", "isnt", "dont"];

const STOP_WORDS: [&str; 111] = [
    "a", "about", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "being", "both",
    "but", "by", "can", "could", "did", "do", "does", "doing", "done", "each", "either", "else", "every", "few", "for",
    "from", "get", "gets", "getting", "got", "had", "has", "have", "having", "he", "her", "him", "his", "how", "i",
    "if", "in", "into", "is", "it", "its", "just", "let", "like", "made", "make", "makes", "many", "may", "me",
    "might", "must", "my", "of", "on", "one", "or", "other", "our", "out", "own", "shall", "she", "should", "so",
    "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "thing", "things",
    "this", "those", "through", "to", "too", "us", "very", "was", "we", "were", "what", "when", "where", "which",
    "while", "who", "why", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn words_are_folded_and_know_their_place() {
        assert_eq!(words("The CAFÉ’s ﬁlter, isn’t 1,5 m²"), ["the", "cafe", "filter", "isn't", "1.5", "m", "2"]);
        assert_eq!(words("photo-\nsynthesis well-known"), ["photosynthesis", "well", "known"]);
        let text = "Un café ﬁn";
        let spans: Vec<&str> = tokens(text).iter().map(|token| &text[token.start..token.end]).collect();
        assert_eq!(spans, ["Un", "café", "ﬁn"]);
    }

    #[test]
    fn sentences_end_at_stops_and_list_entries_but_not_at_lines() {
        let count = |text: &str| tokens(text).iter().filter(|token| token.ends_sentence).count();
        assert_eq!(count("Water rises\nbecause it is warm"), 0);
        assert_eq!(count("Water rises. It is 1.5 m. Yes"), 2);
        assert_eq!(count("first\n- second\n2) third"), 2);
    }

    #[test]
    fn passages_cover_every_word_and_stay_short() {
        for text in ["one two. three four. five", &"word ".repeat(1000), "a", "a. b. c. d."] {
            let tokens = tokens(text);
            let passages = passages(&tokens);
            for index in 0..tokens.len() {
                assert!(passages.iter().any(|(start, end)| (*start..*end).contains(&index)), "{text} {index}");
            }
            assert!(passages.iter().all(|(start, end)| start < end && end - start <= 2 * PASSAGE_WORDS));
        }
        assert!(passages(&[]).is_empty());
    }
}
