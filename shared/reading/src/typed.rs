//! Typed answers: text files to lines.

use smartscripts_domain::{
    Error, Result,
    reading::{Line, Word},
    submission::{FileType, limits},
};

/// The lines of a text file, empty ones left out. They are certain and stand on no page.
///
/// # Errors
/// `file_empty`, `file_wrong_type` (not UTF-8) or `text_too_long`.
pub(crate) fn lines(content: &[u8]) -> Result<Vec<Line>> {
    FileType::Text.check_magic(content)?;
    let text = std::str::from_utf8(content).map_err(Error::internal)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let characters = text.chars().count();
    if characters > limits::TEXT_CHARACTERS {
        let message = format!(
            "The text has {characters} characters; allowed are {}. Please upload the answers alone.",
            limits::TEXT_CHARACTERS
        );
        return Err(Error::invalid("text_too_long", message));
    }
    Ok(text.lines().filter_map(line).collect())
}

/// A certain line without a place; none when there is nothing on it.
fn line(text: &str) -> Option<Line> {
    let words: Vec<Word> = text.split_whitespace().map(|word| Word::new(word, 1.0, None)).collect();
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(Line { text, confidence: 1.0, quad: None, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_word_by_word() {
        let lines = lines("\u{FEFF}1. Grüße  und\tKüsse\r\n\r\n2) x < 3\r".as_bytes()).unwrap();
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["1. Grüße und Küsse", "2) x < 3"]);
        assert_eq!(lines[0].words.len(), 4);
        assert!(lines.iter().all(|line| line.quad.is_none() && line.words.iter().all(|word| word.quad.is_none())));
    }

    #[test]
    fn too_much_text_is_refused() {
        let long = "é".repeat(limits::TEXT_CHARACTERS);
        assert_eq!(lines(long.as_bytes()).unwrap().len(), 1);
        assert_eq!(lines(format!("{long}!").as_bytes()).unwrap_err().code(), "text_too_long");
        assert_eq!(lines(&[b'a', 0xFF]).unwrap_err().code(), "file_wrong_type");
        assert_eq!(lines(b"").unwrap_err().code(), "file_empty");
    }
}
