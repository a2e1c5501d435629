//! What is measured of an answer and a text of the guide: numbers that a person can read, and that the head weighs.
//!
//! Training gets its numbers from here too (`bench features`), so that what was learned and what is graded can't differ.

use std::collections::BTreeSet;

use crate::{
    criteria::Target,
    embedding::{Contextual, Embedder, Embedding, Words, cosine},
    text::{Token, passages},
    vocabulary::Vocabulary,
};

/// Words of an answer that are read by the model at once.
const WINDOW_WORDS: usize = 120;
/// Windows of an answer that are read, those with the most of the guide's words: with [`crate::written`]'s limit on texts
/// of the guide it bounds the time of an answer of any length.
const WINDOWS: usize = 6;
/// Passages that are looked at, those with the most of the guide's words.
const PASSAGES: usize = 48;

/// Names of the [`Features`], in their order. "New" words are those that do not stand in the question; coverage and
/// overlap are of content words weighted by how rare they are; "near" is the cosine of two words where they stand.
pub const NAMES: [&str; 47] = [
    "coverage of new words",
    "coverage",
    "coverage of all words alike",
    "coverage of the question's words",
    "share of the answer's new words that fit",
    "share of the answer's words that fit",
    "overlap of new words",
    "overlap",
    "trigrams of new words found",
    "overlap of trigrams of new words",
    "weight of new words asked",
    "weight of new words answered",
    "share of what is asked that is new",
    "rarest new word found",
    "rarest new word missed",
    "pairs of words found",
    "cosine of the texts",
    "cosine of answer and question",
    "cosine of guide and question",
    "cosine beyond the question",
    "how near each word has one",
    "how near each of the answer's words has one",
    "how near each new word has one",
    "how near each of the answer's new words has one",
    "the new word that has none near",
    "words of the answer",
    "words of the guide's text",
    "ratio of their lengths",
    "new words of the answer",
    "negators of the answer",
    "negators of the guide's text",
    "only one is negative",
    "numbers missed",
    "numbers added",
    "numbers found",
    "opposites",
    "contradicts",
    "another number",
    "best passage: coverage of new words",
    "best passage: share of new words that fit",
    "best passage: cosine",
    "best passage: how near each new word has one",
    "number of passages",
    "all texts: most coverage of new words",
    "all texts: mean coverage of new words",
    "all texts: greatest cosine",
    "all texts: mean cosine",
];

/// How many there are of one text; the rest compares the texts that each alone fulfil a criterion.
const OF_ONE: usize = NAMES.len() - 4;
const COVERAGE: usize = 0;
const COSINE: usize = 16;
const NEAR: usize = 22;

/// The numbers, in thousandths' steps, so that a decision does not hang on the last bit.
pub type Features = [f64; NAMES.len()];

/// The question, prepared for comparison.
pub struct Asked {
    pub tokens: Vec<Token>,
    trigrams: BTreeSet<u64>,
    meaning: Embedding,
}

impl Asked {
    /// Prepares a question; `context` is its own.
    pub fn new(tokens: Vec<Token>, context: &Contextual) -> Self {
        let trigrams = trigrams(tokens.iter().map(|token| token.word.as_str()));
        let meaning = context.mean(0, tokens.len());
        Self { tokens, trigrams, meaning }
    }
}

/// An answer, prepared for comparison.
pub struct Prepared {
    pub tokens: Vec<Token>,
    /// For each token, the word of the guide that it stands for.
    pub ids: Vec<Option<usize>>,
    /// The words, slips put right where the guide says what was meant.
    pub words: Vec<String>,
    /// Weight of each token: its rarity when it has content, else 0.
    weights: Vec<f64>,
    of_question: Vec<bool>,
    /// Ranges of tokens.
    pub passages: Vec<(usize, usize)>,
    /// Which words of the guide the answer has.
    pub present: Vec<bool>,
    trigrams: BTreeSet<u64>,
    /// Ranges of tokens that the model reads.
    pub windows: Vec<(usize, usize)>,
}

