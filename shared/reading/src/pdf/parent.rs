//! The parent: starts the child, takes the pages from it, tells what became of it.

use std::{
    io::{self, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
};

use image::RgbImage;
use smartscripts_domain::{
    Error, Result,
    reading::Line,
    submission::{FileType, limits},
};

use super::{Header, Message, Refusal, Wanted, child};

/// Signals that end a child: it asked for more memory than it may, or used up its time.
const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;
const SIGSEGV: i32 = 11;
/// Exit code of a Rust program that panicked.
const PANICKED: i32 = 101;

/// A drawn page.
pub(crate) struct PdfPage {
    pub(crate) image: RgbImage,
    /// The text layer; empty when there is none or when it can't be trusted.
    pub(crate) lines: Vec<Line>,
}

/// The text layer of a page, and the page's size in pixels if it were drawn.
pub(crate) struct PdfText {
    pub(crate) height: u32,
    /// Lines in reading order; empty when there are none or when they can't be trusted.
    pub(crate) lines: Vec<Line>,
}

/// Draws the pages of a PDF and gives them one by one, so that only one is in memory. Stops at the first error.
pub(crate) fn pages(content: &[u8], on_page: impl FnMut(PdfPage) -> Result<()>) -> Result<()> {
    run(Wanted::Pages, content, |output| receive(output, on_page))
}

/// The text layers of a PDF's pages, in order. Nothing is drawn.
pub(crate) fn texts(content: &[u8]) -> Result<Vec<PdfText>> {
    let mut texts = Vec::new();
    run(Wanted::Text, content, |output| receive_text(output, &mut texts))?;
    Ok(texts)
}

/// Starts the child, gives it the file, and lets what it sends be received.
fn run(wanted: Wanted, content: &[u8], receive: impl FnOnce(ChildStdout) -> Result<(), Stopped>) -> Result<()> {
    FileType::Pdf.check_magic(content)?;
    let program = std::env::current_exe().map_err(Error::internal)?;
    let mut child = Command::new(program)
        .arg(wanted.argument())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Error::unavailable)?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Error::internal("the child has no pipes"));
    };
    let received = thread::scope(|scope| {
        // A child that refuses early closes its end; that is no error here.
        scope.spawn(move || input.write_all(content));
        let received = receive(output);
        if received.is_err() {
            // Ends the writer too. It may be gone already.
            let _ = child.kill();
        }
        received
    });
    finish(wanted, received, &mut child)
}

/// Does what [`pages`] does within this process and without the child's limits, and counts the pages. For tests that try
/// files by the thousand; whoever reads strangers' files calls [`Reader::read_file`](crate::Reader::read_file).
///
/// # Errors
/// As for [`Reader::read_file`](crate::Reader::read_file), but nothing ends a file that is too large or takes too long.
pub fn count_pages_unguarded(content: &[u8]) -> Result<usize> {
    FileType::Pdf.check_magic(content)?;
    let (output, input) = io::pipe().map_err(Error::unavailable)?;
    let mut count = 0;
    let received = thread::scope(|scope| {
        // A receiver that stops early closes its end; that is no error here.
        scope.spawn(move || child::answer(Wanted::Pages, content.to_vec(), io::BufWriter::new(input)));
        receive(output, |_| {
            count += 1;
            Ok(())
        })
    });
    received.map(|()| count).map_err(|stopped| match stopped {
        Stopped::By(error) => error,
        Stopped::Broken(broken) => Error::internal(broken),
    })
}

/// How taking the pages ended, other than well.
enum Stopped {
    /// The child refused the file, or the pages' receiver did.
    By(Error),
    /// The child stopped in the middle; how it ended says why.
    Broken(String),
}

fn receive(mut output: impl Read, mut on_page: impl FnMut(PdfPage) -> Result<()>) -> Result<(), Stopped> {
    loop {
        match message(&mut output).map_err(|error| Stopped::Broken(error.to_string()))? {
            Message::End => return Ok(()),
            Message::Refused(refusal) => return Err(Stopped::By(refusal.error(Wanted::Pages))),
            Message::Text(_) => return Err(Stopped::Broken("a page without pixels".to_owned())),
            Message::Page(header) => {
                let pixels = u64::from(header.width) * u64::from(header.height);
                if pixels > limits::PIXELS {
                    return Err(Stopped::Broken(format!("a page of {pixels} pixels")));
                }
                let mut bytes = vec![0; pixels as usize * 3];
                output.read_exact(&mut bytes).map_err(|error| Stopped::Broken(error.to_string()))?;
                let Some(image) = RgbImage::from_raw(header.width, header.height, bytes) else {
                    return Err(Stopped::Broken("a page without pixels".to_owned()));
                };
                on_page(PdfPage { image, lines: header.lines }).map_err(Stopped::By)?;
            }
        }
    }
}

fn receive_text(mut output: impl Read, texts: &mut Vec<PdfText>) -> Result<(), Stopped> {
    loop {
        match message(&mut output).map_err(|error| Stopped::Broken(error.to_string()))? {
            Message::End => return Ok(()),
            Message::Refused(refusal) => return Err(Stopped::By(refusal.error(Wanted::Text))),
            Message::Page(_) => return Err(Stopped::Broken("a page with pixels".to_owned())),
            Message::Text(Header { height, lines, .. }) => texts.push(PdfText { height, lines }),
        }
    }
}

fn message(output: &mut impl Read) -> io::Result<Message> {
    let mut length = [0; 4];
    output.read_exact(&mut length)?;
    let length = u64::from(u32::from_le_bytes(length));
    if length > limits::DECODED_BYTES {
        return Err(io::Error::other("a message longer than a page"));
    }
    let mut message = Vec::new();
    output.take(length).read_to_end(&mut message)?;
    Ok(serde_json::from_slice(&message)?)
}

fn finish(wanted: Wanted, received: Result<(), Stopped>, child: &mut Child) -> Result<()> {
    let status = child.wait().map_err(Error::internal)?;
    let broken = match received {
        Ok(()) => return Ok(()),
        Err(Stopped::By(error)) => return Err(error),
        Err(Stopped::Broken(broken)) => broken,
    };
    let refusal = match (status.signal(), status.code()) {
        (Some(SIGABRT), _) => Refusal::TooLarge,
        (Some(SIGXCPU), _) => Refusal::TooSlow,
        (Some(SIGSEGV), _) | (_, Some(PANICKED)) => Refusal::Damaged,
        _ => {
            let hint = "does main call pdf::run_child_if_asked first?";
            return Err(Error::internal(format!("the PDF child ended with {status}: {broken}; {hint}")));
        }
    };
    Err(refusal.error(wanted).with_context(format!("{status}: {broken}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = include_bytes!("../../../../tests/fuzz/seeds/pdfs/text.pdf");

    #[test]
    fn pages_can_be_counted_in_one_process() {
        assert_eq!(count_pages_unguarded(TEXT).unwrap(), 1);
        assert_eq!(count_pages_unguarded(&TEXT[..TEXT.len() - 8]).unwrap_err().code(), "pdf_damaged");
        assert_eq!(count_pages_unguarded(b"plain text").unwrap_err().code(), "file_wrong_type");
    }
}
