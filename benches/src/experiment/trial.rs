//! One trial: a fresh server, a fresh generator, and what they did to each other.
//!
//! Reads as a table of contents: start, measure between two snapshots of all CPU clocks, end, check
//! that both sides' books agree. Whatever goes wrong becomes one line in the record, and the run
//! goes on. Next: [`super::conservation`] and [`super::accounting`] for the two checks.

use std::path::Path;
use std::time::Duration;

use reports::record::{Cpus, TrialResult, Worker, Workload};

use super::accounting::{Owners, account};
use super::children::WaitError;
use super::conservation;
use super::events::Books;
use super::generator::{Bound, Generator, Load, LoadError};
use super::interrupt::Interrupt;
use super::snapshot::Snapshot;
use super::target::{Serve, StopError, Target};

/// What a trial needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// How connections are shared out.
    pub mode: &'a str,
    /// How many workers.
    pub workers: u32,
    /// What is asked of them.
    pub workload: &'a Workload,
    /// Where both sides run.
    pub cpus: &'a Cpus,
    /// Not measured.
    pub warmup: Duration,
    /// Measured.
    pub duration: Duration,
    /// For files of this trial's life.
    pub folder: &'a Path,
}

/// Why a trial has no result.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The user wants to stop: the trial is as if it had never begun.
    #[error("interrupted")]
    Interrupted,
    /// It failed, for the reason in this line.
    #[error("{0}")]
    Failed(String),
}

/// Runs one trial from its first process to its last.
///
/// # Errors
/// [`TrialError`]; no process is left behind in any case.
pub fn run(setup: &Setup<'_>, interrupt: &Interrupt) -> Result<TrialResult, TrialError> {
    let serve = Serve { mode: setup.mode, workers: setup.workers, cpus: &setup.cpus.server };
    let target = Target::start(&serve, setup.folder, interrupt)?;
    let opening = target.books(setup.workers)?;

    let url = format!("{}{}", target.url(), setup.workload.path);
    let mut generator = Generator::start(&setup.load(&url))?;
    let owners = Owners {
        workers: opening.pids(),
        master: opening.master.unwrap_or_else(|| target.pid()),
        load: generator.pid(),
    };
    generator.await_measurement(interrupt)?;
    let before = Snapshot::take(&owners.pids())?;
    generator.await_drain(interrupt)?;
    let after = Snapshot::take(&owners.pids())?;
    let mut result = generator.finish(interrupt)?;
    let books = target.stop(interrupt)?;

    enter_workers(&mut result, &books, &setup.cpus.server);
    result.cpu = account(&before, &after, &owners, &mut result.workers);
    judge(&mut result, &books);
    Ok(result)
}

impl Setup<'_> {
    fn load<'a>(&'a self, url: &'a str) -> Load<'a> {
        Load {
            url,
            connections: self.workload.connections,
            keepalive: self.workload.keepalive,
            cpus: &self.cpus.load,
            bound: Bound::Time { warmup: self.warmup, duration: self.duration },
        }
    }
}

/// Enters what the server counted beside what the generator saw; a worker that never answered has a
/// line too.
fn enter_workers(result: &mut TrialResult, books: &Books, cpus: &[u32]) {
    for (id, life) in &books.workers {
        let known = result.workers.iter().position(|worker| worker.id == Some(*id));
        let place = known.unwrap_or_else(|| {
            result.workers.push(Worker { id: Some(*id), ..Worker::default() });
            result.workers.len() - 1
        });
        let worker = &mut result.workers[place];
        worker.pid = Some(life.pid);
        worker.connections = life.connections;
        worker.requests = life.requests;
        worker.cpu = cpus.get((*id as usize).saturating_sub(1) % cpus.len().max(1)).copied();
    }
    result.workers.sort_by_key(|worker| (worker.id.unwrap_or(u32::MAX), worker.pid));
}

/// Makes the result invalid, with the reasons, when it does not show what it claims to.
fn judge(result: &mut TrialResult, books: &Books) {
    let mut wrong = conservation::check(result, books);
    for (id, life) in &books.workers {
        for crash in &life.crashes {
            wrong.push(format!("Worker {id} ended without having been asked to ({crash})."));
        }
        if life.exits == 0 {
            wrong.push(format!("The server does not tell how worker {id} ended."));
        }
    }
    // A generator that found this out by itself has said so.
    if result.requests == 0 && result.valid {
        wrong.push("Not one request was answered in the measured window.".to_owned());
    }
    result.valid &= wrong.is_empty();
    result.reasons.extend(wrong);
}

impl From<WaitError> for TrialError {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::Interrupted => Self::Interrupted,
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<LoadError> for TrialError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Wait(error) => error.into(),
            LoadError::Bad(why) => Self::Failed(why),
        }
    }
}

impl From<StopError> for TrialError {
    fn from(error: StopError) -> Self {
        match error {
            StopError::Wait(error) => error.into(),
            StopError::Bad(why) => Self::Failed(why),
        }
    }
}

impl From<String> for TrialError {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::events::Life;
    use reports::record::Lifetime;

    fn books() -> Books {
        let life =
            |pid, requests| Life { pid, requests, connections: 4, exits: 1, crashes: vec![] };
        Books { master: Some(9), workers: [(1, life(11, 50)), (2, life(12, 0))].into() }
    }

    fn result() -> TrialResult {
        TrialResult {
            requests: 40,
            valid: true,
            workers: vec![Worker { id: Some(1), client_requests: 50, ..Worker::default() }],
            lifetime: Lifetime { sent: 50, answered: 50, ..Lifetime::default() },
            ..TrialResult::default()
        }
    }

    #[test]
    fn a_worker_that_never_answered_has_a_line_too() {
        let mut result = result();
        enter_workers(&mut result, &books(), &[0, 1]);
        assert_eq!(result.workers.len(), 2);
        assert_eq!((result.workers[1].id, result.workers[1].pid), (Some(2), Some(12)));
        assert_eq!((result.workers[0].cpu, result.workers[1].cpu), (Some(0), Some(1)));
        assert_eq!((result.workers[0].connections, result.workers[0].requests), (4, 50));
    }

    #[test]
    fn agreeing_books_leave_a_result_valid() {
        let mut result = result();
        judge(&mut result, &books());
        assert!(result.valid && result.reasons.is_empty(), "{:?}", result.reasons);
    }

    #[test]
    fn a_lost_answer_makes_it_invalid_with_a_reason() {
        let mut result = result();
        let mut books = books();
        books.workers.get_mut(&1).unwrap().requests = 51;
        judge(&mut result, &books);
        assert!(!result.valid);
        assert_eq!(result.reasons.len(), 1);
    }

    #[test]
    fn a_crash_and_a_missing_end_make_it_invalid() {
        let mut books = books();
        books.workers.get_mut(&1).unwrap().crashes.push("crashed".to_owned());
        books.workers.get_mut(&2).unwrap().exits = 0;
        let mut result = result();
        judge(&mut result, &books);
        assert!(!result.valid);
        assert_eq!(result.reasons.len(), 2);
    }

    #[test]
    fn what_the_generator_found_invalid_stays_so() {
        let mut result = TrialResult { valid: false, ..result() };
        judge(&mut result, &books());
        assert!(!result.valid);
    }
}
