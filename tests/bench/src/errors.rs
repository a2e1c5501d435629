//! Errors as a reader of handwriting makes them, planted in an answer.

use smartscripts_domain::{answer::Answer, reading::Quad};

/// What is taken for what, besides any letter for any other.
const CONFUSED: [(&str, &str); 24] = [
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("d", "cl"),
    ("e", "c"),
    ("c", "e"),
    ("a", "o"),
    ("o", "a"),
    ("u", "v"),
    ("v", "u"),
    ("n", "u"),
    ("u", "n"),
    ("l", "1"),
    ("i", "l"),
    ("t", "f"),
    ("f", "t"),
    ("h", "b"),
    ("b", "h"),
    ("g", "q"),
    ("y", "g"),
    ("s", "5"),
    ("r", "n"),
    ("w", "vv"),
    ("k", "h"),
];
/// Of ten errors, how many take a letter for one that looks like it; two drop it, and the rest take it for any other.
const LOOK_ALIKE: u64 = 7;

/// An answer as a reader of handwriting gives it, with errors in about this share of its characters; as it was typed
/// when the share is 0.
#[must_use]
pub fn answer(text: &str, share: f64) -> Answer {
    if share <= 0.0 {
        return Answer::typed(text);
    }
    let mut answer = Answer::typed(&misread(text, share, 1));
    for word in &mut answer.words {
        word.quad = Some(Quad::rectangle(0, 0, 1, 1));
    }
    answer
}

/// Plants errors in about this share of the characters. The same text, share and seed give the same errors.
#[must_use]
pub fn misread(text: &str, share: f64, seed: u64) -> String {
    let mut state = text
        .bytes()
        .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // SplitMix64 (Steele et al. 2014).
    let mut random = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let is_hit = (random() >> 11) as f64 / (1_u64 << 53) as f64 <= share;
        if !is_hit || share <= 0.0 || !chars[at].is_alphanumeric() {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let kind = random() % 10;
        let fitting: Vec<&(&str, &str)> = CONFUSED
            .iter()
            .filter(|(seen, _)| seen.chars().enumerate().all(|(ahead, c)| chars.get(at + ahead) == Some(&c)))
            .collect();
        if kind < LOOK_ALIKE && !fitting.is_empty() {
            let (seen, taken) = fitting[random() as usize % fitting.len()];
            out.push_str(taken);
            at += seen.chars().count();
        } else if kind < LOOK_ALIKE + 2 {
            at += 1;
        } else {
            out.push(char::from(b'a' + (random() % 26) as u8));
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_kept_and_repeats() {
        let text = "the current flows through the closed circuit ".repeat(40);
        let once = misread(&text, 0.1, 1);
        let changes = strsim::levenshtein(&text, &once) as f64 / text.len() as f64;
        assert!((0.05..0.15).contains(&changes), "{changes}");
        assert_eq!(once, misread(&text, 0.1, 1));
        assert_ne!(once, misread(&text, 0.1, 2));
        assert_eq!(misread(&text, 0.0, 1), text);
    }
}
