//! Latency distributions: merged first, read afterwards. The mean of two 99th percentiles is the
//! 99th percentile of nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{LEVEL, MIN_BLOCKS, t_interval};
use crate::record::Latency;

/// Points of a curve in a chart: one for every six pixels or so.
pub const CURVE_POINTS: usize = 72;

/// The percentiles that tables show; the largest is the last.
const SHOWN: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 1.0];

/// The merged distribution of several trials, in microseconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged {
    /// `(value, answers up to and with it)`, rising in both.
    cumulative: Vec<(f64, u64)>,
}

impl Merged {
    /// Adds up the histograms of trials; values that are not finite or are negative are left out.
    pub fn of<'a>(latencies: impl IntoIterator<Item = &'a Latency>) -> Self {
        Self::of_steps(latencies.into_iter().flat_map(|latency| &latency.histogram))
    }

    /// The same from steps `(value, count)`, in any order.
    pub fn of_steps<'a>(steps: impl IntoIterator<Item = &'a (f64, u64)>) -> Self {
        // The bits of non-negative floats sort as the floats do.
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        for &(value, count) in steps {
            if value.is_finite() && value >= 0.0 && count > 0 {
                *counts.entry(value.abs().to_bits()).or_default() += count;
            }
        }
        let cumulative = counts
            .into_iter()
            .scan(0, |sum, (bits, count)| {
                *sum += count;
                Some((f64::from_bits(bits), *sum))
            })
            .collect();
        Self { cumulative }
    }

    /// Number of answers.
    pub fn count(&self) -> u64 {
        self.cumulative.last().map_or(0, |&(_, sum)| sum)
    }

    /// The smallest value that at least the share `p` of the answers did not exceed (nearest rank).
    pub fn percentile(&self, p: f64) -> Option<f64> {
        let rank = (p * self.count() as f64 - 1e-9).ceil().max(1.0) as u64;
        let index = self.cumulative.partition_point(|&(_, sum)| sum < rank);
        self.cumulative.get(index.min(self.cumulative.len().checked_sub(1)?)).map(|&(v, _)| v)
    }

    /// The largest value, to the histogram's precision.
    pub fn max(&self) -> Option<f64> {
        self.cumulative.last().map(|&(value, _)| value)
    }

    /// The last percentile worth reading: beyond 1 − 10/n fewer than ten answers decide.
    pub fn readable_to(&self) -> f64 {
        readable_to(self.count())
    }

    /// [`Self::percentile`] as far as the data go: `None` beyond [`Self::readable_to`].
    pub fn readable(&self, p: f64) -> Option<f64> {
        (p <= self.readable_to()).then(|| self.percentile(p)).flatten()
    }

    /// Points `(1/(1−p), value)` of the percentile curve, evenly spaced on the logarithmic axis
    /// from the minimum (1) to [`Self::readable_to`]; a value held for a while is one step.
    pub fn curve(&self, points: usize) -> Vec<(f64, f64)> {
        let end = 1.0 / (1.0 - self.readable_to());
        if self.count() < 20 || points < 2 {
            return Vec::new();
        }
        (0..points)
            .filter_map(|index| {
                let x = end.powf(index as f64 / (points - 1) as f64);
                Some((x, self.percentile(1.0 - 1.0 / x)?))
            })
            .collect()
    }

    /// The distribution in fewer steps `(value, count)`: exact at the percentiles that tables show and
    /// at the [`CURVE_POINTS`] of a chart; in between it is rounded up to the next of these.
    pub fn abridged(&self) -> Vec<(f64, u64)> {
        let curve = self.curve(CURVE_POINTS).into_iter().map(|(_, value)| value);
        let shown = SHOWN.into_iter().filter_map(|p| self.percentile(p));
        let kept: BTreeSet<u64> = curve.chain(shown).map(f64::to_bits).collect();
        let steps = self.cumulative.iter().filter(|(value, _)| kept.contains(&value.to_bits()));
        let mut before = 0;
        steps.map(|&(value, sum)| (value, sum - std::mem::replace(&mut before, sum))).collect()
    }
}

/// The last percentile worth reading of so many answers: beyond 1 − 10/n fewer than ten decide.
fn readable_to(answers: u64) -> f64 {
    (1.0 - 10.0 / answers.max(1) as f64).max(0.0)
}

/// A trial's own percentile, as far as its answers go: from its histogram, or, where that was left
/// out, one of the four that stand beside it.
fn own_percentile(latency: &Latency, p: f64) -> Option<f64> {
    if !latency.histogram.is_empty() {
        return Merged::of([latency]).readable(p);
    }
    let stated =
        [(0.5, latency.p50), (0.9, latency.p90), (0.99, latency.p99), (0.999, latency.p999)];
    let (_, value) = stated.into_iter().find(|(stated, _)| (stated - p).abs() < 1e-9)?;
    (p <= readable_to(latency.answers)).then_some(value)
}

