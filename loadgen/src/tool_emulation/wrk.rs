//! wrk: closed loop, whole microseconds, and invented latencies against coordinated omission.
//!
//! Looked up in github.com/wg/wrk: the start is stamped when a connected socket can be written
//! (`src/wrk.c`, `socket_writeable`), the end when a whole answer is parsed (`response_complete`). A
//! latency above the timeout is not kept (`src/stats.c`, `stats_record`), what is under way at the end
//! is dropped. Then each latency of at least twice the mean interval between a connection's answers
//! also counts as one latency for every interval less (`main`, `stats_correct`), and percentiles are
//! read at a rounded rank (`stats_percentile`). It prints 50, 75, 90 and 99 % with `--latency`.

use super::Estimate;
use super::run::{Run, mean, per};
use crate::plan::Tool;

const SOURCE: &str = "wg/wrk: src/wrk.c (socket_writeable, response_complete, main), \
    src/stats.c (stats_record, stats_correct, stats_percentile)";

pub fn estimate(run: &Run<'_>) -> Estimate {
    let timeout_us = run.timeout_ns / 1000;
    let answers: Vec<u64> =
        run.answered_within().map(|entry| entry.since_connected() / 1000).collect();
    let complete = answers.len();
    let times = if run.pipeline > 1 { Vec::new() } else { answers };
    let mut kept: Vec<u64> = times.into_iter().filter(|&us| us <= timeout_us).collect();
    let recorded = kept.len();
    if let Some(interval) = interval(run, complete) {
        let invented: Vec<u64> = kept.iter().flat_map(|&us| back_fill(us, interval)).collect();
        kept.extend(invented);
    }
    kept.sort_unstable();
    let at = |percent: f64| {
        let rank = (percent / 100.0 * kept.len() as f64 + 0.5).round() as usize;
        kept.get(rank.checked_sub(1)?).map(|&us| us as f64)
    };
    Estimate {
        p50: at(50.0),
        p90: at(90.0),
        p99: at(99.0),
        max: kept.last().map(|&us| us as f64),
        mean: mean(kept.iter().map(|&us| us as f64).sum(), kept.len()),
        rps: Some(per(complete, run.seconds())),
        requests: Some(complete as u64),
        says: says(run, recorded, kept.len() - recorded),
        ..Estimate::new(Tool::Wrk, "closed", "us", SOURCE)
    }
}

/// The mean interval between a connection's answers in microseconds, as whole numbers give it.
fn interval(run: &Run<'_>, complete: usize) -> Option<u64> {
    let each = complete as u64 / u64::from(run.connections.max(1));
    let window_us = run.end.saturating_sub(run.begin) / 1000;
    window_us.checked_div(each).map(|interval| interval.max(1))
}

/// The latencies that are invented for one: an interval less each time, down to above one interval.
fn back_fill(us: u64, interval: u64) -> impl Iterator<Item = u64> {
    let below = move |&less: &u64| less.checked_sub(interval).filter(|&next| next > interval);
    std::iter::successors(below(&us), below)
}

fn says(run: &Run<'_>, recorded: usize, invented: usize) -> String {
    if run.pipeline > 1 {
        return "It pipelines only by a script, and then times whole batches, which the log does not \
                tell."
            .to_owned();
    }
    let left_out = run.entries.len() - recorded;
    let how = if run.open {
        "It would not have sent at a rate: the time that requests waited to be sent is not in its figures"
    } else {
        "It stamps when the connected socket can be written"
    };
    format!(
        "{how}. It left out {left_out} of {} requests (not answered within the run, or later than the \
         timeout), and added {invented} latencies that nobody measured, to make up for those that it \
         did not send while it waited.",
        run.entries.len()
    )
}

/// A latency as wrk, wrk2 and k6 write it: two decimals in the unit that suits.
pub(super) fn print(us: f64) -> String {
    if us < 1e3 {
        format!("{us:.2}us")
    } else if us < 1e6 {
        format!("{:.2}ms", us / 1e3)
    } else {
        format!("{:.2}s", us / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Made, close_to};
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn a_long_latency_is_filled_up_in_steps_of_the_mean_interval() {
        let filled: Vec<_> = back_fill(1_000, 300).collect();
        assert_eq!(filled, [700, 400], "not 100, which is below one interval");
        assert_eq!(back_fill(600, 300).count(), 0, "300 is not above one interval");
        assert_eq!(back_fill(601, 300).collect::<Vec<_>>(), [301]);
    }

    #[test]
    fn a_pause_is_made_up_for_and_the_mean_and_percentiles_say_so() {
        // One connection, just over 10 ms: six answers of 1 ms and one of 4 ms; the interval is 10/7 ms.
        let made = Made::answers(10_001, [1, 1, 4, 1, 1, 1, 1].map(|ms| ms * 1_000));
        let estimate = estimate(&made.run());
        // 4000 − 1428 = 2572 is added; 2572 − 1428 = 1144 is not above 1428.
        let all = [1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 2_572, 4_000];
        close_to(
            [estimate.mean, estimate.p50, estimate.p90, estimate.max, estimate.rps],
            [f64::from(all.iter().sum::<i32>()) / 8.0, 1_000.0, 4_000.0, 4_000.0, 700.0],
        );
        assert_eq!(estimate.p999, None);
        assert!(estimate.says.contains("left out 0 of 7"), "{}", estimate.says);
        assert!(estimate.says.contains("added 1 latencies"), "{}", estimate.says);
    }

    #[test]
    fn what_is_not_answered_in_the_run_or_within_the_timeout_is_left_out() {
        let mut made = Made::closed(10_000, 4);
        made.timeout_us = 2_000;
        made.at(0, 0, 1_000, Outcome::Ok);
        made.at(0, 0, 2_001, Outcome::Ok);
        made.at(0, 0, 2_000, Outcome::Timeout);
        made.at(9_500, 9_500, 10_500, Outcome::Ok);
        let estimate = estimate(&made.run());
        assert_eq!(estimate.requests, Some(2), "the late answer still counts as a request");
        close_to([estimate.max], [1_000.0]);
        assert!(estimate.says.contains("left out 3 of 4"), "{}", estimate.says);
    }

    #[test]
    fn neither_connecting_nor_waiting_to_be_sent_counts() {
        let mut made = Made::open(10_000, 1, 100.0);
        made.at(1_000, 3_000, 5_000, Outcome::Ok);
        made.entries[0].connecting_us = 500;
        close_to([estimate(&made.run()).max], [1_500.0]);
    }

    #[test]
    fn of_a_pipeline_it_has_a_rate_and_no_latency() {
        let made = Made::answers(10_000, [1_000]);
        let estimate = estimate(&Run { pipeline: 2, ..made.run() });
        assert_eq!((estimate.p50, estimate.max, estimate.requests), (None, None, Some(1)));
        assert!(estimate.says.contains("batches"), "{}", estimate.says);
    }

    #[test]
    fn latencies_are_written_in_the_unit_that_suits() {
        assert_eq!([812.0, 5_210.0, 2e6].map(print), ["812.00us", "5.21ms", "2.00s"]);
    }
}
