//! Shutdown: no new connections, requests in progress finish, and at the deadline it ends anyway.

use std::time::Instant;

use super::context::Context;
use super::dispatcher::Dispatcher;
use super::workers::{GRACE, Workers};
use crate::channel::Queue;
use crate::events::{DisconnectReason, Event};
use crate::listener::Group;
use crate::say;
use crate::sys::SysError;
use crate::sys::notify::Notice;

/// How far the cluster's shutdown has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shutdown {
    #[default]
    NotBegun,
    /// Connections that were accepted are still on their way to workers. Whoever is left at the
    /// deadline is killed.
    Dispatching {
        deadline: Instant,
    },
    /// The workers have been told to drain.
    Draining {
        deadline: Instant,
    },
    Ended,
}

impl Shutdown {
    pub fn has_begun(self) -> bool {
        self != Self::NotBegun
    }

    pub fn deadline(self) -> Option<Instant> {
        match self {
            Self::Dispatching { deadline } | Self::Draining { deadline } => Some(deadline),
            Self::NotBegun | Self::Ended => None,
        }
    }

    /// Begins it: nothing new is let in, and what has been let in is dispatched.
    pub fn begin(
        &mut self,
        workers: &mut Workers,
        dispatcher: &mut Dispatcher,
        listeners: &mut Group,
        context: &mut Context<'_>,
    ) -> Result<(), SysError> {
        let drain_timeout = context.plan.drain_timeout;
        *self = Self::Dispatching { deadline: Instant::now() + drain_timeout + GRACE };
        context.notifier.tell(Notice::Stopping, "finishing what is under way");
        workers.handles_mut().try_for_each(|handle| handle.resume(&mut context.events))?;
        listeners.withdraw();
        dispatcher.dispatch_rest(workers, listeners)?;
        // The workers' own copies keep their queues until they have taken them over.
        listeners.sockets.clear();
        let open: u64 = workers.handles().map(|handle| handle.counters.open.get()).sum();
        if open > 0 {
            say::announce_stop(open, drain_timeout);
        }
        Ok(())
    }

    /// Carries it on: the order to drain follows the last connection; the deadline ends it.
    pub fn step(
        &mut self,
        workers: &mut Workers,
        dispatcher: &Dispatcher,
        context: &mut Context<'_>,
    ) -> Result<(), SysError> {
        if let Self::Dispatching { deadline } = *self
            && (dispatcher.pending() == 0 || workers.is_empty())
        {
            *self = Self::Draining { deadline };
            for index in 0..workers.slots.len() {
                let slot = &mut workers.slots[index];
                for handle in [slot.current.take(), slot.successor.take()].into_iter().flatten() {
                    workers.drain(handle, DisconnectReason::Stop, Queue::TakeIt, &[], context)?;
                }
            }
        }
        if self.deadline().is_some_and(|deadline| deadline <= Instant::now()) {
            workers.kill_all()?;
        }
        if matches!(self, Self::Draining { .. }) && workers.is_empty() {
            *self = Self::Ended;
            context.events.emit(Event::End { skips: dispatcher.skips() });
        }
        Ok(())
    }
}
