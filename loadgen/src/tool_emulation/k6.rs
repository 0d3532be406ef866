//! k6: closed loop by virtual users, connecting left out, errors in.
//!
//! Looked up in github.com/grafana/k6: `http_req_duration` is sending, waiting and receiving; neither
//! connecting nor waiting for a connection is in it (`lib/netext/httpext/tracer.go`, `Done`). Every
//! request has a sample, also one that failed (`lib/netext/httpext/transport.go`,
//! `measureAndEmitMetrics`): what was never connected counts as 0, a time-out with its wait. At the end
//! what is under way is awaited (its graceful stop). Percentiles are interpolated between the two
//! nearest ranks (`metrics/sink.go`, `TrendSink.P`). The summary has avg, min, med, max, p(90) and
//! p(95), no 99th percentile unless it is asked for.

use super::Estimate;
use super::run::{Run, decimals, mean, per};
use crate::log::Entry;
use crate::outcome::Outcome;
use crate::plan::Tool;

const SOURCE: &str = "grafana/k6: lib/netext/httpext/tracer.go (Tracer.Done), \
    lib/netext/httpext/transport.go (measureAndEmitMetrics), \
    metrics/sink.go (TrendSink.P)";

pub fn estimate(run: &Run<'_>) -> Estimate {
    let mut millis: Vec<f64> = run.sent().map(duration_ms).collect();
    millis.sort_unstable_by(f64::total_cmp);
    let count = millis.len();
    let rounded = |value: Option<f64>| value.map(|ms| decimals(ms, 4));
    Estimate {
        p50: rounded(interpolated(&millis, 0.5)),
        p90: rounded(interpolated(&millis, 0.9)),
        max: rounded(millis.last().copied()),
        mean: rounded(mean(millis.iter().sum(), count)),
        rps: Some(per(count, run.seconds_with_the_rest())),
        requests: Some(count as u64),
        says: says(run),
        ..Estimate::new(Tool::K6, "closed", "ms", SOURCE)
    }
}

/// A request's `http_req_duration` in milliseconds.
fn duration_ms(entry: &Entry) -> f64 {
    if never_connected(entry) { 0.0 } else { entry.since_connected() as f64 / 1e6 }
}

fn never_connected(entry: &Entry) -> bool {
    matches!(entry.outcome, Outcome::Refused | Outcome::Connect | Outcome::ConnectTimeout)
}

/// A quantile between the two nearest ranks of sorted values.
fn interpolated(sorted: &[f64], quantile: f64) -> Option<f64> {
    let place = quantile * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

fn says(run: &Run<'_>) -> String {
    let how = if run.open {
        "Its arrival-rate executors send at a rate, but the time runs from the send"
    } else {
        "Its virtual users wait for each answer, and run a script between two requests"
    };
    let unconnected = run.sent().filter(|entry| never_connected(entry)).count();
    let connecting = run.sent().filter(|entry| entry.connecting_us > 0).count();
    format!(
        "{}{how}. Connecting is not in http_req_duration ({connecting} requests needed it), and {unconnected} \
         requests that never got a connection count as 0 ms. Time-outs are in with their wait. Its \
         summary ends at p(95).",
        run.of_pipelines()
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Made, close_to};
    use super::*;

    #[test]
    fn a_percentile_lies_between_the_two_nearest_ranks() {
        let four = [1.0, 2.0, 3.0, 4.0];
        close_to([interpolated(&four, 0.5), interpolated(&four, 0.9)], [2.5, 3.7]);
        close_to([interpolated(&[7.0], 0.9)], [7.0]);
        assert_eq!(interpolated(&[], 0.5), None);
    }

    #[test]
    fn connecting_is_left_out_and_what_never_connected_counts_as_nothing() {
        let mut made = Made::closed(1_000_000, 1);
        made.at(0, 0, 5_000, Outcome::Ok);
        made.at(5_000, 5_000, 45_000, Outcome::Refused);
        made.entries[0].connecting_us = 2_000;
        let estimate = estimate(&made.run());
        close_to([estimate.max, estimate.mean], [3.0, 1.5]);
        assert!(estimate.says.contains("1 requests that never"), "{}", estimate.says);
    }

    #[test]
    fn time_outs_and_late_answers_are_in() {
        let mut made = Made::closed(1_000_000, 2);
        made.at(0, 0, 900_000, Outcome::Timeout);
        made.at(500_000, 500_000, 2_000_000, Outcome::Ok);
        let estimate = estimate(&made.run());
        close_to([estimate.max, estimate.p50, estimate.rps], [1_500.0, 1_200.0, 1.0]);
        assert_eq!((estimate.p99, estimate.p999), (None, None));
    }
}
