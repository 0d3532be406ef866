//! Wilcoxon's signed ranks: the check on Student's t that assumes no shape, only symmetry.
//! It is shown where it disagrees.

use std::cmp::Ordering;

use statrs::distribution::{ContinuousCDF, Normal};

/// Up to so many values the distribution of the rank sum is counted out; beyond, it is as good as
/// normal.
const EXACT_TO: usize = 60;

/// The two-sided p-value of the hypothesis that the values are symmetric about 0.
///
/// Zeros are dropped, as Wilcoxon did; equal sizes share the mean of their ranks, and the exact
/// distribution is the one given these ties. With six values the smallest p is 2/64 = 0.031.
/// `None` when nothing but zeros is left.
///
/// Source: F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945);
/// zeros and ties after J. W. Pratt, JASA 54 (1959), section 2.
pub fn signed_rank(values: &[f64]) -> Option<f64> {
    let mut sizes: Vec<(f64, bool)> = values
        .iter()
        .filter(|value| value.is_finite() && **value != 0.0)
        .map(|value| (value.abs(), *value > 0.0))
        .collect();
    if sizes.is_empty() {
        return None;
    }
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ranks = doubled_ranks(&sizes);
    let positive: u64 =
        ranks.iter().zip(&sizes).filter(|(_, (_, up))| *up).map(|(rank, _)| rank).sum();
    let all: u64 = ranks.iter().sum();
    let smaller = positive.min(all - positive);
    let tail = if ranks.len() <= EXACT_TO {
        exact_tail(&ranks, smaller)
    } else {
        normal_tail(&ranks, smaller)?
    };
    Some((2.0 * tail).min(1.0))
}

/// Twice the rank of each value of a sorted list, so that shared ranks are whole numbers too.
fn doubled_ranks(sorted: &[(f64, bool)]) -> Vec<u64> {
    let mut ranks = Vec::with_capacity(sorted.len());
    while ranks.len() < sorted.len() {
        let first = ranks.len();
        let alike = sorted[first..]
            .iter()
            .take_while(|(size, _)| size.total_cmp(&sorted[first].0) == Ordering::Equal)
            .count();
        // Ranks first + 1 … first + alike: their mean, doubled.
        ranks.extend(std::iter::repeat_n((2 * first + 1 + alike) as u64, alike));
    }
    ranks
}

/// The share of the 2ⁿ ways to give signs in which the positive ranks sum up to at most `bound`.
fn exact_tail(ranks: &[u64], bound: u64) -> f64 {
    let mut share = vec![0.0_f64; bound as usize + 1];
    share[0] = 1.0;
    for &rank in ranks {
        for sum in (0..share.len()).rev() {
            let with = sum.checked_sub(rank as usize).map_or(0.0, |rest| share[rest]);
            share[sum] = f64::midpoint(share[sum], with);
        }
    }
    share.iter().sum()
}

/// The same by the normal approximation with a correction for continuity.
fn normal_tail(ranks: &[u64], bound: u64) -> Option<f64> {
    let mean = ranks.iter().sum::<u64>() as f64 / 2.0;
    let variance = ranks.iter().map(|&rank| (rank as f64).powi(2)).sum::<f64>() / 4.0;
    // Ranks are doubled, so half a rank is 1.
    let z = (bound as f64 + 1.0 - mean) / variance.sqrt();
    Some(Normal::new(0.0, 1.0).ok()?.cdf(z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn p_values_are_those_of_the_published_table() {
        // Smallest rank sums significant at two-sided 5 %: W = 0 of 6 and 8 of 10 (Wilcoxon 1945;
        // exact tails 1/64 and 25/1024).
        let six = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert!((signed_rank(&six).unwrap() - 2.0 / 64.0).abs() < 1e-12);
        let ten = [-1.0, 2.0, 3.0, 4.0, 5.0, 6.0, -7.0, 8.0, 9.0, 10.0];
        assert!((signed_rank(&ten).unwrap() - 2.0 * 25.0 / 1024.0).abs() < 1e-12);
    }

    #[test]
    fn equal_sizes_share_their_ranks() {
        // ±1 ± 1 ± 1: the sum of three equal ranks is 0 in one way of eight.
        assert!((signed_rank(&[1.0, 1.0, 1.0]).unwrap() - 0.25).abs() < 1e-12);
        assert_eq!(signed_rank(&[1.0, -1.0]), Some(1.0));
    }

    #[test]
    fn zeros_tell_nothing() {
        assert_eq!(signed_rank(&[0.0, 0.0]), None);
        assert_eq!(signed_rank(&[0.0, 1.0, 2.0]), signed_rank(&[1.0, 2.0]));
    }

    #[test]
    fn the_approximation_meets_the_exact_count() {
        let ranks: Vec<u64> = (1..=40).map(|rank| 2 * rank).collect();
        let exact = exact_tail(&ranks, 2 * 264);
        assert!((exact - normal_tail(&ranks, 2 * 264).unwrap()).abs() < 1e-3);
    }

    proptest! {
        #[test]
        fn turning_all_signs_changes_nothing(values in prop::collection::vec(-9.0..9.0_f64, 1..30)) {
            let turned: Vec<f64> = values.iter().map(|value| -value).collect();
            let (p, q) = (signed_rank(&values), signed_rank(&turned));
            prop_assert!(p.zip(q).is_none_or(|(p, q)| (p - q).abs() < 1e-9 && p <= 1.0));
        }
    }
}
