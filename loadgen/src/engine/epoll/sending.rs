//! The sending half of the loop: opening connections and beginning requests.
//!
//! Next: [`super::receiving`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, TcpStream};

use super::EpollEngine;
use crate::clock::nanos;
use crate::engine::connection::Sent;
use crate::outcome::Outcome;
use crate::plan::RETRY_PAUSE;
use crate::sys::poller::Interest;
use crate::sys::socket;
use crate::tally::Times;

/// Source addresses that one thread takes in turn. Each has about 28,000 ports.
const SOURCES: u64 = 250;

/// With more connections than this, the ports of one address may not suffice.
const MANY: u32 = 20_000;

/// How many closed connections are kept for the server to close first.
const RETIRED: usize = 64;

impl EpollEngine {
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
        while self.has_room(place) && self.may_begin(now) {
            if now >= self.tally.window.begin
                && let Some(quota) = &mut self.quota
            {
                *quota -= 1;
            }
            self.begin(place, now, now);
        }
        self.transmit(place, now);
    }

    /// Whether a connection may take another request.
    pub(super) fn has_room(&self, place: usize) -> bool {
        let connection = &self.connections[place];
        connection.outstanding.len() < self.shard.plan.pipeline as usize
            && Some(connection.used) != self.shard.plan.per_connection
    }

    /// Books a request as sent and puts its bytes into the output.
    pub(super) fn begin(&mut self, place: usize, begin: u64, sent: u64) {
        let connection = &mut self.connections[place];
        connection.used += 1;
        let last = Some(connection.used) == self.shard.plan.per_connection;
        self.output.extend_from_slice(self.deck.bytes(self.picker.pick(), last));
        connection.outstanding.push_back(Sent { begin, sent });
        self.outstanding += 1;
        self.tally.lifetime.sent += 1;
    }

    /// Sends the output.
    pub(super) fn transmit(&mut self, place: usize, now: u64) {
        if self.output.is_empty() {
            return;
        }
        let result = self.try_transmit(place);
        self.output.clear();
        if let Err(error) = result {
            self.on_broken(place, &error, now);
        }
    }

    /// On a new connection, too, the request goes out at once: on loopback it is made by then.
    fn try_transmit(&mut self, place: usize) -> io::Result<()> {
        let fresh = if self.connections[place].stream.is_none() {
            let stream = self.open()?;
            self.connections[place].attach(stream, false);
            true
        } else {
            // The connection that showed that somebody listens is open, but not watched yet.
            self.connections[place].generation == 0
        };
        if self.connections[place].generation == 0
            && let Some(stream) = self.connections[place].stream.take()
        {
            self.connections[place].attach(stream, false);
        }
        let done = self.connections[place].send(&self.output)?;
        if done {
            self.note_connected(place);
        }
        if fresh || !done {
            self.watch(place, fresh, !done)?;
        }
        Ok(())
    }

    /// Counts a connection once it is known to be made.
    pub(super) fn note_connected(&mut self, place: usize) {
        if !self.connections[place].connected {
            self.connections[place].connected = true;
            self.tally.lifetime.connections += 1;
        }
    }

    /// Tells the poller what to wait for.
    pub(super) fn watch(&mut self, place: usize, fresh: bool, writable: bool) -> io::Result<()> {
        let connection = &self.connections[place];
        let Some(stream) = &connection.stream else { return Ok(()) };
        let token = u64::from(connection.generation) << 32 | place as u64;
        let interest = Interest { writable, once: self.shard.plan.is_one_each() };
        if fresh {
            self.poller.add(stream, token, interest)
        } else {
            self.poller.modify(stream, token, interest)
        }
    }

    fn open(&mut self) -> io::Result<TcpStream> {
        let plan = &self.shard.plan;
        let many = plan.per_connection.is_some() || plan.connections > MANY;
        let source = if many { self.source() } else { None };
        self.opened += 1;
        let nodelay = !plan.is_one_each();
        Ok(TcpStream::from(socket::open(self.shard.address, source, nodelay)?))
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

    /// Lets go of a connection after its last answer: a little later, so that the server closes
    /// first.
    pub(super) fn retire(&mut self, place: usize) {
        let Some(stream) = self.connections[place].detach() else { return };
        if !self.shard.plan.is_one_each() && self.poller.remove(&stream).is_err() {
            return;
        }
        self.retired.push_back(stream);
        if self.retired.len() > RETIRED {
            self.retired.pop_front();
        }
    }

    /// Ends all requests of a connection in one class and closes it.
    pub(super) fn fail(&mut self, place: usize, outcome: Outcome, now: u64) {
        while let Some(sent) = self.connections[place].outstanding.pop_front() {
            self.outstanding -= 1;
            let Sent { begin, sent } = sent;
            self.tally.end(Times { begin, sent, woken: self.woken, end: now }, outcome);
        }
        drop(self.connections[place].detach());
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
