//! What was planned: blocks, lengths, workloads.

use serde::{Deserialize, Serialize};

/// The plan of a run, as far as a reader of the record needs it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// All amounts of work that were sized, the one above included.
    #[serde(default)]
    pub calibrations: Vec<Calibration>,
    /// How rates were found that the suite gives as a share of what one worker does.
    #[serde(default)]
    pub rates: Vec<RateCalibration>,
    /// What was measured, apart from its modes.
    #[serde(default)]
    pub targets: Vec<TargetInfo>,
    /// Targets that the suite names and that were not there.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
    /// How the plan came about: what a time budget cut, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What the plan was made from, so that an interrupted run can go on; `None` in old records.
    #[serde(default)]
    pub source: Option<Source>,
}

/// What the clients ask for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Its name: `hello`, `work`, `connect`.
    pub name: String,
    /// One sentence on what a request costs the server.
    pub description: String,
    /// The request's target, `/work?rounds=1000` for example; several by weight as in
    /// `95:/,5:/work?rounds=1000`.
    pub path: String,
    /// Whether a connection carries many requests; `false`: one connection a request.
    pub keepalive: bool,
    /// Concurrent connections.
    pub connections: u32,
    /// Requests a second that are due in all cells (open loop); `None`: closed loop.
    #[serde(default)]
    pub rate_rps: Option<f64>,
    /// How they lie around the rate: `constant` or `poisson`; empty in a closed loop.
    #[serde(default)]
    pub arrivals: String,
    /// Other load generators whose figures were wanted of the same requests; absent for none.
    #[serde(default, rename = "as", skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
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

/// An open loop's rate, found from what one worker does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateCalibration {
    /// Name of the workload.
    pub workload: String,
    /// What `single` answered a second in a closed loop of this workload.
    pub capacity_rps: f64,
    /// The share of it that was wanted.
    pub share: f64,
    /// The rate of all cells: the share of the capacity, rounded to two digits.
    pub rate_rps: f64,
}

/// A target of the suite.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetInfo {
    /// Its name, as in a trial's `target`.
    pub name: String,
    /// Its version in its own words; empty when it does not tell.
    pub version: String,
    /// How it was started, or its address where it was running already.
    pub command: String,
    /// Whether its own counts were compared with the generator's: strangers keep no such books.
    pub conservation: bool,
}

/// A target that was not there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Skipped {
    /// Its name.
    pub target: String,
    /// Why, and how to get it: one line.
    pub why: String,
}

/// What a plan was made from: the suite's file and what the command line changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    /// The file's name in error messages.
    pub file: String,
    /// The suite's whole text.
    pub text: String,
    /// `--modes`.
    pub modes: Option<Vec<String>>,
    /// `--targets`.
    pub targets: Option<Vec<String>>,
    /// `--workers`.
    pub workers: Option<Vec<u32>>,
    /// `--blocks`.
    pub blocks: Option<u32>,
    /// `--duration`, in seconds.
    pub duration_s: Option<f64>,
    /// `--budget`, in seconds.
    pub budget_s: Option<f64>,
}
