//! The workers' processes: what each does, and who has died.
//!
//! The server's status tells what there is; its events tell at once what changes. A process that died
//! stays in sight for a moment, though its successor may serve already: nobody could see it otherwise.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Master;

/// How long a dead process stays in sight, in seconds.
const IN_SIGHT_S: f64 = 0.7;

/// Rates are over so many seconds.
const WINDOW_S: f64 = 0.6;

/// A worker's process, as the page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// The worker's id, 1…N.
    pub id: u32,
    /// Its process id.
    pub pid: u32,
    /// How many processes the worker had before.
    pub generation: u32,
    /// The server's word for it, or `down`.
    pub state: String,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<u32>,
    /// Requests a second.
    pub rps: f64,
    /// Open connections.
    pub open: u64,
    /// CPU seconds a second.
    pub cpu: f64,
    /// Connections that it got since the last frame.
    pub dealt: u64,
    /// Connections that it got in all.
    pub dealt_total: u64,
    /// Requests that it answered.
    pub requests: u64,
}

/// Processes that died by a signal or a crash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Killed {
    /// How many.
    pub processes: u64,
    /// Connections that they had open.
    pub open: u64,
}

/// The server's status, as far as it is shown.
#[derive(Debug, Deserialize)]
pub struct Status {
    pid: u32,
    #[serde(default)]
    waiting: u64,
    rows: Vec<Row>,
    #[serde(default)]
    admin: Option<Admin>,
}

#[derive(Debug, Deserialize)]
struct Admin {
    pid: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
struct Row {
    id: u32,
    pid: u32,
    generation: u32,
    state: String,
    connections: u64,
    open: u64,
    requests: u64,
}

/// Values at times, the newest last, no further back than a rate needs.
#[derive(Debug, Clone, Default)]
struct Track(VecDeque<(f64, f64)>);

impl Track {
    fn push(&mut self, now_s: f64, value: f64) {
        while self.0.len() > 1 && self.0[1].0 <= now_s - WINDOW_S {
            self.0.pop_front();
        }
        self.0.push_back((now_s, value));
    }

    /// By how much the value rises a second.
    fn slope(&self) -> f64 {
        match (self.0.front(), self.0.back()) {
            (Some(first), Some(last)) if last.0 > first.0 => {
                (last.1 - first.1) / (last.0 - first.0)
            }
            _ => 0.0,
        }
    }
}

/// A living process.
#[derive(Debug)]
struct LiveWorker {
    row: Row,
    requests: Track,
    cpu: Track,
    /// Connections that were told in the last frame.
    told: u64,
}

/// A dead one, still in sight.
#[derive(Debug, Clone)]
struct DeadWorker {
    bar: Bar,
    /// When it died, by our clock and by the server's.
    died_s: f64,
    died_there_s: f64,
    /// Whether its worker listens again.
    back: bool,
}

/// All processes of a server.
#[derive(Debug, Default)]
pub struct WorkerTable {
    master: Option<u32>,
    admin: Option<u32>,
    master_cpu: Track,
    waiting: u64,
    connects: Track,
    live: BTreeMap<u32, LiveWorker>,
    fallen: BTreeMap<u32, DeadWorker>,
    /// Connections dealt to processes that have ended.
    past: u64,
    killed: Killed,
}

impl WorkerTable {
    /// Lets all processes go; what died stays counted.
    pub fn clear(&mut self) {
        *self = Self { killed: self.killed, ..Self::default() };
    }

    /// The server's status.
    pub fn see(&mut self, now_s: f64, status: Status) {
        self.waiting = status.waiting;
        self.admin = status.admin.and_then(|admin| admin.pid);
        let alone = status.rows.len() == 1 && status.rows[0].pid == status.pid;
        self.master = (!alone).then_some(status.pid);
        // Status and events come one after the other on one stream: whoever is not in it is gone.
        let gone = |pid: &u32| !status.rows.iter().any(|row| row.pid == *pid);
        let gone: Vec<u32> = self.live.keys().copied().filter(gone).collect();
        for pid in gone {
            self.leave(pid);
        }
        for row in status.rows {
            let worker = self.live.entry(row.pid).or_insert_with(|| LiveWorker::new(&row));
            worker.requests.push(now_s, row.requests as f64);
            worker.row = row;
        }
        let living: u64 = self.live.values().map(|worker| worker.row.connections).sum();
        self.connects.push(now_s, (self.past + living) as f64);
    }

