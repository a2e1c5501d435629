//! Groups of answers to one question that say the same, as they are and as persons have moved answers between them.

use std::collections::BTreeMap;

use smartscripts_domain::{Result, id::SubmissionId};
use smartscripts_grading::{Comparable, SAME_MEANING, groups};
use smartscripts_store::GradedAnswer;

/// Answers that say the same.
pub struct Group {
    /// The script whose answer leads it, or led it when an answer was first moved here.
    pub id: SubmissionId,
    /// In the order in which the scripts were handed in.
    pub members: Vec<GradedAnswer>,
}

impl Group {
    /// Answers about which nobody has decided.
    #[must_use]
    pub fn undecided(&self) -> usize {
        self.members.iter().filter(|member| member.standing.decided_by.is_none()).count()
    }

    /// Its place in the list: where one decision spares the most others first; no two have the same.
    #[must_use]
    pub fn place(&self) -> String {
        let most_first = |count: usize| 999_999_usize.saturating_sub(count);
        format!("{:06}#{:06}#{}", most_first(self.undecided()), most_first(self.members.len()), self.id)
    }
}

/// Puts answers into groups. One that a person has moved is where it was put, and draws no other answer there; one without
/// a sketch is alone.
///
/// # Errors
/// `internal` if a sketch is damaged.
pub fn grouped(answers: Vec<GradedAnswer>) -> Result<Vec<Group>> {
    let by_itself = |answer: &&GradedAnswer| answer.sketch.as_ref().is_some_and(|placed| placed.group.is_none());
    let unmoved: Vec<&GradedAnswer> = answers.iter().filter(by_itself).collect();
    let sketches = unmoved.iter().filter_map(|answer| Some(&answer.sketch.as_ref()?.sketch));
    let comparable = sketches.map(Comparable::try_from).collect::<Result<Vec<_>>>()?;
    let leaders = groups(&comparable, SAME_MEANING);
    let found: BTreeMap<SubmissionId, SubmissionId> =
        unmoved.iter().zip(&leaders).map(|(answer, &leader)| (answer.submission, unmoved[leader].submission)).collect();
    let mut members: BTreeMap<SubmissionId, Vec<GradedAnswer>> = BTreeMap::new();
    for answer in answers {
        let moved = answer.sketch.as_ref().and_then(|placed| placed.group);
        let group = moved.or_else(|| found.get(&answer.submission).copied()).unwrap_or(answer.submission);
        members.entry(group).or_default().push(answer);
    }
    let mut groups: Vec<Group> = members.into_iter().map(|(id, members)| Group { id, members }).collect();
    groups.sort_by_cached_key(Group::place);
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::{Marks, id::Principal, sketch::AnswerSketch};
    use smartscripts_store::{AnswerStanding, PlacedSketch};
    use ulid::Ulid;

    use super::*;

    fn id(number: u128) -> SubmissionId {
        SubmissionId::new(Ulid::from(number))
    }

    /// An answer with these words, which a person has moved to this group or not, and decided or not.
    fn answer(number: u128, words: &str, group: Option<u128>, is_decided: bool) -> GradedAnswer {
        let decided_by = is_decided.then(|| Principal::User(smartscripts_domain::id::UserId::new(Ulid::from(1))));
        let sketch = AnswerSketch {
            words: words.to_owned(),
            literal: String::new(),
            facts: String::new(),
            marks: Marks::ZERO,
            meaning: None,
        };
        GradedAnswer {
            submission: id(number),
            student: None,
            guide: None,
            feedback: String::new(),
            standing: AnswerStanding {
                marks: Marks::ZERO,
                max_marks: Marks::whole(1),
                confidence: 0.5,
                review_reason: None,
                decided_by,
                decided_at: None,
                version: 1,
                machine_marks: None,
                machine_confidence: None,
                learned_from: 0,
            },
            sketch: Some(PlacedSketch { sketch, group: group.map(id) }),
            placement: 1,
        }
    }

    fn ids(groups: &[Group]) -> Vec<(SubmissionId, Vec<SubmissionId>)> {
        let members = |group: &Group| group.members.iter().map(|member| member.submission).collect();
        groups.iter().map(|group| (group.id, members(group))).collect()
    }

    #[test]
    fn the_group_with_the_most_undecided_comes_first_and_a_moved_answer_stays_moved() {
        let answers = vec![
            answer(1, "a", None, true),
            answer(2, "a", None, true),
            answer(3, "b", None, false),
            answer(4, "b", None, false),
            answer(5, "a", Some(3), false),
            answer(6, "b", Some(6), false),
            answer(7, "b", None, false),
        ];
        let groups = grouped(answers).unwrap();
        let expected = [(id(3), vec![id(3), id(4), id(5), id(7)]), (id(6), vec![id(6)]), (id(1), vec![id(1), id(2)])];
        assert_eq!(ids(&groups), expected);
    }

    #[test]
    fn what_has_no_sketch_is_alone_and_a_group_outlives_its_leader() {
        let mut without = answer(1, "a", None, false);
        without.sketch = None;
        // The answer of script 2 led the group to which 3 was moved, and has left it.
        let groups = grouped(vec![without, answer(2, "a", Some(2), false), answer(3, "b", Some(9), false)]).unwrap();
        assert_eq!(ids(&groups), [(id(1), vec![id(1)]), (id(2), vec![id(2)]), (id(9), vec![id(3)])]);
    }
}
