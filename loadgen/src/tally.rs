//! A thread's books: what became of each request. Nothing here is shared while a run lasts;
//! tallies are merged when all threads are done.
//!
//! The definitions:
//! - A request *begins* when the client wants to send it (closed loop) or when it is due (open
//!   loop), whether it can be sent then or not. When it needs a connection first, the connecting is
//!   part of it. *Latency* runs from the begin, *service latency* from the actual send.
//! - *Schedule lag*: from the due time to the generator's noticing it. *Send lag*: from there to the
//!   send (all connections were busy). *Server*: from the send to the wake-up that brought the
//!   answer. *Reap lag*: from there to its parse. Lags before the send and after the wake-up are the
//!   generator's own and are told for measured requests; the last two for answered ones.
//! - The *measured window* is [begin, end). A request is *measured* when it begins in the window,
//!   whenever it ends. Every measured request is in exactly one class and in the histogram;
//!   one that timed out or was never answered stands there with the time it was waited for.
//! - *Completed* are the good answers that came within the window, whenever they were asked for:
//!   the measure of throughput, which a few long answers after the end must not swell.
//! - The *lifetime* counts are over everything, warm-up and draining included.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use hdrhistogram::{Counter, Histogram};
use serde::{Deserialize, Serialize};

use crate::log::Log;
use crate::outcome::Outcome;
use crate::series::Series;
use crate::timestamps::Timestamps;
use crate::worker::WorkerKey;

/// More workers than this are not told apart: what a server writes must not fill our memory.
const MOST_WORKERS: usize = 1024;

/// The longest latency that is told apart, in nanoseconds: two days.
const LONGEST_NS: u64 = 2 * 24 * 3600 * 1_000_000_000;

/// A histogram of nanoseconds with three significant digits.
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_NS, 3).expect("bounds that the library allows")
}

/// The same with two digits, for what there are many of.
pub(crate) fn small_histogram<C: Counter>() -> Histogram<C> {
    Histogram::new_with_bounds(1, LONGEST_NS, 2).expect("bounds that the library allows")
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
    pub(crate) fn contains(&self, instant: u64) -> bool {
        self.begin <= instant && instant < self.end
    }
}

/// Where a request's time went, in histograms of nanoseconds.
#[derive(Debug, Clone)]
pub(crate) struct Split {
    /// From due to noticed; empty in a closed loop.
    pub schedule: Histogram<u64>,
    /// From noticed to sent; empty in a closed loop.
    pub send: Histogram<u64>,
    /// From sent to the wake-up.
    pub server: Histogram<u64>,
    /// From the wake-up to the parse.
    pub reap: Histogram<u64>,
    /// From sent to the end; empty in a closed loop, where it is the latency itself.
    pub service: Histogram<u64>,
}

impl Split {
    fn new() -> Self {
        let [schedule, send, server, reap, service] = std::array::from_fn(|_| histogram());
        Self { schedule, send, server, reap, service }
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.schedule, &other.schedule),
            (&mut self.send, &other.send),
            (&mut self.server, &other.server),
            (&mut self.reap, &other.reap),
            (&mut self.service, &other.service),
        ] {
            mine.add(theirs).expect("histograms of the same bounds");
        }
    }
}

/// What one worker answered, over the whole life.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answers {
    pub key: WorkerKey,
    /// Connections whose first answer was its.
    pub connections: u64,
    pub requests: u64,
    pub first_seen: u64,
}

impl Answers {
    /// Adds what another thread counted of the same worker.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.connections += other.connections;
        self.requests += other.requests;
        self.first_seen = self.first_seen.min(other.first_seen);
    }

    /// Adds what another process of the same worker answered, and takes its name if it is newer.
    pub(crate) fn merge_process(&mut self, other: &Self) {
        if self.key.pid.is_none() || other.first_seen >= self.first_seen {
            (self.key, self.first_seen) = (other.key, other.first_seen);
        }
        self.connections += other.connections;
        self.requests += other.requests;
    }
}

/// A worker's answers with their latencies.
#[derive(Debug, Clone)]
pub(crate) struct WorkerTally {
    pub answers: Answers,
    /// Latencies of its measured answers, in nanoseconds, two digits.
    pub latency: Histogram<u64>,
}

