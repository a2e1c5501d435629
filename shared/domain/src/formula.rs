//! The formula by which a step follows from the ones before, as a teacher writes it: `force / mass`, `sqrt(2 * g * h)`.

use std::collections::BTreeMap;

use exmex::{Express, FlatEx};

use crate::{Error, Result};

/// Checks a formula and works it out with these values of the steps before, by their ids.
///
/// # Errors
/// `formula_invalid` if it is none, names a step that has no value, or comes to no finite number.
pub fn evaluate(formula: &str, values: &BTreeMap<&str, f64>) -> Result<f64> {
    let invalid = |why: String| Error::invalid("formula_invalid", format!("The formula `{formula}` {why}."));
    let parsed = FlatEx::<f64>::parse(formula).map_err(|_| invalid("can't be understood".to_owned()))?;
    let value = |name: &String| {
        let unknown = || invalid(format!("names `{name}`, which is no earlier step with a result"));
        values.get(name.as_str()).copied().ok_or_else(unknown)
    };
    let given = parsed.var_names().iter().map(value).collect::<Result<Vec<f64>>>()?;
    let result = parsed.eval(&given).map_err(|_| invalid("can't be worked out".to_owned()))?;
    if result.is_finite() { Ok(result) } else { Err(invalid("comes to no finite number".to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_worked_out_with_the_values_of_steps() {
        let values = BTreeMap::from([("force", 12.0), ("mass", 4.0)]);
        for (formula, expected) in [
            ("force / mass", 3.0),
            ("force/mass + 2*(force - mass)^2", 131.0),
            ("sqrt(mass)", 2.0),
            ("-mass", -4.0),
            ("0.5 * mass * 3 ^ 2", 18.0),
            ("7", 7.0),
        ] {
            let value = evaluate(formula, &values).unwrap();
            assert!((value - expected).abs() < 1e-9, "{formula}: {value}");
        }
    }

    #[test]
    fn what_is_no_formula_is_refused_by_name() {
        let values = BTreeMap::from([("force", 12.0), ("zero", 0.0)]);
        for formula in ["", "force /", "force mass", "force / mass", "force / zero", "((((", "sqrt(-1)", "é", "1 2"] {
            let error = evaluate(formula, &values).unwrap_err();
            assert_eq!(error.code(), "formula_invalid", "{formula}");
        }
        assert!(evaluate("force / mass", &values).unwrap_err().message().contains("`mass`"));
        assert!(evaluate(&"(".repeat(200), &values).is_err() && evaluate(&"-".repeat(200), &values).is_err());
    }
}
