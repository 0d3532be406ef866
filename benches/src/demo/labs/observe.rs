//! From the trials of a lab to the observed values: pure functions. Only valid trials count. A multiple of
//! another round's value is taken within one block.

use loadgen::Snapshot;
use reports::record::{Trial, TrialResult};
use reports::stats::{mean, median};

use super::lab::{Fold, Item, Lab, Measure};
use super::trial_driver::Seen;

/// How long after the last act a share is counted from: by then the cluster has done what was asked.
const SETTLED_S: f64 = 0.5;

#[derive(Debug, Clone)]
pub struct Run {
    pub trial: Trial,
    pub seen: Seen,
}

/// The values of an item, one a block, in the order in which they were observed.
pub fn values(lab: &Lab, item: &Item, runs: &[Run]) -> Vec<f64> {
    let place = lab.place_of_round(&item.round);
    let of_round = |place: usize| runs.iter().filter(move |run| run.seen.round == place);
    let value = |run: &Run| measure(lab, item.measure, run);
    let Some(over) = &item.over else { return of_round(place).filter_map(value).collect() };
    let base = lab.place_of_round(over);
    let ratio = |run: &Run| {
        let is_same = |other: &&Run| other.trial.block == run.trial.block;
        let base = of_round(base).find(is_same).and_then(value).filter(|base| *base > 0.0)?;
        Some(value(run)? / base)
    };
    of_round(place).filter_map(ratio).collect()
}

/// One value of several; `None` of none.
pub fn fold(fold: Fold, values: &[f64]) -> Option<f64> {
    match fold {
        Fold::Median => median(values),
        Fold::Mean => {
            // Sorted, so that rounding does not depend on the order of the blocks.
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            mean(&sorted)
        }
    }
}

/// What a valid trial shows of a measure; `None` when it shows nothing.
fn measure(lab: &Lab, measure: Measure, run: &Run) -> Option<f64> {
    let result = run.trial.result().filter(|result| result.valid)?;
    match measure {
        Measure::Throughput => Some(result.throughput_rps),
        Measure::BusiestShare => busiest_share(result, run.trial.connections),
        Measure::NewShare => {
            let round = &lab.round.0[run.seen.round];
            let last = run.seen.did.last()?;
            new_share(&run.seen.shots, last.t_s + SETTLED_S, round.workers.0)
        }
        Measure::P99 => Some(result.latency.p99 / 1e3),
        Measure::ServiceP99 => Some(result.service_latency.as_ref()?.p99 / 1e3),
        Measure::Failed => Some(result.errors.total() as f64),
    }
}

/// `None` if a connection was never made: a busy machine may have starved a generator thread.
fn busiest_share(result: &TrialResult, connections: u32) -> Option<f64> {
    let most = result.workers.iter().map(|worker| worker.connections).max()?;
    let all: u64 = result.workers.iter().map(|worker| worker.connections).sum();
    (all >= u64::from(connections)).then(|| 100.0 * most as f64 / all as f64)
}

/// The share of the workers beyond the first `old` in what was answered from `from_s` on.
fn new_share(shots: &[Snapshot], from_s: f64, old: u32) -> Option<f64> {
    let (first, last) = (shots.iter().find(|shot| shot.t_s >= from_s)?, shots.last()?);
    let since = |counts: fn(u32, u32) -> bool| {
        let sum = |shot: &Snapshot| -> u64 {
            let counted = shot.workers.iter().filter(|it| it.id.is_some_and(|id| counts(id, old)));
            counted.map(|worker| worker.requests).sum()
        };
        sum(last).saturating_sub(sum(first)) as f64
    };
    let (new, all) = (since(|id, old| id > old), since(|_, _| true));
    (all > 0.0).then(|| 100.0 * new / all)
}

pub fn open_when_killed(seen: &Seen) -> u64 {
    let crashes = seen.books.workers.values().flat_map(|life| &life.crashes);
    crashes.map(|crash| crash.open).sum()
}

/// How long it took until the killed workers' successors took connections, each in milliseconds.
pub fn back_after_ms(runs: &[&Run]) -> Vec<f64> {
    let lives = runs.iter().flat_map(|run| run.seen.books.workers.values());
    let crashes = lives.flat_map(|life| &life.crashes);
    crashes.filter_map(|crash| Some(crash.back_after_s? * 1e3)).collect()
}

#[cfg(test)]
pub mod tests {
    use loadgen::snapshot::WorkerCount;
    use reports::record::{Cpus, LabEvent, Latency, Outcome, Worker};

    use super::*;
    use crate::demo::labs::find;

