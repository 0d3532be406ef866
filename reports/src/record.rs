//! The record: everything one run of `bench` leaves behind, as it stands in `record.json`.
//!
//! Schema version 1. Units are part of the names (`_s` seconds, `_us` microseconds, `_rps` requests
//! a second). Modes, targets and workloads are plain strings, so that an old record outlives a
//! rename. Next: [`crate::stats`] for what is computed from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The schema version that this crate writes and reads.
pub const SCHEMA: u32 = 1;

/// One run of an experiment: what was asked, where it ran, and every trial, failed ones included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Always [`SCHEMA`]; a reader refuses what it does not know.
    pub schema: u32,
    /// The run's id, also the name of its folder.
    pub id: String,
    /// When the run began: RFC 3339, UTC.
    pub created: String,
    /// The command line that made this record, quoted for a shell.
    pub command: String,
    /// The seed of the order of trials.
    pub seed: u64,
    /// What was planned.
    pub suite: Suite,
    /// Where it ran.
    pub environment: Environment,
    /// The trials in the order in which they ran.
    pub trials: Vec<Trial>,
}

/// The plan of a run, as far as a reader of the record needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suite {
    /// The suite's name, `quick` for example.
    pub name: String,
    /// One sentence on what it is for.
    pub description: String,
    /// Blocks: each runs every cell once.
    pub blocks: u32,
    /// Warm-up before each measurement, in seconds; not part of any figure.
    pub warmup_s: f64,
    /// Length of each measurement, in seconds.
    pub duration_s: f64,
    /// How many trials were planned; fewer in `trials` means that the run was interrupted.
    pub planned_trials: u32,
    /// In words: how the CPUs were divided between server and generator.
    pub placement: String,
    /// The workloads, in the order in which the report shows them.
    pub workloads: Vec<Workload>,
    /// How the CPU-bound workload was sized on this machine; `None` when no workload needs it.
    pub calibration: Option<Calibration>,
}

/// What the clients ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Its name: `hello`, `work`, `connect`.
    pub name: String,
    /// One sentence on what a request costs the server.
    pub description: String,
    /// The request's target, `/work?rounds=1000` for example.
    pub path: String,
    /// Whether a connection carries many requests; `false`: one connection a request.
    pub keepalive: bool,
    /// Concurrent connections.
    pub connections: u32,
}

/// The size of the CPU-bound workload on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// CPU time that one request was to take, in microseconds.
    pub target_us: f64,
    /// The number of rounds that came closest.
    pub rounds: u64,
    /// What that number of rounds took when it was measured, in microseconds of CPU.
    pub measured_us: f64,
}

/// The machine and its state before the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// Operating system, `Debian GNU/Linux 12` for example.
    pub os: String,
    /// Kernel release.
    pub kernel: String,
    /// Instruction set, `x86_64` for example.
    pub arch: String,
    /// The processor's name as the kernel tells it.
    pub cpu_model: String,
    /// CPUs that this run may use.
    pub cores: u32,
    /// Main memory in bytes.
    pub memory_bytes: u64,
    /// `kvm`, `container` and the like; empty when none was found.
    pub virtualisation: String,
    /// Load average over one minute before the run.
    pub load_1m: f64,
    /// The kernel's bound on an accept queue (`net.core.somaxconn`).
    pub somaxconn: u64,
    /// The bound on open descriptors a process (`RLIMIT_NOFILE`).
    pub open_files: u64,
    /// Version of hello-cluster.
    pub version: String,
    /// Git revision of the source, with `-dirty` where it was changed; empty when unknown.
    pub revision: String,
    /// What may spoil the measurement, one sentence each.
    pub warnings: Vec<String>,
}

/// One fresh server driven by one fresh generator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// What was measured: `hello-cluster`, later `node`, `nginx`, …
    pub target: String,
    /// How it shares connections out: `single`, `reuseport`, `round-robin`, …
    pub mode: String,
    /// Number of workers.
    pub workers: u32,
    /// Name of a [`Workload`] in [`Suite::workloads`].
    pub workload: String,
    /// Concurrent connections.
    pub connections: u32,
    /// Requests a second that were asked for; `None` in a closed loop.
    pub rate: Option<f64>,
    /// Whether there were more workers than CPUs.
    #[serde(default)]
    pub oversubscribed: bool,
    /// Block, from 0.
    pub block: u32,
    /// Place in the order of the whole run, from 0.
    pub order: u32,
    /// Where the two sides were allowed to run.
    pub cpus: Cpus,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Trial {
    /// The result, whether valid or not; `None` for a trial that failed.
    #[must_use]
    pub fn result(&self) -> Option<&TrialResult> {
        match &self.outcome {
            Outcome::Result(result) => Some(result),
            Outcome::Error(_) => None,
        }
    }
}

/// A result or the reason why there is none: failure is data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The trial ran to its end.
    #[serde(rename = "result")]
    Result(Box<TrialResult>),
    /// It did not: one line that says why.
    #[serde(rename = "error")]
    Error(String),
}

/// CPU numbers given to each side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cpus {
    /// CPUs of the server (worker `i` is pinned to the `i`-th, round and round).
    pub server: Vec<u32>,
    /// CPUs of the generator (one thread each).
    pub load: Vec<u32>,
}

impl Cpus {
    /// Whether server and generator compete for a CPU.
    #[must_use]
    pub fn shared(&self) -> bool {
        self.load.iter().any(|cpu| self.server.contains(cpu))
    }
}

