//! An open loop's rate: a number, or a share of what one worker does.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Unexpected, Visitor};

/// The most requests a second that may be asked for.
const FASTEST: f64 = 10_000_000.0;

/// Requests a second that are due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// So many.
    Fixed(f64),
    /// This share of what one worker of `single` answers in a closed loop: 0.5 for `"50%"`.
    Share(f64),
}

/// How an open loop's requests lie around the rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arrivals {
    /// At equal distances.
    #[default]
    Constant,
    /// At random, as independent clients would.
    Poisson,
}

impl Arrivals {
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Poisson => "poisson",
        }
    }
}

impl Rate {
    /// The rate of a share of a capacity: two digits are as many as a calibration is good for.
    pub fn of_capacity(share: f64, capacity_rps: f64) -> f64 {
        let exact = (share * capacity_rps).max(1.0);
        let step = 10_f64.powf(exact.log10().floor() - 1.0);
        ((exact / step).round() * step).max(1.0)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct NumberOrShare;
        impl Visitor<'_> for NumberOrShare {
            type Value = Rate;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("requests a second such as 500, or a share such as \"50%\"")
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Rate, E> {
                self.visit_f64(number as f64)
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Rate, E> {
                if (1.0..=FASTEST).contains(&number) {
                    return Ok(Rate::Fixed(number));
                }
                Err(E::invalid_value(Unexpected::Float(number), &self))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Rate, E> {
                let percent = text.strip_suffix('%').and_then(|text| text.trim().parse().ok());
                match percent {
                    Some(percent) if (1.0..=1000.0).contains(&percent) => {
                        Ok(Rate::Share(percent / 100.0))
                    }
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        from.deserialize_any(NumberOrShare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::suite::find::tests::{GOOD, assert_error, parse};

    fn rate(written: &str) -> Option<Rate> {
        let text = GOOD.replace("connections = 8", &format!("connections = 8\nrate = {written}"));
        parse(&text).unwrap().workload.0[0].rate
    }

    #[test]
    fn a_rate_is_a_number_or_a_share() {
        assert_eq!(rate("500"), Some(Rate::Fixed(500.0)));
        assert_eq!(rate("\"50%\""), Some(Rate::Share(0.5)));
    }

    #[test]
    fn what_is_no_rate_is_refused_with_an_example() {
        for wrong in ["0", "-1", "\"50\"", "\"0%\"", "\"fast\""] {
            let keys = format!("connections = 8\nrate = {wrong}");
            assert_error("connections = 8", &keys, &["mine.toml:8: ", "\"50%\""]);
        }
    }

    #[test]
    fn a_calibrated_rate_has_two_digits() {
        let rates = [1_234.0, 98_765.0, 7.77, 0.2].map(|it| Rate::of_capacity(0.5, it));
        assert_eq!(rates.map(|rate| rate.round() as u32), [620, 49_000, 4, 1]);
    }
}
