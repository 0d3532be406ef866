//! The dispatcher: accepts connections and passes them to the workers that the mode chooses.
//!
//! In the master modes that is how all connections travel; in the others it is for those whose
//! worker is not there to accept them. Each worker's [`super::handoff_queue`] carries its share.
//!
//! The mode can be switched while the cluster runs: nobody is refused, and no connection is reset. New
//! connections are steered as the new mode wants at once, and each worker is told which socket to
//! accept from, if any. Until it has confirmed that, the socket's queue is the master's, as is every
//! queue that no worker empties: so every queue always has an owner, whoever dies, starts, stalls or
//! leaves meanwhile, and a switch may be overtaken by the next.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use super::command_error::CommandError;
use super::handoff_queue::Connection;
use super::worker_slot::WorkerSlot;
use super::workers::Workers;
use crate::Mode;
use crate::events::Event;
use crate::events::log::EventLog;
use crate::listener::Group;
use crate::mode::{Candidate, Sharing};
use crate::say;
use crate::sys::SysError;
use crate::sys::socket::{Accepted, accept};

/// Connections accepted before they are sent on.
const BATCH: usize = 64;

/// The pause after the descriptors have run out: the connections wait in the accept queue
/// meanwhile, and nothing spins.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// How often to check whether workers that can take no more have room again: they do not say so.
const FULL_INTERVAL: Duration = Duration::from_millis(50);

#[derive(Debug, Default)]
pub(super) struct Dispatcher {
    policy: Sharing,
    /// Whether some workers may still accept as in the mode before.
    switching: bool,
    /// How often a worker lost its turn in modes before this one.
    past_skips: u64,
    /// Which listening sockets workers surely accept from, as of the last steering.
    accepting: Vec<Option<usize>>,
    /// Connections that nobody can take yet, by their serial: the oldest is dispatched first.
    pending: BTreeMap<u64, OwnedFd>,
    next_serial: u64,
    /// No accepting before then.
    paused_until: Option<Instant>,
    /// Whether the last attempt to accept found no descriptor left.
    exhausted: bool,
    candidates: Vec<Candidate>,
}

impl Dispatcher {
    pub fn new(policy: Sharing) -> Self {
        Self { policy, ..Self::default() }
    }

    pub fn policy(&self) -> &Sharing {
        &self.policy
    }

    /// How often a worker lost its turn, in all modes so far.
    pub fn skips(&self) -> u64 {
        self.past_skips + self.policy.skips()
    }

    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Takes back connections that a worker never took over, to be dispatched before younger ones.
    pub fn reclaim(&mut self, unacked: impl IntoIterator<Item = Connection>) {
        self.pending
            .extend(unacked.into_iter().map(|connection| (connection.serial, connection.fd)));
    }

    /// Sends new connections only to sockets that somebody serves.
    pub fn steer(&mut self, workers: &Workers, listeners: &mut Group) -> Result<(), SysError> {
        self.accepting.clear();
        self.accepting.extend(workers.wanted_slots().iter().map(WorkerSlot::accepting_socket));
        listeners.steer(&self.policy.steer(&self.accepting, listeners.sockets.len()))
    }

    /// The sockets, of so many, whose connections the master is to accept, if it can dispatch any.
    pub fn sockets_to_accept_from(&self, workers: &Workers, sockets: usize) -> Vec<usize> {
        if !self.can_dispatch(workers) {
            return Vec::new();
        }
        let serves = |&index: &usize| self.policy.master_serves(index, &self.accepting);
        (0..sockets).filter(serves).collect()
    }

    /// When there is something to do that nothing wakes the master for.
    pub fn next_due(&self, workers: &Workers) -> Option<Instant> {
        let all_full =
            !self.can_dispatch(workers) && workers.wanted_slots().iter().any(WorkerSlot::is_live);
        let check = all_full.then(|| Instant::now() + FULL_INTERVAL);
        check.into_iter().chain(self.paused_until).min()
    }

    fn can_dispatch(&self, workers: &Workers) -> bool {
        self.pending.is_empty()
            && self.paused_until.is_none()
            && workers.wanted_slots().iter().any(|slot| slot.candidate().available())
    }

    /// Dispatches what is pending, then what is queued on these sockets, and sends it all on.
    pub fn dispatch(
        &mut self,
        readable: &[usize],
        workers: &mut Workers,
        listeners: &Group,
    ) -> Result<(), SysError> {
        self.paused_until.take_if(|until| *until <= Instant::now());
        let slots = workers.wanted_slots_mut();
        if !readable.is_empty() || self.pending() > 0 {
            self.refresh_candidates(slots);
            self.dispatch_pending(slots);
        }
        for &index in readable {
            if let Some(listener) = listeners.sockets.get(index) {
                self.accept_batch(listener.as_fd(), slots)?;
            }
        }
        workers.flush(&listeners.sockets)
    }

