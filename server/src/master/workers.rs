//! All workers' processes: those that have a slot, and those that were told to end.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::command_error::CommandError;
use super::context::Context;
use super::handle::WorkerHandle;
use super::worker_slot::WorkerSlot;
use crate::channel::{Queue, Report};
use crate::events::{DisconnectReason, Event};
use crate::sys::SysError;
use crate::sys::fdpass::ControlBuffer;

/// What the master grants beyond the workers' own deadline before it kills them.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// Poll interval while acknowledgements are pending: the scoreboard wakes nobody. A late look only
/// delays the end of a connection that its worker closes at once.
const ACKNOWLEDGEMENT_INTERVAL: Duration = Duration::from_millis(2);

pub(super) struct Workers {
    /// One slot per worker id that there has ever been.
    pub slots: Vec<WorkerSlot>,
    /// Processes that were told to finish and end; they are in no slot any more.
    pub draining: Vec<WorkerHandle>,
    /// How many of the slots are to be filled: the first so many.
    pub wanted: u32,
    buffer: ControlBuffer,
}

impl Workers {
    pub fn new(wanted: u32) -> Self {
        let slots = (1..=wanted).map(WorkerSlot::new).collect();
        Self { slots, draining: Vec::new(), wanted, buffer: ControlBuffer::default() }
    }

    pub fn wanted_slots(&self) -> &[WorkerSlot] {
        &self.slots[..self.wanted as usize]
    }

    pub fn wanted_slots_mut(&mut self) -> &mut [WorkerSlot] {
        &mut self.slots[..self.wanted as usize]
    }

    pub fn handles(&self) -> impl Iterator<Item = &WorkerHandle> {
        self.slots.iter().flat_map(WorkerSlot::handles).chain(&self.draining)
    }

    pub fn handles_mut(&mut self) -> impl Iterator<Item = &mut WorkerHandle> {
        self.slots.iter_mut().flat_map(WorkerSlot::handles_mut).chain(&mut self.draining)
    }

    pub fn is_empty(&self) -> bool {
        self.handles().next().is_none()
    }

    pub fn find_mut(&mut self, pid: u32) -> Option<&mut WorkerHandle> {
        self.handles_mut().find(|handle| handle.process.pid == pid)
    }

    /// The process that serves as this worker.
    pub fn current_mut(&mut self, id: u32) -> Result<&mut WorkerHandle, CommandError> {
        let last = self.wanted;
        if !(1..=last).contains(&id) {
            return Err(CommandError::NoWorker { id, last });
        }
        self.slots[id as usize - 1].current.as_mut().ok_or(CommandError::Vacant(id))
    }

    pub fn next_due(&self) -> Option<Instant> {
        let kills = self.draining.iter().filter_map(|handle| handle.kill_at);
        let awaited = self.handles().any(|handle| handle.handoffs.awaits_acknowledgement());
        kills.chain(awaited.then(|| Instant::now() + ACKNOWLEDGEMENT_INTERVAL)).min()
    }

    pub fn next_report(&mut self, pid: u32) -> Result<Option<Report>, SysError> {
        let mut handles =
            self.slots.iter_mut().flat_map(WorkerSlot::handles_mut).chain(&mut self.draining);
        match handles.find(|handle| handle.process.pid == pid) {
            Some(handle) => handle.next_report(&mut self.buffer),
            None => Ok(None),
        }
    }

    /// Tells a process that has left its slot to finish what is under way and end. `sockets` are
    /// the listening ones.
    pub fn drain(
        &mut self,
        mut handle: WorkerHandle,
        reason: DisconnectReason,
        queue: Queue,
        sockets: &[OwnedFd],
        context: &mut Context<'_>,
    ) -> Result<(), SysError> {
        context.events.emit(Event::Disconnect { process: handle.process, reason });
        handle.resume(&mut context.events)?;
        handle.drain(queue, context.plan.drain_timeout + GRACE);
        self.draining.push(handle);
        self.flush(sockets)
    }

    /// Sends what is on its way to any process, and closes the copies of what has been taken over.
    pub fn flush(&mut self, sockets: &[OwnedFd]) -> Result<(), SysError> {
        self.handles_mut().try_for_each(|handle| handle.flush(sockets))
    }

    /// Kills every process that was told to end, had its time, and is still there.
    pub fn kill_overdue(&mut self) -> Result<(), SysError> {
        let now = Instant::now();
        let overdue = |handle: &&mut WorkerHandle| handle.kill_at.is_some_and(|at| at <= now);
        self.draining.iter_mut().filter(overdue).try_for_each(WorkerHandle::kill)
    }

    pub fn kill_all(&mut self) -> Result<(), SysError> {
        self.handles_mut().try_for_each(WorkerHandle::kill)
    }
}
