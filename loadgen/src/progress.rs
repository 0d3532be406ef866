//! Live progress: each thread publishes its counts on a board, all at the same multiples of a period,
//! and shortly after the main thread reads the sum. Without a board nothing is paid; with one, a
//! comparison per turn of the loop, a histogram entry per measured request, and a sum per period.
//!
//! Every measured request is read exactly once. A thread hands over counts and latencies under one
//! lock, and keeps them while the board is being read; the rest is in its books when it ends.

pub(crate) mod counts;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::snapshot::Snapshot;
use crate::tally::{Tally, small_histogram};

use counts::Counts;

/// The shortest and the longest period.
pub const PERIODS: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(10)];

/// How often a line on a terminal is drawn.
pub const TERMINAL_PERIOD: Duration = Duration::from_millis(250);

/// Nanoseconds from the threads' deadline for their counts to the read; later counts are in the next
/// snapshot.
pub const GRACE_NS: u64 = 10_000_000;

/// Who follows a run.
pub struct Progress<'a> {
    /// How often; what is beyond [`PERIODS`] is taken for the nearest of them.
    pub period: Duration,
    /// Called with a snapshot each period from the measured window on, and once when all threads
    /// have ended. The run's phases wait for it, its requests do not.
    pub tell: &'a mut dyn FnMut(Snapshot),
}

/// What a thread has left.
#[derive(Debug)]
struct Place {
    counts: Counts,
    /// Latencies that have not been read, in nanoseconds.
    recent: Histogram<u32>,
}

impl Default for Place {
    fn default() -> Self {
        Self { counts: Counts::default(), recent: small_histogram() }
    }
}

impl Place {
    /// Moves the latencies to whoever reads.
    fn take(&mut self, sum: &mut Histogram<u32>) {
        sum.add(&self.recent).expect("histograms of the same bounds");
        self.recent.reset();
    }
}

#[derive(Debug)]
pub(crate) struct Board {
    period: u64,
    /// What happened before the threads began.
    before: Counts,
    places: Vec<Mutex<Place>>,
}

impl Board {
    /// A board for so many threads; `books` are of what happened before they began.
    pub(crate) fn new(threads: u32, period: Duration, books: Option<&Tally>) -> Self {
        let [shortest, longest] = PERIODS;
        Self {
            period: period.clamp(shortest, longest).as_nanos() as u64,
            before: books.map(Counts::of).unwrap_or_default(),
            places: (0..threads).map(|_| Mutex::default()).collect(),
        }
    }

    /// The first multiple of the period after `now`, counted from `begin`.
    pub(crate) fn due(&self, begin: u64, now: u64) -> u64 {
        let periods = now.saturating_sub(begin) / self.period + 1;
        begin.saturating_add(periods.saturating_mul(self.period))
    }

    /// Copies a thread's counts and moves its recent latencies here; `false` if the place is in use.
    pub(crate) fn leave(&self, thread: u32, tally: &mut Tally) -> bool {
        let Some(Ok(mut place)) = self.places.get(thread as usize).map(Mutex::try_lock) else {
            return false;
        };
        place.counts.copy(tally);
        if let Some(recent) = &mut tally.recent {
            place.recent.add(&*recent).expect("histograms of the same bounds");
            recent.reset();
        }
        true
    }

    /// The sum of what was left last, with the latencies that were not read before.
    pub(crate) fn read(&self) -> Snapshot {
        let (mut sum, mut recent) = (self.before.clone(), small_histogram());
        for place in &self.places {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            sum.add(&place.counts);
            place.take(&mut recent);
        }
        Snapshot::new(&sum, &recent)
    }

    /// The last snapshot: the counts of the merged books, and all latencies not read before.
    pub(crate) fn last(&self, books: &Tally) -> Snapshot {
        let mut recent = small_histogram();
        for place in &self.places {
            place.lock().unwrap_or_else(PoisonError::into_inner).take(&mut recent);
        }
        if let Some(kept) = &books.recent {
            recent.add(kept).expect("histograms of the same bounds");
        }
        Snapshot { end: true, ..Snapshot::new(&Counts::of(books), &recent) }
    }
}

#[cfg(test)]
mod tests;
