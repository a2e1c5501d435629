//! Whose script it is: the name and the number on its first page, and the student on the roster whom they mean.
//!
//! A wrong match is worse than none. So a student is [`Match::Sure`] only if name and number agree, or one of them is
//! there alone and nobody else on the roster comes near; otherwise the nearest are proposed to a person.

use smartscripts_domain::reading::{Line, PageReading, Reading};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::label;

/// Lines at the top of the first page that are looked at.
const LINES: usize = 12;
/// Lines of these that may be a name without a field.
const LOOSE_LINES: usize = 6;
/// Words of a name.
const NAME_WORDS: usize = 5;
/// Students who are proposed at most.
pub const PROPOSALS: usize = 3;

/// How much the name counts beside the number, when both are there.
const NAME_SHARE: f64 = 0.55;
/// The least score of a student who is proposed.
const PROPOSED: f64 = 0.5;
/// The least similarity of a name that is believed without a number.
const SURE_NAME: f64 = 0.94;
/// By how much the next best name must be less similar. Of a name that was read without any doubt a letter is enough.
const MARGIN: f64 = 0.12;
const MARGIN_SAME: f64 = 0.05;
/// The least similarity of a name beside its number, the number being the very same or not quite.
const NAME_BESIDE_NUMBER: f64 = 0.6;
const NAME_BESIDE_LIKE: f64 = 0.9;

/// What stands on the first page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// What may be the name, in the order in which it was found: behind `Name:` first.
    pub names: Vec<String>,
    /// What may be the number.
    pub numbers: Vec<String>,
}

/// A student who may be meant.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The name as the roster has it.
    pub name: &'a str,
    /// The number.
    pub number: &'a str,
}

/// Whom the script belongs to: indices into the roster.
#[derive(Clone, Debug, PartialEq)]
pub enum Match {
    /// This student, beyond doubt.
    Sure(usize),
    /// One of these, perhaps: at most [`PROPOSALS`], the likeliest first, each with a score of 0–1.
    Proposed(Vec<(usize, f64)>),
    /// Nobody comes near, or nothing was found.
    None,
}

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Number,
    Other,
}

/// Words of fields; those of several words are known by their last one.
const NAME_FIELDS: [&str; 9] =
    ["name", "names", "surname", "forename", "forenames", "firstname", "lastname", "fullname", "vorname"];
const NUMBER_FIELDS: [&str; 9] = ["number", "no", "nr", "id", "roll", "num", "code", "matrikelnummer", "reg"];
const OTHER_FIELDS: [&str; 21] = [
    "class",
    "date",
    "form",
    "year",
    "subject",
    "teacher",
    "school",
    "group",
    "section",
    "period",
    "room",
    "marks",
    "score",
    "total",
    "course",
    "title",
    "signature",
    "grade",
    "klasse",
    "datum",
    "set",
];
/// Words that stand before the word of a field.
const BEFORE: [&str; 16] = [
    "student",
    "students",
    "candidate",
    "candidates",
    "pupil",
    "pupils",
    "first",
    "last",
    "family",
    "given",
    "full",
    "your",
    "exam",
    "index",
    "registration",
    "seat",
];

/// Whether a line is a field for the name, the number or the class: `Name: …`, `Candidate no. …`.
pub(crate) fn is_field(line: &Line) -> bool {
    let words: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
    field_at(&words, 0)
        .is_some_and(|(field, _)| field != Field::Number || label::parse(words.iter().copied()).is_none())
}

/// What is written on the first page of a script.
#[must_use]
pub fn written(reading: &Reading) -> Written {
    reading.pages.first().map(written_on).unwrap_or_default()
}

/// Whether a field for the name stands at the top of a page, with something in it.
pub(crate) fn names_somebody(page: &PageReading) -> bool {
    let (in_fields, _) = fields_and_loose(page);
    !in_fields.names.is_empty()
}

fn written_on(page: &PageReading) -> Written {
    let (mut found, loose) = fields_and_loose(page);
    found.names.extend(loose.names);
    found.numbers.extend(loose.numbers);
    found
}

