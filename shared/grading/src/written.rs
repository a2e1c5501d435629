//! Short answers and explanations: for each criterion, the passage of the answer that says it best.

use std::collections::HashMap;

use smartscripts_domain::{
    Marks, Result,
    answer::Answer,
    feedback::{CriterionGrade, Evidence},
    guide::{Criteria, Criterion, Question},
    reading::round_confidence,
};

use crate::{
    criteria::{Features, Target},
    embedding::{Embedder, Embedding, similarity},
    evidence::{evidence, opening, reading_confidence},
    quote,
    text::{Token, passages, tokens},
    vocabulary::Vocabulary,
};

/// Passages that are embedded, those with the most of the guide's words. With [`EMBEDDED_TARGETS`] it bounds the time
/// of an answer of any length: 112 sentences at about 8 ms.
const EMBEDDED_PASSAGES: usize = 48;
/// Texts of the guide that are embedded for one question, shared evenly among its criteria.
const EMBEDDED_TARGETS: usize = 64;

/// The best that was found for one criterion.
#[derive(Clone)]
struct Finding {
    /// What was measured.
    features: Features,
    /// The guide's text that fits best.
    target: String,
    /// Byte range of the passage's telling words in the answer.
    span: (usize, usize),
}

/// An answer prepared for comparison.
struct Prepared {
    tokens: Vec<Token>,
    /// For each token, the word of the guide that it stands for.
    ids: Vec<Option<usize>>,
    passages: Vec<(usize, usize)>,
    /// For each passage, which words of the guide it has.
    present: Vec<Vec<bool>>,
}

/// Grades each criterion, in the guide's order.
pub fn grade(
    embedder: &Embedder,
    question: &Question,
    part: &Criteria,
    answer: &Answer,
) -> Result<Vec<CriterionGrade>> {
    let findings = find(embedder, question, part, answer)?;
    let grades = part.criteria.iter().zip(findings).map(|(criterion, finding)| match finding {
        Some(finding) => decide(criterion, &finding, answer),
        None => refused(criterion, opening(answer)),
    });
    Ok(grades.collect())
}

/// What the answer has for each criterion; none where it has no words at all.
fn find(embedder: &Embedder, question: &Question, part: &Criteria, answer: &Answer) -> Result<Vec<Option<Finding>>> {
    let mut vocabulary = Vocabulary::of_question(&tokens(&question.text));
    let targets: Vec<Vec<Target>> =
        part.criteria.iter().map(|criterion| targets(criterion, part, &mut vocabulary)).collect();
    let prepared = prepare(embedder, &vocabulary, answer);
    if prepared.tokens.is_empty() {
        return Ok(vec![None; part.criteria.len()]);
    }

    let covers: Vec<Vec<Vec<f64>>> = targets
        .iter()
        .map(|all| all.iter().map(|target| prepared.present.iter().map(|p| target.coverage(p)).collect()).collect())
        .collect();
    let chosen_passages = choose_passages(&covers, prepared.passages.len());
    let mut embedded: HashMap<usize, Embedding> = HashMap::new();
    for &index in &chosen_passages {
        let (start, end) = prepared.passages[index];
        let span = (prepared.tokens[start].start, prepared.tokens[end - 1].end);
        let text = answer.text.get(span.0..span.1).unwrap_or_default();
        embedded.insert(index, embedder.embed(text)?);
    }
    let question_embedding = embedder.embed_cached(&question.text)?;

    let mut findings = Vec::with_capacity(targets.len());
    for (all, covers) in targets.iter().zip(&covers) {
        let mut best: Option<(f64, Finding)> = None;
        for index in choose_targets(covers, EMBEDDED_TARGETS / targets.len()) {
            let target = &all[index];
            let target_embedding = embedder.embed_cached(&target.text)?;
            for &passage in &chosen_passages {
                let (start, end) = prepared.passages[passage];
                let (words, ids) = (&prepared.tokens[start..end], &prepared.ids[start..end]);
                let features = Features {
                    coverage: covers[index][passage],
                    similarity: similarity(&embedded[&passage], &target_embedding),
                    question_similarity: similarity(&question_embedding, &target_embedding),
                    echo: similarity(&embedded[&passage], &question_embedding),
                    is_contradicted: target.is_contradicted(words, ids, &vocabulary),
                    has_other_number: target.has_other_number(words, ids),
                    is_description: target.is_description,
                };
                let probability = features.probability();
                // Of equals the first wins; single sentences come before pairs, so the shorter one.
                if best.as_ref().is_none_or(|(highest, _)| probability > *highest) {
                    let span = telling_span(target, words, ids, features.coverage);
                    best = Some((probability, Finding { features, target: target.text.clone(), span }));
                }
            }
        }
        findings.push(best.map(|(_, finding)| finding));
    }
    Ok(findings)
}

