//! The command line: one file a command, each turning its arguments into a validated plan.
//!
//! Exit codes are the project's contract: see [`Failure`].

mod bench;
mod compare;
mod demo;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod keep;
mod load;
mod read;
mod report;
#[cfg(target_os = "linux")]
mod serve;
mod value;

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
#[cfg(not(target_os = "linux"))]
use elsewhere::serve;

/// A clustered hello-worker server, its load generator, and the experiment that compares one core
/// with many.
#[derive(Parser)]
#[command(name = "hello-cluster", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the cluster: a master and its workers, all answering on one port.
    Serve(serve::Args),
    /// Drive an HTTP server and measure it.
    Load(Box<load::Args>),
    /// Compare one core with many and write a report.
    Bench(bench::Args),
    /// Draw the page of a record again, check a page, or give its figures in other shapes.
    Report(report::Args),
    /// Compare two records, or put many into one table.
    Compare(compare::Args),
    /// Show a cluster live, under load, on a page for a class.
    Demo(demo::Args),
    /// Run a command whose whole process tree ends with us.
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    Keep(keep::Args),
}

/// Why a command ends with another code than 0: one line for a person, one code for a script.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

#[expect(clippy::needless_pass_by_value, reason = "they are made for `map_err`")]
impl Failure {
    /// 1: a check that was asked for failed.
    pub fn check(message: impl ToString) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    /// 2: wrong usage, a bad suite file included.
    pub fn usage(message: impl ToString) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// 3: cannot bind, reach, read or write.
    pub fn io(message: impl ToString) -> Self {
        Self { code: 3, message: message.to_string() }
    }

    /// 3: `cannot WHAT PATH: WHY`.
    pub fn file(what: &str, path: &Path, why: impl Display) -> Self {
        Self::io(format!("cannot {what} {}: {why}", path.display()))
    }

    /// 4: measured, but the measurement is not valid.
    pub fn invalid(message: impl ToString) -> Self {
        Self { code: 4, message: message.to_string() }
    }

    /// 5: no worker ever became ready.
    pub fn no_worker(message: impl ToString) -> Self {
        Self { code: 5, message: message.to_string() }
    }

    /// 130: interrupted; what was finished is saved.
    pub fn interrupted(message: impl ToString) -> Self {
        Self { code: 130, message: message.to_string() }
    }
}

/// Reads the command line, runs the command, and says in one line what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let result = match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Load(args) => load::run(&args),
        Command::Bench(args) => bench::run(args),
        Command::Report(args) => report::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Demo(args) => demo::run(args),
        #[cfg(target_os = "linux")]
        Command::Keep(args) => keep::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hello-cluster: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

/// Prints help as it is, and a mistake as one line: what was wrong, then clap's tip if it has one.
fn explain(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(u8::from(error.use_stderr()) * 2);
    }
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let rest =
        lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let line = std::iter::once(first).chain(rest.map(plain)).collect::<Vec<_>>().join("; ");
    eprintln!("hello-cluster: {line} (see --help)");
    ExitCode::from(2)
}

/// A line of clap's, its list of possible values as a sentence.
fn plain(line: &str) -> String {
    let values = line.strip_prefix("[possible values: ").and_then(|list| list.strip_suffix(']'));
    match values.map(|list| list.rsplit_once(", ").unwrap_or(("", list))) {
        Some(("", only)) => format!("give {only}"),
        Some((others, last)) => format!("give {others} or {last}"),
        None => line.to_owned(),
    }
}