/// What stands in fields, and what may be a name or a number without one.
fn fields_and_loose(page: &PageReading) -> (Written, Written) {
    let mut found = Written::default();
    let mut loose = Written::default();
    // The field of which the value was not on its line: it may stand on the next one.
    let mut open = None;
    for (index, line) in page.lines.iter().take(LINES).enumerate() {
        let words: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
        let mut fields = fields(&words);
        if fields.is_empty() {
            match open.take() {
                Some(field) => fields.push((field, words.clone())),
                None if index < LOOSE_LINES => {
                    loose.add(Field::Name, &words);
                    loose.add(Field::Number, &words);
                }
                None => {}
            }
        }
        for (field, value) in fields {
            open = if value.is_empty() { Some(field) } else { None };
            found.add(field, &value);
        }
    }
    (found, loose)
}

impl Written {
    fn add(&mut self, field: Field, words: &[&str]) {
        match field {
            Field::Name => {
                let letters = |word: &&str| {
                    let (letters, all) = (word.chars().filter(|c| c.is_alphabetic()).count(), word.chars().count());
                    letters * 2 > all
                };
                let name: Vec<&str> = words.iter().copied().filter(letters).take(2 * NAME_WORDS).collect();
                if !name.is_empty() {
                    self.names.push(name.join(" "));
                }
            }
            Field::Number => {
                let has_digits = |word: &&str| word.chars().filter(char::is_ascii_digit).count() >= 2;
                self.numbers.extend(words.iter().copied().filter(has_digits).map(ToOwned::to_owned));
                // A number may be written in groups: `12 34 56`.
                let groups: Vec<&str> =
                    words.iter().copied().filter(|word| word.chars().any(|c| c.is_ascii_digit())).collect();
                if groups.len() > 1 {
                    self.numbers.push(groups.concat());
                }
            }
            Field::Other => {}
        }
    }
}

/// The fields of a line with what is written behind each.
fn fields<'a>(words: &[&'a str]) -> Vec<(Field, Vec<&'a str>)> {
    let mut found: Vec<(Field, Vec<&'a str>)> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if let Some((field, after)) = field_at(words, at) {
            found.push((field, Vec::new()));
            // `Name:Jane`
            let glued = words[after - 1].split_once(':').map(|(_, value)| value).filter(|value| !value.is_empty());
            if let (Some(value), Some((_, values))) = (glued, found.last_mut()) {
                values.push(value);
            }
            at = after;
            continue;
        }
        let is_line = words[at].chars().all(|c| !c.is_alphanumeric());
        if let Some((_, values)) = found.last_mut().filter(|_| !is_line) {
            values.push(words[at]);
        }
        at += 1;
    }
    found
}

/// The field that begins at a word, and the word behind it. Within a line, only a colon tells a field from a value.
fn field_at(words: &[&str], at: usize) -> Option<(Field, usize)> {
    let mut end = at;
    while end < words.len().min(at + 3) {
        let word = words[end];
        let own = word.split(':').next().unwrap_or_default();
        let is_closed = word.contains(':') || words.get(end + 1).is_some_and(|next| matches!(*next, ":" | ":-" | "#"));
        let folded = letters(own);
        if let Some(field) = field_of(&folded) {
            // `Student number`, `Roll no.`: the field's last word.
            let next = words.get(end + 1).map(|next| letters(next.split(':').next().unwrap_or_default()));
            let goes_on =
                !is_closed && next.is_some_and(|next| field_of(&next).is_some_and(|next| next != Field::Other));
            if goes_on {
                end += 1;
                continue;
            }
            let is_marked = is_closed || end > at || word.ends_with(['.', '#']) || at == 0;
            let colon = usize::from(words.get(end + 1).is_some_and(|next| matches!(*next, ":" | ":-" | "#" | "-")));
            return is_marked.then_some((field, end + 1 + colon));
        }
        let is_before = BEFORE.contains(&folded.as_str());
        if is_closed && is_before && folded != "your" {
            return Some((Field::Name, end + 1)); // `Student: Jane Doe`
        }
        if !is_before {
            return None;
        }
        end += 1;
    }
    None
}

