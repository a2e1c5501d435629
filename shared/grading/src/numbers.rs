//! Numbers as people write them: decimal comma or point, thousands separators, signs, powers of ten, fractions.

use crate::text::Folded;

/// A number in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// First character in the folded text, the sign included.
    pub start: usize,
    /// Behind its last character.
    pub end: usize,
    /// Its value.
    pub value: f64,
    /// Another value that the same characters may have: `1,234`, or a power of ten whose exponent lost its height.
    pub other_value: Option<f64>,
    /// Its significant figures, the fewest and the most that can be meant: zeros at the end of a whole number may be
    /// counted or not. None of a fraction.
    pub figures: Option<(u32, u32)>,
}

impl Number {
    /// The values that it may have, the likelier one first.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        std::iter::once(self.value).chain(self.other_value)
    }
}

/// All numbers of a text, from left to right. Digits that belong to a name (`H2O`, `x1`) are none.
pub fn numbers(text: &Folded) -> Vec<Number> {
    let chars = &text.chars;
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let before = at.checked_sub(1).map(|index| chars[index]);
        let starts = chars[at].is_ascii_digit()
            || (matches!(chars[at], '.' | ',')
                && digit_at(chars, at + 1)
                && before.is_none_or(|c| !c.is_alphanumeric()));
        if !starts {
            at += 1;
            continue;
        }
        if before.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '^')) {
            at = skip_digits(chars, at);
            continue;
        }
        let number = number_at(chars, at);
        at = number.end.max(at + 1);
        found.push(number);
    }
    found
}

/// Significant figures of digits with separators. Zeros in front are none; those at the end of a whole number may be some.
fn significant_figures(chars: &[char]) -> (u32, u32) {
    let last = chars.iter().rposition(|c| matches!(c, '.' | ','));
    let is_thousands = last.is_some_and(|at| chars.len() - at - 1 == 3 && chars[at] == ',' && chars[0] != '0');
    let digits = chars.iter().filter(|c| c.is_ascii_digit());
    let counted: Vec<&char> = digits.skip_while(|c| **c == '0').collect();
    let most = counted.len() as u32;
    if last.is_some() && !is_thousands {
        return (most.max(1), most.max(1));
    }
    let zeros = counted.iter().rev().take_while(|c| ***c == '0').count() as u32;
    ((most - zeros).max(1), most.max(1))
}

fn digit_at(chars: &[char], at: usize) -> bool {
    chars.get(at).is_some_and(char::is_ascii_digit)
}

fn skip_digits(chars: &[char], mut at: usize) -> usize {
    while digit_at(chars, at) {
        at += 1;
    }
    at
}

fn skip_spaces(chars: &[char], mut at: usize) -> usize {
    while chars.get(at) == Some(&' ') {
        at += 1;
    }
    at
}

fn number_at(chars: &[char], start: usize) -> Number {
    let (mut value, mut other_value, mut end) = mantissa(chars, start);
    let mut figures = Some(significant_figures(&chars[start..end]));
    let is_whole = chars[start..end].iter().all(char::is_ascii_digit);
    if let Some((power, is_sure, next)) = power_of_ten(chars, end) {
        if is_sure {
            other_value = other_value.map(|other| other * 10_f64.powi(power));
            value *= 10_f64.powi(power);
        } else {
            // 3 × 108: a flattened exponent is likelier than a product without its result, but only likelier.
            other_value = Some(value);
            value *= 10_f64.powi(power);
        }
        end = next;
    } else if let (true, Some((power, next))) = (is_whole, raised(chars, end)) {
        value = value.powi(power);
        end = next;
    } else if let (true, Some((fraction, next))) = (is_whole, fraction(chars, start, end)) {
        (value, figures) = (fraction, None);
        end = next;
    }
    let sign = sign_before(chars, start);
    if let Some((_, true)) = sign {
        value = -value;
        other_value = other_value.map(|other| -other);
    }
    Number { start: sign.map_or(start, |(at, _)| at), end, value, other_value, figures }
}

