//! The answer of a search: a rate, its interval, and what set it.

use super::bracket::Bracket;
use super::{Search, Stage, Verdict};

/// An interval wider than this to one side, as a share of the rate, is told to be wide.
const WIDE: f64 = 0.05;

/// So many times the allowed share, of all requests below the rate found, chance does not put beyond.
const CLEARLY: f64 = 2.0;

named_enum! {
    /// What keeps the rate from being higher, or from being known better.
    pub enum Limit {
        /// The server breaks the promise above it.
        Server = "server",
        /// The generator cannot offer more.
        Generator = "generator",
        /// The search had not the time to find out.
        Search = "search",
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The highest rate that keeps the promise, in requests a second; `None` when none does.
    pub rate: Option<f64>,
    /// The interval's lower end (95 %).
    pub low: Option<f64>,
    /// Its upper end; `None` when nothing bounds the rate from above.
    pub high: Option<f64>,
    /// What sets it.
    pub limit: Limit,
    /// The part of the promise that breaks first, by its place.
    pub part: Option<usize>,
    /// Whether the answer may be used as the highest rate: it was bounded from above and confirmed.
    pub valid: bool,
    /// Why not, or what to keep in mind, one sentence each.
    pub reasons: Vec<String>,
    /// Whether the generator's absences spoiled more than one in ten of the probes or of the requests.
    pub generator_away: bool,
}

impl Found {
    /// An answer without a rate.
    fn none(limit: Limit, valid: bool, reason: impl Into<Option<String>>) -> Self {
        let (rate, low, high, part) = Default::default();
        let reasons = reason.into().into_iter().collect();
        Self { rate, low, high, limit, part, valid, reasons, generator_away: false }
    }

    /// Takes a word on the generator's absences, if there is one.
    fn admit(&mut self, word: Option<String>) {
        self.generator_away |= word.is_some();
        self.reasons.extend(word);
    }
}

impl Search {
    /// The answer, as far as it is known by now.
    #[must_use]
    pub fn found(&self) -> Found {
        match self.bracket() {
            Bracket::Never(rate) => Found::none(
                Limit::Server,
                true,
                format!(
                    "The promise is broken even at {rate:.1} requests/s, the lowest rate tried."
                ),
            ),
            Bracket::AtLeast(rate) => self.at_least(rate),
            Bracket::Try(_) => self.unfinished(),
            Bracket::Enclosed { .. } => self.fitted(),
        }
    }

    /// The generator could not offer more than `rate`.
    fn at_least(&self, rate: f64) -> Found {
        let late = self.seen().iter().rev().find_map(|(_, observation)| observation.late.as_ref());
        let why = late.map_or("it could not offer more", |late| &late.why);
        let reason = format!("The generator is the limit: {why}.");
        let mut found = Found::none(Limit::Generator, false, reason);
        if rate > 0.0 {
            (found.rate, found.low) = (Some(rate), Some(rate));
        }
        found
    }

    /// Time ran out, or the search was ended, before the threshold was enclosed.
    fn unfinished(&self) -> Found {
        let reason = "The threshold was not enclosed in the time there was.".to_owned();
        let mut found = Found::none(Limit::Search, false, reason);
        found.high = self.rates(Verdict::Breaks).min_by(f64::total_cmp);
        let below = |rate: &f64| found.high.is_none_or(|high| *rate < high);
        found.rate = self.rates(Verdict::Holds).filter(below).max_by(f64::total_cmp);
        found.low = found.rate;
        found.admit(self.disturbed());
        found
    }

    /// The threshold was enclosed: the curve through all probes tells it.
    fn fitted(&self) -> Found {
        let Some((part, fit)) = self.fit() else { return self.unfinished() };
        let rate = fit.at.exp();
        if let Some(ceiling) = self.ceiling().filter(|ceiling| rate > *ceiling) {
            return self.at_least(self.highest_kept(ceiling));
        }
        let mut found = Found {
            rate: Some(rate),
            low: Some((fit.at - fit.half_width).exp()),
            high: Some((fit.at + fit.half_width).exp()),
            part: Some(part),
            ..Found::none(Limit::Server, true, None)
        };
        let doubt = match self.confirmed() {
            Some(true) => None,
            Some(false) => {
                (found.valid, found.limit) = (false, Limit::Search);
                Some(
                    "The last long run at the rate found broke the promise by more than its noise: \
                     the server is slower at some times than at others.",
                )
            }
            None => Some("No long run confirmed the rate: the search ended before it."),
        };
        found.reasons.extend(doubt.map(str::to_owned));
        if fit.half_width > WIDE {
            found.limit = Limit::Search;
            found.reasons.push(format!(
                "The interval is wide (±{:.0} %): few slow requests were seen, or the server's speed \
                 varies from probe to probe.",
                100.0 * fit.half_width
            ));
        }
        found.reasons.extend(self.stalled(part, rate));
        found.admit(self.left_out(part));
        found.admit(self.disturbed());
        found
    }

    /// A word on requests that broke the promise all together though most probes kept it.
    fn stalled(&self, part: usize, rate: f64) -> Option<String> {
        let below = self.sound().filter(|(probe, _)| probe.rate <= rate);
        let (requests, beyond) = below.fold((0, 0), |(requests, beyond), (_, seen)| {
            (requests + seen.counts[part].requests, beyond + seen.counts[part].beyond)
        });
        let share = beyond as f64 / requests as f64;
        (share > CLEARLY * self.goal.allowed[part]).then(|| {
            format!(
                "Most runs of some seconds keep the promise at this rate, but not all: stalls put {:.1} % \
                 of the requests below it beyond the limit.",
                100.0 * share
            )
        })
    }

    /// A word on requests that do not count, if it was more than one in ten.
    fn left_out(&self, part: usize) -> Option<String> {
        let (all, counted) = self.sound().fold((0, 0), |(all, counted), (_, seen)| {
            (all + seen.requests, counted + seen.counts[part].requests)
        });
        (10 * (all - counted) > all).then(|| {
            format!(
                "The generator was away now and then (others had its CPU, or it was busy): {:.0} % of the \
                 requests are left out, as they may say more of that than of the server.",
                100.0 * (1.0 - counted as f64 / all as f64)
            )
        })
    }

    /// A word on probes that were spoiled, if it was more than one in ten.
    fn disturbed(&self) -> Option<String> {
        let mut late = self.seen().iter().filter_map(|(_, observation)| observation.late.as_ref());
        let (count, all) = (late.clone().count(), self.seen().len());
        let last = late.next_back().filter(|_| 10 * count > all)?;
        let why = &last.why;
        Some(format!("{count} of {all} probes were spoiled; in the last such one {why}."))
    }

    /// The highest rate below a limit at which the promise held.
    fn highest_kept(&self, limit: f64) -> f64 {
        self.rates(Verdict::Holds).filter(|rate| *rate < limit).fold(0.0, f64::max)
    }

    /// How many probes of each stage there were: bracket, refine, confirm.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        Stage::ALL.map(|stage| self.seen().iter().filter(|(probe, _)| probe.stage == stage).count())
    }
}
