//! Scaling at run time: more workers, or fewer.

use std::time::Instant;

use super::Master;
use super::handle::{Seat, WorkerHandle};
use super::refusal::Refusal;
use crate::Error;
use crate::channel::Queue;
use crate::events::{DisconnectReason, Event};
use crate::say;

impl Master<'_> {
    /// Wants one worker more, up to the plan's bound.
    pub(super) fn scale_up(&mut self) -> Result<(), Error> {
        let verdict = self.scale_to(self.wanted + 1)?;
        self.say_refused(verdict);
        Ok(())
    }

    /// Wants one worker fewer, down to one.
    pub(super) fn scale_down(&mut self) -> Result<(), Error> {
        let verdict = self.scale_to(self.wanted - 1)?;
        self.say_refused(verdict);
        Ok(())
    }

    /// Says why a signal changes nothing; that the cluster stops is plain.
    fn say_refused(&self, verdict: Result<(), Refusal>) {
        if let Err(refusal) = verdict
            && self.stop.is_none()
        {
            say::err(&format!("it stays at {}: {refusal}", self.wanted));
        }
    }

    /// Wants this many workers from now on; those with the highest ids leave.
    pub(super) fn scale_to(&mut self, wanted: u32) -> Result<Result<(), Refusal>, Error> {
        if self.stop.is_some() {
            return Ok(Err(Refusal::Stopping));
        }
        let most = self.plan.max_workers;
        if !(1..=most).contains(&wanted) {
            return Ok(Err(Refusal::Workers { asked: wanted, most }));
        }
        let sockets = self.dealer.sharing().sockets(wanted);
        if let Err(error) = self.group.grow_to(sockets) {
            return Ok(Err(Refusal::Sockets(error.to_string())));
        }
        for id in self.wanted + 1..=wanted {
            match self.seats.get_mut(id as usize - 1) {
                // It was there before, and may have been in a back-off.
                Some(seat) => seat.due = Instant::now(),
                None => self.seats.push(Seat::new(id)),
            }
        }
        if wanted != self.wanted {
            self.wanted = wanted;
            self.events.emit(Event::Scale { workers: wanted });
        }
        self.retire_the_unwanted()?;
        Ok(Ok(()))
    }

    /// Sends off whoever sits on a seat that is no longer wanted.
    fn retire_the_unwanted(&mut self) -> Result<(), Error> {
        let seats = self.seats[self.wanted as usize..].iter_mut().rev();
        let retired: Vec<WorkerHandle> =
            seats.flat_map(|seat| [seat.current.take(), seat.successor.take()]).flatten().collect();
        if retired.is_empty() {
            return Ok(());
        }
        // New connections must go elsewhere before the last one that serves a queue leaves.
        self.steer()?;
        for handle in retired {
            self.send_off(handle, DisconnectReason::Scale, Queue::LeaveIt)?;
        }
        Ok(())
    }
}
