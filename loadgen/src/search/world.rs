//! Servers of which theory knows the answer, in virtual time: Lindley's recursion from arrival to
//! arrival (D. Lindley, 1952), so that a probe of seconds takes milliseconds.
//!
//! The rates at which the promise breaks are known by other means: the sojourn time of M/M/1 is
//! exponential; that of D/M/1 too, with the root of an equation (L. Kleinrock, *Queueing Systems*,
//! 1975); for M/D/1 there is A. Erlang's series of 1909; M/M/1/K refuses by a truncated geometric
//! law.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

use super::{Count, Goal, Late, Observation, Probe, Search, away};
use crate::Outcome;
use crate::log::Log;
use crate::timestamps::Timestamps;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Model {
    /// Poisson arrivals, exponential service.
    #[default]
    Mm1,
    /// Poisson arrivals, constant service.
    Md1,
    /// Constant arrivals, exponential service.
    Dm1,
    /// M/M/1 with room for so many requests; what finds it full is refused.
    Mm1k(u16),
}

#[derive(Debug, Clone, Copy, Default)]
pub struct World {
    pub model: Model,
    /// Requests a second that it could serve.
    pub speed: f64,
    /// Standard deviation of the speed from probe to probe, as a share of it.
    pub wobble: f64,
    /// Pauses in which it serves nobody: how many a second, and their mean length in seconds.
    pub pauses: (f64, f64),
    /// Absences of the generator: how many a second, and their mean length in seconds.
    pub absences: (f64, f64),
    /// The longest latency that keeps the promise, in seconds; infinite when only refusals break it.
    pub limit: f64,
    /// The share that may lie beyond.
    pub allowed: f64,
    /// The highest rate that the generator can keep.
    pub generator: f64,
    /// The share of probes in which the generator is late for no reason.
    pub hiccups: f64,
}

pub struct Chance(ChaCha8Rng);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn exponential(&mut self) -> f64 {
        -(1.0 - self.0.random::<f64>()).ln()
    }

    /// By Box and Muller.
    fn normal(&mut self) -> f64 {
        let angle = std::f64::consts::TAU * self.0.random::<f64>();
        (2.0 * self.exponential()).sqrt() * angle.cos()
    }
}

impl World {
    /// A server with a promise of `p99 = limit`.
    pub fn new(model: Model, speed: f64, limit: f64) -> Self {
        let (allowed, generator) = (0.01, f64::INFINITY);
        Self { model, speed, limit, allowed, generator, ..Self::default() }
    }

    /// Searches, with an estimate of the capacity that is off by a factor.
    pub fn search(&self, seed: u64, estimate: f64, budget: Duration) -> Search {
        let mut chance = Chance::new(seed);
        let mut search = Search::new(Goal {
            allowed: vec![self.allowed],
            capacity: estimate * self.speed,
            budget,
            reserve: budget / 24,
            longest: Duration::ZERO,
        });
        while let Some(probe) = search.next() {
            let observation = self.observe(&probe, &mut chance);
            search.observe(probe, observation);
            assert!(search.seen().len() < 1000, "the search does not end");
        }
        search
    }

    pub fn observe(&self, probe: &Probe, chance: &mut Chance) -> Observation {
        let speed = self.speed * (1.0 + self.wobble * chance.normal());
        let (begin, length) = (probe.warmup.as_secs_f64(), probe.duration.as_secs_f64());
        let (mut now, mut free) = (0.0, 0.0);
        let (often, long) = self.pauses;
        let mut pause = if often > 0.0 { chance.exponential() / often } else { f64::INFINITY };
        let mut leaving = std::collections::VecDeque::new();
        let (mut requests, mut beyond) = (0, 0);
        let mut generator = Generator::new(self.absences, begin + 2.0 * length, chance);
        loop {
            let gap = if self.model == Model::Dm1 { 1.0 } else { chance.exponential() };
            now += gap / probe.rate;
            if now >= begin + length {
                break;
            }
            while pause <= now {
                free = f64::max(free, pause) + long * chance.exponential();
                pause += chance.exponential() / often;
            }
            let service = if self.model == Model::Md1 { 1.0 } else { chance.exponential() } / speed;
            let sent = generator.present(now);
            let mut refused = false;
            if let Model::Mm1k(room) = self.model {
                while leaving.front().is_some_and(|left| *left <= sent) {
                    leaving.pop_front();
                }
                refused = leaving.len() >= usize::from(room);
            }
            if !refused {
                free = f64::max(free, sent) + service;
                if matches!(self.model, Model::Mm1k(_)) {
                    leaving.push_back(free);
                }
            }
            let end = if refused { sent } else { generator.present(free) };
            if now >= begin {
                requests += 1;
                beyond += u64::from(refused || end - now > self.limit);
            }
            generator.log(begin, [now, sent, end], refused);
        }
        // The queue is awaited after the end; starting a run takes a moment.
        let took = Duration::from_secs_f64(now.max(free) + 0.02);
        let all = Count { requests, beyond };
        let limit = nanos(self.limit);
        let untouched = generator.log.as_ref().map(|books| away::untouched(books, limit));
        let count = untouched.flatten().unwrap_or(all);
        // For half of the requests, at least, a generator that is away now and then is not late.
        let spoiled =
            untouched == Some(None) && !all.keeps(self.allowed) && all.keeps(self.allowed + 0.5);
        let busy = probe.rate > self.generator;
        let late = busy || spoiled || chance.0.random::<f64>() < self.hiccups;
        let late = late.then(|| Late { why: "it was late".to_owned(), busy });
        Observation { requests, counts: vec![count], late, took }
    }

