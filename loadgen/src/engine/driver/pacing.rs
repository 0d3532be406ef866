//! The open loop's requests are handed to the connections that have been free for longest.

use super::Driver;
use crate::engine::pacer::Due;
use crate::engine::transport::Transport;

impl<T: Transport> Driver<T> {
    /// Notices what is due, and sends it as far as there are free connections.
    pub(super) fn release(&mut self, now: u64) {
        if self.shift.pacer.is_some() {
            self.shift.notice(now);
            self.dispatch();
        }
    }

    /// Sends what is due on the connections that are free.
    fn dispatch(&mut self) {
        while let Some((due, place)) = self.pair() {
            let sent = self.shift.shard.clock.now();
            self.shift.tally.send(due.begin, due.noticed, sent);
            self.begin(place, due.begin, sent);
            self.transmit(place, sent);
        }
    }

    /// The oldest due request with the connection that has been free for longest.
    fn pair(&mut self) -> Option<(Due, usize)> {
        let pacer = self.shift.pacer.as_mut()?;
        let due = *pacer.waiting.front()?;
        let place = self.idle.pop_front()?;
        pacer.waiting.pop_front();
        self.connections[place].idle -= 1;
        Some((due, place))
    }

    /// Puts a connection in line for requests, once for each that it has room for.
    pub(super) fn offer(&mut self, place: usize) {
        let depth = self.shift.shard.plan.pipeline;
        let limit = self.shift.shard.plan.per_connection.unwrap_or(u64::MAX);
        let connection = &mut self.connections[place];
        while connection.outstanding.len() as u64 + u64::from(connection.idle) < u64::from(depth)
            && connection.used + u64::from(connection.idle) < limit
        {
            connection.idle += 1;
            self.idle.push_back(place);
        }
        self.dispatch();
    }
}
