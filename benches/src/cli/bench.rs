//! `hello-cluster bench`: the experiment's arguments. Next: `experiment`, which runs it.

use std::path::PathBuf;

use super::Failure;

/// Arguments of `bench`.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    hello-cluster bench\n  \
    hello-cluster bench quick --modes single,reuseport --blocks 12\n  \
    hello-cluster bench my-suite.toml --plan\n\n\
    The record and the page go to reports/out/<run-id> in the current directory; \
    reports/out/latest points to the last run.")]
pub struct Args {
    /// A suite: quick, smoke, or the path of a .toml file
    #[arg(value_name = "SUITE", default_value = "quick")]
    suite: String,
    /// Only these modes
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    modes: Option<Vec<String>>,
    /// These worker counts instead of the suite's (single always has one)
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    workers: Option<Vec<u32>>,
    /// How often each cell is run; six or more give intervals
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    blocks: Option<u32>,
    /// Length of each measurement, 500ms or 2s for example
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// Seed of the order of trials: the same one gives the same order
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print the trials and the time they take, and run nothing
    #[arg(long)]
    plan: bool,
    /// Folder of this run instead of reports/out/<run-id>
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Show the page in a browser at the end
    #[arg(long)]
    open: bool,
}

/// Runs the command.
#[cfg(target_os = "linux")]
pub fn run(args: Args) -> Result<(), Failure> {
    use crate::experiment::{self, Ending, Error};

    let ending = experiment::run(&request(args)?).map_err(|error| match error {
        Error::Plan(_) => Failure::usage(error.to_string()),
        _ => Failure::io(error.to_string()),
    })?;
    match ending {
        Ending::Valid => Ok(()),
        Ending::NotValid(1) => Err(Failure::invalid("1 trial is not valid or failed: see above")),
        Ending::NotValid(trials) => {
            Err(Failure::invalid(format!("{trials} trials are not valid or failed: see above")))
        }
        Ending::Interrupted(trials) => {
            Err(Failure::interrupted(format!("interrupted: {trials} finished trials are saved")))
        }
    }
}

/// Runs the command.
#[cfg(not(target_os = "linux"))]
pub fn run(_args: Args) -> Result<(), Failure> {
    Err(Failure::usage("bench needs Linux: use a container or WSL2"))
}

/// Checks the arguments.
#[cfg(target_os = "linux")]
fn request(args: Args) -> Result<crate::experiment::Request, Failure> {
    use crate::experiment::Request;
    use crate::experiment::plan::Overrides;
    use crate::experiment::suite::{Suite, SuiteError};
    use crate::experiment::values::{Length, Mode, check_workers};

    let suite = Suite::find(&args.suite).map_err(|error| match error {
        SuiteError::Read { .. } => Failure::io(error.to_string()),
        _ => Failure::usage(error.to_string()),
    })?;
    let modes = args.modes.map(|names| names.iter().map(|name| Mode::parse(name)).collect());
    let workers = args.workers.map(|counts| counts.into_iter().map(check_workers).collect());
    let duration = args.duration.map(|text| Length::parse_measurement(&text));
    Ok(Request {
        suite,
        overrides: Overrides {
            modes: modes.transpose().map_err(|why: String| named("--modes", &why))?,
            workers: workers.transpose().map_err(|why: String| named("--workers", &why))?,
            blocks: args.blocks,
            duration: duration
                .transpose()
                .map_err(|why| named("--duration", &why))?
                .map(|length| length.0),
        },
        seed: args.seed,
        plan_only: args.plan,
        out: args.out,
        open: args.open,
        command: command_line(),
    })
}

/// An argument's error.
#[cfg(target_os = "linux")]
fn named(argument: &str, why: &str) -> Failure {
    Failure::usage(format!("{argument}: {why}"))
}

/// The command line, quoted for a shell, the program by its name.
#[cfg(target_os = "linux")]
fn command_line() -> String {
    let arguments = std::env::args().skip(1).map(|argument| quoted(&argument));
    std::iter::once("hello-cluster".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// One argument as a shell takes it.
#[cfg(target_os = "linux")]
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("--blocks"), "--blocks");
        assert_eq!(quoted("my suite.toml"), "'my suite.toml'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
