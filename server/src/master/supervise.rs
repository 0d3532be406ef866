//! Supervision: every seat filled, every death told and made good.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::Master;
use super::handle::{Seat, State, WorkerHandle};
use super::health::Silence;
use super::wait::Woken;
use crate::channel::{Heard, Queue, Report, next_report};
use crate::events::{DisconnectReason, Event, ExitReason, ProcessId};
use crate::mode::Intake;
use crate::scoreboard::Slot;
use crate::sys::notify::Notice;
use crate::sys::process::{self, Ending, Forked, Reaped};
use crate::sys::{SysError, fdpass, signal::Signals};
use crate::worker::{Terms, Worker};
use crate::{Error, chance, say};

/// How often each worker may die at the start before the master gives the whole cluster up.
const FAILED_STARTS: u32 = 3;

/// The least wait after a fork that failed: it says that the system is short of something.
pub(super) const FORK_PAUSE: Duration = Duration::from_millis(100);

/// How the first starts went.
#[derive(Debug, Default)]
pub(super) struct Starts {
    /// Whether a worker has ever been ready.
    ever_ready: bool,
    /// Processes that died before they were ready, as long as none has been.
    failed: u32,
    /// How the last of them ended.
    last_failure: String,
}

impl Starts {
    fn failed(&mut self, how: String) {
        if !self.ever_ready {
            self.failed += 1;
            self.last_failure = how;
        }
    }
}

/// Descriptors that the master holds back for the channel of the next worker: when clients have
/// used up all others, a dead worker can still be replaced.
#[derive(Debug, Default)]
pub(super) struct Reserve(Vec<File>);

impl Reserve {
    /// Both ends of a channel.
    const SIZE: usize = 2;

    /// Gives the descriptors up for the moment.
    pub fn open_up(&mut self) {
        self.0.clear();
    }

    /// Takes them again, as far as there are any.
    pub fn replenish(&mut self) {
        while self.0.len() < Self::SIZE
            && let Ok(file) = File::open("/dev/null")
        {
            self.0.push(file);
        }
    }
}

/// What a new process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// To fill an empty seat.
    Current,
    /// To take over from the process that has the seat.
    Successor,
}

