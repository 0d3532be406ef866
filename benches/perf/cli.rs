//! The command line: one subcommand per recipe, and the hidden ones by which a recipe starts this
//! program again as a process of its own.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::env::{Failure, TestEnv};
use crate::load::{bare_client, timer_baseline};
use crate::servers::BuiltIn;
use crate::{cluster, demo, experiment, load, search, server, tools};

/// Measures speed as ratios in one run; exit code 1 when a bound is not met
#[derive(Parser)]
#[command(name = "perf", bin_name = "just perf")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures the cluster's supervision
    #[command(subcommand)]
    Cluster(cluster::Recipe),
    /// Measures what the live page promises
    Demo(demo::Options),
    /// Measures whether the experiment keeps its promises
    #[command(subcommand)]
    Experiment(experiment::Recipe),
    /// Measures what a request costs the load generator, beside others
    Load(load::Options),
    /// Repeats a search for the highest rate; the rates may differ by a tenth
    Search(search::Options),
    /// Measures the server's speed; without a word, all of it
    Server(server::Arguments),
    /// Compares what load --as tells with what other tools print
    Tools(tools::Options),
    /// Is one of the servers
    #[command(hide = true)]
    Answer { who: BuiltIn },
    /// Is the leanest client
    #[command(hide = true)]
    Drive { url: String, requests: u64 },
    /// Is the loop that only sleeps
    #[command(hide = true)]
    Sleep { rate: u32, seconds: u32 },
}

pub fn main() -> ExitCode {
    let Err(failure) = Arguments::parse().command.run() else { return ExitCode::SUCCESS };
    eprintln!("perf_{}: {failure}", std::env::args().nth(1).unwrap_or_default());
    ExitCode::from(failure.code())
}

impl Command {
    fn run(&self) -> Result<(), Failure> {
        let env = TestEnv::new;
        match self {
            Self::Cluster(recipe) => cluster::run(&env()?, recipe),
            Self::Demo(options) => demo::run(&env()?, options),
            Self::Experiment(recipe) => experiment::run(&env()?, recipe),
            Self::Load(options) => load::run(&env()?, options),
            Self::Search(options) => search::run(&env()?, options),
            Self::Server(arguments) => server::run(&env()?, arguments),
            Self::Tools(options) => tools::run(&env()?, options),
            Self::Answer { who } => who.serve().map_err(Failure::cannot("serve")),
            Self::Drive { url, requests } => {
                bare_client::drive(url, *requests).map_err(Failure::cannot("drive a server"))
            }
            Self::Sleep { rate, seconds } => {
                timer_baseline::sleep(*rate, *seconds).map_err(Failure::cannot("sleep"))
            }
        }
    }
}
