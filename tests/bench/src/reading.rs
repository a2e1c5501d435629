//! `bench reading`: how well and how fast pages are read, beside another engine if one is given.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use clap::Args;
use serde::{Deserialize, Serialize};
use smartscripts_domain::{reading::Line, submission::FileType};
use smartscripts_reading::{Reader, decode, terms};

use crate::{
    Outcome,
    calibration::{Bin, Calibration, diagram, right},
    score::{Errors, normal},
};

/// Options of `bench reading`.
#[derive(Args)]
pub struct Options {
    /// Rows `{image, text, kind, level, set, case_insensitive}` as JSON lines. `level` is `page` or `line`.
    #[arg(long)]
    manifest: PathBuf,
    /// Where the images' paths begin; the manifest's own folder unless given.
    #[arg(long)]
    root: Option<PathBuf>,
    /// Where the result is written.
    #[arg(long)]
    out: PathBuf,
    /// Only rows of this level.
    #[arg(long)]
    level: Option<Level>,
    /// A command that reads the same files in the same run: gets `{"image", "level"}` a line on its standard input,
    /// answers `{"text", "ms"}` a line, and runs on `BENCH_THREADS` threads. May be given several times.
    #[arg(long)]
    peer: Vec<String>,
    /// Threads of both engines.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// Where the reliability diagram of all rows is drawn, as SVG.
    #[arg(long)]
    diagram: Option<PathBuf>,
    /// The model files.
    #[arg(long, default_value = ".local/models")]
    models: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Level {
    Page,
    Line,
}

#[derive(Deserialize)]
struct Item {
    image: String,
    text: String,
    #[serde(default)]
    kind: String,
    level: Level,
    #[serde(default)]
    set: String,
    #[serde(default)]
    case_insensitive: bool,
    /// Terms of a guide that the text contains, and others that it does not.
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    absent: Vec<String>,
    /// The terms of the guide; all of the above unless given.
    guide: Option<Vec<String>>,
}

/// What one engine made of one image.
#[derive(Serialize)]
struct Reading {
    text: String,
    cer: f64,
    wer: f64,
    ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Parts>,
}

/// Where our milliseconds go.
#[derive(Clone, Copy, Default, Serialize)]
struct Parts {
    decode: f64,
    detect: f64,
    recognize: f64,
}

#[derive(Serialize)]
struct Row {
    image: String,
    group: String,
    #[serde(flatten)]
    ours: Reading,
    /// Confidence of each word, and whether it is right.
    words: Vec<(f64, bool)>,
    /// Terms that stand in the text and were not found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missed_terms: Vec<String>,
    /// Terms that do not stand in the text and were found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    false_terms: Vec<String>,
    /// By the peer's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    peers: BTreeMap<String, Reading>,
}

/// Sums over a group of rows.
#[derive(Default)]
struct Sum {
    n: usize,
    errors: Errors,
    ms: f64,
    parts: Parts,
    peers: BTreeMap<String, PeerSum>,
    characters: Calibration,
    words: Calibration,
    terms: Terms,
}

/// How often the terms of a guide were found.
#[derive(Clone, Copy, Default, Serialize)]
struct Terms {
    /// Terms that stand in the text.
    present: usize,
    /// Those that were found.
    found: usize,
    /// Those that were found in the plain text, without the help of the guide's words.
    found_plain: usize,
    /// Terms that do not stand in the text.
    absent: usize,
    /// Those that were found all the same.
    false_finds: usize,
    /// Those of them that were not in the plain text: here the help has made a wrong answer right.
    false_by_help: usize,
}

/// Sums over a group of rows, of a peer.
#[derive(Default)]
struct PeerSum {
    errors: Errors,
    ms: f64,
}

#[derive(Serialize)]
struct Summary {
    n: usize,
    cer: f64,
    wer: f64,
    /// Expected calibration error of characters and of words.
    ece_characters: f64,
    ece_words: f64,
    reliability_words: Vec<Bin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Terms>,
    ms_per_page: f64,
    ms_per_page_parts: Parts,
    /// By the peer's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    peers: BTreeMap<String, PeerSummary>,
}

#[derive(Serialize)]
struct PeerSummary {
    cer: f64,
    wer: f64,
    ms_per_page: f64,
    /// Our time as a share of the peer's.
    time_ratio: f64,
}

#[derive(Serialize)]
struct Report {
    engine: &'static str,
    threads: usize,
    peak_memory_mib: u64,
    summary: BTreeMap<String, Summary>,
    rows: Vec<Row>,
}

/// Reads every image of the manifest and prints and writes what came out.
pub fn run(options: &Options) -> Outcome<()> {
    let root = options.root.clone().or_else(|| Some(options.manifest.parent()?.to_owned())).unwrap_or_default();
    let reader = Reader::load_with_threads(&options.models, options.threads)?;
    let started = options.peer.iter().map(|command| Peer::start(command, options.threads));
    let mut peers: Vec<Peer> = started.collect::<Outcome<_>>()?;
    let mut groups: BTreeMap<String, Sum> = BTreeMap::new();
    let mut rows = Vec::new();
    let items = items(options)?;
    if let Some(first) = items.first() {
        // Once before the clock runs: the first run of each network allocates, and a peer warms up too.
        read(&reader, &root.join(&first.image), first.level)?;
    }
    for (number, item) in items.iter().enumerate() {
        let path = root.join(&item.image);
        let guide = item.guide.clone().unwrap_or_else(|| [item.terms.as_slice(), &item.absent].concat());
        let reader = if guide.is_empty() { reader.clone() } else { reader.for_terms(&guide) };
        let (lines, parts) =
            read(&reader, &path, item.level).map_err(|error| format!("{}: {error}", path.display()))?;
        let text = joined(&lines);
        let ms = parts.decode + parts.detect + parts.recognize;
        let errors = Errors::count(&item.text, &text, item.case_insensitive);
        let level = if item.level == Level::Page { "page" } else { "line" };
        let group = [&item.set, &item.kind, level].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>();
        let group = group.join(" ");
        let sum = groups.entry(group.clone()).or_default();
        sum.n += 1;
        sum.errors.add(errors);
        sum.ms += ms;
        sum.parts.decode += parts.decode;
        sum.parts.detect += parts.detect;
        sum.parts.recognize += parts.recognize;
        let words = sum.calibrate(&lines, &item.text, item.case_insensitive);
        sum.terms.count(&lines, item);
        let mut others = BTreeMap::new();
        for peer in &mut peers {
            let answer = peer.read(&path, item.level)?;
            let errors = Errors::count(&item.text, &answer.text, item.case_insensitive);
            let sum = sum.peers.entry(peer.name.clone()).or_default();
            sum.errors.add(errors);
            sum.ms += answer.ms;
            let reading =
                Reading { text: answer.text, cer: errors.cer(), wer: errors.wer(), ms: answer.ms, parts: None };
            others.insert(peer.name.clone(), reading);
        }
        eprintln!("{}/{} {} {ms:.0} ms, CER {:.3}", number + 1, items.len(), item.image, errors.cer());
        let ours = Reading { text, cer: errors.cer(), wer: errors.wer(), ms, parts: Some(parts) };
        let found = |term: &&String| terms::contains(&lines, term);
        rows.push(Row {
            image: item.image.clone(),
            group,
            ours,
            words,
            missed_terms: item.terms.iter().filter(|term| !found(term)).cloned().collect(),
            false_terms: item.absent.iter().filter(found).cloned().collect(),
            peers: others,
        });
    }
    if let Some(path) = &options.diagram {
        let (mut characters, mut words) = (Calibration::default(), Calibration::default());
        for sum in groups.values() {
            characters.merge(&sum.characters);
            words.merge(&sum.words);
        }
        fs::write(path, diagram("Reading: how sure, how right", &[("words", &words), ("characters", &characters)]))?;
    }
    let report = Report {
        engine: Reader::ENGINE,
        threads: options.threads,
        peak_memory_mib: peak_memory_mib(),
        summary: groups.into_iter().map(|(group, sum)| (group, summary(&sum))).collect(),
        rows,
    };
    print(&report);
    fs::write(&options.out, serde_json::to_string_pretty(&report)?)?;
    Ok(())
}

fn items(options: &Options) -> Outcome<Vec<Item>> {
    let manifest =
        fs::read_to_string(&options.manifest).map_err(|error| format!("{}: {error}", options.manifest.display()))?;
    let mut items = Vec::new();
    for (number, line) in manifest.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let item: Item = serde_json::from_str(line)
            .map_err(|error| format!("{} line {}: {error}", options.manifest.display(), number + 1))?;
        if options.level.is_none_or(|level| level == item.level) {
            items.push(item);
        }
    }
    Ok(items)
}

