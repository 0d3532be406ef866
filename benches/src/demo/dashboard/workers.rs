//! The workers' processes: what each does, and who has died. Status tells what there is, events what changes.
//! A dead process stays visible for a moment even if its successor serves: nobody would see it otherwise.

use std::collections::BTreeMap;

use serde::Serialize;
use server::events::{Event, ExitReason, ProcessId, Timestamped};
use server::scoreboard::Counts;
use server::status::{ProcessState, ProcessStatus, Snapshot};

use super::Master;
use super::track::Track;

/// How long a dead process stays in sight, in seconds.
const IN_SIGHT_S: f64 = 0.7;

type Counter = Track<600>;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    pub id: u32,
    pub pid: u32,
    pub generation: u32,
    pub state: WorkerState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    pub rps: f64,
    pub open: u64,
    /// CPU seconds a second.
    pub cpu: f64,
    /// Connections that it got since the last frame.
    pub dealt: u64,
    pub dealt_total: u64,
    pub requests: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerState {
    /// It has died, and is still in sight.
    Down,
    #[serde(untagged)]
    Process(ProcessState),
}

/// Processes that died by a signal or a crash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Killed {
    pub processes: u64,
    pub open: u64,
}

#[derive(Debug)]
struct LiveWorker {
    row: ProcessStatus,
    requests: Counter,
    cpu: Counter,
    /// Connections that were told in the last frame.
    told: u64,
}

#[derive(Debug, Clone)]
struct DeadWorker {
    bar: Bar,
    /// When it died, by our clock and by the server's.
    died_s: f64,
    died_there_s: f64,
    /// Whether its worker listens again.
    back: bool,
}

#[derive(Debug, Default)]
pub struct WorkerTable {
    master: Option<u32>,
    admin: Option<u32>,
    master_cpu: Counter,
    pub waiting: usize,
    connects: Counter,
    live: BTreeMap<u32, LiveWorker>,
    dead: BTreeMap<u32, DeadWorker>,
    /// Connections dealt to processes that have ended.
    past: u64,
    pub killed: Killed,
}

impl WorkerTable {
    /// Lets all processes go; what died stays counted.
    pub fn clear(&mut self) {
        *self = Self { killed: self.killed, ..Self::default() };
    }

    pub fn update(&mut self, now_s: f64, status: Snapshot) {
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
            worker.requests.push(now_s, row.counts.requests as f64);
            worker.row = row;
        }
        let living: u64 = self.live.values().map(|worker| worker.row.counts.connections).sum();
        self.connects.push(now_s, (self.past + living) as f64);
    }

    /// Something happened; for a worker that listens again, how long after the death, in seconds.
    pub fn happened(
        &mut self,
        now_s: f64,
        Timestamped { t_s, event }: &Timestamped,
    ) -> Option<f64> {
        match event {
            Event::Exit(exit) => {
                self.leave(exit.process.pid);
                if exit.reason != ExitReason::Drained {
                    self.killed.processes += 1;
                    self.killed.open += exit.counts.open;
                    let bar = Bar::new(exit.process, WorkerState::Down, &exit.counts);
                    let bar = Bar { signal: exit.signal, open: 0, ..bar };
                    let dead = DeadWorker { bar, died_s: now_s, died_there_s: *t_s, back: false };
                    self.dead.insert(exit.process.id, dead);
                }
                None
            }
            Event::Listening(process) => {
                let dead = self.dead.get_mut(&process.id).filter(|dead| !dead.back)?;
                dead.back = true;
                Some(t_s - dead.died_there_s)
            }
            _ => None,
        }
    }

    fn leave(&mut self, pid: u32) {
        if let Some(worker) = self.live.remove(&pid) {
            self.past += worker.row.counts.connections;
        }
    }

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

    pub fn pids(&self) -> Vec<u32> {
        let others = self.master.into_iter().chain(self.admin);
        self.live.keys().copied().chain(others).collect()
    }

    pub fn master(&self) -> Option<Master> {
        self.master.map(|pid| Master { pid, cpu: self.master_cpu.slope().unwrap_or_default() })
    }

    pub fn connects_rps(&self) -> f64 {
        self.connects.slope().unwrap_or_default()
    }

    /// The bars: the living, but for those whose predecessor is still in sight, and the dead.
    pub fn bars(&mut self, now_s: f64) -> Vec<Bar> {
        self.dead.retain(|_, dead| !dead.back || now_s - dead.died_s < IN_SIGHT_S);
        let Self { live, dead, .. } = self;
        let mut bars: Vec<Bar> = dead.values().map(|dead| dead.bar.clone()).collect();
        let newer = |row: &ProcessStatus| {
            let dead = dead.get(&row.id);
            dead.is_some_and(|dead| dead.bar.generation < row.generation)
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

impl Bar {
    /// A process that does nothing now.
    pub fn new(
        ProcessId { id, pid, generation }: ProcessId,
        state: WorkerState,
        counts: &Counts,
    ) -> Self {
        Self {
            id,
            pid,
            generation,
            state,
            signal: None,
            rps: 0.0,
            open: counts.open,
            cpu: 0.0,
            dealt: 0,
            dealt_total: counts.connections,
            requests: counts.requests,
        }
    }
}

impl LiveWorker {
    fn new(row: &ProcessStatus) -> Self {
        let (requests, cpu) = (Counter::default(), Counter::default());
        Self { row: row.clone(), requests, cpu, told: 0 }
    }

    fn bar(&mut self) -> Bar {
        let ProcessStatus { id, pid, generation, state, ref counts, .. } = self.row;
        let dealt = counts.connections - self.told.min(counts.connections);
        self.told = counts.connections;
        let (rps, cpu) = (self.requests.slope(), self.cpu.slope());
        Bar {
            rps: rps.unwrap_or_default(),
            cpu: cpu.unwrap_or_default(),
            dealt,
            ..Bar::new(ProcessId { id, pid, generation }, WorkerState::Process(state), counts)
        }
    }
}

#[cfg(test)]
mod tests;
