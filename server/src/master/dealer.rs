//! Dealing: the master accepts connections and passes them to the workers that the mode chooses.
//!
//! A connection is *queued* in a worker's [`Lane`], *sent* (several descriptors a message), and
//! *acknowledged* before the worker first reads from it. Until then the master keeps its copy, so
//! that it can deal the connection again should the worker die; after that it must close it, or the
//! client would never see the worker close. How many may be under way to one worker is bounded: its
//! credit.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use super::Master;
use super::handle::{Seat, State, WorkerHandle};
use crate::Error;
use crate::channel::{send_connections, send_drain};
use crate::mode::{Candidate, Sharing};
use crate::sys::SysError;
use crate::sys::fdpass::Sent;
use crate::sys::socket::{Accepted, accept};

/// Connections that may be under way to a worker, unacknowledged.
const CREDIT: usize = 256;

/// Descriptors in one message (the kernel takes 253).
const PER_MESSAGE: usize = 64;

/// Connections accepted before they are sent on.
const BATCH: usize = 64;

/// The pause after the descriptors have run out.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// What is on its way to one worker.
#[derive(Debug, Default)]
pub(super) struct Lane {
    queued: VecDeque<OwnedFd>,
    sent: VecDeque<OwnedFd>,
    acknowledged: u64,
    drain: Drain,
    /// Whether the channel was full: the rest goes when it is writable.
    pub blocked: bool,
}

/// Whether the order to drain has gone out; it must follow the last connection.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Drain {
    #[default]
    Unasked,
    Due,
    Told,
}

impl Lane {
    /// How many more connections may be put on their way.
    pub fn credit(&self) -> usize {
        CREDIT.saturating_sub(self.queued.len() + self.sent.len())
    }

    /// Puts a connection on its way.
    fn push(&mut self, connection: OwnedFd) {
        self.queued.push_back(connection);
    }

    /// Has the worker told to drain, after all that is queued.
    pub fn drain(&mut self) {
        if self.drain == Drain::Unasked {
            self.drain = Drain::Due;
        }
    }

    /// Sends what is queued, as far as the channel takes it.
    pub fn flush(&mut self, channel: BorrowedFd<'_>) -> Result<(), SysError> {
        self.blocked = false;
        while !self.queued.is_empty() {
            let count = self.queued.len().min(PER_MESSAGE);
            let batch: Vec<_> = self.queued.iter().take(count).map(AsFd::as_fd).collect();
            if !self.went(send_connections(channel, &batch)?) {
                return Ok(());
            }
            self.sent.extend(self.queued.drain(..count));
        }
        if self.drain == Drain::Due && self.went(send_drain(channel)?) {
            self.drain = Drain::Told;
        }
        Ok(())
    }

    /// Whether a message went out. A worker whose end is closed is about to be buried, and what is
    /// queued for it will be dealt again then.
    fn went(&mut self, sent: Sent) -> bool {
        self.blocked = sent == Sent::Full;
        sent == Sent::Yes
    }

    /// Closes the master's copies of the connections that the worker has taken over: `total` since
    /// its birth. A total that makes no sense closes nothing that was not sent.
    pub fn acknowledge(&mut self, total: u64) {
        let fresh = total.saturating_sub(self.acknowledged) as usize;
        let known = fresh.min(self.sent.len());
        self.sent.drain(..known);
        self.acknowledged += known as u64;
    }

    /// The connections that a dead worker never took over, oldest first.
    pub fn into_orphans(self) -> impl DoubleEndedIterator<Item = OwnedFd> {
        self.sent.into_iter().chain(self.queued)
    }
}

/// The dealing part of the master.
#[derive(Debug)]
pub(super) struct Dealer {
    sharing: Sharing,
    /// Connections that nobody can take yet, those of dead workers in front.
    waiting: VecDeque<OwnedFd>,
    /// No accepting before then.
    paused_until: Option<Instant>,
    candidates: Vec<Candidate>,
}