    /// The rate at which the share beyond is the allowed one, by theory.
    pub fn truth(&self) -> f64 {
        let (mut low, mut high) = (1e-6 * self.speed, 2.0 * self.speed);
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if self.share(middle) > self.allowed { high = middle } else { low = middle }
        }
        low
    }

    /// The share of requests beyond the limit, by theory, below the speed; above it: all.
    pub fn share(&self, rate: f64) -> f64 {
        let load = rate / self.speed;
        match self.model {
            Model::Mm1k(room) => {
                let room = i32::from(room);
                if (load - 1.0).abs() < 1e-9 {
                    return 1.0 / f64::from(room + 1);
                }
                (1.0 - load) * load.powi(room) / (1.0 - load.powi(room + 1))
            }
            _ if load >= 1.0 => 1.0,
            // The mean over speeds that are normally distributed is that of a log-normal variable.
            Model::Mm1 => {
                let spread = self.wobble * self.speed * self.limit;
                (-(self.speed - rate) * self.limit + spread * spread / 2.0).exp()
            }
            Model::Dm1 => {
                let mut root = 0.5_f64;
                for _ in 0..500 {
                    root = (-(1.0 - root) / load).exp();
                }
                (-(1.0 - root) * self.speed * self.limit).exp()
            }
            Model::Md1 => 1.0 - md1_wait(load, self.limit * self.speed - 1.0),
        }
    }
}

/// A generator that is away now and then.
struct Generator {
    /// From when until when it is, in seconds.
    away: Vec<(f64, f64)>,
    /// `None` for one that never is.
    log: Option<Log>,
}

impl Generator {
    /// One that is away so often a second for so long, on average, until `end`.
    fn new((often, long): (f64, f64), end: f64, chance: &mut Chance) -> Self {
        let (mut away, mut now) = (Vec::new(), 0.0);
        while often > 0.0 && now < end {
            let from = now + chance.exponential() / often;
            now = from + long * chance.exponential();
            away.push((from, now));
        }
        Self { away, log: (often > 0.0).then(|| Log::new(usize::MAX)) }
    }

    /// When it notices what happens at an instant.
    fn present(&self, instant: f64) -> f64 {
        let next = self.away.partition_point(|(_, until)| *until <= instant);
        match self.away.get(next) {
            Some((from, until)) if *from <= instant => *until,
            _ => instant,
        }
    }

    /// Logs a request: it was due, sent, and ended; from `begin` on they are measured.
    fn log(&mut self, begin: f64, [due, sent, end]: [f64; 3], refused: bool) {
        let Some(log) = &mut self.log else { return };
        let [begin, due, sent, end] = [begin, due, sent, end].map(nanos);
        if sent > due && log.absences.last().is_none_or(|last| last.until < sent) {
            log.away(due, sent);
        }
        let outcome = if refused { Outcome::Status } else { Outcome::Ok };
        if due < begin {
            log.warmup.push((due, end));
            return;
        }
        log.record(Timestamps { begin: due, sent, woken: end, end }, outcome, 0);
    }
}

fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

/// The share of waits of at most `time` services in M/D/1.
fn md1_wait(load: f64, time: f64) -> f64 {
    if time < 0.0 {
        return 0.0;
    }
    let terms = (0..=time.floor() as u16).scan(1.0, |factorial, k| {
        *factorial *= f64::from(k.max(1));
        let x = load * (f64::from(k) - time);
        Some(x.powi(i32::from(k)) / *factorial * (-x).exp())
    });
    (1.0 - load) * terms.sum::<f64>()
}
