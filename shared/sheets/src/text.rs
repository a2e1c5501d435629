//! Text in a PDF: the embedded font, and lines as glyphs of it.

use std::{collections::BTreeMap, io::Write};

use ab_glyph::{Font, FontRef};
use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{
    Filter, Finish, Name, Pdf, Rect, Ref, Str,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};
use smartscripts_domain::{Error, Result};
use unicode_normalization::UnicodeNormalization;

/// `DejaVu` Sans, reduced to the characters of names; see assets/LICENSE.
static FONT: &[u8] = include_bytes!("../assets/DejaVuSans-subset.ttf");
const NAME: Name<'_> = Name(b"DejaVuSans");
/// Codes of two bytes, each the number of a glyph.
const IDENTITY: SystemInfo<'_> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The font, and which of its glyphs are used.
pub struct Typeface {
    font: FontRef<'static>,
    used: BTreeMap<u16, char>,
}

/// A line of text in glyphs.
pub struct Line {
    /// Their numbers, two bytes each.
    pub glyphs: Vec<u8>,
    /// Its width at size 1.
    pub width: f32,
}

impl Typeface {
    pub fn load() -> Result<Self> {
        let font = FontRef::try_from_slice(FONT).map_err(Error::internal)?;
        Ok(Self { font, used: BTreeMap::new() })
    }

    /// The text as glyphs. What the font doesn't have becomes a question mark, a control character a space.
    pub fn line(&mut self, text: &str) -> Line {
        let mut line = Line { glyphs: Vec::new(), width: 0.0 };
        for character in text.nfc() {
            let wanted = if character.is_control() { ' ' } else { character };
            let (mut glyph, mut shown) = (self.font.glyph_id(wanted), wanted);
            if glyph.0 == 0 {
                (glyph, shown) = (self.font.glyph_id('?'), '?');
            }
            self.used.insert(glyph.0, shown);
            line.glyphs.extend(glyph.0.to_be_bytes());
            line.width += self.width(glyph.0) / 1000.0;
        }
        line
    }

    /// A glyph's width in thousandths of the size.
    fn width(&self, glyph: u16) -> f32 {
        self.font.h_advance_unscaled(ab_glyph::GlyphId(glyph)) * self.scale()
    }

    /// Thousandths of the size in one unit of the font.
    fn scale(&self) -> f32 {
        1000.0 / self.font.units_per_em().unwrap_or(1000.0)
    }

    /// Writes the font as `at` and the five ids behind it.
    pub fn embed(&self, pdf: &mut Pdf, at: Ref) -> Result<()> {
        let next = |offset: i32| Ref::new(at.get() + offset);
        let (cid, descriptor, file, unicode) = (next(1), next(2), next(3), next(4));
        pdf.type0_font(at)
            .base_font(NAME)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        let mut font = pdf.cid_font(cid);
        font.subtype(CidFontType::Type2).base_font(NAME).system_info(IDENTITY).font_descriptor(descriptor);
        font.cid_to_gid_map_predefined(Name(b"Identity")).default_width(0.0);
        let mut widths = font.widths();
        for glyph in self.used.keys() {
            widths.consecutive(*glyph, [self.width(*glyph)]);
        }
        widths.finish();
        font.finish();
        let (ascent, descent) =
            (self.font.ascent_unscaled() * self.scale(), self.font.descent_unscaled() * self.scale());
        pdf.font_descriptor(descriptor)
            .name(NAME)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(-1021.0, -463.0, 1793.0, 1233.0))
            .italic_angle(0.0)
            .ascent(ascent)
            .descent(descent)
            .cap_height(729.0)
            .stem_v(90.0)
            .font_file2(file);
        let compressed = compress(FONT)?;
        let mut stream = pdf.stream(file, &compressed);
        stream.filter(Filter::FlateDecode).pair(Name(b"Length1"), FONT.len() as i32);
        stream.finish();
        let mut cmap = UnicodeCmap::new(Name(b"Custom"), IDENTITY);
        for (glyph, character) in &self.used {
            cmap.pair(*glyph, *character);
        }
        pdf.cmap(unicode, &cmap.finish());
        Ok(())
    }
}

/// For `/FlateDecode`.
pub fn compress(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).map_err(Error::internal)?;
    encoder.finish().map_err(Error::internal)
}