impl WorkerTally {
    fn new(key: WorkerKey, first_seen: u64) -> Self {
        let answers = Answers { key, first_seen, ..Answers::default() };
        Self { answers, latency: small_histogram() }
    }
}

/// Counts over the generator's whole life, warm-up and draining included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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

impl AddAssign for Lifetime {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.answered += other.answered;
        self.failed += other.failed;
        self.connections += other.connections;
    }
}

/// A thread over the window as it saw it, by its own clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thread {
    /// CPU seconds.
    pub cpu_s: f64,
    /// Seconds between the two readings.
    pub elapsed_s: f64,
}

/// The books.
#[derive(Debug, Clone)]
pub struct Tally {
    /// The measured window.
    pub(crate) window: Window,
    /// Latencies of all measured requests, in nanoseconds.
    pub(crate) latency: Histogram<u64>,
    /// Those not yet published on the board, with two digits; `None` unless the run is followed.
    pub(crate) recent: Option<Histogram<u32>>,
    pub(crate) split: Split,
    /// Whether requests are due at their times.
    pub(crate) open: bool,
    /// Measured requests that were due and never sent.
    pub(crate) never_sent: u64,
    pub(crate) series: Series,
    /// The time before it in slices, counted backwards from its begin.
    pub(crate) warmup: Series,
    /// Measured requests by class, indexed by [`Outcome`].
    pub(crate) classes: [u64; Outcome::ALL.len()],
    /// Measured requests by the system's error number, where there was one.
    pub(crate) errno: BTreeMap<i32, u64>,
    /// Good answers that came within the window.
    pub(crate) completed: u64,
    /// Bytes received within the window.
    pub(crate) bytes: u64,
    /// When the last measured request ended.
    pub(crate) last_end: u64,
    /// Over the whole life.
    pub(crate) lifetime: Lifetime,
    /// By worker; the first entry is for answers that name nobody.
    pub(crate) workers: Vec<WorkerTally>,
    pub(crate) threads: Vec<Thread>,
    /// The version of HTTP that was spoken, if not plainly HTTP/1.1.
    pub(crate) version: Option<&'static str>,
    /// The measured requests one by one; `None` unless somebody asks for them.
    pub(crate) log: Option<Log>,
}

impl Tally {
    /// Empty books for this window.
    #[must_use]
    pub fn new(window: Window, open: bool) -> Self {
        Self {
            window,
            latency: histogram(),
            recent: None,
            split: Split::new(),
            open,
            never_sent: 0,
            series: Series::default(),
            warmup: Series::default(),
            classes: [0; Outcome::ALL.len()],
            errno: BTreeMap::new(),
            completed: 0,
            bytes: 0,
            last_end: 0,
            lifetime: Lifetime::default(),
            workers: vec![WorkerTally::new(WorkerKey::default(), 0)],
            threads: Vec::new(),
            version: None,
            log: None,
        }
    }

    /// A request of an open loop, due at `begin` and noticed at `noticed`, is sent.
    pub(crate) fn send(&mut self, begin: u64, noticed: u64, sent: u64) {
        if self.window.contains(begin) {
            self.split.schedule.saturating_record(noticed - begin);
            self.split.send.saturating_record(sent - noticed);
        }
    }

    /// A request that was due at `begin` will never be sent: the run ends at `now`.
    pub(crate) fn give_up(&mut self, begin: u64, noticed: u64, now: u64) {
        self.lifetime.sent += 1;
        if self.window.contains(begin) {
            self.split.schedule.saturating_record(noticed - begin);
            self.never_sent += 1;
        }
        self.end(Timestamps { begin, sent: now, woken: now, end: now }, Outcome::Unanswered);
    }

    /// A request ended.
    pub fn end(&mut self, times: Timestamps, outcome: Outcome) {
        self.end_on(times, outcome, 0);
    }

