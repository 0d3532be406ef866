//! Scales and ticks: data to axis position, and the round numbers to label.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// How data values become positions on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    Linear,
    /// By powers of two: each doubling takes the same room.
    Log2,
    Log10,
}

impl Scale {
    /// The position of a value; on a logarithmic scale it must be positive.
    pub fn at(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log2 => value.max(f64::MIN_POSITIVE).log2(),
            Self::Log10 => value.max(f64::MIN_POSITIVE).log10(),
        }
    }

    pub fn value(self, position: f64) -> f64 {
        match self {
            Self::Linear => position,
            Self::Log2 => position.exp2(),
            Self::Log10 => 10_f64.powf(position),
        }
    }
}

/// An axis of positions with ticks of our own choice, as plotters wants it.
#[derive(Debug, Clone)]
pub struct Positions {
    /// Both ends; the first may be the larger.
    pub ends: (f64, f64),
    pub ticks: Vec<f64>,
}

impl Ranged for Positions {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let (from, to) = self.ends;
        let share = (value - from) / (to - from);
        let share = if share.is_finite() { share } else { 0.5 };
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.ends.0..self.ends.1
    }
}

/// Round numbers (1, 2 or 5 times a power of ten) from 0 to the first that reaches `max`, about
/// `count` of them.
pub fn linear_ticks(max: f64, count: usize) -> Vec<f64> {
    let max = if max.is_finite() && max > 0.0 { max } else { 1.0 };
    let rough = max / count.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * power);
    let steps = (max / step - 1e-9).ceil() as usize;
    (0..=steps).map(|index| index as f64 * step).collect()
}

/// Both ends of an axis of shares that reaches `half` below and above 1, but not below 0, and its ticks.
pub fn around_one(half: f64, count: usize) -> ((f64, f64), Vec<f64>) {
    let steps = linear_ticks(half, count);
    let half = steps[steps.len() - 1];
    let below = steps[1..].iter().rev().map(|step| 1.0 - step).filter(|share| *share > -1e-9);
    let ticks = below.chain(steps.iter().map(|step| 1.0 + step)).collect();
    (((1.0 - half).max(0.0), 1.0 + half), ticks)
}

/// Round numbers on a logarithmic axis, from below `min` to above `max`: 1, 2 and 5 times powers of
/// ten over up to two decades, powers of ten beyond.
pub fn log_ticks(min: f64, max: f64) -> Vec<f64> {
    let min = if min > 0.0 { min } else { 1.0 };
    let max = max.max(min * 1.01);
    let factors: &[f64] = if max / min <= 150.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let (first, last) = (min.log10().floor() as i32, max.log10().ceil() as i32);
    let all: Vec<f64> = (first..=last)
        .flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power)))
        .collect();
    let start = all.iter().rposition(|tick| *tick <= min * 1.001).unwrap_or(0);
    let end = all.iter().position(|tick| *tick >= max * 0.999).unwrap_or(all.len() - 1);
    all[start..=end.max(start)].to_vec()
}

/// For small plots: no more than four of these ticks where that can be, the powers of ten if there are
/// two, else every other.
pub fn fewer(ticks: Vec<f64>) -> Vec<f64> {
    let powers = |value: &&f64| (value.log10() - value.log10().round()).abs() < 1e-9;
    let tens: Vec<f64> = ticks.iter().filter(powers).copied().collect();
    match (ticks.len(), tens.len()) {
        (0..=4, _) => ticks,
        (_, 2..) => tens,
        _ => ticks.into_iter().step_by(2).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round_numbers_that_cover_the_data() {
        assert_eq!(linear_ticks(47_000.0, 5), [0.0, 1e4, 2e4, 3e4, 4e4, 5e4]);
        assert_eq!(linear_ticks(0.0, 5).len(), 6);
        assert_eq!(log_ticks(130.0, 1800.0), [100.0, 200.0, 500.0, 1000.0, 2000.0]);
    }

    proptest! {
        #[test]
        fn no_value_lies_beyond_the_ticks(max in 1e-3..1e9_f64, spread in 1.0..1e5_f64) {
            prop_assert!(*linear_ticks(max, 5).last().unwrap() >= max * 0.999);
            prop_assert!(linear_ticks(max, 5).len() <= 8);
            let ticks = log_ticks(max, max * spread);
            prop_assert!(ticks[0] <= max * 1.002 && *ticks.last().unwrap() >= max * spread * 0.998);
        }
    }
}
