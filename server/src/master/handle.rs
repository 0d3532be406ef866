//! A worker as its master sees it. The worker's own life is `worker/mod.rs`.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::health::Silence;
use super::lane::Lane;
use crate::channel::Queue;
use crate::events::Who;
use crate::mode::Candidate;
use crate::scoreboard::{Counts, Slot};

/// The place of a worker id, which processes come to and leave.
#[derive(Debug)]
pub(super) struct Seat {
    /// The worker's id, 1…N.
    pub id: u32,
    /// The next process's generation.
    pub generation: u32,
    /// The process that serves now.
    pub current: Option<WorkerHandle>,
    /// The process that is to take its place as soon as it is ready.
    pub successor: Option<WorkerHandle>,
    /// No process is forked for this seat before then.
    pub due: Instant,
    /// How soon the next one is.
    pub backoff: Backoff,
    /// What its processes that have ended did.
    pub past: Counts,
}

impl Seat {
    /// An empty seat, to be filled at once.
    pub fn new(id: u32) -> Self {
        Self {
            id,
            generation: 0,
            current: None,
            successor: None,
            due: Instant::now(),
            backoff: Backoff::default(),
            past: Counts::default(),
        }
    }

    /// Whether connections can go to it.
    pub fn is_live(&self) -> bool {
        self.current.as_ref().is_some_and(WorkerHandle::takes_connections)
    }

    /// What a mode may know of it.
    pub fn candidate(&self) -> Candidate {
        self.current.as_ref().map_or_else(Candidate::default, WorkerHandle::candidate)
    }

    /// Its processes.
    pub fn handles(&self) -> impl Iterator<Item = &WorkerHandle> {
        self.current.iter().chain(&self.successor)
    }

    /// Its processes, to be changed.
    pub fn handles_mut(&mut self) -> impl Iterator<Item = &mut WorkerHandle> {
        self.current.iter_mut().chain(&mut self.successor)
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
    Leaving,
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
    /// Whether it has done its part and waits for a successor.
    pub outlived: bool,
    /// How far the master has gone with it since it fell silent.
    pub silence: Silence,
    /// Whether it holds all the connections that it can.
    pub full: bool,
    /// When it is killed, if it is told to end and does not.
    pub kill_at: Option<Instant>,
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
            outlived: false,
            silence: Silence::None,
            full: false,
            kill_at: None,
        }
    }

    /// Whether new connections can go to it.
    pub fn takes_connections(&self) -> bool {
        self.state == State::Ready && self.silence == Silence::None && !self.full
    }

    /// What a mode may know of it.
    pub fn candidate(&self) -> Candidate {
        let load = self.slot.open.get() + self.lane.under_way(self.slot) as u64;
        let room = match self.slot.room.get() {
            // It has not told yet.
            0 => u64::MAX,
            room => room.saturating_sub(load),
        };
        Candidate {
            ready: self.takes_connections(),
            credit: self.lane.credit(self.slot).min(usize::try_from(room).unwrap_or(usize::MAX)),
            load,
        }
    }

    /// Has it told to finish and end, and killed if it has not after `patience`.
    pub fn leave(&mut self, queue: Queue, patience: Duration) {
        if matches!(self.state, State::Starting | State::Ready) {
            self.state = State::Leaving;
            self.lane.drain(queue);
            self.kill_at = Some(Instant::now() + patience);
        }
    }

    /// The state in a word, for the status.
    pub fn state_in_a_word(&self) -> &'static str {
        match self.state {
            State::Starting => "starting",
            State::Ready if self.silence != Silence::None => "stalled",
            State::Ready if self.full => "full",
            State::Ready => "ready",
            State::Leaving => "leaving",
            State::Killed => "killed",
        }
    }
}
