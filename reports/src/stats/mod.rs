//! Statistics as pure functions: numbers in, numbers out, so that each can be checked against a
//! published value. The unit is the trial, never the request: the requests of one trial share a
//! server, a generator and a second of the machine's life, and are no independent observations.

pub(crate) mod cores;
pub mod fairness;
pub(crate) mod heat;
pub(crate) mod holm;
pub(crate) mod latency;
pub mod ratio;
pub(crate) mod scaling;
pub(crate) mod split;
pub(crate) mod usl;
pub mod welch;
pub(crate) mod wilcoxon;

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Fewer blocks than this give no interval: with five or fewer observations the t quantile is so
/// large, and the normal approximation so uncertain, that dots say more.
pub const MIN_BLOCKS: usize = 6;

/// The level of the intervals shown.
pub const LEVEL: f64 = 0.95;

/// The probability of a false claim that a verdict may have: 1 − [`LEVEL`].
pub const ALPHA: f64 = 0.05;

/// An estimate and, from [`MIN_BLOCKS`] observations up, its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The point estimate.
    pub point: f64,
    /// Both ends of the interval at [`LEVEL`].
    pub interval: Option<(f64, f64)>,
    /// Number of observations.
    pub n: usize,
}

/// Arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Median, the mean of both middle values for an even number; `None` of nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// Sample standard deviation (divisor n − 1); `None` for fewer than two values.
pub(crate) fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// The two-sided quantile of Student's t: `t_quantile(0.95, 5)` is 2.571.
///
/// Source: Student (W. S. Gosset), "The probable error of a mean", Biometrika 6 (1908).
pub(crate) fn t_quantile(level: f64, degrees_of_freedom: usize) -> Option<f64> {
    let t = StudentsT::new(0.0, 1.0, degrees_of_freedom as f64).ok()?;
    Some(t.inverse_cdf(f64::midpoint(1.0, level)))
}

/// Mean ± t·s/√n at the given level, without a bound on n but the two values that s needs.
///
/// At n = 6 its true coverage is near its level for roughly normal values, and lower for skewed
/// ones: simulation gave about 85 % for unequal lognormal shapes and 58 % for a 90/10 mixture.
#[must_use]
pub fn t_interval(values: &[f64], level: f64) -> Option<(f64, f64)> {
    let mean = mean(values)?;
    let half = t_quantile(level, values.len().checked_sub(1)?)? * deviation(values)?
        / (values.len() as f64).sqrt();
    Some((mean - half, mean + half))
}

/// The one-sided p-value of "the mean is at most `bound`" by Student's t: small when the values lie
/// above it. Values without any spread are taken at their word.
pub(crate) fn one_sided_p(values: &[f64], bound: f64) -> Option<f64> {
    let (mean, deviation) = (mean(values)?, deviation(values)?);
    let distance = mean - bound;
    if deviation == 0.0 {
        return Some(if distance > 0.0 { 0.0 } else { f64::from(distance < 0.0).max(0.5) });
    }
    let t = distance * (values.len() as f64).sqrt() / deviation;
    Some(StudentsT::new(0.0, 1.0, (values.len() - 1) as f64).ok()?.sf(t))
}

/// The mean of trials with its interval from [`MIN_BLOCKS`] trials up; `None` of nothing.
pub(crate) fn estimate(values: &[f64]) -> Option<Estimate> {
    let interval = if values.len() >= MIN_BLOCKS { t_interval(values, LEVEL) } else { None };
    Some(Estimate { point: mean(values)?, interval, n: values.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn t_quantiles_are_those_of_the_published_table() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper 0.025 and 0.05.
        for (degrees, at_95, at_90) in
            [(1, 12.706, 6.314), (5, 2.571, 2.015), (11, 2.201, 1.796), (30, 2.042, 1.697)]
        {
            assert!((t_quantile(0.95, degrees).unwrap() - at_95).abs() < 5e-4);
            assert!((t_quantile(0.90, degrees).unwrap() - at_90).abs() < 5e-4);
        }
    }

    #[test]
    fn a_worked_interval_comes_out_as_by_hand() {
        // Mean 3.5, s = √3.5, n = 6: 3.5 ± 2.5706 · 1.8708 / 2.4495.
        let (low, high) = t_interval(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.95).unwrap();
        assert!((low - 1.536_7).abs() < 1e-3 && (high - 5.463_3).abs() < 1e-3);
    }

    #[test]
    fn five_trials_give_a_point_and_no_interval() {
        let estimate = estimate(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert_eq!(estimate.interval, None);
        assert!((estimate.point - 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_p_value_of_5_per_cent_lies_at_the_end_of_the_interval() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let (low, high) = t_interval(&values, 0.90).unwrap();
        assert!((one_sided_p(&values, low).unwrap() - 0.05).abs() < 1e-6);
        assert!((one_sided_p(&values, high).unwrap() - 0.95).abs() < 1e-6);
        assert_eq!(one_sided_p(&[1.0; 6], 1.0), Some(0.5));
        assert_eq!(one_sided_p(&[1.0; 6], 0.0), Some(0.0));
        assert_eq!(one_sided_p(&[1.0; 6], 2.0), Some(1.0));
    }

    #[test]
    fn nothing_measured_gives_nothing() {
        assert_eq!(estimate(&[]), None);
        assert_eq!(median(&[]), None);
        assert_eq!(deviation(&[1.0]), None);
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_mean_and_the_median_lies_within_the_values(
            values in prop::collection::vec(-1e6..1e6_f64, 6..40)
        ) {
            let estimate = estimate(&values).unwrap();
            let (low, high) = estimate.interval.unwrap();
            prop_assert!(low <= estimate.point && estimate.point <= high);
            let median = median(&values).unwrap();
            prop_assert!(values.iter().any(|&v| v <= median) && values.iter().any(|&v| v >= median));
        }
    }
}
