//! The receiving half of the loop: what each event does.

use super::Driver;
use crate::engine::connection::{Intake, Sent};
use crate::engine::shift::Shift;
use crate::engine::transport::{Event, Transport};
use crate::outcome::Outcome;
use crate::timestamps::Timestamps;

impl<T: Transport> Driver<T> {
    pub(super) fn on_event(&mut self, event: Event) {
        match event {
            Event::Input(place) => self.on_input(place),
            Event::Connected(place) => {
                self.note_made(place);
                self.note_connected(place);
            }
            Event::Closed(place) => self.on_close(place),
            Event::Broken(place, error) => {
                self.on_broken(place, &error, self.shift.shard.clock.now());
            }
        }
    }

    /// Takes input; the next request follows at once. The answer's end and the next request's begin
    /// are the same instant, read once.
    fn on_input(&mut self, place: usize) {
        let now = self.shift.shard.clock.now();
        self.note_connected(place);
        let Self { connections, transport, shift, woken, .. } = self;
        let Shift { tally, outstanding, .. } = shift;
        let input = transport.input();
        tally.received(now, input.len());
        let connection = &mut connections[place];
        let (mut worker, made) = (connection.worker, connection.made);
        let intake = connection.receive(input, |sent, answer, intake| {
            *outstanding -= 1;
            let excess = intake == Intake::Excess;
            let outcome =
                if excess { Outcome::Protocol } else { Outcome::of_status(answer.status) };
            let Sent { begin, sent } = sent;
            tally.end_on(Timestamps { begin, sent, woken: *woken, end: now }, outcome, made);
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
        self.shift.is_spent(self.connections[place].used)
    }

    /// More of a last answer must come.
    fn await_rest(&mut self, place: usize, now: u64) {
        if let Err(error) = self.transport.expect_more(place) {
            self.on_broken(place, &error, now);
        }
    }

    /// Nothing more will be answered on this connection; what was sent behind the last answer is
    /// lost.
    fn on_last_answer(&mut self, place: usize, now: u64) {
        if self.connections[place].outstanding.is_empty() {
            self.transport.retire(place);
            self.connections[place].detach();
        } else {
            self.fail(place, Outcome::ClosedEarly, now);
        }
        self.proceed(place, now);
    }

    /// The server closed its side: the end of a body that ends so, else too early.
    fn on_close(&mut self, place: usize) {
        let now = self.shift.shard.clock.now();
        let connection = &mut self.connections[place];
        if let Some((sent, answer)) = connection.finish() {
            self.shift.outstanding -= 1;
            let (worker, made) = (connection.worker, connection.made);
            let Sent { begin, sent } = sent;
            let times = Timestamps { begin, sent, woken: self.woken, end: now };
            self.shift.tally.end_on(times, Outcome::of_status(answer.status), made);
            self.shift.tally.answered_by(worker, answer.worker, begin, now);
        }
        self.fail(place, Outcome::ClosedEarly, now);
        self.restart.push_back(place);
    }
}
