//! The receiving half of the loop: what each event does.
//!
//! Next: [`crate::tally`].

use std::io::{self, Read};
use std::net::TcpStream;

use super::EpollEngine;
use crate::engine::connection::{Intake, Sent};
use crate::outcome::Outcome;
use crate::sys::poller::Event;
use crate::tally::Times;

impl EpollEngine {
    /// Something happened on a connection, unless its socket is gone by now.
    pub(super) fn on_event(&mut self, event: Event) {
        let place = (event.token & u64::from(u32::MAX)) as usize;
        let connection = &self.connections[place];
        let current = u64::from(connection.generation) == event.token >> 32;
        if !current || connection.stream.is_none() {
            return;
        }
        if event.writable && !self.on_writable(place) {
            return;
        }
        if event.readable {
            self.on_readable(place);
        }
    }

    /// The connection is made or has failed, or has room again. Returns whether it goes on.
    fn on_writable(&mut self, place: usize) -> bool {
        let connection = &mut self.connections[place];
        let result = match connection.stream.as_ref().map(TcpStream::take_error) {
            Some(Ok(Some(error)) | Err(error)) => Err(error),
            _ => connection.flush(),
        };
        let result = result.and_then(|done| {
            self.note_connected(place);
            self.watch(place, false, !done)
        });
        if let Err(error) = result {
            self.on_broken(place, &error, self.shard.clock.now());
            return false;
        }
        true
    }

    /// Bytes have come, or the end, or an error.
    fn on_readable(&mut self, place: usize) {
        let Some(stream) = &mut self.connections[place].stream else { return };
        match stream.read(&mut self.input) {
            Ok(0) => self.on_close(place),
            Ok(length) => self.on_input(place, length),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.on_broken(place, &error, self.shard.clock.now()),
        }
    }

    /// Takes `length` bytes of input; the next request follows at once. The answer's end and the
    /// next request's begin are the same instant, read once.
    fn on_input(&mut self, place: usize, length: usize) {
        let now = self.shard.clock.now();
        self.tally.received(now, length);
        let Self { connections, input, tally, outstanding, woken, .. } = self;
        let connection = &mut connections[place];
        let mut worker = connection.worker;
        let intake = connection.receive(&input[..length], |sent, answer, intake| {
            *outstanding -= 1;
            let excess = intake == Intake::Excess;
            let outcome =
                if excess { Outcome::Protocol } else { Outcome::of_status(answer.status) };
            let Sent { begin, sent } = sent;
            tally.end(Times { begin, sent, woken: *woken, end: now }, outcome);
            if outcome.answered() {
                worker = Some(tally.answered_by(worker, answer.worker, begin, now));
            }
        });
        connection.worker = worker;
        match intake {
            Ok(Intake::Open) if !self.is_spent(place) => self.proceed(place, now),
            Ok(Intake::Open) if !self.connections[place].outstanding.is_empty() => {
                self.await_rest(place, now);
            }
            Ok(Intake::Open | Intake::Closing) => self.on_last_answer(place, now),
            Ok(Intake::Excess) | Err(_) => {
                self.fail(place, Outcome::Protocol, now);
                self.restart.push_back(place);
            }
        }
    }

    /// Whether a connection has carried all the requests that it may.
    fn is_spent(&self, place: usize) -> bool {
        Some(self.connections[place].used) == self.shard.plan.per_connection
    }

    /// More of a last answer must come. A connection that is watched for one event is watched again.
    fn await_rest(&mut self, place: usize, now: u64) {
        if self.shard.plan.is_one_each()
            && let Err(error) = self.watch(place, false, false)
        {
            self.on_broken(place, &error, now);
        }
    }

    /// Nothing more will be answered on this connection; what was sent behind the last answer is
    /// lost.
    fn on_last_answer(&mut self, place: usize, now: u64) {
        if self.connections[place].outstanding.is_empty() {
            self.retire(place);
        } else {
            self.fail(place, Outcome::ClosedEarly, now);
        }
        self.proceed(place, now);
    }

    /// The server closed its side: the end of a body that ends so, else too early.
    fn on_close(&mut self, place: usize) {
        let now = self.shard.clock.now();
        let connection = &mut self.connections[place];
        if let Some((sent, answer)) = connection.finish() {
            self.outstanding -= 1;
            let worker = connection.worker;
            let Sent { begin, sent } = sent;
            let times = Times { begin, sent, woken: self.woken, end: now };
            self.tally.end(times, Outcome::of_status(answer.status));
            self.tally.answered_by(worker, answer.worker, begin, now);
        }
        self.fail(place, Outcome::ClosedEarly, now);
        self.restart.push_back(place);
    }
}