/// The texts that fulfil a criterion: its phrasings, its description, and where it is the only one the model answers.
fn targets(criterion: &Criterion, part: &Criteria, vocabulary: &mut Vocabulary) -> Vec<Target> {
    let whole_answers: &[String] = if part.criteria.len() == 1 { &part.reference_answers } else { &[] };
    let phrasings = criterion.accepted_phrasings.iter().chain(whole_answers).filter(|text| !text.trim().is_empty());
    let mut targets: Vec<Target> = phrasings.map(|text| Target::new(text, false, vocabulary)).collect();
    targets.push(Target::new(&criterion.description, true, vocabulary));
    targets
}

fn prepare(embedder: &Embedder, vocabulary: &Vocabulary, answer: &Answer) -> Prepared {
    let tokens = tokens(&answer.text);
    let recognized = answer.words.iter().any(|word| word.quad.is_some());
    let ids = vocabulary.resolve(&tokens, recognized, |word| embedder.knows(word));
    let passages = passages(&tokens);
    let present = passages.iter().map(|&(start, end)| {
        let mut present = vec![false; vocabulary.len()];
        ids[start..end].iter().flatten().for_each(|&id| present[id] = true);
        present
    });
    let present = present.collect();
    Prepared { tokens, ids, passages, present }
}

/// The passages with the most of some criterion's words, in the answer's order.
fn choose_passages(covers: &[Vec<Vec<f64>>], count: usize) -> Vec<usize> {
    let best = |passage: usize| covers.iter().flatten().map(|target| target[passage]).fold(0.0, f64::max);
    let mut ranked: Vec<(usize, f64)> = (0..count).map(|passage| (passage, best(passage))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked.truncate(EMBEDDED_PASSAGES);
    let mut chosen: Vec<usize> = ranked.into_iter().map(|(passage, _)| passage).collect();
    chosen.sort_unstable();
    chosen
}

/// The texts of one criterion of which the answer has the most, at least one, in the guide's order.
fn choose_targets(covers: &[Vec<f64>], most: usize) -> Vec<usize> {
    let best = |target: &[f64]| target.iter().copied().fold(0.0, f64::max);
    let mut ranked: Vec<(usize, f64)> = covers.iter().map(|target| best(target)).enumerate().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked.truncate(most.max(1));
    let mut chosen: Vec<usize> = ranked.into_iter().map(|(target, _)| target).collect();
    chosen.sort_unstable();
    chosen
}

/// From the first to the last word that the passage shares with the target; the whole passage when it shares few.
fn telling_span(target: &Target, words: &[Token], ids: &[Option<usize>], coverage: f64) -> (usize, usize) {
    let shared = |id: &Option<usize>| id.is_some_and(|id| target.has(id));
    let bounds = (ids.iter().position(shared), ids.iter().rposition(shared));
    let (first, last) = match bounds {
        (Some(first), Some(last)) if coverage >= 0.5 => (first, last),
        _ => (0, words.len() - 1),
    };
    (words[first].start, words[last].end)
}

fn decide(criterion: &Criterion, finding: &Finding, answer: &Answer) -> CriterionGrade {
    let probability = finding.features.probability();
    let awarded = probability >= 0.5;
    let (start, end) = finding.span;
    let evidence = evidence(answer, start, end);
    let said = quote(evidence.as_ref().map_or("", |evidence| &evidence.text));
    let asked = quote(&finding.target);
    let reason = if awarded {
        format!("The answer says {said}, which fits {asked}.")
    } else if finding.features.is_contradicted {
        format!("The answer says {said}, which contradicts {asked}.")
    } else if finding.features.has_other_number {
        format!("The answer says {said}, with another number than {asked}.")
    } else {
        format!("The answer does not say {asked}; the nearest is {said}.")
    };
    let confidence = probability.max(1.0 - probability) * reading_confidence(answer, start, end);
    CriterionGrade {
        criterion: criterion.id.clone(),
        description: criterion.description.clone(),
        marks: if awarded { criterion.marks } else { Marks::ZERO },
        max_marks: criterion.marks,
        confidence: round_confidence(confidence),
        reason,
        evidence,
    }
}

/// For an answer that holds signs but no words.
fn refused(criterion: &Criterion, evidence: Option<Evidence>) -> CriterionGrade {
    CriterionGrade {
        criterion: criterion.id.clone(),
        description: criterion.description.clone(),
        marks: Marks::ZERO,
        max_marks: criterion.marks,
        confidence: 0.5,
        reason: "The answer holds no words that could be read.".to_owned(),
        evidence,
    }
}
