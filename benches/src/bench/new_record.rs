//! A run's record before its first trial: its id, its seed, and the plan as the record keeps it.

use std::time::{Duration, SystemTime};

use reports::record::{Record, SCHEMA, Suite, TargetInfo, Workload};

use super::placement::topology::Topology;
use super::plan::Plan;
use super::suite::rate::Rate;
use super::{calibrate, manifest, placement, suite};

/// The record of a run of this plan, before its first trial.
pub fn begin(
    plan: &Plan,
    topology: &Topology,
    targets: Vec<TargetInfo>,
    now: SystemTime,
    command: String,
) -> Record {
    Record {
        schema: SCHEMA,
        id: run_id(now, &plan.name),
        created: humantime::format_rfc3339_seconds(now).to_string(),
        command,
        seed: plan.seed,
        suite: describe(plan, topology, targets),
        environment: manifest::look(topology, plan),
        trials: Vec::new(),
        lab: None,
        condensed: None,
    }
}

/// The plan as the record keeps it, before anything is calibrated.
fn describe(plan: &Plan, topology: &Topology, targets: Vec<TargetInfo>) -> Suite {
    let workers: Vec<u32> = plan.cells.iter().map(|cell| cell.workers).collect();
    let is_used = |info: &TargetInfo| plan.targets.iter().any(|target| target.name == info.name);
    Suite {
        name: plan.name.clone(),
        description: plan.description.clone(),
        blocks: plan.blocks,
        warmup_s: plan.warmup.as_secs_f64(),
        duration_s: plan.duration.as_secs_f64(),
        planned_trials: plan.trials.len() as u32,
        placement: placement::in_words(topology, &workers),
        workloads: plan.workloads.iter().map(workload).collect(),
        targets: targets.into_iter().filter(is_used).collect(),
        skipped: plan.skipped.clone(),
        notes: plan.notes.clone(),
        ..Suite::default()
    }
}

/// A workload as the record keeps it; what must be calibrated is entered later.
fn workload(workload: &suite::Workload) -> Workload {
    Workload {
        name: workload.name.get_ref().as_str().to_owned(),
        description: workload.description.clone(),
        path: workload.paths(|_| calibrate::path(1)),
        keepalive: workload.keepalive,
        connections: workload.connections.0,
        rate_rps: match workload.rate {
            Some(Rate::Fixed(rate)) => Some(rate),
            _ => None,
        },
        arrivals: workload.rate.map_or("", |_| workload.arrivals.name()).to_owned(),
        tools: workload.tools.names(),
    }
}

/// A run's id: when it began and what it ran. Sorts by time, and is a good folder name.
pub fn run_id(now: SystemTime, suite: &str) -> String {
    let time = humantime::format_rfc3339_seconds(now).to_string();
    let digits: String = time.chars().filter(|c| c.is_ascii_digit() || *c == 'T').collect();
    format!("{}-{suite}", digits.replace('T', "-"))
}

/// A new seed: short enough to be typed in again.
pub fn seed_of(now: SystemTime) -> u64 {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::from(since.subsec_nanos()) ^ (since.as_secs() & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::Overrides;
    use crate::bench::suite::File;

    #[test]
    fn a_run_s_id_says_when_and_what() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(run_id(time, "quick"), "20231114-221320-quick");
    }

    #[test]
    fn a_workload_that_must_be_sized_waits_for_the_calibration() {
        let file = File::find("full").unwrap();
        let plan = Plan::new(&file.parse().unwrap(), &Overrides::default(), &[], 2, 1).unwrap();
        let paths: Vec<String> = plan.workloads.iter().map(|it| workload(it).path).collect();
        assert_eq!(paths, ["/", "/work?rounds=1", "/", "95:/,5:/work?rounds=1"]);
    }
}
