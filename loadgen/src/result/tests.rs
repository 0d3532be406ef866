//! What a result says of a tally.

use super::*;
use crate::tally::{ThreadCpu, Window};
use crate::worker::WorkerKey;

const SECOND: u64 = 1_000_000_000;

fn tally() -> Tally {
    Tally::new(Window { begin: SECOND, end: 3 * SECOND })
}

fn facts(bound: Bound) -> Facts {
    Facts { bound, interrupted: false, cpu: Cpu::default() }
}

fn timed() -> Facts {
    facts(Bound::Duration(std::time::Duration::from_secs(2)))
}

/// A request as the engine books it.
fn book(tally: &mut Tally, begin: u64, end: u64, outcome: Outcome) {
    tally.lifetime.sent += 1;
    tally.end(begin, end, outcome);
    if outcome.answered() {
        tally.workers[0].requests += 1;
    }
}

#[test]
fn throughput_by_time_is_what_came_in_the_window_over_its_length() {
    let mut tally = tally();
    for at in [0, SECOND, 2 * SECOND] {
        book(&mut tally, at, at + SECOND, Outcome::Ok);
    }
    let result = RunResult::new(&tally, timed());
    assert!((result.throughput_rps - 1.0).abs() < 1e-9, "two answers came in two seconds");
    assert_eq!(result.requests, 2, "two requests began in the window");
    assert!(result.valid, "{:?}", result.reasons);
}

#[test]
fn throughput_by_number_is_over_the_time_until_the_last_ended() {
    let mut tally = Tally::new(Window { begin: SECOND, end: u64::MAX });
    for number in 1..=10 {
        book(&mut tally, SECOND, SECOND + number * SECOND / 10, Outcome::Ok);
    }
    let result = RunResult::new(&tally, facts(Bound::Requests(10)));
    assert!((result.throughput_rps - 10.0).abs() < 1e-9);
    assert!((result.elapsed_s - 1.0).abs() < 1e-9);
}

#[test]
fn a_run_without_a_good_answer_is_not_valid() {
    let mut tally = tally();
    book(&mut tally, SECOND, 2 * SECOND, Outcome::Refused);
    let result = RunResult::new(&tally, timed());
    assert!(!result.valid);
    assert_eq!(result.errors.total(), 1);
}

#[test]
fn counts_that_do_not_add_up_are_not_valid() {
    let mut tally = tally();
    book(&mut tally, SECOND, 2 * SECOND, Outcome::Ok);
    tally.lifetime.sent += 1;
    let result = RunResult::new(&tally, timed());
    assert!(!result.valid);
    assert!(result.reasons[0].contains("do not add up"));
}

#[test]
fn a_busy_thread_labels_a_closed_loop_and_leaves_it_valid() {
    let mut tally = tally();
    book(&mut tally, SECOND, 2 * SECOND, Outcome::Ok);
    tally.cpu.push(ThreadCpu { busy_s: 1.9, wall_s: 2.0 });
    let result = RunResult::new(&tally, timed());
    assert!(result.generator_limited && result.valid);
    assert!(result.reasons[0].contains("generator was the limit"));
}

#[test]
fn a_replaced_worker_is_one_worker_with_its_last_pid() {
    let tally = |id, pid, requests, first_seen| WorkerTally {
        key: WorkerKey { id, pid: Some(pid) },
        connections: 1,
        requests,
        first_seen,
    };
    let folded = workers(&[
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
fn the_written_histogram_keeps_every_count_and_two_digits() {
    let mut tally = tally();
    for number in 1..=100_000_u64 {
        tally.latency.saturating_record(number * 1_000);
    }
    let latency = Latency::new(&tally.latency);
    assert_eq!(latency.histogram.iter().map(|&(_, count)| count).sum::<u64>(), 100_000);
    let mut below = 0;
    let median = latency.histogram.iter().find(|&&(_, count)| {
        below += count;
        below >= 50_000
    });
    let (median, _) = *median.unwrap();
    assert!((median / 50_000.0 - 1.0).abs() < 0.01, "{median}");
    assert!((latency.p99 / 99_000.0 - 1.0).abs() < 0.001);
    assert!(latency.histogram.len() < 1500, "{}", latency.histogram.len());
}

#[test]
fn rounding_keeps_four_digits() {
    for (value, expected) in
        [(0.0, 0.0), (1.234_56, 1.235), (98_765.4, 98_770.0), (0.001_234_5, 0.001_235)]
    {
        assert!((round(value) - expected).abs() < 1e-9, "{value}");
    }
}