impl Dealer {
    pub fn new(sharing: Sharing) -> Self {
        Self { sharing, waiting: VecDeque::new(), paused_until: None, candidates: Vec::new() }
    }

    /// The mode.
    pub fn sharing(&self) -> &Sharing {
        &self.sharing
    }

    /// Until when accepting pauses.
    pub fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    /// Whether nothing waits to be dealt.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes back the connections that a dead worker never took over.
    pub fn take_back(&mut self, lane: Lane) {
        for connection in lane.into_orphans().rev() {
            self.waiting.push_front(connection);
        }
    }

    /// Whether a connection accepted now could be dealt.
    pub fn wants_connections(&self, seats: &[Seat]) -> bool {
        self.sharing.master_accepts()
            && self.waiting.is_empty()
            && self.paused_until.is_none()
            && seats.iter().any(|seat| seat.candidate().available())
    }

    fn survey(&mut self, seats: &[Seat]) {
        self.candidates.clear();
        self.candidates.extend(seats.iter().map(Seat::candidate));
    }

    /// Puts a connection on its way to the worker that the mode chooses; gives it back when nobody
    /// can take it.
    fn assign(&mut self, connection: OwnedFd, seats: &mut [Seat]) -> Result<(), OwnedFd> {
        let Some(index) = self.sharing.choose(&self.candidates) else { return Err(connection) };
        match &mut seats[index].handle {
            Some(handle) => {
                handle.lane.push(connection);
                self.candidates[index].credit -= 1;
                Ok(())
            }
            None => Err(connection),
        }
    }

    fn deal_waiting(&mut self, seats: &mut [Seat]) {
        while let Some(connection) = self.waiting.pop_front() {
            if let Err(connection) = self.assign(connection, seats) {
                self.waiting.push_front(connection);
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
                Accepted::Connection(connection) => {
                    if let Err(connection) = self.assign(connection, seats) {
                        self.waiting.push_back(connection);
                    }
                }
                Accepted::Empty => return Ok(false),
                Accepted::Exhausted => {
                    self.paused_until = Some(Instant::now() + EXHAUSTED_PAUSE);
                    return Ok(true);
                }
            }
        }
        Ok(true)
    }
}

impl Master<'_> {
    /// Deals what waits, then what is in the accept queue, and sends it all on.
    pub(super) fn deal(&mut self, listener_ready: bool) -> Result<(), Error> {
        if self.dealer.paused_until.is_some_and(|until| until <= Instant::now()) {
            self.dealer.paused_until = None;
        }
        if listener_ready || !self.dealer.waiting.is_empty() {
            self.dealer.survey(&self.seats);
            self.dealer.deal_waiting(&mut self.seats);
        }
        if listener_ready && let Some(listener) = self.listeners.sockets.first() {
            self.dealer.accept_batch(listener.as_fd(), &mut self.seats)?;
        }
        self.flush_lanes()
    }

    /// Takes over all that is left in the accept queue, as far as the credit goes; a bounded number
    /// of batches, since clients may go on to connect.
    pub(super) fn deal_the_rest(&mut self) -> Result<(), Error> {
        let batches = self.plan.backlog as usize / BATCH + 1;
        if let Some(listener) = self.listeners.sockets.first()
            && self.dealer.sharing.master_accepts()
        {
            self.dealer.survey(&self.seats);
            for _ in 0..batches {
                if !self.dealer.accept_batch(listener.as_fd(), &mut self.seats)? {
                    break;
                }
            }
        }
        self.flush_lanes()
    }

    /// Sends what is queued for any worker.
    pub(super) fn flush_lanes(&mut self) -> Result<(), Error> {
        for handle in self.seats.iter_mut().filter_map(|seat| seat.handle.as_mut()) {
            let WorkerHandle { lane, channel, state, .. } = handle;
            if *state != State::Killed {
                lane.flush(channel.as_fd())?;
            }
        }
        Ok(())
    }
}