impl Sum {
    /// Compares the confidence of each character and word with whether it is right; returns the words'.
    fn calibrate(&mut self, lines: &[Line], truth: &str, fold_case: bool) -> Vec<(f64, bool)> {
        let truth = normal(truth, fold_case);
        let words: Vec<_> = lines.iter().flat_map(|line| &line.words).collect();
        let texts: Vec<String> = words.iter().map(|word| normal(&word.text, fold_case)).collect();
        let truth_words: Vec<String> = truth.split(' ').map(str::to_owned).collect();
        let judged: Vec<(f64, bool)> =
            words.iter().map(|word| word.confidence).zip(right(&texts, &truth_words)).collect();
        for (confidence, is_right) in &judged {
            self.words.add(*confidence, *is_right);
        }
        let mut characters = Vec::new();
        let mut confidences = Vec::new();
        for (word, text) in words.iter().zip(&texts) {
            // Folding quotes and case keeps the number of characters, else the word is left out.
            if word.characters.len() == text.chars().count() {
                characters.extend(text.chars());
                confidences.extend(word.characters.iter().map(|character| character.confidence));
            }
        }
        let truth: Vec<char> = truth.chars().filter(|character| *character != ' ').collect();
        for (confidence, is_right) in confidences.into_iter().zip(right(&characters, &truth)) {
            self.characters.add(confidence, is_right);
        }
        judged
    }
}

