//! Replacing workers that serve, one by one, the successor ready before its predecessor leaves: for
//! a rolling restart, and for workers that have answered as many requests as they were to.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::context::Context;
use super::handle::State;
use super::worker_slot::WorkerSlot;
use super::workers::Workers;
use crate::channel::Queue;
use crate::events::{DisconnectReason, Event};
use crate::say;
use crate::sys::SysError;
use crate::sys::notify::Notice;
use crate::sys::process::Ending;

/// How many successors in a row may die before they are ready, until a rolling restart is given up.
const MAX_FAILURES: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct RollingRestart(Option<Progress>);

#[derive(Debug)]
struct Progress {
    /// Workers that were born before are to be replaced.
    born_before: Instant,
    /// Successors that died, in a row.
    failures: u32,
}

impl RollingRestart {
    /// Begins a rolling restart. One that is under way begins anew: whoever asks wants processes
    /// that are younger than the request.
    pub fn begin(&mut self, context: &mut Context<'_>) {
        self.0 = Some(Progress { born_before: Instant::now(), failures: 0 });
        context.events.emit(Event::Restart {});
        context.notifier.tell(Notice::Reloading, "replacing the workers");
    }

    /// Ends it without a word: the cluster stops.
    pub fn cancel(&mut self) {
        self.0 = None;
    }

    fn is_too_old(&self, born: Instant) -> bool {
        self.0.as_ref().is_some_and(|progress| born < progress.born_before)
    }

    /// The slot that gets a successor next: one at a time.
    pub fn next_slot<'w>(&self, workers: &'w Workers) -> Option<&'w WorkerSlot> {
        let wanted = workers.wanted_slots();
        if wanted.iter().any(|slot| slot.successor.is_some()) {
            return None;
        }
        wanted.iter().find(|slot| {
            slot.current.as_ref().is_some_and(|handle| {
                handle.state == State::Ready
                    && (handle.max_requests_reached || self.is_too_old(handle.born))
            })
        })
    }

    /// Lets a successor that is ready take over, and ends a rolling restart that is complete.
    pub fn step(
        &mut self,
        workers: &mut Workers,
        sockets: &[OwnedFd],
        context: &mut Context<'_>,
    ) -> Result<(), SysError> {
        for index in 0..workers.slots.len() {
            let slot = &mut workers.slots[index];
            let vacant = slot.current.is_none();
            let takes_over =
                slot.successor.take_if(|handle| vacant || handle.state == State::Ready);
            let Some(successor) = takes_over else { continue };
            if let Some(progress) = &mut self.0 {
                progress.failures = 0;
            }
            if let Some(predecessor) = slot.current.replace(successor) {
                let reason = if predecessor.max_requests_reached {
                    DisconnectReason::MaxRequests
                } else {
                    DisconnectReason::Restart
                };
                workers.drain(predecessor, reason, Queue::LeaveIt, sockets, context)?;
            }
        }
        self.end_when_complete(workers, context);
        Ok(())
    }

    /// A rolling restart is complete when every worker is ready and none is too old.
    fn end_when_complete(&mut self, workers: &Workers, context: &mut Context<'_>) {
        let is_new = |slot: &WorkerSlot| {
            slot.is_settled() && slot.handles().all(|handle| !self.is_too_old(handle.born))
        };
        if self.0.is_some() && workers.wanted_slots().iter().all(is_new) {
            self.0 = None;
            context.events.emit(Event::Restarted {});
            context.notifier.tell(Notice::Ready, "all workers are replaced");
        }
    }

    /// A successor died before it was ready: its predecessor serves on. After some attempts a
    /// rolling restart is given up; a worker that has done its part is tried for again and again.
    pub fn successor_failed(
        &mut self,
        slot: &mut WorkerSlot,
        life: Duration,
        how: Ending,
        context: &mut Context<'_>,
    ) {
        slot.backoff.after_death(life);
        let Some(progress) = &mut self.0 else { return };
        progress.failures += 1;
        if progress.failures == MAX_FAILURES {
            self.0 = None;
            slot.backoff.retry_now();
            let id = slot.id;
            context.events.emit(Event::RestartFailed { id, how: how.to_string() });
            context.notifier.tell(Notice::Ready, "the restart failed, the old workers serve on");
            say::err(&format!(
                "the restart is given up: worker {id}'s replacement died {MAX_FAILURES} \
                 times while starting ({how}); the old workers serve on"
            ));
        }
    }
}
