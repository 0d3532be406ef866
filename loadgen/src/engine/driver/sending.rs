//! The sending half of the loop: opening connections and beginning requests.
//!
//! Next: [`super::receiving`].

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::OwnedFd;

use super::Driver;
use crate::clock::nanos;
use crate::engine::connection::Sent;
use crate::engine::transport::{Text, Transport};
use crate::outcome::Outcome;
use crate::plan::RETRY_PAUSE;
use crate::sys::socket;
use crate::tally::Times;

/// Source addresses that one thread takes in turn. Each has about 28,000 ports.
const SOURCES: u64 = 250;

/// With more connections than this, the ports of one address may not suffice.
const MANY: u32 = 20_000;

impl<T: Transport> Driver<T> {
    /// Sets every connection to work.
    pub(super) fn start(&mut self) {
        for place in 0..self.connections.len() {
            self.proceed(place, self.shard.clock.now());
        }
    }

    /// A connection has room for requests: those of the closed loop begin at once, those of the
    /// open loop when they are due.
    pub(super) fn proceed(&mut self, place: usize, now: u64) {
        if self.pacer.is_some() {
            self.offer(place);
            return;
        }
        let before = self.outstanding;
        while self.has_room(place) && self.may_begin(now) {
            if now >= self.tally.window.begin
                && let Some(quota) = &mut self.quota
            {
                *quota -= 1;
            }
            self.begin(place, now, now);
        }
        if self.outstanding > before {
            self.transmit(place, now);
        }
    }

    /// Whether a connection may take another request.
    pub(super) fn has_room(&self, place: usize) -> bool {
        let connection = &self.connections[place];
        connection.outstanding.len() < self.shard.plan.pipeline as usize
            && Some(connection.used) != self.shard.plan.per_connection
    }

    /// Books a request as sent and adds it to the output.
    pub(super) fn begin(&mut self, place: usize, begin: u64, sent: u64) {
        let connection = &mut self.connections[place];
        connection.used += 1;
        let last = Some(connection.used) == self.shard.plan.per_connection;
        self.transport.put(Text { part: self.picker.pick(), last });
        connection.outstanding.push_back(Sent { begin, sent });
        self.outstanding += 1;
        self.tally.lifetime.sent += 1;
    }

    /// Sends the output.
    pub(super) fn transmit(&mut self, place: usize, now: u64) {
        match self.try_transmit(place) {
            Ok(true) => self.note_connected(place),
            Ok(false) => {}
            Err(error) => self.on_broken(place, &error, now),
        }
    }

    fn try_transmit(&mut self, place: usize) -> io::Result<bool> {
        if !self.transport.is_open(place) {
            let socket = self.open()?;
            self.transport.attach(place, socket);
            self.note_made(place);
        }
        self.transport.transmit(place)
    }

    /// Counts a connection once it is known to be made.
    pub(super) fn note_connected(&mut self, place: usize) {
        if !self.connections[place].connected {
            self.connections[place].connected = true;
            self.tally.lifetime.connections += 1;
        }
    }

    /// Stamps a connection that is made, for the log. On loopback it is made once it is opened; if
    /// not, an event tells later, and the later stamp counts.
    pub(super) fn note_made(&mut self, place: usize) {
        if self.tally.log.is_some() && !self.connections[place].connected {
            self.connections[place].made = self.shard.clock.now();
        }
    }

    fn open(&mut self) -> io::Result<OwnedFd> {
        let plan = &self.shard.plan;
        let many = plan.per_connection.is_some() || plan.connections > MANY;
        let source = if many { self.source() } else { None };
        self.opened += 1;
        let nodelay = !plan.is_one_each();
        socket::open(self.shard.address, source, nodelay)
    }

    /// The next source address: with ever new connections, the ports of one address would run
    /// out, and 127.0.0.0/8 has sixteen million addresses. `None` elsewhere than on loopback.
    fn source(&self) -> Option<Ipv4Addr> {
        match self.shard.address.ip() {
            IpAddr::V4(address) if address.is_loopback() => {
                let [high, low] = (self.shard.thread as u16).to_be_bytes();
                let last = (self.opened % SOURCES) as u8 + 1;
                Some(Ipv4Addr::new(127, high.wrapping_add(1), low, last))
            }
            _ => None,
        }
    }

    /// Ends all requests of a connection in one class and closes it.
    pub(super) fn fail(&mut self, place: usize, outcome: Outcome, now: u64) {
        let made = self.connections[place].made;
        while let Some(sent) = self.connections[place].outstanding.pop_front() {
            self.outstanding -= 1;
            let Sent { begin, sent } = sent;
            let times = Times { begin, sent, woken: self.woken, end: now };
            self.tally.end_on(times, outcome, made);
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
                self.tally.errno(sent.begin, errno);
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
