//! `mixed`: what one heavy request in twenty costs the light ones, and what choosing the worker buys.
//!
//! Each request has its own connection, because a balancer chooses per connection. Arrivals are random
//! (Poisson) at half the machine's capacity: constant arrivals below capacity hardly queue, and near
//! capacity everything queues. There are more workers than CPUs, so a light request on another worker can
//! overtake a heavy one; `--workers` shows other cases.
//!
//! Heavy requests on every CPU would delay the generator's sends by milliseconds. The cluster therefore
//! yields to it (`SCHED_IDLE`), and rounds whose schedule was not kept all the same are reported.
//!
//! Histograms are merged over the rounds and then read. A round's arrivals and heavy requests are the same
//! for every mode.

use std::time::Duration;

use loadgen::latency::Latency;
use loadgen::{RunResult, merge};

use super::print_command;
use crate::env::cluster::Cluster;
use crate::env::cpus::cpu_time;
use crate::env::figures::{Bounds, Spread};
use crate::env::interleaved::InterleavedRunner;
use crate::env::load::Load;
use crate::env::{Failure, TestEnv, in_words, seed, time};

const MODES: [&str; 6] =
    ["single", "threads", "shared", "reuseport", "round-robin", "least-connections"];

/// Connections that may wait at once: more than ever do below capacity.
const CONNECTIONS: &str = "4096";

const WARM_UP: (&str, Duration) = ("1s", Duration::from_secs(1));

/// Rounds of the work that the price of a round is measured with.
const PRICED: f64 = 1e6;

const HEAVY: Duration = Duration::from_millis(10);

#[derive(clap::Args)]
pub struct Options {
    /// Rounds, each with a trial of every mode
    #[arg(long, value_name = "N", default_value = "5")]
    rounds: u32,
    /// Length of a trial
    #[arg(short, long, value_name = "TIME", default_value = "6s", value_parser = time)]
    duration: Duration,
    /// Workers (threads in mode threads, 1 in single)
    #[arg(long, value_name = "N", default_value = "4")]
    workers: u32,
    /// Requests a second [default: half of what a closed loop reaches]
    #[arg(short = 'R', long, value_name = "RATE")]
    rate: Option<u32>,
    /// Modes
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_values = MODES, value_parser = MODES)]
    modes: Vec<String>,
    /// Seed of arrivals and order [default: a new one, told]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let seed = seed(options.seed);
    print_command(Some(seed));
    let mix = format!("95:/,5:/work?rounds={}", calibrate(env)?);
    let rate = match options.rate {
        Some(rate) => rate,
        None => capacity(env, options.workers, &mix)? / 2,
    };
    println!(
        "mix {mix} (heavy: {HEAVY:?} of CPU), {rate} new connections/s at random times, {} workers, \
         {} × {:?} each, interleaved",
        options.workers, options.rounds, options.duration
    );
    let trials = InterleavedRunner { rounds: options.rounds, seed };
    let results = trials.run(&options.modes, |round, mode| {
        trial(env, options, mode, &mix, (rate, seed.wrapping_add(u64::from(round))))
    })?;
    report(&options.modes, &results)
}

/// How many rounds of work take [`HEAVY`] here, by the server's own CPU clock.
fn calibrate(env: &TestEnv) -> Result<u64, Failure> {
    let mut cluster = Cluster::start(env, "single", 1)?;
    let url = cluster.url(&format!("/work?rounds={PRICED}"));
    let before = cpu_time(cluster.master())?;
    let result = Load::run(env, &url, Duration::ZERO, &["-c", "1", "-n", "100"])?;
    let used = cpu_time(cluster.master())?.saturating_sub(before);
    cluster.stop()?;
    let each = used.as_secs_f64() / result.lifetime.answered.max(1) as f64;
    Ok((HEAVY.as_secs_f64() / each * PRICED) as u64)
}

/// Requests/s of a closed loop that never runs dry, with the generator on the same CPUs.
fn capacity(env: &TestEnv, workers: u32, mix: &str) -> Result<u32, Failure> {
    let mut cluster = Cluster::start(env, "round-robin", workers)?;
    let arguments = ["-c", "64", "--no-keepalive", "--mix", mix, "--warmup", "500ms", "-d", "3s"];
    let result = Load::run(env, &cluster.url("/"), Duration::from_secs(4), &arguments)?;
    cluster.stop()?;
    Ok(result.throughput_rps as u32)
}

fn trial(
    env: &TestEnv,
    options: &Options,
    mode: &str,
    mix: &str,
    (rate, seed): (u32, u64),
) -> Result<RunResult, Failure> {
    let workers = if mode == "single" { 1 } else { options.workers };
    let mut cluster = Cluster::start_yielding(env, mode, workers)?;
    let length = in_words(options.duration);
    let (rate, seed) = (rate.to_string(), seed.to_string());
    let mut arguments = vec!["-c", CONNECTIONS, "--no-keepalive", "--mix", mix];
    arguments.extend(["-R", &rate, "--arrivals", "poisson", "--seed", &seed]);
    arguments.extend(["--warmup", WARM_UP.0, "-d", &length, "-T", "30s"]);
    let result = Load::run(env, &cluster.url("/"), WARM_UP.1 + options.duration, &arguments)?;
    cluster.stop()?;
    Ok(result)
}

fn report(modes: &[String], results: &[Vec<RunResult>]) -> Result<(), Failure> {
    println!("latency from when a request was due, in ms, read from all rounds together");
    println!(
        "{:<18} {:>8} {:>8} {:>8} {:>8}  {:<28} {:>9}",
        "mode", "p50", "p90", "p99", "p99.9", "p99 a round: median (range)", "not valid"
    );
    let mut bounds = Bounds::default();
    let (mut dealt, mut chosen) = (0.0, 0.0);
    for (mode, rounds) in modes.iter().zip(results) {
        let Some(sum) = merge::merge(rounds) else { continue };
        print(mode, rounds, &sum.latency);
        let failed = sum.lifetime.failed;
        bounds.require(failed == 0, || format!("{mode}: {failed} requests failed"));
        match mode.as_str() {
            "round-robin" => dealt = sum.latency.p99,
            "least-connections" => chosen = sum.latency.p99,
            _ => {}
        }
    }
    if dealt > 0.0 && chosen > 0.0 {
        println!("p99, least-connections / round-robin: {:.3}", chosen / dealt);
        bounds.require(chosen <= dealt, || {
            "the p99 of least-connections is above that of round-robin".to_owned()
        });
    }
    bounds.verdict("none failed, and the p99 of least-connections is no higher than round-robin's")
}

fn print(mode: &str, rounds: &[RunResult], all: &Latency) {
    let ms = |us: f64| us / 1e3;
    let mut invalid = rounds.iter().filter(|round| !round.valid).peekable();
    let reason = invalid.peek().map(|round| round.reasons.join(" "));
    println!(
        "{mode:<18} {:>8.2} {:>8.2} {:>8.2} {:>8.2}  {:<28} {:>9}",
        ms(all.p50),
        ms(all.p90),
        ms(all.p99),
        ms(all.p999),
        format!("{:.1}", Spread::of(rounds.iter().map(|round| ms(round.latency.p99)))),
        invalid.count(),
    );
    if let Some(reason) = reason {
        println!("  not valid: {reason}");
    }
}
