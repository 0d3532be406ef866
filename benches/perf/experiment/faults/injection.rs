//! What is done to a trial while it runs. Each begins once the generator has started, before the
//! measured window or in it, and lasts to its end.

use std::process::Command;
use std::time::Duration;

use hello_cluster::harness::cpu_snapshot::all_stats;
use hello_cluster::harness::process::{Child, Signal, signal};
use procfs::process::Process;

use super::{WARMUP, WINDOW, Way};
use crate::env::{Failure, TestEnv};
use crate::experiment::bench_run::BenchRun;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a slow master is stopped, and how long it runs between.
const STOPPED: Duration = Duration::from_millis(9);
const RUNS: Duration = Duration::from_millis(2);

/// Brings a fault about in a run that has begun; returns the neighbour, which lives until dropped.
pub fn inject(
    env: &TestEnv,
    bench: &mut BenchRun<'_>,
    way: &Way,
) -> Result<Option<Child>, Failure> {
    match way {
        Way::Suite | Way::OneCpu | Way::Quota | Way::Backlog => {}
        Way::Neighbour => {
            return busy_beside(Trial::wait_for(env, bench)?.first_worker()?).map(Some);
        }
        Way::SlowMaster => slow_down(env, &Trial::wait_for(env, bench)?)?,
        Way::StoppedWorker => {
            let trial = Trial::wait_for(env, bench)?;
            env.pause(WARMUP + WINDOW / 4)?;
            send(trial.first_worker()?, Signal::SIGSTOP)?;
        }
    }
    Ok(None)
}

/// The processes of a trial under load, found from outside: `bench` has two children, `serve` and
/// `load`, and the server's are its workers.
struct Trial {
    master: u32,
    /// The oldest first.
    workers: Vec<u32>,
    load: u32,
}

impl Trial {
    fn wait_for(env: &TestEnv, bench: &mut BenchRun<'_>) -> Result<Self, Failure> {
        env.wait("trial under load", START_TIMEOUT, || {
            bench.expect_alive()?;
            Ok(Self::find(bench.pid()))
        })
    }

    /// The trial under way; `None` before its generator has started, which starts after all workers.
    fn find(bench: u32) -> Option<Self> {
        let stats = all_stats().ok()?;
        let children = |parent: u32| {
            let children = stats.iter().filter(move |(_, stat)| stat.parent == parent);
            children.map(|(pid, _)| *pid)
        };
        let child = |command: &str| children(bench).find(|pid| runs(*pid, command));
        let (load, master) = (child("load")?, child("serve")?);
        Some(Self { master, workers: children(master).collect(), load })
    }

    fn first_worker(&self) -> Result<u32, Failure> {
        let first = self.workers.first().copied();
        first.ok_or_else(|| Failure::broken("the server has no worker"))
    }
}

/// Whether a process is this command of our binary. One that has ended has no command line.
fn runs(pid: u32, command: &str) -> bool {
    let words = Process::new(pid.cast_signed()).and_then(|process| process.cmdline());
    words.is_ok_and(|words| words.get(1).is_some_and(|word| word == command))
}

fn send(pid: u32, what: Signal) -> Result<(), Failure> {
    signal(pid, what).map_err(Failure::cannot(format!("send {what} to {pid}")))
}

fn busy_beside(other: u32) -> Result<Child, Failure> {
    let status = Process::new(other.cast_signed()).and_then(|process| process.status());
    let allowed = status.map_err(Failure::cannot("read a worker's CPUs"))?.cpus_allowed_list;
    let ranges = allowed.ok_or_else(|| Failure::broken("a worker's status tells no CPUs"))?;
    let ranges: Vec<_> = ranges.iter().map(|(first, last)| format!("{first}-{last}")).collect();
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &ranges.join(","), "sh", "-c", "while :; do :; done"]);
    Ok(Child::spawn("neighbour", command, None)?)
}

/// Stops and continues the master while there is load, so that it accepts only now and then. On two
/// CPUs a master is not too slow for its workers without help.
fn slow_down(env: &TestEnv, trial: &Trial) -> Result<(), Failure> {
    while runs(trial.load, "load") {
        send(trial.master, Signal::SIGSTOP)?;
        env.pause(STOPPED)?;
        send(trial.master, Signal::SIGCONT)?;
        env.pause(RUNS)?;
    }
    Ok(())
}
