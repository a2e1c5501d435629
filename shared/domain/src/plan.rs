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
