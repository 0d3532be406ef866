//! The Universal Scalability Law, fitted where there is enough to fit it to. It is a model: what it
//! says beyond the worker counts measured is never shown without that word.
//!
//! X(N) = λN / (1 + σ(N−1) + κN(N−1)): σ is contention (a queue for something that one at a time
//! may have), κ coherency (everybody waits for everybody's news). With κ > 0 there is a peak.
//!
//! Source: N. J. Gunther, "A general theory of computational scalability based on rational
//! functions", arXiv:0808.1431 (2008), equation 4.

use super::{LEVEL, MIN_BLOCKS, mean, t_interval};

/// Fewer distinct worker counts than this are not fitted: three parameters need more than three
/// points, and on the curve's flat part six are few already.
pub const MIN_COUNTS: usize = 6;

/// A fitted law.
#[derive(Debug, Clone, PartialEq)]
pub struct Usl {
    /// λ: throughput of one worker.
    pub rate: f64,
    /// σ, at least 0.
    pub contention: f64,
    /// κ, at least 0.
    pub coherency: f64,
    /// The intervals of σ and κ over blocks; `None` for fewer than [`MIN_BLOCKS`] whole blocks.
    pub intervals: Option<Intervals>,
    /// The number of workers at the peak, with its interval; only when κ's interval lies above 0.
    pub peak: Option<(f64, (f64, f64))>,
}

/// Intervals at [`LEVEL`]; ends below 0, where no law lies, are shown as 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intervals {
    /// Of σ.
    pub contention: (f64, f64),
    /// Of κ.
    pub coherency: (f64, f64),
}

/// One block's curve: workers and throughput.
pub type Curve = Vec<(u32, f64)>;

impl Usl {
    /// The throughput of `workers` by the law.
    pub fn at(&self, workers: f64) -> f64 {
        let crowd = workers - 1.0;
        self.rate * workers / (1.0 + self.contention * crowd + self.coherency * workers * crowd)
    }
}

/// Fits the law to the curves of all blocks.
///
/// The point is the constrained least-squares fit, in relative errors, to the geometric means over
/// blocks. The intervals are Student's t over the blocks' own fits, which are not constrained:
/// constrained ones would pile up at 0 and make an interval that cannot touch it. `None` for fewer
/// than [`MIN_COUNTS`] distinct worker counts.
pub fn fit(blocks: &[Curve]) -> Option<Usl> {
    let curve = mean_curve(blocks);
    if curve.len() < MIN_COUNTS {
        return None;
    }
    let (rate, contention, coherency) = constrained(&curve)?;
    let intervals = intervals(blocks, curve.len());
    let peak = intervals.and_then(|found| peak(contention, coherency, &found));
    Some(Usl { rate, contention, coherency, intervals, peak })
}

/// The geometric mean over blocks at each worker count, rising in workers.
fn mean_curve(blocks: &[Curve]) -> Curve {
    let mut counts: Vec<u32> = blocks.iter().flatten().map(|&(workers, _)| workers).collect();
    counts.sort_unstable();
    counts.dedup();
    let at = |count: u32| {
        let logs: Vec<f64> = blocks
            .iter()
            .flatten()
            .filter(|&&(workers, rps)| workers == count && rps > 0.0)
            .map(|(_, rps)| rps.ln())
            .collect();
        Some((count, mean(&logs)?.exp()))
    };
    counts.into_iter().filter_map(at).collect()
}

/// The best λ, σ, κ with σ, κ ≥ 0. N/X is linear in (1/λ, σ/λ, κ/λ), so the best of the four fits
/// with either, both or neither parameter held at 0 is the constrained optimum.
fn constrained(curve: &Curve) -> Option<(f64, f64, f64)> {
    let candidates = [&[0, 1, 2][..], &[0, 1], &[0, 2], &[0]];
    candidates
        .into_iter()
        .filter_map(|terms| least_squares(curve, terms))
        .filter(|fit| fit.terms[0] > 0.0 && fit.terms[1] >= 0.0 && fit.terms[2] >= 0.0)
        .min_by(|a, b| a.error.total_cmp(&b.error))
        .map(|fit| (1.0 / fit.terms[0], fit.terms[1] / fit.terms[0], fit.terms[2] / fit.terms[0]))
}

struct Fit {
    terms: [f64; 3],
    error: f64,
}

/// Least squares of 1 = Σ termⱼ·gⱼ(N)·X/N over the chosen terms, g = (1, N−1, N(N−1)): each point
/// weighs by its relative error.
fn least_squares(curve: &Curve, chosen: &[usize]) -> Option<Fit> {
    let row = |&(workers, rps): &(u32, f64)| {
        let n = f64::from(workers);
        [1.0, n - 1.0, n * (n - 1.0)].map(|term| term * rps / n)
    };
    let rows: Vec<[f64; 3]> = curve.iter().map(row).collect();
    let sum = |i: usize, j: usize| rows.iter().map(|row| row[i] * row[j]).sum::<f64>();
    let system: Vec<Vec<f64>> = chosen
        .iter()
        .map(|&i| {
            let mut line: Vec<f64> = chosen.iter().map(|&j| sum(i, j)).collect();
            line.push(rows.iter().map(|row| row[i]).sum());
            line
        })
        .collect();
    let mut terms = [0.0; 3];
    for (&term, value) in chosen.iter().zip(solve(system)?) {
        terms[term] = value;
    }
    let left = |row: &[f64; 3]| 1.0 - row.iter().zip(terms).map(|(x, term)| x * term).sum::<f64>();
    Some(Fit { terms, error: rows.iter().map(|row| left(row).powi(2)).sum() })
}

