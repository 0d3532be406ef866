//! An axis for numbers of any size, zero among them: linear from zero on, or by powers of ten where they
//! span more than a factor of 100; zero then has a place of its own before them.

use super::scale::{linear_ticks, log_ticks};

/// The widest span, as a factor, that is shown on a linear axis.
const WIDEST: f64 = 100.0;

/// How far zero stands before the powers of ten, as a share of their length.
const AWAY: f64 = 0.15;

/// An axis that was laid over some values.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruler {
    /// Both ends, as positions.
    pub ends: (f64, f64),
    pub ticks: Vec<f64>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Linear,
    /// Whether zero is on it.
    Logarithmic(bool),
}

impl Ruler {
    /// An axis for these values, with about `count` labels on it where it is linear.
    pub fn over(values: &[f64], count: usize) -> Self {
        let positive = || values.iter().copied().filter(|value| *value > 0.0);
        let (low, high) =
            (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
        let least = values.iter().copied().fold(0.0, f64::min);
        if least < 0.0 || high <= WIDEST * low {
            Self::linear(least, high, count)
        } else {
            Self::logarithmic(low, high, values.contains(&0.0))
        }
    }

    fn linear(least: f64, most: f64, count: usize) -> Self {
        let most = if most > 0.0 || least < 0.0 { most } else { 1.0 };
        let step = linear_ticks(most.max(-least), count)[1];
        let steps = |value: f64| (value / step - 1e-9).ceil() as i32;
        let (from, to) = (-steps(-least).max(0), steps(most).max(0));
        let ticks: Vec<f64> = (from..=to).map(|index| f64::from(index) * step).collect();
        Self { ends: (ticks[0], ticks[ticks.len() - 1]), ticks, kind: Kind::Linear }
    }

    fn logarithmic(low: f64, high: f64, zero: bool) -> Self {
        let mut ticks: Vec<f64> = log_ticks(low, high).into_iter().map(f64::log10).collect();
        let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
        if zero {
            ticks.insert(0, first - AWAY * (last - first));
        }
        Self { ends: (ticks[0], last), ticks, kind: Kind::Logarithmic(zero) }
    }

    /// Whether it goes by powers of ten.
    pub fn is_logarithmic(&self) -> bool {
        self.kind != Kind::Linear
    }

    /// The position of a value; one beyond an end stands at that end.
    pub fn at(&self, value: f64) -> f64 {
        let position = match self.kind {
            Kind::Linear => value,
            Kind::Logarithmic(_) => value.max(f64::MIN_POSITIVE).log10(),
        };
        position.clamp(self.ends.0, self.ends.1)
    }

    pub fn value(&self, position: f64) -> f64 {
        match self.kind {
            Kind::Linear => position,
            Kind::Logarithmic(true) if position <= self.ends.0 => 0.0,
            Kind::Logarithmic(_) => 10_f64.powf(position),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(values: &[f64]) -> Vec<String> {
        let ruler = Ruler::over(values, 5);
        ruler.ticks.iter().map(|tick| crate::format::tick(ruler.value(*tick))).collect()
    }

    #[test]
    fn a_linear_axis_begins_at_zero_and_goes_below_it_where_values_do() {
        assert_eq!(labels(&[300.0, 1700.0]), ["0", "500", "1,000", "1,500", "2,000"]);
        let below = Ruler::over(&[-7.0, 12.0], 5);
        assert!(below.ticks.contains(&0.0) && below.ends.0 <= -7.0 && below.ends.1 >= 12.0);
        assert_eq!(labels(&[]), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
    }

    #[test]
    fn more_than_a_factor_of_100_makes_it_logarithmic_and_zero_keeps_a_place() {
        assert!(!Ruler::over(&[1.0, 100.0], 5).is_logarithmic());
        assert_eq!(labels(&[1.0, 900.0]), ["1", "10", "100", "1,000"]);
        assert_eq!(labels(&[0.0, 1.0, 900.0]), ["0", "1", "10", "100", "1,000"]);
    }

    proptest! {
        #[test]
        fn every_value_has_its_place_but_for_a_thousandth_at_an_end(values in prop::collection::vec(-1e3..1e6_f64, 1..8)) {
            let ruler = Ruler::over(&values, 5);
            for value in values {
                let back = ruler.value(ruler.at(value));
                prop_assert!((back - value).abs() <= 1.1e-3 * value.abs(), "{value} {back}");
            }
        }
    }
}