    /// Something happened; for a worker that listens again, how long after the death, in seconds.
    pub fn happened(&mut self, now_s: f64, name: &str, event: &Value) -> Option<f64> {
        let number = |key: &str| event[key].as_u64().and_then(|number| number.try_into().ok());
        let (id, pid): (u32, u32) = (number("id")?, number("pid")?);
        let there_s = event["t_s"].as_f64().unwrap_or(now_s);
        match name {
            "exit" => {
                self.leave(pid);
                let drained = event["reason"] == "drained";
                if !drained {
                    self.killed.processes += 1;
                    self.killed.open += event["open"].as_u64().unwrap_or_default();
                    let count = |key: &str| event[key].as_u64().unwrap_or_default();
                    let bar = Bar {
                        id,
                        pid,
                        generation: number("generation").unwrap_or_default(),
                        state: "down".to_owned(),
                        signal: number("signal"),
                        rps: 0.0,
                        open: 0,
                        cpu: 0.0,
                        dealt: 0,
                        dealt_total: count("connections"),
                        requests: count("requests"),
                    };
                    let fallen =
                        DeadWorker { bar, died_s: now_s, died_there_s: there_s, back: false };
                    self.fallen.insert(id, fallen);
                }
                None
            }
            "listening" => {
                let fallen = self.fallen.get_mut(&id).filter(|fallen| !fallen.back)?;
                fallen.back = true;
                Some(there_s - fallen.died_there_s)
            }
            _ => None,
        }
    }

    fn leave(&mut self, pid: u32) {
        if let Some(worker) = self.live.remove(&pid) {
            self.past += worker.row.connections;
        }
    }

    /// CPU seconds of the server's processes so far.
    pub fn clocks(&mut self, now_s: f64, clocks: &BTreeMap<u32, f64>) {
        for (pid, worker) in &mut self.live {
            if let Some(&spent_s) = clocks.get(pid) {
                worker.cpu.push(now_s, spent_s);
            }
        }
        if let Some(&spent_s) = self.master.and_then(|pid| clocks.get(&pid)) {
            self.master_cpu.push(now_s, spent_s);
        }
    }

    /// Its processes.
    pub fn pids(&self) -> Vec<u32> {
        let others = self.master.into_iter().chain(self.admin);
        self.live.keys().copied().chain(others).collect()
    }

    /// The master, where there is one.
    pub fn master(&self) -> Option<Master> {
        self.master.map(|pid| Master { pid, cpu: self.master_cpu.slope() })
    }

    /// Connections that the master has accepted and nobody could take yet.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// New connections a second.
    pub fn connects_rps(&self) -> f64 {
        self.connects.slope()
    }

    /// What died by a signal or a crash.
    pub fn killed(&self) -> Killed {
        self.killed
    }

    /// The bars: the living, but for those whose predecessor is still in sight, and the fallen.
    pub fn bars(&mut self, now_s: f64) -> Vec<Bar> {
        self.fallen.retain(|_, fallen| !fallen.back || now_s - fallen.died_s < IN_SIGHT_S);
        let Self { live, fallen, .. } = self;
        let mut bars: Vec<Bar> = fallen.values().map(|fallen| fallen.bar.clone()).collect();
        let newer = |row: &Row| {
            let fallen = fallen.get(&row.id);
            fallen.is_some_and(|fallen| fallen.bar.generation < row.generation)
        };
        for worker in live.values_mut() {
            let bar = worker.bar();
            if !newer(&worker.row) {
                bars.push(bar);
            }
        }
        bars.sort_by_key(|bar| (bar.id, bar.generation));
        bars
    }
}

impl LiveWorker {
    fn new(row: &Row) -> Self {
        Self { row: row.clone(), requests: Track::default(), cpu: Track::default(), told: 0 }
    }

    fn bar(&mut self) -> Bar {
        let row = &self.row;
        let dealt = row.connections - self.told.min(row.connections);
        self.told = row.connections;
        Bar {
            id: row.id,
            pid: row.pid,
            generation: row.generation,
            state: row.state.clone(),
            signal: None,
            rps: self.requests.slope(),
            open: row.open,
            cpu: self.cpu.slope(),
            dealt,
            dealt_total: row.connections,
            requests: row.requests,
        }
    }
}

#[cfg(test)]
mod tests;