fn field_of(word: &str) -> Option<Field> {
    // `Narne` is `Name` to whoever sees the letters.
    let is_like = |own: &str| strsim::levenshtein(own, word) <= 1 || shapes(own) == shapes(word);
    let is_in =
        |own: &[&str]| own.iter().any(|own| *own == word || (own.len() >= 4 && word.len() >= 4 && is_like(own)));
    let kinds =
        [(&NAME_FIELDS[..], Field::Name), (&NUMBER_FIELDS[..], Field::Number), (&OTHER_FIELDS[..], Field::Other)];
    kinds.into_iter().find(|(own, _)| is_in(own)).map(|(_, field)| field)
}

/// Lower-case letters and digits without accents.
fn letters(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    plain.filter(|c| c.is_alphanumeric()).collect()
}

/// What letters and digits look like when they are read: those that are taken for each other become one.
fn shapes(text: &str) -> String {
    let shape = |c: char| match c {
        '0' | 'q' => 'o',
        '1' | '|' | '!' | 'i' | 'j' | 't' => 'l',
        '2' => 'z',
        '5' => 's',
        '6' | '8' | 'h' | 'k' => 'b',
        '9' | 'y' => 'g',
        'u' | 'v' => 'n',
        'c' => 'e',
        other => other,
    };
    text.replace("rn", "m").replace("vv", "w").replace("cl", "d").chars().map(shape).collect()
}

/// A text to compare with others.
struct Compared {
    plain: String,
    shapes: String,
    length: usize,
}

impl Compared {
    fn new(plain: String) -> Self {
        Self { shapes: shapes(&plain), length: plain.chars().count(), plain }
    }

    /// How similar two texts are, 0–1, a letter taken for one that looks like it counting half. 0 if one is far longer.
    fn similarity(&self, other: &Self) -> f64 {
        let longer = self.length.max(other.length).max(1);
        if 2 * self.length.min(other.length) < longer {
            return 0.0;
        }
        let distance =
            strsim::osa_distance(&self.plain, &other.plain) + strsim::osa_distance(&self.shapes, &other.shapes);
        (1.0 - distance as f64 / (2 * longer) as f64).max(0.0)
    }
}

/// The spellings of a name: in both orders, without the names in the middle, with initials. The last ones tell less.
fn spellings(name: &str) -> Vec<(Compared, f64)> {
    let words: Vec<String> = name.split([' ', ',', '-', '.']).map(letters).filter(|word| !word.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Vec::new() };
    if words.len() == 1 {
        return vec![(Compared::new(first.clone()), 1.0)];
    }
    let initial = |word: &str| word.chars().take(1).collect::<String>();
    let rest = words[..words.len() - 1].concat();
    let without_first = words[1..].concat();
    let mut spellings = vec![
        (words.concat(), 1.0),
        (format!("{last}{rest}"), 1.0),
        (format!("{without_first}{first}"), 1.0),
        (format!("{first}{last}"), 0.98),
        (format!("{last}{first}"), 0.98),
        (format!("{}{without_first}", initial(first)), 0.84),
        (format!("{without_first}{}", initial(first)), 0.84),
        (format!("{first}{}", initial(last)), 0.84),
    ];
    spellings.dedup_by(|a, b| a.0 == b.0);
    spellings.into_iter().map(|(spelling, share)| (Compared::new(spelling), share)).collect()
}

/// What may be the name in a text: the text, and its words in a row where there are more.
fn windows(text: &str) -> Vec<Compared> {
    let words: Vec<String> = text.split([' ', ',', '-', '.']).map(letters).filter(|word| !word.is_empty()).collect();
    let mut all = vec![words.concat()];
    for length in 2..words.len().min(NAME_WORDS) {
        all.extend(words.windows(length).map(<[String]>::concat));
    }
    all.into_iter().map(Compared::new).collect()
}

