//! # sheets
//!
//! The separator sheets that lie between the scripts when a whole class is scanned in one go: a PDF with one A4 page per
//! script, with a large QR code (`domain`'s [`Separator`]), the student's name and number, and the title of the assessment.
//! `reading::separator` finds them again. The same sheets give the same bytes.

mod text;

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref};
use qrcode::{EcLevel, QrCode, types::Color};
use smartscripts_domain::{Error, Result, separator::Separator};

use crate::text::Typeface;

/// Width and height of the paper in points: A4.
const PAPER: [f32; 2] = [595.276, 841.89];
/// What no printer prints.
const MARGIN: f32 = 48.0;
/// Width of the code in points: 12 cm, of which a quarter could be lost (error correction level Q).
const CODE: f32 = 340.0;
/// Where the code's lower edge lies above the bottom of the paper.
const CODE_BOTTOM: f32 = 190.0;

/// Separator sheets of one answer at most.
pub const SHEETS: usize = 1000;

/// One sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What its code says.
    pub separator: Separator,
    /// The large line: the student's name, or what stands in its place.
    pub name: String,
    /// The line below: the student's number.
    pub number: String,
}

/// The sheets as a PDF, in their order. `title` is what the assessment is called. Characters that the font doesn't have
/// (it has Latin, Greek and Cyrillic) are printed as a question mark; a line too long for the paper is printed smaller.
///
/// # Errors
/// `internal`.
pub fn print(title: &str, sheets: &[Sheet]) -> Result<Vec<u8>> {
    let mut typeface = Typeface::load()?;
    let mut pdf = Pdf::new();
    let (catalog, tree, font) = (Ref::new(1), Ref::new(2), Ref::new(3));
    // The font takes the ids up to 8; then come two for each page.
    let page = |index: usize| Ref::new(10 + 2 * index as i32);
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids((0..sheets.len()).map(page)).count(sheets.len() as i32);
    for (index, sheet) in sheets.iter().enumerate() {
        let content = Ref::new(page(index).get() + 1);
        let mut written = pdf.page(page(index));
        written.parent(tree).media_box(Rect::new(0.0, 0.0, PAPER[0], PAPER[1])).contents(content);
        written.resources().fonts().pair(Name(b"F"), font);
        written.finish();
        let drawn = text::compress(&draw(title, sheet, &mut typeface)?)?;
        pdf.stream(content, &drawn).filter(pdf_writer::Filter::FlateDecode);
    }
    typeface.embed(&mut pdf, font)?;
    Ok(pdf.finish())
}

fn draw(title: &str, sheet: &Sheet, typeface: &mut Typeface) -> Result<Vec<u8>> {
    let mut content = Content::new();
    let top = PAPER[1] - MARGIN;
    centred(&mut content, typeface, title, 16.0, top - 24.0);
    centred(&mut content, typeface, &sheet.name, 36.0, top - 100.0);
    centred(&mut content, typeface, &sheet.number, 24.0, top - 145.0);
    draw_code(&mut content, &sheet.separator)?;
    let help = "Put this sheet on top of the script, and scan the whole class in one go.";
    centred(&mut content, typeface, help, 11.0, CODE_BOTTOM - 60.0);
    Ok(content.finish().into_vec())
}

fn centred(content: &mut Content, typeface: &mut Typeface, text: &str, size: f32, baseline: f32) {
    let line = typeface.line(text);
    let size = size.min((PAPER[0] - 2.0 * MARGIN) / line.width.max(f32::MIN_POSITIVE));
    content.begin_text().set_font(Name(b"F"), size);
    content.next_line((PAPER[0] - line.width * size) / 2.0, baseline);
    content.show(pdf_writer::Str(&line.glyphs));
    content.end_text();
}

fn draw_code(content: &mut Content, separator: &Separator) -> Result<()> {
    let code = QrCode::with_error_correction_level(separator.to_string(), EcLevel::Q).map_err(Error::internal)?;
    let (width, colors) = (code.width(), code.to_colors());
    let module = CODE / width as f32;
    let (left, top) = ((PAPER[0] - CODE) / 2.0, CODE_BOTTOM + CODE);
    for (row, colors) in colors.chunks(width).enumerate() {
        let mut from = 0;
        // What is dark side by side is one bar, without seams.
        for bar in colors.chunk_by(|one, other| one == other) {
            if bar[0] == Color::Dark {
                let (x, y) = (left + from as f32 * module, top - (row + 1) as f32 * module);
                content.rect(x, y, bar.len() as f32 * module, module);
            }
            from += bar.len();
        }
    }
    content.fill_nonzero();
    Ok(())
}
