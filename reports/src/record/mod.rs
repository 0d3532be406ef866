//! The record: everything one run of `bench` leaves behind, as it stands in `record.json`.
//!
//! Schema version 1. Units are part of the names (`_s` seconds, `_us` microseconds, `_rps` requests
//! a second). Modes, targets and workloads are plain strings, so that an old record outlives a
//! rename. Whatever was added later is
//! optional, so that old records load.

mod accept;
mod condensed;
mod cpu;
mod environment;
mod lab;
mod plan;
mod result;
mod told;
mod trial;

use serde::{Deserialize, Serialize};

pub use accept::AcceptQueue;
pub use condensed::{CellLatency, Condensed, Heat};
pub use cpu::{Cpu, CpuShare, Quota, Waiting};
pub use environment::Environment;
pub use lab::{Lab, LabEvent, LabItem};
pub use plan::{Calibration, RateCalibration, Skipped, Source, Suite, TargetInfo, Workload};
pub use result::{Errors, Latency, Lifetime, LoadThread, SeriesPoint, TrialResult, Warmup, Worker};
pub use told::Told;
pub use trial::{Cpus, Outcome, Trial};

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
    /// What a class guessed and saw; `None` where the run was no lab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lab: Option<Lab>,
    /// What stands in place of what was left out; `None` in a whole record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condensed: Option<Condensed>,
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
        Self::from_value(serde_json::from_str(text)?)
    }

    /// Reads a record from a JSON value.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn from_value(value: serde_json::Value) -> Result<Self, ReadError> {
        match value.get("schema").and_then(serde_json::Value::as_u64) {
            Some(found) if found != u64::from(SCHEMA) => Err(ReadError::Schema { found }),
            _ => Ok(serde_json::from_value(value)?),
        }
    }

    /// The record as one line of JSON, in which it is saved: the same record gives the same bytes.
    ///
    /// # Errors
    /// None in practice: every record has a form in JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(|text| text + "\n")
    }
}
