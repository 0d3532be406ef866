//! How evenly connections were dealt, against what chance alone would do. Connections are judged,
//! not requests: every test over requests rejects, because a connection's requests stay together.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, DiscreteCDF};

/// The spread of counts over the workers of one trial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Number of workers.
    pub workers: usize,
    /// All counts together.
    pub total: u64,
    /// Largest minus smallest.
    pub range: u64,
    /// Coefficient of variation over the workers (population deviation over mean).
    pub cv: f64,
    /// Share of the busiest worker.
    pub busiest: f64,
}

/// The spread of counts; `None` for fewer than two workers or when all counts are 0.
#[must_use]
pub fn spread(counts: &[u64]) -> Option<Spread> {
    let total: u64 = counts.iter().sum();
    let (min, max) = (*counts.iter().min()?, *counts.iter().max()?);
    if counts.len() < 2 || total == 0 {
        return None;
    }
    let mean = total as f64 / counts.len() as f64;
    let variance =
        counts.iter().map(|&c| (c as f64 - mean).powi(2)).sum::<f64>() / counts.len() as f64;
    Some(Spread {
        workers: counts.len(),
        total,
        range: max - min,
        cv: variance.sqrt() / mean,
        busiest: max as f64 / total as f64,
    })
}

/// The coefficient of variation that a fair draw leaves: √((k−1)/C) for C connections on k workers.
///
/// Each worker's count is binomial with p = 1/k, so its deviation is √(C·p·(1−p)) and its mean C·p.
pub(crate) fn chance_cv(workers: usize, connections: u64) -> f64 {
    (workers.saturating_sub(1) as f64 / connections.max(1) as f64).sqrt()
}

/// Jain's index of fairness, (Σx)²/(k·Σx²): 1 when all have the same, 1/k when one has all. It is
/// 1/(1 + CV²).
///
/// Source: R. Jain, D. Chiu and W. Hawe, "A quantitative measure of fairness and discrimination for
/// resource allocation in shared computer systems", DEC-TR-301 (1984).
pub(crate) fn jain(cv: f64) -> f64 {
    1.0 / (1.0 + cv * cv)
}

/// The shares of an even split between which 95 % of one worker's counts lie when C connections are
/// dealt to k workers by chance: quantiles of the binomial distribution, over its mean C/k.
#[must_use]
pub fn fair_band(workers: usize, connections: u64) -> Option<(f64, f64)> {
    let even = 1.0 / workers.max(1) as f64;
    let counts = Binomial::new(even, connections).ok()?;
    let mean = connections as f64 * even;
    (connections > 0 && workers > 1).then(|| {
        let at = |p: f64| counts.inverse_cdf(p) as f64 / mean;
        (at(0.025), at(0.975))
    })
}

/// What the spread of several trials of one cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dealing {
    /// No trial's counts differed by more than one: dealt in turn.
    Even,
    /// As uneven as a fair draw would be.
    Chance,
    /// Less uneven than a fair draw, though not in turn.
    Evened,
    /// More uneven than a fair draw: something favours some workers.
    Biased,
}

/// How surprising the spread of some trials would be if connections had been drawn by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surprise {
    /// The probability of a spread at least as uneven.
    pub as_uneven: f64,
    /// The probability of one at least as even.
    pub as_even: f64,
}

/// A spread is called biased, or evened, when chance would do as much in fewer than 1 in 100.
pub const SURPRISING: f64 = 0.01;

/// Judges trials: in turn, by chance, or neither. `None` without a trial.
#[must_use]
pub fn judge(spreads: &[Spread]) -> Option<Dealing> {
    if !spreads.is_empty() && spreads.iter().all(|s| s.range <= 1) {
        return Some(Dealing::Even);
    }
    let surprise = surprise(spreads)?;
    Some(match surprise {
        s if s.as_uneven < SURPRISING => Dealing::Biased,
        s if s.as_even < SURPRISING => Dealing::Evened,
        _ => Dealing::Chance,
    })
}

/// Tests the hypothesis of a fair draw by the statistic Σ C·CV² over trials.
///
/// For a fair draw it is χ² with Σ (k−1) degrees of freedom (K. Pearson, Phil. Mag. 50, 1900) as
/// long as a worker expects five connections or more (W. G. Cochran, Biometrics 10, 1954); with
/// fewer, fair draws of the same sizes are made and counted. `None` without a trial.
pub(crate) fn surprise(spreads: &[Spread]) -> Option<Surprise> {
    let statistic: f64 = spreads.iter().map(|s| s.total as f64 * s.cv.powi(2)).sum();
    let degrees: f64 = spreads.iter().map(|s| (s.workers - 1) as f64).sum();
    let few = spreads.iter().any(|s| (s.total as f64) < ENOUGH * s.workers as f64);
    if few {
        return Some(simulated(spreads, statistic));
    }
    let chi_squared = ChiSquared::new(degrees).ok()?;
    Some(Surprise { as_uneven: chi_squared.sf(statistic), as_even: chi_squared.cdf(statistic) })
}

