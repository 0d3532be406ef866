//! Figures over rounds, and the bounds that they must meet.
//!
//! Next: the measurements in `recipes/`.

use std::fmt;

use super::Failure;

/// A figure's median over the rounds, with the smallest and the largest raw value.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// Median.
    pub median: f64,
    /// Smallest.
    pub low: f64,
    /// Largest.
    pub high: f64,
}

impl Spread {
    /// Of some values; all zero without any.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else {
            return Self { median: 0.0, low: 0.0, high: 0.0 };
        };
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Self { median, low, high }
    }
}

impl fmt::Display for Spread {
    /// `1.02 (0.97 to 1.10)`, with as many digits as asked for.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, low, high } = self;
        let digits = formatter.precision().unwrap_or(2);
        write!(formatter, "{median:.digits$} ({low:.digits$} to {high:.digits$})")
    }
}

/// The bounds of a measurement: all are looked at before the verdict.
#[derive(Debug, Default)]
pub struct Bounds {
    broken: Vec<String>,
}

impl Bounds {
    /// Notes a bound that is not met.
    pub fn require(&mut self, met: bool, otherwise: impl FnOnce() -> String) {
        if !met {
            self.broken.push(otherwise());
        }
    }

    /// The verdict: a line when all are met, else a failure that names those that are not.
    pub fn verdict(self, met: &str) -> Result<(), Failure> {
        if self.broken.is_empty() {
            println!("met: {met}");
            Ok(())
        } else {
            Err(Failure::Bound(self.broken.join("; ")))
        }
    }
}
