//! The measurements, one a file, and the command line that chooses among them.
//!
//! Next: [`kills`].

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::stage::cluster::FORKED;
use crate::stage::{Failure, Stage};

mod clients;
mod connect;
mod idle;
mod kills;
mod mixed;
mod restarts;
mod switches;
mod syscalls;

/// Something for a kill or a drain to meet: a tenth of the requests stay open for a while, and now
/// and then a worker is busy for some milliseconds, with others waiting behind.
const MIX: &str = "85:/,10:/sleep?ms=20,5:/work?rounds=1000000";

/// Measures the cluster's supervision; exit code 1 when a bound is not met
#[derive(Parser)]
#[command(name = "perf_cluster", bin_name = "just perf cluster")]
struct Arguments {
    #[command(subcommand)]
    recipe: Recipe,
}

#[derive(Subcommand)]
enum Recipe {
    /// Random workers are killed under a load of new connections: who notices?
    Kills(kills::Options),
    /// Rolling restarts and scaling under load: nobody may notice
    Restarts(restarts::Options),
    /// Switches through all forked modes under load: nobody may notice
    Switches(switches::Options),
    /// One connection a request: the modes beside each other and beside Node
    Connect(connect::Options),
    /// What an idle cluster takes: CPU, and memory a worker before and after a load
    Idle(idle::Options),
    /// A few heavy requests among light ones: what balancing buys
    Mixed(mixed::Options),
}

/// Reads the command line and carries it out.
pub fn main() -> ExitCode {
    let outcome = Arguments::parse().recipe.run();
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    eprintln!("perf_cluster: {failure}");
    ExitCode::from(failure.code())
}

impl Recipe {
    fn run(self) -> Result<(), Failure> {
        let stage = Stage::set()?;
        match self {
            Self::Kills(options) => kills::run(&stage, &options),
            Self::Restarts(options) => restarts::run(&stage, &options),
            Self::Switches(options) => switches::run(&stage, &options),
            Self::Connect(options) => connect::run(&stage, &options),
            Self::Idle(options) => idle::run(&stage, &options),
            Self::Mixed(options) => mixed::run(&stage, &options),
        }
    }
}

/// The seed given, or a new one from the clock.
fn seed(given: Option<u64>) -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    given.unwrap_or_else(|| u64::from(since.subsec_nanos()))
}

/// Says which command repeats this; with the seed, where chance has a part.
fn tell_command(seed: Option<u64>) {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(seed) = seed
        && !words.iter().any(|word| word.starts_with("--seed"))
    {
        words.extend(["--seed".to_owned(), seed.to_string()]);
    }
    println!("again: just perf cluster {}", words.join(" "));
}

/// Reads a length of time.
fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "give a time such as 100ms or 2s".to_owned())
}

/// Reads a forked mode.
fn forked(text: &str) -> Result<String, String> {
    let known = FORKED.contains(&text);
    known.then(|| text.to_owned()).ok_or_else(|| format!("give one of {}", FORKED.join(", ")))
}
