//! The sending half of the loop: opening connections and beginning requests.

use std::io;

use super::Driver;
use crate::address::Address;
use crate::clock::nanos;
use crate::engine::connection::Sent;
use crate::engine::transport::{Text, Transport};
use crate::outcome::Outcome;
use crate::plan::RETRY_PAUSE;
use crate::timestamps::Timestamps;

impl<T: Transport> Driver<T> {
    pub(super) fn start(&mut self) {
        for place in 0..self.connections.len() {
            self.proceed(place, self.shift.shard.clock.now());
        }
    }

    /// A connection has room for requests: those of the closed loop begin at once, those of the
    /// open loop when they are due.
    pub(super) fn proceed(&mut self, place: usize, now: u64) {
        if self.shift.pacer.is_some() {
            self.offer(place);
            return;
        }
        let before = self.shift.outstanding;
        while self.has_room(place) && self.shift.take(now) {
            self.begin(place, now, now);
        }
        if self.shift.outstanding > before {
            self.transmit(place, now);
        }
    }

    pub(super) fn has_room(&self, place: usize) -> bool {
        let connection = &self.connections[place];
        connection.outstanding.len() < self.shift.shard.plan.pipeline as usize
            && !self.shift.is_spent(connection.used)
    }

    /// Books a request as sent and adds it to the output.
    pub(super) fn begin(&mut self, place: usize, begin: u64, sent: u64) {
        let connection = &mut self.connections[place];
        connection.used += 1;
        let last = self.shift.is_spent(connection.used);
        self.transport.put(Text { part: self.shift.picker.pick(), last });
        connection.outstanding.push_back(Sent { begin, sent });
        self.shift.outstanding += 1;
        self.shift.tally.lifetime.sent += 1;
    }

    pub(super) fn transmit(&mut self, place: usize, now: u64) {
        match self.try_transmit(place) {
            Ok(true) => self.note_connected(place),
            Ok(false) => {}
            Err(error) => self.on_broken(place, &error, now),
        }
    }

    fn try_transmit(&mut self, place: usize) -> io::Result<bool> {
        if !self.transport.is_open(place) {
            let socket = self.dialler.open(&self.shift.shard)?;
            self.transport.attach(place, socket);
            self.note_made(place);
            if matches!(self.shift.shard.address, Address::Unix(_)) {
                self.note_connected(place);
            }
        }
        self.transport.transmit(place)
    }

    /// Counts a connection once it is known to be made.
    pub(super) fn note_connected(&mut self, place: usize) {
        if !self.connections[place].connected {
            self.connections[place].connected = true;
            self.shift.count_connection();
        }
    }

    /// Stamps a connection that is made, for the log. On loopback it is made once it is opened; if
    /// not, an event tells later, and the later stamp counts.
    pub(super) fn note_made(&mut self, place: usize) {
        if self.shift.tally.log.is_some() && !self.connections[place].connected {
            self.connections[place].made = self.shift.shard.clock.now();
        }
    }

    /// Ends all requests of a connection in one class and closes it.
    pub(super) fn fail(&mut self, place: usize, outcome: Outcome, now: u64) {
        let made = self.connections[place].made;
        while let Some(sent) = self.connections[place].outstanding.pop_front() {
            self.shift.outstanding -= 1;
            let Sent { begin, sent } = sent;
            let times = Timestamps { begin, sent, woken: self.woken, end: now };
            self.shift.tally.end_on(times, outcome, made);
        }
        self.transport.close(place);
        self.connections[place].detach();
    }

    /// A socket failed, or could not be made.
    pub(super) fn on_broken(&mut self, place: usize, error: &io::Error, now: u64) {
        let connection = &self.connections[place];
        let connecting = !connection.connected;
        let outcome = if connecting { Outcome::of_connect_error(error) } else { Outcome::Reset };
        if let Some(errno) = error.raw_os_error() {
            for sent in &connection.outstanding {
                self.shift.tally.errno(sent.begin, errno);
            }
        }
        self.fail(place, outcome, now);
        if connecting {
            self.retries.push_back((now + nanos(RETRY_PAUSE), place));
        } else {
            self.restart.push_back(place);
        }
    }
}
