//! The lines of a PDF to paragraphs, lists and tables, by where they stand. A PDF knows only where its words are.

use std::collections::HashSet;

use smartscripts_domain::{
    document::{DocumentText, Unwritten},
    reading::Line,
};

use super::{Writer, row};
use crate::pdf::PdfText;

/// Gap between two words, in heights of the line, from which they stand in two cells.
const CELL: f32 = 1.5;
/// Step from one line of a paragraph, or of a cell, to the next at most, in heights of the line. Most documents have 1.2;
/// one and a half lines have 1.75.
const STEP: f32 = 1.45;
const WIDE_STEP: f32 = 1.9;
/// A heading is so much larger than the text.
const LARGER: f32 = 1.2;
/// Share of a page's height at its top and bottom where a page number and a running title stand.
const EDGE: f32 = 0.09;
/// Offset, in heights of the line, from which two lines do not begin at one place.
const INDENT: f32 = 0.6;

/// The text of a PDF's pages.
pub(super) fn text(pages: &[PdfText]) -> DocumentText {
    let furniture = furniture(pages);
    let mut rows: Vec<Row> = Vec::new();
    for (page, PdfText { height, lines }) in pages.iter().enumerate() {
        let rows_of_page = lines.iter().filter_map(|line| Row::of(page, line));
        rows.extend(rows_of_page.filter(|row| !furniture.contains(&(page, row.edge(*height), pattern(&row.text())))));
    }
    let size = median(rows.iter().map(|row| row.height)).unwrap_or(1.0);
    let margin = rows.iter().map(Row::right).fold(0.0, f32::max);
    let mut layout = Layout { size, margin, writer: Writer::default(), numbered: None, bullets: Vec::new() };
    let mut next = 0;
    for (page, content) in pages.iter().enumerate() {
        if content.lines.is_empty() {
            layout.writer.gap();
            layout.writer.leave_out(Unwritten::Page);
        }
        while rows.get(next).is_some_and(|row| row.page == page) {
            next += layout.put(&rows[next..]);
        }
    }
    layout.writer.finish()
}

/// Where on a page a line stands, as far as running titles are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Edge {
    Top,
    Bottom,
    Neither,
}

/// Page numbers, and what stands at the edge of several pages: the page, where on it, and the pattern of the line.
fn furniture(pages: &[PdfText]) -> HashSet<(usize, Edge, String)> {
    let at_edges: Vec<(usize, Edge, String)> = pages
        .iter()
        .enumerate()
        .flat_map(|(page, PdfText { height, lines })| {
            let rows = lines.iter().filter_map(move |line| Row::of(page, line));
            rows.map(move |row| (page, row.edge(*height), pattern(&row.text())))
        })
        .filter(|(_, edge, _)| *edge != Edge::Neither)
        .collect();
    let is_furniture = |(page, edge, pattern): &(usize, Edge, String)| {
        let number = pattern.trim_matches(['-', '–', ' ']);
        let is_number = ["#", "page #", "page # of #", "#/#", "# / #", "seite #", "seite # von #"].contains(&number);
        let repeats = at_edges.iter().any(|other| other.0 != *page && other.1 == *edge && other.2 == *pattern);
        is_number || repeats
    };
    at_edges.iter().filter(|at| is_furniture(at)).cloned().collect()
}

/// A line with `#` for each number.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    for character in text.chars().flat_map(char::to_lowercase) {
        match (character.is_ascii_digit(), pattern.ends_with('#')) {
            (true, true) => {}
            (true, false) => pattern.push('#'),
            (false, _) => pattern.push(character),
        }
    }
    pattern
}

/// Words that stand close together, from left to right.
#[derive(Clone, Debug)]
struct Cell {
    text: String,
    left: f32,
    right: f32,
}

impl Cell {
    fn join(&mut self, other: &Self) {
        self.text = format!("{} {}", self.text, other.text);
        self.left = self.left.min(other.left);
        self.right = self.right.max(other.right);
    }

    /// How far it and another lie side by side; negative when they don't.
    fn overlap(&self, other: &Self) -> f32 {
        self.right.min(other.right) - self.left.max(other.left)
    }
}

/// A line of a page.
#[derive(Clone, Debug)]
struct Row {
    page: usize,
    top: f32,
    height: f32,
    /// Width of its first word.
    first_word: f32,
    /// At least one.
    cells: Vec<Cell>,
}

impl Row {
    fn of(page: usize, line: &Line) -> Option<Self> {
        let [_, top, _, bottom] = line.quad?.bounds();
        let height = ((bottom - top) as f32).max(1.0);
        let mut cells: Vec<Cell> = Vec::new();
        let mut first_word = None;
        for word in &line.words {
            let [left, _, right, _] = word.quad?.bounds().map(|value| value as f32);
            first_word.get_or_insert(right - left);
            let cell = Cell { text: word.text.clone(), left, right };
            match cells.last_mut() {
                Some(last) if left - last.right < CELL * height => last.join(&cell),
                _ => cells.push(cell),
            }
        }
        let first_word = first_word?;
        Some(Self { page, top: top as f32, height, first_word, cells })
    }

