//! What the workers report and how they end: every death is emitted and made good.

use super::Master;
use super::handle::{HeartbeatState, State, WorkerHandle};
use crate::Error;
use crate::channel::Report;
use crate::events::{DisconnectReason, Event, ExitReason};
use crate::say;
use crate::sys::notify::Notice;
use crate::sys::process::{self, Ending, Reaped};

impl Master<'_> {
    /// Reads the messages of these workers, and of those that have given connections back.
    pub(super) fn read_worker_messages(&mut self, woken: &[u32]) -> Result<(), Error> {
        let behind =
            self.workers.handles().filter(|handle| handle.handoffs.is_behind(handle.counters));
        let pids: Vec<u32> =
            behind.map(|handle| handle.process.pid).chain(woken.iter().copied()).collect();
        for pid in pids {
            while let Some(report) = self.workers.next_report(pid)? {
                self.handle_report(pid, report)?;
            }
        }
        Ok(())
    }

    fn handle_report(&mut self, pid: u32, report: Report) -> Result<(), Error> {
        let Some(handle) = self.workers.find_mut(pid) else { return Ok(()) };
        match report {
            Report::Online => self.context.events.emit(Event::Online(handle.process)),
            // One that was told to leave while it was starting takes nothing any more.
            Report::Listening if handle.state != State::Starting => {}
            Report::Listening => {
                handle.state = State::Ready;
                self.context.events.emit(Event::Listening(handle.process));
                if !self.spawner.startup.ever_ready {
                    self.spawner.startup.ever_ready = true;
                    let mode = self.dispatcher.policy().mode();
                    let text = format!("{mode} serves on {}", self.listeners.address);
                    self.context.notifier.tell(Notice::Ready, &text);
                }
            }
            Report::Accepts { serial, socket } => handle.assignment.confirm(serial, socket),
            Report::Outlived => handle.max_requests_reached = true,
            Report::Lost { after, count } => {
                let unacked = handle.handoffs.reclaim(after, count);
                if !handle.full {
                    say::err(&format!(
                        "worker {pid} has no descriptors left: connections go to \
                         others"
                    ));
                }
                // Until the next check of its heartbeat: its limit may have been lowered just now.
                handle.full = true;
                self.dispatcher.reclaim(unacked);
            }
            Report::Disconnecting => return self.release(pid),
        }
        Ok(())
    }

    /// A worker that was asked to end by somebody else leaves at once; its slot is filled anew.
    fn release(&mut self, pid: u32) -> Result<(), Error> {
        for slot in &mut self.workers.slots {
            let is_it = |handle: &mut WorkerHandle| handle.process.pid == pid;
            let handle = slot.current.take_if(is_it).or_else(|| slot.successor.take_if(is_it));
            if let Some(handle) = handle {
                slot.backoff.retry_now();
                self.dispatcher.steer(&self.workers, &mut self.listeners)?;
                return self.drain(handle, DisconnectReason::Signal);
            }
        }
        Ok(())
    }

    /// Collects every child that has ended, and has its slot filled again.
    pub(super) fn reap_children(&mut self) -> Result<(), Error> {
        while let Some(dead) = process::reap()? {
            if self.admin.as_mut().is_some_and(|admin| admin.reap(&dead)) {
                if !self.shutdown.has_begun() {
                    self.context.events.emit(Event::admin_exit(dead.pid, dead.ending));
                }
            } else if let Some(handle) = self.take_dead(&dead) {
                self.record_exit(handle, &dead);
            }
        }
        Ok(())
    }

    fn take_dead(&mut self, dead: &Reaped) -> Option<WorkerHandle> {
        let is_it = |handle: &mut WorkerHandle| handle.process.pid == dead.pid;
        let draining = &mut self.workers.draining;
        if let Some(index) = draining.iter_mut().position(is_it) {
            return Some(draining.swap_remove(index));
        }
        for slot in &mut self.workers.slots {
            if let Some(handle) = slot.current.take_if(is_it) {
                slot.backoff.after_death(handle.born.elapsed());
                return Some(handle);
            }
            if let Some(handle) = slot.successor.take_if(is_it) {
                let life = handle.born.elapsed();
                self.rolling_restart.successor_failed(slot, life, dead.ending, &mut self.context);
                return Some(handle);
            }
        }
        None
    }

    fn record_exit(&mut self, handle: WorkerHandle, dead: &Reaped) {
        let (counts, taken) = (handle.counters.counts(), handle.counters.taken.get());
        if handle.state == State::Starting {
            self.spawner.startup.record(dead.ending.to_string());
        }
        let exit =
            Event::exit(handle.process, dead.ending, exit_reason(&handle, dead), counts, dead.cpu);
        self.context.events.emit(exit);
        let slot = &mut self.workers.slots[handle.process.id as usize - 1];
        slot.past.fold(&counts);
        slot.past_cpu.fold(dead.cpu);
        self.dispatcher.reclaim(handle.handoffs.into_unacked(taken));
        handle.counters.free();
    }
}

fn exit_reason(handle: &WorkerHandle, dead: &Reaped) -> ExitReason {
    match handle.state {
        State::Leaving if dead.ending == Ending::Code(0) => ExitReason::Drained,
        State::Killed => ExitReason::Killed,
        _ if handle.heartbeat >= HeartbeatState::Aborted => ExitReason::Stalled,
        State::Starting | State::Ready | State::Leaving => ExitReason::Crashed,
    }
}
