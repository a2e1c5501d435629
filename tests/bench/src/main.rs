//! # bench
//!
//! Measures how well and how fast SmartScripts reads and grades, on data of any origin. Each subcommand prints a table; those on data
//! write `{ "summary": {…}, "rows": […] }` too, so that anyone can check a figure.
//!
//! ```text
//! cargo run --release -p smartscripts-bench -- reading --manifest pages.jsonl --out reading.json
//! cargo run --release -p smartscripts-bench -- grading --data answers.jsonl --out grading.json
//! cargo run --release -p smartscripts-bench -- groups --data answers.jsonl
//! cargo run --release -p smartscripts-bench -- audit --events 100000
//! ```

mod agreement;
mod audit;
mod calibration;
mod errors;
mod features;
mod grading;
mod groups;
mod reading;
mod score;

use std::{
    env,
    process::{Command, ExitCode},
};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Character and word error rate and time per page of the reading.
    Reading(reading::Options),
    /// Agreement with teachers' marks and time per answer of the grading.
    Grading(grading::Options),
    /// Which answers a teacher decides about together, and how often they deserve the same mark.
    Groups(groups::Options),
    /// What is measured of each answer, for the training of the grader.
    Features(features::Options),
    /// Events per second when an audit log is verified.
    Audit(audit::Options),
}

/// What a bench returns: any error ends the program with its text.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// `rten` takes the number of its threads from the environment when it starts, so the bench starts itself again with it.
fn with_threads(threads: usize) -> Option<ExitCode> {
    const VARIABLE: &str = "RTEN_NUM_THREADS";
    let threads = threads.to_string();
    if env::var(VARIABLE).is_ok_and(|set| set == threads) {
        return None;
    }
    let again = env::current_exe()
        .and_then(|bench| Command::new(bench).args(env::args_os().skip(1)).env(VARIABLE, threads).status());
    Some(if again.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().what {
        What::Reading(options) => match with_threads(options.threads) {
            Some(again) => return again,
            None => reading::run(&options),
        },
        What::Grading(options) => grading::run(&options),
        What::Groups(options) => groups::run(&options),
        What::Features(options) => features::run(&options),
        What::Audit(options) => audit::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
