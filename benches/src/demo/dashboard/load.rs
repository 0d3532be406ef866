//! The generator's figures: the last minute's throughput and latency, and every failure.
//!
//! Each generator writes snapshots (`load --snapshots`), the last with its totals. New settings start
//! another process, so for a moment there are two: counts are summed, latencies merged before they are read.

use std::collections::{BTreeMap, VecDeque};

use loadgen::Snapshot;
use loadgen::snapshot::quantile;
use serde::Serialize;

const MINUTE_S: f64 = 60.0;

/// Percentiles and rates are over so many seconds.
const WINDOW_S: f64 = 1.0;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Good answers a second.
    pub rps: f64,
    /// Median latency in microseconds; `None`: nothing ended lately.
    pub p50_us: Option<f64>,
    pub p99_us: Option<f64>,
    /// Failed requests since the demonstration began.
    pub failures: u64,
    /// The same by class, without those that never came about.
    pub by_class: BTreeMap<&'static str, u64>,
    pub answered: u64,
}

/// `[t_s, rps, p50_us, p99_us, failures]`.
pub type Point = (f64, f64, Option<f64>, Option<f64>, u64);

#[derive(Debug)]
struct Piece {
    at_s: f64,
    good: u64,
    seconds: f64,
    latency_us: Vec<(f64, u64)>,
}

#[derive(Debug, Default)]
pub struct Curve {
    /// The newest snapshot of each generator.
    runs: BTreeMap<u64, Snapshot>,
    pieces: VecDeque<Piece>,
    points: VecDeque<Point>,
}

impl Curve {
    pub fn add(&mut self, now_s: f64, run: u64, mut now: Snapshot) {
        let before = self.runs.remove(&run).unwrap_or_default();
        let latency_us = std::mem::take(&mut now.latency_us);
        self.pieces.push_back(Piece {
            at_s: now_s,
            good: now.good.saturating_sub(before.good),
            seconds: now.t_s - before.t_s,
            latency_us,
        });
        self.runs.insert(run, now);
    }

    pub fn figures(&mut self, now_s: f64) -> Figures {
        while self.pieces.front().is_some_and(|piece| piece.at_s < now_s - WINDOW_S) {
            self.pieces.pop_front();
        }
        let seconds: f64 = self.pieces.iter().map(|piece| piece.seconds).sum();
        let good: u64 = self.pieces.iter().map(|piece| piece.good).sum();
        let [p50_us, p99_us] = self.percentiles([0.5, 0.99]);
        let mut by_class = BTreeMap::new();
        for (class, count) in self.runs.values().flat_map(|run| run.errors.by_class()) {
            *by_class.entry(class.name()).or_default() += count;
        }
        let figures = Figures {
            rps: if seconds > 0.0 { good as f64 / seconds } else { 0.0 },
            p50_us,
            p99_us,
            failures: self.runs.values().map(|run| run.failed).sum(),
            by_class,
            answered: self.runs.values().map(|run| run.good).sum(),
        };
        while self.points.front().is_some_and(|point| point.0 < now_s - MINUTE_S) {
            self.points.pop_front();
        }
        self.points.push_back((now_s, figures.rps, p50_us, p99_us, figures.failures));
        figures
    }

    pub fn history(&self) -> Vec<Point> {
        self.points.iter().copied().collect()
    }

    /// Percentiles of the merged latencies.
    fn percentiles<const N: usize>(&self, shares: [f64; N]) -> [Option<f64>; N] {
        let mut all: Vec<(f64, u64)> =
            self.pieces.iter().flat_map(|piece| &piece.latency_us).copied().collect();
        all.sort_by(|one, other| one.0.total_cmp(&other.0));
        shares.map(|share| quantile(&all, share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(t_s: f64, good: u64, reset: u64, latency_us: &[(f64, u64)]) -> Snapshot {
        let mut now = Snapshot {
            t_s,
            good,
            failed: reset,
            latency_us: latency_us.into(),
            ..Snapshot::default()
        };
        now.errors.reset = reset;
        now
    }

    #[test]
    fn rates_and_percentiles_are_those_of_the_last_second() {
        let mut curve = Curve::default();
        curve.add(10.0, 1, snapshot(0.5, 500, 0, &[(100.0, 490), (9000.0, 10)]));
        assert!((curve.figures(10.0).rps - 1000.0).abs() < 1e-9);
        curve.add(11.2, 1, snapshot(1.7, 1100, 0, &[(200.0, 594), (700.0, 6)]));
        let figures = curve.figures(11.2);
        assert_eq!((figures.rps, figures.p50_us), (500.0, Some(200.0)));
        assert_eq!((figures.p99_us, figures.answered), (Some(200.0), 1100));
        let later = curve.figures(20.0);
        assert_eq!((later.rps, later.p99_us, later.answered), (0.0, None, 1100));
        assert_eq!(curve.history().len(), 3);
    }

    #[test]
    fn failures_are_added_up_over_the_generators_that_followed_each_other() {
        let mut curve = Curve::default();
        curve.add(1.0, 1, snapshot(0.5, 500, 3, &[]));
        curve.add(1.5, 1, snapshot(1.0, 900, 5, &[]));
        curve.add(1.6, 2, snapshot(0.1, 50, 1, &[]));
        let figures = curve.figures(1.6);
        assert_eq!((figures.failures, figures.answered), (6, 950));
        assert_eq!(figures.by_class, [("reset", 6)].into());
    }

    #[test]
    fn latencies_of_two_generators_are_merged_and_then_read() {
        let mut curve = Curve::default();
        curve.add(1.0, 1, snapshot(0.5, 90, 0, &[(100.0, 90)]));
        curve.add(1.0, 2, snapshot(0.5, 10, 0, &[(5000.0, 10)]));
        let figures = curve.figures(1.0);
        assert_eq!((figures.p50_us, figures.p99_us), (Some(100.0), Some(5000.0)));
    }

    #[test]
    fn the_history_ends_with_the_minute() {
        let mut curve = Curve::default();
        for second in 0..200 {
            curve.figures(f64::from(second));
        }
        let history = curve.history();
        assert_eq!((history.len(), history[0].0), (61, 139.0));
    }
}
