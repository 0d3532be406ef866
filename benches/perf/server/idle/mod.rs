//! `idle`: what ten thousand connections cost that have asked once and are silent now: memory for each, and
//! how much slower they make the busy ones.
//!
//! Each round measures a fresh server with and without them: at a moderate rate for the 99th percentile from
//! when a request was due, then in a closed loop for its capacity. Memory is read before, with, and after.

mod connections;

use std::time::Duration;

use super::contest::Contest;
use crate::env::Failure;
use crate::env::figures::{Bounds, Spread};
use crate::env::generator::{Generator, load};
use crate::env::memory::Memory;
use crate::servers::Server;
use connections::{IdleConnections, possible};

const CONNECTIONS: u32 = 10_000;
const RATE: u32 = 20_000;

/// The least ratio of closed-loop throughput, with the idle connections to without.
const LEAST: f64 = 0.95;

/// Before memory is read: the server has noticed by then who came and left.
const SETTLE: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub struct Options {
    /// Idle connections; fewer where the limit of open files asks for it
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    connections: u32,
    /// Requests a second of the open loop
    #[arg(short = 'R', long, value_name = "RATE", default_value_t = RATE, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: CONNECTIONS, rate: RATE }
    }
}

struct Trial {
    /// Closed loop, requests a second.
    rps: f64,
    /// Open loop, microseconds from when a request was due.
    p99_us: f64,
    /// Why the open loop's schedule was not kept, if it was not.
    invalid: Option<String>,
    /// The server's memory: before, with the idle ones (if there were any), after.
    memory: [Memory; 3],
}

pub fn run(contest: &Contest<'_>, options: &Options) -> Result<(), Failure> {
    let more = format!(" --connections {} --rate {}", options.connections, options.rate);
    contest.print_command("idle", &more);
    let count = possible(options.connections)?;
    if count < options.connections {
        println!(
            "the limit of open files allows {count} idle connections, not {}",
            options.connections
        );
    }
    println!(
        "single, {count} idle connections or none; {} requests/s, then a closed loop; {} × 2 × {:?} \
         each, interleaved; medians (range of the rounds)",
        options.rate, contest.options.rounds, contest.options.duration
    );
    let trials = contest.trials.run(&[0, count], |_, idle| trial(contest, options.rate, *idle))?;
    let [without, with] = &trials[..] else { unreachable!("two subjects have two results") };
    print_memory(with, count);
    print_speed(without, with)
}

fn trial(contest: &Contest<'_>, rate: u32, idle: u32) -> Result<Trial, Failure> {
    let (env, cpu, duration) = (contest.env, contest.cpus.generator, contest.options.duration);
    let server = contest.start(Server::Single)?;
    let (url, worker) = (server.url(), server.worker()?);
    let closed_loop = |length| Generator::Load(None).drive(env, cpu, &url, length, &[])?.checked();
    closed_loop(contest.options.warmup)?;
    env.pause(SETTLE)?;
    let before = Memory::read(worker)?;
    let connections = IdleConnections::open(env, server.address, idle)?;
    let during = Memory::read(worker)?;
    let open = load(env, cpu, &url, duration, &["-R", &rate.to_string()])?;
    if open.lifetime.failed > 0 {
        return Err(Failure::Broken(format!("load: {} requests failed", open.lifetime.failed)));
    }
    let closed = closed_loop(duration)?;
    connections.close()?;
    env.pause(SETTLE)?;
    let memory = [before, during, Memory::read(worker)?];
    let invalid = (!open.valid).then(|| open.reasons.join(" "));
    Ok(Trial { rps: closed.rps, p99_us: open.latency.p99, invalid, memory })
}

fn print_memory(trials: &[Trial], count: u32) {
    println!("{:<14} {:<24} {:<24} {:<24} bytes a connection", "MB", "before", "with", "after");
    let print = |name: &str, kind: fn(&Memory) -> f64| {
        let over_trials = |figure: &dyn Fn(&[Memory; 3]) -> f64| {
            Spread::of(trials.iter().map(|trial| figure(&trial.memory)))
        };
        let mb = |index: usize| format!("{:.2}", over_trials(&|at| kind(&at[index]) / 1e6));
        let each = over_trials(&|at| (kind(&at[1]) - kind(&at[0])) / f64::from(count));
        println!("{name:<14} {:<24} {:<24} {:<24} {each:.0}", mb(0), mb(1), mb(2));
    };
    print("proportional", |memory| memory.proportional);
    print("resident", |memory| memory.resident);
}

fn print_speed(without: &[Trial], with: &[Trial]) -> Result<(), Failure> {
    println!("{:<24} {:<32} {:<32} with / without", "", "without", "with");
    let print = |name: &str, figure: fn(&Trial) -> f64| {
        let spread = |trials: &[Trial]| format!("{:.0}", Spread::of(trials.iter().map(figure)));
        let ratio = Spread::of_ratios(with.iter().map(figure), without.iter().map(figure));
        println!("{name:<24} {:<32} {:<32} {ratio:.3}", spread(without), spread(with));
        ratio.median
    };
    print("p99 in µs at the rate", |trial| trial.p99_us);
    let ratio = print("requests/s at most", |trial| trial.rps);
    let mut invalid = without.iter().chain(with).filter_map(|trial| trial.invalid.as_deref());
    if let Some(why) = invalid.next() {
        let trials = without.len() + with.len();
        println!("  not valid at the rate: {} of {trials} trials: {why}", invalid.count() + 1);
    }
    let mut bounds = Bounds::default();
    bounds.require(ratio >= LEAST, || {
        format!("throughput beside idle connections: {ratio:.3}, not {LEAST} or more")
    });
    bounds.verdict(&format!("at least {LEAST} of the throughput beside idle connections"))
}
