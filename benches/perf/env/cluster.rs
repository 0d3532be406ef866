//! A cluster as a process of its own, followed through its events.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use hello_cluster::harness::admin_client::Client;
use hello_cluster::harness::event_log::EventLog;
use hello_cluster::harness::process::{Child, Signal, Stream, signal};
use server::events::{Event, Exit};

use super::{Failure, TestEnv, started_by};

/// The modes whose workers are processes.
pub const FORKED: [&str; 4] = ["shared", "reuseport", "round-robin", "least-connections"];

/// Longer than anything here takes on a busy machine: a drain has its own, shorter deadline.
const TIMEOUT: Duration = Duration::from_secs(45);

#[derive(Debug, Clone, Copy)]
pub struct Ready {
    pub pid: u32,
    pub since: Instant,
}

/// A running cluster; killed with all its workers when dropped.
pub struct Cluster<'a> {
    env: &'a TestEnv,
    child: Child,
    log: EventLog,
    address: String,
    /// What has happened so far, and when it was read: within a poll of when it was written.
    pub events: Vec<(Instant, Event)>,
    /// The processes that take connections, by worker id.
    pub workers: BTreeMap<u32, Ready>,
}

impl<'a> Cluster<'a> {
    /// Starts a cluster on a free port and waits until all its workers take connections.
    pub fn start(env: &'a TestEnv, mode: &str, workers: u32) -> Result<Self, Failure> {
        Self::start_by(env, mode, workers, |serve| serve)
    }

    /// Starts one that yields its CPUs to the generator (`SCHED_IDLE`); among its processes nothing changes.
    pub fn start_yielding(env: &'a TestEnv, mode: &str, workers: u32) -> Result<Self, Failure> {
        let by_chrt = |serve| started_by(&["chrt", "--idle", "0"], &serve);
        Self::start_by(env, mode, workers, by_chrt)
    }

    /// Starts one with an operators' address.
    pub fn start_operated(
        env: &'a TestEnv,
        mode: &str,
        workers: u32,
    ) -> Result<(Self, Client), Failure> {
        let mut cluster = Self::start_by(env, mode, workers, |mut serve| {
            serve.args(["--admin", "127.0.0.1:0"]);
            serve
        })?;
        let wanted = "tell its admin address and token";
        let (mut address, mut token) = (None, None);
        cluster.child.await_line(wanted, TIMEOUT, &env.interrupt, |stream, line| {
            if let Some(told) = line.strip_prefix("Admin on http://") {
                address = told.parse().ok();
            } else if let Some(told) = line.strip_prefix("Admin token ") {
                token = Some(told.to_owned());
            }
            (stream == Stream::Out && address.is_some() && token.is_some()).then_some(())
        })?;
        let client = address.zip(token).map(|(address, token)| Client { address, token });
        Ok((cluster, client.ok_or_else(|| Failure::broken("serve has no admin address"))?))
    }

    fn start_by(
        env: &'a TestEnv,
        mode: &str,
        workers: u32,
        started: impl FnOnce(Command) -> Command,
    ) -> Result<Self, Failure> {
        let events = env.file("events.jsonl");
        let mut serve = env.command(&["serve", "--mode", mode, "--workers", &workers.to_string()]);
        serve.args(["--listen", "127.0.0.1:0", "--events"]).arg(&events);
        let mut cluster = Self {
            env,
            child: Child::spawn("serve", started(serve), None)?,
            log: EventLog::new(events),
            address: String::new(),
            events: Vec::new(),
            workers: BTreeMap::new(),
        };
        // In `threads` one worker stands for all threads.
        let wanted = if FORKED.contains(&mode) { workers as usize } else { 1 };
        cluster.wait_for("cluster with all its workers", |now| now.workers.len() >= wanted)?;
        let told = cluster.events.iter().find_map(|(_, event)| match event {
            Event::Master { address, .. } => Some(address.to_string()),
            _ => None,
        });
        cluster.address = told.ok_or_else(|| Failure::broken("serve tells no address"))?;
        Ok(cluster)
    }

    pub fn master(&self) -> u32 {
        self.child.pid()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn pids<T: FromIterator<u32>>(&self) -> T {
        self.workers.values().map(|ready| ready.pid).collect()
    }

    fn follow(&mut self) -> Result<(), Failure> {
        let new = self.log.read().map_err(Failure::cannot("read the cluster's events"))?;
        let at = Instant::now();
        for event in new.into_iter().map(|new| new.event) {
            if let Some(process) = event.process() {
                let ready = self.workers.get(&process.id).map(|ready| ready.pid);
                match event {
                    Event::Listening(_) => {
                        self.workers.insert(process.id, Ready { pid: process.pid, since: at });
                    }
                    Event::Disconnect { .. } | Event::Exit(_) if ready == Some(process.pid) => {
                        self.workers.remove(&process.id);
                    }
                    _ => {}
                }
            }
            self.events.push((at, event));
        }
        Ok(())
    }

    pub fn wait_for(
        &mut self,
        what: &str,
        mut holds: impl FnMut(&Self) -> bool,
    ) -> Result<(), Failure> {
        let env = self.env;
        env.wait(what, TIMEOUT, || {
            self.child.expect_running("be told to stop")?;
            self.follow()?;
            Ok(holds(self).then_some(()))
        })
    }

    pub fn signal(&self, what: Signal) -> Result<(), Failure> {
        signal(self.master(), what).map_err(Failure::cannot(format!("send {what} to serve")))
    }

    pub fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|(_, event)| is(event)).count()
    }

    pub fn exits(&self) -> impl Iterator<Item = &Exit> {
        self.events.iter().filter_map(|(_, event)| match event {
            Event::Exit(exit) => Some(&**exit),
            _ => None,
        })
    }

    /// Ends it in order, after which [`Self::events`] are complete.
    pub fn stop(&mut self) -> Result<(), Failure> {
        self.child.terminate()?;
        let (status, _) = self.child.await_end(TIMEOUT, &self.env.interrupt)?;
        self.follow()?;
        if status.success() {
            return Ok(());
        }
        let words = self.child.last_words();
        Err(Failure::Broken(format!("serve ended with {status}: {words}")))
    }
}
