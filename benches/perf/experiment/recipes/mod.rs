//! The measurements, one a file, and the command line that chooses between them.
//!
//! Next: [`faults`].

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::stage::{Failure, Stage};

mod faults;
mod same;

/// Measures whether the experiment keeps its promises; exit code 1 when a bound is not met
#[derive(Parser)]
#[command(name = "perf_experiment", bin_name = "just perf experiment")]
struct Arguments {
    #[command(subcommand)]
    recipe: Recipe,
}

#[derive(Subcommand)]
enum Recipe {
    /// Eight faults on a live system: does the diagnosis name the right one first?
    Faults(faults::Options),
    /// The same server against itself: how often is it called faster or slower?
    Same(same::Options),
}

/// Reads the command line and carries it out.
pub fn main() -> ExitCode {
    let outcome = Arguments::parse().recipe.run();
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    eprintln!("perf_experiment: {failure}");
    ExitCode::from(failure.code())
}

impl Recipe {
    fn run(self) -> Result<(), Failure> {
        let stage = Stage::set()?;
        match self {
            Self::Faults(options) => faults::run(&stage, &options),
            Self::Same(options) => same::run(&stage, &options),
        }
    }
}

/// Reads a length of time.
fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "give a time such as 300ms or 15m".to_owned())
}
