//! The status of a running cluster: what `serve --status` asks for and gets.
//!
//! The process in charge keeps a [`door`] open, a Unix socket for its owner only, and answers with
//! one [`Snapshot`] as JSON. [`table`] shows it to people.

pub(crate) mod door;
mod table;

use std::fmt;
use std::io;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::Mode;
use crate::address::Address;
use crate::events::ProcessId;
use crate::scoreboard::{Counts, Slot};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// A cluster at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the other fields are what they are called")]
pub struct Snapshot {
    pub mode: Mode,
    pub address: Address,
    /// The master's process id.
    pub pid: u32,
    /// Seconds since it began.
    pub uptime_s: f64,
    /// The number of workers wanted (of threads, in mode `threads`).
    pub workers: u32,
    /// Connections that the master has accepted and nobody could take yet.
    pub waiting: usize,
    /// How often a worker lost its turn, where there are turns.
    pub skips: u64,
    /// One per process.
    pub rows: Vec<ProcessStatus>,
    /// What each worker id has done over all its processes.
    #[serde(default)]
    pub totals: Vec<WorkerTotals>,
    /// The process for the operators' address, where there is one.
    #[serde(default)]
    pub admin: Option<AdminStatus>,
}

/// What all processes of a worker id have done, those that have ended included: these numbers never
/// fall, but for the open connections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkerTotals {
    /// The worker id.
    pub id: u32,
    /// How many processes it has had.
    pub processes: u32,
    /// What they have done; `open` are the connections open now.
    #[serde(flatten)]
    pub counts: Counts,
    /// Seconds of CPU time in user mode, of living processes as of the last heartbeat.
    pub cpu_user_s: f64,
    /// Seconds of CPU time in the kernel, alike.
    pub cpu_sys_s: f64,
}

/// The process for the operators' address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminStatus {
    /// Its process id; `None` while it is away.
    pub pid: Option<u32>,
    /// How often it has been replaced.
    pub restarts: u32,
    /// Events that it was too slow to be told.
    pub missed_events: u64,
}

/// A process of a cluster at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the other fields are what they are called")]
pub struct ProcessStatus {
    /// The worker id that it serves under.
    pub id: u32,
    pub pid: u32,
    /// How many processes the worker had before.
    pub generation: u32,
    pub state: ProcessState,
    /// Seconds since it was forked.
    pub age_s: f64,
    /// Seconds since it last showed that its loop turns; `None`: never yet.
    pub heartbeat_s: Option<f64>,
    #[serde(flatten)]
    pub counts: Counts,
    /// Seconds of CPU time in user mode, as of the last heartbeat.
    pub cpu_user_s: f64,
    /// Seconds of CPU time in the kernel, as of the last heartbeat.
    pub cpu_sys_s: f64,
    /// Requests answered by all processes of this id, those that have ended included.
    pub requests_of_id: u64,
    /// The listening socket, by its index, that it has said to accept from; `None`: the master deals
    /// it its connections, or it has yet to follow a switch of the mode.
    #[serde(default)]
    pub keeps: Option<usize>,
}

impl ProcessStatus {
    /// The row of a process that was forked `born_ms` after the beginning; `of_id` are the counts
    /// of all processes of its id.
    pub(crate) fn of(
        ProcessId { id, pid, generation }: ProcessId,
        state: ProcessState,
        slot: &Slot,
        epoch: Instant,
        born_ms: u64,
        of_id: Counts,
    ) -> Self {
        let now_ms = epoch.elapsed().as_millis() as u64;
        let seconds_since = |then_ms: u64| now_ms.saturating_sub(then_ms) as f64 / 1e3;
        let beat = slot.heartbeat_ms.get();
        Self {
            id,
            pid,
            generation,
            state,
            age_s: seconds_since(born_ms),
            heartbeat_s: (beat > 0).then(|| seconds_since(beat)),
            counts: slot.counts(),
            cpu_user_s: slot.cpu_user_us.get() as f64 / 1e6,
            cpu_sys_s: slot.cpu_system_us.get() as f64 / 1e6,
            requests_of_id: of_id.requests,
            keeps: None,
        }
    }
}

text_enum! {
    /// What a process is doing.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum ProcessState, fn name {
        /// It takes no connections yet.
        Starting = "starting",
        /// It takes connections.
        Ready = "ready",
        /// It holds all the connections that it can.
        Full = "full",
        /// It no longer shows that its loop turns.
        Stalled = "stalled",
        /// An operator stopped it.
        Stopped = "stopped",
        /// It finishes what is under way and ends.
        Leaving = "leaving",
        /// The master has ended it.
        Killed = "killed",
    }
}

impl fmt::Display for ProcessState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why there is no status to show.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says it")]
pub enum QueryError {
    #[error("no cluster of yours is running on {0} (name its address with --listen)")]
    NoCluster(Address),
    #[error("the cluster on {address} gave no status: {source}")]
    Answer { address: Address, source: io::Error },
}

/// Asks the cluster that listens on `address`.
///
/// # Errors
/// [`QueryError::NoCluster`] when none runs there (or one of another user's).
pub fn query(address: &Address) -> Result<Snapshot, QueryError> {
    let stream = UnixStream::connect(door::path(address))
        .map_err(|_| QueryError::NoCluster(address.clone()))?;
    read(stream).map_err(|source| QueryError::Answer { address: address.clone(), source })
}

fn read(mut stream: UnixStream) -> io::Result<Snapshot> {
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(serde_json::from_str(&io::read_to_string(&mut stream)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cluster with so many equal processes, whose numbers are long.
    pub(super) fn snapshot(rows: usize) -> Snapshot {
        let row = ProcessStatus {
            id: 512,
            pid: 4_194_304,
            generation: 1_000_000,
            state: ProcessState::Starting,
            age_s: 123_456.789,
            heartbeat_s: Some(0.123_456_789),
            counts: Counts::default(),
            cpu_user_s: 12_345.678_901,
            cpu_sys_s: 12_345.678_901,
            requests_of_id: u64::MAX,
            keeps: None,
        };
        Snapshot {
            mode: Mode::Shared,
            address: "127.0.0.1:8000".parse().unwrap(),
            pid: 70,
            uptime_s: 61.0,
            workers: 1,
            waiting: 0,
            skips: 0,
            rows: vec![row; rows],
            totals: Vec::new(),
            admin: None,
        }
    }
}
