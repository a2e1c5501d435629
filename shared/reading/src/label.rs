//! What a question's label looks like at the start of a line.

/// Number of characters of a label at the start of a word that goes on with text, as in `1.The` or `(a)because`; none
/// when the word doesn't begin so. `1.5` and `e.g.` don't.
pub(crate) fn glued(word: &str) -> Option<usize> {
    let characters: Vec<char> = word.chars().collect();
    let end = characters.iter().position(|c| matches!(c, '.' | ')' | ':'))? + 1;
    let label: String = characters[..end - 1].iter().collect::<String>().to_lowercase();
    let bare = label.trim_start_matches('(').trim_start_matches('q');
    let digits = bare.chars().take_while(char::is_ascii_digit).count();
    let letters = bare.chars().count() - digits;
    let numbered = (1..=2).contains(&digits) && letters <= 1;
    let lettered = label.starts_with('(') && digits == 0 && letters == 1;
    let goes_on = characters.len() >= end + 2 && characters[end..end + 2].iter().all(|c| c.is_alphabetic());
    ((numbered || lettered) && bare.chars().all(|c| c.is_ascii_alphanumeric()) && goes_on).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_label_before_text_is_cut_off() {
        for (word, length) in [("1.The", 2), ("Q2)Because", 3), ("12:It", 3), ("3a.Water", 3), ("(b)Osmosis", 3)] {
            assert_eq!(glued(word), Some(length), "{word}");
        }
        for word in ["1.5", "e.g.", "1.", "3.5m", "Mr.Smith", "a.m.", "1.x", "end.The", "123.The", ""] {
            assert_eq!(glued(word), None, "{word}");
        }
    }
}
