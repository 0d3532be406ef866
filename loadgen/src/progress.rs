//! Live progress: each thread leaves a snapshot of its books on a board a few times a second, and
//! the main thread draws the sum as one line. Without a board nothing is left and nothing is paid;
//! with one, a comparison of two numbers a turn of the loop, and a copy of some kilobytes a
//! snapshot.
//!
//! Next: `run.rs`, which reads the board.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use hdrhistogram::Histogram;

use crate::outcome::Outcome;
use crate::summary::{bar, grouped, micros};
use crate::tally::Tally;
use crate::worker::WorkerKey;

/// How often a thread leaves a snapshot, in nanoseconds.
pub const PERIOD_NS: u64 = 250_000_000;

/// More workers than this are not drawn: the line would not fit.
const MOST_WORKERS: usize = 8;

/// Width of a worker's bar, in characters.
const BAR: usize = 6;

/// A thread's books at an instant of the measured window.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Good answers so far.
    pub good: u64,
    /// Requests so far that ended otherwise.
    pub errors: u64,
    /// Answers by worker.
    pub workers: Vec<(WorkerKey, u64)>,
    /// Latencies in the newest slice of the series, in nanoseconds.
    pub newest: Option<Histogram<u32>>,
}

impl Snapshot {
    /// Takes a snapshot.
    #[must_use]
    pub fn of(tally: &Tally) -> Self {
        let ended: u64 = tally.classes.iter().sum();
        Self {
            good: tally.class(Outcome::Ok),
            errors: ended - tally.class(Outcome::Ok),
            workers: tally
                .workers
                .iter()
                .filter(|worker| !worker.key.is_unknown())
                .map(|worker| (worker.key, worker.requests))
                .collect(),
            newest: tally.series.newest().cloned(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.good += other.good;
        self.errors += other.errors;
        for &(key, requests) in &other.workers {
            match self.workers.iter_mut().find(|(mine, _)| *mine == key) {
                Some((_, sum)) => *sum += requests,
                None => self.workers.push((key, requests)),
            }
        }
        match (&mut self.newest, &other.newest) {
            (Some(mine), Some(theirs)) => {
                mine.add(theirs).expect("histograms of the same bounds");
            }
            (mine @ None, theirs) => mine.clone_from(theirs),
            (Some(_), None) => {}
        }
    }

    /// One line for a terminal: `good` requests were answered before, `seconds` ago.
    #[must_use]
    pub fn line(&self, good: u64, seconds: f64, elapsed_s: f64) -> String {
        let rate = self.good.saturating_sub(good) as f64 / seconds.max(1e-3);
        let mut line = format!("{elapsed_s:>6.1}s {:>9}/s", grouped(rate.round() as u64));
        // Writing to a `String` cannot fail.
        if let Some(newest) = &self.newest {
            let at = |quantile| micros(newest.value_at_quantile(quantile) as f64 / 1e3);
            let _ = write!(line, "  p50 {:>8}  p99 {:>8}", at(0.5), at(0.99));
        }
        let _ = write!(line, "  errors {}", grouped(self.errors));
        let most = self.workers.iter().map(|&(_, requests)| requests).max().unwrap_or(0);
        let mut workers = self.workers.clone();
        workers.sort_unstable();
        for (key, requests) in workers.into_iter().take(MOST_WORKERS) {
            let name = key.id.or(key.pid).unwrap_or_default();
            let bar = bar(requests as f64 / most.max(1) as f64, BAR);
            let _ = write!(line, "  {name} {bar}");
        }
        line
    }
}

/// Where the threads leave their snapshots.
#[derive(Debug)]
pub struct Board(Vec<Mutex<Snapshot>>);

impl Board {
    /// A board for so many threads.
    #[must_use]
    pub fn new(threads: u32) -> Self {
        Self((0..threads).map(|_| Mutex::default()).collect())
    }

    /// Leaves a thread's snapshot, unless the board is being read at this moment.
    pub fn leave(&self, thread: u32, tally: &Tally) {
        if let Some(Ok(mut place)) = self.0.get(thread as usize).map(Mutex::try_lock) {
            *place = Snapshot::of(tally);
        }
    }

    /// The sum of the newest snapshots.
    #[must_use]
    pub fn read(&self) -> Snapshot {
        let mut sum = Snapshot::default();
        for place in &self.0 {
            sum.add(&place.lock().unwrap_or_else(PoisonError::into_inner));
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{Times, Window};

    fn tally(answers: u64, pid: u32) -> Tally {
        let mut tally = Tally::new(Window { begin: 0, end: 1_000_000_000 }, false);
        for begin in 0..answers {
            tally
                .end(Times { begin, sent: begin, woken: begin, end: begin + 100_000 }, Outcome::Ok);
            tally.answered_by(Some(0), WorkerKey { id: None, pid: Some(pid) }, begin, begin);
        }
        tally.end(Times { begin: 0, sent: 0, woken: 0, end: 5 }, Outcome::Reset);
        tally
    }

    #[test]
    fn the_board_shows_the_sum_of_all_threads() {
        let board = Board::new(2);
        board.leave(0, &tally(10, 7));
        board.leave(1, &tally(20, 8));
        let sum = board.read();
        assert_eq!((sum.good, sum.errors, sum.workers.len()), (30, 2, 2));
        assert_eq!(sum.newest.as_ref().unwrap().len(), 32);
    }

    #[test]
    fn the_line_tells_rate_percentiles_errors_and_workers() {
        let board = Board::new(1);
        board.leave(0, &tally(300, 7));
        let line = board.read().line(100, 0.5, 3.25);
        for part in ["3.2s", "400/s", "p50", "p99", "errors 1", "7 █"] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
}
