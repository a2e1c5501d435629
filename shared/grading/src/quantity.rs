//! From one unit to another of the same quantity: 250 cm are 2.5 m, 50 % are 0.5.

use crate::{text::Folded, units};

/// How a value changes that is given in another unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    factor: f64,
    offset: f64,
}

impl Conversion {
    /// The value in the unit asked for.
    pub fn apply(self, value: f64) -> f64 {
        value * self.factor + self.offset
    }

    /// Whether it leaves every value as it is.
    pub fn is_identity(self) -> bool {
        (self.factor - 1.0).abs() < 1e-12 && self.offset.abs() < 1e-12
    }
}

/// From the unit as it is written to the one asked for; none where they measure different things, or one is not known.
/// An empty text is the unit of a plain number.
pub fn conversion(written: &str, asked: &str) -> Option<Conversion> {
    let (written, asked) = (quantities(written), quantities(asked));
    let pairs = written.iter().flat_map(|from| asked.iter().map(move |to| (from, to)));
    let (from, to) = pairs.into_iter().find(|(from, to)| from.dimension == to.dimension)?;
    Some(Conversion { factor: from.factor / to.factor, offset: (from.offset - to.offset) / to.factor })
}

/// Powers of metre, kilogram, second, ampere, kelvin, mole and candela.
type Dimension = [i32; 7];

/// A unit in terms of the base units: so many of them, from an offset.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Quantity {
    factor: f64,
    offset: f64,
    dimension: Dimension,
}

const NUMBER: Quantity = Quantity { factor: 1.0, offset: 0.0, dimension: [0; 7] };

impl Quantity {
    fn times(self, other: Self, power: i32) -> Self {
        let mut dimension = self.dimension;
        dimension.iter_mut().zip(other.dimension).for_each(|(sum, of_other)| *sum += of_other * power);
        Self { factor: self.factor * other.factor.powi(power), offset: 0.0, dimension }
    }
}

/// Symbols in a unit that are read in every possible way.
const MOST_SYMBOLS: usize = 5;

/// What a unit may mean. `ms-2` is typed for metres per second squared as well as for milliseconds.
fn quantities(text: &str) -> Vec<Quantity> {
    let chars = Folded::new(text).chars;
    if chars.iter().all(|c| c.is_whitespace()) {
        return vec![NUMBER];
    }
    let Some(parts) = units::parts(&chars).filter(|parts| (1..=MOST_SYMBOLS).contains(&parts.len())) else {
        return Vec::new();
    };
    if let [(symbol, 1)] = parts.as_slice() {
        // Only alone does a temperature count from its own zero; in `J/°C` it is a difference.
        let alone = TEMPERATURES.iter().filter(|(name, ..)| name == symbol);
        let alone = alone.map(|&(_, factor, offset)| Quantity { factor, offset, dimension: KELVIN });
        return alone.chain(meanings(symbol, 1)).collect();
    }
    let mut all = vec![NUMBER];
    for (symbol, power) in &parts {
        let meanings = meanings(symbol, *power);
        all = all.iter().flat_map(|sum| meanings.iter().map(|meaning| sum.times(*meaning, 1))).collect();
    }
    all
}

/// What a symbol with its power may mean: one unit, or two written together, of which the second has the power.
fn meanings(symbol: &str, power: i32) -> Vec<Quantity> {
    let whole = known(symbol).into_iter().map(|unit| NUMBER.times(unit, power));
    let cuts = symbol.char_indices().skip(1).map(|(at, _)| symbol.split_at(at));
    let pairs = cuts.flat_map(|(first, second)| {
        let seconds = known(second);
        known(first).into_iter().flat_map(move |a| seconds.clone().into_iter().map(move |b| a.times(b, power)))
    });
    whole.chain(pairs.collect::<Vec<_>>()).collect()
}

