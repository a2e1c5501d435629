//! How the marks of criteria add up to those of an answer: alternatives, what counts only together, caps, deductions and
//! the floor.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Marks;

/// Criteria whose marks are not simply added up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionGroup {
    /// What becomes of their marks.
    pub rule: GroupRule,
    /// Ids of the criteria.
    #[schema(min_items = 1, max_items = 50)]
    pub criteria: Vec<String>,
    /// The cap of an `at_most` group; other groups have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marks: Option<Marks>,
}

/// What becomes of the marks of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupRule {
    /// The one with the most marks counts.
    AnyOf,
    /// They count only where every one of them has all its marks.
    AllOf,
    /// Together they count no more than the group's marks. What the other groups leave is capped.
    AtMost,
}

/// How the marks of an answer's criteria add up, where it is not the plain sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Criteria whose marks are not simply added up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<CriterionGroup>,
    /// The fewest marks that an answer can have: 0, or less where wrong answers cost marks.
    #[serde(default, skip_serializing_if = "Marks::is_zero")]
    pub minimum: Marks,
}

/// What one criterion has earned.
#[derive(Clone, Copy, Debug)]
pub struct Earned<'a> {
    /// Its id.
    pub criterion: &'a str,
    /// Its marks.
    pub marks: Marks,
    /// The most that it can have.
    pub max_marks: Marks,
}

impl Totals {
    /// The marks of the answer: never more than `maximum`, never less than the floor.
    #[must_use]
    pub fn add_up(&self, earned: &[Earned], maximum: Marks) -> Marks {
        let mut counted: HashMap<&str, Marks> = earned.iter().map(|one| (one.criterion, one.marks)).collect();
        for group in &self.groups {
            let members = || earned.iter().filter(|one| group.criteria.iter().any(|id| id == one.criterion));
            let kept = match group.rule {
                GroupRule::AnyOf => members().reduce(|best, next| if next.marks > best.marks { next } else { best }),
                GroupRule::AllOf if members().all(|one| one.marks == one.max_marks) => continue,
                GroupRule::AllOf => None,
                GroupRule::AtMost => continue,
            };
            let dropped = members().filter(|one| kept.is_none_or(|kept| kept.criterion != one.criterion));
            counted.extend(dropped.map(|one| (one.criterion, Marks::ZERO)));
        }
        let mut total: Marks = counted.values().copied().sum();
        for group in self.groups.iter().filter(|group| group.rule == GroupRule::AtMost) {
            let together: Marks = group.criteria.iter().filter_map(|id| counted.get(id.as_str()).copied()).sum();
            total = total - (together - group.marks.unwrap_or(together)).max(Marks::ZERO);
        }
        total.min(maximum).max(self.minimum.min(Marks::ZERO))
    }

