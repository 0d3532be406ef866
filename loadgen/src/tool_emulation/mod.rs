//! What other load generators would have printed for the very same run: the tool decides the latency.
//!
//! With `--as` a thread keeps a log of its measured requests. Each tool has a file with one pure
//! function from the run (`run::Run`) to an [`Estimate`]: which requests the tool counts, what it
//! times, how it reads percentiles and rounds. The rules come from the tools' public sources, which
//! each file names; nothing is copied. An estimate stands for the tool's arithmetic, not its speed;
//! a tool that could not have made the run at all says so.

mod autocannon;
mod hey;
mod k6;
mod oha;
mod run;
pub(crate) mod table;
mod wrk;
mod wrk2;

use serde::{Deserialize, Serialize};

use crate::plan::{Plan, Tool};
use crate::tally::Tally;
use run::Run;

/// What a tool would have printed of a run.
#[must_use]
pub fn estimate(tool: Tool, run: &Run<'_>) -> Estimate {
    match tool {
        Tool::Wrk => wrk::estimate(run),
        Tool::Wrk2 => wrk2::estimate(run),
        Tool::Oha => oha::estimate(run),
        Tool::Hey => hey::estimate(run),
        Tool::Autocannon => autocannon::estimate(run),
        Tool::K6 => k6::estimate(run),
    }
}

/// A value of an estimate as the tool writes it.
fn print(tool: Tool, estimate: &Estimate, value: f64) -> String {
    match tool {
        Tool::Wrk | Tool::Wrk2 => wrk::print(value),
        Tool::Oha => oha::print(value, estimate.max.unwrap_or(value)),
        Tool::Hey => hey::print(value),
        Tool::Autocannon => autocannon::print(value),
        Tool::K6 => wrk::print(value * 1e3),
    }
}

/// What a tool would have printed, in its own unit and rounding; `None` where it prints nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub struct Estimate {
    pub tool: String,
    /// `closed` or `open`: in which loop the tool sends unless it is told otherwise.
    #[serde(rename = "loop")]
    pub loop_model: String,
    /// The unit of the latencies: `us`, `ms` or `s`.
    pub unit: String,
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub p99: Option<f64>,
    pub p999: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    /// Requests a second.
    pub rps: Option<f64>,
    /// The requests that this rate counts.
    pub requests: Option<u64>,
    /// How it differs from the truth: what it leaves out and what it adds, in sentences.
    pub says: String,
    /// Where the rule is written: repository, file and function.
    pub source: String,
}

impl Estimate {
    /// An estimate without figures: who prints it, in which unit, and where the rule is written.
    fn new(tool: Tool, loop_model: &str, unit: &str, source: &str) -> Self {
        let [tool, loop_model, unit, source] =
            [tool.name(), loop_model, unit, source].map(str::to_owned);
        Self { tool, loop_model, unit, source, ..Self::default() }
    }
}

/// What the plan's tools would have printed; empty when none was asked for.
#[must_use]
pub fn estimates(tally: &Tally, plan: &Plan) -> Vec<Estimate> {
    let Some(run) = Run::new(tally, plan) else { return Vec::new() };
    plan.tools.iter().map(|tool| estimate(*tool, &run)).collect()
}

#[cfg(test)]
pub(crate) mod tests;
