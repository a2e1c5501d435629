//! Short answers and explanations: for each criterion, the passage of the answer that says it best.

use std::sync::Arc;

use smartscripts_domain::{
    Result,
    answer::Answer,
    guide::{Criteria, Criterion, Question},
};

use crate::{
    criteria::Target,
    embedding::{Contextual, Embedder},
    features::{Asked, Features, Prepared, join, measure, windows},
    text::tokens,
    vocabulary::Vocabulary,
};

/// Texts of the guide that are compared for one question, shared evenly among its criteria. With the windows that are
/// read of an answer it bounds the time of an answer of any length.
const COMPARED_TARGETS: usize = 64;

/// The best that was found for one criterion, or for the model answers as a whole.
#[derive(Clone)]
pub struct Finding {
    /// What was measured.
    pub features: Features,
    /// The guide's text that fits best.
    pub target: String,
    /// Content words of that text that the answer lacks, as the guide writes them, the rarest first.
    pub missing: Vec<String>,
    /// Byte range of the passage's telling words in the answer.
    pub span: (usize, usize),
}

/// What was found in an answer.
pub struct Found {
    /// For each criterion; none where the answer has no words at all.
    pub criteria: Vec<Option<Finding>>,
    /// For the model answers as a whole, where there are several criteria and a model answer.
    pub whole: Option<Finding>,
    /// Whether the answer has no word of its own: all stand in the question.
    pub repeats_question: bool,
}

/// Looks for every criterion in the answer.
pub fn find(embedder: &Embedder, question: &Question, part: &Criteria, answer: &Answer) -> Result<Found> {
    let question_tokens = tokens(&question.text);
    let mut vocabulary = Vocabulary::of_question(&question_tokens);
    let mut targets: Vec<Vec<Target>> =
        part.criteria.iter().map(|criterion| targets(criterion, part, &mut vocabulary, embedder)).collect();
    let whole: Vec<Target> = if part.criteria.len() > 1 {
        let texts = part.reference_answers.iter().filter(|text| !text.trim().is_empty());
        texts.map(|text| Target::new(text, false, &mut vocabulary, |word| embedder.rarity(word))).collect()
    } else {
        Vec::new()
    };
    targets.push(whole);

    let answer_tokens = tokens(&answer.text);
    if answer_tokens.is_empty() {
        let criteria = vec![None; part.criteria.len()];
        return Ok(Found { criteria, whole: None, repeats_question: false });
    }
    let recognized = answer.words.iter().any(|word| word.quad.is_some());
    let ids = vocabulary.resolve(&answer_tokens, recognized, |word| embedder.knows(word));
    let prepared = Prepared::new(answer_tokens, ids, &vocabulary, embedder);
    let reader = Reader::new(embedder, question_tokens, &prepared)?;
    let most = COMPARED_TARGETS / targets.len();
    let mut findings = Vec::with_capacity(targets.len());
    for texts in &targets {
        findings.push(reader.compare(texts, most, &vocabulary)?);
    }
    let whole = findings.pop().flatten();
    Ok(Found { criteria: findings, whole, repeats_question: prepared.new_words() == 0 })
}

/// The texts that fulfil a criterion: its phrasings, its description, and where it is the only one the model answers.
fn targets(criterion: &Criterion, part: &Criteria, vocabulary: &mut Vocabulary, embedder: &Embedder) -> Vec<Target> {
    let whole_answers: &[String] = if part.criteria.len() == 1 { &part.reference_answers } else { &[] };
    let phrasings = criterion.accepted_phrasings.iter().chain(whole_answers).filter(|text| !text.trim().is_empty());
    let rarity = |word: &str| embedder.rarity(word);
    let mut targets: Vec<Target> = Vec::new();
    for (text, is_description) in phrasings.map(|text| (text, false)).chain([(&criterion.description, true)]) {
        if targets.iter().all(|known| known.text != *text) {
            targets.push(Target::new(text, is_description, vocabulary, rarity));
        }
    }
    targets
}

/// An answer that was read behind its question.
struct Reader<'a> {
    embedder: &'a Embedder,
    asked: Asked,
    answer: &'a Prepared,
    context: Contextual,
}

impl<'a> Reader<'a> {
    fn new(embedder: &'a Embedder, question: Vec<crate::text::Token>, answer: &'a Prepared) -> Result<Self> {
        let words = as_words(&question);
        let alone = embedder.read_cached(&as_words(&[]), &words, &windows(question.len()))?;
        let context = embedder.read(&words, &answer.as_words(), &answer.windows)?;
        let asked = Asked::new(question, &alone);
        Ok(Self { embedder, asked, answer, context })
    }

    /// Compares these texts, those of which the answer has the most; none without texts.
    fn compare(&self, targets: &[Target], most: usize, vocabulary: &Vocabulary) -> Result<Option<Finding>> {
        let mut measured = Vec::new();
        let chosen = choose(targets, &self.answer.present, most.max(1));
        for &index in &chosen {
            let target = &targets[index];
            let context: Arc<Contextual> = self.embedder.read_cached(
                &as_words(&self.asked.tokens),
                &target.as_words(),
                &windows(target.tokens.len()),
            )?;
            measured.push(measure(&self.asked, (target, &context), (self.answer, &self.context), vocabulary));
        }
        let Some((features, best)) = join(&measured) else { return Ok(None) };
        let (target, passage) = (&targets[chosen[best]], measured[best].passage);
        let span = telling_span(target, self.answer, passage);
        let missing = missing(target, &self.answer.present);
        Ok(Some(Finding { features, target: target.text.clone(), missing, span }))
    }
}

fn as_words(tokens: &[crate::text::Token]) -> crate::embedding::Words<'_> {
    crate::embedding::Words {
        words: tokens.iter().map(|token| token.word.as_str()).collect(),
        ends: tokens.iter().map(|token| token.ends_sentence).collect(),
    }
}

/// The texts of one criterion of which the answer has the most, in the guide's order.
fn choose(targets: &[Target], present: &[bool], most: usize) -> Vec<usize> {
    let mut ranked: Vec<(usize, f64)> = targets.iter().map(|target| target.coverage(present)).enumerate().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked.truncate(most);
    let mut chosen: Vec<usize> = ranked.into_iter().map(|(target, _)| target).collect();
    chosen.sort_unstable();
    chosen
}

/// From the first to the last word that the passage shares with the target; the whole passage when it shares few.
fn telling_span(target: &Target, answer: &Prepared, (from, to): (usize, usize)) -> (usize, usize) {
    let ids = &answer.ids[from..to];
    let mut present = vec![false; answer.present.len()];
    ids.iter().flatten().for_each(|&id| present[id] = true);
    let shared = |id: &Option<usize>| id.is_some_and(|id| target.has(id));
    let bounds = (ids.iter().position(shared), ids.iter().rposition(shared));
    let (first, last) = match bounds {
        (Some(first), Some(last)) if target.coverage(&present) >= 0.5 => (from + first, from + last),
        _ => (from, to - 1),
    };
    (answer.tokens[first].start, answer.tokens[last].end)
}

/// Words with content that the answer lacks, the rarest first.
fn missing(target: &Target, present: &[bool]) -> Vec<String> {
    let lacks = |&index: &usize| target.weights[index] > 0.0 && !present[target.ids[index]];
    let mut indices: Vec<usize> = (0..target.tokens.len()).filter(lacks).collect();
    indices.sort_by(|&a, &b| target.weights[b].total_cmp(&target.weights[a]).then(a.cmp(&b)));
    indices.into_iter().map(|index| target.tokens[index].word.clone()).collect()
}
