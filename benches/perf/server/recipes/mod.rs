//! The measurements, one a file, and the command line that chooses among them.
//!
//! Next: [`keepalive`].

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::contender::Built;
use crate::rounds::{Arena, Options};
use crate::stage::{Failure, Stage};

mod idle;
mod instructions;
mod keepalive;
mod price;

/// Measures the server's speed; without a word, all of it; exit code 1 when a bound is not met
#[derive(Parser)]
#[command(name = "perf_server", bin_name = "just perf server")]
struct Arguments {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Measure(Recipe),
    /// Is one of the contenders
    #[command(hide = true)]
    Answer {
        /// Which
        #[arg(value_enum)]
        who: Built,
    },
}

#[derive(Subcommand)]
enum Recipe {
    /// Kept connections: beside nginx, Node, hyper as it comes, and a bare loop
    Keepalive,
    /// What supervision, scoreboard and guard cost
    Price,
    /// Ten thousand idle connections: memory, and what they do to busy ones
    Idle(idle::Options),
    /// User instructions a request, by callgrind
    Instructions(instructions::Options),
}

/// Reads the command line and carries it out.
pub fn main() -> ExitCode {
    let Arguments { options, command } = Arguments::parse();
    let outcome = match command {
        Some(Command::Answer { who }) => who.serve().map_err(Failure::of("serve")),
        Some(Command::Measure(recipe)) => run(&options, &[recipe]),
        None => run(&options, &Recipe::all()),
    };
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    eprintln!("perf_server: {failure}");
    ExitCode::from(failure.code())
}

/// Makes measurements one after the other; a bound that is not met does not end them.
fn run(options: &Options, recipes: &[Recipe]) -> Result<(), Failure> {
    if !options.generator.is_installed() {
        println!("skipped: wrk is not installed");
        return Ok(());
    }
    let stage = Stage::set()?;
    let arena = Arena::open(&stage, options)?;
    let mut broken = Vec::new();
    for recipe in recipes {
        match recipe.run(&arena) {
            Err(Failure::Bound(which)) => broken.push(which),
            outcome => outcome?,
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(Failure::Bound(broken.join("; "))) }
}

impl Recipe {
    fn all() -> [Self; 4] {
        [
            Self::Keepalive,
            Self::Price,
            Self::Idle(idle::Options::default()),
            Self::Instructions(instructions::Options::default()),
        ]
    }

    fn run(&self, arena: &Arena<'_>) -> Result<(), Failure> {
        match self {
            Self::Keepalive => keepalive::run(arena),
            Self::Price => price::run(arena),
            Self::Idle(options) => idle::run(arena, options),
            Self::Instructions(options) => instructions::run(arena, options),
        }
    }
}