/// How near a number that was read comes to one of the roster: 1 if it is the same, less with each digit that differs.
fn number_similarity(read: &str, own: &str) -> f64 {
    let digits = |text: &str| shapes(&letters(text));
    let (read, own) = (letters(read), letters(own));
    if own.len() < 2 {
        return 0.0;
    }
    match strsim::osa_distance(&read, &own) {
        0 => 1.0,
        _ if own.len() >= 4 && digits(&read) == digits(&own) => 0.8,
        1 if own.len() >= 4 => 0.6,
        2 if own.len() >= 6 => 0.25,
        _ => 0.0,
    }
}

/// How well a student fits.
#[derive(Clone, Copy)]
struct Fit {
    index: usize,
    name: f64,
    number: f64,
    score: f64,
}

/// The student on the roster whose name and number were written.
#[must_use]
pub fn find(written: &Written, roster: &[Known<'_>]) -> Match {
    let names: Vec<Compared> =
        written.names.iter().flat_map(|name| windows(name)).filter(|name| name.length >= 3).collect();
    let best = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0_f64, f64::max);
    let mut fits: Vec<Fit> = roster
        .iter()
        .enumerate()
        .map(|(index, known)| {
            let spellings = spellings(known.name);
            let name =
                best(&mut names.iter().map(|read| {
                    best(&mut spellings.iter().map(|(spelling, share)| read.similarity(spelling) * share))
                }));
            let number = best(&mut written.numbers.iter().map(|read| number_similarity(read, known.number)));
            Fit { index, name, number, score: 0.0 }
        })
        .collect();
    // A number that is like none on the roster is another kind of number.
    let has_number = fits.iter().any(|fit| fit.number >= 0.6);
    for fit in &mut fits {
        fit.score = match (names.is_empty(), has_number) {
            (false, true) => NAME_SHARE * fit.name + (1.0 - NAME_SHARE) * fit.number,
            (true, true) => fit.number,
            (_, false) => fit.name,
        };
    }
    fits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.index.cmp(&b.index)));
    let Some((first, others)) = fits.split_first() else { return Match::None };
    if is_sure(first, others, !names.is_empty(), has_number) {
        return Match::Sure(first.index);
    }
    let least = if has_number && !names.is_empty() { PROPOSED * NAME_SHARE } else { PROPOSED };
    let near = fits.iter().filter(|fit| fit.score >= least).take(PROPOSALS);
    let proposed: Vec<(usize, f64)> = near.map(|fit| (fit.index, (fit.score * 1000.0).round() / 1000.0)).collect();
    if proposed.is_empty() { Match::None } else { Match::Proposed(proposed) }
}

