//! A lab performed: planned, run round by round before whoever watches, and saved with its sheet, its
//! page and its handout.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use reports::format::count;
use reports::record::{Outcome, Record, Trial};

use super::lab::Lab;
use super::observe::{self, open_when_killed};
use super::sheet;
use super::trial_driver::{Scene, Seen, drive};
use crate::bench::new_record::{begin, run_id, seed_of};
use crate::bench::placement::topology::{SYSFS, Topology};
use crate::bench::run::{Run, look_at};
use crate::bench::store::Store;
use crate::bench::{self, report_output};
use crate::harness::interrupt::Interrupt;
use crate::harness::process::this_program;

#[derive(Debug)]
pub struct Finished {
    pub record: Record,
    /// The folder with `record.json`, `index.html` and `handout.html`.
    pub folder: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum LabError {
    #[error("interrupted; saved in {}: {}", folder.display(), count(*trials as u64, "finished round"))]
    Interrupted { trials: usize, folder: PathBuf },
    #[error(transparent)]
    Experiment(#[from] bench::Error),
}

/// Performs a lab; `guesses` are in the order of the items, `out` replaces `reports/out/<run-id>`.
/// A failed round is no error: it is in the record, and on the sheet.
pub fn run(
    lab: &'static Lab,
    guesses: &[Option<f64>],
    short: bool,
    out: Option<&Path>,
    interrupt: &Interrupt,
    show: &mut dyn FnMut(Scene),
) -> Result<Finished, LabError> {
    let allowed = crate::sys::clocks::allowed_cpus()
        .map_err(|why| bench::Error::System("read the CPUs that may be used", why.into()))?;
    let topology = Topology::read(Path::new(SYSFS), &allowed);
    let now = SystemTime::now();
    let plan = lab.plan(short, allowed.len() as u32, seed_of(now));
    let store = Store::create(out, &run_id(now, lab.name())).map_err(|why| {
        bench::Error::of_file("write to", out.unwrap_or(Path::new("reports/out")))(why)
    })?;
    let (targets, _) = look_at(&plan.targets);
    let mut record = begin(&plan, &topology, targets, now, command(lab, short));
    let program = this_program().map_err(|why| bench::Error::System("find this program", why))?;
    let run = Run { program: &program, plan: &plan, topology: &topology, store: &store, interrupt };
    let runs = rounds(lab, run, &mut record, show)?;
    if runs.len() < plan.trials.len() {
        let folder = store.folder().to_owned();
        return Err(LabError::Interrupted { trials: runs.len(), folder });
    }
    record.lab = Some(sheet::fill_in(lab, guesses, short, &runs));
    save(run, &record)?;
    Ok(Finished { record, folder: store.folder().to_owned() })
}

/// Runs the rounds, saving the record after each; fewer than were planned when the user stops.
fn rounds(
    lab: &'static Lab,
    run: Run<'_>,
    record: &mut Record,
    show: &mut dyn FnMut(Scene),
) -> Result<Vec<observe::Run>, LabError> {
    let mut runs = Vec::with_capacity(run.plan.trials.len());
    let Some(sized) = run.prepare(record)? else { return Ok(runs) };
    let (of, seconds) = (run.plan.trials.len() as u32, run.plan.trial_estimate().as_secs_f64());
    for inputs in sized.trials() {
        let (workload, number) = (inputs.workload.clone(), inputs.planned.order + 1);
        let round = &lab.round.0[inputs.planned.cell];
        show(Scene::Round { number, of, round, workload, seconds });
        let Some((mut trial, seen)) = drive(run, inputs, round, show) else { break };
        check_kills(&mut trial, &seen);
        record.trials.push(trial.clone());
        run.save(record)?;
        let done = observe::Run { trial, seen };
        show(Scene::Ended { text: sheet::in_words(&done) });
        runs.push(done);
    }
    Ok(runs)
}

/// A killed process takes its connections with it, each with one request at most. A trial with more
/// failures, or those of others, shows something else.
fn check_kills(trial: &mut Trial, seen: &Seen) {
    let Outcome::Result(result) = &mut trial.outcome else { return };
    let (failed, open) = (result.lifetime.failed, open_when_killed(seen));
    if failed > open {
        result.valid = false;
        result.reasons.push(format!(
            "{failed} requests failed, but the processes that were killed had {open} connections open."
        ));
    }
}

fn save(run: Run<'_>, record: &Record) -> Result<(), bench::Error> {
    run.save(record)?;
    report_output::draw(record, run.store)?;
    let handout = reports::page::handout::render(record)?;
    let path = run.store.handout();
    run.store.save_handout(&handout).map_err(bench::Error::of_file("write", &path))
}

fn command(lab: &Lab, short: bool) -> String {
    let short = if short { " --short" } else { "" };
    format!("hello-cluster demo --rehearse {}{short}", lab.name())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use reports::record::{Lifetime, TrialResult};

    use super::super::observe::tests::trial;
    use super::*;
    use crate::harness::server_counts::{Crash, Life, ServerCounts};

    #[test]
    fn as_many_requests_may_fail_as_killed_processes_had_connections_open() {
        let crashes = [3, 1].map(Crash::with_open).into();
        let life = Life { crashes, ..Life::default() };
        let books =
            ServerCounts { workers: BTreeMap::from([(1, life)]), ..ServerCounts::default() };
        let seen = Seen { books, ..Seen::default() };
        for (failed, valid) in [(0, true), (4, true), (5, false)] {
            let lifetime = Lifetime { failed, ..Lifetime::default() };
            let mut trial = trial(0, TrialResult { lifetime, ..TrialResult::default() });
            check_kills(&mut trial, &seen);
            assert_eq!(trial.result().map(|result| result.valid), Some(valid), "{failed}");
        }
    }
}
