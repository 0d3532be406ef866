//! The workers as the generator saw them.

use std::collections::HashMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::latency::Latency;
use crate::tally::{Answers, WorkerTally};
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
    let mut folded: HashMap<WorkerKey, (Answers, Option<Histogram<u64>>)> = HashMap::new();
    for WorkerTally { answers, latency } in tallies {
        if answers.requests == 0 {
            continue;
        }
        let (sum, all) = folded.entry(answers.key.identity()).or_default();
        sum.merge_process(answers);
        match all {
            Some(all) => all.add(latency).expect("histograms of the same bounds"),
            None => *all = Some(latency.clone()),
        }
    }
    let finish = |(answers, all): (Answers, Option<Histogram<u64>>)| Worker {
        id: answers.key.id,
        pid: answers.key.pid,
        connections: answers.connections,
        client_requests: answers.requests,
        latency: all.filter(|all| !all.is_empty()).map(|all| Latency::new(&all)),
    };
    let mut workers: Vec<_> = folded.into_values().map(finish).collect();
    workers.sort_by_key(|worker| (worker.id, worker.pid));
    workers
}