impl Terms {
    fn count(&mut self, lines: &[Line], item: &Item) {
        let mut plain = lines.to_vec();
        for word in plain.iter_mut().flat_map(|line| &mut line.words) {
            word.alternatives.clear();
        }
        for term in &item.terms {
            self.present += 1;
            self.found += usize::from(terms::contains(lines, term));
            self.found_plain += usize::from(terms::contains(&plain, term));
        }
        for term in &item.absent {
            let (found, found_plain) = (terms::contains(lines, term), terms::contains(&plain, term));
            self.absent += 1;
            self.false_finds += usize::from(found);
            self.false_by_help += usize::from(found && !found_plain);
        }
    }
}

/// The lines of an image and the milliseconds that it took.
fn read(reader: &Reader, path: &Path, level: Level) -> Outcome<(Vec<Line>, Parts)> {
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        Some("jpg" | "jpeg") => FileType::Jpeg,
        Some("png") => FileType::Png,
        _ => return Err("only .jpg, .jpeg and .png are measured".into()),
    };
    let content = fs::read(path)?;
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let start = Instant::now();
    let image = decode::image(kind, &content)?;
    let decode = ms(start.elapsed());
    let start = Instant::now();
    if level == Level::Line {
        let line = reader.read_line(&image)?;
        let parts = Parts { decode, detect: 0.0, recognize: ms(start.elapsed()) };
        return Ok((line.into_iter().collect(), parts));
    }
    let page = reader.read_page(&image)?;
    let detect = ms(page.detecting);
    Ok((page.lines, Parts { decode, detect, recognize: ms(start.elapsed()) - detect }))
}