    pub fn trial(block: u32, result: TrialResult) -> Trial {
        Trial {
            target: String::new(),
            mode: String::new(),
            workers: 1,
            workload: String::new(),
            connections: 1,
            rate: None,
            oversubscribed: false,
            block,
            order: 0,
            cpus: Cpus::default(),
            outcome: Outcome::Result(Box::new(TrialResult { valid: true, ..result })),
        }
    }

    fn run(lab: &Lab, round: &str, block: u32, result: TrialResult) -> Run {
        let is_it = |it: &super::super::Round| it.name.get_ref().as_str() == round;
        let round = lab.round.0.iter().position(is_it).unwrap();
        Run { trial: trial(block, result), seen: Seen { round, ..Seen::default() } }
    }

    fn fast(throughput_rps: f64) -> TrialResult {
        TrialResult { throughput_rps, ..TrialResult::default() }
    }

    #[test]
    fn a_multiple_is_of_the_same_block() {
        let lab = find("oversubscription").unwrap();
        let item = lab.item.0.iter().find(|item| item.round.get_ref().as_str() == "two").unwrap();
        let of = |round, block, rps| run(lab, round, block, fast(rps));
        let mut runs = vec![of("one", 1, 200.0), of("two", 0, 150.0), of("one", 0, 100.0)];
        assert_eq!(values(lab, item, &runs), [1.5]);
        runs.push(of("two", 1, 360.0));
        assert_eq!(values(lab, item, &runs), [1.5, 1.8]);
    }

    #[test]
    fn a_trial_that_is_not_valid_shows_nothing() {
        let lab = find("oversubscription").unwrap();
        let mut one = run(lab, "one", 0, fast(100.0));
        if let Outcome::Result(result) = &mut one.trial.outcome {
            result.valid = false;
        }
        assert_eq!(measure(lab, Measure::Throughput, &one), None);
        one.trial.outcome = Outcome::Error("it failed".to_owned());
        assert_eq!(measure(lab, Measure::Throughput, &one), None);
    }

    #[test]
    fn the_middle_and_the_mean_of_values() {
        assert_eq!(fold(Fold::Median, &[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(fold(Fold::Median, &[1.0, 2.0, 9.0, 4.0]), Some(3.0));
        assert_eq!(fold(Fold::Mean, &[1.0, 2.0, 9.0]), Some(4.0));
        assert_eq!(fold(Fold::Mean, &[]), None);
    }

    #[test]
    fn the_busiest_worker_is_set_against_all_connections() {
        let worker = |connections| Worker { connections, ..Worker::default() };
        let workers = vec![worker(10), worker(30), worker(0)];
        let result = TrialResult { workers, ..TrialResult::default() };
        assert_eq!(busiest_share(&result, 40), Some(75.0));
        assert_eq!(busiest_share(&result, 41), None, "one was never made");
    }

    #[test]
    fn the_new_workers_share_is_counted_once_the_cluster_has_settled() {
        let shot = |t_s, counts: &[u64]| {
            let count = |(id, requests): (u32, &u64)| WorkerCount {
                id: Some(id),
                requests: *requests,
                ..WorkerCount::default()
            };
            let workers = (1..).zip(counts).map(count).collect();
            Snapshot { t_s, workers, ..Snapshot::default() }
        };
        let shots = [shot(0.4, &[100]), shot(1.2, &[200, 10]), shot(2.0, &[260, 50])];
        assert_eq!(new_share(&shots, 1.0, 1), Some(40.0));
        assert_eq!(new_share(&shots, 1.0, 2), Some(0.0));
        assert_eq!(new_share(&shots, 2.0, 1), None, "nothing was answered since");
    }

    #[test]
    fn latencies_are_in_milliseconds_and_failures_are_counted() {
        let lab = find("keepalive").unwrap();
        let mut result = TrialResult {
            latency: Latency { p99: 2_500.0, ..Latency::default() },
            service_latency: Some(Latency { p99: 500.0, ..Latency::default() }),
            ..TrialResult::default()
        };
        result.errors.reset = 3;
        let mut run = run(lab, lab.round.0[0].name.get_ref().as_str(), 0, result);
        run.seen.did.push(LabEvent::default());
        let shown = |what| measure(lab, what, &run);
        assert_eq!(shown(Measure::P99), Some(2.5));
        assert_eq!(shown(Measure::ServiceP99), Some(0.5));
        assert_eq!(shown(Measure::Failed), Some(3.0));
        assert_eq!(shown(Measure::NewShare), None, "there was no snapshot");
    }
}
