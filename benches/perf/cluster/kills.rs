//! `kills`: random workers are killed with SIGKILL while new connections keep coming.
//!
//! The loop is open, with a connection per request, so connections come even if no answers do. None may be
//! refused, and no more requests may fail than the killed processes had connections open: what a worker had
//! accepted may die with it, what waited for it may not. The victim is any worker that takes connections,
//! even if the previous victim has not been replaced yet.
//!
//! The replacement of a worker that dies young repeatedly is delayed more each time, so by default a victim
//! has lived for over a second. With `--age 0s` there are times without any worker, and clients must wait.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hello_cluster::harness::process::{Signal, signal};
use loadgen::RunResult;
use rand::seq::IteratorRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use server::events::Event;

use super::print_command;
use crate::env::cluster::{Cluster, FORKED};
use crate::env::figures::{Bounds, Spread};
use crate::env::load::{Load, UNTIL_ENDED};
use crate::env::{Failure, TestEnv, seed, time};

/// Connections that may wait for an answer at once: enough for seconds without any worker.
const CONNECTIONS: &str = "16384";

/// How long an answer may take: longer than the longest wait before a worker is replaced.
const TIMEOUT: &str = "30s";

/// Load before the first kill and after the last replacement.
const MARGIN: Duration = Duration::from_millis(500);

#[derive(clap::Args)]
pub struct Options {
    /// Kills a mode
    #[arg(long, value_name = "N", default_value = "200")]
    kills: usize,
    /// Workers
    #[arg(long, value_name = "N", default_value = "4")]
    workers: u32,
    /// New connections a second
    #[arg(short = 'R', long, value_name = "RATE", default_value = "2000")]
    rate: u32,
    /// What is asked for
    #[arg(long, value_name = "WEIGHT:PATH,…", default_value = super::MIX)]
    mix: String,
    /// Shortest time between two kills
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = time)]
    from: Duration,
    /// Longest time between two kills
    #[arg(long, value_name = "TIME", default_value = "150ms", value_parser = time)]
    to: Duration,
    /// How long a victim has taken connections at least
    #[arg(long, value_name = "TIME", default_value = "1100ms", value_parser = time)]
    age: Duration,
    /// Modes
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_values = FORKED, value_parser = FORKED)]
    modes: Vec<String>,
    /// Seed of the choice of victims and times [default: a new one, told]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

struct Outcome {
    result: RunResult,
    /// Connections that the killed had open.
    open: u64,
    /// From a kill until the replacement takes connections, in milliseconds.
    replaced_ms: Spread,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let seed = seed(options.seed);
    let Options { kills, workers, rate, mix, from, to, age, .. } = options;
    print_command(Some(seed));
    println!(
        "{kills} kills a mode, one every {from:?} to {to:?} if a worker is older than {age:?}, \
         {workers} workers; {rate} new connections/s (an open loop) for {mix}"
    );
    println!(
        "mode                   sent answered  refused  reset closed  other  fail killed open  \
         replaced after ms (range)   worst ms"
    );
    let mut bounds = Bounds::default();
    for mode in &options.modes {
        let outcome = kill_them(env, options, mode, &mut ChaCha8Rng::seed_from_u64(seed))?;
        print(mode, &outcome);
        judge(&outcome, mode, &mut bounds);
    }
    bounds.verdict("none refused, and no more failed than the killed had connections open")
}

fn kill_them(
    env: &TestEnv,
    options: &Options,
    mode: &str,
    chance: &mut impl Rng,
) -> Result<Outcome, Failure> {
    let mut cluster = Cluster::start(env, mode, options.workers)?;
    let rate = options.rate.to_string();
    let mut arguments = vec!["-c", CONNECTIONS, "-R", &rate, "--mix", &options.mix];
    arguments.extend(["--no-keepalive", "-d", UNTIL_ENDED, "-T", TIMEOUT]);
    let mut load = Load::start(env, None, &cluster.url("/"), &arguments)?;
    env.pause(MARGIN)?;
    // Killed process → its worker's id and when it was killed.
    let mut killed: HashMap<u32, (u32, Instant)> = HashMap::new();
    while killed.len() < options.kills {
        let mut victim = None;
        cluster.wait_for("worker to kill", |now| {
            let old = now.workers.iter().filter(|(_, it)| it.since.elapsed() >= options.age);
            victim = old.choose(chance).map(|(&id, ready)| (id, ready.pid));
            victim.is_some()
        })?;
        load.expect_alive()?;
        let Some((id, pid)) = victim else { continue };
        signal(pid, Signal::SIGKILL).map_err(Failure::cannot("kill a worker"))?;
        killed.insert(pid, (id, Instant::now()));
        cluster.workers.remove(&id);
        let next = Instant::now() + chance.random_range(options.from..=options.to);
        cluster.wait_for("time to pass", |_| Instant::now() >= next)?;
    }
    let all = options.workers as usize;
    cluster.wait_for("cluster with all its workers", |now| now.workers.len() == all)?;
    env.pause(MARGIN)?;
    let result = load.interrupt()?;
    cluster.stop()?;
    let exits = cluster.exits().filter(|exit| killed.contains_key(&exit.process.pid));
    let open = exits.map(|exit| exit.counts.open).sum();
    Ok(Outcome { result, open, replaced_ms: Spread::of(replacements(&cluster, &killed)) })
}

/// For each kill, how long its worker was without a process that takes connections, in ms.
fn replacements(cluster: &Cluster<'_>, killed: &HashMap<u32, (u32, Instant)>) -> Vec<f64> {
    let waited = |&(id, killed_at): &(u32, Instant)| {
        let next = cluster.events.iter().find_map(|(at, event)| match event {
            Event::Listening(process) if process.id == id && *at > killed_at => Some(*at),
            _ => None,
        })?;
        Some((next - killed_at).as_secs_f64() * 1e3)
    };
    killed.values().filter_map(waited).collect()
}

fn print(mode: &str, outcome: &Outcome) {
    let (errors, life) = (&outcome.result.errors, &outcome.result.lifetime);
    let other = life.failed.saturating_sub(errors.refused + errors.reset + errors.closed_early);
    println!(
        "{mode:<18} {:>8} {:>8} {:>8} {:>6} {:>6} {other:>6} {:>5} {:>11}  {:<26} {:>9.0}",
        life.sent,
        life.answered,
        errors.refused,
        errors.reset,
        errors.closed_early,
        life.failed,
        outcome.open,
        format!("{:.0}", outcome.replaced_ms),
        outcome.result.latency.max / 1e3,
    );
}

fn judge(outcome: &Outcome, mode: &str, bounds: &mut Bounds) {
    let (refused, failed) = (outcome.result.errors.refused, outcome.result.lifetime.failed);
    bounds.require(refused == 0, || format!("{mode}: {refused} refused"));
    bounds.require(failed <= outcome.open, || {
        format!("{mode}: {failed} failed, but the killed had only {} open", outcome.open)
    });
}
