//! Whose script it is, by what stands on its first page and by the number that came with it.

use smartscripts_domain::{id::StudentId, reading::Reading};
use smartscripts_reading::student::{Known, Match, find, written};
use smartscripts_store::{ProposedStudent, Student, Submission};

/// Who is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Matched {
    /// This student, beyond doubt.
    Sure(StudentId),
    /// One of these, or nobody.
    Doubtful(Vec<ProposedStudent>),
}

/// Who on the roster is meant. The number that came with the script counts first: the student may have come onto the roster
/// since. A script with a number that nobody on the roster has is nobody's beyond doubt, whatever its first page says.
#[must_use]
pub fn match_of(submission: &Submission, reading: &Reading, roster: &[Student]) -> Matched {
    let given = submission.student_number.as_deref();
    if let Some(student) = roster.iter().find(|student| Some(student.number.as_str()) == given) {
        return Matched::Sure(student.id);
    }
    match (written_by(reading, roster), given) {
        (Matched::Sure(student), Some(_)) => Matched::Doubtful(vec![ProposedStudent { student, score: 1.0 }]),
        (matched, _) => matched,
    }
}

/// Who on the roster is meant by the first page alone.
#[must_use]
pub fn written_by(reading: &Reading, roster: &[Student]) -> Matched {
    let known: Vec<Known<'_>> =
        roster.iter().map(|student| Known { name: &student.name, number: &student.number }).collect();
    match find(&written(reading), &known) {
        Match::Sure(index) => Matched::Sure(roster[index].id),
        Match::Proposed(near) => {
            let proposed = |(index, score): (usize, f64)| ProposedStudent { student: roster[index].id, score };
            Matched::Doubtful(near.into_iter().map(proposed).collect())
        }
        Match::None => Matched::Doubtful(Vec::new()),
    }
}
