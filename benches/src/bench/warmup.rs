//! Warm-up: whether throughput had settled when the measured window began, and how it got there.
//!
//! The classes are those of Barrett, Bolz-Tereick, Killick, Mount and Tratt, "Virtual machine
//! warmup blows hot and cold" (OOPSLA 2017): `flat`, `warming`, `slowing`, `no steady state`. The
//! series of 100 ms slices, warm-up and measurement together, is cut into stretches of constant
//! level by optimal partitioning (Jackson et al., "An algorithm for optimal partitioning of data on
//! an interval", IEEE Signal Processing Letters 2005): squared errors, and a price for each
//! stretch. Levels closer than the noise or [`SAME`] count as one. Nothing is cut away for its
//! class: the record keeps it, and the report says it.

use reports::record::{SeriesPoint, Warmup};

/// Fewer slices are not classified.
const FEWEST: usize = 8;

/// Levels that differ by no more than this share are the same.
const SAME: f64 = 0.05;

/// The end's level must have held for this share of the slices.
const HELD: f64 = 0.25;

/// The price of a stretch in units of noise variance × ln n. Barrett et al. use 15 for thousands of
/// points; so few points as here call for less.
const PRICE: f64 = 6.0;

/// A stretch of constant level.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    from: usize,
    to: usize,
    mean: f64,
}

/// Classifies a trial by its slices before and in the measured window.
pub fn classify(before: Vec<SeriesPoint>, window: &[SeriesPoint]) -> Option<Warmup> {
    let width = |series: &[SeriesPoint]| series.get(1).map(|second| second.t_s - series[0].t_s);
    let (mut times, mut rates) = (Vec::new(), Vec::new());
    // A series that grew long has wider slices: those cannot be laid beside the warm-up's.
    let alike = match (width(&before), width(window)) {
        (Some(one), Some(other)) => (one - other).abs() < 0.051,
        _ => true,
    };
    let usable = if alike { before.as_slice() } else { &[] };
    // The last slice is cut short by the window's end.
    for point in usable.iter().chain(&window[..window.len().saturating_sub(1)]) {
        times.push(point.t_s);
        rates.push(point.rps);
    }
    if before.is_empty() && rates.len() < FEWEST {
        return None;
    }
    let (class, steady) = class_of(&rates);
    Some(Warmup {
        class: class.to_owned(),
        steady_from_s: steady.map(|place| times[place]),
        series: before,
    })
}

/// The class, and the place from which the level of the end holds.
fn class_of(rates: &[f64]) -> (&'static str, Option<usize>) {
    if rates.len() < FEWEST {
        return ("", None);
    }
    let stretches = partition(rates);
    let Some(last) = stretches.last().copied() else { return ("", None) };
    let margin = (SAME * last.mean).max(noise_variance(rates).sqrt());
    let same = |stretch: &&Stretch| (stretch.mean - last.mean).abs() <= margin;
    let steady_from =
        stretches.iter().rev().take_while(same).last().map_or(last.from, |it| it.from);
    let held = rates.len() - steady_from;
    if (held as f64) < HELD * rates.len() as f64 {
        return ("no steady state", None);
    }
    let earlier = stretches.iter().filter(|stretch| stretch.from < steady_from);
    let (mut slower, mut faster) = (false, false);
    for stretch in earlier.filter(|stretch| !same(stretch)) {
        slower |= stretch.mean < last.mean;
        faster |= stretch.mean > last.mean;
    }
    let class = match (slower, faster) {
        (_, true) => "slowing",
        (true, false) => "warming",
        (false, false) => "flat",
    };
    (class, Some(steady_from))
}

