//! Adding results of generators that ran side by side: histograms and counts are added, and
//! percentiles are read from the sum, never averaged.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::latency::Latency;
use crate::result::{RunResult, Worker};
use crate::tally::histogram;

/// Adds results. Rates add up too, because the generators ran at the same time; the window is the
/// longest of them. `None` for no results.
#[must_use]
pub fn merge(results: &[RunResult]) -> Option<RunResult> {
    let (first, rest) = results.split_first()?;
    let mut sum = first.clone();
    for other in rest {
        if sum.loop_model != other.loop_model {
            "mixed".clone_into(&mut sum.loop_model);
        }
        if sum.engine != other.engine {
            "mixed".clone_into(&mut sum.engine);
        }
        if sum.engine_note.is_none() {
            sum.engine_note.clone_from(&other.engine_note);
        }
        sum.throughput_rps += other.throughput_rps;
        sum.requests += other.requests;
        sum.bytes += other.bytes;
        sum.elapsed_s = sum.elapsed_s.max(other.elapsed_s);
        sum.in_flight_mean += other.in_flight_mean;
        sum.errors.merge(&other.errors);
        sum.lifetime += other.lifetime;
        sum.cpu.elapsed_s = sum.cpu.elapsed_s.max(other.cpu.elapsed_s);
        sum.cpu.load_user_s += other.cpu.load_user_s;
        sum.cpu.load_sys_s += other.cpu.load_sys_s;
        sum.threads.extend_from_slice(&other.threads);
        sum.generator_limited |= other.generator_limited;
        sum.valid &= other.valid;
        sum.reasons.extend_from_slice(&other.reasons);
        sum.interrupted |= other.interrupted;
        sum.awake &= other.awake;
    }
    sum.latency = add(results.iter().map(|result| &result.latency));
    let service: Vec<_> = results.iter().filter_map(|r| r.service_latency.as_ref()).collect();
    sum.service_latency = (service.len() == results.len()).then(|| add(service.into_iter()));
    sum.workers = workers(results);
    if !rest.is_empty() {
        // Quantiles of lags, slices and one generator's connections say nothing of all, and a false
        // figure is worse than none.
        sum.split = crate::result::Split::default();
        sum.schedule = None;
        sum.series.clear();
        sum.warmup_series.clear();
        sum.tools.clear();
        sum.steered = None;
    }
    Some(sum)
}

/// Adds distributions as they are written in results: exact in counts, sum and maximum, within two
/// significant digits elsewhere.
fn add<'a>(parts: impl Iterator<Item = &'a Latency>) -> Latency {
    let mut all: Histogram<u64> = histogram();
    let (mut total, mut count, mut max) = (0.0, 0_u64, 0.0_f64);
    for part in parts {
        let of_part: u64 = part.histogram.iter().map(|&(_, count)| count).sum();
        for &(value, count) in &part.histogram {
            all.saturating_record_n((value * 1e3).round() as u64, count);
        }
        total += part.mean * of_part as f64;
        count += of_part;
        max = max.max(part.max);
    }
    let mut sum = Latency::new(&all);
    if count > 0 {
        sum.mean = total / count as f64;
        sum.max = max;
    }
    sum
}

/// A worker that several generators saw is one worker.
fn workers(results: &[RunResult]) -> Vec<Worker> {
    let mut merged: BTreeMap<(Option<u32>, Option<u32>), Vec<&Worker>> = BTreeMap::new();
    for worker in results.iter().flat_map(|result| &result.workers) {
        merged.entry((worker.id, worker.pid)).or_default().push(worker);
    }
    let fold = |((id, pid), seen): ((Option<u32>, Option<u32>), Vec<&Worker>)| {
        let latencies: Vec<_> = seen.iter().filter_map(|worker| worker.latency.as_ref()).collect();
        Worker {
            id,
            pid,
            connections: seen.iter().map(|worker| worker.connections).sum(),
            client_requests: seen.iter().map(|worker| worker.client_requests).sum(),
            latency: (!latencies.is_empty()).then(|| add(latencies.into_iter())),
        }
    };
    merged.into_iter().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steer::Steered;

    fn of(values_us: impl Iterator<Item = u64>) -> RunResult {
        let mut latency = histogram();
        values_us.for_each(|value| latency.saturating_record(value * 1_000));
        let worker = Worker { id: Some(1), pid: Some(2), client_requests: 5, ..Worker::default() };
        RunResult {
            requests: latency.len(),
            throughput_rps: 10.0,
            latency: Latency::new(&latency),
            workers: vec![worker],
            valid: true,
            ..RunResult::default()
        }
    }

    #[test]
    fn percentiles_are_read_from_the_sum_and_not_averaged() {
        let fast = of((0..990).map(|_| 100));
        let slow = of((0..10).map(|_| 100_000));
        let sum = merge(&[fast, slow]).unwrap();
        assert_eq!(sum.requests, 1000);
        assert!((sum.latency.p90 / 100.0 - 1.0).abs() < 0.01, "{}", sum.latency.p90);
        assert!((sum.latency.p999 / 100_000.0 - 1.0).abs() < 0.01, "{}", sum.latency.p999);
        let expected = (990.0 * 100.0 + 10.0 * 100_000.0) / 1000.0;
        assert!((sum.latency.mean / expected - 1.0).abs() < 0.01, "{}", sum.latency.mean);
    }

    #[test]
    fn counts_rates_and_workers_add_up() {
        let sum = merge(&[of(1..5), of(1..9)]).unwrap();
        assert!((sum.throughput_rps - 20.0).abs() < 1e-9);
        assert_eq!(sum.workers.len(), 1);
        assert_eq!(sum.workers[0].client_requests, 10);
    }

    #[test]
    fn one_result_that_is_not_valid_spoils_the_sum() {
        let mut bad = of(1..5);
        bad.valid = false;
        assert!(!merge(&[of(1..5), bad]).unwrap().valid);
        assert_eq!(merge(&[]), None);
    }

    #[test]
    fn what_one_generator_did_is_not_said_of_all() {
        let one = RunResult { awake: true, steered: Some(Steered::default()), ..of(1..5) };
        let alone = merge(std::slice::from_ref(&one)).unwrap();
        assert_eq!((alone.awake, alone.steered.is_some()), (true, true));
        for both in [[one.clone(), of(1..5)], [of(1..5), one.clone()]] {
            let sum = merge(&both).unwrap();
            assert_eq!((sum.awake, sum.steered), (false, None));
        }
        assert!(merge(&[one.clone(), one]).unwrap().awake);
    }
}
