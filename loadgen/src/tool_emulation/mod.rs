//! What other load generators would have printed for the very same run: the tool decides the latency.
//!
//! With `--as` a thread keeps a [`crate::log`] of its measured requests. Each tool has a file with one pure
//! function from the run ([`run::Run`]) to an [`Estimate`]: which requests the tool counts, from when
//! to when it takes the time, how it reads percentiles and how it rounds. The rules were looked up in
//! the tools' public sources, which each file names; nothing of them is copied. An estimate stands for
//! the tool's arithmetic alone: the tool itself would also have been faster or slower than this
//! generator, and some could not have made the run at all, which their sentence says.
//!
//! Next: [`crate::log`], then [`wrk`]; [`table`] for people.

pub mod autocannon;
pub mod hey;
pub mod k6;
pub mod oha;
pub mod run;
pub mod table;
pub mod wrk;
pub mod wrk2;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::tally::Tally;
use run::Run;

/// A tool whose figures can be estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the tools have these names")]
pub enum Tool {
    Wrk,
    Wrk2,
    Oha,
    Hey,
    Autocannon,
    K6,
}

/// A name that is no tool's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' as tool: give wrk, wrk2, oha, hey, autocannon, k6 or all")]
pub struct UnknownTool(String);

impl Tool {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Wrk, Self::Wrk2, Self::Oha, Self::Hey, Self::Autocannon, Self::K6];

    /// Its name on the command line and in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::Wrk2 => "wrk2",
            Self::Oha => "oha",
            Self::Hey => "hey",
            Self::Autocannon => "autocannon",
            Self::K6 => "k6",
        }
    }

    /// Reads a list such as `wrk,hey`, or `all`. Each tool comes once, in the order of [`Self::ALL`].
    ///
    /// # Errors
    /// [`UnknownTool`] for the first name that is none.
    pub fn parse_list<'a>(
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Self>, UnknownTool> {
        let mut tools = Vec::new();
        for name in names.into_iter().flat_map(|list| list.split(',')).map(str::trim) {
            match name {
                "all" => tools.extend(Self::ALL),
                name => tools.push(name.parse()?),
            }
        }
        tools.sort_unstable();
        tools.dedup();
        Ok(tools)
    }

    /// What it would have printed.
    #[must_use]
    pub fn estimate(self, run: &Run<'_>) -> Estimate {
        match self {
            Self::Wrk => wrk::estimate(run),
            Self::Wrk2 => wrk2::estimate(run),
            Self::Oha => oha::estimate(run),
            Self::Hey => hey::estimate(run),
            Self::Autocannon => autocannon::estimate(run),
            Self::K6 => k6::estimate(run),
        }
    }

    /// A value of an estimate as the tool writes it.
    fn print(self, estimate: &Estimate, value: f64) -> String {
        match self {
            Self::Wrk | Self::Wrk2 => wrk::print(value),
            Self::Oha => oha::print(value, estimate.max.unwrap_or(value)),
            Self::Hey => hey::print(value),
            Self::Autocannon => autocannon::print(value),
            Self::K6 => wrk::print(value * 1e3),
        }
    }
}

impl FromStr for Tool {
    type Err = UnknownTool;

    fn from_str(name: &str) -> Result<Self, UnknownTool> {
        let found = Self::ALL.into_iter().find(|tool| tool.name() == name);
        found.ok_or_else(|| UnknownTool(name.to_owned()))
    }
}

/// What a tool would have printed, in its own unit and rounding; `None` where it prints nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Estimate {
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
    /// How it differs from the truth: what it leaves out and what it adds, in sentences.
    pub says: String,
    /// Where the rule is written: repository, file and function.
    pub source: String,
}

/// What the plan's tools would have printed; empty when none was asked for.
#[must_use]
pub fn estimates(tally: &Tally, plan: &Plan) -> Vec<Estimate> {
    let Some(run) = Run::new(tally, plan) else { return Vec::new() };
    plan.tools.iter().map(|tool| tool.estimate(&run)).collect()
}

#[cfg(test)]
pub(crate) mod tests;
