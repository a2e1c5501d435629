//! Units of measurement, as students and teachers spell them.

use crate::text::Folded;

/// Characters behind a number in which its unit is looked for.
const REACH: usize = 40;

/// Full names, in lower case and singular, with their symbols. Symbols need no entry.
const NAMES: [(&str, &str); 38] = [
    ("amp", "A"),
    ("ampere", "A"),
    ("celsius", "C"),
    ("cent", "c"),
    ("centimeter", "cm"),
    ("centimetre", "cm"),
    ("coulomb", "Q"),
    ("day", "d"),
    ("deg", ""),
    ("degree", ""),
    ("dollar", "$"),
    ("euro", "€"),
    ("gram", "g"),
    ("gramme", "g"),
    ("hertz", "Hz"),
    ("hour", "h"),
    ("hr", "h"),
    ("joule", "J"),
    ("kelvin", "K"),
    ("kilogram", "kg"),
    ("kilojoule", "kJ"),
    ("kilometer", "km"),
    ("kilometre", "km"),
    ("kilowatt", "kW"),
    ("liter", "l"),
    ("litre", "l"),
    ("meter", "m"),
    ("metre", "m"),
    ("milliliter", "ml"),
    ("millilitre", "ml"),
    ("minute", "min"),
    ("mole", "mol"),
    ("newton", "N"),
    ("ohm", "Ω"),
    ("pascal", "Pa"),
    ("second", "s"),
    ("volt", "V"),
    ("watt", "W"),
];

/// One way to write a unit, so that `m/s^2`, `m/s²`, `ms-2` and `metres per second squared` are the same text: symbols
/// with their exponents, nothing between. None when the text is no unit.
pub fn canonical(text: &str) -> Option<String> {
    canonical_chars(&Folded::new(text).chars)
}

fn canonical_chars(chars: &[char]) -> Option<String> {
    let mut text = String::new();
    for (symbol, power) in parts(chars)? {
        text.push_str(&symbol);
        if power != 1 {
            text.push_str(&power.to_string());
        }
    }
    (!text.is_empty()).then_some(text)
}

/// The symbols of a unit with their powers. None when the text is no unit.
pub fn parts(chars: &[char]) -> Option<Vec<(String, i32)>> {
    let mut parts: Vec<(String, i32)> = Vec::new();
    // −1 behind a division sign: for the next symbol, or for all up to the closing bracket.
    let (mut sign, mut in_brackets) = (1, false);
    let mut pending_power = 1;
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        if c == '^' || c == '-' || c.is_ascii_digit() {
            let (power, next) = exponent(chars, at)?;
            parts.last_mut()?.1 *= power;
            at = next;
            continue;
        }
        if is_symbol(c) {
            let start = at;
            while at < chars.len() && is_symbol(chars[at]) && (chars[at].is_alphabetic() == c.is_alphabetic()) {
                at += 1;
            }
            let word: String = chars[start..at].iter().collect();
            match word.to_lowercase().as_str() {
                "per" => sign = -1,
                "squared" => parts.last_mut()?.1 *= 2,
                "cubed" => parts.last_mut()?.1 *= 3,
                "square" | "sq" => pending_power = 2,
                "cubic" => pending_power = 3,
                _ => {
                    add(&mut parts, symbol(&word), sign * pending_power);
                    pending_power = 1;
                    if !in_brackets {
                        sign = 1;
                    }
                }
            }
            continue;
        }
        match c {
            '/' => sign = -1,
            '(' => in_brackets = true,
            ')' => (in_brackets, sign) = (false, 1),
            ' ' | '\t' | '*' | '·' | '.' | '×' => {}
            _ => return None,
        }
        at += 1;
    }
    if sign < 0 && !in_brackets {
        return None; // nothing stands behind the division sign
    }
    parts.retain(|(_, power)| *power != 0);
    Some(parts)
}

fn is_symbol(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '°' | '%' | '‰' | '$' | '€' | '£')
}

