//! `restarts`: rolling restarts, and scaling up and down, under load; not one request may fail.
//!
//! Two kinds of client, each with a cluster of its own: new connections at a constant rate (an open
//! loop), and kept connections that are never idle (a closed loop), which the server must close
//! between two requests without losing the second. Each step is awaited to its end, the last old
//! process's exit included, before the next begins. The restart is asked for by SIGUSR1, which
//! means the same with and without a terminal.
//!
//! Next: [`super::switches`].

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use loadgen::RunResult;
use nix::sys::signal::Signal;

use super::clients::{Client, Clients};
use super::{forked, tell_command, time};
use crate::stage::cluster::{Cluster, FORKED};
use crate::stage::figures::{Bounds, Spread};
use crate::stage::{Failure, Stage};

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
    #[arg(long, value_name = "MODE,…", value_delimiter = ',', default_values = FORKED, value_parser = forked)]
    modes: Vec<String>,
}

/// What came of one mode and client.
struct Outcome {
    result: RunResult,
    restart_ms: Spread,
    up_ms: Spread,
    down_ms: Spread,
    /// Processes that ended otherwise than drained.
    undrained: Vec<String>,
}

/// Measures and prints.
pub fn run(stage: &Stage, options: &Options) -> Result<(), Failure> {
    let Options { times, workers, clients, .. } = options;
    tell_command(None);
    println!(
        "{times} rolling restarts, then {times} scale-ups and -downs, {workers} workers; {clients}; \
         times in ms: median (range)"
    );
    println!(
        "{:<18} {:<18} {:>8} {:>6}  {:<20} {:<20} {:<20}",
        "mode", "client", "answered", "failed", "restart", "up", "down"
    );
    let mut bounds = Bounds::default();
    for mode in &options.modes {
        for client in Client::ALL {
            let outcome = measure(stage, options, mode, client)?;
            print(mode, client, &outcome);
            outcome.judge(mode, client, &mut bounds);
        }
    }
    bounds.verdict("not one request failed, and every process that left had drained")
}

fn measure(
    stage: &Stage,
    options: &Options,
    mode: &str,
    client: Client,
) -> Result<Outcome, Failure> {
    let mut cluster = Cluster::start(stage, mode, options.workers)?;
    let mut load = client.load(stage, &cluster.url("/"), &options.clients)?;
    stage.pause(MARGIN)?;
    let (mut restarts, mut ups, mut downs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.times {
        restarts.push(timed(|| restart(&mut cluster))?);
        stage.pause(options.pause)?;
    }
    for _ in 0..options.times {
        ups.push(timed(|| scale(&mut cluster, Signal::SIGTTIN, options.workers + 1))?);
        stage.pause(options.pause)?;
        downs.push(timed(|| scale(&mut cluster, Signal::SIGTTOU, options.workers))?);
        stage.pause(options.pause)?;
    }
    stage.pause(MARGIN)?;
    load.expect_alive()?;
    let result = load.interrupt()?;
    cluster.stop()?;
    let exits = cluster.of_kind("exit");
    let undrained = exits.filter_map(|exit| exit.reason.clone().filter(|why| why != "drained"));
    Ok(Outcome {
        result,
        restart_ms: Spread::of(restarts),
        up_ms: Spread::of(ups),
        down_ms: Spread::of(downs),
        undrained: undrained.collect(),
    })
}

/// How long a step took, in milliseconds.
fn timed(step: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let begin = Instant::now();
    step()?;
    Ok(begin.elapsed().as_secs_f64() * 1e3)
}

/// One whole rolling restart: every worker has a new process, and every old one is gone.
fn restart(cluster: &mut Cluster<'_>) -> Result<(), Failure> {
    let old: BTreeSet<u32> = cluster.workers.values().map(|ready| ready.pid).collect();
    let before = cluster.count("restarted");
    cluster.signal(Signal::SIGUSR1)?;
    cluster.wait_for("end of a rolling restart", |now| {
        let gone = now.of_kind("exit").filter(|exit| old.contains(&exit.pid)).count();
        now.count("restart_failed") > 0 || now.count("restarted") > before && gone == old.len()
    })?;
    let kept = cluster.workers.values().any(|ready| old.contains(&ready.pid));
    if cluster.count("restart_failed") > 0 || kept || cluster.workers.len() != old.len() {
        return Err(Failure::Broken("a rolling restart did not replace all workers".to_owned()));
    }
    Ok(())
}

/// One worker more or fewer: a new one takes connections, or one is gone.
fn scale(cluster: &mut Cluster<'_>, how: Signal, wanted: u32) -> Result<(), Failure> {
    let exits = cluster.count("exit") + usize::from(how == Signal::SIGTTOU);
    cluster.signal(how)?;
    cluster.wait_for(&format!("cluster of {wanted} workers after {how}"), |now| {
        now.workers.len() == wanted as usize && now.count("exit") >= exits
    })
}

fn print(mode: &str, client: Client, outcome: &Outcome) {
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

impl Outcome {
    fn judge(&self, mode: &str, client: Client, bounds: &mut Bounds) {
        let (failed, client) = (self.result.lifetime.failed, client.name());
        bounds.require(failed == 0, || {
            let classes = super::clients::classes(&self.result);
            format!("{mode}, {client}: {failed} failed ({classes})")
        });
        let (count, first) = (self.undrained.len(), self.undrained.first());
        bounds.require(count == 0, || {
            let first = first.map_or("", String::as_str);
            format!("{mode}, {client}: {count} processes had not drained ({first})")
        });
    }
}
