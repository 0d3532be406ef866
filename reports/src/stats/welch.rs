//! Two runs against each other: their blocks were not measured side by side, so nothing pairs them.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{LEVEL, MIN_BLOCKS, deviation, mean};

/// A ratio b/a of two independent sets of trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unpaired {
    /// Ratio of the geometric means.
    pub point: f64,
    /// Its interval and tests, from [`MIN_BLOCKS`] trials on each side up.
    pub shown: Option<Shown>,
}

/// What enough trials add to a ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Interval at [`LEVEL`].
    pub interval: (f64, f64),
    mean: f64,
    error: f64,
    degrees: f64,
}

impl Shown {
    /// The one-sided p-value of "the ratio is at least `bound`": small when it lies below.
    pub(crate) fn p_below(&self, bound: f64) -> f64 {
        let distance = self.mean - bound.ln();
        if self.error == 0.0 {
            return if distance < 0.0 { 0.0 } else { f64::from(distance > 0.0).max(0.5) };
        }
        StudentsT::new(0.0, 1.0, self.degrees).map_or(1.0, |t| t.cdf(distance / self.error))
    }

    /// The two-sided p-value of "the ratio is 1".
    pub(crate) fn p_difference(&self) -> f64 {
        let below = self.p_below(1.0);
        (2.0 * below.min(1.0 - below)).min(1.0)
    }

    /// The p-value of "the ratios differ by `margin` or more": the larger of two one-sided tests.
    pub(crate) fn p_same(&self, margin: f64) -> f64 {
        (1.0 - self.p_below(1.0 / (1.0 + margin))).max(self.p_below(1.0 + margin))
    }
}

/// The ratio b/a of positive values, by the difference of the means of their logarithms.
///
/// Source: B. L. Welch, "The generalization of 'Student's' problem when several different
/// population variances are involved", Biometrika 34 (1947), with Satterthwaite's degrees of
/// freedom. `None` when a side has no positive value.
#[must_use]
pub fn unpaired(a: &[f64], b: &[f64]) -> Option<Unpaired> {
    let logs = |values: &[f64]| -> Vec<f64> {
        values.iter().filter(|value| **value > 0.0).map(|value| value.ln()).collect()
    };
    let (a, b) = (logs(a), logs(b));
    let difference = mean(&b)? - mean(&a)?;
    let enough = a.len() >= MIN_BLOCKS && b.len() >= MIN_BLOCKS;
    let shown = if enough { shown(&a, &b, difference) } else { None };
    Some(Unpaired { point: difference.exp(), shown })
}

fn shown(a: &[f64], b: &[f64], mean: f64) -> Option<Shown> {
    let part = |values: &[f64]| Some(deviation(values)?.powi(2) / values.len() as f64);
    let (of_a, of_b) = (part(a)?, part(b)?);
    let error = (of_a + of_b).sqrt();
    let spread = of_a.powi(2) / (a.len() - 1) as f64 + of_b.powi(2) / (b.len() - 1) as f64;
    // Without any spread the degrees of freedom do not matter, but must be a number.
    let degrees = if spread > 0.0 { (of_a + of_b).powi(2) / spread } else { 1.0 };
    let quantile = StudentsT::new(0.0, 1.0, degrees).ok()?.inverse_cdf(f64::midpoint(1.0, LEVEL));
    let half = if error > 0.0 { quantile * error } else { 0.0 };
    Some(Shown { interval: ((mean - half).exp(), (mean + half).exp()), mean, error, degrees })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worked_example_comes_out_as_by_hand() {
        // Logs 1…6 and 3, 5, …, 13: means 3.5 and 8, variances 3.5 and 14, error √(17.5/6).
        let a: Vec<f64> = (1..=6).map(|i| f64::from(i).exp()).collect();
        let b: Vec<f64> = (1..=6).map(|i| f64::from(2 * i + 1).exp()).collect();
        let ratio = unpaired(&a, &b).unwrap();
        let shown = ratio.shown.unwrap();
        assert!((ratio.point.ln() - 4.5).abs() < 1e-9);
        // ν = (17.5/6)² / ((3.5/6)² + (14/6)²) · 5 = 7.353; t(0.975, 7.353) = 2.3417.
        assert!((shown.degrees - 7.352_9).abs() < 1e-3);
        let half = (shown.interval.1.ln() - shown.interval.0.ln()) / 2.0;
        assert!((half - 2.341_7 * (17.5_f64 / 6.0).sqrt()).abs() < 2e-3, "{half}");
        assert!(shown.p_difference() < 0.05);
    }

    #[test]
    fn an_end_of_the_interval_has_a_one_sided_p_of_a_fortieth() {
        let ratio = unpaired(&[10.0, 11.0, 9.0, 10.0, 10.5, 9.5], &[8.0, 9.0, 8.5, 8.2, 8.8, 8.4]);
        let shown = ratio.unwrap().shown.unwrap();
        assert!((shown.p_below(shown.interval.1) - 0.025).abs() < 1e-6);
        assert!((shown.p_below(shown.interval.0) - 0.975).abs() < 1e-6);
    }

    #[test]
    fn five_trials_on_one_side_have_no_interval_and_none_has_no_ratio() {
        let six = [1.0; 6];
        assert_eq!(unpaired(&six, &[2.0; 5]).unwrap().shown, None);
        assert_eq!(unpaired(&six, &[]), None);
        assert!(unpaired(&six, &[2.0; 6]).unwrap().shown.unwrap().p_difference() < 1e-9);
    }
}
