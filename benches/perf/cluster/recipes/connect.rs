//! `connect`: a connection for every request, two workers: what dealing connections costs beside
//! letting the kernel share them out, and beside Node's round robin.
//!
//! A closed loop, each trial with a fresh server and a fresh generator, all of a round in an order
//! drawn from the seed. Nothing is pinned: generator, master and workers share the machine, so on
//! two CPUs the rates are those of the whole and the ratios flatter the slower side. The master's
//! system calls are counted in runs of their own (see [`syscalls`]), since tracing slows it.
//!
//! Next: [`super::idle`].

use std::time::Duration;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{forked, seed, syscalls, tell_command, time};
use crate::stage::cluster::{Cluster, FORKED};
use crate::stage::figures::{Bounds, Spread};
use crate::stage::load::Load;
use crate::stage::node::{self, NodeCluster};
use crate::stage::{Failure, Stage};

/// Connections that the closed loop keeps busy.
const CONNECTIONS: &str = "64";

/// Load before the measured window.
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
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_values = FORKED, value_parser = forked)]
    modes: Vec<String>,
    /// Seed of the order [default: a new one, told]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// One of those that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rival {
    Mode(String),
    Node,
}

impl Rival {
    fn name(&self) -> &str {
        match self {
            Self::Mode(mode) => mode,
            Self::Node => "Node's round robin",
        }
    }

    /// Requests a second in one trial.
    fn trial(&self, stage: &Stage, options: &Options) -> Result<f64, Failure> {
        match self {
            Self::Mode(mode) => {
                let mut cluster = Cluster::start(stage, mode, options.workers)?;
                let rate = drive(stage, &cluster.url("/"), options, self.name())?;
                cluster.stop()?;
                Ok(rate)
            }
            Self::Node => {
                let cluster = NodeCluster::start(stage, options.workers)?;
                drive(stage, &cluster.url, options, self.name())
            }
        }
    }
}

fn drive(stage: &Stage, url: &str, options: &Options, name: &str) -> Result<f64, Failure> {
    let length = humantime::format_duration(options.duration).to_string();
    let arguments =
        ["-c", CONNECTIONS, "--no-keepalive", "--warmup", WARM_UP, "-d", length.as_str()];
    let result = Load::run(stage, url, options.duration, &arguments)?;
    match (result.lifetime.failed, result.valid) {
        (0, true) => Ok(result.throughput_rps),
        (0, false) => Err(Failure::Broken(format!("{name}: {}", result.reasons.join(" ")))),
        (failed, _) => Err(Failure::Broken(format!("{name}: {failed} requests failed"))),
    }
}

/// Measures and prints.
pub fn run(stage: &Stage, options: &Options) -> Result<(), Failure> {
    let seed = seed(options.seed);
    tell_command(Some(seed));
    let node = node::version();
    println!(
        "a connection a request, {CONNECTIONS} at a time, {} workers, {} × {:?} each, interleaved; \
         medians (range of the rounds)",
        options.workers, options.rounds, options.duration
    );
    match &node {
        Some(version) => println!("Node {version}"),
        None => println!("Node is not installed: left out"),
    }
    let rivals = options.modes.iter().cloned().map(Rival::Mode).chain(node.map(|_| Rival::Node));
    let mut rates: Vec<(Rival, Vec<f64>)> = rivals.map(|rival| (rival, Vec::new())).collect();
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..options.rounds {
        let mut order: Vec<usize> = (0..rates.len()).collect();
        order.shuffle(&mut chance);
        for index in order {
            let (rival, rates) = &mut rates[index];
            rates.push(rival.trial(stage, options)?);
        }
    }
    let mut bounds = Bounds::default();
    compare(&rates, &mut bounds);
    syscalls::count(stage, &options.modes, options.workers, &mut bounds)?;
    bounds.verdict("the ratios, and the master's system calls where they were counted")
}

/// Prints each rate, and `round-robin`'s as a ratio to it, round by round.
fn compare(rates: &[(Rival, Vec<f64>)], bounds: &mut Bounds) {
    let dealt = rates.iter().find(|(rival, _)| rival.name() == "round-robin");
    let Some((_, dealt)) = dealt else { return };
    println!("{:<20} {:<26} round-robin / it", "", "connections/s");
    for (rival, rates) in rates {
        let ratio = Spread::of(dealt.iter().zip(rates).map(|(dealt, rate)| dealt / rate));
        let rate = format!("{:.0}", Spread::of(rates.iter().copied()));
        println!("{:<20} {rate:<26} {ratio:.3}", rival.name());
        let least = match rival {
            Rival::Mode(mode) if mode == "reuseport" => OF_REUSEPORT,
            Rival::Mode(_) => continue,
            Rival::Node => OF_NODE,
        };
        bounds.require(ratio.median >= least, || {
            format!("round-robin / {}: {:.3}, not {least} or more", rival.name(), ratio.median)
        });
    }
}