/// Connections a worker from which the χ² distribution is close enough.
const ENOUGH: f64 = 5.0;

/// Fair draws made where there are few connections.
const DRAWS: u32 = 1999;

/// Counts fair draws, the one observed among them: A. C. Davison and D. V. Hinkley, "Bootstrap
/// Methods and their Application" (1997), equation 4.11. The seed is fixed, so that a record always
/// tells the same.
fn simulated(spreads: &[Spread], statistic: f64) -> Surprise {
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let mut counts = Vec::new();
    let (mut as_uneven, mut as_even) = (1, 1);
    for _ in 0..DRAWS {
        let mut drawn = 0.0;
        for spread in spreads {
            counts.clear();
            counts.resize(spread.workers, 0_u64);
            for _ in 0..spread.total {
                counts[random.random_range(0..spread.workers)] += 1;
            }
            drawn += self::spread(&counts).map_or(0.0, |s| s.total as f64 * s.cv.powi(2));
        }
        as_uneven += u32::from(drawn >= statistic - 1e-9);
        as_even += u32::from(drawn <= statistic + 1e-9);
    }
    let share = |count: u32| f64::from(count) / f64::from(DRAWS + 1);
    Surprise { as_uneven: share(as_uneven), as_even: share(as_even) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(trials: &[&[u64]]) -> Option<Dealing> {
        judge(&trials.iter().filter_map(|counts| spread(counts)).collect::<Vec<_>>())
    }

    #[test]
    fn spreads_are_in_turn_by_chance_or_biased() {
        // Counts that differ by one at most; as of coin tosses; a favoured worker.
        assert_eq!(judged(&[&[16, 16], &[17, 16]]), Some(Dealing::Even));
        assert_eq!(judged(&[&[14, 18], &[20, 12], &[15, 17], &[17, 15]]), Some(Dealing::Chance));
        assert_eq!(judged(&[&[30, 2], &[29, 3], &[28, 4]]), Some(Dealing::Biased));
    }

    #[test]
    fn one_worker_has_no_spread() {
        assert_eq!(spread(&[5]), None);
        assert_eq!(spread(&[0, 0]), None);
        assert_eq!(judge(&[]), None);
    }

    #[test]
    fn two_connections_on_one_of_two_workers_prove_nothing_and_ten_trials_of_it_do() {
        // By chance one trial in two ends so.
        assert_eq!(judged(&[&[2, 0]]), Some(Dealing::Chance));
        let surprise = surprise(&[spread(&[2, 0]).unwrap()]).unwrap();
        assert!((surprise.as_uneven - 0.5).abs() < 0.03 && surprise.as_even > 0.99);
        assert_eq!(judged(&[&[2, 0][..]; 10]), Some(Dealing::Biased));
    }

    #[test]
    fn simulation_and_the_exact_distribution_agree_where_both_can_be_had() {
        // Of 8 connections on 2 workers, 7 or more go to one in 18 of 256 cases.
        let surprise = surprise(&[spread(&[7, 1]).unwrap()]).unwrap();
        assert!((surprise.as_uneven - 18.0 / 256.0).abs() < 0.02, "{surprise:?}");
    }

    #[test]
    fn jains_index_goes_from_one_kth_to_one() {
        assert!((jain(spread(&[8, 8, 8]).unwrap().cv) - 1.0).abs() < 1e-12);
        assert!((jain(spread(&[24, 0, 0]).unwrap().cv) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_band_of_a_fair_draw_narrows_with_the_connections() {
        // Binomial(64, ½): 2.5 % and 97.5 % quantiles 24 and 40.
        assert_eq!(fair_band(2, 64), Some((24.0 / 32.0, 40.0 / 32.0)));
        let (low, high) = fair_band(2, 40_000).unwrap();
        assert!(low > 0.985 && high < 1.015);
        assert_eq!(fair_band(1, 64), None);
    }

    proptest! {
        #[test]
        fn the_spread_of_a_binomial_draw_is_that_of_chance(k in 2_u64..32, c in 100_u64..10_000) {
            // E[χ²] = k − 1 when CV is √((k−1)/C).
            let statistic = c as f64 * chance_cv(k as usize, c).powi(2);
            prop_assert!((statistic - (k - 1) as f64).abs() < 1e-6);
        }
    }
}
