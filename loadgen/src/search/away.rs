//! What a probe says of the server although the generator was away now and then: others had its CPU, or
//! a hypervisor did.
//!
//! An absence affects more than the requests that are sent late: answers that come meanwhile are
//! stamped late, and the burst afterwards makes a queue that later requests meet. The stretch from an
//! absence's begin until no more requests are under way than there were then is therefore *dark*. After
//! it the queue is in the state that it had before, and its future depends on that state alone.
//!
//! A request is *untouched* when no dark stretch overlaps the time from its begin to the limit after
//! it: all that decides whether it keeps the promise is visible. Its real latency must not decide
//! whether it counts, or slow requests would be left out more often than fast ones.

use super::Count;
use crate::log::{Absence, Log};
use crate::outcome::Outcome;

/// Absences up to this share of the limit do no harm.
const HARMLESS: f64 = 0.1;

/// The least share of untouched requests. By simulation a half discards and errs more, and a tenth errs
/// no less.
const ENOUGH: f64 = 0.25;

/// How many requests of a log are untouched by absences, and how many of those took longer than `limit`
/// nanoseconds or failed; `None` when too few are, or the log is not whole.
pub fn untouched(log: &Log, limit: u64) -> Option<Count> {
    if !log.is_whole() {
        return None;
    }
    let dark = dark(log, (HARMLESS * limit as f64) as u64);
    let is_touched = |begin: u64| {
        let next = dark.partition_point(|stretch| stretch.until < begin);
        dark.get(next).is_some_and(|stretch| stretch.from <= begin.saturating_add(limit))
    };
    let mut count = Count { requests: 0, beyond: 0 };
    for entry in log.entries.iter().filter(|entry| !is_touched(entry.begin)) {
        let kept = entry.outcome == Outcome::Ok && entry.end - entry.begin <= limit;
        count.requests += 1;
        count.beyond += u64::from(!kept);
    }
    (count.requests as f64 >= ENOUGH * log.entries.len() as f64).then_some(count)
}

/// The dark stretches that come of absences longer than `harmless`: in order, and apart from each other.
fn dark(log: &Log, harmless: u64) -> Vec<Absence> {
    let harms = |absence: &&Absence| absence.until - absence.from > harmless;
    let mut absences: Vec<_> = log.absences.iter().filter(harms).copied().collect();
    if absences.is_empty() {
        return absences;
    }
    absences.sort_unstable_by_key(|absence| absence.from);
    let queue = Queue::new(log);
    let mut dark: Vec<Absence> = Vec::new();
    let mut level = 0;
    for absence in absences {
        match dark.last_mut() {
            Some(last) if absence.from <= last.until => {
                if absence.until > last.until {
                    last.until = queue.back_at(level, absence.until);
                }
            }
            _ => {
                level = queue.before(absence.from);
                let until = queue.back_at(level, absence.until);
                dark.push(Absence { from: absence.from, until });
            }
        }
    }
    dark
}

/// How many requests are under way when: those that wait to be sent, too.
struct Queue {
    begins: Vec<u64>,
    ends: Vec<u64>,
}

impl Queue {
    fn new(log: &Log) -> Self {
        let measured = log.entries.iter().map(|entry| (entry.begin, entry.end));
        let all = log.warmup.iter().copied().chain(measured);
        let (mut begins, mut ends): (Vec<_>, Vec<_>) = all.unzip();
        begins.sort_unstable();
        ends.sort_unstable();
        Self { begins, ends }
    }

    /// Just before an instant.
    fn before(&self, instant: u64) -> usize {
        let passed = |times: &[u64]| times.partition_point(|time| *time < instant);
        passed(&self.begins).saturating_sub(passed(&self.ends))
    }

    /// The first instant from `after` on when there are no more than `level`; `u64::MAX` if there is
    /// none.
    fn back_at(&self, level: usize, after: u64) -> u64 {
        let mut now = after;
        let mut begun = self.begins.partition_point(|time| *time <= now);
        let mut ended = self.ends.partition_point(|time| *time <= now);
        while begun > ended + level {
            let Some(next) = self.ends.get(ended) else { return u64::MAX };
            now = *next;
            ended += 1;
            begun += self.begins[begun..].partition_point(|time| *time <= now);
        }
        now
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::timestamps::Timestamps;

    const MS: u64 = 1_000_000;

    /// A log of a request a millisecond for 100 ms, each answered after half of one; but those due in
    /// `late` are answered together, half a millisecond after its end.
    fn one_a_millisecond(late: Range<u64>) -> Log {
        let mut log = Log::new(1000);
        for number in 0..100 {
            let served = if late.contains(&number) { late.end } else { number };
            record(&mut log, number * MS, served * MS + MS / 2, Outcome::Ok);
        }
        log
    }

    fn record(log: &mut Log, begin: u64, end: u64, outcome: Outcome) {
        log.record(Timestamps { begin, sent: begin, woken: end, end }, outcome, 0);
    }

    fn count(requests: u64, beyond: u64) -> Count {
        Count { requests, beyond }
    }

    #[test]
    fn without_absences_all_count_and_failures_lie_beyond() {
        let mut log = one_a_millisecond(0..0);
        record(&mut log, 7, 8, Outcome::Status);
        record(&mut log, 7, 7 + 10 * MS, Outcome::Ok);
        record(&mut log, 7, 8 + 10 * MS, Outcome::Ok);
        assert_eq!(untouched(&log, 10 * MS), Some(count(103, 2)));
    }

    #[test]
    fn an_absence_leaves_out_what_began_within_or_might_have_been_under_way() {
        let mut log = one_a_millisecond(0..0);
        log.away(50 * MS, 53 * MS);
        // Those due in 50 to 53 ms, and those due in the 10 ms before.
        assert_eq!(untouched(&log, 10 * MS), Some(count(100 - 4 - 10, 0)));
        let seen = untouched(&log, 31 * MS);
        assert_eq!(seen, Some(count(100, 0)), "a tenth of the limit does no harm");
    }

    /// What an absence leaves behind at the server: 16 answers of what was due then come by 65 ms.
    #[test]
    fn the_queue_after_an_absence_leaves_out_what_meets_it() {
        let mut log = one_a_millisecond(50..65);
        log.away(50 * MS, 53 * MS);
        assert_eq!(untouched(&log, MS), Some(count(100 - 16 - 1, 0)));
    }

    #[test]
    fn absences_in_the_wake_of_another_one_go_on_with_it() {
        let mut log = one_a_millisecond(50..65);
        log.away(60 * MS, 70 * MS);
        log.away(50 * MS, 53 * MS);
        let stretch = Absence { from: 50 * MS, until: 70 * MS };
        let until = dark(&log, MS)[0].until;
        assert!((stretch.until..71 * MS).contains(&until), "{until}");
        assert_eq!(dark(&log, MS).len(), 1);
    }

    #[test]
    fn what_the_warm_up_left_behind_counts_as_under_way() {
        let mut log = one_a_millisecond(0..0);
        log.warmup = vec![(0, 90 * MS); 3];
        log.away(0, 2 * MS);
        assert_eq!(untouched(&log, MS), None, "until 90 ms three more are under way than before");
    }

    #[test]
    fn of_a_log_that_is_not_whole_nothing_is_known() {
        let mut log = Log::new(1);
        record(&mut log, 0, 1, Outcome::Ok);
        assert_eq!(untouched(&log, MS), Some(count(1, 0)));
        record(&mut log, 0, 1, Outcome::Ok);
        assert_eq!(untouched(&log, MS), None);
    }
}
