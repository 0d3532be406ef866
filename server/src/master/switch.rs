//! Switching the mode while the cluster runs: nobody is refused, and no connection is reset.
//!
//! At once new connections are steered to where the new mode wants them, and each worker is sent the
//! order which socket to accept from, if from any. Until a worker has confirmed it, the queue that
//! it is to keep is the master's, as is every queue that nobody keeps: so there is no moment at which
//! one has no keeper, whoever dies, starts, stalls or leaves meanwhile, and a switch may be overtaken
//! by the next.

use super::Master;
use super::handle::{Seat, State};
use super::refusal::Refusal;
use crate::Mode;
use crate::events::Event;
use crate::mode::Sharing;

impl Master<'_> {
    /// Shares connections out by this mode from now on; says whether that is a change. The lanes
    /// have to be flushed after it.
    pub(super) fn switch_mode(&mut self, mode: Mode) -> Result<bool, Refusal> {
        if self.stop.is_some() {
            return Err(Refusal::Stopping);
        }
        let sharing = Sharing::of(mode).ok_or(Refusal::NotForked(mode))?;
        mode.check_family(self.group.address.family())?;
        if mode == self.dealer.sharing().mode() {
            return Ok(false);
        }
        let sockets = sharing.sockets(self.wanted);
        if sockets > 1 && !self.group.may_grow() {
            return Err(Refusal::LoneSocket(mode));
        }
        self.group.grow_to(sockets).map_err(|error| Refusal::Sockets(error.to_string()))?;
        self.dealer.switch_to(sharing);
        self.events.emit(Event::Mode { mode });
        // Those that leave already take nothing more.
        for seat in &mut self.seats {
            let intake = self.dealer.sharing().intake(seat.id);
            for handle in seat.handles_mut() {
                if matches!(handle.state, State::Starting | State::Ready) {
                    handle.accept_from(intake);
                }
            }
        }
        self.switching = true;
        Ok(true)
    }

    /// Tells when every worker that takes connections accepts as the mode wants it.
    pub(super) fn go_on_switching(&mut self) {
        if !self.switching || self.stop.is_some() {
            return;
        }
        let is_done = |seat: &Seat| {
            let current = seat.current.as_ref().filter(|handle| handle.takes_connections());
            current.is_none_or(|handle| handle.post.is_taken())
        };
        if self.seats[..self.wanted as usize].iter().all(is_done) {
            self.switching = false;
            self.events.emit(Event::Switched { mode: self.dealer.sharing().mode() });
        }
    }
}
