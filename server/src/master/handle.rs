//! A worker as its master sees it. The worker's own life is `worker/mod.rs`.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::health::Silence;
use super::lane::Lane;
use super::post::Post;
use crate::channel::Queue;
use crate::events::ProcessId;
use crate::mode::{Candidate, Intake};
use crate::scoreboard::{Counts, Slot};
use crate::status::ProcessState;
use crate::sys::process::CpuTime;

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
    /// CPU time that those used.
    pub past_cpu: CpuTime,
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
            past_cpu: CpuTime::default(),
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

    /// The listening socket whose queue it surely empties: its process takes connections, and has
    /// said that it accepts from this one.
    pub fn keeps(&self) -> Option<usize> {
        let keeper = self.current.as_ref().filter(|handle| handle.takes_connections())?;
        keeper.post.kept()
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

/// Whether a process may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// It may, since its birth or since it was last let go on: its silence counts from then on at
    /// the earliest.
    Awake { since: Instant },
    /// An operator stopped it: its silence means nothing, and it gets no new connections.
    Stopped,
}

/// A process that serves as a worker.
#[derive(Debug)]
pub(super) struct WorkerHandle {
    /// Its id, pid and generation.
    pub who: ProcessId,
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
    /// Where it accepts from.
    pub post: Post,
    /// Whether it has done its part and waits for a successor.
    pub outlived: bool,
    /// How far the master has gone with it since it fell silent.
    pub silence: Silence,
    /// Whether an operator stopped it.
    pub rest: Rest,
    /// Whether it holds all the connections that it can.
    pub full: bool,
    /// When it is killed, if it is told to end and does not.
    pub kill_at: Option<Instant>,
}

impl WorkerHandle {
    /// A process that has just been forked.
    pub fn new(who: ProcessId, slot: &'static Slot, channel: OwnedFd, intake: Intake) -> Self {
        Self {
            who,
            slot,
            channel,
            deaf: false,
            state: State::Starting,
            born: Instant::now(),
            lane: Lane::default(),
            post: Post::by_birth(intake),
            outlived: false,
            silence: Silence::None,
            rest: Rest::Awake { since: Instant::now() },
            full: false,
            kill_at: None,
        }
    }

    /// Whether new connections can go to it.
    pub fn takes_connections(&self) -> bool {
        self.state == State::Ready
            && self.silence == Silence::None
            && self.rest != Rest::Stopped
            && !self.full
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

    /// Has it told where to accept from, from now on.
    pub fn accept_from(&mut self, intake: Intake) {
        self.post = self.post.next(intake);
        let socket = match intake {
            Intake::Socket(index) => Some(index),
            Intake::Dealt => None,
        };
        self.lane.accept(socket, self.post.serial());
    }

    /// Has it told again what it could not do.
    pub fn try_post_again(&mut self) {
        if let Some(intake) = self.post.failed() {
            self.accept_from(intake);
        }
    }

    /// It goes on after an operator had stopped it: its silence until now was no fault of its own.
    pub fn go_on(&mut self) {
        self.rest = Rest::Awake { since: Instant::now() };
    }

    /// Has it told to finish and end, and killed if it has not after `patience`.
    pub fn leave(&mut self, queue: Queue, patience: Duration) {
        if matches!(self.state, State::Starting | State::Ready) {
            self.state = State::Leaving;
            self.lane.drain(queue);
            self.kill_at = Some(Instant::now() + patience);
        }
    }

    /// The state as the status shows it.
    pub fn shown_state(&self) -> ProcessState {
        match self.state {
            State::Starting | State::Ready if self.rest == Rest::Stopped => ProcessState::Stopped,
            State::Starting => ProcessState::Starting,
            State::Ready if self.silence != Silence::None => ProcessState::Stalled,
            State::Ready if self.full => ProcessState::Full,
            State::Ready => ProcessState::Ready,
            State::Leaving => ProcessState::Leaving,
            State::Killed => ProcessState::Killed,
        }
    }
}
