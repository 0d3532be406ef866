//! A latency distribution as a result shows it: quantiles, mean, and a histogram that can be added
//! to others. Histograms are merged and then read; percentiles are never averaged.

use hdrhistogram::{Counter, Histogram};
use serde::{Deserialize, Serialize};

/// A latency distribution.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub struct Latency {
    /// Always `us`: microseconds.
    pub unit: String,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    pub mean: f64,
    /// `[value, count]` in rising order of value, two significant digits.
    pub histogram: Vec<(f64, u64)>,
}

/// A few quantiles in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub struct Quantiles {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Quantiles {
    /// Reads a histogram of nanoseconds; `None` when it is empty.
    pub(crate) fn new(histogram: &Histogram<u64>) -> Option<Self> {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        let max = histogram.max() as f64 / 1e3;
        let quantiles = || Self { p50: at(0.5), p99: at(0.99), p999: at(0.999), max };
        (!histogram.is_empty()).then(quantiles)
    }
}

impl Latency {
    /// Reads a histogram of nanoseconds.
    pub(crate) fn new(histogram: &Histogram<u64>) -> Self {
        let unit = "us".to_owned();
        if histogram.is_empty() {
            return Self { unit, ..Self::default() };
        }
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            unit,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1e3,
            mean: round(histogram.mean() / 1e3),
            histogram: coarse(histogram),
        }
    }
}

/// The histogram with two significant digits, in microseconds.
fn coarse(histogram: &Histogram<u64>) -> Vec<(f64, u64)> {
    let Ok(mut coarse) = Histogram::<u64>::new_with_bounds(1, histogram.high(), 2) else {
        return Vec::new();
    };
    for value in histogram.iter_recorded() {
        coarse.saturating_record_n(value.value_iterated_to(), value.count_at_value());
    }
    bars(&coarse)
}

/// A histogram of nanoseconds with two significant digits as `(microseconds, count)` in rising order.
/// Each bar stands at its middle.
pub(crate) fn bars<C: Counter>(coarse: &Histogram<C>) -> Vec<(f64, u64)> {
    coarse
        .iter_recorded()
        .map(|value| {
            let middle = coarse.median_equivalent(value.value_iterated_to());
            (round(middle as f64 / 1e3), value.count_at_value().as_u64())
        })
        .collect()
}

/// Four significant digits: enough for an error below that of the histogram, and short to write.
pub(crate) fn round(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powi(3 - value.log10().floor() as i32);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::histogram;

    #[test]
    fn the_written_histogram_keeps_every_count_and_two_digits() {
        let mut fine = histogram();
        for number in 1..=100_000_u64 {
            fine.saturating_record(number * 1_000);
        }
        let latency = Latency::new(&fine);
        assert_eq!(latency.histogram.iter().map(|&(_, count)| count).sum::<u64>(), 100_000);
        let mut below = 0;
        let median = latency.histogram.iter().find(|&&(_, count)| {
            below += count;
            below >= 50_000
        });
        let (median, _) = *median.unwrap();
        assert!((median / 50_000.0 - 1.0).abs() < 0.01, "{median}");
        assert!((latency.p99 / 99_000.0 - 1.0).abs() < 0.001);
        assert!(latency.histogram.len() < 1500, "{}", latency.histogram.len());
    }

    #[test]
    fn rounding_keeps_four_digits() {
        let cases = [(0.0, 0.0), (1.234_56, 1.235), (98_765.4, 98_770.0), (0.001_234_5, 0.001_235)];
        for (value, expected) in cases {
            assert!((round(value) - expected).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn an_empty_histogram_has_no_quantiles() {
        assert_eq!(Quantiles::new(&histogram()), None);
        assert!(Latency::new(&histogram()).histogram.is_empty());
    }
}
