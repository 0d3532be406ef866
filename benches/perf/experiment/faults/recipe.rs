//! `faults`: eight faults and a clean control; counts how often the diagnosis names the right cause first.
//!
//! On a noisy machine a neighbour *is* there, and naming it is no mistake; so the most that others took is
//! printed with the result.

use std::path::PathBuf;

use super::run::{Found, Outcome, run as run_one};
use super::{ALL, Fault};
use crate::env::figures::Bounds;
use crate::env::{Failure, TestEnv};

/// The least share of runs with a fault in which its cause is named first.
const LEAST: (usize, usize) = (9, 10);

/// The fault that is a neighbour, whom nobody need be told of.
const NEIGHBOUR: &str = "neighbour";

#[derive(clap::Args)]
pub struct Options {
    /// Runs of each fault
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Only these
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = ALL.each_ref().map(|fault| fault.name))]
    only: Vec<String>,
    /// Folder for the record of each run
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

struct Row<'a> {
    fault: &'a Fault,
    found: Vec<Found>,
}

pub fn run(env: &TestEnv, options: &Options) -> Result<(), Failure> {
    if let Some(folder) = &options.keep {
        let made = std::fs::create_dir_all(folder);
        made.map_err(Failure::cannot(format!("make {}", folder.display())))?;
    }
    println!(
        "{} runs of each fault, a trial of 2 s each; first: the cause named first",
        options.runs
    );
    println!("{:<16} {:>5} {:>12}  again", "fault", "runs", "right first");
    let wanted = |fault: &&Fault| {
        options.only.is_empty() || options.only.iter().any(|name| name == fault.name)
    };
    let mut rows = Vec::new();
    for fault in ALL.iter().filter(wanted) {
        rows.extend(row(env, options, fault)?);
    }
    judge(&rows)
}

/// Runs a fault, and prints its line; `None` when it cannot be brought about here.
fn row<'a>(env: &TestEnv, options: &Options, fault: &'a Fault) -> Result<Option<Row<'a>>, Failure> {
    let mut found = Vec::new();
    for number in 1..=options.runs {
        let file = format!("{}-{number}.json", fault.name);
        let kept = options.keep.as_ref().map(|folder| folder.join(file));
        match run_one(env, fault, kept.as_deref()) {
            Ok(Outcome::Found(one)) => found.push(one),
            Ok(Outcome::Skipped(why)) => {
                println!("{:<16} skipped: {why}", fault.name);
                return Ok(None);
            }
            Err(failure) => {
                if !found.is_empty() {
                    print(&Row { fault, found });
                }
                return Err(failure);
            }
        }
    }
    let row = Row { fault, found };
    print(&row);
    Ok(Some(row))
}

fn print(row: &Row<'_>) {
    let (name, runs) = (row.fault.name, row.found.len());
    let again = format!("just perf experiment faults --runs {runs} --only {name}");
    println!("{name:<16} {runs:>5} {:>12}  {again}", row.right());
    for wrong in row.found.iter().filter(|found| !found.right) {
        let place = wrong
            .place
            .map_or(String::new(), |place| format!(" (the right one is number {place})"));
        println!("{:<16} instead: {}{place}", "", wrong.named);
    }
}

fn judge(rows: &[Row<'_>]) -> Result<(), Failure> {
    let others = rows.iter().filter(|row| row.fault.name != NEIGHBOUR).flat_map(|row| &row.found);
    let most = others.map(|found| found.others).fold(0.0, f64::max);
    println!(
        "others took up to {most:.2} cores in a trial, the neighbour that belongs there aside"
    );
    let count = |rows: &[&Row<'_>]| -> (usize, usize) {
        (rows.iter().map(|row| row.right()).sum(), rows.iter().map(|row| row.found.len()).sum())
    };
    let (controls, faults): (Vec<&Row<'_>>, Vec<_>) =
        rows.iter().partition(|row| row.fault.right.is_none());
    let ((clean, of_controls), (right, of_faults)) = (count(&controls), count(&faults));
    if of_controls + of_faults == 0 {
        return Err(Failure::broken("nothing could be run"));
    }
    let (share, of) = LEAST;
    let mut bounds = Bounds::default();
    bounds.require(right * of >= of_faults * share, || {
        format!("the right cause came first in {right} of {of_faults} runs, not in {share} of {of}")
    });
    bounds.require(clean == of_controls, || {
        format!("the control named a fault in {} of {of_controls} runs", of_controls - clean)
    });
    let met = [
        (of_faults, format!("the right cause came first in {right} of {of_faults} runs")),
        (of_controls, format!("the control named no fault in {of_controls} runs")),
    ];
    let met: Vec<String> =
        met.into_iter().filter(|(runs, _)| *runs > 0).map(|(_, words)| words).collect();
    bounds.verdict(&met.join("; "))
}

impl Row<'_> {
    fn right(&self) -> usize {
        self.found.iter().filter(|found| found.right).count()
    }
}
