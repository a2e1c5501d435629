//! Marks as exact decimals.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Sub},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A number of marks, exact to a thousandth, so that totals add up whatever the order.
///
/// In JSON it is a plain number (`2`, `0.5`); a number with more than three decimals is refused, never rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(i64);

impl Marks {
    /// No marks.
    pub const ZERO: Self = Self(0);
    /// The largest number of marks a question or a guide may carry.
    pub const LIMIT: Self = Self(10_000_000);

    /// From thousandths of a mark.
    #[must_use]
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// A whole number of marks.
    #[must_use]
    pub const fn whole(marks: i32) -> Self {
        Self(marks as i64 * 1000)
    }

    /// Whether it is none at all.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// In thousandths of a mark.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Whether it is a whole number of such steps.
    #[must_use]
    pub const fn is_multiple_of(self, step: Self) -> bool {
        step.0 != 0 && self.0 % step.0 == 0
    }

    /// As a float, for statistics only; never add these up.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl Add for Marks {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Marks {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Marks {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Marks {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}

/// As a teacher writes it: `2`, `0.5`, `1.25`.
impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let decimals = format!("{rest:03}");
        write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }
}

impl Serialize for Marks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

impl<'de> Deserialize<'de> for Marks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        let thousandths = (number * 1000.0).round();
        if !number.is_finite() || thousandths.abs() > Self::LIMIT.0 as f64 {
            return Err(de::Error::custom(format!("marks must lie between -{0} and {0}", Self::LIMIT)));
        }
        if (thousandths - number * 1000.0).abs() > 1e-6 {
            return Err(de::Error::custom("marks have at most three decimals"));
        }
        Ok(Self(thousandths as i64))
    }
}

impl utoipa::PartialSchema for Marks {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Number)
            .description(Some("Marks, exact to a thousandth"))
            .into()
    }
}

impl utoipa::ToSchema for Marks {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_and_prints_what_a_teacher_writes() {
        for text in ["0", "2", "0.5", "1.25", "0.125", "100"] {
            let marks: Marks = serde_json::from_str(text).unwrap();
            assert_eq!(marks.to_string(), text);
            assert_eq!(serde_json::to_string(&marks).unwrap(), text);
        }
    }

    #[test]
    fn refuses_what_it_cannot_hold_exactly() {
        for text in ["0.3333", "1e9", "\"2\"", "null"] {
            assert!(serde_json::from_str::<Marks>(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn survives_json(thousandths in -10_000_000_i64..=10_000_000) {
            let marks = Marks::from_thousandths(thousandths);
            let json = serde_json::to_string(&marks).unwrap();
            prop_assert_eq!(serde_json::from_str::<Marks>(&json).unwrap(), marks);
            prop_assert_eq!(marks.to_string(), json);
        }

        #[test]
        fn a_sum_does_not_depend_on_the_order(mut parts in proptest::collection::vec(-5000_i64..5000, 0..50)) {
            let forward: Marks = parts.iter().map(|t| Marks::from_thousandths(*t)).sum();
            parts.reverse();
            let backward: Marks = parts.iter().map(|t| Marks::from_thousandths(*t)).sum();
            prop_assert_eq!(forward, backward);
        }
    }
}
