//! The workers as the generator saw them.

use std::collections::HashMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::latency::Latency;
use crate::tally::WorkerTally;
use crate::worker::WorkerKey;

/// One worker as the generator saw it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// Its id; `None` when the server does not tell.
    pub id: Option<u32>,
    /// Its process id (the last one, after a replacement).
    pub pid: Option<u32>,
    /// Connections whose first answer was its.
    pub connections: u64,
    /// Its answers over the whole life.
    pub client_requests: u64,
    /// Latency of its measured answers; `None` for answers that name nobody.
    pub latency: Option<Latency>,
}

/// One entry an id (a replacement keeps it, and its last pid is shown), else one a pid. Answers
/// that name nobody are one entry, if there are any.
pub(super) fn fold(tallies: &[WorkerTally]) -> Vec<Worker> {
    type Folded = (Worker, u64, Option<Histogram<u64>>);
    let mut folded: HashMap<WorkerKey, Folded> = HashMap::new();
    for tally in tallies.iter().filter(|tally| tally.requests > 0) {
        let WorkerKey { id, pid } = tally.key;
        let (worker, seen, histogram) = folded.entry(tally.key.identity()).or_default();
        worker.id = id;
        if worker.pid.is_none() || tally.first_seen >= *seen {
            worker.pid = pid;
            *seen = tally.first_seen;
        }
        worker.connections += tally.connections;
        worker.client_requests += tally.requests;
        match histogram {
            Some(histogram) => {
                histogram.add(&tally.latency).expect("histograms of the same bounds");
            }
            None => *histogram = Some(tally.latency.clone()),
        }
    }
    let finish = |(mut worker, _, histogram): (Worker, u64, Option<Histogram<u64>>)| {
        worker.latency = histogram.filter(|all| !all.is_empty()).map(|all| Latency::new(&all));
        worker
    };
    let mut workers: Vec<_> = folded.into_values().map(finish).collect();
    workers.sort_by_key(|worker| (worker.id, worker.pid));
    workers
}
