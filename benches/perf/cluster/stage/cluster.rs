//! A cluster as a process of its own, followed through its events.
//!
//! Next: [`super::load`], the other side.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::events::{Event, Log};
use super::process::{Process, signal};
use super::{Failure, Stage};

/// The modes whose workers are processes.
pub const FORKED: [&str; 4] = ["shared", "reuseport", "round-robin", "least-connections"];

/// Longer than anything here takes on a busy machine: a drain has its own, shorter deadline.
const PATIENCE: Duration = Duration::from_secs(45);

/// An event, and when it was read: within a glance of when it was written.
pub struct Seen {
    /// When.
    pub at: Instant,
    /// What.
    pub event: Event,
}

/// A process that takes connections.
#[derive(Debug, Clone, Copy)]
pub struct Ready {
    /// Its process id.
    pub pid: u32,
    /// Since when.
    pub since: Instant,
}

/// A running cluster; killed with all its workers when dropped.
pub struct Cluster<'a> {
    stage: &'a Stage,
    process: Process,
    log: Log,
    address: String,
    /// What has happened so far.
    pub events: Vec<Seen>,
    /// The processes that take connections, by worker id.
    pub workers: BTreeMap<u32, Ready>,
}

impl<'a> Cluster<'a> {
    /// Starts a cluster on a free port and waits until all its workers take connections.
    pub fn start(stage: &'a Stage, mode: &str, workers: u32) -> Result<Self, Failure> {
        Self::start_by(stage, Command::new(&stage.program), mode, workers, &[])
    }

    /// Starts one with an operators' address.
    pub fn start_operated(stage: &'a Stage, mode: &str, workers: u32) -> Result<Self, Failure> {
        let command = Command::new(&stage.program);
        Self::start_by(stage, command, mode, workers, &["--admin", "127.0.0.1:0"])
    }

    /// Starts one that yields its CPUs to the generator whenever that has something to send
    /// (`SCHED_IDLE`). Among the cluster's own processes nothing changes.
    pub fn start_yielding(stage: &'a Stage, mode: &str, workers: u32) -> Result<Self, Failure> {
        let mut command = Command::new("chrt");
        command.args(["--idle", "0"]).arg(&stage.program);
        Self::start_by(stage, command, mode, workers, &[])
    }

    fn start_by(
        stage: &'a Stage,
        mut command: Command,
        mode: &str,
        workers: u32,
        extra: &[&str],
    ) -> Result<Self, Failure> {
        let events = stage.file("events.jsonl");
        command.args(["serve", "--mode", mode, "--workers", &workers.to_string()]);
        command.args(["--listen", "127.0.0.1:0", "--events"]).arg(&events).args(extra);
        let mut cluster = Self {
            stage,
            process: Process::start(stage, "serve", &mut command)?,
            log: Log::new(&events),
            address: String::new(),
            events: Vec::new(),
            workers: BTreeMap::new(),
        };
        // In `threads` one worker stands for all threads.
        let wanted = if FORKED.contains(&mode) { workers as usize } else { 1 };
        cluster.wait_for("cluster with all its workers", |now| now.workers.len() >= wanted)?;
        let told = cluster.events.iter().find_map(|seen| seen.event.address);
        cluster.address = told.ok_or(Failure::Broken("serve tells no address".into()))?.to_string();
        Ok(cluster)
    }

    /// The master's process id.
    pub fn master(&self) -> u32 {
        self.process.pid()
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What the cluster printed behind these words.
    pub fn told(&self, words: &str) -> Result<String, Failure> {
        let output = self.process.output();
        let told = output.lines().find_map(|line| line.strip_prefix(words));
        told.map(str::to_owned).ok_or_else(|| Failure::Broken(format!("serve tells no '{words}'")))
    }

    /// Takes note of what has happened.
    pub fn follow(&mut self) -> Result<(), Failure> {
        let new = self.log.read().map_err(Failure::of("read the cluster's events"))?;
        let at = Instant::now();
        for event in new {
            let ready = self.workers.get(&event.id).map(|ready| ready.pid);
            match event.kind.as_str() {
                "listening" => {
                    self.workers.insert(event.id, Ready { pid: event.pid, since: at });
                }
                "disconnect" | "exit" if ready == Some(event.pid) => {
                    self.workers.remove(&event.id);
                }
                _ => {}
            }
            self.events.push(Seen { at, event });
        }
        Ok(())
    }

    /// Waits until a condition holds.
    pub fn wait_for(
        &mut self,
        what: &str,
        mut holds: impl FnMut(&Self) -> bool,
    ) -> Result<(), Failure> {
        let stage = self.stage;
        stage.wait(what, PATIENCE, || {
            self.process.expect_alive()?;
            self.follow()?;
            Ok(holds(self).then_some(()))
        })
    }

    /// Sends a signal to the master.
    pub fn signal(&self, what: Signal) -> Result<(), Failure> {
        signal(self.master(), what)
    }

    /// How many events of a kind there have been.
    pub fn count(&self, kind: &str) -> usize {
        self.of_kind(kind).count()
    }

    /// The events of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Event> {
        let events = self.events.iter().map(|seen| &seen.event);
        events.filter(move |event| event.kind == kind)
    }

    /// Ends it in order, after which [`Self::events`] are complete.
    pub fn stop(&mut self) -> Result<(), Failure> {
        self.process.terminate()?;
        let status = self.process.end(self.stage, PATIENCE)?;
        self.follow()?;
        if status.success() {
            Ok(())
        } else {
            let words = self.process.last_words();
            Err(Failure::Broken(format!("serve ended with {status}: {words}")))
        }
    }
}
