//! Figures over rounds, and the bounds that they must meet.

use std::fmt;

use reports::stats::median;

use super::Failure;

/// A figure's median over the rounds, with the smallest and the largest raw value.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

impl Spread {
    /// Of some values; all zero without any.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().collect();
        let Some(median) = median(&values) else {
            return Self { median: 0.0, low: 0.0, high: 0.0 };
        };
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { median, low, high }
    }

    /// Of the ratios of two series, pair by pair.
    pub fn of_ratios(
        above: impl IntoIterator<Item = f64>,
        below: impl IntoIterator<Item = f64>,
    ) -> Self {
        Self::of(above.into_iter().zip(below).map(|(above, below)| above / below))
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
    pub fn require(&mut self, met: bool, otherwise: impl FnOnce() -> String) {
        if !met {
            self.broken.push(otherwise());
        }
    }

    pub fn verdict(self, met: &str) -> Result<(), Failure> {
        if self.broken.is_empty() {
            println!("met: {met}");
            Ok(())
        } else {
            Err(Failure::Bound(self.broken.join("; ")))
        }
    }
}
