//! The log of a run: one entry per measured request, and the stalls of threads. Kept only for other
//! tools' figures (`--as`) and in a search's probes.

use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::timestamps::Timestamps;

/// Most entries of a run for other tools' figures, over all threads: 640 MB. The rest is counted.
pub const MOST: usize = 20_000_000;

/// Most entries of a search's probe, over all threads: 64 MB.
const MOST_OF_A_PROBE: usize = 2_000_000;

/// Most absences of a thread: 3 MB.
const MOST_ABSENCES: usize = 200_000;

/// Shorter absences are not logged, in nanoseconds: any thread that sleeps wakes some 50 µs late.
const SHORTEST_ABSENCE: u64 = 100_000;

/// A stretch in which a thread did not notice due requests, in nanoseconds of the run's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// When the first of them was due.
    pub from: u64,
    /// When the thread noticed.
    pub until: u64,
}

/// A measured request. Instants are nanoseconds of the run's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When it began: in an open loop, when it was due.
    pub begin: u64,
    /// When it was sent, or its connection was opened for it.
    pub sent: u64,
    pub end: u64,
    /// Microseconds from there until the connection was known to be made; 0 on a kept one.
    pub connecting_us: u32,
    pub outcome: Outcome,
}

impl Entry {
    /// Nanoseconds from the send, connecting included.
    pub fn since_send(&self) -> u64 {
        self.end - self.sent
    }

    /// Nanoseconds from the send on a connection that is made.
    pub fn since_connected(&self) -> u64 {
        self.since_send().saturating_sub(u64::from(self.connecting_us) * 1000)
    }

    /// Whether it was sent at all: an open loop that ends gives up what waits for a connection.
    pub fn was_sent(&self) -> bool {
        self.outcome != Outcome::Unanswered || self.sent < self.end
    }
}

/// The entries of a thread, or of all.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// In the order in which a thread's requests ended.
    pub entries: Vec<Entry>,
    /// When the requests of the warm-up began and ended, in a search's probe.
    pub warmup: Vec<(u64, u64)>,
    /// Measured requests that found no room.
    pub beyond: u64,
    /// When a thread of an open loop was away, warm-up included; each thread's in order.
    pub absences: Vec<Absence>,
    /// Absences and requests of the warm-up that found no room.
    lost: u64,
    /// Whether the warm-up is logged, too.
    early: bool,
    most: usize,
}

impl Log {
    /// An empty log with room for so many entries.
    pub fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// The log of one of the plan's threads; `None` when nobody asks for it.
    pub fn wanted(plan: &Plan) -> Option<Self> {
        let most = match (plan.tools.is_empty(), plan.keep_log) {
            (false, _) => MOST,
            (true, true) => MOST_OF_A_PROBE,
            (true, false) => return None,
        };
        Some(Self { early: plan.keep_log, ..Self::new(most / plan.threads.max(1) as usize) })
    }

    /// Adds a request that ended; `made` is when its connection was known to be made.
    pub fn record(&mut self, times: Timestamps, outcome: Outcome, made: u64) {
        if self.entries.len() >= self.most {
            self.beyond += 1;
            return;
        }
        let Timestamps { begin, sent, end, .. } = times;
        let end = end.max(sent);
        let connecting_us = (made.clamp(sent, end) - sent) / 1000;
        let connecting_us = u32::try_from(connecting_us).unwrap_or(u32::MAX);
        self.entries.push(Entry { begin, sent, end, connecting_us, outcome });
    }

    /// Adds a request of the warm-up, if those are logged.
    pub fn record_early(&mut self, begin: u64, end: u64) {
        if self.early && self.warmup.len() < self.most {
            self.warmup.push((begin, end));
        } else {
            self.lost += u64::from(self.early);
        }
    }

    /// A request that was due at `from` was noticed at `until`, and none before it since.
    pub fn away(&mut self, from: u64, until: u64) {
        if until < from + SHORTEST_ABSENCE {
            return;
        }
        if self.absences.len() < MOST_ABSENCES {
            self.absences.push(Absence { from, until });
        } else {
            self.lost += 1;
        }
    }

    /// Whether all that was to be logged found room.
    pub fn is_whole(&self) -> bool {
        self.beyond == 0 && self.lost == 0
    }

    pub fn merge(&mut self, other: &Self) {
        self.entries.extend_from_slice(&other.entries);
        self.warmup.extend_from_slice(&other.warmup);
        self.absences.extend_from_slice(&other.absences);
        self.beyond += other.beyond;
        self.lost += other.lost;
        self.most += other.most;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(begin: u64, sent: u64, end: u64) -> Timestamps {
        Timestamps { begin, sent, woken: end, end }
    }

    #[test]
    fn an_entry_takes_32_bytes() {
        assert_eq!(size_of::<Entry>(), 32);
    }

    #[test]
    fn connecting_is_a_part_of_the_time_from_the_send_and_only_on_a_new_connection() {
        let mut log = Log::new(9);
        log.record(times(0, 10_000, 90_000), Outcome::Ok, 40_000);
        log.record(times(90_000, 90_000, 120_000), Outcome::Ok, 40_000);
        let parts: Vec<_> =
            log.entries.iter().map(|entry| (entry.since_send(), entry.since_connected())).collect();
        assert_eq!(parts, [(80_000, 50_000), (30_000, 30_000)]);
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let mut log = Log::new(1);
        for _ in 0..3 {
            log.record(times(0, 0, 1), Outcome::Ok, 0);
        }
        assert_eq!((log.entries.len(), log.beyond), (1, 2));
    }

    #[test]
    fn what_was_given_up_was_never_sent() {
        let mut log = Log::new(2);
        log.record(times(0, 900, 900), Outcome::Unanswered, 0);
        log.record(times(0, 100, 900), Outcome::Unanswered, 0);
        let sent: Vec<_> = log.entries.iter().map(Entry::was_sent).collect();
        assert_eq!(sent, [false, true]);
    }
}
