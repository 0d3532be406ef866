//! How evenly connections were dealt, against what chance alone would do. Connections are judged,
//! not requests: every test over requests rejects, because a connection's requests stay together.
//! Next: [`super::cores`].

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
#[must_use]
pub fn chance_cv(workers: usize, connections: u64) -> f64 {
    (workers.saturating_sub(1) as f64 / connections.max(1) as f64).sqrt()
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

/// Judges trials by the χ² statistic that CV² is: Σ C·CV² over trials is, for a fair draw, χ² with
/// Σ (k−1) degrees of freedom (K. Pearson, 1900). Its upper and lower 1 % bound what chance does,
/// by Wilson and Hilferty's cube-root approximation (PNAS 17, 1931). `None` without a trial.
#[must_use]
pub fn judge(spreads: &[Spread]) -> Option<Dealing> {
    if spreads.is_empty() {
        return None;
    }
    if spreads.iter().all(|s| s.range <= 1) {
        return Some(Dealing::Even);
    }
    let statistic: f64 = spreads.iter().map(|s| s.total as f64 * s.cv.powi(2)).sum();
    let degrees: f64 = spreads.iter().map(|s| (s.workers - 1) as f64).sum();
    let z = ((statistic / degrees).cbrt() - (1.0 - 2.0 / (9.0 * degrees)))
        / (2.0 / (9.0 * degrees)).sqrt();
    Some(match z {
        z if z > 2.326 => Dealing::Biased,
        z if z < -2.326 => Dealing::Evened,
        _ => Dealing::Chance,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(trials: &[&[u64]]) -> Option<Dealing> {
        judge(&trials.iter().filter_map(|counts| spread(counts)).collect::<Vec<_>>())
    }

    #[test]
    fn counts_that_differ_by_one_at_most_were_dealt_in_turn() {
        assert_eq!(judged(&[&[16, 16], &[17, 16]]), Some(Dealing::Even));
    }

    #[test]
    fn a_spread_as_of_coin_tosses_is_chance() {
        assert_eq!(judged(&[&[14, 18], &[20, 12], &[15, 17], &[17, 15]]), Some(Dealing::Chance));
    }

    #[test]
    fn a_favoured_worker_is_a_bias() {
        assert_eq!(judged(&[&[30, 2], &[29, 3], &[28, 4]]), Some(Dealing::Biased));
    }

    #[test]
    fn one_worker_has_no_spread() {
        assert_eq!(spread(&[5]), None);
        assert_eq!(spread(&[0, 0]), None);
        assert_eq!(judge(&[]), None);
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
