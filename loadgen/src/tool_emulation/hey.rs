//! hey: closed loop, the first million answers, tenths of a millisecond.
//!
//! Looked up in github.com/rakyll/hey: the start is stamped before a connection is looked for
//! (`requester/requester.go`, `makeRequest`); at the end what is under way is awaited (`runWorker`).
//! Errors count in the requests a second alone; latencies are kept of the first 1,000,000 answers, but
//! the mean divides the sum over all answers by the number of those kept (`requester/report.go`,
//! `runReporter`, `finalize`). A percentile is the first value at or above its rank in whole percent, and
//! no value serves two (`latencies`). Seconds are printed with four decimals.

use super::Estimate;
use super::run::{Run, decimals, mean, per};
use crate::plan::Tool;

/// Of more answers than this, latencies are not kept.
const MOST: usize = 1_000_000;

/// The percentiles that hey prints.
const PERCENTS: [usize; 7] = [10, 25, 50, 75, 90, 95, 99];

const SOURCE: &str = "rakyll/hey: requester/requester.go (makeRequest, runWorker), \
    requester/report.go (runReporter, finalize, latencies)";

pub fn estimate(run: &Run<'_>) -> Estimate {
    keeping(run, MOST)
}

fn keeping(run: &Run<'_>, most: usize) -> Estimate {
    let mut answers: Vec<(u64, f64)> =
        run.answered().map(|entry| (entry.end, entry.since_send() as f64 / 1e9)).collect();
    if answers.len() > most {
        answers.sort_unstable_by_key(|&(end, _)| end);
    }
    let sum = answers.iter().map(|&(_, seconds)| seconds).sum();
    let mut kept: Vec<f64> = answers.iter().take(most).map(|&(_, seconds)| seconds).collect();
    kept.sort_unstable_by(f64::total_cmp);
    let places = places(kept.len());
    let at = |percent: usize| {
        let number = PERCENTS.iter().position(|&printed| printed == percent)?;
        kept.get(places[number]).map(|&seconds| decimals(seconds, 4))
    };
    let count = run.sent().count();
    Estimate {
        p50: at(50),
        p90: at(90),
        p99: at(99),
        max: kept.last().map(|&seconds| decimals(seconds, 4)),
        mean: mean(sum, kept.len()).map(|seconds| decimals(seconds, 4)),
        rps: Some(per(count, run.seconds_with_the_rest())),
        requests: Some(count as u64),
        says: says(run, kept.len(), answers.len()),
        ..Estimate::new(Tool::Hey, "closed", "s", SOURCE)
    }
}

/// Where each printed percentile stands among so many sorted values; a place beyond them is not printed.
fn places(count: usize) -> [usize; PERCENTS.len()] {
    let mut next = 0;
    PERCENTS.map(|percent| {
        let place = (percent * count).div_ceil(100).max(next);
        next = place + 1;
        place
    })
}

fn says(run: &Run<'_>, kept: usize, answered: usize) -> String {
    let how = if run.open {
        "Its -q holds each of its workers back to a rate, but the time runs from the send"
    } else {
        "It stamps before it connects"
    };
    let cut = if answered > kept {
        format!(
            " Only the first {kept} answers are in its percentiles; its mean divides the sum of all \
             {answered} by {kept}."
        )
    } else {
        String::new()
    };
    format!(
        "{}{how}, and what is under way at the end is awaited. {} of {} requests (errors) are not in its \
         latencies, though they count in its requests a second.{cut}",
        run.of_pipelines(),
        run.entries.len() - answered,
        run.entries.len()
    )
}

pub(super) fn print(seconds: f64) -> String {
    format!("{seconds:.4} secs")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Made, close_to};
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn a_percentile_is_the_first_value_at_its_rank_and_the_last_ones_may_be_missing() {
        assert_eq!(places(100), [10, 25, 50, 75, 90, 95, 99]);
        assert_eq!(places(10), [1, 3, 5, 8, 9, 10, 11], "95 and 99 % stand beyond ten values");
        let made = Made::answers(1_000_000, (1..=10).map(|ms| ms * 1_000));
        let estimate = estimate(&made.run());
        close_to([estimate.p50, estimate.p90], [0.006, 0.010]);
        assert_eq!(estimate.p99, None);
    }

    #[test]
    fn beyond_the_cut_answers_are_in_the_mean_and_not_in_the_percentiles() {
        let made = Made::answers(1_000_000, [1, 1, 1, 1, 100, 100].map(|ms| ms * 1_000));
        let estimate = keeping(&made.run(), 4);
        close_to([estimate.max, estimate.mean], [0.001, 0.051]);
        assert_eq!(estimate.requests, Some(6));
        assert!(estimate.says.contains("all 6 by 4"), "{}", estimate.says);
    }

    #[test]
    fn latencies_are_rounded_to_tenths_of_a_millisecond() {
        let made = Made::answers(1_000_000, [1_234]);
        let estimate = estimate(&made.run());
        close_to([estimate.max], [0.0012]);
        assert_eq!(estimate.p50, None, "one answer has no percentile");
    }

    #[test]
    fn what_is_under_way_at_the_end_is_awaited() {
        let mut made = Made::closed(1_000_000, 1);
        made.at(500_000, 500_000, 2_000_000, Outcome::Ok);
        let estimate = estimate(&made.run());
        close_to([estimate.max, estimate.rps], [1.5, 0.5]);
    }
}
