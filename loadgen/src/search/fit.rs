//! Where the promise breaks: a curve through the probes, and how well they place it.
//!
//! Of `n` requests at the rate `r`, `k` lay beyond the limit. The share's logit is taken to be a
//! straight line in `ln r` near the rate `r*` at which the share is the allowed one `q`:
//!
//! ```text
//! logit p = logit q + s · (ln r − ln r*),   s > 0
//! ```
//! That is dose–response analysis (D. Finney, *Probit Analysis*, 1947) with the threshold itself as a
//! parameter, so that its standard error is read off. Requests are no independent trials: slow
//! ones come in clumps. The probes are, and their scatter around the line says how much less `n`
//! tells than it seems to: the variance is taken to be `φ` times the binomial one (quasi-likelihood;
//! R. Wedderburn, 1974) and `φ` estimated by Pearson's statistic. The interval is Student's.
//!
//! Far from the threshold the line does not hold; only probes near it count ([`reach`]). A weak prior
//! on `ln s` keeps the slope finite when the probes part clearly into good and bad.

/// Distance in logits from the threshold within which probes count; less near a half (the curve bends).
pub fn reach(allowed: f64) -> f64 {
    (1.0 + logit(allowed).abs() / 2.0).min(3.0)
}

/// So many probes count to each side of the threshold in any case: the nearest.
const FEWEST: usize = 2;

/// Shares count as at most so many logits below the threshold's: a few requests are slow at any rate.
const FAR_BELOW: f64 = 3.5;

/// Shares count as at most so many logits above the threshold's (7 times the odds), so that a stall of
/// the machine weighs as a few slow probes, not as dozens (bounded influence: P. Huber, 1964).
const FAR_ABOVE: f64 = 2.0;

/// A leap of so many logits to both sides of the threshold, between neighbouring rates, is a cliff.
const CLIFF: f64 = 3.5;

/// The prior's middle: a hundredth more in rate is half as much again beyond.
const USUAL_SLOPE: f64 = 40.0;

/// The prior's standard deviation of `ln s`: within a factor of 7 either way.
const SLOPE_SPREAD: f64 = 1.0;

/// How far beside the probes the threshold may be put, in `ln r`.
const BESIDE: f64 = 0.2;

/// Factor beyond Student's interval, because probes depend on earlier ones and their scatter is skewed.
/// By simulation 92 to 94 of 100 intervals hold the truth, 85 to 90 without it (docs/METHODOLOGY.md).
const WIDENED: f64 = 1.4;

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_985;

/// One probe, as one part of the promise sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Requests a second.
    pub rate: f64,
    pub requests: u64,
    pub beyond: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// `ln r*`.
    pub at: f64,
    /// The slope `s`: logits for each unit of `ln r`.
    pub slope: f64,
    /// Half the width of the 95 % interval of `ln r*`.
    pub half_width: f64,
    /// How much the variance exceeds the binomial one, at least 1.
    pub dispersion: f64,
    /// The neighbouring rates between which the share, made monotone, passes the allowed one; the
    /// first is 0, or the second infinite, when all probes lie to one side.
    pub between: (f64, f64),
}

impl Fit {
    /// Fits points; `None` when no request lay beyond, so that nothing shows the threshold.
    pub fn new(points: &[Point], allowed: f64) -> Option<Self> {
        let beyond: u64 = points.iter().map(|point| point.beyond).sum();
        if beyond == 0 {
            return None;
        }
        let Near { points, between, cliff } = Near::new(points, allowed);
        if cliff {
            return Some(Self::cliff(between));
        }
        let rates = || points.iter().map(|point| point.rate.ln());
        let lowest = rates().fold(f64::INFINITY, f64::min);
        let highest = rates().fold(f64::NEG_INFINITY, f64::max);
        let at = f64::midpoint(lowest, highest);
        let mut line = Line { at, log_slope: USUAL_SLOPE.ln(), logit: logit(allowed) };
        let (mut dispersion, mut spread) = (1.0, 0.0);
        // How much the prior weighs depends on the dispersion, and that on the line.
        for _ in 0..4 {
            spread = line.settle(&points, dispersion, (lowest - BESIDE, highest + BESIDE));
            dispersion = line.dispersion(&points);
        }
        let half_width = WIDENED * student(points.len().saturating_sub(2).max(1)) * spread;
        let (at, slope) = (line.at, line.log_slope.exp());
        Some(Self { at, slope, half_width, dispersion, between })
    }

    /// The same with an interval no narrower than this to both sides.
    pub fn no_finer_than(self, finest: f64) -> Self {
        Self { half_width: self.half_width.max(finest), ..self }
    }

    /// Between two neighbouring rates the share leaps from next to nothing to nearly all: there the
    /// threshold is, and no line says where.
    fn cliff((low, high): (f64, f64)) -> Self {
        let width = high.ln() - low.ln();
        Self {
            at: f64::midpoint(low.ln(), high.ln()),
            slope: 2.0 * CLIFF / width.max(f64::EPSILON),
            half_width: width / 2.0,
            dispersion: 1.0,
            between: (low, high),
        }
    }
}

struct Near {
    /// Sorted by rate.
    points: Vec<Point>,
    /// As in [`Fit::between`].
    between: (f64, f64),
    /// Whether the share leaps over all that is near.
    cliff: bool,
}