fn is_sure(first: &Fit, others: &[Fit], has_name: bool, has_number: bool) -> bool {
    let next = |of: fn(&Fit) -> f64| others.iter().map(of).fold(0.0_f64, f64::max);
    let margin = if first.name >= 0.995 { MARGIN_SAME } else { MARGIN };
    let by_name = first.name >= SURE_NAME && first.name - next(|fit| fit.name) >= margin;
    if !has_number {
        return by_name;
    }
    let next_number = next(|fit| fit.number);
    if !has_name {
        // One misread digit must not make it another's.
        return first.number >= 1.0 && next_number < 0.6;
    }
    let is_ahead = first.score - next(|fit| fit.score) >= MARGIN;
    let is_same = first.number >= 1.0 && first.name >= NAME_BESIDE_NUMBER;
    let is_like = first.number >= 0.6 && first.name >= NAME_BESIDE_LIKE;
    is_ahead && (is_same || is_like)
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::reading::{Source, Word};

    use super::*;

    fn page(lines: &[&str]) -> PageReading {
        let line = |text: &&str| Line {
            text: (*text).to_owned(),
            confidence: 1.0,
            quad: None,
            words: text.split(' ').map(|word| Word::new(word, 1.0, None)).collect(),
        };
        let lines = lines.iter().map(line).collect();
        PageReading { page: 1, file: 1, width: 0, height: 0, source: Source::Typed, lines, failure: None }
    }

    #[test]
    fn fields_are_found_in_many_forms() {
        let cases: [(&[&str], &str, &str); 12] = [
            (&["Name: Jane Doe"], "Jane Doe", ""),
            (&["Name Jane Doe", "Student number 12345"], "Jane Doe", "12345"),
            (&["Student name: Jane Doe Class: 9b Date: 3.4.2026"], "Jane Doe", ""),
            (&["Candidate no. 12345 Name: Jane Doe"], "Jane Doe", "12345"),
            (&["Name:", "Jane Doe", "ID: A-12345"], "Jane Doe", "A-12345"),
            (&["Name : ______ Jane Doe", "Roll No : 12345"], "Jane Doe", "12345"),
            (&["NAME:Jane Doe"], "Jane Doe", ""),
            (&["Narne: Jane Doe"], "Jane Doe", ""),
            (&["Student: Jane Doe"], "Jane Doe", ""),
            (&["Biology Test", "Full name: Jane Doe"], "Jane Doe", ""),
            (&["Student ID 12345", "Jane Doe"], "Jane Doe", "12345"),
            (&["Jane Doe 9b 12345"], "Jane Doe", "12345"),
        ];
        for (lines, name, number) in cases {
            let found = written_on(&page(lines));
            assert!(name.is_empty() || found.names.iter().any(|found| found == name), "{lines:?}: {found:?}");
            assert!(number.is_empty() || found.numbers.iter().any(|found| found == number), "{lines:?}: {found:?}");
        }
    }

    #[test]
    fn a_page_names_somebody_in_a_field_alone() {
        for lines in [&["Name: Jane Doe"][..], &["Biology", "Name:", "Jane Doe"], &["Candidate no. 12 Name: J D"]] {
            assert!(names_somebody(&page(lines)), "{lines:?}");
        }
        for lines in [&["Jane Doe"][..], &["Name:"], &["1. The name of the gas"], &["Student number: 12345"], &[]] {
            assert!(!names_somebody(&page(lines)), "{lines:?}");
        }
    }

    const ROSTER: [Known<'static>; 6] = [
        Known { name: "Jane Doe", number: "10023" },
        Known { name: "John Doe", number: "20418" },
        Known { name: "Zoë O’Brien", number: "31777" },
        Known { name: "Anna Maria Schmidt", number: "45551" },
        Known { name: "Ben Ng", number: "50002" },
        Known { name: "Ben Ng", number: "61234" },
    ];

    fn matched(name: &str, number: &str) -> Match {
        let of = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        find(&Written { names: of(name), numbers: of(number) }, &ROSTER)
    }

    #[test]
    fn a_name_is_known_in_either_order_with_accents_lost_and_letters_misread() {
        for name in ["Jane Doe", "DOE Jane", "Doe, Jane"] {
            assert_eq!(matched(name, ""), Match::Sure(0), "{name}");
        }
        assert_eq!(matched("Zoe OBrien", ""), Match::Sure(2));
        assert_eq!(matched("Anna Schmidt", ""), Match::Sure(3));
        assert_eq!(matched("Schrnidt Anna Maria", ""), Match::Sure(3));
    }

    #[test]
    fn doubt_is_left_to_a_person() {
        assert!(matches!(matched("Jane D0e", ""), Match::Proposed(near) if near[0].0 == 0));
        assert!(matches!(matched("J Doe", ""), Match::Proposed(near) if near.len() >= 2));
        assert!(matches!(matched("Ben Ng", ""), Match::Proposed(near) if near[0].0 == 4 && near[1].0 == 5));
        assert_eq!(matched("Ben Ng", "61234"), Match::Sure(5));
        // Another's number beside the name.
        assert!(matches!(matched("Jane Doe", "31777"), Match::Proposed(_)));
        assert_eq!(matched("Maximilian Wolff", ""), Match::None);
        assert_eq!(matched("", ""), Match::None);
    }

    #[test]
    fn a_number_alone_is_enough_when_no_other_is_near() {
        assert_eq!(matched("", "31777"), Match::Sure(2));
        assert!(matches!(matched("", "31771"), Match::Proposed(near) if near == [(2, 0.6)]));
        let near = [Known { name: "A B", number: "1001" }, Known { name: "C D", number: "1002" }];
        let read = Written { names: Vec::new(), numbers: vec!["1001".to_owned()] };
        assert!(matches!(find(&read, &near), Match::Proposed(_)));
    }
}
