//! The loop that all engines share: one thread, no allocation, lock or shared cache line a request.
//!
//! It decides what is sent when, and books what becomes of it; a [`Transport`] moves the bytes. This
//! file is the loop; [`pacing`], [`sending`] and [`receiving`] hold what each event does.

mod pacing;
mod receiving;
mod sending;

use std::collections::VecDeque;

use pacing::Pacer;

use super::connection::Connection;
use super::transport::Transport;
use super::{Engine, EngineError, Shard};
use crate::clock::nanos;
use crate::estimators::log::Log;
use crate::mix::Picker;
use crate::outcome::Outcome;
use crate::progress::PERIOD_NS;
use crate::sys::cpu;
use crate::tally::{Tally, ThreadCpu, Window};

/// How many sockets are kept for the server to close first.
pub(super) const RETIRED: usize = 64;

/// The longest sleep: how late a call to stop is heard.
const LONGEST_SLEEP_NS: u64 = 20_000_000;

/// How long an interrupted run waits for what is outstanding.
const SHORT_DRAIN_NS: u64 = 1_000_000_000;

/// One thread's event loop.
pub struct Driver<T> {
    shard: Shard,
    transport: T,
    connections: Vec<Connection>,
    /// Which request is next.
    picker: Picker,
    /// The schedule of an open loop.
    pacer: Option<Pacer>,
    tally: Tally,
    /// When the wait returned that brought the events.
    woken: u64,
    /// Measured requests that may still begin; `None` when time bounds the run.
    quota: Option<u64>,
    /// From when on nothing more is sent.
    stop_at: u64,
    /// From when on nothing more is awaited.
    abandon_at: u64,
    interrupted: bool,
    /// Requests under way on all connections.
    outstanding: u64,
    /// Places whose connection failed: they go on in the loop's next turn.
    restart: VecDeque<usize>,
    /// Places that could not connect, with when to try again.
    retries: VecDeque<(u64, usize)>,
    /// How many connections were opened, for the choice of the next source address.
    opened: u64,
    next_scan: u64,
    next_snapshot: u64,
    cpu_mark: Option<(u64, f64)>,
}

impl<T: Transport> Engine for Driver<T> {
    fn prepare(mut shard: Shard) -> Result<Self, EngineError> {
        let plan = &shard.plan;
        if let Some(&cpu) = plan.cpus.get(shard.thread as usize % plan.cpus.len().max(1)) {
            cpu::pin(cpu).map_err(|errno| EngineError::of("sched_setaffinity")(errno.into()))?;
        }
        cpu::sleep_precisely().map_err(|errno| EngineError::of("prctl")(errno.into()))?;
        let bodiless = plan.method == "HEAD";
        let mut transport = T::new(&shard)?;
        if let Some(stream) = shard.first.take() {
            transport.attach(0, stream.into());
        }
        let plan = &shard.plan;
        Ok(Self {
            transport,
            connections: (0..shard.connections).map(|_| Connection::new(bodiless)).collect(),
            picker: Picker::new(&plan.mix, plan.seed, shard.thread),
            pacer: Pacer::new(plan, shard.thread),
            tally: Tally::new(Window { begin: 0, end: 0 }, false),
            woken: 0,
            quota: shard.quota,
            stop_at: 0,
            abandon_at: u64::MAX,
            interrupted: false,
            outstanding: 0,
            restart: VecDeque::with_capacity(shard.connections as usize),
            retries: VecDeque::with_capacity(shard.connections as usize),
            opened: 0,
            next_scan: 0,
            next_snapshot: 0,
            cpu_mark: None,
            shard,
        })
    }

    fn run(mut self, window: Window) -> Result<Tally, EngineError> {
        self.tally = Tally::new(window, self.pacer.is_some());
        self.tally.log = Log::wanted(&self.shard.plan);
        self.stop_at = window.end;
        self.start();
        loop {
            let now = self.shard.clock.now();
            self.heed_stop(now);
            self.mark_cpu(now);
            self.resume(now);
            self.release(now);
            self.expire(now);
            self.publish(now);
            if self.is_over(now) {
                break;
            }
            if self.transport.wait(self.nap(now))? {
                self.woken = self.shard.clock.now();
            }
            while let Some(event) = self.transport.next() {
                self.on_event(event);
            }
        }
        self.settle();
        Ok(self.tally)
    }
}

