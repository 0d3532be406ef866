//! `restarts`: rolling restarts, and scaling up and down, under load; not one request may fail.
//!
//! Each kind of client ([`super::clients`]) has a cluster of its own. Each step is awaited to its end, the
//! exit of the last old process included. SIGUSR1 asks for the restart: it means the same with and without
//! a terminal.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use hello_cluster::harness::process::Signal;
use loadgen::RunResult;
use server::events::{Event, ExitReason};

use super::clients::{ClientKind, Clients, require_none_failed};
use super::print_command;
use crate::env::cluster::{Cluster, FORKED};
use crate::env::figures::{Bounds, Spread};
use crate::env::{Failure, TestEnv, time};

/// Load before the first step and after the last.
const MARGIN: Duration = Duration::from_millis(300);

#[derive(clap::Args)]
pub struct Options {
    /// Rolling restarts, and as many scale-ups and -downs, a mode and kind of client
    #[arg(long, value_name = "N", default_value = "50")]
    times: u32,
    /// Workers
    #[arg(long, value_name = "N", default_value = "2")]
    workers: u32,
    #[command(flatten)]
    clients: Clients,
    /// Load between the steps
    #[arg(long, value_name = "TIME", default_value = "50ms", value_parser = time)]
    pause: Duration,
    /// Modes
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_values = FORKED, value_parser = FORKED)]
    modes: Vec<String>,
}

struct Outcome {
    result: RunResult,
    restart_ms: Spread,
    up_ms: Spread,
    down_ms: Spread,
    /// Processes that ended otherwise than drained.
    undrained: Vec<ExitReason>,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    let Options { times, workers, clients, .. } = options;
    print_command(None);
    println!(
        "{times} rolling restarts, then {times} scale-ups and -downs, {workers} workers; {clients}; \
         times in ms: median (range)"
    );
    println!(
        "mode               client             answered failed  restart              up                   down                "
    );
    let mut bounds = Bounds::default();
    for mode in &options.modes {
        for client in ClientKind::ALL {
            let outcome = measure(env, options, mode, client)?;
            print(mode, client, &outcome);
            judge(&outcome, mode, client, &mut bounds);
        }
    }
    bounds.verdict("not one request failed, and every process that left had drained")
}

fn measure(
    env: &TestEnv,
    options: &Options,
    mode: &str,
    client: ClientKind,
) -> Result<Outcome, Failure> {
    let mut cluster = Cluster::start(env, mode, options.workers)?;
    let mut load = client.load(env, &cluster.url("/"), &options.clients)?;
    env.pause(MARGIN)?;
    let (mut restarts, mut ups, mut downs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.times {
        restarts.push(timed(|| restart(&mut cluster))?);
        env.pause(options.pause)?;
    }
    for _ in 0..options.times {
        ups.push(timed(|| scale(&mut cluster, Signal::SIGTTIN, options.workers + 1))?);
        env.pause(options.pause)?;
        downs.push(timed(|| scale(&mut cluster, Signal::SIGTTOU, options.workers))?);
        env.pause(options.pause)?;
    }
    env.pause(MARGIN)?;
    load.expect_alive()?;
    let result = load.interrupt()?;
    cluster.stop()?;
    let reasons = cluster.exits().map(|exit| exit.reason);
    Ok(Outcome {
        result,
        restart_ms: Spread::of(restarts),
        up_ms: Spread::of(ups),
        down_ms: Spread::of(downs),
        undrained: reasons.filter(|why| *why != ExitReason::Drained).collect(),
    })
}

fn timed(step: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let begin = Instant::now();
    step()?;
    Ok(begin.elapsed().as_secs_f64() * 1e3)
}

/// One whole rolling restart: every worker has a new process, and every old one is gone.
fn restart(cluster: &mut Cluster<'_>) -> Result<(), Failure> {
    let restarted = |event: &Event| matches!(event, Event::Restarted {});
    let failed = |event: &Event| matches!(event, Event::RestartFailed { .. });
    let old: BTreeSet<u32> = cluster.pids();
    let before = cluster.count(restarted);
    cluster.signal(Signal::SIGUSR1)?;
    cluster.wait_for("end of a rolling restart", |now| {
        let gone = now.exits().filter(|exit| old.contains(&exit.process.pid)).count();
        now.count(failed) > 0 || now.count(restarted) > before && gone == old.len()
    })?;
    let kept = cluster.workers.values().any(|ready| old.contains(&ready.pid));
    if cluster.count(failed) > 0 || kept || cluster.workers.len() != old.len() {
        return Err(Failure::broken("a rolling restart did not replace all workers"));
    }
    Ok(())
}

/// One worker more or fewer: a new one takes connections, or one is gone.
fn scale(cluster: &mut Cluster<'_>, how: Signal, wanted: u32) -> Result<(), Failure> {
    let exits = cluster.exits().count() + usize::from(how == Signal::SIGTTOU);
    cluster.signal(how)?;
    cluster.wait_for(&format!("cluster of {wanted} workers after {how}"), |now| {
        now.workers.len() == wanted as usize && now.exits().count() >= exits
    })
}

fn print(mode: &str, client: ClientKind, outcome: &Outcome) {
    let life = &outcome.result.lifetime;
    println!(
        "{mode:<18} {:<18} {:>8} {:>6}  {:<20} {:<20} {:<20}",
        client.name(),
        life.answered,
        life.failed,
        format!("{:.0}", outcome.restart_ms),
        format!("{:.0}", outcome.up_ms),
        format!("{:.0}", outcome.down_ms),
    );
}

fn judge(outcome: &Outcome, mode: &str, client: ClientKind, bounds: &mut Bounds) {
    let who = format!("{mode}, {}", client.name());
    require_none_failed(bounds, &who, &outcome.result);
    bounds.require(outcome.undrained.is_empty(), || {
        let (count, first) = (outcome.undrained.len(), outcome.undrained.first());
        let first = first.map_or_else(String::new, |why| format!("{why:?}").to_lowercase());
        format!("{who}: {count} processes had not drained ({first})")
    });
}
