//! A worker's process as its master sees it. The process's own side is `worker/mod.rs`.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use super::accept_assignment::AcceptAssignment;
use super::handoff_queue::HandoffQueue;
use crate::channel::{Heard, Queue, Report, next_report};
use crate::events::log::EventLog;
use crate::events::{Event, ProcessId};
use crate::mode::{Candidate, Intake};
use crate::scoreboard::Slot;
use crate::status::ProcessState;
use crate::sys::fdpass::ControlBuffer;
use crate::sys::poll::Watch;
use crate::sys::{SysError, process};

/// How far a process has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Starting,
    Ready,
    /// Told to finish what is under way and end.
    Leaving,
    Killed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunState {
    /// It runs since its birth or since it was last continued: its silence counts from then on at
    /// the earliest.
    Running { since: Instant },
    /// An operator stopped it: its silence means nothing, and it gets no new connections.
    Stopped,
}

/// How far the master has gone with a process that sends no heartbeat. Later is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HeartbeatState {
    Alive,
    /// Past the timeout: it gets no new connections, but may come back.
    Stalled,
    /// Past one and a half: it was sent SIGABRT, which ends a spinning one.
    Aborted,
    /// Past twice the timeout: it was killed, which ends a stopped one, too.
    Killed,
}

#[derive(Debug)]
pub(super) struct WorkerHandle {
    pub process: ProcessId,
    pub counters: &'static Slot,
    channel: OwnedFd,
    /// Whether it has closed its end of the channel: it is about to die.
    channel_closed: bool,
    pub state: State,
    pub born: Instant,
    pub handoffs: HandoffQueue,
    pub assignment: AcceptAssignment,
    /// Whether it has answered as many requests as it was to, and waits for a successor.
    pub max_requests_reached: bool,
    pub heartbeat: HeartbeatState,
    pub run_state: RunState,
    /// Whether it holds all the connections that it can.
    pub full: bool,
    /// When it is killed, if it is told to end and does not.
    pub kill_at: Option<Instant>,
}

impl WorkerHandle {
    pub fn new(
        process: ProcessId,
        counters: &'static Slot,
        channel: OwnedFd,
        intake: Intake,
    ) -> Self {
        Self {
            process,
            counters,
            channel,
            channel_closed: false,
            state: State::Starting,
            born: Instant::now(),
            handoffs: HandoffQueue::default(),
            assignment: AcceptAssignment::by_birth(intake),
            max_requests_reached: false,
            heartbeat: HeartbeatState::Alive,
            run_state: RunState::Running { since: Instant::now() },
            full: false,
            kill_at: None,
        }
    }

    /// Whether it has neither been told to end nor been killed.
    pub fn is_active(&self) -> bool {
        matches!(self.state, State::Starting | State::Ready)
    }

    pub fn takes_connections(&self) -> bool {
        self.state == State::Ready
            && self.heartbeat == HeartbeatState::Alive
            && self.run_state != RunState::Stopped
            && !self.full
    }

    pub fn candidate(&self) -> Candidate {
        let load = self.counters.open.get() + self.handoffs.under_way(self.counters) as u64;
        let capacity = match self.counters.room.get() {
            // It has not told yet.
            0 => u64::MAX,
            capacity => capacity.saturating_sub(load),
        };
        let credit = self.handoffs.credit(self.counters);
        Candidate {
            ready: self.takes_connections(),
            credit: credit.min(usize::try_from(capacity).unwrap_or(usize::MAX)),
            load,
        }
    }

    /// Has it told where to accept from, from now on.
    pub fn accept_from(&mut self, intake: Intake) {
        self.assignment = self.assignment.next(intake);
        let socket = match intake {
            Intake::Socket(index) => Some(index),
            Intake::Dealt => None,
        };
        self.handoffs.accept(socket, self.assignment.serial());
    }

    /// Has it told again to accept from a socket that it could not receive.
    pub fn retry_assignment(&mut self) {
        if let Some(intake) = self.assignment.failed() {
            self.accept_from(intake);
        }
    }

    /// Continues it if an operator stopped it: to serve, or because it has to end. Its silence until
    /// now was no fault of its own.
    pub fn resume(&mut self, events: &mut EventLog) -> Result<(), SysError> {
        if self.run_state == RunState::Stopped && self.state != State::Killed {
            process::go_on(self.process.pid)?;
            self.run_state = RunState::Running { since: Instant::now() };
            events.emit(Event::Continued(self.process));
        }
        Ok(())
    }

    /// Has it told to finish and end, and killed if it has not after `timeout`.
    pub fn drain(&mut self, queue: Queue, timeout: Duration) {
        if self.is_active() {
            self.state = State::Leaving;
            self.handoffs.drain(queue);
            self.kill_at = Some(Instant::now() + timeout);
        }
    }

    pub fn kill(&mut self) -> Result<(), SysError> {
        if self.state != State::Killed {
            self.state = State::Killed;
            self.kill_at = None;
            process::kill_now(self.process.pid)?;
        }
        Ok(())
    }

    /// Sends what is on its way to it, and closes the copies of what it has taken over. `sockets`
    /// are the listening ones.
    pub fn flush(&mut self, sockets: &[OwnedFd]) -> Result<(), SysError> {
        if self.state != State::Killed {
            self.handoffs.flush(self.channel.as_fd(), sockets)?;
        }
        if self.handoffs.awaits_acknowledgement() {
            let taken = self.counters.taken.get();
            if !self.handoffs.is_behind(self.counters) {
                self.handoffs.acknowledge(taken);
            }
        }
        Ok(())
    }

    pub fn watch(&self) -> Option<Watch<'_>> {
        (!self.channel_closed).then(|| Watch::new(self.channel.as_fd(), self.handoffs.blocked))
    }

    pub fn next_report(&mut self, buffer: &mut ControlBuffer) -> Result<Option<Report>, SysError> {
        if self.channel_closed {
            return Ok(None);
        }
        Ok(match next_report(&self.channel, buffer)? {
            Heard::Message(report) => Some(report),
            Heard::Nothing => None,
            Heard::PeerGone => {
                self.channel_closed = true;
                None
            }
        })
    }

    pub fn shown_state(&self) -> ProcessState {
        match self.state {
            State::Starting | State::Ready if self.run_state == RunState::Stopped => {
                ProcessState::Stopped
            }
            State::Starting => ProcessState::Starting,
            State::Ready if self.heartbeat != HeartbeatState::Alive => ProcessState::Stalled,
            State::Ready if self.full => ProcessState::Full,
            State::Ready => ProcessState::Ready,
            State::Leaving => ProcessState::Leaving,
            State::Killed => ProcessState::Killed,
        }
    }
}