    /// A request ended on a connection that was made at `made`, as far as that is known.
    pub(crate) fn end_on(&mut self, times: Timestamps, outcome: Outcome, made: u64) {
        let Timestamps { begin, sent, woken, end } = times;
        if outcome.answered() {
            self.lifetime.answered += 1;
        } else {
            self.lifetime.failed += 1;
        }
        let good = outcome == Outcome::Ok;
        if self.window.contains(end) {
            self.completed += u64::from(good);
            self.series.record(end - self.window.begin, end - begin, good);
        } else if end < self.window.begin {
            self.warmup.record(self.window.begin - end - 1, end - begin, good);
        }
        if begin < self.window.begin
            && let Some(log) = &mut self.log
        {
            log.record_early(begin, end);
        }
        if self.window.contains(begin) {
            self.classes[outcome as usize] += 1;
            self.latency.saturating_record(end - begin);
            if let Some(recent) = &mut self.recent {
                recent.saturating_record(end - begin);
            }
            self.last_end = self.last_end.max(end);
            if let Some(log) = &mut self.log {
                log.record(times, outcome, made);
            }
            if self.open {
                self.split.service.saturating_record(end.saturating_sub(sent));
            }
            if outcome.answered() {
                self.split.server.saturating_record(woken.saturating_sub(sent));
                self.split.reap.saturating_record(end.saturating_sub(woken.max(sent)));
            }
        }
    }

    /// The system's error number of a request that began at `begin`.
    pub(crate) fn errno(&mut self, begin: u64, errno: i32) {
        if self.window.contains(begin) {
            *self.errno.entry(errno).or_default() += 1;
        }
    }

    pub(crate) fn received(&mut self, now: u64, bytes: usize) {
        if self.window.contains(now) {
            self.bytes += bytes as u64;
        }
    }

    /// Counts a whole answer for its worker; `before` is who gave the connection's last answer.
    /// Returns the worker's place in [`Self::workers`].
    pub(crate) fn answered_by(
        &mut self,
        before: Option<usize>,
        key: WorkerKey,
        begin: u64,
        now: u64,
    ) -> usize {
        let place = match before {
            Some(place) if self.workers[place].answers.key == key => place,
            _ => self.worker(key, now),
        };
        let measured = self.window.contains(begin);
        let WorkerTally { answers, latency } = &mut self.workers[place];
        answers.requests += 1;
        answers.connections += u64::from(before.is_none());
        if measured && !key.is_unknown() {
            latency.saturating_record(now - begin);
        }
        place
    }

    /// The place of a worker in [`Self::workers`]; it gets one when it is new, seen first `now`.
    pub(crate) fn worker(&mut self, key: WorkerKey, now: u64) -> usize {
        if let Some(place) = self.workers.iter().position(|worker| worker.answers.key == key) {
            return place;
        }
        if self.workers.len() > MOST_WORKERS {
            return 0;
        }
        self.workers.push(WorkerTally::new(key, now));
        self.workers.len() - 1
    }

    pub(crate) fn class(&self, outcome: Outcome) -> u64 {
        self.classes[outcome as usize]
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.latency.add(&other.latency).expect("histograms of the same bounds");
        if let Some(theirs) = &other.recent {
            let mine = self.recent.get_or_insert_with(small_histogram);
            mine.add(theirs).expect("histograms of the same bounds");
        }
        self.split.merge(&other.split);
        self.series.merge(&other.series);
        self.warmup.merge(&other.warmup);
        self.never_sent += other.never_sent;
        for (mine, theirs) in self.classes.iter_mut().zip(other.classes) {
            *mine += theirs;
        }
        for (&errno, &count) in &other.errno {
            *self.errno.entry(errno).or_default() += count;
        }
        self.completed += other.completed;
        self.bytes += other.bytes;
        self.last_end = self.last_end.max(other.last_end);
        self.lifetime += other.lifetime;
        for theirs in &other.workers {
            let place = self.worker(theirs.answers.key, theirs.answers.first_seen);
            let mine = &mut self.workers[place];
            mine.answers.merge(&theirs.answers);
            mine.latency.add(&theirs.latency).expect("histograms of the same bounds");
        }
        self.threads.extend_from_slice(&other.threads);
        self.version = self.version.or(other.version);
        if let Some(theirs) = &other.log {
            self.log.get_or_insert_default().merge(theirs);
        }
    }
}

#[cfg(test)]
mod tests;