impl Prepared {
    /// Prepares an answer whose tokens stand for these words of the guide.
    pub fn new(tokens: Vec<Token>, ids: Vec<Option<usize>>, vocabulary: &Vocabulary, embedder: &Embedder) -> Self {
        let is_slip = |token: &Token, id: usize| vocabulary.stem(id) != token.stem && !embedder.knows(&token.word);
        let corrected = tokens.iter().zip(&ids).map(|(token, id)| match id {
            Some(id) if is_slip(token, *id) => vocabulary.word(*id).to_owned(),
            _ => token.word.clone(),
        });
        let words: Vec<String> = corrected.collect();
        let weight = |token: &Token, word: &String| if token.is_content() { embedder.rarity(word) } else { 0.0 };
        let weights: Vec<f64> = tokens.iter().zip(&words).map(|(token, word)| weight(token, word)).collect();
        let of_question: Vec<bool> = ids.iter().map(|id| id.is_some_and(|id| vocabulary.is_of_question(id))).collect();
        let mut present = vec![false; vocabulary.len()];
        ids.iter().flatten().for_each(|&id| present[id] = true);
        let with_content = words.iter().zip(&weights).filter(|(_, weight)| **weight > 0.0);
        let trigrams = trigrams(with_content.map(|(word, _)| word.as_str()));
        let hits = |range: &(usize, usize)| ids[range.0..range.1].iter().flatten().collect::<BTreeSet<_>>().len();
        let mut windows: Vec<(usize, usize)> = windows(tokens.len());
        best_first(&mut windows, WINDOWS, hits);
        let mut passages: Vec<(usize, usize)> = passages(&tokens);
        best_first(&mut passages, PASSAGES, hits);
        Self { tokens, ids, words, weights, of_question, passages, present, trigrams, windows }
    }

    /// As the model reads it.
    pub fn as_words(&self) -> Words<'_> {
        Words {
            words: self.words.iter().map(String::as_str).collect(),
            ends: self.tokens.iter().map(|token| token.ends_sentence).collect(),
        }
    }

    /// Words with content that do not stand in the question.
    fn is_new(&self, index: usize) -> bool {
        self.weights[index] > 0.0 && !self.of_question[index]
    }

    /// How many words it has that do not stand in the question.
    pub fn new_words(&self) -> usize {
        (0..self.tokens.len()).filter(|&index| self.is_new(index)).count()
    }
}

/// Ranges of words that are read at once.
pub fn windows(words: usize) -> Vec<(usize, usize)> {
    (0..words).step_by(WINDOW_WORDS).map(|start| (start, (start + WINDOW_WORDS).min(words))).collect()
}

/// Keeps so many of the ranges, those that have the most; they stay in their order.
fn best_first(ranges: &mut Vec<(usize, usize)>, most: usize, has: impl Fn(&(usize, usize)) -> usize) {
    if ranges.len() <= most {
        return;
    }
    let mut ranked: Vec<(usize, usize)> = ranges.iter().map(&has).enumerate().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let kept: BTreeSet<usize> = ranked.into_iter().take(most).map(|(index, _)| index).collect();
    let mut index = 0;
    ranges.retain(|_| {
        index += 1;
        kept.contains(&(index - 1))
    });
}

/// What was measured of one text of the guide, and where in the answer it is said best.
pub struct Measured {
    pub features: [f64; OF_ONE],
    /// Range of tokens.
    pub passage: (usize, usize),
}

/// How near two texts are, word by word.
struct Nearness {
    /// For each content word of the guide's text, its index.
    rows: Vec<usize>,
    /// For each content word of the answer, its index.
    columns: Vec<usize>,
    /// Cosines, row by row.
    cosines: Vec<f64>,
}

impl Nearness {
    fn new(target: &Target, target_context: &Contextual, answer: &Prepared, context: &Contextual) -> Self {
        let rows: Vec<usize> = (0..target.tokens.len()).filter(|&index| target.weights[index] > 0.0).collect();
        let read = |index: usize| answer.windows.iter().any(|&(from, to)| (from..to).contains(&index));
        let columns: Vec<usize> =
            (0..answer.tokens.len()).filter(|&index| answer.weights[index] > 0.0 && read(index)).collect();
        let mut cosines = Vec::with_capacity(rows.len() * columns.len());
        for &row in &rows {
            let word = target_context.word(row);
            cosines.extend(columns.iter().map(|&column| cosine(word, context.word(column))));
        }
        Self { rows, columns, cosines }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.cosines[row * self.columns.len()..(row + 1) * self.columns.len()]
    }

    /// For each row, the nearest column among those in this range of the answer.
    fn nearest(&self, from: usize, to: usize) -> Vec<f64> {
        let within =
            self.columns.partition_point(|&column| column < from)..self.columns.partition_point(|&column| column < to);
        (0..self.rows.len()).map(|row| self.row(row)[within.clone()].iter().copied().fold(0.0, f64::max)).collect()
    }

    /// For each column, the nearest row.
    fn nearest_rows(&self) -> Vec<f64> {
        let mut best = vec![0.0_f64; self.columns.len()];
        for row in 0..self.rows.len() {
            for (best, &cosine) in best.iter_mut().zip(self.row(row)) {
                *best = best.max(cosine);
            }
        }
        best
    }
}

