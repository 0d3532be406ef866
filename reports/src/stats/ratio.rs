//! The ratio of one cell to another, block by block: what drifts from block to block (a warmer
//! machine, a neighbour) hits both sides of a ratio and falls out of it.

use super::holm;
use super::wilcoxon::signed_rank;
use super::{ALPHA, LEVEL, MIN_BLOCKS, mean, one_sided_p, t_interval};

/// Differences smaller than this are called none when the data can tell (two one-sided tests).
pub const MARGIN: f64 = 0.02;

/// A ratio of two cells over the blocks in which both have a valid trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// Geometric mean of the ratios within each block.
    pub point: f64,
    /// Student-t interval at [`LEVEL`], from [`MIN_BLOCKS`] complete blocks up. It is of this
    /// comparison alone; the verdict takes account of the others.
    pub interval: Option<(f64, f64)>,
    /// The tests behind the verdict, from [`MIN_BLOCKS`] complete blocks up.
    pub tests: Option<Tests>,
    /// The ratio of each complete block.
    pub blocks: Vec<f64>,
}

/// The p-values of one comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tests {
    /// Of "no difference" (Student's t, two-sided), adjusted for its family where it has one.
    pub difference: f64,
    /// Of "they differ by [`MARGIN`] or more" (two one-sided tests), adjusted likewise.
    pub same: f64,
    /// Whether Student's t, alone, shows a difference.
    pub t_alone: bool,
    /// Of "no difference" by Wilcoxon's signed ranks; `None` when all ratios are 1.
    pub wilcoxon: Option<f64>,
}

/// What may be said of a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// More than 1.
    More,
    /// Less than 1.
    Less,
    /// No difference was shown, and it is shown to be smaller than [`MARGIN`].
    Same,
    /// No difference was shown, and one larger than [`MARGIN`] is not ruled out.
    Undecided,
    /// Too few blocks for an interval.
    TooFew,
}

impl Verdict {
    /// What may be said of one throughput against another.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::More => "faster",
            Self::Less => "slower",
            Self::Same => "same within 2 %",
            Self::Undecided | Self::TooFew => "not enough data",
        }
    }
}

impl Ratio {
    /// What may be said. "Not shown to differ" is never taken for "the same": that takes two
    /// one-sided tests (D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15, 1987).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.tests {
            None => Verdict::TooFew,
            Some(tests) if tests.difference < ALPHA && self.point > 1.0 => Verdict::More,
            Some(tests) if tests.difference < ALPHA => Verdict::Less,
            Some(tests) if tests.same < ALPHA => Verdict::Same,
            Some(_) => Verdict::Undecided,
        }
    }

    /// The same comparison the other way round: b/a.
    pub(crate) fn inverted(&self) -> Self {
        Self {
            point: 1.0 / self.point,
            interval: self.interval.map(|(low, high)| (1.0 / high, 1.0 / low)),
            tests: self.tests,
            blocks: self.blocks.iter().map(|ratio| 1.0 / ratio).collect(),
        }
    }

    /// Wilcoxon's p-value where it contradicts Student's t about a difference, each taken alone.
    pub(crate) fn dissent(&self) -> Option<f64> {
        let tests = self.tests?;
        tests.wilcoxon.filter(|p| (*p < ALPHA) != tests.t_alone)
    }

    /// Whether the interval alone would show a difference that the correction takes back.
    pub(crate) fn corrected_away(&self) -> bool {
        self.tests.is_some_and(|tests| tests.t_alone && tests.difference >= ALPHA)
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
    let tests = if logs.len() >= MIN_BLOCKS { tests(&logs) } else { None };
    let interval = t_interval(&logs, LEVEL).map(|(low, high)| (low.exp(), high.exp()));
    Some(Ratio {
        point,
        interval: tests.and(interval),
        tests,
        blocks: logs.into_iter().map(f64::exp).collect(),
    })
}

fn tests(logs: &[f64]) -> Option<Tests> {
    let margin = MARGIN.ln_1p();
    let (above, below) = (one_sided_p(logs, 0.0)?, 1.0 - one_sided_p(logs, 0.0)?);
    let difference = (2.0 * above.min(below)).min(1.0);
    let same = one_sided_p(logs, -margin)?.max(1.0 - one_sided_p(logs, margin)?);
    let t_alone = difference < ALPHA;
    Some(Tests { difference, same, t_alone, wilcoxon: signed_rank(logs) })
}

/// Corrects the verdicts of a family of comparisons after Holm: the claims of a difference as one
/// family, the claims of sameness as another. Ratios without tests claim nothing and do not count.
pub(crate) fn correct<'a>(family: impl IntoIterator<Item = &'a mut Ratio>) {
    let mut members: Vec<&mut Tests> =
        family.into_iter().filter_map(|ratio| ratio.tests.as_mut()).collect();
    let of = |members: &[&mut Tests], p: fn(&Tests) -> f64| {
        holm::adjusted(&members.iter().map(|tests| p(tests)).collect::<Vec<_>>())
    };
    let differences = of(&members, |tests| tests.difference);
    let sames = of(&members, |tests| tests.same);
    for ((tests, difference), same) in members.iter_mut().zip(differences).zip(sames) {
        (tests.difference, tests.same) = (difference, same);
    }
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

    #[test]
    fn one_weak_difference_among_many_is_taken_back_and_a_strong_one_is_not() {
        let base = blocks(&[100.0; 6]);
        let ratio = |values: &[f64]| within_blocks(&blocks(values), &base).unwrap();
        let weak = ratio(&[103.0, 101.0, 104.0, 106.0, 102.0, 100.5]);
        assert_eq!(weak.verdict(), Verdict::More);
        let mut family = vec![weak; 10];
        family.push(ratio(&[150.0, 151.0, 150.0, 149.0, 150.0, 150.0]));
        correct(&mut family);
        assert_eq!(family[0].verdict(), Verdict::Undecided);
        assert!(family[0].corrected_away());
        assert_eq!(family[10].verdict(), Verdict::More);
    }

    #[test]
    fn signed_ranks_speak_up_when_one_wild_block_hides_a_difference_from_t() {
        let ratio = within_blocks(
            &blocks(&[102.0, 103.0, 104.0, 105.0, 106.0, 400.0]),
            &blocks(&[100.0; 6]),
        );
        let ratio = ratio.unwrap();
        assert_eq!(ratio.verdict(), Verdict::Undecided);
        assert!((ratio.dissent().unwrap() - 0.03125).abs() < 1e-9);
        let clear = within_blocks(
            &blocks(&[150.0, 151.0, 149.0, 150.0, 152.0, 151.0]),
            &blocks(&[100.0; 6]),
        );
        assert_eq!(clear.unwrap().dissent(), None);
    }

    #[test]
    fn same_takes_two_per_cent_and_not_five() {
        let verdict =
            |a: &[f64]| within_blocks(&blocks(a), &blocks(&[100.0; 6])).unwrap().verdict();
        assert_eq!(verdict(&[103.0, 97.0, 102.0, 98.0, 104.0, 96.0]), Verdict::Undecided);
        assert_eq!(verdict(&[101.0, 99.0, 100.5, 99.5, 101.0, 99.0]), Verdict::Same);
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
            prop_assert!((forth.inverted().point - back.point).abs() < 1e-9);
            prop_assert_eq!(forth.inverted().verdict(), back.verdict());
            let ((low, _), (_, high)) = (forth.interval.unwrap(), back.interval.unwrap());
            prop_assert!((low * high - 1.0).abs() < 1e-9);
        }
    }
}
