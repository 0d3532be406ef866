//! Pacing: when each request of an open loop is due. Pure arithmetic; nothing here knows a clock.
//!
//! A rate may change over time. Arrivals are drawn in *work* (how many arrivals are expected by
//! then), where the rate is always one, and carried to time by the inverse of the rate's integral.
//! A constant stream has its arrivals at work 0, 1, 2, …; a Poisson stream at sums of exponential
//! gaps of mean 1 (Lewis and Shedler, 1979, for the change of time). Several threads share a
//! schedule without talking: of the constant stream each takes every n-th arrival, and Poisson
//! streams add up to a Poisson stream.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

named_enum! {
    /// How arrivals lie around the rate.
    #[derive(Default)]
    pub enum Arrivals {
        /// Evenly spaced.
        #[default]
        Constant = "constant",
        /// Independent of each other, as those of many users are.
        Poisson = "poisson",
    }
}

/// A stretch of time with a rate that is constant or changes linearly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// How long; `None` for without end, which only the last may be.
    pub length: Option<Duration>,
    /// Requests a second at its begin.
    pub from: f64,
    /// Requests a second at its end.
    pub to: f64,
}

impl Stage {
    /// Expected arrivals within it.
    fn work(&self) -> f64 {
        self.length.map_or(f64::INFINITY, |length| {
            length.as_secs_f64() * f64::midpoint(self.from, self.to)
        })
    }

    /// Seconds after its begin at which `work` arrivals are expected: the solution of
    /// `from·t + (to − from)/(2·length)·t² = work` in the form that loses no digits.
    fn time_of(&self, work: f64) -> f64 {
        let slope = self.length.map_or(0.0, |length| (self.to - self.from) / length.as_secs_f64());
        2.0 * work / (self.from + (self.from * self.from + 2.0 * slope * work).max(0.0).sqrt())
    }
}

/// The rate over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    stages: Vec<Stage>,
}

impl Profile {
    /// Always the same rate, in requests a second.
    #[must_use]
    pub fn constant(rate: f64) -> Self {
        Self { stages: vec![Stage { length: None, from: rate, to: rate }] }
    }

    /// One stage after the other.
    #[must_use]
    pub fn stages(stages: Vec<Stage>) -> Self {
        Self { stages }
    }

    /// The same after a warm-up at the first rate.
    pub(crate) fn after(&self, warmup: Duration) -> Self {
        let first = self.stages.first().map_or(0.0, |stage| stage.from);
        let mut stages = vec![Stage { length: Some(warmup), from: first, to: first }];
        stages.extend_from_slice(&self.stages);
        Self { stages }
    }

    /// The rate, if it never changes and never ends.
    pub(crate) fn steady(&self) -> Option<f64> {
        match self.stages.as_slice() {
            [Stage { length: None, from, .. }] => Some(*from),
            _ => None,
        }
    }

    /// How long it lasts; `None` for without end.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        self.stages.iter().map(|stage| stage.length).sum()
    }

    /// Whether every rate is a number above zero (a ramp may touch zero at one end).
    pub(crate) fn is_sound(&self) -> bool {
        let rate = |rate: f64| rate.is_finite() && (0.0..=1e9).contains(&rate);
        !self.stages.is_empty()
            && self.stages.iter().all(|stage| {
                rate(stage.from)
                    && rate(stage.to)
                    && stage.from + stage.to > 0.0
                    && stage.length != Some(Duration::ZERO)
            })
    }

    /// Expected arrivals in the first `length`, divided by it: the mean rate asked for.
    pub(crate) fn mean_rate(&self) -> f64 {
        match self.length() {
            Some(length) => self.stages.iter().map(Stage::work).sum::<f64>() / length.as_secs_f64(),
            None => self.stages.last().map_or(0.0, |stage| stage.to),
        }
    }

    /// Seconds after the begin at which `work` arrivals are expected; `None` beyond the end.
    pub(crate) fn time_of(&self, work: f64) -> Option<f64> {
        let mut before = 0.0;
        let mut rest = work;
        for stage in &self.stages {
            let here = stage.work();
            if rest < here {
                return Some(before + stage.time_of(rest));
            }
            rest -= here;
            before += stage.length?.as_secs_f64();
        }
        None
    }
}

/// The due times of one thread, in nanoseconds after the begin: an endless or finite iterator.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    profile: Profile,
    arrivals: Arrivals,
    threads: f64,
    work: f64,
    random: ChaCha8Rng,
}

impl Schedule {
    /// The share of `thread` among `threads`; the same seed gives the same schedule.
    pub(crate) fn new(
        profile: Profile,
        arrivals: Arrivals,
        seed: u64,
        thread: u32,
        threads: u32,
    ) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(u64::from(thread));
        let threads = f64::from(threads);
        let mut schedule = Self { profile, arrivals, threads, work: f64::from(thread), random };
        if arrivals == Arrivals::Poisson {
            schedule.work = schedule.gap();
        }
        schedule
    }

    /// The work from one arrival of this thread to its next.
    fn gap(&mut self) -> f64 {
        match self.arrivals {
            Arrivals::Constant => self.threads,
            // 1 − u lies in (0, 1]: its logarithm is finite.
            Arrivals::Poisson => -(1.0 - self.random.random::<f64>()).ln() * self.threads,
        }
    }
}

impl Iterator for Schedule {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let due = self.profile.time_of(self.work)?;
        self.work += self.gap();
        Some((due * 1e9).round() as u64)
    }
}

#[cfg(test)]
pub(crate) mod tests;
