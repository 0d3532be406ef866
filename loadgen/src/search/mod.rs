//! The search for the highest rate that keeps a promise. Pure: it proposes a rate and receives the
//! result; it knows no clock, no socket and no model of the server.
//!
//! What is sought is the *knee*: below it queues stay short, above it the share of slow requests
//! grows without end (N. Gunther, *Guerrilla Capacity Planning*, 2007, on why response time and not
//! load tells it). Three stages, each of probes (runs of an open loop at one rate):
//! 1. `bracket`: a rate that keeps the promise and one that breaks it, from an estimate of the
//!    capacity that a closed loop gave; then halves of what lies between.
//! 2. *Refine*: probes a little to both sides of where the curve of `fit` puts the threshold, each
//!    chosen in the light of all before: a stochastic approximation (H. Robbins and S. Monro, 1951),
//!    with a model of the slope in place of their falling steps (C. Wu, 1985).
//! 3. *Confirm*: one long probe at the rate found. It counts as a probe too; when it breaks the
//!    promise by more than its noise, or leaves the interval wider than before, the search goes on with
//!    what it taught, as long as there is time, and confirms once more.
//!
//! What a stall of the generator may have spoiled is left out of a probe (`away`). A probe of which
//! too little remains is repeated. A generator that is late again and again, busy throughout, and
//! never kept such a rate is the limit: the answer is 'at least'.

mod away;
mod bracket;
mod fit;
mod found;
mod late;
mod probe;
mod slo;

use std::time::Duration;

use bracket::Bracket;
use fit::{Fit, Point};
pub use found::{Found, Limit};
pub use probe::{Late, Observation, Probe, Stage, Verdict};
pub use slo::{Count, Objective, ObjectiveError};

/// Probes that refine, at least.
const FEWEST: usize = 12;

/// Requests in a probe, at least.
const FEWEST_REQUESTS: f64 = 3.0;

/// Refining ends when the interval is this narrow to both sides: half a hundredth.
const NARROW: f64 = 0.005;

/// Probes go in turn so far above and below the threshold, as a share of what is near it.
const BESIDE: f64 = 1.0 / 6.0;

/// After so many probes in a row that say the same, the next ones go further.
const IN_A_ROW: usize = 4;

/// Neighbouring rates around the threshold leave a gap beyond this factor.
const GAP: f64 = 1.03;

/// A threshold is told no finer than this, as a share of the rate: a server's speed varies as much.
const FINEST: f64 = 0.004;

/// A step leaves the rates seen so far by this factor at most.
const LEAP: f64 = 1.25;

/// Of a rate that the generator could not keep, this share is the most that is tried again.
const BELOW_CEILING: f64 = 0.97;

/// A confirmation may be off by so many standard deviations: all but one in two hundred are not.
const NOISE: f64 = 2.6;

/// Attempts at confirming.
const CONFIRMATIONS: usize = 2;

/// What the search is to do, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// The shares of requests that may lie beyond the limits, one for each part of the promise.
    pub allowed: Vec<f64>,
    /// Roughly the most that the server does: a closed loop's throughput, in requests a second.
    pub capacity: f64,
    /// Wall time for all probes.
    pub budget: Duration,
    /// How much longer than planned a probe may take, at most.
    pub reserve: Duration,
    /// The longest latency that the promise allows, at most the budget's [`LIMITS_IN_BUDGET`]th
    /// part: probes are much longer, to show a server that falls behind slowly.
    pub longest: Duration,
}

/// The budget is at least so many times the longest latency that the promise allows.
pub const LIMITS_IN_BUDGET: u32 = 250;

/// The search: what it is after, and what was seen so far.
#[derive(Debug, Clone)]
pub struct Search {
    goal: Goal,
    seen: Vec<(Probe, Observation)>,
}

impl Search {
    /// A search that has seen nothing.
    #[must_use]
    pub fn new(goal: Goal) -> Self {
        Self { goal, seen: Vec::new() }
    }

    /// The probe to make next; `None` when the search is over.
    #[must_use]
    pub fn next(&self) -> Option<Probe> {
        let (stage, rate) = self.again().or_else(|| match self.bracket() {
            Bracket::Try(rate) => Some((Stage::Bracket, rate)),
            Bracket::Enclosed { .. } => self.beside_threshold(),
            Bracket::Never(_) | Bracket::AtLeast(_) => None,
        })?;
        self.affordable(self.probe(stage, rate))
    }

    /// Takes down what came of a probe.
    pub fn observe(&mut self, probe: Probe, observation: Observation) {
        self.seen.push((probe, observation));
    }

    /// What was seen so far, in order.
    #[must_use]
    pub fn seen(&self) -> &[(Probe, Observation)] {
        &self.seen
    }

    /// What an observation says.
    #[must_use]
    pub fn verdict(&self, observation: &Observation) -> Verdict {
        let counts = observation.counts.iter().zip(&self.goal.allowed);
        match &observation.late {
            Some(_) => Verdict::Late,
            None if counts.into_iter().all(|(count, &allowed)| count.keeps(allowed)) => {
                Verdict::Holds
            }
            None => Verdict::Breaks,
        }
    }

    fn bracket(&self) -> Bracket {
        let tried: Vec<_> = self
            .seen
            .iter()
            .filter(|(probe, seen)| probe.stage == Stage::Bracket && seen.requests > 0)
            .map(|(probe, observation)| (probe.rate, self.verdict(observation)))
            .collect();
        bracket::next(&tried, self.ceiling(), self.goal.capacity)
    }

