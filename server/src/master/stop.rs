//! Stopping: no new connections, requests in progress finish, and at the deadline it ends anyway.

use std::time::{Duration, Instant};

use super::Master;
use super::handle::State;
use crate::Error;
use crate::events::{Event, announce_stop};
use crate::sys::process;

/// What the master grants beyond the workers' own deadline before it kills them.
const GRACE: Duration = Duration::from_secs(1);

/// A stop under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// When workers that are still there are killed.
    pub deadline: Instant,
    /// Whether the workers have been told to drain.
    told: bool,
}

impl Master<'_> {
    /// The first signal begins the stop, a second one forces it.
    pub(super) fn begin_or_force_stop(&mut self) -> Result<(), Error> {
        if self.stop.is_some() {
            return self.kill_all();
        }
        let deadline = Instant::now() + self.plan.drain_timeout + GRACE;
        self.stop = Some(Stop { deadline, told: false });
        self.deal_the_rest()?;
        // The workers' own copies keep their queues until they have taken them over.
        self.listeners.sockets.clear();
        let open: u64 = self.handles().map(|handle| handle.slot.open.get()).sum();
        if open > 0 {
            announce_stop(open, self.plan.drain_timeout);
        }
        Ok(())
    }

    /// Carries a stop on: the order to drain follows the last connection; the deadline ends it.
    pub(super) fn go_on_stopping(&mut self) -> Result<(), Error> {
        let Some(stop) = self.stop else { return Ok(()) };
        if !stop.told && (self.dealer.is_idle() || self.handles().next().is_none()) {
            self.stop = Some(Stop { told: true, ..stop });
            for handle in self.seats.iter_mut().filter_map(|seat| seat.handle.as_mut()) {
                if handle.state != State::Killed {
                    if handle.state != State::Draining {
                        self.events.tell(&Event::Disconnect(handle.who));
                    }
                    handle.state = State::Draining;
                    handle.lane.drain();
                }
            }
            self.flush_lanes()?;
        }
        if stop.deadline <= Instant::now() {
            self.kill_all()?;
        }
        Ok(())
    }

    /// Kills every worker that is still there.
    pub(super) fn kill_all(&mut self) -> Result<(), Error> {
        for handle in self.seats.iter_mut().filter_map(|seat| seat.handle.as_mut()) {
            if handle.state != State::Killed {
                handle.state = State::Killed;
                process::kill_now(handle.who.pid)?;
            }
        }
        Ok(())
    }

    /// Whether the cluster has stopped and nobody is left.
    pub(super) fn over(&self) -> bool {
        self.stop.is_some() && self.handles().next().is_none()
    }

    /// Tells that all is over.
    pub(super) fn close(&mut self) {
        let skips = self.dealer.sharing().skips();
        self.events.tell(&Event::End { skips });
    }

    fn handles(&self) -> impl Iterator<Item = &super::handle::WorkerHandle> {
        self.seats.iter().filter_map(|seat| seat.handle.as_ref())
    }
}