/// Digits with separators: the value, another possible value, and where it ends.
fn mantissa(chars: &[char], start: usize) -> (f64, Option<f64>, usize) {
    let mut groups: Vec<String> = vec![String::new()];
    let mut separators: Vec<char> = Vec::new();
    let mut at = start;
    while let Some(&c) = chars.get(at) {
        if c.is_ascii_digit() {
            if let Some(group) = groups.last_mut() {
                group.push(c);
            }
            at += 1;
            continue;
        }
        let digits = skip_digits(chars, at + 1) - (at + 1);
        let first_is_short = (1..=3).contains(&groups[0].len());
        let joins = match c {
            '.' | ',' => digits > 0,
            // Separators of thousands only: three digits, and no decimal sign before.
            ' ' | '\'' => digits == 3 && first_is_short && separators.iter().all(|s| *s == c),
            _ => false,
        };
        if !joins {
            break;
        }
        separators.push(c);
        groups.push(String::new());
        at += 1;
    }
    let joined =
        |whole: &[String], decimals: &str| format!("{}.{decimals}", whole.concat()).parse().unwrap_or(f64::NAN);
    let all_whole = || joined(&groups, "0");
    let last_is_decimal = || joined(&groups[..groups.len() - 1], &groups[groups.len() - 1]);
    let are_thousands = groups[1..].iter().all(|group| group.len() == 3)
        && (1..=3).contains(&groups[0].len())
        && !groups[0].starts_with('0');
    let (value, other_value) = match separators.as_slice() {
        [] | [' ' | '\'', ..] => (all_whole(), None),
        // One comma before three digits: thousands in English, decimals elsewhere. One point: the other way round.
        [','] if are_thousands => (all_whole(), Some(last_is_decimal())),
        ['.'] if are_thousands => (last_is_decimal(), Some(all_whole())),
        [_] => (last_is_decimal(), None),
        [first, rest @ ..] if rest.iter().all(|s| s == first) => (all_whole(), None),
        _ => (last_is_decimal(), None),
    };
    (value, other_value, at)
}

/// `e8`, `x 10^8`, `× 10-8`, `x 108`: the power, whether it was written as one beyond doubt, and where it ends.
fn power_of_ten(chars: &[char], at: usize) -> Option<(i32, bool, usize)> {
    if matches!(chars.get(at), Some('e' | 'E')) {
        let (power, end) = integer(chars, at + 1)?;
        return (!chars.get(end).is_some_and(|c| c.is_alphabetic())).then_some((power, true, end));
    }
    let sign = skip_spaces(chars, at);
    if !matches!(chars.get(sign), Some('x' | 'X' | '*' | '×' | '·')) {
        return None;
    }
    let ten = skip_spaces(chars, sign + 1);
    if chars.get(ten..ten + 2) != Some(&['1', '0']) {
        return None;
    }
    if let Some((power, end)) = raised(chars, ten + 2) {
        return Some((power, true, end));
    }
    // The height of the exponent is lost on the way through a scan or a keyboard.
    let digits = skip_spaces(chars, ten + 2);
    let (power, end) = integer(chars, digits)?;
    let is_decimal = matches!(chars.get(end), Some('.' | ',')) && digit_at(chars, end + 1);
    (power.abs() <= 30 && !is_decimal).then_some((power, false, end))
}

/// `^8`, `^ -8`, `^(8)`.
fn raised(chars: &[char], at: usize) -> Option<(i32, usize)> {
    let caret = skip_spaces(chars, at);
    if chars.get(caret) != Some(&'^') {
        return None;
    }
    let inside = skip_spaces(chars, caret + 1);
    let bracket = matches!(chars.get(inside), Some('(' | '{'));
    let (power, end) = integer(chars, inside + usize::from(bracket))?;
    let closes = bracket && matches!(chars.get(end), Some(')' | '}'));
    Some((power, end + usize::from(closes)))
}

/// A whole number of up to three digits with its sign.
fn integer(chars: &[char], at: usize) -> Option<(i32, usize)> {
    let negative = chars.get(at) == Some(&'-');
    let digits = at + usize::from(negative || chars.get(at) == Some(&'+'));
    let end = skip_digits(chars, digits);
    if end == digits || end - digits > 3 {
        return None;
    }
    let value: i32 = chars[digits..end].iter().collect::<String>().parse().ok()?;
    Some((if negative { -value } else { value }, end))
}

/// `1/2`, or `2 1/2` for two and a half: the value and where it ends. `start..end` is the whole number read first.
fn fraction(chars: &[char], start: usize, end: usize) -> Option<(f64, usize)> {
    let whole = |from: usize, to: usize| chars[from..to].iter().collect::<String>().parse::<f64>().ok();
    let over = |from: usize, to: usize| {
        let slash = skip_spaces(chars, to);
        if chars.get(slash) != Some(&'/') {
            return None;
        }
        let below = skip_spaces(chars, slash + 1);
        let stop = skip_digits(chars, below);
        let is_fraction = stop > below
            && !matches!(chars.get(stop), Some('/'))
            && !(matches!(chars.get(stop), Some('.' | ',')) && digit_at(chars, stop + 1));
        let (above, below) = (whole(from, to)?, whole(below, stop)?);
        (is_fraction && below > 0.0).then_some((above / below, stop))
    };
    if let Some(simple) = over(start, end) {
        return Some(simple);
    }
    let next = end + 1;
    if chars.get(end) != Some(&' ') || !digit_at(chars, next) {
        return None;
    }
    let (part, stop) = over(next, skip_digits(chars, next))?;
    (part < 1.0).then_some((whole(start, end)? + part, stop))
}

