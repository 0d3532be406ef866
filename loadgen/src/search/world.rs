//! Servers of which theory knows the answer, in virtual time: Lindley's recursion from arrival to
//! arrival (D. Lindley, 1952), so that a probe of seconds takes milliseconds.
//!
//! The rates at which the promise breaks are known by other means: the sojourn time of M/M/1 is
//! exponential; that of D/M/1 too, with the root of an equation (L. Kleinrock, *Queueing Systems*,
//! 1975); for M/D/1 there is A. Erlang's series of 1909; M/M/1/K refuses by a truncated geometric
//! law.
//!
//! Next: [`super::tests`].

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

use super::{Goal, Late, Observation, Probe, Search};

/// When requests come and how long each takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Model {
    /// Poisson arrivals, exponential service.
    Mm1,
    /// Poisson arrivals, constant service.
    Md1,
    /// Constant arrivals, exponential service.
    Dm1,
    /// M/M/1 with room for so many requests; what finds it full is refused.
    Mm1k(u16),
}

/// A server.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// The model.
    pub model: Model,
    /// Requests a second that it could serve.
    pub speed: f64,
    /// Standard deviation of the speed from probe to probe, as a share of it.
    pub wobble: f64,
    /// Pauses in which it serves nobody: how many a second, and their mean length in seconds.
    pub pauses: (f64, f64),
    /// The longest latency that keeps the promise, in seconds; infinite when only refusals break it.
    pub limit: f64,
    /// The share that may lie beyond.
    pub allowed: f64,
    /// The highest rate that the generator can keep.
    pub generator: f64,
    /// The share of probes in which the generator is late for no reason.
    pub hiccups: f64,
}

/// Numbers from a seed.
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
        Self {
            model,
            speed,
            wobble: 0.0,
            pauses: (0.0, 0.0),
            limit,
            allowed: 0.01,
            generator: f64::INFINITY,
            hiccups: 0.0,
        }
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

    /// Plays a probe from an empty server.
    pub fn observe(&self, probe: &Probe, chance: &mut Chance) -> Observation {
        let speed = self.speed * (1.0 + self.wobble * chance.normal());
        let (begin, length) = (probe.warmup.as_secs_f64(), probe.duration.as_secs_f64());
        let (mut now, mut free) = (0.0, 0.0);
        let (often, long) = self.pauses;
        let mut pause = if often > 0.0 { chance.exponential() / often } else { f64::INFINITY };
        let mut leaving = std::collections::VecDeque::new();
        let (mut requests, mut beyond) = (0, 0);
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
            let mut refused = false;
            if let Model::Mm1k(room) = self.model {
                while leaving.front().is_some_and(|left| *left <= now) {
                    leaving.pop_front();
                }
                refused = leaving.len() >= usize::from(room);
            }
            if !refused {
                free = f64::max(free, now) + service;
                if matches!(self.model, Model::Mm1k(_)) {
                    leaving.push_back(free);
                }
            }
            if now >= begin {
                requests += 1;
                beyond += u64::from(refused || free - now > self.limit);
            }
        }
        // The queue is awaited after the end; starting a run takes a moment.
        let took = now.max(free) + 0.02;
        let busy = probe.rate > self.generator;
        let late = busy || chance.0.random::<f64>() < self.hiccups;
        let late = late.then(|| Late { why: "it was late".to_owned(), busy });
        let took = Duration::from_secs_f64(took);
        Observation { requests, beyond: vec![beyond], late, took }
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
