//! A run as an estimator sees it: the log, the window, and what was asked for.
//!
//! The tools have no warm-up: for them the run begins with the measured window.

use crate::log::{Entry, Log};
use crate::pace::Arrivals;
use crate::plan::{Bound, Model, Plan};
use crate::tally::Tally;

#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The measured requests that were sent or waited to be, thread after thread.
    pub entries: &'a [Entry],
    /// When the measured window began, in nanoseconds of the run's clock.
    pub begin: u64,
    /// When it ended: the first instant that is not in it.
    pub end: u64,
    pub connections: u32,
    /// How long an answer was waited for, in nanoseconds.
    pub timeout_ns: u64,
    /// Whether requests were due at their times.
    pub open: bool,
    /// Requests under way on a connection at a time, at most.
    pub pipeline: u32,
    /// Requests a second of an open loop whose rate and gaps never change.
    pub rate: Option<f64>,
}

impl<'a> Run<'a> {
    /// The run of a merged tally; `None` when it kept no log.
    pub fn new(tally: &'a Tally, plan: &Plan) -> Option<Self> {
        let Log { entries, .. } = tally.log.as_ref()?;
        let end = match plan.bound {
            Bound::Requests(_) => tally.last_end + 1,
            Bound::Duration(_) => tally.window.end,
        };
        let rate = match &plan.model {
            Model::Open { rate, arrivals: Arrivals::Constant, .. } => rate.steady(),
            _ => None,
        };
        Some(Self {
            entries,
            begin: tally.window.begin,
            end,
            connections: plan.connections,
            timeout_ns: u64::try_from(plan.timeout.as_nanos()).unwrap_or(u64::MAX),
            open: tally.open,
            pipeline: plan.pipeline,
            rate,
        })
    }

    /// What is to be said of a tool that sends one request a connection at a time.
    pub fn of_pipelines(&self) -> &'static str {
        if self.pipeline > 1 {
            "It does not pipeline, so it could not have made this run: its clock is applied to it. "
        } else {
            ""
        }
    }

    /// Length of the window in seconds.
    pub fn seconds(&self) -> f64 {
        self.end.saturating_sub(self.begin) as f64 / 1e9
    }

    /// Seconds from the window's begin until the last request had ended.
    pub fn seconds_with_the_rest(&self) -> f64 {
        let last = self.entries.iter().map(|entry| entry.end).max().unwrap_or(self.end);
        last.saturating_sub(self.begin) as f64 / 1e9
    }

    pub fn sent(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        self.entries.iter().filter(|entry| entry.was_sent())
    }

    /// Those of them with a whole answer, whatever its status.
    pub fn answered(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        self.sent().filter(|entry| entry.outcome.answered())
    }

    /// Those of them whose answer came within the window.
    pub fn answered_within(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let end = self.end;
        self.answered().filter(move |entry| entry.end < end)
    }
}

/// A rate; zero when no time passed.
pub(super) fn per(count: usize, seconds: f64) -> f64 {
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

/// The mean; `None` of nothing.
pub(super) fn mean(sum: f64, count: usize) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

pub(super) fn decimals(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
