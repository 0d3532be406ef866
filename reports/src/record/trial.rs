//! One trial: which cell it belongs to, when and where it ran, what came of it.

use serde::{Deserialize, Serialize};

use super::TrialResult;

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
    /// Whether the two sides have CPUs of their own that are siblings on one physical core.
    #[serde(default)]
    pub siblings: bool,
}

impl Cpus {
    /// Whether server and generator compete for a CPU.
    #[must_use]
    pub fn shared(&self) -> bool {
        self.load.iter().any(|cpu| self.server.contains(cpu))
    }
}
