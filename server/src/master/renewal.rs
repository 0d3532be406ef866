//! Renewal: replacing workers that serve, one by one, the successor ready before its predecessor
//! leaves. For a rolling restart, and for workers that have answered as many requests as they were
//! to.

use std::time::{Duration, Instant};

use super::Master;
use super::handle::{Seat, State};
use super::refusal::Refusal;
use crate::channel::Queue;
use crate::events::{DisconnectReason, Event};
use crate::sys::notify::Notice;
use crate::sys::process::Ending;
use crate::{Error, chance, say};

/// How many successors in a row may die before they are ready, until a rolling restart is given up.
const ATTEMPTS: u32 = 3;

/// A rolling restart under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renewal {
    /// Workers that were born before are to be replaced.
    born_before: Instant,
    /// Successors that died, in a row.
    failures: u32,
}

impl Master<'_> {
    /// Begins a rolling restart. One that is under way begins anew: whoever asks wants processes
    /// that are younger than the question.
    pub(super) fn begin_renewal(&mut self) -> Result<(), Refusal> {
        if self.stop.is_some() {
            return Err(Refusal::Stopping);
        }
        self.renewal = Some(Renewal { born_before: Instant::now(), failures: 0 });
        self.events.emit(Event::Restart {});
        self.notifier.tell(Notice::Reloading, "replacing the workers");
        Ok(())
    }

    /// Whether the process of this seat is to be replaced.
    fn is_to_be_renewed(&self, seat: &Seat) -> bool {
        seat.current.as_ref().is_some_and(|handle| {
            let too_old = self.renewal.is_some_and(|renewal| handle.born < renewal.born_before);
            handle.state == State::Ready && (handle.outlived || too_old)
        })
    }

    /// The seat that gets a successor next: one at a time.
    pub(super) fn next_to_renew(&self) -> Option<&Seat> {
        let wanted = &self.seats[..self.wanted as usize];
        if wanted.iter().any(|seat| seat.successor.is_some()) {
            return None;
        }
        wanted.iter().find(|seat| self.is_to_be_renewed(seat))
    }

    /// Lets a successor that is ready take over, and ends a rolling restart that is complete.
    pub(super) fn go_on_renewing(&mut self) -> Result<(), Error> {
        for index in 0..self.seats.len() {
            let seat = &mut self.seats[index];
            let is_ready = |handle: &super::WorkerHandle| handle.state == State::Ready;
            if seat.successor.as_ref().is_some_and(is_ready) || seat.current.is_none() {
                let Some(successor) = seat.successor.take() else { continue };
                let predecessor = seat.current.replace(successor);
                if let Some(renewal) = &mut self.renewal {
                    renewal.failures = 0;
                }
                if let Some(predecessor) = predecessor {
                    let reason = if predecessor.outlived {
                        DisconnectReason::MaxRequests
                    } else {
                        DisconnectReason::Restart
                    };
                    self.send_off(predecessor, reason, Queue::LeaveIt)?;
                }
            }
        }
        self.end_renewal_when_complete();
        Ok(())
    }

    /// A rolling restart is complete when every worker is ready and none is too old.
    fn end_renewal_when_complete(&mut self) {
        let Some(renewal) = self.renewal else { return };
        let is_renewed = |seat: &Seat| {
            seat.successor.is_none()
                && seat.current.as_ref().is_some_and(|handle| {
                    handle.state == State::Ready && handle.born >= renewal.born_before
                })
        };
        if self.seats[..self.wanted as usize].iter().all(is_renewed) {
            self.renewal = None;
            self.events.emit(Event::Restarted {});
            self.notifier.tell(Notice::Ready, "all workers are replaced");
        }
    }

    /// A successor died before it was ready: its predecessor serves on. After some attempts a
    /// rolling restart is given up; a worker that has done its part is tried for again and again.
    pub(super) fn successor_failed(&mut self, index: usize, life: Duration, how: Ending) {
        let seat = &mut self.seats[index];
        seat.due = Instant::now() + seat.backoff.after_death(life, chance::unit());
        let Some(renewal) = &mut self.renewal else { return };
        renewal.failures += 1;
        if renewal.failures == ATTEMPTS {
            self.renewal = None;
            seat.due = Instant::now();
            let id = seat.id;
            self.events.emit(Event::RestartFailed { id, how: how.to_string() });
            self.notifier.tell(Notice::Ready, "the restart failed, the old workers serve on");
            say::err(&format!(
                "the restart is given up: worker {id}'s replacement died {ATTEMPTS} \
                 times while starting ({how}); the old workers serve on"
            ));
        }
    }
}