/// Solves a small linear system (rows with the right-hand side last) by elimination with pivots.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let size = rows.len();
    for step in 0..size {
        let pivot =
            (step..size).max_by(|&a, &b| rows[a][step].abs().total_cmp(&rows[b][step].abs()))?;
        rows.swap(step, pivot);
        let head = rows[step].clone();
        if head[step] == 0.0 {
            return None;
        }
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != step) {
            let factor = row[step] / head[step];
            for (value, above) in row.iter_mut().zip(&head) {
                *value -= factor * above;
            }
        }
    }
    Some((0..size).map(|i| rows[i][size] / rows[i][i]).collect())
}

fn intervals(blocks: &[Curve], counts: usize) -> Option<Intervals> {
    let fits: Vec<(f64, f64)> = blocks
        .iter()
        .filter(|curve| curve.len() == counts)
        .filter_map(|curve| least_squares(curve, &[0, 1, 2]))
        .filter(|fit| fit.terms[0] > 0.0)
        .map(|fit| (fit.terms[1] / fit.terms[0], fit.terms[2] / fit.terms[0]))
        .collect();
    if fits.len() < MIN_BLOCKS {
        return None;
    }
    let of = |pick: fn(&(f64, f64)) -> f64| {
        let (low, high) = t_interval(&fits.iter().map(pick).collect::<Vec<_>>(), LEVEL)?;
        Some((low.max(0.0), high.max(0.0)))
    };
    Some(Intervals { contention: of(|fit| fit.0)?, coherency: of(|fit| fit.1)? })
}

/// √((1−σ)/κ), and the same at the ends of the intervals. None when κ may be 0: then the peak may be
/// anywhere.
fn peak(contention: f64, coherency: f64, found: &Intervals) -> Option<(f64, (f64, f64))> {
    let at = |sigma: f64, kappa: f64| ((1.0 - sigma).max(0.0) / kappa).sqrt();
    (coherency > 0.0 && found.coherency.0 > 0.0).then(|| {
        let low = at(found.contention.1, found.coherency.1);
        let high = at(found.contention.0, found.coherency.0);
        (at(contention, coherency), (low, high))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COUNTS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];

    fn law(rate: f64, contention: f64, coherency: f64) -> Usl {
        Usl { rate, contention, coherency, intervals: None, peak: None }
    }

    /// Six blocks with errors that cancel out over each of them.
    fn blocks(law: &Usl, error: f64, counts: &[u32]) -> Vec<Curve> {
        (0..6)
            .map(|block| {
                let curve = counts.iter().enumerate().map(|(i, &n)| {
                    let sign = if (i * (block + 1) + block / 2) % 2 == 0 { 1.0 } else { -1.0 };
                    (n, law.at(f64::from(n)) * (1.0 + sign * error))
                });
                curve.collect()
            })
            .collect()
    }

    #[test]
    fn five_worker_counts_are_not_fitted() {
        assert_eq!(fit(&blocks(&law(100.0, 0.05, 0.001), 0.01, &COUNTS[..5])), None);
        assert!(fit(&blocks(&law(100.0, 0.05, 0.001), 0.01, &COUNTS[..6])).is_some());
    }

    #[test]
    fn a_clear_peak_is_named_and_lies_where_the_law_has_it() {
        let found = fit(&blocks(&law(1000.0, 0.03, 0.002), 0.005, &COUNTS)).unwrap();
        let (peak, (low, high)) = found.peak.unwrap();
        let truth = (0.97_f64 / 0.002).sqrt();
        assert!((peak / truth - 1.0).abs() < 0.1, "{peak} is not {truth}");
        assert!(low < truth && truth < high);
    }

    #[test]
    fn no_peak_is_claimed_when_coherency_may_be_zero() {
        let found = fit(&blocks(&law(1000.0, 0.05, 0.0), 0.02, &COUNTS)).unwrap();
        assert_eq!(found.peak, None);
        assert!(found.intervals.unwrap().coherency.0 <= 0.0);
    }

    #[test]
    fn better_than_linear_growth_is_held_at_no_contention() {
        let curve: Curve = COUNTS.iter().map(|&n| (n, 100.0 * f64::from(n).powf(1.05))).collect();
        let found = fit(&vec![curve; 6]).unwrap();
        assert!(found.contention >= 0.0 && found.coherency >= 0.0);
        assert_eq!(found.peak, None);
    }

    #[test]
    fn five_blocks_have_a_fit_and_no_interval() {
        let found = fit(&blocks(&law(1000.0, 0.03, 0.002), 0.005, &COUNTS)[..5]).unwrap();
        assert_eq!((found.intervals, found.peak), (None, None));
    }

    proptest! {
        #[test]
        fn an_exact_law_is_found_again(
            rate in 10.0..1e5_f64, contention in 0.0..0.5_f64, coherency in 0.0..0.01_f64
        ) {
            let truth = law(rate, contention, coherency);
            let found = fit(&blocks(&truth, 0.0, &COUNTS)).unwrap();
            prop_assert!((found.rate / rate - 1.0).abs() < 1e-6);
            prop_assert!((found.contention - contention).abs() < 1e-6);
            prop_assert!((found.coherency - coherency).abs() < 1e-6);
        }
    }
}
