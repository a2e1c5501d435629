//! What stands in the QR code of a separator sheet: which assessment, and whose script comes next. Opaque ids alone, so that
//! a sheet that is left lying about tells a phone nothing.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::id::{AssessmentId, StudentId};

/// What every such code begins with, and the version of its form.
const PREFIX: &str = "smartscripts:1:";

/// The content of a separator sheet's code: `smartscripts:1:{assessment}:{student}`, or a number in the student's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Separator {
    /// The assessment that the script belongs to.
    pub assessment: AssessmentId,
    /// Whose script comes next.
    pub whose: Whose,
}

/// Whose script comes behind a separator sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// This student's.
    Student(StudentId),
    /// Somebody's: the sheet has only a number, from 1.
    Number(u32),
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.whose {
            Whose::Student(student) => write!(f, "{PREFIX}{}:{student}", self.assessment),
            Whose::Number(number) => write!(f, "{PREFIX}{}:{number}", self.assessment),
        }
    }
}

/// A text that is not the content of a separator sheet's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the code of a separator sheet")]
pub struct InvalidSeparator;

impl FromStr for Separator {
    type Err = InvalidSeparator;

    fn from_str(text: &str) -> Result<Self, InvalidSeparator> {
        let (assessment, whose) =
            text.strip_prefix(PREFIX).and_then(|rest| rest.split_once(':')).ok_or(InvalidSeparator)?;
        let assessment = assessment.parse().map_err(|_| InvalidSeparator)?;
        let student = || whose.parse().map(Whose::Student).ok();
        let number = || whose.parse().map(Whose::Number).ok();
        let parsed = Self { assessment, whose: student().or_else(number).ok_or(InvalidSeparator)? };
        // Each has one spelling: no sign, no leading zero.
        let is_canonical = parsed.to_string() == text && parsed.whose != Whose::Number(0);
        is_canonical.then_some(parsed).ok_or(InvalidSeparator)
    }
}

impl TryFrom<String> for Separator {
    type Error = InvalidSeparator;
    fn try_from(text: String) -> Result<Self, InvalidSeparator> {
        text.parse()
    }
}

impl From<Separator> for String {
    fn from(separator: Separator) -> Self {
        separator.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ulid::Ulid;

    use super::*;

    proptest! {
        #[test]
        fn survives_text(a: u128, b: u128, number in 1_u32..) {
            let assessment = AssessmentId::new(Ulid::from(a));
            for whose in [Whose::Student(StudentId::new(Ulid::from(b))), Whose::Number(number)] {
                let separator = Separator { assessment, whose };
                prop_assert_eq!(separator.to_string().parse(), Ok(separator));
            }
        }
    }

    #[test]
    fn another_code_is_none() {
        let id = "0".repeat(25) + "1";
        for other in [
            String::new(),
            "https://school.example".to_owned(),
            format!("smartscripts:2:asm_{id}:stu_{id}"),
            format!("smartscripts:1:asm_{id}"),
            format!("smartscripts:1:stu_{id}:asm_{id}"),
            format!("smartscripts:1:asm_{id}:0"),
            format!("smartscripts:1:asm_{id}:01"),
            format!("smartscripts:1:asm_{id}:+1"),
            format!("smartscripts:1:asm_{id}:stu_{id}:"),
        ] {
            assert_eq!(other.parse::<Separator>(), Err(InvalidSeparator), "{other}");
        }
    }
}
