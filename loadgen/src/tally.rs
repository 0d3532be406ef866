//! A thread's books: what became of each request. Nothing here is shared while a run lasts;
//! tallies are merged when all threads are done.
//!
//! The definitions:
//! - A request *begins* when the client wants to send it (closed loop). When it needs a connection
//!   first, the connecting is part of it.
//! - The *measured window* is [begin, end). A request is *measured* when it begins in the window,
//!   whenever it ends. Every measured request is in exactly one class and in the histogram;
//!   one that timed out or was never answered stands there with the time it was waited for.
//! - *Completed* are the good answers that came within the window, whenever they were asked for:
//!   the measure of throughput, which a few long answers after the end must not swell.
//! - The *lifetime* counts are over everything, warm-up and draining included.
//!
//! Next: [`crate::result`], which the merged tally turns into.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::outcome::Outcome;
use crate::worker::WorkerKey;

/// The longest latency that is told apart, in nanoseconds: two days.
const LONGEST_NS: u64 = 2 * 24 * 3600 * 1_000_000_000;

/// A histogram of nanoseconds with three significant digits.
#[must_use]
#[expect(
    clippy::missing_panics_doc,
    reason = "the bounds are constants within the library's limits"
)]
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_NS, 3).expect("bounds that the library allows")
}

/// The measured window, in nanoseconds of the run's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its begin: the end of the warm-up.
    pub begin: u64,
    /// Its end; `u64::MAX` while it depends on a number of requests.
    pub end: u64,
}

impl Window {
    /// Whether an instant lies in it.
    #[must_use]
    pub fn contains(&self, instant: u64) -> bool {
        self.begin <= instant && instant < self.end
    }
}

/// What one worker answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerTally {
    /// How its answers name it.
    pub key: WorkerKey,
    /// Connections whose first answer was its.
    pub connections: u64,
    /// Its answers over the whole life.
    pub requests: u64,
    /// When it was first seen.
    pub first_seen: u64,
}

/// A thread's counts over its whole life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Requests begun.
    pub sent: u64,
    /// Whole answers, whatever their status.
    pub answered: u64,
    /// Requests that ended without an answer.
    pub failed: u64,
    /// Connections made.
    pub connections: u64,
}

/// CPU time that a thread used, by its own clock, over the window as it saw it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ThreadCpu {
    /// CPU seconds.
    pub busy_s: f64,
    /// Seconds between the two readings.
    pub wall_s: f64,
}

/// The books.
#[derive(Debug, Clone)]
pub struct Tally {
    /// The measured window.
    pub window: Window,
    /// Latencies of all measured requests, in nanoseconds.
    pub latency: Histogram<u64>,
    /// Measured requests by class, indexed by [`Outcome`].
    pub classes: [u64; Outcome::ALL.len()],
    /// Measured requests by the system's error number, where there was one.
    pub errno: BTreeMap<i32, u64>,
    /// Good answers that came within the window.
    pub completed: u64,
    /// Bytes received within the window.
    pub bytes: u64,
    /// When the last measured request ended.
    pub last_end: u64,
    /// Over the whole life.
    pub lifetime: Lifetime,
    /// By worker; the first entry is for answers that name nobody.
    pub workers: Vec<WorkerTally>,
    /// CPU time, one entry a thread.
    pub cpu: Vec<ThreadCpu>,
}