/// The sign of the number that begins at `start`: where it stands, and whether it is negative. A minus between two
/// terms (`7 - 2`, `b-2`) is none.
fn sign_before(chars: &[char], start: usize) -> Option<(usize, bool)> {
    let sign = (0..start).rev().find(|&at| chars[at] != ' ')?;
    let negative = match chars[sign] {
        '-' => true,
        '+' => false,
        _ => return None,
    };
    let before = (0..sign).rev().find(|&at| chars[at] != ' ').map(|at| chars[at]);
    let touches_number = sign + 1 == start;
    let follows_space = sign == 0 || chars[sign - 1].is_whitespace();
    let is_sign = match before {
        None | Some('=' | '(' | '\n' | ':' | '≈' | '~' | '*' | '/' | '×') => true,
        Some(c) if c.is_alphabetic() => touches_number && follows_space,
        Some(_) => false,
    };
    is_sign.then_some((sign, negative))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        numbers(&Folded::new(text)).into_iter().map(|number| number.value).collect()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * b.abs().max(1e-30)
    }

    #[test]
    fn reads_the_ways_of_writing_one_number() {
        for (text, expected) in [
            ("9.81", 9.81),
            ("9,81", 9.81),
            (".5", 0.5),
            ("x = -4", -4.0),
            ("is −4", -4.0),
            ("= - 4", -4.0),
            ("+3", 3.0),
            ("12 000", 12_000.0),
            ("12,000", 12_000.0),
            ("1.234.567", 1_234_567.0),
            ("1,234.5", 1234.5),
            ("1.234,5", 1234.5),
            ("1'000", 1000.0),
            ("0,125", 0.125),
            ("3.0 x 10^8", 3e8),
            ("3 × 10⁸", 3e8),
            ("3·10^-8", 3e-8),
            ("3e8", 3e8),
            ("3.0E-8", 3e-8),
            ("3 x 10^(8)", 3e8),
            ("3 x 108", 3e8),
            ("10^3", 1000.0),
            ("10⁻³", 0.001),
            ("1/2", 0.5),
            ("½", 0.5),
            ("2½", 2.5),
            ("2 1/2", 2.5),
            ("5%", 5.0),
        ] {
            let got = values(text);
            assert!(got.len() == 1 && close(got[0], expected), "{text}: {got:?}, not {expected}");
        }
    }

    #[test]
    fn tells_several_numbers_and_other_signs_apart() {
        assert_eq!(values("7 - 2 = 5"), [7.0, 2.0, 5.0]);
        assert_eq!(values("H2O and x1 are none"), [0.0; 0]);
        assert_eq!(values("5 m/s, 6 m"), [5.0, 6.0]);
        assert_eq!(values("5 and 120 and 1/0"), [5.0, 120.0, 1.0, 0.0]);
        assert_eq!(values("no number"), [0.0; 0]);
        assert_eq!(values("2 x 3"), [2.0, 3.0]);
    }

    #[test]
    fn keeps_the_other_meaning_of_a_doubtful_one() {
        let other = |text: &str| numbers(&Folded::new(text))[0].other_value;
        assert_eq!(other("1,234"), Some(1.234));
        assert_eq!(other("1.234"), Some(1234.0));
        assert_eq!(other("3 x 108"), Some(3.0));
        assert_eq!(other("1.5"), None);
        assert_eq!(other("0.125"), None);
    }

    #[test]
    fn significant_figures_are_counted_as_they_are_written() {
        for (text, expected) in [
            ("9.81", Some((3, 3))),
            ("0.0120", Some((3, 3))),
            ("1200", Some((2, 4))),
            ("12,000", Some((2, 5))),
            ("1.20 x 10^3", Some((3, 3))),
            ("9,8", Some((2, 2))),
            ("0", Some((1, 1))),
            ("0.0", Some((1, 1))),
            ("1/3", None),
        ] {
            assert_eq!(numbers(&Folded::new(text))[0].figures, expected, "{text}");
        }
    }

    #[test]
    fn knows_where_a_number_stands() {
        let text = "so x = −4 × 10⁸ m";
        let folded = Folded::new(text);
        let number = &numbers(&folded)[0];
        let (start, end) = folded.span(number.start, number.end);
        assert_eq!(&text[start..end], "−4 × 10⁸");
    }
}
