//! The child process: opens the file, draws page after page, sends them to the parent.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hayro::{
    PixmapSettings, RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, InterpreterWarning, RenderContent},
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page},
    vello_cpu::color::palette::css::WHITE,
};
use rlimit::Resource;
use smartscripts_domain::submission::limits;

use crate::order;

use super::{CHILD_BYTES, Header, Message, Refusal, Wanted, text_layer};

/// Dots per inch at which a page is drawn: what a good photo of a page has, and all that the networks can use.
const RESOLUTION: f32 = 200.0;
/// Pixels of a drawn page; a page of A4 has 3.9 million at that resolution. Larger pages are drawn smaller.
const PIXELS: f32 = 4_000_000.0;
/// Pixels along a side of a drawn page.
const SIDE: f32 = 6_000.0;

/// Does the child's work if this process was started for it, and says so by an exit code. Call it first in `main` of
/// every program that reads PDF files, before any thread is started: the parent runs its own program again.
#[must_use]
pub fn run_child_if_asked() -> Option<ExitCode> {
    let argument = std::env::args_os().nth(1)?;
    let wanted = [Wanted::Pages, Wanted::Text].into_iter().find(|wanted| argument == wanted.argument())?;
    Some(match run(wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE, // the parent is gone, or limits can't be set: it sees that no page came
    })
}

fn run(wanted: Wanted) -> io::Result<()> {
    rlimit::setrlimit(Resource::CORE, 0, 0)?;
    rlimit::setrlimit(Resource::CPU, wanted.seconds(), wanted.seconds() + 5)?;
    rlimit::setrlimit(Resource::AS, CHILD_BYTES, CHILD_BYTES)?;
    let mut content = Vec::new();
    io::stdin().lock().read_to_end(&mut content)?;
    answer(wanted, content, io::BufWriter::new(io::stdout().lock()))
}

/// Sends the pages, and how it ended.
pub(super) fn answer(wanted: Wanted, content: Vec<u8>, mut output: impl Write) -> io::Result<()> {
    match send_pages(wanted, content, &mut output)? {
        Ok(()) => send(&Message::End, &mut output)?,
        Err(refusal) => send(&Message::Refused(refusal), &mut output)?,
    }
    output.flush()
}

fn send(message: &Message, output: &mut impl Write) -> io::Result<()> {
    let message = serde_json::to_vec(message)?;
    output.write_all(&(message.len() as u32).to_le_bytes())?;
    output.write_all(&message)
}

fn send_pages(wanted: Wanted, content: Vec<u8>, output: &mut impl Write) -> io::Result<Result<(), Refusal>> {
    if !ends_whole(&content) {
        return Ok(Err(Refusal::Damaged));
    }
    let pdf = match Pdf::new(content) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm)) => {
            return Ok(Err(Refusal::Encrypted));
        }
        Err(LoadPdfError::Decryption(_) | LoadPdfError::Invalid) => return Ok(Err(Refusal::Damaged)),
    };
    let count = pdf.pages().len();
    if count == 0 {
        return Ok(Err(Refusal::Damaged));
    }
    if count > limits::PAGES {
        return Ok(Err(Refusal::TooManyPages(count as u64)));
    }
    for (number, page) in (1..).zip(pdf.pages().iter()) {
        match wanted {
            Wanted::Pages => {
                let Some((header, pixels)) = draw(page) else { return Ok(Err(Refusal::Unreadable(number))) };
                send(&Message::Page(header), output)?;
                output.write_all(&pixels)?;
            }
            Wanted::Text => send(&Message::Text(write_down(page)), output)?,
        }
        output.flush()?;
    }
    Ok(Ok(()))
}

/// Whether the file has its end: the library repairs files that were cut off, and pages would be missing without a word.
fn ends_whole(content: &[u8]) -> bool {
    let tail = &content[content.len().saturating_sub(2048)..];
    tail.windows(5).any(|window| window == b"%%EOF")
}

/// Pixels to a point, each way.
fn scales(page: &Page<'_>) -> [f32; 2] {
    let (width, height) = page.render_dimensions();
    let scale = (RESOLUTION / 72.0).min((PIXELS / (width * height)).sqrt()).min(SIDE / width.max(height));
    // At least one pixel each way.
    [scale.max(1.0 / width), scale.max(1.0 / height)]
}

/// The page's text layer, as it would stand on the drawn page.
fn write_down<'a>(page: &'a Page<'a>) -> Header {
    let [x_scale, y_scale] = scales(page);
    let (width, height) = page.render_dimensions();
    let [width, height] = [width * x_scale, height * y_scale].map(|side| side.ceil() as u32);
    let settings = InterpreterSettings::default();
    let lines = text_layer::lines(page, &settings, order::lines_across, [x_scale, y_scale], [width, height]);
    Header { width, height, lines }
}

/// The page's pixels and its text layer; none when something on it can't be drawn.
fn draw<'a>(page: &'a Page<'a>) -> Option<(Header, Vec<u8>)> {
    let [x_scale, y_scale] = scales(page);
    let incomplete = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&incomplete);
    let settings = InterpreterSettings {
        warning_sink: Arc::new(move |warning| {
            let missing =
                matches!(warning, InterpreterWarning::UnsupportedFont | InterpreterWarning::ImageDecodeFailure);
            noticed.fetch_or(missing, Ordering::Relaxed);
        }),
        render_content: RenderContent::all(),
        ..InterpreterSettings::default()
    };
    // A cache of its own for each page: it only grows.
    let cache = RenderCache::new();
    let pixmap_settings = PixmapSettings { x_scale, y_scale, bg_color: WHITE };
    let pixmap = hayro::render(page, &cache, &settings, &RenderSettings::default(), &pixmap_settings);
    if incomplete.load(Ordering::Relaxed) {
        return None;
    }
    let pixels = pixmap.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let lines = text_layer::lines(page, &settings, order::lines, [x_scale, y_scale], [width, height]);
    Some((Header { width, height, lines }, pixels))
}
