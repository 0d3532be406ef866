//! The system calls that the master makes per connection that it deals, counted by `strace -c`.
//!
//! Tracing slows the master, so more connections wait each time it looks and its batches are fuller. Hence
//! two loads: full load (a closed loop, for the bound), and a steady rate well below, with small batches.

use std::process::Command;
use std::time::Duration;

use hello_cluster::harness::process::{Child, Signal, signal};
use procfs::process::Process;

use crate::env::cluster::Cluster;
use crate::env::figures::Bounds;
use crate::env::load::Load;
use crate::env::{Failure, TestEnv};

const DEALING: [&str; 2] = ["round-robin", "least-connections"];
const MOST: f64 = 3.0;

/// How long strace may take to attach, and to write its table.
const STRACE_TIMEOUT: Duration = Duration::from_secs(10);

const LENGTH: (&str, Duration) = ("3s", Duration::from_secs(3));

/// A load, and whether the bound holds for it.
const LOADS: [(&str, &[&str], bool); 2] =
    [("full load", &["-c", "64"], true), ("500/s", &["-c", "256", "-R", "500"], false)];

/// Counts and prints; a line instead where strace is missing or may not trace.
pub fn count(
    env: &TestEnv,
    modes: &[String],
    workers: u32,
    bounds: &mut Bounds,
) -> Result<(), Failure> {
    if Command::new("strace").arg("--version").output().is_err() {
        println!("strace is not installed: the master's system calls are not counted");
        return Ok(());
    }
    println!("the master's system calls a connection, by strace -c -p (which slows it)");
    for mode in modes.iter().filter(|mode| DEALING.contains(&mode.as_str())) {
        for (name, load, bounded) in LOADS {
            let Some(calls) = trace(env, mode, workers, load)? else {
                println!("  strace may not attach to another process here: not counted");
                return Ok(());
            };
            println!("  {mode:<18} {name:<10} {:.2}  ({})", calls.each(), calls.kinds());
            bounds.require(!bounded || calls.each() <= MOST, || {
                format!(
                    "{mode}: {:.2} system calls a connection, not {MOST} or fewer",
                    calls.each()
                )
            });
        }
    }
    Ok(())
}

struct Calls {
    connections: f64,
    /// Calls by name, the most frequent first.
    by_name: Vec<(String, f64)>,
}

impl Calls {
    fn each(&self) -> f64 {
        self.by_name.iter().map(|(_, calls)| calls).sum::<f64>() / self.connections
    }

    fn kinds(&self) -> String {
        let kind =
            |(name, calls): &(String, f64)| format!("{name} {:.2}", calls / self.connections);
        self.by_name.iter().take(6).map(kind).collect::<Vec<_>>().join(", ")
    }
}

/// Counts one mode under one load; `None` when strace may not attach.
fn trace(env: &TestEnv, mode: &str, workers: u32, load: &[&str]) -> Result<Option<Calls>, Failure> {
    let mut cluster = Cluster::start(env, mode, workers)?;
    let table = env.file("strace");
    let mut command = Command::new("strace");
    command.args(["-c", "-p", &cluster.master().to_string(), "-o"]).arg(&table);
    let mut strace = Child::spawn("strace", command, None)?;
    let master = cluster.master();
    let attached = env.wait("attached strace", STRACE_TIMEOUT, || {
        Ok(if is_traced(master) { Some(true) } else { strace.has_ended()?.then_some(false) })
    })?;
    if !attached {
        return Ok(None);
    }
    let (text, length) = LENGTH;
    let arguments = [load, &["--no-keepalive", "-d", text]].concat();
    let result = Load::run(env, &cluster.url("/"), length, &arguments)?;
    signal(strace.pid(), Signal::SIGINT).map_err(Failure::cannot("end strace"))?;
    strace.await_end(STRACE_TIMEOUT, &env.interrupt)?;
    cluster.stop()?;
    if result.lifetime.failed > 0 {
        let failed = result.lifetime.failed;
        return Err(Failure::Broken(format!("{mode}: {failed} requests failed under strace")));
    }
    let text = std::fs::read_to_string(&table).map_err(Failure::cannot("read strace's table"))?;
    Ok(Some(Calls { connections: result.lifetime.connections as f64, by_name: read(&text) }))
}

fn is_traced(pid: u32) -> bool {
    let status = Process::new(pid.cast_signed()).and_then(|process| process.status());
    status.is_ok_and(|status| status.tracerpid != 0)
}

/// The calls in strace's table: the fourth column of each line that ends in a system call's name.
fn read(table: &str) -> Vec<(String, f64)> {
    let call = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (&name, calls) = (words.last()?, words.get(3)?.parse().ok()?);
        (name != "total").then(|| (name.to_owned(), calls))
    };
    let mut calls: Vec<(String, f64)> = table.lines().filter_map(call).collect();
    calls.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    calls
}
