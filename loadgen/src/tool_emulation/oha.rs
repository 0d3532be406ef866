//! oha: closed loop, exact values, no errors in the percentiles.
//!
//! Looked up in github.com/hatoo/oha: the start is stamped before a connection is looked for, so that
//! connecting counts (`src/client.rs`, `work_http1`). At the deadline what is under way is aborted
//! (`work_until`); it counts in the requests a second, as every error does (`src/result_data.rs`, `len`;
//! `src/printer.rs`, `print_summary`), but not in the latencies, which are those of answers alone
//! (`success`). The p-th percentile of n sorted values is the one at place p·n, counted from 0 and cut
//! (`percentile_iter`).

use super::Estimate;
use super::run::{Run, mean, per};
use crate::plan::Tool;

const SOURCE: &str = "hatoo/oha: src/client.rs (work_http1, work_until), \
    src/result_data.rs (percentile_iter, len), src/printer.rs (print_summary)";

pub fn estimate(run: &Run<'_>) -> Estimate {
    let mut seconds: Vec<f64> =
        run.answered_within().map(|entry| entry.since_send() as f64 / 1e9).collect();
    seconds.sort_unstable_by(f64::total_cmp);
    let at = |percent: f64| {
        let place = (percent / 100.0 * seconds.len() as f64) as usize;
        seconds.get(place).copied()
    };
    let count = run.sent().count();
    Estimate {
        p50: at(50.0),
        p90: at(90.0),
        p99: at(99.0),
        p999: at(99.9),
        max: seconds.last().copied(),
        mean: mean(seconds.iter().sum(), seconds.len()),
        rps: Some(per(count, run.seconds())),
        requests: Some(count as u64),
        says: says(run, seconds.len(), count),
        ..Estimate::new(Tool::Oha, "closed", "s", SOURCE)
    }
}

fn says(run: &Run<'_>, recorded: usize, count: usize) -> String {
    let how = if run.open {
        "Its -q sends at a rate, but without --latency-correction the time runs from the send"
    } else {
        "It stamps before it connects"
    };
    format!(
        "{}{how}. {} of {} requests (errors, and what was under way at the deadline) are not in its \
         latencies; in its requests a second {} of them count like answers.",
        run.of_pipelines(),
        run.entries.len() - recorded,
        run.entries.len(),
        count - recorded
    )
}

/// A latency as oha writes it: four decimals in the unit of the slowest.
pub(super) fn print(seconds: f64, slowest: f64) -> String {
    if slowest > 1.0 {
        format!("{seconds:.4} sec")
    } else if slowest > 1e-3 {
        format!("{:.4} ms", seconds * 1e3)
    } else {
        format!("{:.4} us", seconds * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Made, close_to};
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn a_percentile_is_the_value_at_its_place_counted_from_zero() {
        let made = Made::answers(1_000_000, (1..=10).map(|ms| ms * 1_000));
        let estimate = estimate(&made.run());
        close_to(
            [estimate.p50, estimate.p90, estimate.p99, estimate.mean],
            [0.006, 0.010, 0.010, 0.0055],
        );
    }

    #[test]
    fn errors_and_aborted_requests_count_in_the_rate_and_not_in_the_latencies() {
        let mut made = Made::closed(1_000_000, 4);
        made.at(0, 0, 1_000, Outcome::Ok);
        made.at(0, 0, 2_000, Outcome::Status);
        made.at(0, 0, 900_000, Outcome::Timeout);
        made.at(900_000, 900_000, 1_500_000, Outcome::Ok);
        let estimate = estimate(&made.run());
        close_to([estimate.max, estimate.rps], [0.002, 4.0]);
        assert!(estimate.says.contains("2 of 4 requests"), "{}", estimate.says);
    }

    #[test]
    fn connecting_counts() {
        let mut made = Made::closed(1_000_000, 1);
        made.at(0, 0, 3_000, Outcome::Ok);
        made.entries[0].connecting_us = 2_000;
        close_to([estimate(&made.run()).max], [0.003]);
    }

    #[test]
    fn the_slowest_decides_the_unit() {
        assert_eq!(print(0.005_12, 0.9), "5.1200 ms");
        assert_eq!(print(0.005_12, 2.0), "0.0051 sec");
        assert_eq!(print(0.000_081, 0.000_9), "81.0000 us");
    }
}
