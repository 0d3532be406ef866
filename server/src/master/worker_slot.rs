//! The place of a worker id, which processes come to and leave.

use super::backoff::Backoff;
use super::handle::{State, WorkerHandle};
use crate::mode::Candidate;
use crate::scoreboard::Counts;
use crate::sys::process::CpuTime;

#[derive(Debug)]
pub(super) struct WorkerSlot {
    pub id: u32,
    pub generation: u32,
    pub current: Option<WorkerHandle>,
    /// The process that is to take its place as soon as it is ready.
    pub successor: Option<WorkerHandle>,
    pub backoff: Backoff,
    /// What its processes that have ended did.
    pub past: Counts,
    pub past_cpu: CpuTime,
}

impl WorkerSlot {
    pub fn new(id: u32) -> Self {
        let (generation, current, successor, past, past_cpu) = Default::default();
        Self { id, generation, current, successor, backoff: Backoff::new(), past, past_cpu }
    }

    pub fn is_empty(&self) -> bool {
        self.current.is_none() && self.successor.is_none()
    }

    /// Whether its process is ready and no successor is under way.
    pub fn is_settled(&self) -> bool {
        let ready = |handle: &WorkerHandle| handle.state == State::Ready;
        self.successor.is_none() && self.current.as_ref().is_some_and(ready)
    }

    pub fn is_live(&self) -> bool {
        self.current.as_ref().is_some_and(WorkerHandle::takes_connections)
    }

    pub fn candidate(&self) -> Candidate {
        self.current.as_ref().map_or_else(Candidate::default, WorkerHandle::candidate)
    }

    /// The listening socket whose queue it surely empties: its process takes connections, and has
    /// confirmed that it accepts from this one.
    pub fn accepting_socket(&self) -> Option<usize> {
        let current = self.current.as_ref().filter(|handle| handle.takes_connections())?;
        current.assignment.accepting_socket()
    }

    pub fn handles(&self) -> impl Iterator<Item = &WorkerHandle> {
        self.current.iter().chain(&self.successor)
    }

    pub fn handles_mut(&mut self) -> impl Iterator<Item = &mut WorkerHandle> {
        self.current.iter_mut().chain(&mut self.successor)
    }
}
