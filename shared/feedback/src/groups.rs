//! Which criteria share a box on the page.

use smartscripts_domain::{
    Marks,
    feedback::{AnswerGrade, CriterionGrade},
    reading::Quad,
};

/// Longest criterion id shown on the page, in characters; the feedback has it in full.
const ID_CHARACTERS: usize = 14;

/// The criteria of one question that were decided by the same words, or by words that overlap.
pub struct Group {
    /// The question's label.
    pub question: String,
    /// Byte range in the answer.
    span: (usize, usize),
    /// Its words on this page.
    pub quads: Vec<Quad>,
    /// What is said of each criterion.
    pub parts: Vec<Part>,
}

/// What is said of one criterion.
pub struct Part {
    /// Whether it earned anything.
    pub is_awarded: bool,
    /// `✓ b1 +1`.
    pub text: String,
}

impl Group {
    /// Whether any of its criteria is awarded.
    pub fn is_awarded(&self) -> bool {
        self.parts.iter().any(|part| part.is_awarded)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.span.0 < other.span.1 && other.span.0 < self.span.1
    }

    /// Takes in another group of the same verdict: one box around both.
    fn join(&mut self, other: Self) {
        self.span = (self.span.0.min(other.span.0), self.span.1.max(other.span.1));
        for quad in other.quads {
            match self.quads.iter_mut().find(|own| stand_on_one_line(own, &quad)) {
                Some(own) => *own = both(own, &quad),
                None => self.quads.push(quad),
            }
        }
        self.parts.extend(other.parts);
    }
}

/// The groups of one question on this page. Nested and crossing boxes would be hard to read, so overlapping evidence
/// with one verdict gets one box, and a refused criterion whose nearest words earned something gets its cross there.
pub fn groups(grade: &AnswerGrade, page: u32) -> Vec<Group> {
    let mut all: Vec<Group> = Vec::new();
    // What would have taken marks off and was not found is nothing to show.
    let is_shown = |criterion: &&CriterionGrade| criterion.max_marks > Marks::ZERO || criterion.marks < Marks::ZERO;
    for criterion in grade.criteria.iter().filter(is_shown) {
        let Some(evidence) = &criterion.evidence else { continue };
        let quads: Vec<Quad> = evidence.boxes.iter().filter(|b| b.page == page).map(|b| b.quad).collect();
        if !quads.is_empty() {
            let parts = vec![part(criterion, grade.criteria.len() == 1)];
            all.push(Group { question: grade.question.clone(), span: (evidence.start, evidence.end), quads, parts });
        }
    }
    let (awarded, refused): (Vec<Group>, Vec<Group>) = all.into_iter().partition(Group::is_awarded);
    let mut groups = joined(awarded);
    let mut apart = Vec::new();
    for group in refused {
        match groups.iter_mut().find(|awarded| awarded.overlaps(&group)) {
            Some(awarded) => awarded.parts.extend(group.parts),
            None => apart.push(group),
        }
    }
    groups.extend(joined(apart));
    groups
}

/// Joins what overlaps.
fn joined(groups: Vec<Group>) -> Vec<Group> {
    let mut joined: Vec<Group> = Vec::new();
    for mut group in groups {
        // Joining may make it overlap with one that it did not touch before.
        while let Some(index) = joined.iter().position(|other| other.overlaps(&group)) {
            let mut other = joined.remove(index);
            other.join(group);
            group = other;
        }
        joined.push(group);
    }
    joined
}

/// Whether the middle of the one lies at the height of the other, measured across the writing, which may be skewed.
fn stand_on_one_line(a: &Quad, b: &Quad) -> bool {
    let middle = |quad: &Quad| {
        let sum = quad.0.iter().fold([0, 0], |sum, corner| [sum[0] + corner[0], sum[1] + corner[1]]);
        [f64::from(sum[0]) / 4.0, f64::from(sum[1]) / 4.0]
    };
    let side = |quad: &Quad, from: usize, to: usize| {
        [f64::from(quad.0[to][0] - quad.0[from][0]), f64::from(quad.0[to][1] - quad.0[from][1])]
    };
    let height = |quad: &Quad| side(quad, 0, 3)[0].hypot(side(quad, 0, 3)[1]);
    // The longer one tells the direction of the writing better.
    let width = |quad: &Quad| side(quad, 0, 1)[0].hypot(side(quad, 0, 1)[1]);
    let along = if width(a) >= width(b) { side(a, 0, 1) } else { side(b, 0, 1) };
    let (from, to) = (middle(a), middle(b));
    let across = (to[1] - from[1]) * along[0] - (to[0] - from[0]) * along[1];
    let apart = across.abs() / along[0].hypot(along[1]).max(1.0);
    2.0 * apart < height(a).min(height(b))
}

