//! Thresholds for CI: `p99>10ms`, `errors>1%`, `rps<1000`. A run *fails* a threshold when what it
//! says is true.

use std::fmt;
use std::str::FromStr;

use crate::latency::Latency;
use crate::result::RunResult;

/// A condition under which a run is taken to have failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    text: String,
    metric: Metric,
    above: bool,
    /// Microseconds, a share, a count or a rate: as the metric is.
    limit: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Metric {
    /// By its place in [`LATENCIES`].
    Latency(usize),
    Rps,
    Errors,
    ErrorShare,
}

/// A latency by its name.
type Named = (&'static str, fn(&Latency) -> f64);

/// The latencies that a threshold can name.
const LATENCIES: [Named; 7] = [
    ("p50", |latency| latency.p50),
    ("p90", |latency| latency.p90),
    ("p99", |latency| latency.p99),
    ("p99.9", |latency| latency.p999),
    ("p999", |latency| latency.p999),
    ("max", |latency| latency.max),
    ("mean", |latency| latency.mean),
];

/// Why a text is not a threshold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a threshold; give one such as 'p99>10ms', 'errors>0', 'errors>1%' or 'rps<1000' \
     (p50, p90, p99, p99.9, max, mean, errors, rps)"
)]
pub struct ThresholdError;

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text).ok_or(ThresholdError)
    }
}

impl Threshold {
    fn read(text: &str) -> Option<Self> {
        let at = text.find(['<', '>'])?;
        let above = text[at..].starts_with('>');
        let (name, value) = (text[..at].trim(), text[at + 1..].trim());
        let (metric, limit) = match name {
            "rps" => (Metric::Rps, value.parse().ok()?),
            "errors" => match value.strip_suffix('%') {
                Some(percent) => (Metric::ErrorShare, percent.parse::<f64>().ok()? / 100.0),
                None => (Metric::Errors, value.parse().ok()?),
            },
            name => {
                let place = LATENCIES.iter().position(|(known, _)| *known == name)?;
                (Metric::Latency(place), micros(value)?)
            }
        };
        let sound = f64::is_finite(limit) && limit >= 0.0;
        sound.then(|| Self { text: text.trim().to_owned(), metric, above, limit })
    }

    /// What the run had instead, if it fails the threshold.
    #[must_use]
    pub fn failure(&self, result: &RunResult) -> Option<String> {
        let errors = result.errors.total();
        let found = match self.metric {
            Metric::Latency(place) => LATENCIES[place].1(&result.latency),
            Metric::Rps => result.throughput_rps,
            Metric::Errors => errors as f64,
            Metric::ErrorShare => errors as f64 / ((errors + result.requests).max(1)) as f64,
        };
        let fails = if self.above { found > self.limit } else { found < self.limit };
        let shown = match self.metric {
            Metric::Rps => format!("{found:.1} requests/s"),
            Metric::Errors => format!("{found} errors"),
            Metric::ErrorShare => format!("{:.3} % errors", found * 100.0),
            Metric::Latency(_) => format!("{found:.1} µs"),
        };
        fails.then(|| format!("{self}: it was {shown}"))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A time with its unit, in microseconds.
pub(crate) fn micros(text: &str) -> Option<f64> {
    let units = [("ms", 1e3), ("us", 1.0), ("µs", 1.0), ("ns", 1e-3), ("s", 1e6)];
    let (unit, scale) = units.into_iter().find(|(unit, _)| text.ends_with(unit))?;
    let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    Some(number * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::Errors;

    fn result() -> RunResult {
        RunResult {
            throughput_rps: 500.0,
            requests: 99,
            latency: Latency { p99: 12_000.0, max: 20_000.0, ..Latency::default() },
            errors: Errors { timeout: 1, ..Errors::default() },
            ..RunResult::default()
        }
    }

    fn fails(text: &str) -> bool {
        text.parse::<Threshold>().unwrap().failure(&result()).is_some()
    }

    #[test]
    fn a_threshold_is_failed_when_it_is_true() {
        for text in ["p99>10ms", "p99 > 11999us", "max>0.01s", "errors>0", "errors>0.5%", "rps<501"]
        {
            assert!(fails(text), "{text}");
        }
        for text in ["p99>12ms", "p99<10ms", "max>1s", "errors>1", "errors>1%", "rps<500"] {
            assert!(!fails(text), "{text}");
        }
    }

    #[test]
    fn a_failure_says_what_was_asked_and_what_was_found() {
        let threshold: Threshold = "p99>10ms".parse().unwrap();
        assert_eq!(threshold.failure(&result()).unwrap(), "p99>10ms: it was 12000.0 µs");
    }

    #[test]
    fn what_is_no_threshold_is_refused() {
        for text in ["", "p99", "p99=1ms", "p99>10", "p98>1ms", "rps<x", "errors>-1", "max>infs"] {
            assert!(text.parse::<Threshold>().is_err(), "{text:?}");
        }
    }
}
