//! `hello-cluster bench`: arguments to a request for the experiment.

use super::Failure;

#[cfg(not(target_os = "linux"))]
pub use super::elsewhere::{Args, bench as run};
#[cfg(target_os = "linux")]
pub use linux::{Args, run};

#[cfg(target_os = "linux")]
mod linux {
    use std::path::PathBuf;

    use super::Failure;
    use crate::bench::plan::Overrides;
    use crate::bench::suite::File;
    use crate::bench::suite::values::Length;
    use crate::bench::suite::workers::parse_workers;
    use crate::bench::{self, Ending, Error, Request, What};

    /// Arguments of `bench`.
    #[derive(clap::Args)]
    #[command(after_help = "Examples:\n  \
        hello-cluster bench\n  \
        hello-cluster bench quick --modes single,reuseport --blocks 12\n  \
        hello-cluster bench peers --targets hello-cluster,nginx\n  \
        hello-cluster bench my-suite.toml --plan\n  \
        hello-cluster bench --resume reports/out/latest\n\n\
        The record and the page go to reports/out/<run-id> in the current directory; \
        reports/out/latest points to the last run.\n\
        Exit codes: 0 all trials valid, 2 usage or a bad suite, 3 cannot read or write, \
        4 a trial failed or is not valid, 130 interrupted (what was finished is saved).")]
    pub struct Args {
        /// A suite: quick, smoke, workshop, peers, full, or the path of a .toml file
        #[arg(value_name = "SUITE", default_value = "quick")]
        suite: String,
        /// Only these modes
        #[arg(long, value_name = "LIST", value_delimiter = ',')]
        modes: Option<Vec<String>>,
        /// Only these targets: hello-cluster, node, nginx, or one of the suite's own
        #[arg(long, value_name = "LIST", value_delimiter = ',')]
        targets: Option<Vec<String>>,
        /// These worker counts instead of the suite's (single always has one)
        #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = parse_workers)]
        workers: Option<Vec<u32>>,
        /// How often each cell is run; six or more give intervals
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
        blocks: Option<u32>,
        /// Length of each measurement, 500ms or 2s for example
        #[arg(long, value_name = "TIME", value_parser = Length::parse_measurement)]
        duration: Option<Length>,
        /// Time that the whole run may take: it is cut until it fits, and says what was cut
        #[arg(long, value_name = "TIME", value_parser = Length::parse)]
        budget: Option<Length>,
        /// Seed of the order of trials: the same one gives the same order
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// Print the trials and the time they take, and run nothing
        #[arg(long)]
        plan: bool,
        /// Folder of this run instead of reports/out/<run-id>
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Go on with an interrupted run in this folder: same plan, same order, each trial once
        #[arg(long, value_name = "DIR", conflicts_with_all = [
            "suite", "modes", "targets", "workers", "blocks", "duration", "budget", "seed", "out",
        ])]
        resume: Option<PathBuf>,
        /// Show the page in a browser at the end
        #[arg(long)]
        open: bool,
    }

    /// Runs a suite and says how it ended.
    pub fn run(args: Args) -> Result<(), Failure> {
        let ending = bench::run(&request(args)?).map_err(|error| failure(&error))?;
        match ending {
            Ending::Valid => Ok(()),
            Ending::NotValid(1) => Err(Failure::invalid("1 trial failed or is not valid")),
            Ending::NotValid(trials) => {
                Err(Failure::invalid(format!("{trials} trials failed or are not valid")))
            }
            Ending::Interrupted { trials, folder } => Err(Failure::interrupted(format!(
                "interrupted: {trials} finished trials are saved; go on with \
                 hello-cluster bench --resume {}",
                quoted(&folder.to_string_lossy())
            ))),
        }
    }

    /// What the arguments ask for.
    fn request(args: Args) -> Result<Request, Failure> {
        let what = match args.resume {
            Some(folder) => What::Resumed(folder),
            None => What::New {
                file: File::find(&args.suite).map_err(|error| failure(&error.into()))?,
                overrides: Overrides {
                    modes: args.modes,
                    targets: args.targets,
                    workers: args.workers,
                    blocks: args.blocks,
                    duration: args.duration.map(|length| length.0),
                    budget: args.budget.map(|length| length.0),
                },
                seed: args.seed,
                out: args.out,
            },
        };
        Ok(Request { what, plan_only: args.plan, open: args.open, command: command_line() })
    }

    fn failure(error: &Error) -> Failure {
        if error.is_usage() { Failure::usage(error) } else { Failure::io(error) }
    }

    /// The command line, quoted for a shell, the program by its name.
    fn command_line() -> String {
        let arguments = std::env::args().skip(1).map(|argument| quoted(&argument));
        let words: Vec<String> =
            std::iter::once("hello-cluster".to_owned()).chain(arguments).collect();
        words.join(" ")
    }

    /// One argument as a shell takes it.
    fn quoted(argument: &str) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            return argument.to_owned();
        }
        format!("'{}'", argument.replace('\'', r"'\''"))
    }

    #[cfg(test)]
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
}