/// Measures one text of the guide against the answer.
pub fn measure(
    asked: &Asked,
    (target, target_context): (&Target, &Contextual),
    (answer, context): (&Prepared, &Contextual),
    vocabulary: &Vocabulary,
) -> Measured {
    let new = |index: usize| if target.of_question[index] { 0.0 } else { target.weights[index] };
    let count = target.tokens.len();
    let found = |index: usize| answer.present[target.ids[index]];
    let share = |weight: &dyn Fn(usize) -> f64, has: &dyn Fn(usize) -> bool| {
        weighted(count, weight, |index| f64::from(u8::from(has(index))))
    };
    let all = |index: usize| target.weights[index];
    let of_question = |index: usize| all(index) - new(index);
    let coverage_new = share(&new, &found);
    let coverage = share(&all, &found);

    let fits = |index: usize| answer.ids[index].is_some_and(|id| target.has(id));
    let answered = answer.tokens.len();
    let answer_new = |index: usize| if answer.of_question[index] { 0.0 } else { answer.weights[index] };
    let fitting = |weight: &dyn Fn(usize) -> f64, from: usize, to: usize| {
        weighted(to - from, |index| weight(from + index), |index| f64::from(u8::from(fits(from + index))))
    };
    let fit_new = fitting(&answer_new, 0, answered);
    let fit = fitting(&|index| answer.weights[index], 0, answered);

    let wanted: BTreeSet<u64> = target.trigrams.difference(&asked.trigrams).copied().collect();
    let given: BTreeSet<u64> = answer.trigrams.difference(&asked.trigrams).copied().collect();
    let both = wanted.intersection(&given).count() as f64;

    let nearness = Nearness::new(target, target_context, answer, context);
    let near = nearness.nearest(0, answered);
    let near_rows = nearness.nearest_rows();
    let row_new = |row: usize| new(nearness.rows[row]);
    let column_new = |column: usize| answer_new(nearness.columns[column]);
    let rows = nearness.rows.len();
    let least_near = (0..rows).filter(|&row| row_new(row) > 0.2).map(|row| near[row]).fold(1.0, f64::min);

    let meaning = context.mean(0, answered);
    let target_meaning = target_context.mean(0, count);
    let answer_question = cosine(&meaning, &asked.meaning);
    let guide_question = cosine(&target_meaning, &asked.meaning);

    let passage = best_passage(target, answer, &nearness);
    let (from, to) = passage;
    let (tokens, ids) = (&answer.tokens[from..to], &answer.ids[from..to]);
    let within = |index: usize| ids.contains(&Some(target.ids[index]));
    let near_within = nearness.nearest(from, to);

    let negators = |tokens: &[Token]| tokens.iter().filter(|token| token.is_negator()).count() as f64;
    let (negators_answer, negators_target) = (negators(&answer.tokens), negators(&target.tokens));
    let sum_new = (0..count).map(new).sum::<f64>();
    let sum_all = (0..count).map(all).sum::<f64>();
    let most = |has: bool| (0..count).filter(|&i| found(i) == has).map(new).fold(0.0, f64::max);
    let (missed, added, matched) = numbers(target, answer);
    let log = |value: f64| (1.0 + value).ln();
    let features = [
        coverage_new,
        coverage,
        (0..count).filter(|&index| found(index)).count() as f64 / count.max(1) as f64,
        share(&of_question, &found),
        fit_new,
        fit,
        harmonic(coverage_new, fit_new),
        harmonic(coverage, fit),
        both / wanted.len().max(1) as f64,
        2.0 * both / (wanted.len() + given.len()).max(1) as f64,
        log(sum_new),
        log((0..answered).map(answer_new).sum::<f64>()),
        if sum_all > 0.0 { sum_new / sum_all } else { 0.0 },
        most(true),
        most(false),
        pairs_found(target, answer),
        cosine(&meaning, &target_meaning),
        answer_question,
        guide_question,
        beyond(cosine(&meaning, &target_meaning), answer_question, guide_question),
        weighted(rows, |row| all(nearness.rows[row]), |row| near[row]),
        weighted(nearness.columns.len(), |column| answer.weights[nearness.columns[column]], |column| near_rows[column]),
        weighted(rows, row_new, |row| near[row]),
        weighted(nearness.columns.len(), column_new, |column| near_rows[column]),
        least_near,
        log(answered as f64),
        log(count as f64),
        log(answered as f64) - log(count as f64),
        log(answer.new_words() as f64),
        negators_answer.min(4.0),
        negators_target.min(4.0),
        f64::from(u8::from((negators_answer > 0.0) != (negators_target > 0.0))),
        missed,
        added,
        matched,
        target.opposites(tokens, ids, vocabulary).min(4) as f64,
        f64::from(u8::from(target.is_contradicted(tokens, ids, vocabulary))),
        f64::from(u8::from(target.has_other_number(tokens, ids))),
        share(&new, &within),
        fitting(&answer_new, from, to),
        cosine(&context.mean(from, to), &target_meaning),
        weighted(rows, row_new, |row| near_within[row]),
        log(answer.passages.len() as f64),
    ];
    Measured { features: features.map(round), passage }
}

