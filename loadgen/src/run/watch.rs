//! Telling whoever follows a run how it stands.

use std::sync::Arc;

use crate::progress::{Board, GRACE_NS, Progress};
use crate::snapshot::Snapshot;
use crate::sys::cpu;
use crate::tally::Tally;

/// Who is told, and when next.
pub(super) struct Watch<'a> {
    follower: Option<(Progress<'a>, Arc<Board>)>,
    begin: u64,
    next: u64,
}

impl<'a> Watch<'a> {
    /// For a run with so many threads; `books` are of what happened before they began.
    pub fn new(progress: Option<Progress<'a>>, threads: u32, books: Option<&Tally>) -> Self {
        let follower = progress.map(|progress| {
            let board = Arc::new(Board::new(threads, progress.period, books));
            (progress, board)
        });
        Self { follower, begin: u64::MAX, next: u64::MAX }
    }

    /// Where the threads leave their counts, if somebody follows.
    pub fn board(&self) -> Option<&Arc<Board>> {
        self.follower.as_ref().map(|(_, board)| board)
    }

    pub fn open(&mut self, begin: u64) {
        self.begin = begin;
        self.next = self.after(begin);
    }

    /// When something is to be told; `u64::MAX` for never.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Tells how the run stands, if it is time.
    pub fn look(&mut self, now: u64) {
        if now < self.next {
            return;
        }
        self.next = self.after(now.saturating_sub(GRACE_NS));
        if let Some((progress, board)) = &mut self.follower {
            (progress.tell)(stamped(board.read(), self.begin, now));
        }
    }

    pub fn end(self, books: &Tally, now: u64) {
        if let Some((progress, board)) = self.follower {
            (progress.tell)(stamped(board.last(books), self.begin, now));
        }
    }

    /// When what the threads leave next after an instant can be read.
    fn after(&self, instant: u64) -> u64 {
        let due = |(_, board): &(Progress<'_>, Arc<Board>)| board.due(self.begin, instant);
        self.follower.as_ref().map_or(u64::MAX, due).saturating_add(GRACE_NS)
    }
}

/// Adds what is known at this instant.
fn stamped(snapshot: Snapshot, begin: u64, now: u64) -> Snapshot {
    let (user_s, sys_s) = cpu::process_times().unwrap_or_default();
    let t_s = now.saturating_sub(begin) as f64 / 1e9;
    Snapshot { t_s, busy_s: user_s + sys_s, ..snapshot }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tally::Window;

    const MS: u64 = 1_000_000;

    #[test]
    fn snapshots_come_once_a_period_after_the_begin_and_once_at_the_end() {
        let mut told = Vec::new();
        let mut tell = |snapshot: Snapshot| told.push((snapshot.t_s, snapshot.end));
        let period = Duration::from_millis(100);
        let mut watch = Watch::new(Some(Progress { period, tell: &mut tell }), 1, None);
        watch.open(1_000 * MS);
        for now in (0..1_350).chain(1_600..1_650) {
            watch.look(now * MS);
        }
        assert_eq!(watch.next(), 1_710 * MS);
        watch.end(&Tally::new(Window { begin: 0, end: 0 }, false), 1_650 * MS);
        let expected = [(0.11, false), (0.21, false), (0.31, false), (0.6, false), (0.61, false)];
        assert_eq!(told[..5], expected, "what was missed is not made up for");
        assert_eq!(told[5..], [(0.65, true)]);
    }

    #[test]
    fn where_nobody_follows_nothing_is_due() {
        let mut watch = Watch::new(None, 1, None);
        watch.open(0);
        assert_eq!((watch.next(), watch.board().is_none()), (u64::MAX, true));
    }
}
