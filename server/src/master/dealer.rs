//! Dealing: the master accepts connections and passes them to the workers that the mode chooses.
//!
//! In the master modes that is how all connections travel; in the others it is for those whose
//! worker is not there to accept them. How they travel to one worker is in [`super::lane`].

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use super::Master;
use super::handle::{Seat, State, WorkerHandle};
use super::lane::Connection;
use crate::Error;
use crate::mode::{Candidate, Sharing};
use crate::say;
use crate::sys::SysError;
use crate::sys::socket::{Accepted, accept};

/// Connections accepted before they are sent on.
const BATCH: usize = 64;

/// The pause after the descriptors have run out: the connections wait in the accept queue
/// meanwhile, and nothing spins.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// The dealing part of the master.
#[derive(Debug)]
pub(super) struct Dealer {
    sharing: Sharing,
    /// How often a worker lost its turn in modes before this one.
    past_skips: u64,
    /// Connections that nobody can take yet, by their serial: the oldest is dealt first.
    waiting: BTreeMap<u64, OwnedFd>,
    /// The serial of the next connection.
    next_serial: u64,
    /// No accepting before then.
    paused_until: Option<Instant>,
    /// Whether the last attempt to accept found no descriptor left.
    exhausted: bool,
    candidates: Vec<Candidate>,
}

impl Dealer {
    pub fn new(sharing: Sharing) -> Self {
        Self {
            sharing,
            past_skips: 0,
            waiting: BTreeMap::new(),
            next_serial: 0,
            paused_until: None,
            exhausted: false,
            candidates: Vec::new(),
        }
    }

    /// The mode.
    pub fn sharing(&self) -> &Sharing {
        &self.sharing
    }

    /// Deals by another mode from now on.
    pub fn switch_to(&mut self, sharing: Sharing) {
        self.past_skips = self.skips();
        self.sharing = sharing;
    }

    /// How often a worker lost its turn, in all modes so far.
    pub fn skips(&self) -> u64 {
        self.past_skips + self.sharing.skips()
    }

    /// Until when accepting pauses.
    pub fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    /// How many connections nobody could take yet.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes back connections that a worker never took over, to be dealt before younger ones.
    pub fn take_back(&mut self, orphans: impl IntoIterator<Item = Connection>) {
        self.waiting.extend(orphans.into_iter().map(|orphan| (orphan.serial, orphan.fd)));
    }

    /// Whether a connection accepted now could be dealt.
    pub fn can_deal(&self, seats: &[Seat]) -> bool {
        self.waiting.is_empty()
            && self.paused_until.is_none()
            && seats.iter().any(|seat| seat.candidate().available())
    }

    fn survey(&mut self, seats: &[Seat]) {
        self.candidates.clear();
        self.candidates.extend(seats.iter().map(Seat::candidate));
    }

    /// Puts a connection on its way to the worker that the mode chooses; gives it back when nobody
    /// can take it.
    fn assign(&mut self, connection: Connection, seats: &mut [Seat]) -> Result<(), Connection> {
        let Some(index) = self.sharing.choose(&self.candidates) else { return Err(connection) };
        match &mut seats[index].current {
            Some(handle) => {
                handle.lane.push(connection);
                self.candidates[index].credit -= 1;
                self.candidates[index].load += 1;
                Ok(())
            }
            None => Err(connection),
        }
    }

    fn deal_waiting(&mut self, seats: &mut [Seat]) {
        while let Some((serial, fd)) = self.waiting.pop_first() {
            if let Err(connection) = self.assign(Connection { serial, fd }, seats) {
                self.waiting.insert(connection.serial, connection.fd);
                return;
            }
        }
    }

    /// Accepts up to a batch and puts it on its way; says whether more may be queued.
    fn accept_batch(
        &mut self,
        listener: BorrowedFd<'_>,
        seats: &mut [Seat],
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
                    if let Err(connection) = self.assign(connection, seats) {
                        self.waiting.insert(connection.serial, connection.fd);
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
}

impl Master<'_> {
    /// Deals what waits, then what is in the accept queues that the master serves, and sends it all
    /// on.
    pub(super) fn deal(&mut self, listeners: &[usize]) -> Result<(), Error> {
        if self.dealer.paused_until.is_some_and(|until| until <= Instant::now()) {
            self.dealer.paused_until = None;
        }
        let wanted = &mut self.seats[..self.wanted as usize];
        if !listeners.is_empty() || self.dealer.waiting() > 0 {
            self.dealer.survey(wanted);
            self.dealer.deal_waiting(wanted);
        }
        for &index in listeners {
            if let Some(listener) = self.group.sockets.get(index) {
                self.dealer.accept_batch(listener.as_fd(), wanted)?;
            }
        }
        self.flush_lanes()
    }

    /// Takes over all that is left in the accept queues that the master serves, as far as the
    /// credit goes; a bounded number of batches, since clients may go on to connect.
    pub(super) fn deal_the_rest(&mut self) -> Result<(), Error> {
        let batches = self.plan.backlog as usize / BATCH + 1;
        let wanted = &mut self.seats[..self.wanted as usize];
        let kept: Vec<_> = wanted.iter().map(Seat::keeps).collect();
        self.dealer.survey(wanted);
        for (index, listener) in self.group.sockets.iter().enumerate() {
            if !self.dealer.sharing.master_serves(index, &kept) {
                continue;
            }
            for _ in 0..batches {
                if !self.dealer.accept_batch(listener.as_fd(), wanted)? {
                    break;
                }
            }
        }
        self.flush_lanes()
    }

    /// Sends what is queued for any worker, and closes the copies of what has been taken over.
    pub(super) fn flush_lanes(&mut self) -> Result<(), Error> {
        for handle in super::handles_mut(&mut self.seats, &mut self.leaving) {
            let WorkerHandle { lane, channel, state, slot, .. } = handle;
            if *state != State::Killed {
                lane.flush(channel.as_fd(), &self.group.sockets)?;
            }
            if lane.awaits_acknowledgement() {
                let taken = slot.taken.get();
                if !lane.is_behind(slot) {
                    lane.acknowledge(taken);
                }
            }
        }
        Ok(())
    }
}