    fn left(&self) -> f32 {
        self.cells.first().map_or(0.0, |cell| cell.left)
    }

    fn right(&self) -> f32 {
        self.cells.last().map_or(0.0, |cell| cell.right)
    }

    fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn edge(&self, page: u32) -> Edge {
        let (top, bottom, page) = (self.top, self.top + self.height, page as f32);
        if bottom < EDGE * page {
            Edge::Top
        } else if top > (1.0 - EDGE) * page {
            Edge::Bottom
        } else {
            Edge::Neither
        }
    }

    /// Whether it has cells of a table: more than a label, a text and its marks.
    fn is_tabular(&self) -> bool {
        let mut cells = self.cells.as_slice();
        if let [first, rest @ ..] = cells
            && (is_label(&first.text) || is_bullet(&first.text))
        {
            cells = rest;
        }
        if let [rest @ .., last] = cells
            && are_marks(&last.text)
        {
            cells = rest;
        }
        cells.len() > 1
    }

    /// Whether it stands right under another.
    fn follows(&self, above: &Self, step: f32) -> bool {
        let height = self.height.max(above.height);
        self.page == above.page && self.top > above.top && self.top - above.top <= step * height
    }
}

/// Whether this is the label of a question or of an entry: `1.`, `12)`, `(a)`, `2b)`.
fn is_label(text: &str) -> bool {
    let Some(inside) = text.strip_suffix(['.', ')', ':']) else { return false };
    let inside = inside.strip_prefix('(').unwrap_or(inside);
    let rest = inside.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = inside.len() - rest.len();
    digits <= 3 && (rest.is_empty() && digits > 0 || rest.len() == 1 && rest.chars().all(|it| it.is_ascii_alphabetic()))
}

fn is_bullet(text: &str) -> bool {
    matches!(text, "•" | "◦" | "▪" | "■" | "●" | "○" | "–" | "-" | "*" | "‣" | "➢" | "o" | "✓" | "→")
}

/// Whether this is an amount of marks in brackets, or with its unit.
fn are_marks(text: &str) -> bool {
    let opens = text.starts_with(['[', '(']);
    let inside = text.trim_start_matches(['[', '(']).trim_end_matches([']', ')']);
    let (number, unit) = inside.split_once(' ').unwrap_or((inside, ""));
    let is_number = !number.is_empty() && number.chars().all(|it| it.is_ascii_digit() || matches!(it, '.' | ','));
    let is_unit = ["mark", "marks", "point", "points", "pt", "pts", "punkt", "punkte", "p"].contains(&unit);
    is_number && if opens { unit.is_empty() || is_unit } else { is_unit }
}

/// Puts lines together.
struct Layout {
    /// Height of most lines.
    size: f32,
    /// Where the text ends on the right.
    margin: f32,
    writer: Writer,
    /// Where the labels of the questions begin.
    numbered: Option<f32>,
    /// Where the bullets of the list begin, level by level.
    bullets: Vec<f32>,
}

impl Layout {
    /// Writes what begins with the first of these rows, and says of how many it is made. Pages follow each other.
    fn put(&mut self, rows: &[Row]) -> usize {
        let tabular = rows.iter().take_while(|row| row.is_tabular()).count();
        let is_table = match rows {
            [first, second, ..] => {
                tabular >= 2 || (tabular == 1 && second.follows(first, STEP) && lies_under(first, second))
            }
            _ => false,
        };
        if is_table { self.put_table(rows) } else { self.put_paragraph(rows) }
    }

    fn put_table(&mut self, rows: &[Row]) -> usize {
        let mut columns: Vec<Cell> = Vec::new();
        let mut table: Vec<Vec<String>> = Vec::new();
        let mut above: Option<&Row> = None;
        let mut taken = 0;
        for row in rows {
            let places = columns_of(&columns, row);
            let is_within = above.is_some_and(|above| row.follows(above, STEP));
            let Some(places) = places.filter(|_| row.is_tabular() || is_within) else { break };
            // What stands right under a row and fills fewer of its cells is the rest of what didn't fit there.
            let goes_on = is_within && row.cells.len() < columns.len() && !table.is_empty();
            if !goes_on {
                if !row.is_tabular() {
                    break;
                }
                table.push(vec![String::new(); columns.len()]);
            }
            let last = table.len() - 1;
            for (cell, place) in row.cells.iter().zip(places) {
                if place == columns.len() {
                    columns.push(cell.clone());
                } else {
                    let column = &mut columns[place];
                    (column.left, column.right) = (column.left.min(cell.left), column.right.max(cell.right));
                }
                let line = &mut table[last];
                line.resize(line.len().max(place + 1), String::new());
                let text =
                    if line[place].is_empty() { cell.text.clone() } else { format!("{} {}", line[place], cell.text) };
                line[place] = text;
            }
            above = Some(row);
            taken += 1;
        }
        self.writer.gap();
        for mut line in table {
            line.resize(columns.len(), String::new());
            self.writer.line(row(&line));
        }
        self.writer.gap();
        self.bullets.clear();
        taken.max(1)
    }