/// What one trial measured. `load --json` prints the same object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrialResult {
    /// `closed` or `open`.
    #[serde(rename = "loop")]
    pub loop_model: String,
    /// Good answers a second in the measured window.
    pub throughput_rps: f64,
    /// Good answers in the measured window.
    pub requests: u64,
    /// Bytes received in the measured window.
    pub bytes: u64,
    /// Length of the measured window in seconds.
    pub elapsed_s: f64,
    /// Latency from the intended start (open loop) or the send (closed loop).
    pub latency: Latency,
    /// Latency from the actual send; `None` in a closed loop, where it is the same.
    pub service_latency: Option<Latency>,
    /// The window in slices; a request belongs to the slice in which its answer came.
    pub series: Vec<SeriesPoint>,
    /// Requests of the measured window that did not end in a good answer, by class.
    pub errors: Errors,
    /// Per worker, ordered by id, then pid.
    pub workers: Vec<Worker>,
    /// The generator's counts over its whole life, warm-up included.
    pub lifetime: Lifetime,
    /// Whose the core-seconds of the measured window were.
    pub cpu: Cpu,
    /// Whether the generator's own speed bounded a closed loop (the result is valid then, but says
    /// something about the pair, not about the server).
    pub generator_limited: bool,
    /// Whether the measurement may be used.
    pub valid: bool,
    /// Why not, or what to keep in mind, one sentence each.
    pub reasons: Vec<String>,
}

/// A latency distribution.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Latency {
    /// Always `us`: microseconds.
    pub unit: String,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// Largest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// `[value, count]` in rising order of value, two significant digits.
    pub histogram: Vec<(f64, u64)>,
}

/// One slice of the measured window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeriesPoint {
    /// The slice's begin, seconds after the window's begin.
    pub t_s: f64,
    /// Good answers a second in it.
    pub rps: f64,
    /// Median latency in microseconds.
    pub p50: f64,
    /// 99th percentile in microseconds.
    pub p99: f64,
    /// Requests that ended in an error in it.
    pub errors: u64,
}

/// Requests without a good answer. Every request is in exactly one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Errors {
    /// Answered, but with another status than 2xx.
    pub status: u64,
    /// The connection was refused (`ECONNREFUSED`).
    pub refused: u64,
    /// No connection for another reason (no route, no local port, …).
    pub connect: u64,
    /// No connection within the timeout.
    pub connect_timeout: u64,
    /// No whole answer within the timeout.
    pub timeout: u64,
    /// The peer reset the connection.
    pub reset: u64,
    /// The peer closed before a whole answer had come.
    pub closed_early: u64,
    /// The answer was not HTTP/1.x.
    pub protocol: u64,
    /// Still without an answer when the run ended.
    pub unanswered: u64,
    /// Counts by the system's error name, `ECONNRESET` for example, for the classes that have one.
    pub errno: BTreeMap<String, u64>,
}

impl Errors {
    /// The sum over all classes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.status
            + self.refused
            + self.connect
            + self.connect_timeout
            + self.timeout
            + self.reset
            + self.closed_early
            + self.protocol
            + self.unanswered
    }
}

/// One worker as both sides saw it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// Its id, 1…N, stable over a replacement; `None` when the server does not tell.
    pub id: Option<u32>,
    /// Its process id (the last one, after a replacement).
    pub pid: Option<u32>,
    /// The CPU to which it was pinned.
    pub cpu: Option<u32>,
    /// Connections that it accepted over its whole life, by its own count; as far as the generator
    /// alone can tell, connections on which it answered.
    pub connections: u64,
    /// Requests that it answered over its whole life, by its own count; 0 when not told.
    pub requests: u64,
    /// Its answers over the whole life, by the generator's count.
    pub client_requests: u64,
    /// User CPU seconds in the measured window.
    pub cpu_user_s: f64,
    /// System CPU seconds in the measured window.
    pub cpu_sys_s: f64,
}

/// The generator's own books over its whole life.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifetime {
    /// Requests begun.
    pub sent: u64,
    /// Whole answers, whatever their status.
    pub answered: u64,
    /// Requests that ended without an answer.
    pub failed: u64,
    /// Connections opened.
    pub connections: u64,
}

/// Owners of the core-seconds of the measured window: disjoint, and together cores × elapsed but
/// for `residual_s`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cpu {
    /// Length of the window over which CPU time was read, in seconds.
    pub elapsed_s: f64,
    /// CPUs in the machine, whose seconds are divided up here.
    pub cores: u32,
    /// Workers, user time.
    pub server_user_s: f64,
    /// Workers, system time.
    pub server_sys_s: f64,
    /// The master, user and system.
    pub master_s: f64,
    /// The generator, user time.
    pub load_user_s: f64,
    /// The generator, system time.
    pub load_sys_s: f64,
    /// All other processes, the suite itself included.
    pub other_s: f64,
    /// Taken by the hypervisor.
    pub steal_s: f64,
    /// Nobody's.
    pub idle_s: f64,
    /// What the lines above leave unexplained (may be negative).
    pub residual_s: f64,
    /// Soft-interrupt time; already part of the lines above.
    pub softirq_of_which_s: f64,
}

/// Why a record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON, or not of this shape.
    #[error("not a record of schema {SCHEMA}: {0}")]
    Shape(#[from] serde_json::Error),
    /// Another schema version.
    #[error("this record has schema {found}, and this program reads schema {SCHEMA}")]
    Schema {
        /// The version found.
        found: u64,
    },
}

impl Record {
    /// Reads a record from JSON.
    ///
    /// # Errors
    /// [`ReadError::Schema`] for another version, [`ReadError::Shape`] for anything else.
    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        let value: serde_json::Value = serde_json::from_str(text)?;
        match value.get("schema").and_then(serde_json::Value::as_u64) {
            Some(found) if found != u64::from(SCHEMA) => Err(ReadError::Schema { found }),
            _ => Ok(serde_json::from_value(value)?),
        }
    }
}