/// The partition with the least squared error plus price of its stretches.
fn partition(rates: &[f64]) -> Vec<Stretch> {
    let count = rates.len();
    let price = PRICE * noise_variance(rates) * (count as f64).ln();
    let sums = running(rates.iter().copied());
    let squares = running(rates.iter().map(|rate| rate * rate));
    let error = |from: usize, to: usize| {
        let (sum, length) = (sums[to] - sums[from], (to - from) as f64);
        (squares[to] - squares[from] - sum * sum / length).max(0.0)
    };
    // best[end]: the least cost of the slices before `end`, and where their last stretch begins.
    let mut best: Vec<(f64, usize)> = vec![(-price, 0)];
    for end in 1..=count {
        let cost = |from: usize| best[from].0 + error(from, end) + price;
        let from = (0..end).min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(0);
        best.push((cost(from), from));
    }
    let mut stretches = Vec::new();
    let mut to = count;
    while to > 0 {
        let from = best[to].1;
        let mean = (sums[to] - sums[from]) / (to - from) as f64;
        stretches.push(Stretch { from, to, mean });
        to = from;
    }
    stretches.reverse();
    stretches
}

/// Sums of all before each place.
fn running(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values {
        sums.push(sums[sums.len() - 1] + value);
    }
    sums
}

/// The variance of the noise, from the median of the differences between neighbours, which a few
/// jumps of level do not move (1.4826: the median absolute deviation of a normal distribution);
/// never below a hundredth of the level, squared.
fn noise_variance(rates: &[f64]) -> f64 {
    let mut steps: Vec<f64> = rates.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    steps.sort_by(f64::total_cmp);
    let deviation = 1.4826 * steps.get(steps.len() / 2).copied().unwrap_or(0.0) / 2.0_f64.sqrt();
    let level = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
    deviation.max(0.01 * level).powi(2)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Levels with their numbers of slices, and 3 % of noise.
    fn series(levels: &[(f64, usize)], seed: u64) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let levels = levels.iter().flat_map(|(level, count)| std::iter::repeat_n(*level, *count));
        levels.map(|level| level * (1.0 + 0.03 * (random.random::<f64>() * 2.0 - 1.0))).collect()
    }

    fn class(levels: &[(f64, usize)]) -> &'static str {
        class_of(&series(levels, 1)).0
    }

    #[test]
    fn each_class_is_told_from_the_others() {
        assert_eq!(class(&[(1000.0, 13)]), "flat");
        assert_eq!(class(&[(600.0, 3), (1000.0, 10)]), "warming");
        assert_eq!(class(&[(1300.0, 4), (1000.0, 9)]), "slowing");
        assert_eq!(class(&[(1000.0, 11), (600.0, 2)]), "no steady state");
        assert_eq!(class(&[(1000.0, 5)]), "");
    }

    #[test]
    fn the_place_where_the_end_s_level_begins_is_found() {
        assert_eq!(class_of(&series(&[(500.0, 4), (1000.0, 9)], 2)).1, Some(4));
        assert_eq!(class_of(&series(&[(1000.0, 13)], 2)).1, Some(0));
    }

    #[test]
    fn a_level_within_five_per_cent_is_the_same() {
        assert_eq!(class(&[(970.0, 6), (1000.0, 7)]), "flat");
    }

    #[test]
    fn a_flat_series_is_seldom_called_anything_else() {
        let flat = (0..200).filter(|seed| class_of(&series(&[(1000.0, 14)], *seed)).0 == "flat");
        assert!(flat.count() >= 190);
    }

    #[test]
    fn the_discarded_slices_are_kept_with_negative_times() {
        let point = |t_s, rps| SeriesPoint { t_s, rps, ..SeriesPoint::default() };
        let before: Vec<_> = (0..4).map(|i| point(f64::from(i) * 0.1 - 0.4, 400.0)).collect();
        let window: Vec<_> = (0..10).map(|i| point(f64::from(i) * 0.1, 1000.0)).collect();
        let warmup = classify(before, &window).unwrap();
        assert_eq!((warmup.class.as_str(), warmup.steady_from_s), ("warming", Some(0.0)));
        assert_eq!(warmup.series.len(), 4);
        assert!(classify(Vec::new(), &window[..3]).is_none());
    }
}