/// A unit of the table, with or without a prefix. `KG` and `Kg` are `kg`.
fn known(symbol: &str) -> Vec<Quantity> {
    let find = |symbol: &str| -> Vec<Quantity> {
        let plain = UNITS.iter().filter(|unit| unit.0 == symbol).map(|unit| (1.0, unit));
        let prefixed = PREFIXES.iter().filter_map(|(prefix, factor)| Some((*factor, symbol.strip_prefix(prefix)?)));
        let prefixed = prefixed.flat_map(|(factor, rest)| {
            UNITS.iter().filter(move |unit| unit.3 && unit.0 == rest).map(move |unit| (factor, unit))
        });
        let all = plain.chain(prefixed);
        all.map(|(factor, unit)| Quantity { factor: factor * unit.1, offset: 0.0, dimension: unit.2 }).collect()
    };
    let found = find(symbol);
    if found.is_empty() { find(&symbol.to_lowercase()) } else { found }
}

const PREFIXES: [(&str, f64); 14] = [
    ("T", 1e12),
    ("G", 1e9),
    ("M", 1e6),
    ("k", 1e3),
    ("h", 1e2),
    ("da", 1e1),
    ("d", 1e-1),
    ("c", 1e-2),
    ("m", 1e-3),
    ("u", 1e-6),
    ("µ", 1e-6),
    ("n", 1e-9),
    ("p", 1e-12),
    ("f", 1e-15),
];

const KELVIN: Dimension = [0, 0, 0, 0, 1, 0, 0];

/// Name, kelvins of one degree, kelvins at its zero.
const TEMPERATURES: [(&str, f64, f64); 3] = [("K", 1.0, 0.0), ("C", 1.0, 273.15), ("F", 5.0 / 9.0, 459.67 * 5.0 / 9.0)];

