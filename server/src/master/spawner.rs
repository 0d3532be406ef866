//! Starting workers: every slot filled, and a successor for whoever is to be replaced.

use std::os::fd::OwnedFd;
use std::time::Instant;

use super::context::Context;
use super::dispatcher::Dispatcher;
use super::fd_reserve::FdReserve;
use super::handle::WorkerHandle;
use super::rolling_restart::RollingRestart;
use super::workers::Workers;
use crate::events::{Event, ProcessId};
use crate::listener::Group;
use crate::mode::Intake;
use crate::scoreboard::{Scoreboard, Slot};
use crate::sys::process::{self, Forked};
use crate::sys::{SysError, fdpass, signal::Signals};
use crate::worker::{Terms, Worker};
use crate::{Error, chance, say};

/// Slots of the scoreboard for each worker that there may be: its process, its successor, and
/// predecessors that still drain.
const PROCESSES_PER_WORKER: u32 = 4;

/// How often each worker may die at the start before the master gives the whole cluster up.
const MAX_FAILED_STARTS: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct StartupFailures {
    pub ever_ready: bool,
    /// Processes that died before they were ready, as long as none has been.
    count: u32,
    last: String,
}

impl StartupFailures {
    pub fn record(&mut self, how: String) {
        if !self.ever_ready {
            self.count += 1;
            self.last = how;
        }
    }

    /// Why the cluster is to be given up, when worker after worker died before any was ready.
    pub fn fatal(&self, workers: u32) -> Option<Error> {
        let failed = !self.ever_ready && self.count >= MAX_FAILED_STARTS * workers;
        failed.then(|| Error::NoWorker { deaths: self.count, last: self.last.clone() })
    }
}

pub(super) struct Spawner {
    scoreboard: Scoreboard,
    pub fd_reserve: FdReserve,
    pub startup: StartupFailures,
}

/// When the next process is to be forked, if one is.
pub(super) fn next_start(workers: &Workers, restart: &RollingRestart) -> Option<Instant> {
    let empty = workers.wanted_slots().iter().filter(|slot| slot.is_empty());
    empty.chain(restart.next_slot(workers)).map(|slot| slot.backoff.due()).min()
}

impl Spawner {
    pub fn open(max_workers: u32) -> Result<Self, SysError> {
        let scoreboard = Scoreboard::new(PROCESSES_PER_WORKER * max_workers)?;
        let (fd_reserve, startup) = Default::default();
        Ok(Self { scoreboard, fd_reserve, startup })
    }

    /// Forks a process for every empty slot that is due, and the next successor. In a child,
    /// returns the worker that it is to be.
    pub fn start_due(
        &mut self,
        workers: &mut Workers,
        restart: &RollingRestart,
        dispatcher: &Dispatcher,
        listeners: &mut Group,
        context: &mut Context<'_>,
    ) -> Option<Worker> {
        for index in 0..workers.wanted as usize {
            let slot = &workers.slots[index];
            if slot.is_empty()
                && slot.backoff.is_due()
                && let Some(worker) = self.start(index, workers, dispatcher, listeners, context)
            {
                return Some(worker);
            }
        }
        let renew = restart.next_slot(workers).filter(|slot| slot.backoff.is_due());
        let worker = renew
            .map(|slot| slot.id as usize - 1)
            .and_then(|index| self.start(index, workers, dispatcher, listeners, context));
        self.fd_reserve.refill();
        worker
    }

    /// Forks a process for one slot: to fill it if it is empty, otherwise to take over from the one
    /// that has it.
    fn start(
        &mut self,
        index: usize,
        workers: &mut Workers,
        dispatcher: &Dispatcher,
        listeners: &mut Group,
        context: &mut Context<'_>,
    ) -> Option<Worker> {
        let slot = &mut workers.slots[index];
        let id = slot.id;
        let Some(counters) = self.scoreboard.claim(id) else {
            // Too many predecessors still drain: once one has ended there is room.
            slot.backoff.retry_soon();
            return None;
        };
        let intake = dispatcher.policy().intake(id);
        self.fd_reserve.release();
        match fdpass::pair().and_then(|pair| Ok((pair, process::fork()?))) {
            Ok(((_, far), Forked::Child)) => {
                let worker = become_worker(id, counters, far, intake, listeners, context);
                return Some(worker.unwrap_or_else(|error| {
                    say::err(&format!("worker {}: {error}", process::pid()));
                    std::process::exit(1)
                }));
            }
            Ok(((near, _), Forked::Parent(pid))) => {
                let process = ProcessId { id, pid, generation: slot.generation };
                context.events.emit(Event::Fork(process));
                slot.generation += 1;
                let handle = WorkerHandle::new(process, counters, near, intake);
                if slot.current.is_none() {
                    slot.current = Some(handle);
                } else {
                    slot.successor = Some(handle);
                }
            }
            Err(error) => {
                // The others go on serving, and it is tried again later.
                counters.free();
                slot.backoff.after_failed_fork();
                say::err(&format!("worker {id} could not be started, trying again: {error}"));
                self.startup.record(error.to_string());
            }
        }
        None
    }
}

/// In the child: turns this process into a worker, as far as that must happen before the master's
/// descriptors are closed.
fn become_worker(
    id: u32,
    slot: &'static Slot,
    channel: OwnedFd,
    intake: Intake,
    listeners: &mut Group,
    context: &Context<'_>,
) -> Result<Worker, SysError> {
    let Context { plan, pid, epoch, .. } = context;
    let signals = Signals::for_worker()?;
    if !process::die_with_parent(*pid)? {
        std::process::exit(1);
    }
    if plan.chaos_start.as_ref().is_some_and(|file| file.exists()) {
        std::process::exit(1);
    }
    if let Some(cpu) = plan.cpu_of(id) {
        process::pin(&[cpu])?;
    }
    let socket = match intake {
        Intake::Dealt => None,
        Intake::Socket(index) => Some(listeners.sockets.swap_remove(index)),
    };
    let mut terms = Terms::of(plan, listeners.address.family(), *epoch);
    terms.traits.max_requests = terms.traits.max_requests.map(with_jitter);
    Ok(Worker { id, slot, signals, master: Some(channel), file: None, socket, terms, door: None })
}

/// Up to a tenth more requests, by chance: workers that began together must not end together.
fn with_jitter(max_requests: u64) -> u64 {
    max_requests + (max_requests as f64 * 0.1 * chance::unit()) as u64
}