fn joined(lines: &[Line]) -> String {
    lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn summary(sum: &Sum) -> Summary {
    let n = sum.n as f64;
    Summary {
        n: sum.n,
        cer: sum.errors.cer(),
        wer: sum.errors.wer(),
        ece_characters: sum.characters.error(),
        ece_words: sum.words.error(),
        reliability_words: sum.words.bins().to_vec(),
        terms: (sum.terms.present + sum.terms.absent > 0).then_some(sum.terms),
        ms_per_page: sum.ms / n,
        ms_per_page_parts: Parts {
            decode: sum.parts.decode / n,
            detect: sum.parts.detect / n,
            recognize: sum.parts.recognize / n,
        },
        peers: sum.peers.iter().map(|(name, peer)| (name.clone(), peer_summary(peer, sum))).collect(),
    }
}

fn peer_summary(peer: &PeerSum, ours: &Sum) -> PeerSummary {
    PeerSummary {
        cer: peer.errors.cer(),
        wer: peer.errors.wer(),
        ms_per_page: peer.ms / ours.n as f64,
        time_ratio: ours.ms / peer.ms,
    }
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn print(report: &Report) {
    println!("{}, {} thread(s), peak memory {} MiB", report.engine, report.threads, report.peak_memory_mib);
    println!(
        "{:36} {:>4} {:>6} {:>6} {:>9} {:>9} {:>8} {:>7} {:>7} {:>9}   peers: CER, WER, ms, our share of its time",
        "set", "n", "CER", "WER", "ECE char.", "ECE words", "ms/page", "decode", "detect", "recognize"
    );
    for (group, row) in &report.summary {
        let parts = row.ms_per_page_parts;
        let peers = row.peers.iter().map(|(name, peer)| {
            format!("{name} {:.3} {:.3} {:.0} {:.2}", peer.cer, peer.wer, peer.ms_per_page, peer.time_ratio)
        });
        let peers = peers.collect::<Vec<_>>().join("  ");
        println!(
            "{group:36} {:4} {:6.3} {:6.3} {:9.3} {:9.3} {:8.0} {:7.0} {:7.0} {:9.0}   {peers}",
            row.n,
            row.cer,
            row.wer,
            row.ece_characters,
            row.ece_words,
            row.ms_per_page,
            parts.decode,
            parts.detect,
            parts.recognize
        );
    }
    for (group, row) in &report.summary {
        let Some(terms) = row.terms else { continue };
        println!(
            "{group}: {} of {} terms found ({} in the plain text); of {} that are not there {} found, {} of them by help",
            terms.found, terms.present, terms.found_plain, terms.absent, terms.false_finds, terms.false_by_help
        );
    }
}

/// The most memory that this process ever had; 0 where the system doesn't tell.
fn peak_memory_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kib| kib >> 10)
}

/// Another engine, in a process of its own.
struct Peer {
    /// The program's name, without what comes before and after it: `rapidocr` of `python3 …/rapidocr_peer.py`.
    name: String,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct PeerAnswer {
    text: String,
    /// Milliseconds from the file's path to its text.
    ms: f64,
}

impl Peer {
    fn start(command: &str, threads: usize) -> Outcome<Self> {
        let mut process = Command::new("sh")
            .args(["-c", command])
            .env("BENCH_THREADS", threads.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("the peer has no pipes".into());
        };
        let program = Path::new(command.split_whitespace().next_back().unwrap_or(command));
        let name = program.file_stem().map_or(command.into(), |stem| stem.to_string_lossy());
        let name = name.trim_end_matches("_peer").to_owned();
        Ok(Self { name, process, input, output: BufReader::new(output) })
    }

    fn read(&mut self, path: &Path, level: Level) -> Outcome<PeerAnswer> {
        let request = serde_json::json!({ "image": fs::canonicalize(path)?, "level": level });
        writeln!(self.input, "{request}")?;
        self.input.flush()?;
        let mut answer = String::new();
        if self.output.read_line(&mut answer)? == 0 {
            return Err("the peer ended without an answer".into());
        }
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its input has not been closed yet, so it would wait forever. It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
