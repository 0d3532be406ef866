//! One run with a fault: started, meddled with, and what its diagnosis says first.

use std::path::Path;
use std::time::Duration;

use hello_cluster::harness::cpu_snapshot::allowed_cpus;
use reports::analysis::Analysis;
use reports::analysis::diagnosis::Diagnosis;
use reports::record::{Outcome as TrialOutcome, Record};

use super::cgroup::Group;
use super::injection::inject;
use super::{Fault, Way};
use crate::env::{Failure, TestEnv};
use crate::experiment::bench_run::BenchRun;
use crate::experiment::suite::{Suite, Target};

/// How long a run may take: a stopped worker holds up its clients and its server's end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A queue with room for next to nothing: the kernel takes one more than it is told.
const BACKLOG: &str = "1";

#[derive(Debug)]
pub struct Found {
    /// Whether the right cause was named first, or, of the control, none that is a fault.
    pub right: bool,
    pub named: String,
    /// The place of the right cause among those named, from 1; `None` where it was not named.
    pub place: Option<usize>,
    /// Cores that others used, the neighbour that was started on purpose included.
    pub others: f64,
}

pub enum Outcome {
    Found(Found),
    Skipped(String),
}

pub fn run(env: &TestEnv, fault: &Fault, kept: Option<&Path>) -> Result<Outcome, Failure> {
    let group = match fault.way {
        Way::Quota => match Group::make() {
            Ok(group) => Some(group),
            Err(why) => return Ok(Outcome::Skipped(why)),
        },
        _ => None,
    };
    let allowed = allowed_cpus().map_err(Failure::cannot("read the CPUs allowed"))?;
    let cpu = allowed.first().copied().filter(|_| matches!(fault.way, Way::OneCpu));
    let targets = targets(env, fault, group.as_ref());
    let suite = Suite { targets: &targets, ..fault.suite };
    let mut bench = BenchRun::start(env, &suite.text()?, None, cpu)?;
    let neighbour = inject(env, &mut bench, &fault.way)?;
    let record = bench.record(PATIENCE)?;
    drop(neighbour);
    if let Some(path) = kept {
        bench.keep(path)?;
    }
    Ok(Outcome::Found(judge(fault, &record)))
}

/// The servers that the suite's own way cannot start.
fn targets(env: &TestEnv, fault: &Fault, group: Option<&Group>) -> Vec<Target> {
    let serve = |further: &[&str]| Target::serve("faulty", &env.program, fault.suite.mode, further);
    match (&fault.way, group) {
        (Way::Quota, Some(group)) => {
            let entrance = group.entrance();
            vec![serve(&[]).started_by(&entrance.each_ref().map(String::as_str))]
        }
        (Way::Backlog, _) => vec![serve(&["--backlog", BACKLOG])],
        _ => Vec::new(),
    }
}

/// Reads the diagnosis as the page shows it.
fn judge(fault: &Fault, record: &Record) -> Found {
    let analysis = Analysis::of(record);
    let mut cells = analysis.workloads.iter().flat_map(|workload| &workload.cells);
    let diagnosis = cells.next().and_then(|figures| figures.diagnosis.as_ref());
    Found {
        right: diagnosis.is_some_and(|diagnosis| is_right(fault, diagnosis)),
        named: diagnosis.map_or_else(|| why_not(record), named),
        place: diagnosis.and_then(|diagnosis| place(fault, diagnosis)),
        others: others(record),
    }
}

fn is_right(fault: &Fault, diagnosis: &Diagnosis) -> bool {
    let first = diagnosis.first().map(|finding| finding.cause);
    match fault.right {
        Some(cause) => first == Some(cause),
        None => first.is_none_or(|cause| !cause.is_fault()),
    }
}

fn place(fault: &Fault, diagnosis: &Diagnosis) -> Option<usize> {
    let mut causes = diagnosis.causes.iter().map(|finding| Some(finding.cause));
    causes.position(|cause| cause == fault.right).map(|index| index + 1)
}

fn named(diagnosis: &Diagnosis) -> String {
    let words = diagnosis.words();
    diagnosis.first().map_or(words.to_owned(), |first| format!("{words}: {}", first.evidence))
}

fn why_not(record: &Record) -> String {
    let mut errors = record.trials.iter().filter_map(|trial| match &trial.outcome {
        TrialOutcome::Error(why) => Some(why.as_str()),
        TrialOutcome::Result(_) => None,
    });
    format!("nothing: {}", errors.next_back().unwrap_or("there is no trial"))
}

fn others(record: &Record) -> f64 {
    let results = record.trials.iter().filter_map(|trial| trial.result());
    results
        .filter(|result| result.cpu.elapsed_s > 0.0)
        .map(|result| (result.cpu.other_s + result.cpu.steal_s) / result.cpu.elapsed_s)
        .fold(0.0, f64::max)
}