impl Master<'_> {
    /// Forks a process for every empty seat that is due, and the next successor. In a child,
    /// returns the worker that it is to be.
    pub(super) fn start_due_workers(&mut self) -> Option<Worker> {
        if self.stop.is_some() {
            return None;
        }
        let now = Instant::now();
        let empty = |seat: &Seat| seat.current.is_none() && seat.successor.is_none();
        for index in 0..self.wanted as usize {
            let seat = &self.seats[index];
            if empty(seat)
                && seat.due <= now
                && let Some(worker) = self.start_worker(index, Role::Current)
            {
                return Some(worker);
            }
        }
        let renew = self.next_to_renew().filter(|seat| seat.due <= now).map(|seat| seat.id);
        let worker = renew.and_then(|id| self.start_worker(id as usize - 1, Role::Successor));
        self.reserve.replenish();
        worker
    }

    /// When the next process is to be forked, if one is.
    pub(super) fn next_start(&self) -> Option<Instant> {
        if self.stop.is_some() {
            return None;
        }
        let wanted = self.seats[..self.wanted as usize].iter();
        let empty = wanted.filter(|seat| seat.current.is_none() && seat.successor.is_none());
        empty.chain(self.next_to_renew()).map(|seat| seat.due).min()
    }

    /// Forks a process for one seat.
    fn start_worker(&mut self, index: usize, role: Role) -> Option<Worker> {
        let (id, generation) = (self.seats[index].id, self.seats[index].generation);
        let Some(slot) = self.scoreboard.claim(id) else {
            // Too many predecessors still drain: once one has ended there is room.
            self.seats[index].due = Instant::now() + FORK_PAUSE;
            return None;
        };
        let intake = self.dealer.sharing().intake(id);
        self.reserve.open_up();
        let forked = fdpass::pair().and_then(|pair| Ok((pair, process::fork()?)));
        match forked {
            Ok(((_, far), Forked::Child)) => {
                let worker = self.become_worker(id, slot, far, intake);
                Some(worker.unwrap_or_else(|error| {
                    say::err(&format!("worker {}: {error}", process::pid()));
                    std::process::exit(1)
                }))
            }
            Ok(((near, _), Forked::Parent(pid))) => {
                let who = ProcessId { id, pid, generation };
                self.events.emit(Event::Fork(who));
                let seat = &mut self.seats[index];
                seat.generation += 1;
                let handle = Some(WorkerHandle::new(who, slot, near, intake));
                match role {
                    Role::Current => seat.current = handle,
                    Role::Successor => seat.successor = handle,
                }
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
        let wait = seat.backoff.after_death(Duration::ZERO, chance::unit());
        seat.due = Instant::now() + wait.max(FORK_PAUSE);
        say::err(&format!("worker {} could not be started, trying again: {error}", seat.id));
        self.starts.failed(error.to_string());
    }

    /// In the child: turns this process into a worker, as far as that must happen before the
    /// master's descriptors are closed.
    fn become_worker(
        &mut self,
        id: u32,
        slot: &'static Slot,
        channel: OwnedFd,
        intake: Intake,
    ) -> Result<Worker, SysError> {
        let signals = Signals::for_worker()?;
        if !process::die_with_parent(self.pid)? {
            std::process::exit(1);
        }
        if self.plan.chaos_start.as_ref().is_some_and(|file| file.exists()) {
            std::process::exit(1);
        }
        if let Some(cpu) = self.plan.cpu_of(id) {
            process::pin(&[cpu])?;
        }
        let socket = match intake {
            Intake::Dealt => None,
            Intake::Socket(index) => Some(self.group.sockets.swap_remove(index)),
        };
        let mut terms = Terms::of(self.plan, self.group.address.family(), self.epoch);
        terms.max_requests = terms.max_requests.map(with_jitter);
        let master = Some(channel);
        Ok(Worker { id, slot, signals, master, file: None, socket, terms, door: None })
    }

    /// Reads what the workers have to say, and what those have lost who have lost connections.
    pub(super) fn hear_workers(&mut self, woken: &Woken) -> Result<(), Error> {
        let behind = self.handles().filter(|handle| handle.lane.is_behind(handle.slot));
        let heard: Vec<u32> =
            behind.map(|handle| handle.who.pid).chain(woken.channels.clone()).collect();
        for pid in heard {
            while let Some(report) = self.next_report_of(pid)? {
                self.heed(pid, report)?;
            }
        }
        Ok(())
    }

    fn next_report_of(&mut self, pid: u32) -> Result<Option<Report>, Error> {
        let mut handles = super::handles_mut(&mut self.seats, &mut self.leaving);
        let Some(handle) = handles.find(|handle| handle.who.pid == pid && !handle.deaf) else {
            return Ok(None);
        };
        Ok(match next_report(&handle.channel, &mut self.room)? {
            Heard::Message(report) => Some(report),
            Heard::Nothing => None,
            Heard::PeerGone => {
                handle.deaf = true;
                None
            }
        })
    }

    /// Acts upon a worker's report.
    fn heed(&mut self, pid: u32, report: Report) -> Result<(), Error> {
        if report == Report::Disconnecting {
            return self.let_go(pid);
        }
        let mut handles = super::handles_mut(&mut self.seats, &mut self.leaving);
        let Some(handle) = handles.find(|handle| handle.who.pid == pid) else { return Ok(()) };
        let who = handle.who;
        match report {
            Report::Online => self.events.emit(Event::Online(who)),
            // One that was told to leave while it was starting takes nothing any more.
            Report::Listening if handle.state != State::Starting => {}
            Report::Listening => {
                handle.state = State::Ready;
                self.events.emit(Event::Listening(who));
                if !self.starts.ever_ready {
                    self.starts.ever_ready = true;
                    let text = format!(
                        "{} serves on {}",
                        self.dealer.sharing().mode(),
                        self.group.address
                    );
                    self.notifier.tell(Notice::Ready, &text);
                }
            }
            Report::Accepts { serial, socket } => handle.post.confirm(serial, socket),
            Report::Outlived => handle.outlived = true,
            Report::Lost { after, count } => {
                let orphans = handle.lane.take_back(after, count);
                if !handle.full {
                    say::err(&format!(
                        "worker {pid} has no descriptors left: connections go to \
                         others"
                    ));
                }
                // Until the next look at its health: its limit may have been lowered just now.
                handle.full = true;
                self.dealer.take_back(orphans);
            }
            Report::Disconnecting => {}
        }
        Ok(())
    }

    /// A worker that was asked to end by somebody else leaves at once; its seat is filled anew.
    fn let_go(&mut self, pid: u32) -> Result<(), Error> {
        for index in 0..self.seats.len() {
            let seat = &mut self.seats[index];
            let is_it = |handle: &mut WorkerHandle| handle.who.pid == pid;
            let leaver = seat.current.take_if(is_it).or_else(|| seat.successor.take_if(is_it));
            if let Some(leaver) = leaver {
                seat.due = Instant::now();
                self.steer()?;
                return self.send_off(leaver, DisconnectReason::Signal, Queue::LeaveIt);
            }
        }
        Ok(())
    }

    /// Collects every child that has ended, and has its seat filled again.
    pub(super) fn bury_the_dead(&mut self) -> Result<(), Error> {
        while let Some(dead) = process::reap()? {
            if self.bury_admin(&dead) {
                continue;
            }
            let is_it = |handle: &mut WorkerHandle| handle.who.pid == dead.pid;
            if let Some(index) = self.leaving.iter_mut().position(is_it) {
                let handle = self.leaving.swap_remove(index);
                self.bury(handle, &dead);
                continue;
            }
            for index in 0..self.seats.len() {
                let seat = &mut self.seats[index];
                if let Some(handle) = seat.current.take_if(is_it) {
                    let wait = seat.backoff.after_death(handle.born.elapsed(), chance::unit());
                    seat.due = Instant::now() + wait;
                    self.bury(handle, &dead);
                } else if let Some(handle) = seat.successor.take_if(is_it) {
                    self.successor_failed(index, handle.born.elapsed(), dead.ending);
                    self.bury(handle, &dead);
                }
            }
        }
        Ok(())
    }

    /// Tells a death, and saves what the dead process leaves.
    fn bury(&mut self, handle: WorkerHandle, dead: &Reaped) {
        let (counts, taken) = (handle.slot.counts(), handle.slot.taken.get());
        if handle.state == State::Starting {
            self.starts.failed(dead.ending.to_string());
        }
        let reason = reason(&handle, dead);
        self.events.emit(Event::exit(handle.who, dead.ending, reason, counts, dead.cpu));
        let seat = &mut self.seats[handle.who.id as usize - 1];
        seat.past.fold(&counts);
        seat.past_cpu.fold(dead.cpu);
        self.dealer.take_back(handle.lane.into_orphans(taken));
        self.scoreboard.free(handle.slot);
    }

    /// Ends the cluster when worker after worker died before any was ready.
    pub(super) fn give_up_if_nobody_starts(&mut self) -> Result<(), Error> {
        let Starts { ever_ready, failed, .. } = self.starts;
        if ever_ready || self.stop.is_some() || failed < FAILED_STARTS * self.plan.workers {
            return Ok(());
        }
        self.kill_all()?;
        Err(Error::NoWorker { deaths: failed, last: self.starts.last_failure.clone() })
    }
}

/// Up to a tenth more requests, by chance: workers that began together must not end together.
fn with_jitter(max_requests: u64) -> u64 {
    max_requests + (max_requests as f64 * 0.1 * chance::unit()) as u64
}

fn reason(handle: &WorkerHandle, dead: &Reaped) -> ExitReason {
    match handle.state {
        State::Leaving if dead.ending == Ending::Code(0) => ExitReason::Drained,
        State::Killed => ExitReason::Killed,
        _ if handle.silence >= Silence::Aborted => ExitReason::Stalled,
        State::Starting | State::Ready | State::Leaving => ExitReason::Crashed,
    }
}