/// The interval of a percentile, in microseconds: Student's t over the logarithms of the trials' own
/// percentiles, because the unit is the trial and not the answer. It is an interval of what a trial
/// has, about which the merged percentile need not lie in the middle.
///
/// `None` for fewer than [`MIN_BLOCKS`] trials that have ten answers beyond `p` each.
pub fn percentile_interval<'a>(
    latencies: impl IntoIterator<Item = &'a Latency>,
    p: f64,
) -> Option<(f64, f64)> {
    let logs: Vec<f64> = latencies
        .into_iter()
        .filter_map(|latency| own_percentile(latency, p))
        .filter(|value| *value > 0.0)
        .map(f64::ln)
        .collect();
    let (low, high) = t_interval(&logs, LEVEL)?;
    (logs.len() >= MIN_BLOCKS).then(|| (low.exp(), high.exp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn latency(histogram: &[(f64, u64)]) -> Latency {
        Latency { histogram: histogram.to_vec(), ..Latency::default() }
    }

    #[test]
    fn percentiles_are_read_from_the_merged_histogram_and_not_averaged() {
        let fast = latency(&[(10.0, 990), (20.0, 10)]);
        let slow = latency(&[(1000.0, 100)]);
        let merged = Merged::of([&fast, &slow]);
        assert_eq!(merged.count(), 1100);
        assert_eq!(merged.percentile(0.5), Some(10.0));
        // The average of the two p99s would be 505 or so: a latency that no answer had.
        assert_eq!(merged.percentile(0.99), Some(1000.0));
        assert_eq!(merged.percentile(1.0), Some(1000.0));
    }

    #[test]
    fn the_curve_stops_where_ten_answers_are_left() {
        let merged = Merged::of([&latency(&[(1.0, 5000), (2.0, 4990), (9.0, 10)])]);
        let curve = merged.curve(50);
        let (x, y) = *curve.last().unwrap();
        assert!((x - 1000.0).abs() < 1e-6 && (y - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_percentile_beyond_the_data_is_not_read() {
        let merged = Merged::of([&latency(&[(1.0, 989), (2.0, 11)])]);
        assert_eq!(merged.readable(0.99), Some(2.0));
        assert_eq!(merged.readable(0.999), None);
    }

    #[test]
    fn a_percentiles_interval_is_over_trials_and_needs_six() {
        let trials: Vec<Latency> =
            (0..6).map(|i| latency(&[(100.0 + f64::from(i), 2000)])).collect();
        let (low, high) = percentile_interval(&trials, 0.99).unwrap();
        assert!(low > 100.0 && low < 102.5 && high > 102.5 && high < 105.0);
        assert_eq!(percentile_interval(&trials[..5], 0.99), None);
        // 2,000 answers say nothing about the 99.9th percentile.
        assert_eq!(percentile_interval(&trials, 0.999), None);
    }

    #[test]
    fn a_trial_without_its_histogram_has_the_percentiles_that_stand_beside_it() {
        let whole = latency(&[(1.0, 989), (2.0, 11)]);
        let bare = Latency { histogram: Vec::new(), p99: 2.0, answers: 1000, ..whole.clone() };
        for p in [0.99, 0.999] {
            assert_eq!(own_percentile(&bare, p), own_percentile(&whole, p));
        }
    }

    #[test]
    fn nothing_measured_has_no_percentile_and_no_curve() {
        assert_eq!(Merged::default().percentile(0.5), None);
        assert!(Merged::default().curve(50).is_empty());
    }

    proptest! {
        #[test]
        fn an_abridged_distribution_has_the_same_percentiles_and_the_same_curve(
            steps in prop::collection::vec((1_u16..5000, 1_u64..300), 1..400)
        ) {
            let steps: Vec<_> = steps.iter().map(|&(v, n)| (f64::from(v), n)).collect();
            let whole = Merged::of_steps(&steps);
            let abridged = whole.abridged();
            let fewer = Merged::of_steps(&abridged);
            prop_assert!(abridged.len() <= CURVE_POINTS + SHOWN.len());
            prop_assert_eq!(fewer.count(), whole.count());
            prop_assert_eq!(fewer.curve(CURVE_POINTS), whole.curve(CURVE_POINTS));
            for p in SHOWN {
                prop_assert_eq!(fewer.percentile(p), whole.percentile(p));
            }
        }

        #[test]
        fn percentiles_match_those_of_the_sorted_values(
            values in prop::collection::vec(1_u16..500, 1..200), p in 0.0..1.0_f64
        ) {
            let histogram: Vec<_> = values.iter().map(|&v| (f64::from(v), 1)).collect();
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let rank = ((p * values.len() as f64 - 1e-9).ceil() as usize).max(1);
            prop_assert_eq!(
                Merged::of([&latency(&histogram)]).percentile(p),
                Some(f64::from(sorted[rank - 1]))
            );
        }
    }
}