/// Joins what was measured of several texts that each alone fulfil a criterion: the best one's numbers, and how the others
/// compare. The index of the best one is given too; none without texts.
pub fn join(measured: &[Measured]) -> Option<(Features, usize)> {
    let strength = |m: &Measured| m.features[COVERAGE] + m.features[COSINE] + m.features[NEAR];
    // Of equals the first wins.
    let best = (1..measured.len())
        .fold(0, |best, index| if strength(&measured[index]) > strength(&measured[best]) { index } else { best });
    let of_best = &measured.get(best)?.features;
    let most = |feature: usize| measured.iter().map(|m| m.features[feature]).fold(f64::MIN, f64::max);
    let mean =
        |feature: usize| round(measured.iter().map(|m| m.features[feature]).sum::<f64>() / measured.len() as f64);
    let mut features = [0.0; NAMES.len()];
    features[..OF_ONE].copy_from_slice(of_best);
    features[OF_ONE..].copy_from_slice(&[most(COVERAGE), mean(COVERAGE), most(COSINE), mean(COSINE)]);
    Some((features, best))
}

/// The passage that says the target best: has its words, or words that are near.
fn best_passage(target: &Target, answer: &Prepared, nearness: &Nearness) -> (usize, usize) {
    let mut best: Option<(f64, (usize, usize))> = None;
    for &(from, to) in &answer.passages {
        let near = nearness.nearest(from, to);
        let weight = |row: usize| target.passage_weight(nearness.rows[row]);
        let is_here = |row: usize| answer.ids[from..to].contains(&Some(target.ids[nearness.rows[row]]));
        let said = |row: usize| f64::from(u8::from(is_here(row))) + near[row];
        let strength = round(weighted(nearness.rows.len(), weight, said));
        // Of equals the first wins; single sentences come before pairs, so the shorter one.
        if best.is_none_or(|(highest, _)| strength > highest) {
            best = Some((strength, (from, to)));
        }
    }
    best.map_or((0, answer.tokens.len()), |(_, passage)| passage)
}

/// Numbers of the target that the answer lacks, numbers that it adds, and numbers that it has, at most four each.
fn numbers(target: &Target, answer: &Prepared) -> (f64, f64, f64) {
    let has = |id: &usize| answer.present[*id];
    let matched = target.numbers.iter().filter(|id| has(id)).count();
    let of_answer = (0..answer.tokens.len()).filter(|&i| answer.tokens[i].is_number() && !answer.of_question[i]);
    let added = of_answer.filter(|&i| !answer.ids[i].is_some_and(|id| target.has(id))).count();
    let most = |count: usize| count.min(4) as f64;
    (most(target.numbers.len() - matched), most(added), most(matched))
}

/// Share of the target's neighbouring words that are neighbours in the answer too.
fn pairs_found(target: &Target, answer: &Prepared) -> f64 {
    let said: BTreeSet<(usize, usize)> = answer.ids.windows(2).filter_map(|pair| Some((pair[0]?, pair[1]?))).collect();
    let asked: BTreeSet<(usize, usize)> = target.ids.windows(2).map(|pair| (pair[0], pair[1])).collect();
    asked.intersection(&said).count() as f64 / asked.len().max(1) as f64
}

/// Cosine of two texts after what both share with the question is taken out.
fn beyond(both: f64, first: f64, second: f64) -> f64 {
    let rest = ((1.0 - first * first).max(0.0) * (1.0 - second * second).max(0.0)).sqrt();
    if rest > 0.01 { ((both - first * second) / rest).clamp(-1.0, 1.0) } else { 0.0 }
}

fn harmonic(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { 2.0 * a * b / (a + b) } else { 0.0 }
}

/// Mean of a value over so many items, by weight; 0 when nothing has weight.
fn weighted(count: usize, weight: impl Fn(usize) -> f64, value: impl Fn(usize) -> f64) -> f64 {
    let total: f64 = (0..count).map(&weight).sum();
    let sum: f64 = (0..count).filter(|&index| weight(index) > 0.0).map(|index| weight(index) * value(index)).sum();
    if total > 0.0 { sum / total } else { 0.0 }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Every three letters in a row of each word, its ends included, as numbers.
pub fn trigrams<'a>(words: impl Iterator<Item = &'a str>) -> BTreeSet<u64> {
    let mut all = BTreeSet::new();
    for word in words {
        let letters: Vec<u64> = std::iter::once('_').chain(word.chars()).chain(['_']).map(u64::from).collect();
        all.extend(letters.windows(3).map(|three| three.iter().fold(0, |code, letter| (code << 21) | letter)));
    }
    all
}
