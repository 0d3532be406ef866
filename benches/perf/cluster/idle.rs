//! `idle`: what an idle cluster takes: CPU time of all processes, and the proportional set size of each
//! worker, before and after a burst of load.
//!
//! One cluster at a time: two would share the program's pages and make all workers look smaller.

use std::time::{Duration, Instant};

use super::print_command;
use crate::env::cluster::{Cluster, FORKED};
use crate::env::cpus::cpu_time;
use crate::env::figures::{Bounds, Spread};
use crate::env::load::Load;
use crate::env::memory::Memory;
use crate::env::{Failure, TestEnv, in_words, time};

/// Before the clocks are read: what starting left to do is done by then.
const SETTLE: Duration = Duration::from_secs(1);

/// The most CPU of an idle cluster, in percent of one core.
const MOST_CPU: f64 = 0.1;

/// The largest proportional set size of a worker, in megabytes.
const MOST_MEMORY: f64 = 3.0;

#[derive(clap::Args)]
pub struct Options {
    /// How long the cluster is left alone
    #[arg(short, long, value_name = "TIME", default_value = "20s", value_parser = time)]
    duration: Duration,
    /// Length of each of the two bursts: kept connections, then new ones
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = time)]
    burst: Duration,
    /// Workers
    #[arg(long, value_name = "N", default_value = "2")]
    workers: u32,
    /// Modes
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_values = FORKED, value_parser = FORKED)]
    modes: Vec<String>,
}

struct Taken {
    /// CPU in percent of one core: master, workers.
    cpu: (f64, f64),
    /// Megabytes a worker: before and after the bursts.
    memory: (Spread, Spread),
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let Options { duration, burst, workers, .. } = options;
    print_command(None);
    println!(
        "{workers} workers idle for {duration:?}; CPU in % of one core; proportional set size a \
         worker in MB, median (range), before and after bursts of {burst:?} on 64 kept and on ever \
         new connections"
    );
    println!("mode                 master  workers      all  before                 after");
    let mut bounds = Bounds::default();
    for mode in &options.modes {
        let Taken { cpu: (master, of_workers), memory: (before, after) } =
            measure(env, options, mode)?;
        let all = master + of_workers;
        println!(
            "{mode:<18} {master:>7.4}% {of_workers:>7.4}% {all:>7.4}%  {:<22} {after:.2}",
            format!("{before:.2}")
        );
        bounds.require(all < MOST_CPU, || {
            format!("{mode}: {all:.3} % of a core when idle, not below {MOST_CPU} %")
        });
        let most = before.high.max(after.high);
        bounds.require(most <= MOST_MEMORY, || {
            format!("{mode}: a worker of {most:.2} MB, not {MOST_MEMORY} or fewer")
        });
    }
    bounds.verdict(&format!(
        "below {MOST_CPU} % of a core when idle, at most {MOST_MEMORY} MB a worker"
    ))
}

fn measure(env: &TestEnv, options: &Options, mode: &str) -> Result<Taken, Failure> {
    let mut cluster = Cluster::start(env, mode, options.workers)?;
    env.pause(SETTLE)?;
    let workers: Vec<u32> = cluster.pids();
    let used = || -> Result<(Duration, Duration), Failure> {
        let of_workers: Result<Duration, Failure> = workers.iter().copied().map(cpu_time).sum();
        Ok((cpu_time(cluster.master())?, of_workers?))
    };
    let memory = || -> Result<Spread, Failure> {
        let megabytes = |pid: &u32| Ok(Memory::read(*pid)?.proportional / 1e6);
        let sizes: Result<Vec<f64>, Failure> = workers.iter().map(megabytes).collect();
        Ok(Spread::of(sizes?))
    };
    let (begin, before) = (Instant::now(), used()?);
    env.pause(options.duration)?;
    let (after, elapsed) = (used()?, begin.elapsed());
    let percent = |after: Duration, before: Duration| {
        100.0 * (after.saturating_sub(before)).as_secs_f64() / elapsed.as_secs_f64()
    };
    let lean = memory()?;
    let length = in_words(options.burst);
    for extra in [&[][..], &["--no-keepalive"]] {
        let arguments = [&["-c", "64", "-d", &length][..], extra].concat();
        Load::run(env, &cluster.url("/"), options.burst, &arguments)?;
    }
    env.pause(SETTLE)?;
    let used = memory()?;
    cluster.stop()?;
    let cpu = (percent(after.0, before.0), percent(after.1, before.1));
    Ok(Taken { cpu, memory: (lean, used) })
}
