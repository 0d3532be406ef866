//! What is done to a trial while it runs. Each begins once the generator has started, before the
//! measured window or in it, and lasts to its end.
//!
//! Next: [`super::processes`], which finds the victims.

use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::processes::{Trial, allowed_cpus};
use super::{WARMUP, WINDOW, Way};
use crate::bench::Bench;
use crate::stage::process::{Process, signal};
use crate::stage::{Failure, Stage};

/// How long a trial may take to get going.
const START: Duration = Duration::from_secs(30);

/// How long a slow master is stopped, and how long it runs between.
const STOPPED: Duration = Duration::from_millis(9);
const RUNS: Duration = Duration::from_millis(2);

/// Keeps what was started for a fault going until it is dropped.
pub struct Meddling {
    _neighbour: Option<Process>,
}

/// Brings a fault about in a run that has begun.
pub fn meddle(stage: &Stage, bench: &mut Bench<'_>, way: &Way) -> Result<Meddling, Failure> {
    let mut neighbour = None;
    match way {
        Way::Suite | Way::OneCpu | Way::Quota | Way::Backlog => {}
        Way::Neighbour => {
            let trial = under_load(stage, bench)?;
            neighbour = Some(busy_beside(stage, first_worker(&trial)?)?);
        }
        Way::SlowMaster => slow_down(stage, &under_load(stage, bench)?)?,
        Way::StoppedWorker => {
            let trial = under_load(stage, bench)?;
            stage.pause(WARMUP + WINDOW / 4)?;
            signal(first_worker(&trial)?, Signal::SIGSTOP)?;
        }
    }
    Ok(Meddling { _neighbour: neighbour })
}

/// Waits until the trial's generator has started.
fn under_load(stage: &Stage, bench: &mut Bench<'_>) -> Result<Trial, Failure> {
    stage.wait("trial under load", START, || {
        bench.expect_alive()?;
        Ok(Trial::of(bench.pid()))
    })
}

fn first_worker(trial: &Trial) -> Result<u32, Failure> {
    let first = trial.workers.first().copied();
    first.ok_or_else(|| Failure::Broken("the server has no worker".to_owned()))
}

/// A process that does nothing but use the CPUs of another.
fn busy_beside(stage: &Stage, other: u32) -> Result<Process, Failure> {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &allowed_cpus(other)?, "sh", "-c", "while :; do :; done"]);
    Process::start(stage, "neighbour", &mut command)
}

/// Stops the master and lets it go on, in turn, as long as there is load: connections come all the
/// time, it takes them now and then. A machine with many CPUs has a master that is too slow for its
/// workers without any help; two CPUs have not.
fn slow_down(stage: &Stage, trial: &Trial) -> Result<(), Failure> {
    while trial.is_loaded() {
        signal(trial.master, Signal::SIGSTOP)?;
        stage.pause(STOPPED)?;
        signal(trial.master, Signal::SIGCONT)?;
        stage.pause(RUNS)?;
    }
    Ok(())
}
