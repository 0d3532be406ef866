//! What another load generator would have printed of a trial.

use serde::{Deserialize, Serialize};

/// The figures of a tool in its own unit and rounding; `None` where it prints nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The tool's name.
    pub tool: String,
    /// `closed` or `open`: in which loop the tool sends unless it is told otherwise.
    #[serde(rename = "loop")]
    pub loop_model: String,
    /// The unit of the latencies: `us`, `ms` or `s`.
    pub unit: String,
    /// Median.
    pub p50: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// 99.9th percentile.
    pub p999: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Requests a second.
    pub rps: Option<f64>,
    /// The requests that this rate counts.
    pub requests: Option<u64>,
    /// How it differs from the truth, in sentences; empty where it was left out.
    pub says: String,
    /// Where the rule is written; empty where it was left out.
    pub source: String,
}

impl Told {
    /// Its latencies in microseconds: 50, 90, 99, 99.9 %, largest, mean.
    #[must_use]
    pub fn micros(&self) -> [Option<f64>; 6] {
        let unit = match self.unit.as_str() {
            "s" => 1e6,
            "ms" => 1e3,
            _ => 1.0,
        };
        [self.p50, self.p90, self.p99, self.p999, self.max, self.mean]
            .map(|value| value.map(|value| value * unit))
    }
}
