//! What the page shows, from what server and generator tell: pure, so that its tests need no clock.
//!
//! [`workers`] are the bars, [`load`] the generator's figures and failures, [`cores`] where the CPU
//! time went, [`diagnosis`] the one line about it, [`happened`] the lines of events. [`Dashboard`] has
//! them all and makes a [`Frame`] of them a few times a second.

pub mod cores;
pub mod diagnosis;
pub mod happened;
pub mod load;
pub mod workers;

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::settings::{Load, Serving};
use cores::{Cores, Reading, Spent};
use happened::Happened;
use load::Curve;
use workers::{Bar, Status, WorkerTable};

/// The demonstration at a moment.
#[derive(Debug)]
pub struct Dashboard {
    table: WorkerTable,
    curve: Curve,
    cores: Cores,
}

/// What the page shows for a moment.
#[derive(Debug, Serialize)]
pub struct Frame<'a> {
    /// Seconds since the demonstration began.
    pub t_s: f64,
    /// What is set.
    pub settings: Settings<'a>,
    /// The command lines that do the same.
    pub commands: Commands<'a>,
    /// The workers' processes, by id.
    pub workers: Vec<Bar>,
    /// The master, where there is one.
    pub master: Option<Master>,
    /// Connections that the master has accepted and nobody could take yet.
    pub waiting: u64,
    /// New connections a second, of all workers.
    pub connects_rps: f64,
    /// The generator's figures.
    pub load: load::Figures,
    /// What died by a signal or a crash.
    pub killed: workers::Killed,
    /// Where the CPU time of the last second went.
    pub cores: Spent,
    /// What that means, in a line.
    pub diagnosis: String,
    /// Pages that watch.
    pub viewers: usize,
    /// Pages that have acted and still watch.
    pub controllers: usize,
    /// `free`, or `lab`.
    pub playing: &'static str,
}

/// What is set, as the page shows it.
#[derive(Debug, Serialize)]
pub struct Settings<'a> {
    /// The mode.
    pub mode: &'a str,
    /// How many workers are wanted.
    pub workers: u32,
    /// What is under way, if something is.
    pub busy: Option<&'a str>,
    /// The load.
    pub load: LoadSettings,
}

/// The load's settings, as the page shows them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadSettings {
    /// Requests a second; `None`: a closed loop.
    pub rate: Option<f64>,
    /// Concurrent connections.
    pub connections: u32,
    /// Whether a connection carries many requests.
    pub keepalive: bool,
    /// What is asked for.
    pub workload: String,
    /// Whether it pauses.
    pub paused: bool,
}

impl From<&Load> for LoadSettings {
    fn from(load: &Load) -> Self {
        let &Load { rate, connections, keepalive, workload, paused } = load;
        Self { rate, connections, keepalive, workload: workload.name().to_owned(), paused }
    }
}

/// The command lines that do the same.
#[derive(Debug, Serialize)]
pub struct Commands<'a> {
    /// The server.
    pub serve: &'a str,
    /// The generator.
    pub load: &'a str,
    /// The operators' address, as `http://127.0.0.1:PORT`; `None` while there is no server.
    pub admin: Option<String>,
    /// Where its token is.
    pub token_file: Option<&'a Path>,
}

/// The master's process.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Master {
    /// Its process id.
    pub pid: u32,
    /// CPU seconds a second.
    pub cpu: f64,
}

/// What a frame shows that the stage itself does not know.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// What the server is to be.
    pub serving: Serving,
    /// What the generator is to do.
    pub load: LoadSettings,
    /// What is under way, if something is.
    pub busy: Option<&'a str>,
    /// The command lines that do the same.
    pub commands: Commands<'a>,
    /// Pages that watch.
    pub viewers: usize,
    /// Pages that have acted and still watch.
    pub controllers: usize,
    /// `free`, or `lab`.
    pub playing: &'static str,
}

impl Dashboard {
    /// An empty stage on a machine of so many CPUs.
    pub fn new(cpus: u32) -> Self {
        Self { table: WorkerTable::default(), curve: Curve::default(), cores: Cores::new(cpus) }
    }

    /// Another server follows: what is known of the old one's processes is let go.
    pub fn new_server(&mut self) {
        self.table.clear();
    }

    /// The server tells its status, or that something happened; what is to be told at once.
    pub fn server_told(&mut self, now_s: f64, name: &str, json: &str) -> Option<Happened> {
        if name == "status" {
            if let Ok(status) = serde_json::from_str::<Status>(json) {
                self.table.see(now_s, status);
            }
            return None;
        }
        let event: Value = serde_json::from_str(json).ok()?;
        let back = self.table.happened(now_s, name, &event);
        happened::happened(now_s, name, &event, back)
    }

    /// A line of a generator's snapshots.
    pub fn load_told(&mut self, now_s: f64, run: u64, line: &str) {
        self.curve.take(now_s, run, line);
    }

    /// CPU clocks as they stand now.
    pub fn clocks(&mut self, now_s: f64, reading: &Reading) {
        self.table.clocks(now_s, &reading.server);
        self.cores.take(now_s, reading);
    }

    /// Processes of the server whose CPU clocks are wanted.
    pub fn server_pids(&self) -> Vec<u32> {
        self.table.pids()
    }

    /// The last minute, as `[t_s, rps, p50_us, p99_us, failures]` a point.
    pub fn history(&self) -> Vec<load::Point> {
        self.curve.history()
    }

    /// What is shown now; counts what happened since the last frame.
    pub fn frame<'a>(&mut self, now_s: f64, around: Surroundings<'a>) -> Frame<'a> {
        let workers = self.table.bars(now_s);
        let load = self.curve.figures(now_s);
        let cores = self.cores.spent();
        let diagnosis = diagnosis::of(&diagnosis::Scene {
            serving: around.serving,
            load: &around.load,
            bars: &workers,
            figures: &load,
            cores: &cores,
        });
        Frame {
            t_s: now_s,
            settings: Settings {
                mode: around.serving.mode.name(),
                workers: around.serving.workers,
                busy: around.busy,
                load: around.load,
            },
            commands: around.commands,
            master: self.table.master(),
            waiting: self.table.waiting(),
            connects_rps: self.table.connects_rps(),
            killed: self.table.killed(),
            diagnosis,
            workers,
            load,
            cores,
            viewers: around.viewers,
            controllers: around.controllers,
            playing: around.playing,
        }
    }
}
