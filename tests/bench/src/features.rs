//! `bench features`: what the grader measures of each answer, for `infra/training/grading`. Training gets its numbers from
//! the code that grades, so the two can't differ.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use clap::Args;
use serde::Serialize;
use smartscripts_grading::{FEATURE_NAMES, Grader};

use crate::{
    Outcome,
    errors::answer,
    grading::{items, question},
};

/// Options of `bench features`.
#[derive(Args)]
pub struct Options {
    /// Rows as for `bench grading`.
    #[arg(long)]
    data: PathBuf,
    /// Where the numbers are written: a line with their names, then one for each row.
    #[arg(long)]
    out: PathBuf,
    /// Share of the answers' characters that are misread.
    #[arg(long, default_value_t = 0.0)]
    errors: f64,
    /// The model files.
    #[arg(long, default_value = ".local/models")]
    models: PathBuf,
}

/// What was measured of one row: for each criterion, and last for the model answers as a whole.
#[derive(Serialize)]
struct Line {
    features: Vec<Option<Vec<f64>>>,
}

/// Measures every row.
pub fn run(options: &Options) -> Outcome<()> {
    let grader = Grader::load(&options.models)?;
    let mut out = BufWriter::new(File::create(&options.out)?);
    writeln!(out, "{}", serde_json::to_string(&FEATURE_NAMES[..])?)?;
    for item in items(&options.data, None)? {
        let answer = answer(&item.student_answer, options.errors);
        let line = Line { features: grader.features(&question(&item), &answer)? };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    out.flush()?;
    Ok(())
}