impl Near {
    /// What is near is told by the shares alone, made monotone (isotonic regression by pooling
    /// adjacent violators; M. Ayer and others, 1955).
    fn new(points: &[Point], allowed: f64) -> Self {
        let mut sorted: Vec<_> =
            points.iter().filter(|point| point.requests > 0).copied().collect();
        sorted.sort_by(|one, other| one.rate.total_cmp(&other.rate));
        let shares = monotone(&sorted);
        let crossing = shares.iter().take_while(|share| **share <= allowed).count();
        let from_threshold = |share: f64| logit(share) - logit(allowed);
        let beside = |place| place + FEWEST >= crossing && place < crossing + FEWEST;
        let near = |place: &usize| {
            beside(*place) || from_threshold(shares[*place]).abs() <= reach(allowed)
        };
        let rate = |place: usize| sorted.get(place).map(|point| point.rate);
        let below = crossing.checked_sub(1);
        let cliff = below.is_some_and(|below| from_threshold(shares[below]) <= -CLIFF)
            && shares.get(crossing).is_some_and(|share| from_threshold(*share) >= CLIFF);
        Self {
            points: (0..sorted.len()).filter(near).map(|place| sorted[place]).collect(),
            between: (below.and_then(rate).unwrap_or(0.0), rate(crossing).unwrap_or(f64::INFINITY)),
            cliff,
        }
    }
}

/// The shares beyond, made to rise with the rate: neighbours that do not are pooled.
fn monotone(sorted: &[Point]) -> Vec<f64> {
    let mut pools: Vec<(u64, u64, usize)> = Vec::new();
    for point in sorted {
        let mut pool = (point.beyond, point.requests, 1);
        let share = |pool: &(u64, u64, usize)| pool.0 as f64 / pool.1 as f64;
        while let Some(before) = pools.pop_if(|before| share(before) >= share(&pool)) {
            pool = (pool.0 + before.0, pool.1 + before.1, pool.2 + before.2);
        }
        pools.push(pool);
    }
    let shares =
        |(beyond, requests, points)| std::iter::repeat_n(beyond as f64 / requests as f64, points);
    pools.into_iter().flat_map(shares).collect()
}

/// The line while it is being fitted.
#[derive(Debug, Clone, Copy)]
struct Line {
    at: f64,
    log_slope: f64,
    /// Logit of the allowed share.
    logit: f64,
}

impl Line {
    /// The share beyond at a rate that the line expects.
    fn share(&self, rate: f64) -> f64 {
        self.bounded(self.logit + self.log_slope.exp() * (rate.ln() - self.at))
    }

    /// The share beyond that a point shows.
    fn shown(&self, point: &Point) -> f64 {
        self.bounded(logit(point.beyond as f64 / point.requests as f64))
    }

    /// The share of a logit that is not too far from the threshold's.
    fn bounded(&self, logit: f64) -> f64 {
        1.0 / (1.0 + (-logit.clamp(self.logit - FAR_BELOW, self.logit + FAR_ABOVE)).exp())
    }

    /// Fisher scoring: moves the line to the largest penalised likelihood, with the threshold within
    /// bounds; gives the threshold's standard error.
    fn settle(&mut self, points: &[Point], dispersion: f64, (lowest, highest): (f64, f64)) -> f64 {
        let mut spread = 1.0;
        for _ in 0..60 {
            let slope = self.log_slope.exp();
            let precision = 1.0 / (SLOPE_SPREAD * SLOPE_SPREAD);
            let mut pull = [0.0, -(self.log_slope - USUAL_SLOPE.ln()) * precision];
            let mut information = [[0.0, 0.0], [0.0, precision]];
            for point in points {
                let share = self.share(point.rate);
                let requests = point.requests as f64;
                let weight = requests * share * (1.0 - share) / dispersion;
                let excess = requests * (self.shown(point) - share) / dispersion;
                let by = [-slope, slope * (point.rate.ln() - self.at)];
                for row in 0..2 {
                    pull[row] += excess * by[row];
                    for column in 0..2 {
                        information[row][column] += weight * by[row] * by[column];
                    }
                }
            }
            let [[a, b], [_, d]] = information;
            let determinant = (a * d - b * b).max(1e-12);
            let step = [(d * pull[0] - b * pull[1]), (a * pull[1] - b * pull[0])];
            let step = step.map(|step| step / determinant);
            spread = (d / determinant).sqrt();
            self.at = (self.at + step[0].clamp(-0.1, 0.1)).clamp(lowest, highest);
            self.log_slope += step[1].clamp(-0.5, 0.5);
            if step[0].abs() < 1e-7 && step[1].abs() < 1e-5 {
                break;
            }
        }
        spread
    }

    /// Pearson's statistic for each degree of freedom, at least 1.
    fn dispersion(&self, points: &[Point]) -> f64 {
        let freedom = points.len().saturating_sub(2).max(1) as f64;
        let pearson: f64 = points
            .iter()
            .map(|point| {
                let (share, shown) = (self.share(point.rate), self.shown(point));
                point.requests as f64 * (shown - share).powi(2) / (share * (1.0 - share))
            })
            .sum();
        (pearson / freedom).max(1.0)
    }
}

fn logit(share: f64) -> f64 {
    (share / (1.0 - share)).ln()
}

/// The 97.5 % quantile of Student's distribution, by its expansion around the normal one
/// (Abramowitz and Stegun, 26.7.5): within a hundredth from 4 degrees of freedom on.
fn student(freedom: usize) -> f64 {
    let v = freedom as f64;
    let first = (Z.powi(3) + Z) / 4.0;
    let second = (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / 96.0;
    let third = (3.0 * Z.powi(7) + 19.0 * Z.powi(5) + 17.0 * Z.powi(3) - 15.0 * Z) / 384.0;
    Z + first / v + second / (v * v) + third / v.powi(3)
}
