//! The definitions, one sentence each.

use super::*;

const WINDOW: Window = Window { begin: 100, end: 200 };

/// A request of a closed loop.
fn times(begin: u64, end: u64) -> Timestamps {
    Timestamps { begin, sent: begin, woken: end, end }
}

#[test]
fn a_request_is_measured_by_its_begin() {
    let mut tally = Tally::new(WINDOW, false);
    tally.end(times(99, 150), Outcome::Ok);
    tally.end(times(100, 250), Outcome::Ok);
    tally.end(times(199, 5199), Outcome::Timeout);
    tally.end(times(200, 210), Outcome::Ok);
    assert_eq!(tally.class(Outcome::Ok), 1);
    assert_eq!(tally.class(Outcome::Timeout), 1);
    assert_eq!(tally.latency.len(), 2);
    assert_eq!(tally.latency.max(), tally.latency.highest_equivalent(5000));
    assert_eq!(tally.lifetime, Lifetime { sent: 0, answered: 3, failed: 1, connections: 0 });
}

#[test]
fn throughput_counts_the_answers_that_came_in_the_window() {
    let mut tally = Tally::new(WINDOW, false);
    tally.end(times(99, 150), Outcome::Ok);
    tally.end(times(150, 199), Outcome::Ok);
    tally.end(times(150, 199), Outcome::Status);
    tally.end(times(150, 200), Outcome::Ok);
    assert_eq!(tally.completed, 2);
}

#[test]
fn the_parts_of_an_open_loops_request_add_up_to_its_latency() {
    let mut tally = Tally::new(Window { begin: 0, end: 1_000 }, true);
    tally.send(100, 107, 130);
    tally.end(Timestamps { begin: 100, sent: 130, woken: 190, end: 192 }, Outcome::Ok);
    let split = &tally.split;
    let parts = [&split.schedule, &split.send, &split.server, &split.reap].map(Histogram::max);
    assert_eq!(parts, [7, 23, 60, 2]);
    assert_eq!(parts.iter().sum::<u64>(), tally.latency.max());
    assert_eq!(split.service.max(), 62);
}

#[test]
fn what_was_due_and_never_sent_is_unanswered_with_its_whole_wait() {
    let mut tally = Tally::new(Window { begin: 0, end: 1_000 }, true);
    tally.give_up(100, 101, 900);
    assert_eq!((tally.never_sent, tally.class(Outcome::Unanswered)), (1, 1));
    assert_eq!(tally.latency.max(), 800);
    assert_eq!((tally.lifetime.sent, tally.lifetime.failed), (1, 1));
}

#[test]
fn merged_books_are_the_sum_and_a_worker_is_one_worker() {
    let key = WorkerKey { id: Some(1), pid: Some(10) };
    let mut tallies = [Tally::new(WINDOW, false), Tally::new(WINDOW, false)];
    for (number, tally) in (1..).zip(&mut tallies) {
        tally.end(times(100, 100 + number), Outcome::Ok);
        tally.errno(100, 104);
        let place = tally.answered_by(None, key, 100, 150 - number);
        tally.answered_by(Some(place), key, 100, 151);
    }
    let [mut merged, other] = tallies;
    merged.merge(&other);
    assert_eq!(merged.latency.len(), 2);
    assert_eq!(merged.errno[&104], 2);
    assert_eq!(merged.workers.len(), 2);
    let WorkerTally { answers, latency } = &merged.workers[1];
    assert_eq!((answers.requests, answers.connections, answers.first_seen), (4, 2, 148));
    assert_eq!(latency.len(), 4);
}