    /// Takes over all that is left in the accept queues that the master serves, as far as the
    /// credit goes; a bounded number of batches, since clients may go on to connect.
    pub fn dispatch_rest(
        &mut self,
        workers: &mut Workers,
        listeners: &Group,
    ) -> Result<(), SysError> {
        let batches = listeners.backlog as usize / BATCH + 1;
        let slots = workers.wanted_slots_mut();
        let accepting: Vec<_> = slots.iter().map(WorkerSlot::accepting_socket).collect();
        self.refresh_candidates(slots);
        for (index, listener) in listeners.sockets.iter().enumerate() {
            if self.policy.master_serves(index, &accepting) {
                for _ in 0..batches {
                    if !self.accept_batch(listener.as_fd(), slots)? {
                        break;
                    }
                }
            }
        }
        workers.flush(&listeners.sockets)
    }

    fn refresh_candidates(&mut self, slots: &[WorkerSlot]) {
        self.candidates.clear();
        self.candidates.extend(slots.iter().map(WorkerSlot::candidate));
    }

    /// Puts a connection on its way to the worker that the mode chooses; gives it back when nobody
    /// can take it.
    fn assign(
        &mut self,
        connection: Connection,
        slots: &mut [WorkerSlot],
    ) -> Result<(), Connection> {
        let Some(index) = self.policy.choose(&self.candidates) else { return Err(connection) };
        match &mut slots[index].current {
            Some(handle) => {
                handle.handoffs.push(connection);
                self.candidates[index].credit -= 1;
                self.candidates[index].load += 1;
                Ok(())
            }
            None => Err(connection),
        }
    }

    fn dispatch_pending(&mut self, slots: &mut [WorkerSlot]) {
        while let Some((serial, fd)) = self.pending.pop_first() {
            if let Err(connection) = self.assign(Connection { serial, fd }, slots) {
                self.pending.insert(connection.serial, connection.fd);
                return;
            }
        }
    }

    /// Accepts up to a batch and puts it on its way; returns whether more may be queued.
    fn accept_batch(
        &mut self,
        listener: BorrowedFd<'_>,
        slots: &mut [WorkerSlot],
    ) -> Result<bool, SysError> {
        for _ in 0..BATCH {
            if !self.candidates.iter().any(|candidate| candidate.available()) {
                return Ok(true);
            }
            match accept(listener)? {
                Accepted::Connection(fd) => {
                    self.exhausted = false;
                    let connection = Connection { serial: self.next_serial, fd };
                    self.next_serial += 1;
                    if let Err(connection) = self.assign(connection, slots) {
                        self.pending.insert(connection.serial, connection.fd);
                    }
                }
                Accepted::Empty => return Ok(false),
                Accepted::Exhausted => {
                    if !self.exhausted {
                        say::err("the master has no descriptors left: new connections wait");
                    }
                    self.exhausted = true;
                    self.paused_until = Some(Instant::now() + EXHAUSTED_PAUSE);
                    return Ok(true);
                }
            }
        }
        Ok(true)
    }

    /// Shares connections out by this mode from now on; returns whether that is a change. The
    /// workers have to be flushed after it.
    pub fn switch_mode(
        &mut self,
        mode: Mode,
        workers: &mut Workers,
        listeners: &mut Group,
        events: &mut EventLog,
    ) -> Result<bool, CommandError> {
        let policy = Sharing::of(mode).ok_or(CommandError::NotForked(mode))?;
        mode.check_family(listeners.address.family())?;
        if mode == self.policy.mode() {
            return Ok(false);
        }
        let sockets = policy.sockets(workers.wanted);
        if sockets > 1 && !listeners.may_grow() {
            return Err(CommandError::LoneSocket(mode));
        }
        listeners.grow_to(sockets).map_err(|error| CommandError::Sockets(error.to_string()))?;
        self.past_skips = self.skips();
        self.policy = policy;
        events.emit(Event::Mode { mode });
        // Those that leave already take nothing more.
        for slot in &mut workers.slots {
            let intake = self.policy.intake(slot.id);
            for handle in slot.handles_mut().filter(|handle| handle.is_active()) {
                handle.accept_from(intake);
            }
        }
        self.switching = true;
        Ok(true)
    }

    /// Ends a switch when every worker that takes connections accepts as the mode wants it.
    pub fn step_mode_switch(&mut self, workers: &Workers, events: &mut EventLog) {
        if !self.switching {
            return;
        }
        let is_done = |slot: &WorkerSlot| {
            let current = slot.current.as_ref().filter(|handle| handle.takes_connections());
            current.is_none_or(|handle| handle.assignment.is_confirmed())
        };
        if workers.wanted_slots().iter().all(is_done) {
            self.switching = false;
            events.emit(Event::Switched { mode: self.policy.mode() });
        }
    }
}
