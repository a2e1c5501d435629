//! Misreads text as a reader of handwriting does: characters for others that look like them, some lost, some doubled.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

/// Characters that are taken for each other.
const ALIKE: [&str; 20] = [
    "1lI|!7it", "0oOQD", "5sS", "2zZ", "8B3", "6bG", "9gqy", "uvn", "ceo", "rnv", "hkb", "tfl", "mnw", "aoud", "xk",
    "4yA", ".,:", ")]J", "([C", "ij",
];

/// The text with each character misread at this rate. A word may be lost whole only if it has one character.
pub fn misread(text: &str, rate: f64, random: &mut StdRng) -> String {
    let mut read = String::new();
    for c in text.chars() {
        if c == ' ' || !random.random_bool(rate) {
            read.push(c);
            continue;
        }
        match random.random_range(0..10) {
            0 => {}
            1 => read.extend([c, c]),
            _ => {
                let alike: Vec<char> = ALIKE
                    .iter()
                    .filter(|set| set.contains(c))
                    .flat_map(|set| set.chars())
                    .filter(|o| *o != c)
                    .collect();
                let any: Vec<char> = "etaoinshrdlucmf".chars().collect();
                read.push(*alike.choose(random).or_else(|| any.choose(random)).unwrap_or(&c));
            }
        }
    }
    read
}
