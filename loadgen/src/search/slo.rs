//! The promise: `p99=10ms` (at most one request in a hundred takes longer), `errors=0.1%`.
//!
//! Each part of it is a share of requests that may lie beyond a limit. A request that fails lies
//! beyond every limit, however fast it failed; one that times out, or is never sent, too.

use std::fmt;
use std::str::FromStr;

use hdrhistogram::Histogram;

use crate::result::Errors;
use crate::threshold::micros;

/// The longest limit, in microseconds: an hour.
const LONGEST_US: f64 = 3.6e9;

/// One part of the promise.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    text: String,
    /// The longest latency that keeps it, in nanoseconds; `None` when only failures break it.
    limit: Option<u64>,
    /// The share of requests that may lie beyond, above 0 and below 1.
    allowed: f64,
}

/// Why a text is no part of a promise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a promise; give one such as p99=10ms or errors=0.1% \
     (p50, p90, p99 or p99.9 with a time up to 1h; errors with a share above 0% and below 100%)"
)]
pub struct ObjectiveError;

impl FromStr for Objective {
    type Err = ObjectiveError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text).ok_or(ObjectiveError)
    }
}

impl Objective {
    fn read(text: &str) -> Option<Self> {
        let (name, value) = text.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let (allowed, limit) = match name {
            "errors" => (value.strip_suffix('%')?.trim().parse::<f64>().ok()? / 100.0, None),
            "p50" => (0.5, Some(nanos(value)?)),
            "p90" => (0.1, Some(nanos(value)?)),
            "p99" => (0.01, Some(nanos(value)?)),
            "p99.9" | "p999" => (0.001, Some(nanos(value)?)),
            _ => return None,
        };
        let sound = allowed > 0.0 && allowed < 1.0;
        sound.then(|| Self { text: format!("{name}={value}"), limit, allowed })
    }

    /// The share of requests that may lie beyond, above 0 and below 1.
    #[must_use]
    pub fn allowed(&self) -> f64 {
        self.allowed
    }

    /// The longest latency that keeps it, in nanoseconds; `None` when only failures break it.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Requests beyond the limit. The histogram (nanoseconds, three digits) holds failed ones, too;
    /// what shares the limit's bar keeps it. A failure that was slow as well may count twice.
    #[must_use]
    pub fn beyond(&self, latency: &Histogram<u64>, errors: &Errors) -> u64 {
        let Some(limit) = self.limit else { return errors.total() };
        let slow = latency.len() - latency.count_between(0, limit);
        // Those that were awaited in vain are in the histogram with the time they were waited for.
        let waited = errors.timeout + errors.connect_timeout + errors.unanswered;
        (slow + errors.total() - waited).min(latency.len())
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A time with its unit, in nanoseconds, above zero.
fn nanos(text: &str) -> Option<u64> {
    let time = micros(text).filter(|time| *time > 0.0 && *time <= LONGEST_US)?;
    Some((time * 1e3).round().max(1.0) as u64)
}

/// What of a probe counts for a part of the promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Requests that say something of the server.
    pub requests: u64,
    /// Of those, beyond the part's limit.
    pub beyond: u64,
}

impl Count {
    /// Whether no more than this share lies beyond.
    #[must_use]
    pub fn keeps(self, allowed: f64) -> bool {
        self.beyond as f64 <= allowed * self.requests as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::histogram;

    #[test]
    fn a_promise_is_a_limit_and_a_share() {
        let cases = [
            ("p99=10ms", Some(10_000_000), 0.01),
            ("p50 = 200us", Some(200_000), 0.5),
            ("p99.9=1s", Some(1_000_000_000), 0.001),
            ("errors=0.1%", None, 0.001),
        ];
        for (text, limit, allowed) in cases {
            let objective: Objective = text.parse().unwrap();
            assert_eq!(objective.limit(), limit, "{text}");
            assert!((objective.allowed() - allowed).abs() < 1e-12, "{text}");
        }
        assert_eq!("p50 = 200us".parse::<Objective>().unwrap().to_string(), "p50=200us");
    }

    #[test]
    fn what_is_no_promise_is_refused() {
        let times = ["", "p99", "p99=10", "p99=0ms", "p99=-1ms", "p98=1ms", "p99<1ms", "p99=2h"];
        let others = ["p99=NaNs", "errors=1", "errors=0%", "errors=100%", "max=1ms"];
        for text in times.into_iter().chain(others) {
            let error = text.parse::<Objective>().expect_err(text);
            assert!(error.to_string().contains("p99=10ms"), "{error}");
        }
    }

    #[test]
    fn failures_lie_beyond_however_fast_they_came_and_count_once_when_awaited() {
        let mut latency = histogram();
        for at in [1_000_000, 10_000_000, 11_000_000, 5_000_000_000] {
            latency.saturating_record(at);
        }
        let errors = Errors { timeout: 1, status: 1, ..Errors::default() };
        let beyond = |text: &str| text.parse::<Objective>().unwrap().beyond(&latency, &errors);
        assert_eq!(beyond("p99=10ms"), 3, "a slow one, the time-out, and the status");
        assert_eq!(beyond("p99=1us"), 4, "no more than there are");
        assert_eq!(beyond("errors=1%"), 2);
    }
}
