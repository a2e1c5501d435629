//! An uploaded file to pages, whatever its type.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{RgbImage, imageops};
use smartscripts_domain::{
    Error, Kind, Result,
    reading::{Line, Source},
    submission::FileType,
};

use crate::{
    boxes::TextBox,
    decode,
    page::Reader,
    pdf::{self, PdfPage},
    typed,
};

/// A page of an uploaded file.
#[derive(Clone, Debug)]
pub struct FilePage {
    /// Number of the page in the file, from 1.
    pub number: u32,
    /// The upright page; none for a typed text.
    pub image: Option<RgbImage>,
    /// Width in pixels; 0 without an image.
    pub width: u32,
    /// Height in pixels; 0 without an image.
    pub height: u32,
    /// Where the lines come from.
    pub source: Source,
    /// Lines in reading order. None when the page could not be read.
    pub lines: Vec<Line>,
    /// Why the page could not be read, in words for a teacher; none when it was.
    pub failure: Option<String>,
}

/// Share of the writing on a page that its text layer must cover to be used.
const COVERED: f32 = 0.9;

impl Reader {
    /// Reads a file and gives its pages one by one, so that only one is in memory. Stops at the first error, the
    /// callback's own included; pages may have been given before it.
    ///
    /// A PDF page's text layer is used when it covers what is written on the page; otherwise (a scan, a form filled in
    /// by hand) the drawn page is read. Programs that call this with PDF files must begin their `main` with
    /// [`run_child_if_asked`](crate::pdf::run_child_if_asked).
    ///
    /// # Errors
    /// What is wrong with the file: `file_empty`, `file_wrong_type`, `image_…`, `pdf_…`, `text_too_long`.
    pub fn read_file(
        &self,
        kind: FileType,
        content: &[u8],
        mut on_page: impl FnMut(FilePage) -> Result<()>,
    ) -> Result<()> {
        match kind {
            FileType::Jpeg | FileType::Png => {
                let image = decode::image(kind, content)?;
                on_page(self.recognized(1, image)?)
            }
            FileType::Pdf => {
                let mut number = 0;
                pdf::pages(content, |page| {
                    number += 1;
                    on_page(self.choose(number, page)?)
                })
            }
            FileType::Text => {
                let lines = typed::lines(content)?;
                on_page(FilePage {
                    number: 1,
                    image: None,
                    width: 0,
                    height: 0,
                    source: Source::Typed,
                    lines,
                    failure: None,
                })
            }
        }
    }

    /// A page with its text layer if that covers the writing that is to be seen, else with what is read.
    fn choose(&self, number: u32, page: PdfPage) -> Result<FilePage> {
        let PdfPage { image, lines } = page;
        // A page on which the writing can't be found is read, which says why.
        let is_covered = || Ok(covers(&lines, &self.find_writing(&imageops::grayscale(&image))?));
        if !lines.is_empty() && unless_it_panics(is_covered).unwrap_or(false) {
            return Ok(FilePage::drawn(number, image, Source::TextLayer, lines));
        }
        self.recognized(number, image)
    }

    /// A page with what is read on it. One that can't be read says why, and the others go on.
    fn recognized(&self, number: u32, image: RgbImage) -> Result<FilePage> {
        match unless_it_panics(|| self.read_page(&image)) {
            Ok(text) => Ok(FilePage::drawn(number, text.image.unwrap_or(image), Source::Recognized, text.lines)),
            Err(error) if error.kind() == Kind::Invalid => {
                let page = FilePage::drawn(number, image, Source::Recognized, Vec::new());
                Ok(FilePage { failure: Some(error.message().to_owned()), ..page })
            }
            Err(error) => Err(error),
        }
    }
}

impl FilePage {
    fn drawn(number: u32, image: RgbImage, source: Source, lines: Vec<Line>) -> Self {
        Self { number, width: image.width(), height: image.height(), image: Some(image), source, lines, failure: None }
    }
}

/// What this page makes of it, or an error when it panics: a library that fails on one page must not take the others along.
pub(crate) fn unless_it_panics<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let message = "The page could not be read. Please photograph or scan it anew and upload it again.";
        Err(Error::invalid("page_unreadable", message))
    })
}

/// Whether the words of a text layer cover the boxes of the writing that was seen, counted by their width.
fn covers(layer: &[Line], seen: &[TextBox]) -> bool {
    let words: Vec<[i32; 4]> =
        layer.iter().flat_map(|line| &line.words).filter_map(|word| Some(word.quad?.bounds())).collect();
    // Points along the middle of each box, as many as it is wide in heights.
    let (mut all, mut covered) = (0.0_f32, 0.0_f32);
    for place in seen {
        let points = (place.width / place.height.max(1.0)).ceil().max(1.0) as usize;
        for point in 0..points {
            let u = place.width * (point as f32 + 0.5) / points as f32;
            let [x, y] = place.point(u, place.height / 2.0);
            // Between two words there is a gap of about half the height of the line.
            let reach = place.height / 2.0;
            let is_covered = words.iter().any(|[left, top, right, bottom]| {
                x >= *left as f32 - reach && x <= *right as f32 + reach && y >= *top as f32 && y <= *bottom as f32
            });
            all += place.height;
            covered += if is_covered { place.height } else { 0.0 };
        }
    }
    covered >= COVERED * all
}

#[cfg(test)]
mod tests {
    use smartscripts_domain::reading::{Quad, Word};

    use super::*;

    #[test]
    fn a_panic_is_a_reason() {
        let error =
            unless_it_panics(|| -> Result<()> { Err(Error::internal(Vec::<u32>::new()[number()])) }).unwrap_err();
        assert_eq!(error.code(), "page_unreadable");
        assert!(unless_it_panics(|| Ok(())).is_ok());
    }

    /// An index that the compiler can't foresee.
    fn number() -> usize {
        std::process::id() as usize
    }

    #[test]
    fn a_layer_that_misses_handwriting_is_not_enough() {
        let word = |left, right| Word::new("word", 1.0, Some(Quad::rectangle(left, 100, right, 130)));
        let words = vec![word(100, 200), word(215, 400)];
        let layer = [Line { text: "word word".to_owned(), confidence: 1.0, quad: None, words }];
        let flat = [1.0, 0.0];
        let printed = TextBox { center: [250.0, 115.0], along: flat, width: 310.0, height: 40.0 };
        let written = TextBox { center: [250.0, 300.0], along: flat, width: 310.0, height: 60.0 };
        assert!(covers(&layer, &[printed]));
        assert!(!covers(&layer, &[printed, written]));
        assert!(covers(&layer, &[]));
    }
}
