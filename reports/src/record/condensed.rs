//! A record from which was left out what no page needs: it says what, and has each cell's latencies in
//! place of its trials' histograms. Next: [`crate::embed`], where it is made.

use serde::{Deserialize, Serialize};

use super::Trial;

/// What stands in place of what was left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Condensed {
    /// What was left out, in words.
    pub left_out: Vec<String>,
    /// The latencies of each cell that has any.
    pub latencies: Vec<CellLatency>,
}

/// The distribution of all valid trials of one cell together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CellLatency {
    /// Name of the workload.
    pub workload: String,
    /// What was measured.
    pub target: String,
    /// How it shares connections out.
    pub mode: String,
    /// Number of workers.
    pub workers: u32,
    /// Concurrent connections.
    pub connections: u32,
    /// Requests a second that were asked for; `None` in a closed loop.
    pub rate: Option<f64>,
    /// `[value, count]` in rising order of value, in microseconds: so many answers took longer than
    /// the value before and at most this one.
    pub histogram: Vec<(f64, u64)>,
}

impl CellLatency {
    /// An empty one, of the cell that this trial belongs to.
    #[must_use]
    pub fn of(trial: &Trial) -> Self {
        Self {
            workload: trial.workload.clone(),
            target: trial.target.clone(),
            mode: trial.mode.clone(),
            workers: trial.workers,
            connections: trial.connections,
            rate: trial.rate,
            histogram: Vec::new(),
        }
    }

    /// Whether it is of the cell that this trial belongs to.
    #[must_use]
    pub fn is_of(&self, trial: &Trial) -> bool {
        Self { histogram: Vec::new(), ..self.clone() } == Self::of(trial)
    }
}
