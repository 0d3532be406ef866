//! Supervision: every seat filled, every death told and made good.

use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::Master;
use super::handle::{Seat, State, WorkerHandle};
use super::wait::Woken;
use crate::Error;
use crate::channel::{Heard, Report, next_report};
use crate::events::{Event, Reason, Who};
use crate::mode::Intake;
use crate::scoreboard::Slot;
use crate::sys::process::{self, Ending, Forked, Reaped};
use crate::sys::{SysError, fdpass, signal::Signals};
use crate::worker::{Connections, Worker};

/// How often each worker may die at the start before the master gives the whole cluster up.
const FAILED_STARTS: u32 = 3;

/// The least wait after a fork that failed: it says that the system is short of something.
const FORK_PAUSE: Duration = Duration::from_millis(100);

impl Master<'_> {
    /// Forks a process for every empty seat that is due. In a child, returns the worker that it is
    /// to be.
    pub(super) fn start_missing_workers(&mut self) -> Option<Worker> {
        if self.stop.is_some() {
            return None;
        }
        let now = Instant::now();
        let due = |seat: &Seat| seat.handle.is_none() && seat.due <= now;
        let missing: Vec<usize> =
            (0..self.seats.len()).filter(|&index| due(&self.seats[index])).collect();
        missing.into_iter().find_map(|index| self.start_worker(index))
    }

    /// Forks a process for one seat.
    fn start_worker(&mut self, index: usize) -> Option<Worker> {
        let (id, generation) = (self.seats[index].id, self.seats[index].generation);
        let slot = self.scoreboard.claim(id)?;
        let forked = fdpass::pair().and_then(|pair| Ok((pair, process::fork()?)));
        match forked {
            Ok(((_, far), Forked::Child)) => {
                let worker = self.become_worker(id, slot, far);
                Some(worker.unwrap_or_else(|error| {
                    eprintln!("hello-cluster: worker {}: {error}", process::pid());
                    std::process::exit(1)
                }))
            }
            Ok(((near, _), Forked::Parent(pid))) => {
                let who = Who { id, pid, generation };
                self.events.tell(&Event::Fork(who));
                self.seats[index].generation += 1;
                self.seats[index].handle = Some(WorkerHandle::new(who, slot, near));
                None
            }
            Err(error) => {
                self.scoreboard.free(slot);
                self.start_failed(index, error);
                None
            }
        }
    }

    /// A process could not be made: the others go on serving, and it is tried again later.
    fn start_failed(&mut self, index: usize, error: SysError) {
        let seat = &mut self.seats[index];
        let wait = seat.backoff.after_death(Duration::ZERO);
        seat.due = Instant::now() + wait.max(FORK_PAUSE);
        eprintln!("hello-cluster: worker {} could not be started, trying again: {error}", seat.id);
        self.failed_start(error.to_string());
    }

    /// In the child: turns this process into a worker, as far as that must happen before the
    /// master's descriptors are closed.
    fn become_worker(
        &mut self,
        id: u32,
        slot: &'static Slot,
        channel: OwnedFd,
    ) -> Result<Worker, SysError> {
        let signals = Signals::for_worker()?;
        if !process::die_with_parent(self.pid)? {
            std::process::exit(1);
        }
        if let Some(cpu) = self.plan.cpu_of(id) {
            process::pin(&[cpu])?;
        }
        slot.pid.store(process::pid(), Relaxed);
        let connections = match self.dealer.sharing().intake(id) {
            Intake::Dealt => Connections::Dealt,
            Intake::Socket(index) => {
                Connections::Accepted(self.listeners.sockets.swap_remove(index))
            }
        };
        let drain_timeout = self.plan.drain_timeout;
        Ok(Worker { id, slot, signals, master: Some(channel), connections, drain_timeout })
    }

    /// Reads what the workers have to say.
    pub(super) fn hear_workers(&mut self, woken: &Woken) -> Result<(), Error> {
        for &index in &woken.channels {
            while let Some(handle) = self.seats[index].handle.as_mut()
                && !handle.deaf
            {
                match next_report(&handle.channel, &mut self.room)? {
                    Heard::Nothing => break,
                    Heard::PeerGone => handle.deaf = true,
                    Heard::Message(report) => {
                        heed(handle, report);
                        self.note(index, report);
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells the world of a report where it is of interest.
    fn note(&mut self, index: usize, report: Report) {
        let Some(who) = self.seats[index].handle.as_ref().map(|handle| handle.who) else { return };
        match report {
            Report::Online => self.events.tell(&Event::Online(who)),
            Report::Listening => {
                self.ever_ready = true;
                self.events.tell(&Event::Listening(who));
            }
            Report::Disconnecting => self.events.tell(&Event::Disconnect(who)),
            Report::Acknowledged(_) => {}
        }
    }

    /// Collects every child that has ended, and has its seat filled again.
    pub(super) fn bury_the_dead(&mut self) -> Result<(), Error> {
        while let Some(dead) = process::reap()? {
            let seat = self
                .seats
                .iter_mut()
                .find(|seat| seat.handle.as_ref().is_some_and(|handle| handle.who.pid == dead.pid));
            let Some(seat) = seat else { continue };
            let Some(handle) = seat.handle.take() else { continue };
            let counts = handle.slot.counts();
            self.scoreboard.free(handle.slot);
            let told_to = handle.state == State::Draining && dead.ending == Ending::Code(0);
            let life = handle.born.elapsed();
            let wait = if told_to { Duration::ZERO } else { seat.backoff.after_death(life) };
            seat.due = Instant::now() + wait;
            if handle.state == State::Starting {
                self.failed_start(dead.ending.to_string());
            }
            self.events.tell(&Event::exit(
                handle.who,
                dead.ending,
                reason(&handle, &dead),
                counts,
                dead.cpu,
            ));
            self.dealer.take_back(handle.lane);
        }
        Ok(())
    }

    fn failed_start(&mut self, how: String) {
        if !self.ever_ready {
            self.failed_starts += 1;
            self.last_failure = how;
        }
    }

    /// Ends the cluster when worker after worker died before any was ready.
    pub(super) fn give_up_if_nobody_starts(&mut self) -> Result<(), Error> {
        let bound = FAILED_STARTS * self.plan.workers;
        if self.ever_ready || self.stop.is_some() || self.failed_starts < bound {
            return Ok(());
        }
        self.kill_all()?;
        Err(Error::NoWorker { deaths: self.failed_starts, last: self.last_failure.clone() })
    }
}

/// Acts upon a worker's report.
fn heed(handle: &mut WorkerHandle, report: Report) {
    match report {
        Report::Online => {}
        Report::Listening => {
            if handle.state == State::Starting {
                handle.state = State::Ready;
            }
        }
        Report::Disconnecting => {
            handle.state = State::Draining;
            handle.lane.drain();
        }
        Report::Acknowledged(total) => handle.lane.acknowledge(total),
    }
}

fn reason(handle: &WorkerHandle, dead: &Reaped) -> Reason {
    match handle.state {
        State::Killed => Reason::Killed,
        State::Draining if dead.ending == Ending::Code(0) => Reason::Drained,
        State::Starting | State::Ready | State::Draining => Reason::Crashed,
    }
}
