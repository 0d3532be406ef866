//! The loop that our own engines share: one thread, no allocation, lock or shared cache line a request.
//!
//! It decides what is sent when, and books what becomes of it; a [`Transport`] moves the bytes. This
//! file is the loop; [`pacing`], [`sending`] and [`receiving`] hold what each event does.

mod pacing;
mod receiving;
mod sending;

use std::collections::VecDeque;

use super::connection::Connection;
use super::dial::Dialler;
use super::shift::{LONGEST_SLEEP_NS, Shift};
use super::transport::Transport;
use super::{Engine, EngineError, Ready, Shard};
use crate::clock::nanos;
use crate::outcome::Outcome;
use crate::tally::{Tally, Window};
use crate::worker::WorkerKey;

/// How many sockets are kept for the server to close first.
pub(super) const RETIRED: usize = 64;

pub struct Driver<T> {
    shift: Shift,
    transport: T,
    connections: Vec<Connection>,
    /// Who answers at the first places, where that is known before the run.
    known: Vec<Option<WorkerKey>>,
    /// Connections with room, the one that has had it longest first: all are used in turn.
    idle: VecDeque<usize>,
    /// When the wait returned that brought the events.
    woken: u64,
    /// Places whose connection failed: they go on in the loop's next turn.
    restart: VecDeque<usize>,
    /// Places that could not connect, with when to try again.
    retries: VecDeque<(u64, usize)>,
    dialler: Dialler,
    next_scan: u64,
}

impl<T: Transport> Engine for Driver<T> {
    fn prepare(mut shard: Shard) -> Result<Self, EngineError> {
        shard.settle_thread()?;
        let bodiless = shard.plan.method == "HEAD";
        let places = shard.connections as usize;
        let mut transport = T::new(&shard)?;
        let mut known = Vec::new();
        for (place, Ready { socket, worker }) in shard.ready.drain(..).enumerate() {
            transport.attach(place, socket);
            known.push(worker);
        }
        Ok(Self {
            known,
            shift: Shift::new(shard),
            transport,
            connections: (0..places).map(|_| Connection::new(bodiless)).collect(),
            idle: VecDeque::new(),
            woken: 0,
            restart: VecDeque::with_capacity(places),
            retries: VecDeque::with_capacity(places),
            dialler: Dialler::default(),
            next_scan: 0,
        })
    }

    fn run(mut self, window: Window) -> Result<Tally, EngineError> {
        self.shift.open(window);
        self.recognise();
        self.start();
        loop {
            let now = self.shift.shard.clock.now();
            self.shift.tick(now);
            self.resume(now);
            self.release(now);
            self.expire(now);
            if self.shift.is_over(now) {
                break;
            }
            if self.transport.wait(self.nap(now))? {
                self.woken = self.shift.shard.clock.now();
            }
            while let Some(event) = self.transport.next() {
                self.on_event(event);
            }
        }
        self.settle();
        Ok(self.shift.tally)
    }
}

impl<T: Transport> Driver<T> {
    /// Connections whose worker is known before the run are in the books already.
    fn recognise(&mut self) {
        for (place, worker) in self.known.iter().enumerate() {
            let Some(worker) = *worker else { continue };
            self.connections[place].connected = true;
            self.connections[place].worker = Some(self.shift.tally.worker(worker, 0));
        }
    }

    /// Lets the places go on whose connection failed.
    fn resume(&mut self, now: u64) {
        while let Some(&(when, place)) = self.retries.front()
            && when <= now
        {
            self.retries.pop_front();
            self.restart.push_back(place);
        }
        for _ in 0..self.restart.len() {
            if let Some(place) = self.restart.pop_front() {
                self.proceed(place, now);
            }
        }
    }

    /// Gives up the requests that have been waited for long enough. The scan is over all
    /// connections and therefore rare; a time-out is late by the scan's period at most.
    fn expire(&mut self, now: u64) {
        if now < self.next_scan {
            return;
        }
        let timeout = nanos(self.shift.shard.plan.timeout);
        self.next_scan = now + (timeout / 20).clamp(500_000, LONGEST_SLEEP_NS);
        for place in 0..self.connections.len() {
            let connection = &self.connections[place];
            if connection.outstanding.front().is_some_and(|sent| sent.sent + timeout <= now) {
                let outcome = Shift::timed_out(connection.connected);
                self.fail(place, outcome, now);
                self.restart.push_back(place);
            }
        }
    }

    fn nap(&self, now: u64) -> u64 {
        if !self.restart.is_empty() {
            return 0;
        }
        let retry = self.retries.front().map_or(u64::MAX, |&(when, _)| when);
        self.shift.nap(now, self.next_scan.min(retry))
    }

    /// Whatever is still under way when the run is cut short was never answered.
    fn settle(&mut self) {
        let now = self.shift.shard.clock.now();
        self.woken = now;
        self.next_scan = now;
        self.expire(now);
        for place in 0..self.connections.len() {
            self.fail(place, Outcome::Unanswered, now);
        }
        self.shift.give_up_waiting(now);
    }
}
