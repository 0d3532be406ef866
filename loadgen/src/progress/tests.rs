//! What is left is read, and read once.

use super::*;
use crate::outcome::Outcome;
use crate::tally::Window;
use crate::timestamps::Timestamps;
use crate::worker::WorkerKey;

const PERIOD: Duration = Duration::from_millis(250);

fn books() -> Tally {
    let mut tally = Tally::new(Window { begin: 0, end: 1_000_000_000 }, false);
    tally.recent = Some(small_histogram());
    tally
}

fn answer(tally: &mut Tally, answers: u64, pid: u32) {
    for begin in 0..answers {
        let end = begin + 100_000;
        tally.end(Timestamps { begin, sent: begin, woken: begin, end }, Outcome::Ok);
        tally.answered_by(Some(0), WorkerKey { id: None, pid: Some(pid) }, begin, begin);
    }
}

fn fail(tally: &mut Tally) {
    tally.end(Timestamps { begin: 0, sent: 0, woken: 0, end: 5 }, Outcome::Reset);
}

fn recent(snapshot: &Snapshot) -> u64 {
    snapshot.latency_us.iter().map(|&(_, count)| count).sum()
}

#[test]
fn the_board_shows_the_sum_of_all_threads() {
    let board = Board::new(2, PERIOD, None);
    for (thread, (answers, pid)) in (0..).zip([(10, 7), (20, 8)]) {
        let mut tally = books();
        answer(&mut tally, answers, pid);
        fail(&mut tally);
        assert!(board.leave(thread, &mut tally));
    }
    let sum = board.read();
    assert_eq!((sum.good, sum.failed, sum.errors.reset), (30, 2, 2));
    assert_eq!(sum.workers.iter().map(|worker| worker.requests).collect::<Vec<_>>(), [10, 20]);
    assert_eq!((recent(&sum), sum.end), (32, false));
}

#[test]
fn counts_add_up_over_the_snapshots_and_latencies_are_in_one_of_them() {
    let board = Board::new(1, PERIOD, None);
    let mut tally = books();
    answer(&mut tally, 10, 7);
    board.leave(0, &mut tally);
    let first = board.read();
    answer(&mut tally, 5, 7);
    board.leave(0, &mut tally);
    answer(&mut tally, 2, 7);
    board.leave(0, &mut tally);
    let (second, third) = (board.read(), board.read());
    assert_eq!([first.good, second.good, third.good], [10, 17, 17]);
    assert_eq!([recent(&first), recent(&second), recent(&third)], [10, 7, 0]);
}

#[test]
fn what_cannot_be_left_is_kept_for_the_next_time() {
    let board = Board::new(1, PERIOD, None);
    let mut tally = books();
    answer(&mut tally, 3, 7);
    let reading = board.places[0].lock().unwrap();
    assert!(!board.leave(0, &mut tally));
    drop(reading);
    assert_eq!(recent(&board.read()), 0);
    assert!(board.leave(0, &mut tally));
    assert_eq!(recent(&board.read()), 3);
}

#[test]
fn the_last_snapshot_has_all_that_no_other_one_had() {
    let board = Board::new(2, PERIOD, None);
    let mut tallies = [books(), books()];
    for tally in &mut tallies {
        answer(tally, 4, 7);
    }
    board.leave(0, &mut tallies[0]);
    assert_eq!(recent(&board.read()), 4);
    // One thread leaves something that nobody reads, both end with something that they never left.
    answer(&mut tallies[0], 2, 7);
    board.leave(0, &mut tallies[0]);
    tallies.iter_mut().for_each(fail);
    let mut merged = Tally::new(tallies[0].window, false);
    for tally in &tallies {
        merged.merge(tally);
    }
    let last = board.last(&merged);
    assert_eq!((last.good, last.failed, last.end), (10, 2, true));
    assert_eq!(recent(&last), 8, "twelve in all, four were told");
}

#[test]
fn what_happened_before_the_threads_began_is_in_every_snapshot() {
    let mut before = books();
    before.lifetime.connections = 9;
    let board = Board::new(1, PERIOD, Some(&before));
    assert_eq!(board.read().connections, 9);
    let mut tally = books();
    tally.lifetime.connections = 2;
    board.leave(0, &mut tally);
    assert_eq!(board.read().connections, 11);
}

#[test]
fn counts_are_due_at_multiples_of_the_period_and_missed_ones_are_left_out() {
    let board = Board::new(1, PERIOD, None);
    let due = |now| board.due(1_000, now) - 1_000;
    assert_eq!(due(0), 250_000_000, "not before the window's first period is over");
    assert_eq!(due(1_000), 250_000_000);
    assert_eq!(due(250_001_000), 500_000_000);
    assert_eq!(due(800_000_000), 1_000_000_000);
    assert_eq!(Board::new(1, Duration::ZERO, None).due(0, 0), 100_000_000);
    assert_eq!(Board::new(1, Duration::MAX, None).due(0, 0), 10_000_000_000);
}
