//! Which trials may be used, which may not and why, and whether both sides' books agree.
//! Nothing is hidden: what is left out of the figures is listed.

use crate::analysis::cells::Series;
use crate::record::{Outcome, Record, Trial, TrialResult};

/// The state of a run's trials.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Validity {
    pub planned: usize,
    pub run: usize,
    pub valid: usize,
    /// Valid trials that the generator's own speed bounded.
    pub generator_limited: usize,
    /// Trials left out of the figures, in the order in which they ran.
    pub left_out: Vec<LeftOut>,
    /// Remarks on valid trials, with the number of trials that have each, most frequent first.
    pub remarks: Vec<(String, usize)>,
    /// Requests of valid trials that ended in an error.
    pub errors: u64,
    /// Trials in which the books of both sides could be compared.
    pub compared: usize,
    /// Trials of these in which they agree, worker by worker.
    pub agreeing: usize,
}

/// A trial that is not in the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Place in the order of the run, from 1.
    pub order: u32,
    /// `hello, reuseport, 2 workers, block 3`.
    pub what: String,
    /// Whether it ran to its end (and is invalid) or not (and failed).
    pub finished: bool,
    pub why: String,
}

impl Validity {
    /// Goes through all trials of a record.
    pub fn of(record: &Record) -> Self {
        let mut validity = Self {
            planned: (record.suite.planned_trials as usize).max(record.trials.len()),
            run: record.trials.len(),
            ..Self::default()
        };
        for trial in &record.trials {
            validity.count(trial);
        }
        validity.left_out.sort_by_key(|trial| trial.order);
        validity.remarks.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        validity
    }

    /// Whether the run ended before its plan did.
    pub fn interrupted(&self) -> bool {
        self.run < self.planned
    }

    /// Whether every trial of the plan ran and is valid.
    pub fn complete(&self) -> bool {
        self.run > 0 && self.valid == self.planned
    }

    fn count(&mut self, trial: &Trial) {
        let result = match &trial.outcome {
            Outcome::Error(why) => return self.leave_out(trial, false, why.clone()),
            Outcome::Result(result) => result,
        };
        if let Some(agree) = books_agree(result) {
            self.compared += 1;
            self.agreeing += usize::from(agree);
        }
        if !result.valid {
            let why = if result.reasons.is_empty() {
                "marked as not valid, without a reason".to_owned()
            } else {
                result.reasons.join("; ")
            };
            return self.leave_out(trial, true, why);
        }
        self.valid += 1;
        self.generator_limited += usize::from(result.generator_limited);
        self.errors += result.errors.total();
        for reason in &result.reasons {
            match self.remarks.iter_mut().find(|(remark, _)| remark == reason) {
                Some((_, trials)) => *trials += 1,
                None => self.remarks.push((reason.clone(), 1)),
            }
        }
    }

    fn leave_out(&mut self, trial: &Trial, finished: bool, why: String) {
        let series = Series { target: trial.target.clone(), mode: trial.mode.clone() };
        let what = format!(
            "{}, {}, {}, block {}",
            trial.workload,
            series.label(),
            crate::format::count(u64::from(trial.workers), "worker"),
            trial.block + 1
        );
        self.left_out.push(LeftOut { order: trial.order + 1, what, finished, why });
    }
}

/// Whether each worker's count of answers lies between the client's count and that plus what the
/// client gave up; `None` when the server keeps no count.
fn books_agree(result: &TrialResult) -> Option<bool> {
    let known = result.workers.iter().any(|worker| worker.requests > 0);
    known.then(|| {
        let surplus: Option<u64> = result
            .workers
            .iter()
            .map(|worker| worker.requests.checked_sub(worker.client_requests))
            .sum();
        surplus.is_some_and(|surplus| surplus <= result.lifetime.failed)
    })
}