fn add(parts: &mut Vec<(String, i32)>, symbol: String, power: i32) {
    match parts.iter_mut().find(|(known, _)| *known == symbol) {
        _ if symbol.is_empty() => {}
        Some((_, sum)) => *sum += power,
        None => parts.push((symbol, power)),
    }
}

/// The symbol of a name; anything else stands for itself, without the degree sign that students forget.
fn symbol(word: &str) -> String {
    let lower = word.to_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    let named = NAMES.iter().find(|(name, _)| *name == lower || *name == singular);
    // μ and u are the same to a keyboard.
    named.map_or_else(|| word.replace('μ', "u").replace('°', ""), |(_, symbol)| (*symbol).to_owned())
}

/// `^-2`, `^2`, `-2`, `2`: the exponent, and where it ends.
fn exponent(chars: &[char], start: usize) -> Option<(i32, usize)> {
    let mut at = start + usize::from(chars[start] == '^');
    let negative = chars.get(at) == Some(&'-');
    at += usize::from(negative);
    let digit = chars.get(at)?.to_digit(10)? as i32;
    if chars.get(at + 1).is_some_and(char::is_ascii_digit) {
        return None;
    }
    Some((if negative { -digit } else { digit }, at + 1))
}

/// What stands behind (or, for a currency, before) a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// One of the units asked for, up to this character.
    Right(usize),
    /// Something that looks like another unit, up to this character.
    Other(usize),
    /// Nothing that looks like a unit.
    Nothing,
}

/// Looks for one of the units asked for (in canonical form) behind the character `end`.
pub fn behind(chars: &[char], end: usize, units: &[String]) -> Found {
    let mut start = end;
    while chars.get(start).is_some_and(|&c| c == ' ' || c == '\n') {
        start += 1;
    }
    let limit = (start + REACH).min(chars.len());
    let mut stop = start;
    while stop < limit && (is_symbol(chars[stop]) || is_joint(chars, stop)) {
        stop += 1;
    }
    let is_boundary = |at: usize| !(at < stop && chars[at].is_alphanumeric() && chars[at - 1].is_alphanumeric());
    for at in (start + 1..=stop).rev().filter(|&at| chars[at - 1] != ' ' && is_boundary(at)) {
        let is_right = canonical_chars(&chars[start..at]).is_some_and(|unit| units.iter().any(|u| same(u, &unit)));
        // `m` is not the unit of `5 m/s` or `5 m s-1`.
        if is_right && !goes_on(chars, at, stop) {
            return Found::Right(at);
        }
    }
    // The first word, if it is short or has a slash or an exponent: `kg`, `m/s`, but not `because`.
    let mut word_end = start;
    while word_end < stop && chars[word_end] != ' ' {
        word_end += 1;
    }
    let word = &chars[start..word_end];
    let text: String = word.iter().collect::<String>().to_lowercase();
    let is_name = NAMES.iter().any(|(name, _)| *name == text || text.strip_suffix('s') == Some(name));
    let looks_like_one = is_name || word.iter().any(|c| matches!(c, '/' | '^' | '%' | '°')) || word.len() <= 3;
    let is_plain_word = ["and", "or", "so", "is", "as", "in", "of", "to", "the", "x", "at", "by", "for", "if", "it"];
    if word.is_empty() || !looks_like_one || is_plain_word.contains(&text.as_str()) {
        return Found::Nothing;
    }
    Found::Other(word_end)
}

/// A character that may stand inside a unit.
fn is_joint(chars: &[char], at: usize) -> bool {
    let next_is = |test: fn(&char) -> bool| chars.get(at + 1).is_some_and(test);
    match chars[at] {
        ' ' => next_is(|c| c.is_alphabetic()),
        '/' | '^' | '·' | '(' | ')' | '*' => true,
        '.' => next_is(|c| c.is_alphabetic()),
        '-' => next_is(char::is_ascii_digit),
        c => {
            c.is_ascii_digit() && chars.get(at.wrapping_sub(1)).is_some_and(|&b| is_symbol(b) || matches!(b, '^' | '-'))
        }
    }
}

