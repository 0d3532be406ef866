//! wrk2: open loop at a constant rate, each connection with a schedule of its own.
//!
//! Looked up in github.com/giltene/wrk2, `src/wrk.c`: a connection's i-th request is expected at its
//! start plus i intervals, and its latency runs from there to the answer (`response_complete`). One that
//! fell behind sends at most at twice its rate until it has caught up (`usec_to_next_send`). After ten
//! seconds and 5 ms for each connection of a thread all latencies so far are thrown away
//! (`calibrate`); in a shorter run that never happens. Unanswered requests are dropped.
//!
//! The run's requests are dealt to the connections in turn with the service times that they had, and
//! each connection's schedule is played through: a slow answer delays only its own connection.

use super::Estimate;
use super::run::{Run, per};
use crate::log::Entry;
use crate::plan::Tool;
use crate::tally::histogram;

/// Before this many microseconds latencies are thrown away, if the run lasts longer.
const CALIBRATION_US: f64 = 10_000_000.0;

/// A connection starts this many microseconds after the one before, and calibrating waits for all.
const STAGGER_US: f64 = 5_000.0;

const SOURCE: &str = "giltene/wrk2: src/wrk.c (usec_to_next_send, response_complete, calibrate)";

/// What wrk2 would have printed; nothing for a run without a constant rate.
pub fn estimate(run: &Run<'_>) -> Estimate {
    let mut estimate = Estimate::new(Tool::Wrk2, "open", "us", SOURCE);
    let Some(rate) = run.rate.filter(|_| run.pipeline <= 1) else {
        "It sends at a constant rate, and without a script one request a connection at a time; this run \
         was not of that kind: give -R."
            .clone_into(&mut estimate.says);
        return estimate;
    };
    let mut requests: Vec<&Entry> = run.entries.iter().collect();
    requests.sort_by_key(|entry| entry.begin);
    let connections = run.connections.max(1) as usize;
    let interval_us = connections as f64 * 1e6 / rate;
    let calibrated = CALIBRATION_US + STAGGER_US * connections as f64;
    let window_us = run.seconds() * 1e6;
    let from_us = if window_us > calibrated { calibrated } else { 0.0 };
    let (mut kept, mut complete) = (histogram(), 0);
    for first in 0..connections.min(requests.len()) {
        let own = requests[first..].iter().step_by(connections);
        let start_us = (requests[first].begin.saturating_sub(run.begin)) as f64 / 1e3;
        for (end_us, latency_us) in play(own.copied(), start_us, interval_us) {
            if end_us < window_us {
                complete += 1;
                if end_us >= from_us {
                    kept.saturating_record(latency_us as u64);
                }
            }
        }
    }
    estimate.says = says(run, complete, complete - kept.len() as usize);
    estimate.rps = Some(per(complete, run.seconds()));
    estimate.requests = Some(complete as u64);
    if !kept.is_empty() {
        let at = |quantile| Some(kept.value_at_quantile(quantile) as f64);
        estimate.p50 = at(0.5);
        estimate.p90 = at(0.9);
        estimate.p99 = at(0.99);
        estimate.p999 = at(0.999);
        estimate.max = Some(kept.max() as f64);
        estimate.mean = Some(kept.mean());
    }
    estimate
}

/// Plays a connection's schedule through; the end and the latency of each answered request in
/// microseconds after the window's begin.
fn play<'a>(
    requests: impl Iterator<Item = &'a Entry>,
    start_us: f64,
    interval_us: f64,
) -> impl Iterator<Item = (f64, f64)> {
    let mut free_us = 0.0;
    // When the connection fell behind, and with which request.
    let mut behind: Option<(f64, usize)> = None;
    requests.enumerate().filter_map(move |(number, entry)| {
        let due_us = start_us + number as f64 * interval_us;
        let send_us = if due_us >= free_us {
            behind = None;
            due_us
        } else {
            let (since, first) = *behind.get_or_insert((free_us, number));
            free_us.max(since + (number - first) as f64 * interval_us / 2.0).max(due_us)
        };
        free_us = send_us + entry.since_connected() as f64 / 1e3;
        entry.outcome.answered().then_some((free_us, free_us - due_us))
    })
}

fn says(run: &Run<'_>, complete: usize, discarded: usize) -> String {
    let left_out = run.entries.len() - complete;
    let calibration = if discarded > 0 {
        format!(
            "and the {discarded} latencies of its first ten seconds, which it takes to calibrate"
        )
    } else {
        "and nothing for calibrating, which takes ten seconds and this run was shorter".to_owned()
    };
    format!(
        "Each connection has a schedule of its own, and one that fell behind catches up at no more than \
         twice its rate: after a pause its latencies fall more slowly than they would have to. It left \
         out {left_out} of {} requests (not answered within the run), {calibration}.",
        run.entries.len()
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Made, close_to};
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn a_connection_that_fell_behind_catches_up_at_twice_its_rate() {
        // One connection, a request every 10 ms; the first takes 50 ms, the others 1 ms.
        let mut made = Made::open(200_000, 1, 100.0);
        for number in 0..10 {
            let due = number * 10_000;
            made.at(due, due, due + if number == 0 { 50_000 } else { 1_000 }, Outcome::Ok);
        }
        let entries = made.entries.clone();
        let played: Vec<_> =
            play(entries.iter(), 0.0, 10_000.0).map(|(_, us)| us.round() as u64).collect();
        // Behind at 50 ms; then a send every 5 ms: 50, 55, … while due at 10, 20, …
        let expected = [50, 41, 36, 31, 26, 21, 16, 11, 6, 1].map(|ms| ms * 1_000);
        assert_eq!(played, expected);
    }

    #[test]
    fn a_slow_answer_delays_its_own_connection_alone() {
        // Two connections: one due at 0, 20, 40 ms, one at 10, 30, 50 ms; the first takes 25 ms.
        let mut made = Made::open(100_000, 2, 100.0);
        for number in 0..6 {
            let due = number * 10_000;
            made.at(due, due, due + if number == 0 { 25_000 } else { 1_000 }, Outcome::Ok);
        }
        let estimate = estimate(&made.run());
        // Its second goes out at 25 instead of 20 ms and ends 6 ms after it was due.
        close_to([estimate.max], [25_000.0]);
        let mean = (25.0 + 6.0 + 4.0 * 1.0) * 1_000.0 / 6.0;
        close_to([estimate.mean], [mean]);
        assert_eq!(estimate.requests, Some(6));
    }

    #[test]
    fn the_first_ten_seconds_are_thrown_away_in_a_run_that_is_longer() {
        let of = |seconds: u64| {
            let mut made = Made::open(seconds * 1_000_000, 1, 1.0);
            for second in 0..seconds {
                let due = second * 1_000_000;
                made.at(due, due, due + if second < 5 { 900_000 } else { 1_000 }, Outcome::Ok);
            }
            estimate(&made.run())
        };
        close_to([of(9).max], [900_000.0]);
        // It is over at 10.005 s, so that the one at 10 s is thrown away too.
        close_to([of(20).max], [1_000.0]);
        assert_eq!(of(20).requests, Some(20));
        assert!(of(20).says.contains("the 11 latencies"), "{}", of(20).says);
    }

    #[test]
    fn without_a_constant_rate_it_prints_nothing() {
        let made = Made::answers(1_000, [100]);
        let estimate = estimate(&made.run());
        assert_eq!((estimate.p50, estimate.rps, estimate.requests), (None, None, None));
        assert!(estimate.says.contains("give -R"));
    }
}