    /// Why the total is not the plain sum, in one sentence; none where it is.
    #[must_use]
    pub fn explain(&self, earned: &[Earned], maximum: Marks) -> Option<String> {
        let (total, sum) = (self.add_up(earned, maximum), earned.iter().map(|one| one.marks).sum::<Marks>());
        if total == sum {
            return None;
        }
        let is_there = |rule: GroupRule| self.groups.iter().any(|group| group.rule == rule);
        let mut rules = Vec::new();
        if is_there(GroupRule::AnyOf) {
            rules.push("of alternatives only the best counts");
        }
        if is_there(GroupRule::AllOf) {
            rules.push("some criteria count only together");
        }
        if is_there(GroupRule::AtMost) || sum > maximum {
            rules.push("the marks are capped");
        }
        if sum < total {
            rules.push("an answer has no fewer marks than the floor");
        }
        Some(format!("The criteria add up to {sum}, which counts {total}: {}.", rules.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

    fn earned(marks: &[i64], max: &[i64]) -> Vec<(Marks, Marks)> {
        marks.iter().zip(max).map(|(m, x)| (Marks::from_thousandths(*m), Marks::from_thousandths(*x))).collect()
    }

    fn total(totals: &Totals, marks: &[i64], max: &[i64], maximum: i64) -> i64 {
        let all = earned(marks, max);
        let all: Vec<Earned> = all
            .iter()
            .zip(IDS)
            .map(|((marks, max_marks), criterion)| Earned { criterion, marks: *marks, max_marks: *max_marks })
            .collect();
        let total = totals.add_up(&all, Marks::from_thousandths(maximum));
        let sum: Marks = all.iter().map(|one| one.marks).sum();
        assert_eq!(totals.explain(&all, Marks::from_thousandths(maximum)).is_none(), sum == total);
        total.thousandths()
    }

    fn group(rule: GroupRule, criteria: &[&str], marks: Option<i64>) -> CriterionGroup {
        let criteria = criteria.iter().map(|id| (*id).to_owned()).collect();
        CriterionGroup { rule, criteria, marks: marks.map(Marks::from_thousandths) }
    }

    #[test]
    fn each_rule_counts_as_it_says() {
        let of = |groups: Vec<CriterionGroup>| Totals { groups, minimum: Marks::ZERO };
        let any = of(vec![group(GroupRule::AnyOf, &["a", "b"], None)]);
        assert_eq!(total(&any, &[500, 1000, 1000], &[1000, 1000, 1000], 2000), 2000);
        let all = of(vec![group(GroupRule::AllOf, &["a", "b"], None)]);
        assert_eq!(total(&all, &[1000, 500, 1000], &[1000, 1000, 1000], 3000), 1000);
        assert_eq!(total(&all, &[1000, 1000, 0], &[1000, 1000, 1000], 3000), 2000);
        let capped = of(vec![group(GroupRule::AtMost, &["a", "b", "c"], Some(2000))]);
        assert_eq!(total(&capped, &[1000, 1000, 1000, 1000], &[1000; 4], 3000), 3000);
        assert_eq!(total(&capped, &[1000, 0, 0, 1000], &[1000; 4], 3000), 2000);
        // The cap is on what the alternatives leave.
        let both = of(vec![
            group(GroupRule::AtMost, &["a", "b", "c"], Some(2000)),
            group(GroupRule::AnyOf, &["a", "b"], None),
        ]);
        assert_eq!(total(&both, &[1000, 1000, 1000], &[1000; 3], 2000), 2000);
    }

    #[test]
    fn deductions_stop_at_the_floor() {
        let floor = |minimum: i64| Totals { groups: Vec::new(), minimum: Marks::from_thousandths(minimum) };
        assert_eq!(total(&floor(0), &[1000, -2000], &[1000, 0], 1000), 0);
        assert_eq!(total(&floor(-500), &[1000, -2000], &[1000, 0], 1000), -500);
        assert_eq!(total(&floor(0), &[2000, -500], &[2000, 0], 2000), 1500);
    }

    /// Groups as a guide may have them: pairs of alternatives, or that count only together, and a cap on some whole pairs.
    fn groups() -> impl Strategy<Value = Vec<CriterionGroup>> {
        let rule = prop_oneof![Just(None), Just(Some(GroupRule::AnyOf)), Just(Some(GroupRule::AllOf))];
        let pairs = [&IDS[0..2], &IDS[2..4], &IDS[4..6]];
        let capped = proptest::sample::subsequence(pairs.to_vec(), 0..=3);
        (proptest::collection::vec(rule, 3), capped, 0_i64..4000).prop_map(move |(rules, capped, cap)| {
            let ruled = rules.iter().zip(pairs).filter_map(|(rule, pair)| Some(group((*rule)?, pair, None)));
            let mut groups: Vec<CriterionGroup> = ruled.collect();
            if !capped.is_empty() {
                groups.push(group(GroupRule::AtMost, &capped.concat(), Some(cap)));
            }
            groups
        })
    }

    proptest! {
        #[test]
        fn a_total_is_never_out_of_range(
            groups in groups(),
            marks in proptest::collection::vec(-3000_i64..3000, 6),
            maximum in 1_i64..6000,
            minimum in -2000_i64..=0,
        ) {
            let totals = Totals { groups, minimum: Marks::from_thousandths(minimum) };
            let total = total(&totals, &marks, &[3000; 6], maximum);
            prop_assert!(total >= minimum && total <= maximum, "{total}");
        }

        #[test]
        fn more_for_a_criterion_is_never_less_for_the_answer(
            groups in groups(),
            marks in proptest::collection::vec(0_i64..=3000, 6),
            better in 0_usize..6,
        ) {
            let totals = Totals { groups, minimum: Marks::ZERO };
            let mut more = marks.clone();
            more[better] = 3000;
            prop_assert!(total(&totals, &more, &[3000; 6], 9000) >= total(&totals, &marks, &[3000; 6], 9000));
        }

        #[test]
        fn the_order_of_the_criteria_does_not_count(
            groups in groups(),
            marks in proptest::collection::vec(-1000_i64..3000, 6),
        ) {
            let totals = Totals { groups, minimum: Marks::ZERO };
            let mut all: Vec<Earned> = IDS
                .iter()
                .zip(&marks)
                .map(|(id, marks)| Earned {
                    criterion: id,
                    marks: Marks::from_thousandths(*marks),
                    max_marks: Marks::whole(3),
                })
                .collect();
            let forward = totals.add_up(&all, Marks::whole(9));
            all.reverse();
            prop_assert_eq!(totals.add_up(&all, Marks::whole(9)), forward);
        }
    }
}