/// Whether the unit goes on behind `at`: with a division, a power, or a further symbol with a power.
fn goes_on(chars: &[char], at: usize, stop: usize) -> bool {
    let mut rest = chars[at..stop].iter().skip_while(|c| **c == ' ').peekable();
    match rest.peek() {
        None | Some('(' | ')' | '.') => false,
        Some('/' | '^' | '·' | '*' | '-') => true,
        Some(_) => {
            let word: String = rest.by_ref().take_while(|c| c.is_alphabetic()).collect();
            word.to_lowercase() == "per" || chars[at..stop].iter().any(|c| matches!(c, '^' | '-') || c.is_ascii_digit())
        }
    }
}

/// Whether two canonical units are the same. Case is forgiven, as in `Kg` or `hz`, except between milli and mega.
pub fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let prefix = |unit: &str| unit.starts_with(['m', 'M']) && unit.chars().nth(1).is_some_and(char::is_alphabetic);
    let flips = prefix(a) && prefix(b) && a.chars().next() != b.chars().next();
    !flips && a.to_lowercase() == b.to_lowercase()
}

/// Whether one of the units asked for stands right before the number, as a currency does.
pub fn before(chars: &[char], start: usize, units: &[String]) -> bool {
    let Some(last) = (0..start).rev().find(|&at| chars[at] != ' ') else { return false };
    matches!(chars[last], '$' | '€' | '£') && units.iter().any(|unit| *unit == chars[last].to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_unit_are_the_same() {
        for same_unit in [
            &["m/s^2", "m/s²", "ms-2", "m s-2", "m·s⁻²", "metres per second squared", "m/s/s", "Meters / second^2"][..],
            &["kg", "Kg", "kilograms", "KG", "kilogram"],
            &["°C", "C", "degrees Celsius", "º C", "deg C"],
            &["Ω", "ohm", "Ohms", "Ω"],
            &["J/(kg K)", "J kg^-1 K^-1", "J/kg/K", "J kg⁻¹ K⁻¹"],
            &["cm³", "cm3", "cubic centimetres", "cm^3"],
            &["m/s", "ms-1", "m s⁻¹", "metres per second"],
            &["%"],
        ] {
            let first = canonical(same_unit[0]).unwrap();
            for other in same_unit {
                let other_unit = canonical(other).unwrap_or_default();
                // The ordinal º is folded to the letter o, a spelling that the guide must list itself.
                assert!(
                    same(&first, &other_unit) || other.starts_with('º'),
                    "{} {other}: {first} {other_unit}",
                    same_unit[0]
                );
            }
        }
    }

    #[test]
    fn different_units_differ() {
        for (a, b) in
            [("m", "m/s"), ("mW", "MW"), ("m/s", "m/s²"), ("kg", "g"), ("N m", "N/m"), ("s", "m"), ("J", "kJ")]
        {
            let (x, y) = (canonical(a).unwrap(), canonical(b).unwrap());
            assert!(!same(&x, &y), "{a} {b}: {x} {y}");
        }
        assert_eq!(canonical(""), None);
        assert_eq!(canonical("?!"), None);
    }

    #[test]
    fn the_unit_behind_a_number_is_found() {
        let find = |text: &str, unit: &str| {
            let chars: Vec<char> = Folded::new(text).chars;
            behind(&chars, 1, &[canonical(unit).unwrap()])
        };
        assert_eq!(find("5 m/s²", "m/s^2"), Found::Right(7));
        assert_eq!(find("5 ms-2 because", "m/s^2"), Found::Right(6));
        assert_eq!(find("5m.", "m"), Found::Right(2));
        assert_eq!(find("5 metres per second of course", "m/s"), Found::Right(19));
        assert_eq!(find("5 m because", "m"), Found::Right(3));
        assert_eq!(find("5 m/s", "m"), Found::Other(5));
        assert_eq!(find("5 m s-1", "m"), Found::Other(3));
        assert_eq!(find("5 kg", "m"), Found::Other(4));
        assert_eq!(find("5 because", "m"), Found::Nothing);
        assert_eq!(find("5", "m"), Found::Nothing);
    }
}
