//! A worker as its master sees it. The worker's own life is `worker/mod.rs`.

use std::os::fd::OwnedFd;
use std::time::Instant;

use super::backoff::Backoff;
use super::dealer::Lane;
use crate::events::Who;
use crate::mode::Candidate;
use crate::scoreboard::Slot;

/// The place of a worker id, which processes come to and leave.
#[derive(Debug)]
pub(super) struct Seat {
    /// The worker's id, 1…N.
    pub id: u32,
    /// The next process's generation.
    pub generation: u32,
    /// The process that serves now.
    pub handle: Option<WorkerHandle>,
    /// When an empty seat is to be filled.
    pub due: Instant,
    /// How soon the next one is.
    pub backoff: Backoff,
}

impl Seat {
    /// An empty seat, to be filled at once.
    pub fn new(id: u32) -> Self {
        Self { id, generation: 0, handle: None, due: Instant::now(), backoff: Backoff::default() }
    }

    /// What a mode may know of it.
    pub fn candidate(&self) -> Candidate {
        self.handle.as_ref().map_or_else(Candidate::default, |handle| Candidate {
            ready: handle.state == State::Ready,
            credit: handle.lane.credit(),
        })
    }
}

/// How far a process has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Forked, not yet taking connections.
    Starting,
    /// Taking connections.
    Ready,
    /// Told to finish what is under way and end.
    Draining,
    /// Ended by the master.
    Killed,
}

/// A process that serves as a worker.
#[derive(Debug)]
pub(super) struct WorkerHandle {
    /// Its id, pid and generation.
    pub who: Who,
    /// Where it counts.
    pub slot: &'static Slot,
    /// The channel to it.
    pub channel: OwnedFd,
    /// Whether it has closed its end of the channel: it is about to die.
    pub deaf: bool,
    /// How far it has come.
    pub state: State,
    /// When it was forked.
    pub born: Instant,
    /// What is on its way to it.
    pub lane: Lane,
}

impl WorkerHandle {
    /// A process that has just been forked.
    pub fn new(who: Who, slot: &'static Slot, channel: OwnedFd) -> Self {
        Self {
            who,
            slot,
            channel,
            deaf: false,
            state: State::Starting,
            born: Instant::now(),
            lane: Lane::default(),
        }
    }
}
