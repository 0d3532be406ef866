//! What a result says of a tally.

use super::*;
use crate::plan::tests::small;
use crate::tally::{Answers, Window, WorkerTally, histogram};
use crate::timestamps::Timestamps;
use crate::validity;
use crate::worker::WorkerKey;

const SECOND: u64 = 1_000_000_000;

fn tally() -> Tally {
    Tally::new(Window { begin: SECOND, end: 3 * SECOND }, false)
}

fn facts(plan: &Plan) -> Facts<'_> {
    let (steered, interrupted) = (None, false);
    Facts { plan, engine: "epoll", note: None, steered, interrupted, cpu: Cpu::default() }
}

fn result(tally: &Tally, bound: Bound) -> RunResult {
    let plan = Plan { bound, ..small() };
    let mut result = RunResult::new(tally, facts(&plan));
    validity::assess(&mut result, tally, &plan);
    result
}

fn timed(tally: &Tally) -> RunResult {
    result(tally, Bound::Duration(std::time::Duration::from_secs(2)))
}

/// A request as the engine books it.
fn book(tally: &mut Tally, begin: u64, end: u64, outcome: Outcome) {
    tally.lifetime.sent += 1;
    tally.end(Timestamps { begin, sent: begin, woken: end, end }, outcome);
    if outcome.answered() {
        tally.workers[0].answers.requests += 1;
    }
}

#[test]
fn throughput_by_time_is_what_came_in_the_window_over_its_length() {
    let mut tally = tally();
    for at in [0, SECOND, 2 * SECOND] {
        book(&mut tally, at, at + SECOND, Outcome::Ok);
    }
    let result = timed(&tally);
    assert!((result.throughput_rps - 1.0).abs() < 1e-9, "two answers came in two seconds");
    assert_eq!(result.requests, 2, "two requests began in the window");
    assert!(result.valid, "{:?}", result.reasons);
}

#[test]
fn throughput_by_number_is_over_the_time_until_the_last_ended() {
    let mut tally = Tally::new(Window { begin: SECOND, end: u64::MAX }, false);
    for number in 1..=10 {
        book(&mut tally, SECOND, SECOND + number * SECOND / 10, Outcome::Ok);
    }
    let result = result(&tally, Bound::Requests(10));
    assert!((result.throughput_rps - 10.0).abs() < 1e-9);
    assert!((result.elapsed_s - 1.0).abs() < 1e-9);
}

#[test]
fn a_replaced_worker_is_one_worker_with_its_last_pid() {
    let tally = |id, pid, requests, first_seen| WorkerTally {
        answers: Answers {
            key: WorkerKey { id, pid: Some(pid) },
            connections: 1,
            requests,
            first_seen,
        },
        latency: histogram(),
    };
    let folded = workers::fold(&[
        tally(Some(2), 20, 5, 10),
        tally(Some(1), 19, 3, 900),
        tally(Some(1), 31, 4, 20),
        tally(None, 7, 1, 0),
        tally(None, 8, 0, 0),
    ]);
    let rows: Vec<_> =
        folded.iter().map(|w| (w.id, w.pid, w.connections, w.client_requests)).collect();
    assert_eq!(rows, [(None, Some(7), 1, 1), (Some(1), Some(19), 2, 7), (Some(2), Some(20), 1, 5)]);
}

#[test]
fn the_warm_up_has_slices_of_its_own_that_end_where_the_window_begins() {
    let mut tally = tally();
    for (begin, end) in [(700, 760), (800, 850), (800, 990), (950, 1_010)] {
        book(&mut tally, begin * SECOND / 1000, end * SECOND / 1000, Outcome::Ok);
    }
    let warmup = std::time::Duration::from_millis(250);
    let plan = Plan { bound: Bound::Duration(warmup), warmup, ..small() };
    let result = RunResult::new(&tally, facts(&plan));
    let slices: Vec<_> = result.warmup_series.iter().map(|point| (point.t_s, point.rps)).collect();
    assert_eq!(slices, [(-0.25, 20.0), (-0.2, 10.0), (-0.1, 10.0)]);
    assert_eq!(result.series.len(), 1, "what ended in the window is the window's");
}