/// Symbol, how many of the base units it is, its dimension, and whether it takes prefixes. SI Brochure, 9th edition, tables
/// 2 to 8; inches, pounds and so on as the international agreement of 1959 defines them.
const UNITS: [(&str, f64, Dimension, bool); 46] = [
    ("m", 1.0, [1, 0, 0, 0, 0, 0, 0], true),
    ("g", 1e-3, [0, 1, 0, 0, 0, 0, 0], true),
    ("s", 1.0, [0, 0, 1, 0, 0, 0, 0], true),
    ("A", 1.0, [0, 0, 0, 1, 0, 0, 0], true),
    ("K", 1.0, KELVIN, true),
    ("C", 1.0, KELVIN, false),
    ("mol", 1.0, [0, 0, 0, 0, 0, 1, 0], true),
    ("cd", 1.0, [0, 0, 0, 0, 0, 0, 1], false),
    ("Hz", 1.0, [0, 0, -1, 0, 0, 0, 0], true),
    ("Bq", 1.0, [0, 0, -1, 0, 0, 0, 0], true),
    ("N", 1.0, [1, 1, -2, 0, 0, 0, 0], true),
    ("Pa", 1.0, [-1, 1, -2, 0, 0, 0, 0], true),
    ("J", 1.0, [2, 1, -2, 0, 0, 0, 0], true),
    ("W", 1.0, [2, 1, -3, 0, 0, 0, 0], true),
    ("C", 1.0, [0, 0, 1, 1, 0, 0, 0], true),
    ("Q", 1.0, [0, 0, 1, 1, 0, 0, 0], false),
    ("V", 1.0, [2, 1, -3, -1, 0, 0, 0], true),
    ("Ω", 1.0, [2, 1, -3, -2, 0, 0, 0], true),
    ("S", 1.0, [-2, -1, 3, 2, 0, 0, 0], true),
    ("F", 1.0, [-2, -1, 4, 2, 0, 0, 0], true),
    ("Wb", 1.0, [2, 1, -2, -1, 0, 0, 0], true),
    ("T", 1.0, [0, 1, -2, -1, 0, 0, 0], true),
    ("H", 1.0, [2, 1, -2, -2, 0, 0, 0], true),
    ("l", 1e-3, [3, 0, 0, 0, 0, 0, 0], true),
    ("L", 1e-3, [3, 0, 0, 0, 0, 0, 0], true),
    ("t", 1e3, [0, 1, 0, 0, 0, 0, 0], false),
    ("min", 60.0, [0, 0, 1, 0, 0, 0, 0], false),
    ("h", 3600.0, [0, 0, 1, 0, 0, 0, 0], false),
    ("d", 86_400.0, [0, 0, 1, 0, 0, 0, 0], false),
    ("ha", 1e4, [2, 0, 0, 0, 0, 0, 0], false),
    ("eV", 1.602_176_634e-19, [2, 1, -2, 0, 0, 0, 0], true),
    ("cal", 4.184, [2, 1, -2, 0, 0, 0, 0], true),
    ("bar", 1e5, [-1, 1, -2, 0, 0, 0, 0], true),
    ("atm", 101_325.0, [-1, 1, -2, 0, 0, 0, 0], false),
    ("mmHg", 133.322, [-1, 1, -2, 0, 0, 0, 0], false),
    ("rad", 1.0, [0; 7], false),
    ("%", 1e-2, [0; 7], false),
    ("‰", 1e-3, [0; 7], false),
    ("in", 0.0254, [1, 0, 0, 0, 0, 0, 0], false),
    ("ft", 0.3048, [1, 0, 0, 0, 0, 0, 0], false),
    ("yd", 0.9144, [1, 0, 0, 0, 0, 0, 0], false),
    ("mi", 1609.344, [1, 0, 0, 0, 0, 0, 0], false),
    ("oz", 0.028_349_523_125, [0, 1, 0, 0, 0, 0, 0], false),
    ("lb", 0.453_592_37, [0, 1, 0, 0, 0, 0, 0], false),
    ("lbs", 0.453_592_37, [0, 1, 0, 0, 0, 0, 0], false),
    ("mph", 0.447_04, [1, 0, -1, 0, 0, 0, 0], false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_from_unit_to_unit() {
        for (value, written, asked, expected) in [
            (250.0, "cm", "m", 2.5),
            (2.5, "m", "cm", 250.0),
            (36.0, "km/h", "m/s", 10.0),
            (10.0, "ms-1", "km/h", 36.0),
            (9.81, "m/s²", "ms^-2", 9.81),
            (1.0, "kWh", "J", 3.6e6),
            (1.5, "h", "min", 90.0),
            (2.0, "l", "cm3", 2000.0),
            (1.0, "dm³", "l", 1.0),
            (1.0, "N m", "J", 1.0),
            (1.0, "kg m2 s-2", "J", 1.0),
            (5.0, "N/kg", "m/s^2", 5.0),
            (27.0, "°C", "K", 300.15),
            (300.15, "K", "C", 27.0),
            (212.0, "°F", "°C", 100.0),
            (4.2, "J/(g K)", "J/(kg °C)", 4200.0),
            (4.2, "kJ kg-1 K-1", "J/(kg K)", 4200.0),
            (50.0, "%", "", 0.5),
            (0.5, "", "%", 50.0),
            (3.0, "A h", "C", 10_800.0),
            (2.0, "mA", "A", 0.002),
            (3.0, "MW", "mW", 3e9),
            (1.0, "mol/dm3", "mol/l", 1.0),
            (2.0, "µm", "m", 2e-6),
            (5.0, "KG", "g", 5000.0),
        ] {
            let got = conversion(written, asked).map(|conversion| conversion.apply(value));
            let got = got.unwrap_or_else(|| panic!("{written} → {asked}: no conversion"));
            assert!((got - expected).abs() <= 1e-9 * expected.abs(), "{value} {written} → {asked}: {got}");
        }
    }

    #[test]
    fn different_quantities_are_not_converted() {
        for (written, asked) in
            [("kg", "m"), ("m", "m/s"), ("W", "J"), ("cm", "cm3"), ("", "m"), ("apples", "m"), ("?", ""), ("°C", "J")]
        {
            assert_eq!(conversion(written, asked), None, "{written} → {asked}");
        }
    }

    #[test]
    fn going_there_and_back_changes_nothing() {
        let all = ["cm", "km/h", "°C", "%", "kWh", "mol/cm3", "mmHg", "ft"];
        for (unit, base) in all.iter().zip(["m", "m/s", "K", "", "J", "mol/l", "Pa", "m"]) {
            let (there, back) = (conversion(unit, base).unwrap(), conversion(base, unit).unwrap());
            assert!((back.apply(there.apply(3.7)) - 3.7).abs() < 1e-9, "{unit}");
            assert!(conversion(unit, unit).unwrap().is_identity() && !there.is_identity(), "{unit}");
        }
    }
}
