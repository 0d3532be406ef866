//! Scaling: one worker more, one fewer, at run time.

use std::time::Instant;

use super::Master;
use super::handle::Seat;
use crate::Error;
use crate::channel::Queue;
use crate::events::{Event, Parting};
use crate::say;

impl Master<'_> {
    /// Wants one worker more, up to the plan's bound.
    pub(super) fn scale_up(&mut self) {
        let wanted = self.wanted + 1;
        if self.stop.is_some() {
            return;
        }
        if wanted > self.plan.max_workers {
            say::err(&format!("{} workers are the most that --max-workers allows", self.wanted));
            return;
        }
        let sockets = self.dealer.sharing().sockets(wanted);
        if let Err(error) = self.group.grow_to(sockets) {
            say::err(&format!("no worker is added: {error}"));
            return;
        }
        match self.seats.get_mut(self.wanted as usize) {
            // It was there before, and may have been in a back-off.
            Some(seat) => seat.due = Instant::now(),
            None => self.seats.push(Seat::new(wanted)),
        }
        self.wanted = wanted;
        self.events.tell(&Event::Scale { workers: wanted });
    }

    /// Wants one worker fewer, down to one: the one with the highest id leaves.
    pub(super) fn scale_down(&mut self) -> Result<(), Error> {
        if self.stop.is_some() {
            return Ok(());
        }
        if self.wanted == 1 {
            say::err("the last worker stays");
            return Ok(());
        }
        self.wanted -= 1;
        self.events.tell(&Event::Scale { workers: self.wanted });
        let seat = &mut self.seats[self.wanted as usize];
        let retired = [seat.current.take(), seat.successor.take()];
        // New connections must go elsewhere before the last one that serves the queue leaves.
        self.steer()?;
        for handle in retired.into_iter().flatten() {
            self.send_off(handle, Parting::Scale, Queue::LeaveIt)?;
        }
        Ok(())
    }
}
