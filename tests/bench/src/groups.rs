//! `bench groups`: how many answers a teacher decides about together, and how often they deserve the same mark.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use smartscripts_domain::{answer::Answer, sketch::AnswerSketch};
use smartscripts_grading::{Comparable, Grader, SAME_MEANING, groups};

use crate::{
    Outcome,
    grading::{Item, items, question},
};

/// Difference between a member's mark and its leader's, as a share of the maximum, that still counts as near.
const NEAR: f64 = 0.25;

/// Options of `bench groups`.
#[derive(Args)]
pub struct Options {
    /// Rows as for `bench grading`.
    #[arg(long)]
    data: PathBuf,
    /// Cosines from which on answers mean the same; the grader's own unless told.
    #[arg(long, value_delimiter = ',', default_values_t = [SAME_MEANING])]
    same: Vec<f64>,
    /// The model files.
    #[arg(long, default_value = ".local/models")]
    models: PathBuf,
}

/// What came of grouping one set of answers.
#[derive(Default)]
struct Tally {
    answers: usize,
    groups: usize,
    /// Answers in groups of two or more.
    together: usize,
    /// Members, their leaders not counted; how many have the leader's mark, and how many nearly.
    members: usize,
    same: usize,
    near: usize,
}

/// Puts the answers to every question into groups, and prints what came out.
pub fn run(options: &Options) -> Outcome<()> {
    let grader = Grader::load(&options.models)?;
    let items = items(&options.data, None)?;
    let mut questions: BTreeMap<(&str, &str), Vec<(&Item, AnswerSketch)>> = BTreeMap::new();
    for item in &items {
        let (question, answer) = (question(item), Answer::typed(&item.student_answer));
        let sketch = grader.answer_sketch(&question, &answer, &grader.grade(&question, &answer)?, &item.dataset)?;
        questions.entry((&item.dataset, &item.question_id)).or_default().push((item, sketch));
    }
    for same_meaning in &options.same {
        let mut sets: BTreeMap<&str, Tally> = BTreeMap::new();
        for ((dataset, _), answers) in &questions {
            count(sets.entry(dataset).or_default(), answers, *same_meaning)?;
        }
        print(*same_meaning, &sets);
    }
    Ok(())
}

fn count(tally: &mut Tally, answers: &[(&Item, AnswerSketch)], same_meaning: f64) -> Outcome<()> {
    let comparable = answers.iter().map(|(_, sketch)| Comparable::try_from(sketch)).collect::<Result<Vec<_>, _>>()?;
    let leaders = groups(&comparable, same_meaning);
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, &leader) in leaders.iter().enumerate() {
        *sizes.entry(leader).or_default() += 1;
        if leader != index {
            let share = |index: usize| answers[index].0.score / answers[index].0.max_score;
            let difference = (share(index) - share(leader)).abs();
            tally.members += 1;
            tally.same += usize::from(difference < 1e-9);
            tally.near += usize::from(difference <= NEAR + 1e-9);
        }
    }
    tally.answers += answers.len();
    tally.groups += sizes.len();
    tally.together += sizes.values().filter(|&&size| size > 1).sum::<usize>();
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn print(same_meaning: f64, sets: &BTreeMap<&str, Tally>) {
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    println!(
        "{:22} {:>5} {:>7} {:>6} {:>8} {:>9} {:>8}",
        format!("same from {same_meaning}"),
        "n",
        "groups",
        "saved",
        "together",
        "same mark",
        "near it"
    );
    for (dataset, tally) in sets {
        println!(
            "{dataset:22} {:5} {:7} {:6.3} {:8.3} {:9.3} {:8.3}",
            tally.answers,
            tally.groups,
            share(tally.answers - tally.groups, tally.answers),
            share(tally.together, tally.answers),
            share(tally.same, tally.members),
            share(tally.near, tally.members)
        );
    }
}
