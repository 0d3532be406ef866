//! autocannon: closed loop, whole milliseconds, and with a rate invented latencies.
//!
//! Looked up in github.com/mcollina/autocannon: the start is stamped when the request is written, made
//! or not the connection (`lib/httpClient.js`, `_doRequest`); the time goes into a histogram of whole
//! milliseconds, fractions cut. With a rate each latency also counts as one for every millisecond less,
//! because the expected interval is rounded up to one (`lib/run.js`, `onResponse`). Clients are
//! destroyed at the end, time-outs and broken connections are errors without a latency. Requests a
//! second are the mean of counts by the second (`tickInterval`). The values are those of the package
//! hdr-histogram-percentiles-obj (`histAsObj`, which rounds the mean up to hundredths, and
//! `addPercentiles`); 90 and 99.9 % are printed with `--latency`.

use std::collections::BTreeMap;

use super::Estimate;
use super::run::{Run, mean, per};
use crate::plan::Tool;

const SOURCE: &str = "mcollina/autocannon: lib/httpClient.js (_doRequest), lib/run.js (onResponse, \
    tickInterval), hdr-histogram-percentiles-obj: index.js (histAsObj, addPercentiles)";

pub fn estimate(run: &Run<'_>) -> Estimate {
    let mut by_ms: BTreeMap<u64, u64> = BTreeMap::new();
    for entry in run.answered_within() {
        *by_ms.entry(entry.since_send() / 1_000_000).or_default() += 1;
    }
    let complete: u64 = by_ms.values().sum();
    let counts = Counts::new(&by_ms, run.open);
    let at = |percent: f64| counts.at(percent).map(|ms| ms as f64);
    Estimate {
        p50: at(50.0),
        p90: at(90.0),
        p99: at(99.0),
        p999: at(99.9),
        max: at(100.0),
        mean: counts.mean().map(|ms| (ms * 100.0).ceil() / 100.0),
        rps: Some(per(complete as usize, run.seconds())),
        requests: Some(complete),
        says: says(run, complete, counts.total - complete),
        ..Estimate::new(Tool::Autocannon, "closed", "ms", SOURCE)
    }
}

/// How often numbers of milliseconds were recorded, in rising order.
struct Counts {
    /// First and last of a range of numbers, and how often each of them was.
    ranges: Vec<(u64, u64, u64)>,
    total: u64,
}

impl Counts {
    /// Counts what was measured; if `filled`, each also counts once for every lower number from 1.
    fn new(by_ms: &BTreeMap<u64, u64>, filled: bool) -> Self {
        let mut longer: u64 = by_ms.values().sum();
        let mut next = 0;
        let mut ranges = Vec::new();
        for (&ms, &count) in by_ms {
            if !filled || ms == 0 {
                ranges.push((ms, ms, count));
            } else {
                ranges.push((next.max(1), ms, longer));
            }
            longer -= count;
            next = ms + 1;
        }
        let total = ranges.iter().map(|(first, last, count)| (last - first + 1) * count).sum();
        Self { ranges, total }
    }

    /// The value at a rank that is rounded up, as HDR histograms read it.
    fn at(&self, percent: f64) -> Option<u64> {
        let mut rank = ((percent / 100.0 * self.total as f64).ceil() as u64).max(1);
        for &(first, last, count) in &self.ranges {
            let all = (last - first + 1) * count;
            if rank <= all {
                return Some(first + (rank - 1) / count);
            }
            rank -= all;
        }
        None
    }

    fn mean(&self) -> Option<f64> {
        let sum = self.ranges.iter().map(|&(first, last, count)| {
            (first + last) as f64 / 2.0 * ((last - first + 1) * count) as f64
        });
        mean(sum.sum(), self.total as usize)
    }
}

fn says(run: &Run<'_>, complete: u64, invented: u64) -> String {
    let how = if run.open {
        format!(
            "Its -R sends in a burst each second; the time runs from the send, and {invented} latencies \
             that nobody measured are added, one for every millisecond of each"
        )
    } else {
        "It stamps when it writes, connected or not".to_owned()
    };
    format!(
        "{how}. Fractions of a millisecond are cut: what is faster counts as 0. It left out {} of {} \
         requests (errors, and what was under way at the end).",
        run.entries.len() as u64 - complete,
        run.entries.len()
    )
}

pub(super) fn print(ms: f64) -> String {
    format!("{ms} ms")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Made, close_to};
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn fractions_of_a_millisecond_are_cut() {
        let estimate = estimate(&Made::answers(1_000_000, [400, 1_600, 5_900, 5_200]).run());
        close_to([estimate.p50, estimate.p99, estimate.max, estimate.mean], [1.0, 5.0, 5.0, 2.75]);
    }

    #[test]
    fn with_a_rate_each_latency_is_filled_up_by_the_millisecond() {
        let mut made = Made::open(1_000_000, 1, 10.0);
        made.at(0, 0, 5_900, Outcome::Ok);
        made.at(100_000, 100_000, 100_900, Outcome::Ok);
        let estimate = estimate(&made.run());
        // 5, 4, 3, 2, 1 and 0.
        close_to([estimate.mean, estimate.p50, estimate.max], [2.5, 2.0, 5.0]);
        assert_eq!(estimate.requests, Some(2));
        assert!(estimate.says.contains("4 latencies"), "{}", estimate.says);
    }

    #[test]
    fn the_mean_is_rounded_up() {
        let made = Made::answers(1_000_000, [1, 1, 2].map(|ms| ms * 1_000));
        close_to([estimate(&made.run()).mean], [1.34]);
    }

    #[test]
    fn time_outs_and_what_is_under_way_have_no_latency() {
        let mut made = Made::closed(1_000_000, 3);
        made.at(0, 0, 1_000, Outcome::Ok);
        made.at(0, 0, 800_000, Outcome::Timeout);
        made.at(900_000, 900_000, 1_100_000, Outcome::Ok);
        let estimate = estimate(&made.run());
        close_to([estimate.max], [1.0]);
        assert!(estimate.says.contains("left out 2 of 3"), "{}", estimate.says);
    }
}
