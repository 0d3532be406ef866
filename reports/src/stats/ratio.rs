//! The ratio of one cell to another, block by block: what drifts from block to block (a warmer
//! machine, a neighbour) hits both sides of a ratio and falls out of it.
//! Next: [`super::scaling`], which makes speed-ups of ratios.

use super::{LEVEL, MIN_BLOCKS, mean, t_interval};

/// Differences smaller than this are called none when the data can tell (two one-sided tests).
pub const MARGIN: f64 = 0.05;

/// A ratio of two cells over the blocks in which both have a valid trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// Geometric mean of the ratios within each block.
    pub point: f64,
    /// Student-t interval at [`LEVEL`], from [`MIN_BLOCKS`] complete blocks up.
    pub interval: Option<(f64, f64)>,
    /// Whether the 90 % interval lies within ± [`MARGIN`].
    pub equivalent: bool,
    /// The ratio of each complete block.
    pub blocks: Vec<f64>,
}

/// What may be said of a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The interval lies above 1.
    More,
    /// The interval lies below 1.
    Less,
    /// The interval holds 1 and the difference is shown to be smaller than [`MARGIN`].
    Same,
    /// The interval holds 1, and a difference larger than [`MARGIN`] is not ruled out.
    Undecided,
    /// Too few blocks for an interval.
    TooFew,
}

impl Ratio {
    /// What may be said. "Not shown to differ" is never taken for "the same": that takes two
    /// one-sided tests at 5 %, which is the 90 % interval within the margin (D. J. Schuirmann,
    /// J. Pharmacokinet. Biopharm. 15, 1987).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.interval {
            None => Verdict::TooFew,
            Some((low, _)) if low > 1.0 => Verdict::More,
            Some((_, high)) if high < 1.0 => Verdict::Less,
            Some(_) if self.equivalent => Verdict::Same,
            Some(_) => Verdict::Undecided,
        }
    }
}

/// The ratio a/b from positive values, each with the block it was measured in.
///
/// Ratios are averaged as logarithms, so that a/b and b/a tell the same story: P. J. Fleming and
/// J. J. Wallace, "How not to lie with statistics", CACM 29 (1986). `None` without a complete block.
#[must_use]
pub fn within_blocks(a: &[(u32, f64)], b: &[(u32, f64)]) -> Option<Ratio> {
    let logs: Vec<f64> = a
        .iter()
        .filter(|(_, value)| *value > 0.0)
        .filter_map(|&(block, value)| {
            let &(_, base) = b.iter().find(|(other, base)| *other == block && *base > 0.0)?;
            Some((value / base).ln())
        })
        .collect();
    let point = mean(&logs)?.exp();
    let enough = logs.len() >= MIN_BLOCKS;
    let at = |level| t_interval(&logs, level).map(|(low, high)| (low.exp(), high.exp()));
    let within = |(low, high): (f64, f64)| low > 1.0 / (1.0 + MARGIN) && high < 1.0 + MARGIN;
    Some(Ratio {
        point,
        interval: if enough { at(LEVEL) } else { None },
        equivalent: enough && at(0.90).is_some_and(within),
        blocks: logs.into_iter().map(f64::exp).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn blocks(values: &[f64]) -> Vec<(u32, f64)> {
        (0..).zip(values.iter().copied()).collect()
    }

    #[test]
    fn drift_that_hits_both_cells_falls_out() {
        let drift = [1.0, 1.5, 0.7, 2.0, 1.1, 0.9];
        let a: Vec<f64> = drift.iter().map(|d| 200.0 * d).collect();
        let b: Vec<f64> = drift.iter().map(|d| 100.0 * d).collect();
        let ratio = within_blocks(&blocks(&a), &blocks(&b)).unwrap();
        let (low, high) = ratio.interval.unwrap();
        assert!((ratio.point - 2.0).abs() < 1e-9 && high - low < 1e-9);
        assert_eq!(ratio.verdict(), Verdict::More);
    }

    #[test]
    fn a_block_with_only_one_side_is_left_out() {
        let a = [(0, 2.0), (1, 2.0), (3, 9.0)];
        let b = [(0, 1.0), (1, 1.0), (2, 1.0)];
        let ratio = within_blocks(&a, &b).unwrap();
        assert_eq!(ratio.blocks.len(), 2);
        assert_eq!(ratio.verdict(), Verdict::TooFew);
        assert_eq!(within_blocks(&[(0, 1.0)], &[(1, 1.0)]), None);
    }

    #[test]
    fn equal_cells_are_the_same_and_noisy_ones_undecided() {
        let same = [100.0, 101.0, 99.0, 100.0, 100.5, 99.5];
        let base = [100.0; 6];
        let verdict = |a: &[f64]| within_blocks(&blocks(a), &blocks(&base)).unwrap().verdict();
        assert_eq!(verdict(&same), Verdict::Same);
        assert_eq!(verdict(&[60.0, 150.0, 90.0, 120.0, 80.0, 110.0]), Verdict::Undecided);
        assert_eq!(verdict(&[80.0, 81.0, 80.0, 79.0, 80.0, 80.0]), Verdict::Less);
    }

    proptest! {
        #[test]
        fn turning_the_ratio_round_inverts_point_and_interval(
            a in prop::collection::vec(1.0..1e6_f64, 6..20), scale in 0.5..2.0_f64
        ) {
            let b: Vec<f64> = a.iter().enumerate().map(|(i, v)| v * scale * (1.0 + i as f64 / 50.0)).collect();
            let forth = within_blocks(&blocks(&a), &blocks(&b)).unwrap();
            let back = within_blocks(&blocks(&b), &blocks(&a)).unwrap();
            prop_assert!((forth.point * back.point - 1.0).abs() < 1e-9);
            let ((low, _), (_, high)) = (forth.interval.unwrap(), back.interval.unwrap());
            prop_assert!((low * high - 1.0).abs() < 1e-9);
        }
    }
}