impl Tally {
    /// Empty books for this window.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            latency: histogram(),
            classes: [0; Outcome::ALL.len()],
            errno: BTreeMap::new(),
            completed: 0,
            bytes: 0,
            last_end: 0,
            lifetime: Lifetime::default(),
            workers: vec![WorkerTally {
                key: WorkerKey::default(),
                connections: 0,
                requests: 0,
                first_seen: 0,
            }],
            cpu: Vec::new(),
        }
    }

    /// A request that began at `begin` ended at `end`.
    pub fn end(&mut self, begin: u64, end: u64, outcome: Outcome) {
        if outcome.answered() {
            self.lifetime.answered += 1;
        } else {
            self.lifetime.failed += 1;
        }
        if outcome == Outcome::Ok && self.window.contains(end) {
            self.completed += 1;
        }
        if self.window.contains(begin) {
            self.classes[outcome as usize] += 1;
            self.latency.saturating_record(end - begin);
            self.last_end = self.last_end.max(end);
        }
    }

    /// The system's error number of a request that began at `begin`.
    pub fn errno(&mut self, begin: u64, errno: i32) {
        if self.window.contains(begin) {
            *self.errno.entry(errno).or_default() += 1;
        }
    }

    /// Bytes came in.
    pub fn received(&mut self, now: u64, bytes: usize) {
        if self.window.contains(now) {
            self.bytes += bytes as u64;
        }
    }

    /// Counts a whole answer for its worker; `before` is who gave the connection's last answer.
    /// Returns the worker's place in [`Self::workers`].
    pub fn answered_by(&mut self, before: Option<usize>, key: WorkerKey, now: u64) -> usize {
        let place = match before {
            Some(place) if self.workers[place].key == key => place,
            _ => self.worker(key, now),
        };
        self.workers[place].requests += 1;
        self.workers[place].connections += u64::from(before.is_none());
        place
    }

    /// The place of a worker in [`Self::workers`]; it gets one when it is new.
    fn worker(&mut self, key: WorkerKey, now: u64) -> usize {
        if let Some(place) = self.workers.iter().position(|worker| worker.key == key) {
            return place;
        }
        self.workers.push(WorkerTally { key, connections: 0, requests: 0, first_seen: now });
        self.workers.len() - 1
    }

    /// Measured requests of a class.
    #[must_use]
    pub fn class(&self, outcome: Outcome) -> u64 {
        self.classes[outcome as usize]
    }

    /// Adds another thread's books.
    #[expect(clippy::missing_panics_doc, reason = "both histograms have the same bounds")]
    pub fn merge(&mut self, other: &Self) {
        self.latency.add(&other.latency).expect("histograms of the same bounds");
        for (mine, theirs) in self.classes.iter_mut().zip(other.classes) {
            *mine += theirs;
        }
        for (&errno, &count) in &other.errno {
            *self.errno.entry(errno).or_default() += count;
        }
        self.completed += other.completed;
        self.bytes += other.bytes;
        self.last_end = self.last_end.max(other.last_end);
        self.lifetime.sent += other.lifetime.sent;
        self.lifetime.answered += other.lifetime.answered;
        self.lifetime.failed += other.lifetime.failed;
        self.lifetime.connections += other.lifetime.connections;
        for theirs in &other.workers {
            let place = self.worker(theirs.key, theirs.first_seen);
            let mine = &mut self.workers[place];
            mine.connections += theirs.connections;
            mine.requests += theirs.requests;
            mine.first_seen = mine.first_seen.min(theirs.first_seen);
        }
        self.cpu.extend_from_slice(&other.cpu);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { begin: 100, end: 200 };

    #[test]
    fn a_request_is_measured_by_its_begin() {
        let mut tally = Tally::new(WINDOW);
        tally.end(99, 150, Outcome::Ok);
        tally.end(100, 250, Outcome::Ok);
        tally.end(199, 5199, Outcome::Timeout);
        tally.end(200, 210, Outcome::Ok);
        assert_eq!(tally.class(Outcome::Ok), 1);
        assert_eq!(tally.class(Outcome::Timeout), 1);
        assert_eq!(tally.latency.len(), 2);
        assert_eq!(tally.latency.max(), tally.latency.highest_equivalent(5000));
        assert_eq!(tally.lifetime, Lifetime { sent: 0, answered: 3, failed: 1, connections: 0 });
    }

    #[test]
    fn throughput_counts_the_answers_that_came_in_the_window() {
        let mut tally = Tally::new(WINDOW);
        tally.end(99, 150, Outcome::Ok);
        tally.end(150, 199, Outcome::Ok);
        tally.end(150, 199, Outcome::Status);
        tally.end(150, 200, Outcome::Ok);
        assert_eq!(tally.completed, 2);
    }

    #[test]
    fn merged_books_are_the_sum_and_a_worker_is_one_worker() {
        let key = WorkerKey { id: Some(1), pid: Some(10) };
        let mut tallies = [Tally::new(WINDOW), Tally::new(WINDOW)];
        for (number, tally) in (1..).zip(&mut tallies) {
            tally.end(100, 100 + number, Outcome::Ok);
            tally.errno(100, 104);
            let place = tally.worker(key, 150 - number);
            tally.workers[place].requests += number;
        }
        let [mut merged, other] = tallies;
        merged.merge(&other);
        assert_eq!(merged.latency.len(), 2);
        assert_eq!(merged.errno[&104], 2);
        assert_eq!(merged.workers.len(), 2);
        assert_eq!((merged.workers[1].requests, merged.workers[1].first_seen), (3, 148));
    }
}