impl<T: Transport> Driver<T> {
    /// Whether a request of the closed loop may begin at this instant, or another one of the open
    /// loop will be due.
    fn may_begin(&self, now: u64) -> bool {
        match &self.pacer {
            None => now < self.stop_at && self.quota != Some(0),
            Some(pacer) => {
                let timed = self.stop_at != u64::MAX;
                if timed { now < self.stop_at } else { pacer.next_due.is_some() }
            }
        }
    }

    /// Requests that are due and not sent, for want of a free connection.
    fn waiting(&self) -> bool {
        self.pacer.as_ref().is_some_and(|pacer| !pacer.waiting.is_empty())
    }

    fn is_over(&self, now: u64) -> bool {
        (!self.may_begin(now) && self.outstanding == 0 && !self.waiting()) || now >= self.abandon_at
    }

    /// An interruption ends the window, and shortens the wait for what is outstanding.
    fn heed_stop(&mut self, now: u64) {
        let instant = self.shard.stop.instant();
        if instant <= now && !self.interrupted {
            self.interrupted = true;
            self.stop_at = self.stop_at.min(instant);
            self.tally.window.end = self.tally.window.end.min(instant);
            self.abandon_at = self.abandon_at.min(now.saturating_add(SHORT_DRAIN_NS));
        }
    }

    /// Reads this thread's CPU clock at the window's two ends.
    fn mark_cpu(&mut self, now: u64) {
        let over = !self.may_begin(now);
        match self.cpu_mark {
            None if now >= self.tally.window.begin => {
                self.cpu_mark = cpu::thread_time().ok().map(|busy| (now, busy));
            }
            Some((then, before)) if over && self.tally.cpu.is_empty() => {
                if let Ok(after) = cpu::thread_time() {
                    let wall_s = (now - then) as f64 / 1e9;
                    self.tally.cpu.push(ThreadCpu { busy_s: after - before, wall_s });
                }
            }
            _ => {}
        }
    }

    /// Leaves a snapshot for whoever watches.
    fn publish(&mut self, now: u64) {
        if now < self.next_snapshot {
            return;
        }
        self.next_snapshot = match &self.shard.board {
            Some(board) => {
                board.leave(self.shard.thread, &self.tally);
                now + PERIOD_NS
            }
            None => u64::MAX,
        };
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
        let timeout = nanos(self.shard.plan.timeout);
        self.next_scan = now + (timeout / 20).clamp(500_000, LONGEST_SLEEP_NS);
        for place in 0..self.connections.len() {
            let connection = &self.connections[place];
            if connection.outstanding.front().is_some_and(|sent| sent.sent + timeout <= now) {
                let outcome =
                    if connection.connected { Outcome::Timeout } else { Outcome::ConnectTimeout };
                self.fail(place, outcome, now);
                self.restart.push_back(place);
            }
        }
    }

    /// How long to sleep when nothing happens.
    fn nap(&self, now: u64) -> u64 {
        if !self.restart.is_empty() {
            return 0;
        }
        let mut wake = (now + LONGEST_SLEEP_NS).min(self.next_scan);
        for instant in [self.tally.window.begin, self.stop_at] {
            if instant > now {
                wake = wake.min(instant);
            }
        }
        if let Some(&(when, _)) = self.retries.front() {
            wake = wake.min(when);
        }
        match &self.pacer {
            Some(pacer) => pacer.nap(now, wake),
            None => wake.saturating_sub(now),
        }
    }

    /// Whatever is still under way when the run is cut short was never answered.
    fn settle(&mut self) {
        let now = self.shard.clock.now();
        self.woken = now;
        self.next_scan = now;
        self.expire(now);
        for place in 0..self.connections.len() {
            self.fail(place, Outcome::Unanswered, now);
        }
        for due in self.pacer.iter_mut().flat_map(|pacer| pacer.waiting.drain(..)) {
            self.tally.give_up(due.begin, due.noticed, now);
        }
    }
}
