//! Runs made by hand, and what the tools make of a pause.

use super::run::Run;
use super::*;
use crate::log::Entry;
use crate::outcome::Outcome;

/// A run made by hand. Times are in microseconds after the window's begin.
pub(crate) struct Made {
    pub entries: Vec<Entry>,
    pub timeout_us: u64,
    length_us: u64,
    connections: u32,
    rate: Option<f64>,
}

impl Made {
    pub fn closed(length_us: u64, connections: u32) -> Self {
        let timeout_us = 5_000_000;
        Self { entries: vec![], timeout_us, length_us, connections, rate: None }
    }

    pub fn open(length_us: u64, connections: u32, rate: f64) -> Self {
        Self { rate: Some(rate), ..Self::closed(length_us, connections) }
    }

    /// A request that was due, sent and ended at these times.
    pub fn at(&mut self, begin: u64, sent: u64, end: u64, outcome: Outcome) {
        let [begin, sent, end] = [begin, sent, end].map(|us| BEGIN + us * 1_000);
        self.entries.push(Entry { begin, sent, end, connecting_us: 0, outcome });
    }

    /// A closed loop of one connection, whose good answers take so many microseconds each.
    pub fn answers(length_us: u64, times_us: impl IntoIterator<Item = u64>) -> Self {
        let mut made = Self::closed(length_us, 1);
        let mut end = 0;
        for us in times_us {
            made.at(end, end, end + us, Outcome::Ok);
            end += us;
        }
        made
    }

    pub fn run(&self) -> Run<'_> {
        Run {
            entries: &self.entries,
            begin: BEGIN,
            end: BEGIN + self.length_us * 1_000,
            connections: self.connections,
            timeout_ns: self.timeout_us * 1_000,
            open: self.rate.is_some(),
            pipeline: 1,
            rate: self.rate,
        }
    }
}

/// The windows begin here, so that nothing takes the run's clock for the window's.
const BEGIN: u64 = 7_000_000;

/// All figures are there, each within a thousandth of what is expected.
pub(crate) fn close_to<const N: usize>(figures: [Option<f64>; N], expected: [f64; N]) {
    let close = |(figure, expected): (&Option<f64>, &f64)| {
        figure.is_some_and(|figure| (figure - expected).abs() <= 1e-3 * expected.abs())
    };
    assert!(figures.iter().zip(&expected).all(close), "{figures:?} and not {expected:?}");
}

/// Ten seconds at 1000 requests a second over 10 connections, each answered after 1 ms; but the server
/// pauses for one second in the middle, and then answers everything at once. In the pause 10 requests
/// find a free connection, the other 990 wait to be sent.
fn pause() -> Made {
    let mut made = Made::open(10_000_000, 10, 1_000.0);
    for due in (0..10_000_000).step_by(1_000) {
        let (sent, end) = match due {
            5_000_000..5_010_000 => (due, 6_000_000),
            5_010_000..6_000_000 => (6_000_000, 6_001_000),
            _ => (due, due + 1_000),
        };
        made.at(due, sent, end, Outcome::Ok);
    }
    made
}

#[test]
fn of_a_pause_the_tools_that_stamp_the_send_see_one_request_a_connection() {
    let made = pause();
    let run = made.run();
    let waited = made.entries.iter().filter(|entry| entry.end - entry.begin > 10_000_000);
    assert_eq!(waited.count(), 991, "of 10,000 requests a tenth waited for over 10 ms");
    let [wrk, wrk2, oha, hey, autocannon, k6] = Tool::ALL.map(|tool| estimate(tool, &run));
    close_to([oha.p99, oha.p999, hey.p99, k6.p90], [0.001, 0.991, 0.001, 1.0]);
    assert!(wrk.p90 < Some(2_000.0) && wrk.p99 > Some(800_000.0), "it made up for them");
    assert!(autocannon.p90 > Some(400.0), "it fills up by the millisecond, whatever the rate");
    assert!(wrk2.p90 > Some(400_000.0), "it takes a second more to catch up");
    close_to([wrk, wrk2, oha, hey, k6].map(|it| it.max), [1e6, 1e6, 1.0, 1.0, 1e3]);
}

#[test]
fn every_tool_has_a_source_a_sentence_and_its_name_whatever_the_run() {
    for made in [Made::closed(1_000, 1), Made::open(1_000, 1, 10.0), pause()] {
        for tool in Tool::ALL {
            let estimate = estimate(tool, &made.run());
            assert_eq!(estimate.tool, tool.name());
            assert!(estimate.says.ends_with('.') && estimate.source.contains('/'));
        }
    }
}
