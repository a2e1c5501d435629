//! Short answers and explanations: for each criterion, the passage of the answer that says it best.

use std::sync::Arc;

use smartscripts_domain::{
    Marks, Result,
    answer::Answer,
    feedback::CriterionGrade,
    guide::{Criteria, Criterion, Level, Question},
    reading::round_confidence,
    totals::GroupRule,
};

use crate::{
    adapt::{Expected, Sketch},
    criteria::Target,
    embedding::{Contextual, Embedder, Embedding, Words},
    evidence::{evidence, opening, reading_confidence},
    features::{Asked, Features, NAMES, Prepared, join, measure, windows},
    head::{Decision, Head},
    judged,
    marks::{self, agreement, median, parts, steps, sum},
    quote,
    suspicion::{self, Suspicion},
    text::{Token, tokens},
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

impl Finding {
    /// What was measured under this name.
    fn measured(&self, name: &str) -> f64 {
        NAMES.iter().position(|known| *known == name).map_or(0.0, |index| self.features[index])
    }

    /// Whether the answer has none of the words, nor any that are near: then nothing shows that the criterion is earned.
    fn is_bare(&self) -> bool {
        self.measured("coverage") <= 0.0 && self.measured("how near each word has one") < NEAR
    }

    /// Whether it has a word or two of the guide in order to deny them. Of longer texts the head has learned what a denial
    /// is worth; of phrases it has seen none.
    fn is_denied(&self) -> bool {
        let is_phrase = self.measured("words of the guide's text") <= (1.0 + PHRASE_WORDS).ln() + 0.001;
        is_phrase && self.measured("contradicts") > 0.0 && self.measured("only one is negative") > 0.0
    }

    /// Probability that a teacher would say that the criterion is fulfilled.
    fn fulfilled(&self, head: &Head) -> f64 {
        let probability = head.fulfilled(&self.features);
        if self.is_denied() { probability.min(DENIED) } else { probability }
    }

    /// The share of its marks that a teacher would give.
    fn share(&self, head: &Head) -> f64 {
        let share = head.share(&self.features);
        if self.is_denied() { share.min(DENIED) } else { share }
    }
}

/// What was found in an answer.
pub struct Found {
    /// For each criterion; none where the answer has no words at all.
    pub criteria: Vec<Option<Finding>>,
    /// For the model answers as a whole, where there are several criteria and a model answer.
    pub whole: Option<Finding>,
    /// The answer's meaning.
    pub meaning: Embedding,
    /// What is wrong with the answer as an answer, if anything is.
    pub suspicion: Option<Suspicion>,
}

/// Marks of an answer.
pub struct Written {
    /// In the guide's order.
    pub criteria: Vec<CriterionGrade>,
    /// Probability that another grader's sum is the same, or nearly so where there are several marks.
    pub confidence: f64,
    /// Why a person must look at it.
    pub doubt: Option<String>,
}

/// How near words must be to pass for each other where none is the same.
const NEAR: f64 = 0.36;
/// Words of a phrase.
const PHRASE_WORDS: f64 = 3.0;
/// Most that a phrase is worth which is denied.
const DENIED: f64 = 0.15;
/// Share of a text's words, by weight, that an answer must have before it costs marks: a word in common, like the subject
/// of the question, is no proof that a student has said something wrong. The head has learned only what earns marks.
const SAID: f64 = 0.75;
/// Confidence that an answer without words earns nothing.
const NO_WORDS: f64 = 0.5;
/// Of the missing words, how many a reason names.
const NAMED_MISSING: usize = 3;
/// Of the features, those by which answers to one question are compared: all lie between 0 and 1.
const COMPARED: [&str; 5] = [
    "coverage of new words",
    "coverage",
    "share of the answer's new words that fit",
    "cosine of the texts",
    "how near each new word has one",
];

/// What of an answer is compared with other answers to the same question; none for an answer without words.
pub fn sketch(found: &Found, head: &Head, part: &Criteria) -> Option<Sketch> {
    let first = found.whole.as_ref().or(found.criteria.first()?.as_ref())?;
    let measured = COMPARED.iter().map(|name| first.measured(name)).collect();
    Some(Sketch { meaning: found.meaning.clone(), measured, expected: expected(found, head, part)? })
}

/// The share of the question's marks that the head expects; none for an answer without words.
fn expected(found: &Found, head: &Head, part: &Criteria) -> Option<f64> {
    let findings: Vec<&Finding> = found.criteria.iter().flatten().collect();
    if findings.len() != part.criteria.len() || findings.is_empty() {
        return None;
    }
    if let ([finding], [criterion]) = (findings.as_slice(), part.criteria.as_slice()) {
        let is_whole = steps_of(criterion) == 1;
        return Some(if is_whole { finding.fulfilled(head) } else { finding.share(head) });
    }
    let weights = weights(part);
    let total: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let shares = findings.iter().zip(&weights).map(|(finding, weight)| finding.share(head) * weight);
    let whole = found.whole.as_ref().map(|finding| finding.share(head));
    Some(head.rubric(whole, shares.sum::<f64>() / total))
}

/// In how many steps the question's only criterion is marked; one with levels finely, for the nearest level to be taken.
fn steps_of(criterion: &Criterion) -> usize {
    if criterion.levels.is_empty() { steps(criterion.marks.thousandths()) } else { marks::STEPS }
}

fn weights(part: &Criteria) -> Vec<f64> {
    part.criteria.iter().map(|criterion| criterion.marks.as_f64()).collect()
}

/// Gives the marks. `learned` is what the teacher's marks of other answers say about this one.
pub fn grade(found: &Found, head: &Head, part: &Criteria, answer: &Answer, learned: Option<Expected>) -> Written {
    let Some(share) = learned.map(|learned| learned.share).or_else(|| expected(found, head, part)) else {
        return refused(part, answer, "The answer holds no words that could be read.", None);
    };
    if let Some(suspicion) = found.suspicion.as_ref().filter(|suspicion| suspicion.earns_nothing) {
        return refused(part, answer, suspicion.reason, Some(suspicion.review.to_owned()));
    }
    let is_ruled = !part.groups.is_empty() || part.criteria.iter().any(|one| one.marks < Marks::ZERO);
    let mut written = match part.criteria.as_slice() {
        [criterion] if !is_ruled => one(found, head, criterion, answer, share, learned.is_some()),
        _ if is_ruled => each(found, head, part, answer),
        _ => several(found, head, part, answer, share, learned.is_some()),
    };
    written.doubt = found.suspicion.as_ref().map(|suspicion| suspicion.review.to_owned());
    written
}

/// The question's only criterion: earned or not up to one mark, else by the middle of its marks.
fn one(found: &Found, head: &Head, criterion: &Criterion, answer: &Answer, share: f64, is_learned: bool) -> Written {
    let Some(finding) = found.criteria.first().and_then(Option::as_ref) else {
        return Written { criteria: Vec::new(), confidence: 0.0, doubt: None };
    };
    let steps = steps_of(criterion);
    let (level, confidence) = if steps == 1 {
        let level = usize::from(share >= 0.5);
        (level, head.promise(Decision::Criterion, share.max(1.0 - share)))
    } else {
        let levels = head.levels(share, steps);
        // After the teacher's marks the share is theirs, not the head's: the mark nearest to it.
        let level = if is_learned { (share * steps as f64).round() as usize } else { median(&levels) };
        (level, head.promise(Decision::Levels, agreement(&levels, level as f64 / steps as f64)))
    };
    let marks = Marks::from_thousandths(criterion.marks.thousandths() * level as i64 / steps as i64);
    let grade = criterion_grade(criterion, finding, answer, marks, confidence);
    Written { confidence: grade.confidence, criteria: vec![grade], doubt: None }
}

/// Criteria that don't simply add up, with alternatives, caps or deductions: each is judged alone, for what the answer as a
/// whole is worth does not say which of them it fulfils. One of several marks, or with levels, can be earned in part, unless
/// only the whole of it counts.
fn each(found: &Found, head: &Head, part: &Criteria, answer: &Answer) -> Written {
    let pairs = part.criteria.iter().zip(&found.criteria);
    let grade = |(criterion, finding): (&Criterion, &Option<Finding>)| {
        let finding = finding.as_ref()?;
        let is_said = criterion.marks > Marks::ZERO || finding.measured("coverage") >= SAID;
        let is_nothing = finding.is_bare() || !is_said;
        let steps = steps_of(criterion);
        if steps > 1 && criterion.marks > Marks::ZERO && !counts_whole(part, criterion) {
            let levels = head.levels(if is_nothing { 0.0 } else { finding.share(head) }, steps);
            let level = median(&levels);
            let marks = Marks::from_thousandths(criterion.marks.thousandths() * level as i64 / steps as i64);
            let confidence = head.promise(Decision::Levels, agreement(&levels, level as f64 / steps as f64));
            return Some(criterion_grade(criterion, finding, answer, marks, confidence));
        }
        let fulfilled = if is_nothing { 0.0 } else { finding.fulfilled(head) };
        let marks = if fulfilled >= 0.5 { criterion.marks } else { Marks::ZERO };
        let confidence = head.promise(Decision::Criterion, fulfilled.max(1.0 - fulfilled));
        Some(criterion_grade(criterion, finding, answer, marks, confidence))
    };
    let criteria: Vec<CriterionGrade> = pairs.filter_map(grade).collect();
    let confidence = round_confidence(criteria.iter().map(|grade| grade.confidence).product());
    Written { criteria, confidence, doubt: None }
}

/// Whether a part of the criterion is worth nothing, because a group counts only where all of it is earned.
fn counts_whole(part: &Criteria, criterion: &Criterion) -> bool {
    part.groups.iter().any(|group| group.rule == GroupRule::AllOf && group.criteria.contains(&criterion.id))
}

/// Several criteria, each earned or not, and together worth about this share. After marks of the teacher's, who gives parts
/// of criteria too, the one on the edge earns a part.
fn several(found: &Found, head: &Head, part: &Criteria, answer: &Answer, share: f64, is_learned: bool) -> Written {
    let findings: Vec<&Finding> = found.criteria.iter().flatten().collect();
    let probabilities =
        findings.iter().map(|finding| if finding.is_bare() && !is_learned { 0.0 } else { finding.share(head) });
    let probabilities: Vec<f64> = probabilities.collect();
    let weights = weights(part);
    let has_levels = part.criteria.iter().any(|criterion| !criterion.levels.is_empty());
    let earned = if is_learned || has_levels {
        parts(&probabilities, &weights, share)
    } else {
        sum(&probabilities, &weights, share)
    };
    let mut criteria = Vec::with_capacity(part.criteria.len());
    for ((criterion, finding), (earned, probability)) in part.criteria.iter().zip(&findings).zip(earned) {
        let marks = Marks::from_thousandths((criterion.marks.as_f64() * 1000.0 * earned).round() as i64);
        let certainty = if earned > 0.0 { probability } else { 1.0 - probability };
        criteria.push(criterion_grade(criterion, finding, answer, marks, head.promise(Decision::Criterion, certainty)));
    }
    let total: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let given = criteria.iter().map(|criterion| criterion.marks.as_f64()).sum::<f64>() / total;
    // The criteria's own word counts as much as that of the answer as a whole.
    let agreed = agreement(&head.levels(f64::midpoint(share, given), marks::STEPS), given);
    let reading = reading_confidence(answer, 0, answer.text.len());
    let confidence = round_confidence(head.promise(Decision::Levels, agreed) * reading);
    Written { criteria, confidence, doubt: None }
}

fn criterion_grade(
    criterion: &Criterion,
    finding: &Finding,
    answer: &Answer,
    marks: Marks,
    confidence: f64,
) -> CriterionGrade {
    let (start, end) = finding.span;
    let evidence = evidence(answer, start, end);
    let said = quote(evidence.as_ref().map_or("", |evidence| &evidence.text));
    let (marks, level) = level(criterion, marks);
    let reason = reason(finding, &said, marks, criterion.marks);
    let confidence = confidence * reading_confidence(answer, start, end);
    let is_whole = marks == criterion.marks || criterion.marks < Marks::ZERO;
    let missing = if is_whole { Vec::new() } else { finding.missing.iter().take(NAMED_MISSING).cloned().collect() };
    CriterionGrade {
        level: level.map(|level| level.name.clone()),
        feedback: to_student(finding, &said, marks, criterion),
        missing,
        ..judged(criterion, marks, confidence, reason, evidence)
    }
}

/// The level that is nearest to these marks, and its marks; without levels, the marks as they are.
fn level(criterion: &Criterion, marks: Marks) -> (Marks, Option<&Level>) {
    let distance = |level: &&Level| (level.marks.thousandths() - marks.thousandths()).abs();
    let nearest = criterion.levels.iter().min_by_key(distance);
    (nearest.map_or(marks, |level| level.marks), nearest)
}

/// What the student is told: what they wrote, what it earned, and what to add.
fn to_student(finding: &Finding, said: &str, marks: Marks, criterion: &Criterion) -> String {
    let (asked, description) = (quote(&finding.target), quote(&criterion.description));
    let named: Vec<String> = finding.missing.iter().take(NAMED_MISSING).map(|word| format!("“{word}”")).collect();
    let add = if named.is_empty() { String::new() } else { format!(" It lacks {}.", named.join(", ")) };
    if criterion.marks < Marks::ZERO && marks < Marks::ZERO {
        format!("You wrote {said}. That takes {} off: {description}.", Marks::ZERO - marks)
    } else if criterion.marks < Marks::ZERO {
        String::new()
    } else if marks == criterion.marks {
        format!("You wrote {said}. That is what was asked for.")
    } else if marks > Marks::ZERO {
        format!("You wrote {said}. That is part of {asked}.{add}")
    } else if finding.measured("contradicts") > 0.0 {
        format!("You wrote {said}. That says the opposite of {asked}.")
    } else {
        format!("You wrote {said}. To earn this, also say {asked}.{add}")
    }
}

/// One sentence: what the answer says, what was asked, and what is missing.
fn reason(finding: &Finding, said: &str, marks: Marks, max_marks: Marks) -> String {
    let asked = quote(&finding.target);
    let named: Vec<String> = finding.missing.iter().take(NAMED_MISSING).map(|word| format!("“{word}”")).collect();
    let missing = named.join(", ");
    let is = |name: &str| finding.measured(name) > 0.0;
    let are = if named.len() == 1 { "is" } else { "are" };
    if marks == max_marks && max_marks < Marks::ZERO {
        format!("The answer says {said}, which fits {asked} and takes marks off.")
    } else if max_marks < Marks::ZERO {
        format!("The answer does not say {asked}; the nearest is {said}.")
    } else if marks == max_marks {
        format!("The answer says {said}, which fits {asked}.")
    } else if marks > Marks::ZERO && !missing.is_empty() {
        format!("The answer says {said}, which is part of {asked}; missing {are} {missing}.")
    } else if marks > Marks::ZERO {
        format!("The answer says {said}, which is part of {asked}.")
    } else if is("contradicts") {
        format!("The answer says {said}, which contradicts {asked}.")
    } else if is("another number") {
        format!("The answer says {said}, with another number than {asked}.")
    } else if missing.is_empty() {
        format!("The answer does not say {asked}; the nearest is {said}.")
    } else {
        format!("The answer does not say {asked}; the nearest is {said}, where {missing} {are} missing.")
    }
}

/// Nothing for any criterion.
fn refused(part: &Criteria, answer: &Answer, reason: &str, doubt: Option<String>) -> Written {
    let grade = |criterion: &Criterion| judged(criterion, Marks::ZERO, NO_WORDS, reason.to_owned(), opening(answer));
    Written { criteria: part.criteria.iter().map(grade).collect(), confidence: NO_WORDS, doubt }
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
        return Ok(Found { criteria, whole: None, meaning: Vec::new(), suspicion: None });
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
    let meaning = reader.context.mean(0, prepared.tokens.len());
    let (asked, own) = (&reader.asked.tokens, vocabulary.question_words());
    let language = || {
        let of_guide = targets.iter().flatten().map(|target| target.text.as_str());
        suspicion::language([question.text.as_str()].into_iter().chain(of_guide))
    };
    let suspicion = suspicion::of(&answer.text, &prepared, asked, own, language, embedder);
    Ok(Found { criteria: findings, whole, meaning, suspicion })
}

/// The texts that fulfil a criterion: its phrasings, its description, and where it is the only one the model answers.
fn targets(criterion: &Criterion, part: &Criteria, vocabulary: &mut Vocabulary, embedder: &Embedder) -> Vec<Target> {
    let whole_answers: &[String] = if part.criteria.len() == 1 { &part.reference_answers } else { &[] };
    // Of levels the best says what the criterion asks for; the marks say how near an answer comes to it.
    let best = criterion.levels.last().map(|level| &level.description);
    let phrasings = criterion.accepted_phrasings.iter().chain(best).chain(whole_answers);
    let phrasings = phrasings.filter(|text| !text.trim().is_empty());
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
    fn new(embedder: &'a Embedder, question: Vec<Token>, answer: &'a Prepared) -> Result<Self> {
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

fn as_words(tokens: &[Token]) -> Words<'_> {
    Words {
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