    /// The curve of the part of the promise that breaks first, and the part's place.
    fn fit(&self) -> Option<(usize, Fit)> {
        let fits = self.goal.allowed.iter().enumerate().filter_map(|(part, &allowed)| {
            let points: Vec<_> = self
                .sound()
                .map(|(probe, observation)| {
                    let Count { requests, beyond } = observation.counts[part];
                    Point { rate: probe.rate, requests, beyond }
                })
                .collect();
            Fit::new(&points, allowed).map(|fit| (part, fit.no_finer_than(FINEST)))
        });
        fits.min_by(|(_, one), (_, other)| one.at.total_cmp(&other.at))
    }

    /// Refining and confirming.
    fn beside_threshold(&self) -> Option<(Stage, f64)> {
        let (part, fit) = self.fit()?;
        let refined = self.count(Stage::Refine);
        let confirmed = self.confirmed();
        let unsure = refined < FEWEST || fit.half_width > NARROW || confirmed == Some(false);
        // A confirmation is a probe too, and may leave the curve less sure than it was before.
        if unsure && self.left() >= self.cost(Stage::Refine) + self.cost(Stage::Confirm) {
            let near = fit::reach(self.goal.allowed[part]) / fit.slope;
            let offset = (BESIDE * near).max(FINEST);
            let side = if refined.is_multiple_of(2) { offset } else { -offset };
            let (low, high) = fit.between;
            // As long as there is a gap around the threshold, the curve may be far off within it.
            let gap = low > 0.0 && high.is_finite() && high / low > GAP;
            let rate = if gap {
                (low * high).sqrt()
            } else {
                (fit.at + side + offset * self.drift()).exp()
            };
            return Some((Stage::Refine, self.within_reach(rate * self.step_back())));
        }
        let last = self.seen.last().map(|(probe, _)| probe.stage);
        let settled = confirmed == Some(true) && last == Some(Stage::Confirm);
        let again = !settled && self.count(Stage::Confirm) < CONFIRMATIONS;
        again.then(|| (Stage::Confirm, self.within_reach(fit.at.exp())))
    }

    /// How many offsets further the next probe goes because the last ones agreed: steps do not
    /// shrink until the verdict changes (H. Kesten, 1958).
    fn drift(&self) -> f64 {
        let refined = self.seen.iter().rev().filter(|(probe, _)| probe.stage == Stage::Refine);
        let verdicts = refined.map(|(_, seen)| self.verdict(seen));
        let mut verdicts = verdicts.filter(|verdict| *verdict != Verdict::Late);
        let Some(last) = verdicts.next() else { return 0.0 };
        let row = 1 + verdicts.take_while(|verdict| *verdict == last).count();
        let further = row.saturating_sub(IN_A_ROW) as f64;
        if last == Verdict::Holds { further } else { -further }
    }

    /// A rate not far from those seen, and below what the generator can keep.
    fn within_reach(&self, rate: f64) -> f64 {
        let rates = || self.seen.iter().map(|(probe, _)| probe.rate);
        let lowest = rates().fold(f64::INFINITY, f64::min);
        let highest = rates().fold(0.0, f64::max);
        let most = self.ceiling().map_or(f64::INFINITY, |ceiling| ceiling * BELOW_CEILING);
        rate.clamp(lowest / LEAP, highest * LEAP).min(most)
    }

    /// Whether the last confirmation held, to within its noise; `None` without one.
    fn confirmed(&self) -> Option<bool> {
        let (_, observation) =
            self.sound().rev().find(|(probe, _)| probe.stage == Stage::Confirm)?;
        let held = |(part, &allowed): (usize, &f64)| {
            let requests = observation.counts[part].requests as f64;
            let dispersion = self.fit().map_or(1.0, |(_, fit)| fit.dispersion);
            let noise = NOISE * (dispersion * requests * allowed * (1.0 - allowed)).sqrt();
            observation.counts[part].beyond as f64 <= requests * allowed + noise
        };
        Some(observation.requests > 0 && self.goal.allowed.iter().enumerate().all(held))
    }

    fn count(&self, stage: Stage) -> usize {
        self.sound().filter(|(probe, _)| probe.stage == stage).count()
    }

    /// The probes in which the generator was not late.
    fn sound(&self) -> impl DoubleEndedIterator<Item = &(Probe, Observation)> {
        self.seen.iter().filter(|(_, observation)| observation.late.is_none())
    }

    /// The rates of the probes with this verdict.
    fn rates(&self, wanted: Verdict) -> impl Iterator<Item = f64> {
        let probes = self.seen.iter().filter(move |(_, it)| self.verdict(it) == wanted);
        probes.map(|(probe, _)| probe.rate)
    }

    fn probe(&self, stage: Stage, rate: f64) -> Probe {
        let (warmup, duration) = stage.lengths(self.goal.budget, self.goal.longest);
        let duration = duration.max(Duration::from_secs_f64(FEWEST_REQUESTS / rate));
        Probe { stage, rate, warmup, duration }
    }

    /// Wall time that a probe should take.
    fn cost(&self, stage: Stage) -> Duration {
        let (warmup, duration) = stage.lengths(self.goal.budget, self.goal.longest);
        warmup + duration
    }

    /// Wall time that is left to plan with.
    fn left(&self) -> Duration {
        let used: Duration = self.seen.iter().map(|(_, observation)| observation.took).sum();
        self.goal.budget.saturating_sub(used + self.goal.reserve)
    }

    /// The probe if there is time for it; a confirmation is cut to the time that there is.
    fn affordable(&self, mut probe: Probe) -> Option<Probe> {
        let left = self.left();
        if probe.stage == Stage::Confirm {
            let most = left.saturating_sub(probe.warmup);
            let least = self.probe(Stage::Bracket, probe.rate).duration;
            probe.duration = probe.duration.min(most);
            return (probe.duration >= least).then_some(probe);
        }
        (probe.warmup + probe.duration <= left).then_some(probe)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;
