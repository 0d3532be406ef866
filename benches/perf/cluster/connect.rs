//! `connect`: a connection per request, two workers: what dealing connections costs compared with letting
//! the kernel share them out, and with Node's round robin.
//!
//! A closed loop; each trial has a fresh server and generator, in an order per round drawn from the seed.
//! Nothing is pinned: on two CPUs the rates are those of the whole, and the ratios flatter the slower side.
//! The master's system calls are counted in separate runs ([`syscalls`]), since tracing slows it.

use std::time::Duration;

use hello_cluster::harness::version_line::first_line;

use super::{print_command, syscalls};
use crate::env::cluster::{Cluster, FORKED};
use crate::env::figures::{Bounds, Spread};
use crate::env::generator::problem;
use crate::env::interleaved::InterleavedRunner;
use crate::env::load::Load;
use crate::env::{Failure, TestEnv, in_words, seed, time};
use crate::servers::Server;
use crate::servers::running::RunningServer;

const CONNECTIONS: &str = "64";
const WARM_UP: &str = "500ms";

/// `round-robin` must reach this share of `reuseport`'s rate …
const OF_REUSEPORT: f64 = 0.95;

/// … and this multiple of Node's.
const OF_NODE: f64 = 2.5;

#[derive(clap::Args)]
pub struct Options {
    /// Rounds, each with a trial of everything
    #[arg(long, value_name = "N", default_value = "9")]
    rounds: u32,
    /// Length of a trial
    #[arg(short, long, value_name = "TIME", default_value = "2s", value_parser = time)]
    duration: Duration,
    /// Workers
    #[arg(long, value_name = "N", default_value = "2")]
    workers: u32,
    /// Modes
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_values = FORKED, value_parser = FORKED)]
    modes: Vec<String>,
    /// Seed of the order [default: a new one, told]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Competitor {
    Mode(String),
    Node,
}

impl Competitor {
    fn name(&self) -> &str {
        match self {
            Self::Mode(mode) => mode,
            Self::Node => "Node's round robin",
        }
    }

    fn trial(&self, env: &TestEnv, options: &Options) -> Result<f64, Failure> {
        match self {
            Self::Mode(mode) => {
                let mut cluster = Cluster::start(env, mode, options.workers)?;
                let rate = drive(env, &cluster.url("/"), options, self.name())?;
                cluster.stop()?;
                Ok(rate)
            }
            Self::Node => {
                let server = Server::NodeCluster(options.workers);
                let server = RunningServer::start(env, None, server)?;
                drive(env, &server.url(), options, self.name())
            }
        }
    }
}

fn drive(env: &TestEnv, url: &str, options: &Options, name: &str) -> Result<f64, Failure> {
    let length = in_words(options.duration);
    let arguments = ["-c", CONNECTIONS, "--no-keepalive", "--warmup", WARM_UP, "-d", &length];
    let result = Load::run(env, url, options.duration, &arguments)?;
    match problem(&result) {
        None => Ok(result.throughput_rps),
        Some(why) => Err(Failure::Broken(format!("{name}: {why}"))),
    }
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let seed = seed(options.seed);
    print_command(Some(seed));
    let node = first_line(&["node", "--version"].map(str::to_owned));
    println!(
        "a connection a request, {CONNECTIONS} at a time, {} workers, {} × {:?} each, interleaved; \
         medians (range of the rounds)",
        options.workers, options.rounds, options.duration
    );
    let mut competitors: Vec<_> = options.modes.iter().cloned().map(Competitor::Mode).collect();
    if node.is_empty() {
        println!("Node is not installed: left out");
    } else {
        println!("Node {node}");
        competitors.push(Competitor::Node);
    }
    let trials = InterleavedRunner { rounds: options.rounds, seed };
    let rates = trials.run(&competitors, |_, competitor| competitor.trial(env, options))?;
    let mut bounds = Bounds::default();
    compare(&competitors, &rates, &mut bounds);
    syscalls::count(env, &options.modes, options.workers, &mut bounds)?;
    bounds.verdict("the ratios, and the master's system calls where they were counted")
}

/// Prints each rate, and `round-robin`'s as a ratio to it, round by round.
fn compare(competitors: &[Competitor], rates: &[Vec<f64>], bounds: &mut Bounds) {
    let dealt = competitors.iter().position(|it| it.name() == "round-robin");
    let Some(dealt) = dealt.map(|index| &rates[index]) else { return };
    println!("{:<20} {:<26} round-robin / it", "", "connections/s");
    for (competitor, rates) in competitors.iter().zip(rates) {
        let ratio = Spread::of_ratios(dealt.iter().copied(), rates.iter().copied());
        let rate = format!("{:.0}", Spread::of(rates.iter().copied()));
        println!("{:<20} {rate:<26} {ratio:.3}", competitor.name());
        let least = match competitor {
            Competitor::Mode(mode) if mode == "reuseport" => OF_REUSEPORT,
            Competitor::Mode(_) => continue,
            Competitor::Node => OF_NODE,
        };
        bounds.require(ratio.median >= least, || {
            let name = competitor.name();
            format!("round-robin / {name}: {:.3}, not {least} or more", ratio.median)
        });
    }
}