    fn put_paragraph(&mut self, rows: &[Row]) -> usize {
        let Some(first) = rows.first() else { return 0 };
        let mut text = first.text();
        let mut last = first;
        let mut taken = 1;
        for next in &rows[1..] {
            if !self.goes_on(last, next) {
                break;
            }
            text = joined(&text, &next.text());
            last = next;
            taken += 1;
        }
        let (word, rest) = text.split_once(' ').unwrap_or((&text, ""));
        let line = if is_bullet(word) && !rest.is_empty() {
            let level = self.level(first.left());
            format!("{}- {rest}", "  ".repeat(level))
        } else if is_label(word) {
            self.bullets.clear();
            let edge = *self.numbered.get_or_insert(first.left());
            self.numbered = Some(edge.min(first.left()));
            let is_inner = first.left() > edge + INDENT * first.height;
            if is_inner { format!("  {text}") } else { text }
        } else {
            self.bullets.clear();
            let is_heading = first.height >= LARGER * self.size && taken <= 3;
            if is_heading { format!("# {text}") } else { text }
        };
        if !line.trim_start().starts_with('-') {
            self.writer.gap();
        }
        self.writer.line(line);
        taken
    }

    /// Whether a line goes on with the paragraph above: it stands right under it, begins nothing of its own, and its first
    /// word found no room there.
    fn goes_on(&self, above: &Row, row: &Row) -> bool {
        let text = row.text();
        let word = text.split(' ').next().unwrap_or_default();
        let begins = is_label(word) || is_bullet(word) || row.is_tabular() || begins_a_part(word);
        let is_full = above.right() + 0.3 * above.height + row.first_word > self.margin - 0.5 * above.height;
        let ends = above.cells.last().is_some_and(|cell| {
            let end = cell.text.rfind(['[', '(']).map_or("", |at| &cell.text[at..]);
            are_marks(&cell.text) || are_marks(end)
        });
        let is_alike = row.height < 1.1 * above.height && above.height < 1.1 * row.height;
        row.follows(above, WIDE_STEP) && is_alike && !begins && is_full && !ends
    }

    /// The level of a bullet that begins here.
    fn level(&mut self, left: f32) -> usize {
        while self.bullets.last().is_some_and(|outer| left < outer - INDENT * self.size) {
            self.bullets.pop();
        }
        if self.bullets.last().is_none_or(|outer| left > outer + INDENT * self.size) {
            self.bullets.push(left);
        }
        self.bullets.len().saturating_sub(1)
    }
}

/// Whether a line that begins with this word begins something: `Answer:`, `Question 3`.
fn begins_a_part(word: &str) -> bool {
    let is_named = word.len() > 2 && word.ends_with(':') && word.chars().next().is_some_and(char::is_uppercase);
    is_named || ["Question", "Frage", "Aufgabe"].contains(&word)
}

/// The column of each cell of a row, `columns.len()` and more for new ones; none if a cell reaches over two columns.
fn columns_of(columns: &[Cell], row: &Row) -> Option<Vec<usize>> {
    if columns.is_empty() {
        return Some((0..row.cells.len()).collect());
    }
    let mut places = Vec::new();
    for cell in &row.cells {
        let under = columns.iter().filter(|column| column.overlap(cell) > 0.0).count();
        if under > 1 {
            return None;
        }
        let nearest =
            (0..columns.len()).max_by(|a, b| columns[*a].overlap(cell).total_cmp(&columns[*b].overlap(cell)))?;
        places.push(nearest);
    }
    Some(places)
}

/// Whether each cell of a row stands under one of another's.
fn lies_under(above: &Row, row: &Row) -> bool {
    let is_under = |cell: &Cell| above.cells.iter().filter(|other| other.overlap(cell) > 0.0).count() == 1;
    row.cells.len() < above.cells.len() && row.cells.iter().all(is_under)
}

/// Two lines of a paragraph as one. A word that was divided is put together again.
fn joined(above: &str, below: &str) -> String {
    let is_divided = below.starts_with(char::is_lowercase)
        && above.strip_suffix('-').is_some_and(|rest| rest.ends_with(char::is_alphabetic));
    if is_divided { format!("{}{below}", &above[..above.len() - 1]) } else { format!("{above} {below}") }
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}
