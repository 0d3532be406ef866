//! One trial: a fresh server, a fresh generator, and what they did to each other.
//!
//! Reads as a table of contents: start, measure between two snapshots of all CPU clocks, end, check
//! that both sides' books agree. Whatever goes wrong becomes one line in the record, and the run
//! goes on.

use std::path::Path;
use std::time::{Duration, Instant};

use reports::record::{Cpus, TrialResult, Worker};

use super::count_check;
use super::cpu_accounting::{account, account_for_ended};
use super::observer::{Observer, Told};
use super::plan::sized::Inputs;
use super::warmup;
use super::watch::queue::Refusals;
use super::watch::{Seen, Watch};
use crate::harness::cpu_quota as quota;
use crate::harness::cpu_snapshot::Snapshot;
use crate::harness::interrupt::Interrupt;
use crate::harness::load_process::{Bound, Generator, Load, Schedule};
use crate::harness::process::{EndError, WaitError};
use crate::harness::server_counts::{Crash, ServerCounts};
use crate::harness::target::{Serve, Server};

/// What a trial needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// The file of `hello-cluster`.
    pub program: &'a Path,
    /// What is measured.
    pub inputs: Inputs<'a>,
    /// Where both sides run.
    pub cpus: &'a Cpus,
    /// Not measured.
    pub warmup: Duration,
    /// Measured.
    pub duration: Duration,
    /// For files of this trial's life.
    pub folder: &'a Path,
    /// Somebody who looks on, and may act by the address for operators; a bench has nobody.
    pub observer: Option<&'a Observer>,
}

/// Why a trial has no result.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    Failed(String),
}

/// Runs one trial from its first process to its last; none is left behind in any case.
pub fn run(setup: &Setup<'_>, interrupt: &Interrupt) -> Result<TrialResult, TrialError> {
    let serve = setup.serve();
    let server = Server::start(&serve, setup.folder, interrupt)?;
    let mut processes = server.processes();
    let bound = processes.first().and_then(|process| quota::Bound::of(*process));

    setup.tell(|| Told::serving(&server));
    let refusals = Refusals::read();
    let ear = setup.observer.map(Observer::ear);
    let mut generator = Generator::start(&setup.load(server.url()), ear)?;
    let load = generator.pid();
    setup.tell(|| Told::Loading { pid: load });
    processes.push(load);
    let watch = Watch::begin(processes.clone(), port_of(server.url()));
    generator.await_measurement(interrupt)?;
    setup.tell(|| Told::Measuring(Instant::now()));
    let throttled = bound.as_ref().map(quota::Bound::counters);
    let before = Snapshot::take(&processes)?;
    generator.await_drain(interrupt)?;
    setup.tell(|| Told::Measured);
    let after = Snapshot::take(&processes)?;
    let quota = bound.zip(throttled).map(|(bound, then)| bound.figures(then, bound.counters()));
    let seen = watch.map(Watch::end).unwrap_or_default();
    let loaded = generator.finish(interrupt)?;
    let mut result = loaded.result;
    let owners = server.owners(&result.workers, &after, load);
    let pinned = if server.pins_workers(&serve) { serve.cpus } else { &[] };
    let books = server.stop(interrupt)?;

    match &books {
        Some(books) => enter_books(&mut result, books),
        None => enter_processes(&mut result, &owners.workers),
    }
    result.cpu = account(&before, &after, &owners, &mut result.workers);
    if let Some(books) = &books {
        account_for_ended(&mut result.cpu, &before, &after, &books.ended);
    }
    result.cpu.quota = quota;
    result.accept = seen.queue.figures(refusals, Refusals::read());
    enter_places(&mut result, pinned, &seen, load);
    result.warmup = warmup::classify(loaded.warmup, &result.series);
    judge(&mut result, books.as_ref(), setup.observer.map_or(&[], Observer::kills));
    setup.tell(|| Told::ServerCounts(books.unwrap_or_default()));
    Ok(result)
}

impl Setup<'_> {
    fn serve(&self) -> Serve<'_> {
        Serve {
            program: self.program,
            target: self.inputs.target,
            mode: &self.inputs.cell.mode,
            workers: self.inputs.cell.workers,
            cpus: &self.cpus.server,
            admin: self.observer.is_some(),
        }
    }

    fn tell(&self, told: impl FnOnce() -> Told) {
        if let Some(observer) = self.observer {
            observer.tell(told());
        }
    }

    fn load<'b>(&'b self, url: &'b str) -> Load<'b> {
        let workload = self.inputs.workload;
        let arrivals = &workload.arrivals;
        Load {
            program: self.program,
            url,
            paths: &workload.path,
            schedule: workload.rate_rps.map(|rate_rps| Schedule { rate_rps, arrivals }),
            connections: workload.connections,
            keepalive: workload.keepalive,
            cpus: &self.cpus.load,
            seed: self.inputs.seed,
            bound: Bound::Time { warmup: self.warmup, duration: self.duration },
            tools: &workload.tools,
            snapshots: self.observer.is_some(),
        }
    }
}

/// The port behind a server's URL.
fn port_of(url: &str) -> Option<u16> {
    loadgen::target::Target::parse(url).ok().map(|target| target.port)
}