/// From the left end of the one to the right end of the other.
fn both(a: &Quad, b: &Quad) -> Quad {
    let left = if a.0[0][0] <= b.0[0][0] { a } else { b };
    let right = if a.0[1][0] >= b.0[1][0] { a } else { b };
    Quad([left.0[0], right.0[1], right.0[2], left.0[3]])
}

/// `✓ b1 +1`, `✗ b2 0/1`, `✗ b3 −1`; a question's only criterion needs no name.
fn part(criterion: &CriterionGrade, is_only_one: bool) -> Part {
    let is_awarded = criterion.marks > Marks::ZERO;
    let sign = if is_awarded { "✓" } else { "✗" };
    let id: String = criterion.criterion.chars().take(ID_CHARACTERS).collect();
    let cut = if id == criterion.criterion { "" } else { "…" };
    let marks = match criterion.marks {
        marks if is_awarded => format!("+{marks}"),
        marks if marks < Marks::ZERO => format!("−{}", Marks::ZERO - marks),
        _ => format!("0/{}", criterion.max_marks),
    };
    let text = if is_only_one { format!("{sign} {marks}") } else { format!("{sign} {id}{cut} {marks}") };
    Part { is_awarded, text }
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::feedback::{Evidence, EvidenceBox};

    use super::*;

    fn word(column: i32) -> Quad {
        Quad::rectangle(100 * column, 0, 100 * column + 80, 30)
    }

    fn criterion(id: &str, marks: i32, span: (usize, usize), words: &[i32]) -> CriterionGrade {
        let boxes = words.iter().map(|&column| EvidenceBox { page: 1, quad: word(column) }).collect();
        CriterionGrade {
            criterion: id.to_owned(),
            description: String::new(),
            marks: Marks::whole(marks),
            max_marks: Marks::whole(1),
            confidence: 1.0,
            min_marks: Marks::ZERO,
            level: None,
            reason: String::new(),
            missing: Vec::new(),
            feedback: String::new(),
            evidence: Some(Evidence { start: span.0, end: span.1, text: String::new(), boxes }),
        }
    }

    fn grade(criteria: Vec<CriterionGrade>) -> AnswerGrade {
        AnswerGrade {
            question: "1".to_owned(),
            answer: String::new(),
            marks: Marks::ZERO,
            max_marks: Marks::ZERO,
            totals: None,
            total_reason: None,
            counts: true,
            confidence: 1.0,
            review_reason: None,
            criteria,
            decided: None,
        }
    }

    fn texts(groups: &[Group]) -> Vec<Vec<&str>> {
        groups.iter().map(|group| group.parts.iter().map(|part| part.text.as_str()).collect()).collect()
    }

    #[test]
    fn overlapping_evidence_shares_a_box_and_a_note() {
        let grade = grade(vec![
            criterion("a", 1, (0, 9), &[0]),
            criterion("b", 1, (5, 14), &[2]),
            criterion("c", 0, (10, 14), &[2]),
            criterion("d", 0, (15, 19), &[3]),
        ]);
        let found = groups(&grade, 1);
        assert_eq!(texts(&found), [vec!["✓ a +1", "✓ b +1", "✗ c 0/1"], vec!["✗ d 0/1"]]);
        assert_eq!(found[0].quads, [Quad::rectangle(0, 0, 280, 30)]);
        assert_eq!(found[1].quads, [word(3)]);
        assert!(groups(&grade, 2).is_empty());
    }

    #[test]
    fn an_only_criterion_needs_no_name_and_a_long_one_is_cut() {
        let only = |marks| grade(vec![criterion("choice", marks, (0, 1), &[0])]);
        assert_eq!(texts(&groups(&only(1), 1)), [["✓ +1"]]);
        assert_eq!(texts(&groups(&only(0), 1)), [["✗ 0/1"]]);
        let long = grade(vec![criterion("a-very-long-criterion", 1, (0, 1), &[0]), criterion("b", 0, (2, 3), &[1])]);
        assert_eq!(texts(&groups(&long, 1)), [["✓ a-very-long-cr… +1"], ["✗ b 0/1"]]);
    }

    #[test]
    fn words_of_one_line_are_told_from_those_of_the_next_on_a_skewed_page() {
        let word = |x: i32, y: i32| Quad([[x, y], [x + 100, y + 10], [x + 97, y + 40], [x - 3, y + 30]]);
        let (a, same, next) = (word(0, 0), word(300, 30), word(300, 70));
        assert!(stand_on_one_line(&a, &same) && !stand_on_one_line(&a, &next));
        assert_eq!(both(&same, &a), Quad([[0, 0], [400, 40], [397, 70], [-3, 30]]));
    }
}
