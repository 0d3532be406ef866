//! Stopping: no new connections, requests in progress finish, and at the deadline it ends anyway.

use std::time::{Duration, Instant};

use super::Master;
use super::admin::Office;
use super::command::let_go_on;
use super::handle::{State, WorkerHandle};
use crate::channel::Queue;
use crate::events::{DisconnectReason, Event};
use crate::sys::notify::Notice;
use crate::sys::process;
use crate::{Error, say};

/// What the master grants beyond the workers' own deadline before it kills them.
const GRACE: Duration = Duration::from_secs(1);

/// A stop under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// When workers that are still there are killed.
    pub deadline: Instant,
    /// Whether the workers have been told to drain.
    told: bool,
    /// Whether all workers are gone.
    pub ended: bool,
}

impl Master<'_> {
    /// The first signal begins the stop, a second one forces it.
    pub(super) fn begin_or_force_stop(&mut self) -> Result<(), Error> {
        if self.stop.is_some() {
            return self.kill_all();
        }
        let deadline = Instant::now() + self.plan.drain_timeout + GRACE;
        self.stop = Some(Stop { deadline, told: false, ended: false });
        self.renewal = None;
        self.notifier.tell(Notice::Stopping, "finishing what is under way");
        for handle in super::handles_mut(&mut self.seats, &mut self.leaving) {
            let_go_on(handle, &mut self.events)?;
        }
        self.group.withdraw();
        self.deal_the_rest()?;
        // The workers' own copies keep their queues until they have taken them over.
        self.group.sockets.clear();
        let open: u64 = self.handles().map(|handle| handle.slot.open.get()).sum();
        if open > 0 {
            say::announce_stop(open, self.plan.drain_timeout);
        }
        Ok(())
    }

    /// Carries a stop on: the order to drain follows the last connection; the deadline ends it.
    pub(super) fn go_on_stopping(&mut self) -> Result<(), Error> {
        let Some(stop) = self.stop else { return Ok(()) };
        if !stop.told && (self.dealer.waiting() == 0 || self.handles().next().is_none()) {
            self.stop = Some(Stop { told: true, ..stop });
            for index in 0..self.seats.len() {
                let seat = &mut self.seats[index];
                for handle in [seat.current.take(), seat.successor.take()].into_iter().flatten() {
                    self.send_off(handle, DisconnectReason::Stop, Queue::TakeIt)?;
                }
            }
        }
        if stop.deadline <= Instant::now() {
            self.kill_all()?;
        }
        if !stop.ended && self.handles().next().is_none() {
            self.end();
        }
        Ok(())
    }

    /// Tells that no worker is left, the admin process last.
    fn end(&mut self) {
        if let Some(stop) = &mut self.stop {
            stop.ended = true;
        }
        let skips = self.dealer.skips();
        self.events.emit(Event::End { skips });
        self.tell_admin();
        if let Some(office) = &mut self.admin {
            office.dismiss();
        }
    }

    /// Has a worker finish what is under way and end. From here on it is on nobody's seat.
    pub(super) fn send_off(
        &mut self,
        mut handle: WorkerHandle,
        reason: DisconnectReason,
        queue: Queue,
    ) -> Result<(), Error> {
        self.events.emit(Event::Disconnect { process: handle.who, reason });
        let_go_on(&mut handle, &mut self.events)?;
        handle.leave(queue, self.plan.drain_timeout + GRACE);
        self.leaving.push(handle);
        self.flush_lanes()
    }

    /// Kills every worker that was told to end, had its time, and is still there.
    pub(super) fn kill_the_overdue(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        for handle in &mut self.leaving {
            if handle.state != State::Killed && handle.kill_at.is_some_and(|at| at <= now) {
                kill(handle)?;
            }
        }
        if let Some(office) = &mut self.admin {
            office.kill_if_overdue()?;
        }
        Ok(())
    }

    /// Kills every worker that is still there.
    pub(super) fn kill_all(&mut self) -> Result<(), Error> {
        for handle in super::handles_mut(&mut self.seats, &mut self.leaving) {
            if handle.state != State::Killed {
                kill(handle)?;
            }
        }
        Ok(())
    }

    /// Whether the cluster has stopped and nobody is left.
    pub(super) fn over(&self) -> bool {
        let admin_left = self.admin.as_ref().is_some_and(Office::is_open);
        self.stop.is_some_and(|stop| stop.ended) && !admin_left
    }
}

fn kill(handle: &mut WorkerHandle) -> Result<(), Error> {
    handle.state = State::Killed;
    handle.kill_at = None;
    Ok(process::kill_now(handle.who.pid)?)
}
