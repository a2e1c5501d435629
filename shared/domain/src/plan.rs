//! The plans that an organization can be on. What each includes, `billing` says.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Error;

/// A plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// For trying it out; what every organization begins with.
    #[default]
    Free,
    /// For a teacher on her own.
    Teacher,
    /// For a school.
    School,
    /// For many schools at once.
    District,
}

impl Plan {
    /// All plans, from the smallest to the largest.
    pub const ALL: [Self; 4] = [Self::Free, Self::Teacher, Self::School, Self::District];

    /// The name, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Teacher => "teacher",
            Self::School => "school",
            Self::District => "district",
        }
    }
}

/// Something that not every plan has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// One decision for a group of answers that say the same.
    AnswerGroups,
    /// Programs may call the API.
    ApiKeys,
    /// The audit log as a file.
    AuditExport,
}

impl Feature {
    /// What it is called on the price list.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::AnswerGroups => "answer groups",
            Self::ApiKeys => "API keys",
            Self::AuditExport => "audit export",
        }
    }
}

/// How many scripts an organization may have graded in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The plan that it is on.
    pub plan: Plan,
    /// The scripts that the plan includes.
    pub scripts_a_month: u32,
    /// Whether scripts beyond that are graded and charged, rather than refused.
    pub is_metered: bool,
    /// The smallest plan that includes more.
    pub larger: Option<Plan>,
}

impl Quota {
    /// The number that can't be exceeded; none if what is beyond is graded too.
    #[must_use]
    pub const fn limit(self) -> Option<u32> {
        if self.is_metered { None } else { Some(self.scripts_a_month) }
    }

    /// How many scripts are charged beyond the plan's, of those of a month that were handed in on a plan that charges such.
    #[must_use]
    pub const fn charged(self, metered: u32) -> u32 {
        if self.is_metered { metered.saturating_sub(self.scripts_a_month) } else { 0 }
    }

    /// Every script of the month is used.
    #[must_use]
    pub fn exhausted(self) -> Error {
        let larger = self.larger.map_or_else(String::new, |plan| format!(", or change to the plan {}", plan.name()));
        let message = format!(
            "All {} scripts that the plan {} includes this month (UTC) are used. Wait for the next month{larger}.",
            self.scripts_a_month,
            self.plan.name(),
        );
        Error::payment_required(QUOTA_EXHAUSTED, message, self.larger)
    }
}

/// The code of the error that says that every script of the month is used.
pub const QUOTA_EXHAUSTED: &str = "quota_exhausted";

impl FromStr for Plan {
    type Err = Error;

    /// # Errors
    /// `plan_unknown`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::invalid("plan_unknown", format!("There is no such plan. The plans are {names}."))
        };
        Self::ALL.into_iter().find(|plan| plan.name() == text).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json() {
        for plan in Plan::ALL {
            assert_eq!(serde_json::to_value(plan).unwrap(), plan.name());
            assert_eq!(plan.name().parse::<Plan>().unwrap(), plan);
        }
        assert_eq!("Free".parse::<Plan>().unwrap_err().code(), "plan_unknown");
    }
}
