//! A record from which was left out what no page needs: it says what, and has each cell's latencies in
//! place of its trials' histograms.

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

impl Condensed {
    /// The latencies of the cell that this trial belongs to.
    #[must_use]
    pub fn cell_of(&self, trial: &Trial) -> Option<&CellLatency> {
        self.latencies.iter().find(|latency| latency.is_of(trial))
    }
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
    /// The same from the actual send; empty in a closed loop, or where no page shows it.
    pub service: Vec<(f64, u64)>,
    /// Its latencies over time; `None` where trials kept none, or no page shows them.
    pub heat: Option<Heat>,
}

/// Counts of requests by time (columns) and coarse step of latency.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Heat {
    /// The width of a column in seconds.
    pub width_s: f64,
    /// One entry a column: `[begin of the step in microseconds, requests]` in rising order.
    pub columns: Vec<Vec<(f64, u64)>>,
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
            ..Self::default()
        }
    }

    /// Whether it is of the cell that this trial belongs to.
    #[must_use]
    pub fn is_of(&self, trial: &Trial) -> bool {
        Self { histogram: Vec::new(), service: Vec::new(), heat: None, ..self.clone() }
            == Self::of(trial)
    }
}