/// Enters what the server counted beside what the generator saw; a worker that never answered has a
/// line too.
fn enter_books(result: &mut TrialResult, books: &ServerCounts) {
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
    }
    result.workers.sort_by_key(|worker| (worker.id.unwrap_or(u32::MAX), worker.pid));
}

/// Enters the workers of a server that keeps no books: those that never answered have a line too.
fn enter_processes(result: &mut TrialResult, workers: &[u32]) {
    for pid in workers {
        if !result.workers.iter().any(|worker| worker.pid == Some(*pid)) {
            result.workers.push(Worker { pid: Some(*pid), ..Worker::default() });
        }
    }
    result.workers.sort_by_key(|worker| (worker.id.unwrap_or(u32::MAX), worker.pid));
}

/// Enters where everything was to run and where it ran; `pinned` are the CPUs of workers that have
/// one each, and empty where they have not.
fn enter_places(result: &mut TrialResult, pinned: &[u32], seen: &Seen, load: u32) {
    for (place, worker) in result.workers.iter_mut().enumerate() {
        worker.ran_on = worker.pid.map(|pid| seen.cpus_of(pid)).unwrap_or_default();
        let place = worker.id.map_or(place, |id| (id as usize).saturating_sub(1));
        worker.cpu = pinned.get(place % pinned.len().max(1)).copied();
    }
    let threads = seen.cpus_of_threads(load);
    if threads.len() == result.threads.len() {
        for (thread, cpus) in result.threads.iter_mut().zip(threads) {
            thread.ran_on = cpus;
        }
    }
}

/// Makes the result invalid, with the reasons, when it does not show what it claims to. A server
/// without books cannot be checked: the record says so of its target. `kills` are the ids of workers
/// that an onlooker killed, once for each time.
fn judge(result: &mut TrialResult, books: Option<&ServerCounts>, kills: &[u32]) {
    let mut wrong = books.map_or_else(Vec::new, |books| count_check::check(result, books));
    for (id, life) in books.iter().flat_map(|books| &books.workers) {
        let meant = kills.iter().filter(|killed| *killed == id).count();
        for Crash { reason, .. } in life.crashes.iter().skip(meant) {
            wrong.push(format!("Worker {id} ended without having been asked to ({reason})."));
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

impl From<EndError> for TrialError {
    fn from(error: EndError) -> Self {
        match error {
            EndError::Wait(error) => error.into(),
            EndError::Bad(why) => Self::Failed(why),
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
    use crate::harness::server_counts::Life;
    use reports::record::Lifetime;

    fn books() -> ServerCounts {
        let life =
            |pid, requests| Life { pid, requests, connections: 4, exits: 1, crashes: vec![] };
        let workers = [(1, life(11, 50)), (2, life(12, 0))].into();
        ServerCounts { master: Some(9), workers, ..ServerCounts::default() }
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
        enter_books(&mut result, &books());
        assert_eq!(result.workers.len(), 2);
        assert_eq!((result.workers[1].id, result.workers[1].pid), (Some(2), Some(12)));
        assert_eq!((result.workers[0].connections, result.workers[0].requests), (4, 50));
    }

    #[test]
    fn a_stranger_s_worker_that_never_answered_has_a_line_too() {
        let worker = |pid| Worker { pid: Some(pid), ..Worker::default() };
        let mut result = TrialResult { workers: vec![worker(7)], ..TrialResult::default() };
        enter_processes(&mut result, &[7, 8]);
        assert_eq!(result.workers, [worker(7), worker(8)]);
    }

    /// Whether [`result`] is valid by the books, changed for both workers, and the number of reasons.
    fn judged(change: impl FnOnce(&mut Life, &mut Life), kills: &[u32]) -> (bool, usize) {
        let (mut result, mut books) = (result(), books());
        let mut lives = books.workers.values_mut();
        change(lives.next().unwrap(), lives.next().unwrap());
        judge(&mut result, Some(&books), kills);
        (result.valid, result.reasons.len())
    }

    #[test]
    fn agreeing_books_leave_a_result_valid() {
        assert_eq!(judged(|_, _| (), &[]), (true, 0));
    }

    #[test]
    fn a_lost_answer_makes_it_invalid_with_a_reason() {
        assert_eq!(judged(|one, _| one.requests = 51, &[]), (false, 1));
    }

    #[test]
    fn a_crash_and_a_missing_end_make_it_invalid() {
        let change = |one: &mut Life, two: &mut Life| {
            one.crashes.push(Crash::with_open(0));
            two.exits = 0;
        };
        assert_eq!(judged(change, &[]), (false, 2));
    }

    #[test]
    fn a_worker_may_end_as_often_as_an_onlooker_killed_it() {
        for (kills, valid) in [(&[1][..], false), (&[2, 2], false), (&[1, 1], true)] {
            let twice = |one: &mut Life, _: &mut Life| one.crashes = vec![Crash::with_open(0); 2];
            assert_eq!(judged(twice, kills).0, valid, "{kills:?}");
        }
    }

    #[test]
    fn what_the_generator_found_invalid_stays_so() {
        let mut result = TrialResult { valid: false, ..result() };
        judge(&mut result, Some(&books()), &[]);
        assert!(!result.valid);
    }
}
