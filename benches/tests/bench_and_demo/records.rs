//! A made-up record of one workload, as small as it can be.

use reports::record::{
    Cpus, Environment, Outcome, Record, SCHEMA, Suite, Trial, TrialResult, Workload,
};

/// A record on two CPUs of one workload in one mode, with these trials: block, workers, throughput.
pub fn record(workload: &str, mode: &str, trials: &[(u32, u32, f64)]) -> Record {
    let trial = |(order, &(block, workers, throughput_rps)): (usize, &(u32, u32, f64))| Trial {
        target: "hello-cluster".to_owned(),
        mode: mode.to_owned(),
        workers,
        workload: workload.to_owned(),
        connections: 64,
        rate: None,
        oversubscribed: false,
        block,
        order: order as u32,
        cpus: Cpus::default(),
        outcome: Outcome::Result(Box::new(TrialResult {
            throughput_rps,
            valid: true,
            ..TrialResult::default()
        })),
    };
    let workload = Workload { name: workload.to_owned(), ..Workload::default() };
    let blocks = trials.iter().map(|(block, ..)| block + 1).max().unwrap_or(0);
    Record {
        schema: SCHEMA,
        id: "a-run".to_owned(),
        created: String::new(),
        command: "hello-cluster bench".to_owned(),
        seed: 0,
        suite: Suite { blocks, workloads: vec![workload], ..Suite::default() },
        environment: Environment { cores: 2, ..Environment::default() },
        trials: trials.iter().enumerate().map(trial).collect(),
        lab: None,
        condensed: None,
    }
}
