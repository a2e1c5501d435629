//! Tells which digits are exponents: the recognizer often reads `cm²` as `cm2`, but the 2 ends where the middle of the m is.

use image::GrayImage;

use crate::{boxes::TextBox, recognize::ReadWord, recognize::brightness};

/// Rows and columns at which the place of a character is looked at.
const ROWS: usize = 40;
const COLUMNS: usize = 7;
/// Share of a character's place on either side that is left out: its neighbour may reach in.
const SIDE: f32 = 0.2;
/// Contrast under which nothing is told, in levels of grey.
const FAINT: f32 = 50.0;
/// How far below the middle of what it stands on an exponent may end, in that one's heights.
const ENDS: f32 = 0.1;

/// Turns the digits of these words that stand raised behind a letter, a parenthesis or a 10 into exponents, and a minus
/// before them. Other numbers rise with the hand that writes them.
pub(crate) fn raise(page: &GrayImage, words: &mut [ReadWord]) {
    for word in words {
        raise_in(page, word);
    }
}

fn raise_in(page: &GrayImage, word: &mut ReadWord) {
    if !word.characters.iter().skip(1).any(|own| own.character.is_ascii_digit()) {
        return;
    }
    let Some(dark) = threshold(page, &word.place) else { return };
    let mut base: Option<Extent> = None;
    for index in 0..word.characters.len() {
        let own = &word.characters[index];
        let (character, extent) = (own.character, extent(page, &own.place, dark));
        let is_raised = matches!((base, extent), (Some(base), Some(own)) if own.is_raised_on(base));
        let digit = superscript(character).filter(|_| is_raised && character.is_ascii_digit());
        if let Some(digit) = digit {
            word.characters[index].character = digit;
            let before = index.checked_sub(1).filter(|before| *before > 0).map(|before| &mut word.characters[before]);
            if let Some(minus) = before.filter(|before| before.character == '-') {
                minus.character = '⁻';
            }
            continue;
        }
        // A minus stands in the middle of a line anyway; only what follows tells whether it is raised.
        if character != '-' {
            let is_ten = character == '0' && index > 0 && word.characters[index - 1].character == '1';
            base = extent.filter(|_| character.is_alphabetic() || character == ')' || is_ten);
        }
    }
}

/// From where to where the ink of a character reaches, from the top, in rows.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extent {
    top: f32,
    bottom: f32,
}

impl Extent {
    fn is_raised_on(self, base: Self) -> bool {
        let (middle, height) = (f32::midpoint(base.top, base.bottom), base.bottom - base.top);
        self.bottom <= middle + ENDS * height && self.top < middle - ENDS * height
    }
}

/// The brightness between a word's ink and its paper; none when the two are hardly different.
fn threshold(page: &GrayImage, place: &TextBox) -> Option<f32> {
    let mut levels: Vec<f32> = Vec::new();
    let columns = (place.width / place.height.max(1.0) * ROWS as f32) as usize;
    for column in 0..columns {
        levels.extend((0..ROWS).map(|row| level(page, place, (column as f32 + 0.5) / columns as f32, row)));
    }
    levels.sort_by(f32::total_cmp);
    let at = |share: f32| levels.get((levels.len() as f32 * share) as usize).copied();
    let (ink, paper) = (at(0.02)?, at(0.8)?);
    (paper - ink >= FAINT).then(|| f32::midpoint(ink, paper))
}

fn level(page: &GrayImage, place: &TextBox, along: f32, row: usize) -> f32 {
    let [x, y] = place.point(along * place.width, (row as f32 + 0.5) / ROWS as f32 * place.height);
    brightness(page, x, y)
}

fn extent(page: &GrayImage, place: &TextBox, dark: f32) -> Option<Extent> {
    let along = |column: usize| SIDE + (1.0 - 2.0 * SIDE) * (column as f32 + 0.5) / COLUMNS as f32;
    let has_ink = |row: &usize| (0..COLUMNS).any(|column| level(page, place, along(column), *row) < dark);
    let rows: Vec<usize> = (0..ROWS).filter(has_ink).collect();
    Some(Extent { top: *rows.first()? as f32, bottom: *rows.last()? as f32 + 1.0 })
}

fn superscript(digit: char) -> Option<char> {
    let index = digit.to_digit(10)? as usize;
    "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(index)
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;
    use crate::recognize::ReadCharacter;

    /// What becomes of a word of which each character is a block of ink between two heights of a line of 48 pixels.
    fn read(characters: &[(char, u32, u32)]) -> String {
        let mut page = GrayImage::from_pixel(20 * characters.len() as u32, 48, Luma([240]));
        for (index, (_, top, bottom)) in (0..).zip(characters) {
            for (x, y) in (20 * index + 3..20 * index + 17).flat_map(|x| (*top..*bottom).map(move |y| (x, y))) {
                page.put_pixel(x, y, Luma([20]));
            }
        }
        let (width, height) = (page.width() as f32, 48.0);
        let place = TextBox { center: [width / 2.0, 24.0], along: [1.0, 0.0], width, height };
        let character = |(index, (character, ..)): (usize, &(char, u32, u32))| ReadCharacter {
            character: *character,
            probability: 0.9,
            place: place.part(20.0 * index as f32, 20.0 * (index + 1) as f32),
        };
        let characters = characters.iter().enumerate().map(character).collect();
        let mut words = [ReadWord { characters, probability: 0.9, alternatives: Vec::new(), ink: None, place }];
        raise(&page, &mut words);
        words[0].text()
    }

    #[test]
    fn a_raised_digit_is_an_exponent() {
        assert_eq!(read(&[('c', 20, 38), ('m', 20, 38), ('2', 8, 27)]), "cm²");
        assert_eq!(read(&[('m', 20, 38), ('/', 8, 40), ('s', 20, 38), ('2', 8, 27), ('.', 35, 38)]), "m/s².");
        assert_eq!(read(&[('1', 12, 38), ('0', 12, 38), ('-', 14, 17), ('1', 4, 22), ('2', 4, 23)]), "10⁻¹²");
        assert_eq!(read(&[(')', 10, 42), ('3', 6, 25)]), ")³");
    }

    #[test]
    fn digits_on_the_line_or_below_it_are_none() {
        assert_eq!(read(&[('x', 20, 38), ('2', 12, 38)]), "x2");
        assert_eq!(read(&[('H', 12, 38), ('2', 28, 45), ('O', 12, 38)]), "H2O");
        assert_eq!(read(&[('1', 12, 38), ('9', 11, 36), ('1', 9, 34), ('4', 8, 32)]), "1914");
        assert_eq!(read(&[('8', 16, 42), ('1', 4, 26)]), "81");
        assert_eq!(read(&[('5', 12, 38), ('-', 24, 27), ('3', 12, 38)]), "5-3");
        assert_eq!(read(&[('2', 4, 20), ('m', 20, 38)]), "2m");
    }
}
