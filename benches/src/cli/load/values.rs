//! Values of `load`'s arguments: each reader says in one line what would be right.

use std::time::Duration;

use loadgen::pace::{Profile, Stage};
use loadgen::progress::PERIODS;

use crate::cli::Failure;

/// An error of usage.
pub fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::usage(error.to_string())
}

/// A whole number.
pub fn number(text: &str, what: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| usage(format!("'{text}' {what}: give a whole number such as 100")))
}

/// A number of things of which a machine has at most a million.
pub fn small(number: u64, what: &str) -> Result<u32, Failure> {
    u32::try_from(number)
        .ok()
        .filter(|&number| number <= 1_000_000)
        .ok_or_else(|| usage(format!("{number} {what}: give at most 1000000")))
}

/// A length of time.
pub fn time(text: &str, what: &str) -> Result<Duration, Failure> {
    humantime::parse_duration(text).map_err(|_| {
        usage(format!("'{text}' is not a {what}: give a time such as 500ms, 2s or 1m"))
    })
}

/// How often snapshots are written.
pub fn period(text: &str) -> Result<Duration, Failure> {
    let period = humantime::parse_duration(text).ok();
    let [shortest, longest] = PERIODS;
    period.filter(|period| (shortest..=longest).contains(period)).ok_or_else(|| {
        usage(format!("'{text}' as the time between --snapshots: give 100ms to 10s, such as 250ms"))
    })
}

/// A rate in requests a second.
pub fn rate(text: &str) -> Result<f64, Failure> {
    let rate = text.trim_end_matches("/s").parse().ok().filter(|rate: &f64| rate.is_finite());
    rate.ok_or_else(|| {
        usage(format!("'{text}' is not a rate: give requests a second such as 1000"))
    })
}

/// Stages such as `10s:1000,30s:1000-20000`, with their length.
pub fn stages(text: &str) -> Result<(Profile, Duration), Failure> {
    let wrong =
        || usage(format!("'{text}' are not stages: give some such as 10s:1000,30s:1000-20000"));
    let mut stages = Vec::new();
    let mut total = Duration::ZERO;
    for part in text.split(',') {
        let (length, rates) = part.split_once(':').ok_or_else(wrong)?;
        let length = humantime::parse_duration(length).map_err(|_| wrong())?;
        let (from, to) = rates.split_once('-').unwrap_or((rates, rates));
        let read = |rate: &str| rate.parse::<f64>().map_err(|_| wrong());
        stages.push(Stage { length: Some(length), from: read(from)?, to: read(to)? });
        total = total.checked_add(length).ok_or_else(wrong)?;
    }
    Ok((Profile::stages(stages), total))
}

/// The seed given, or a new one from the clock.
pub fn seed(text: Option<&str>) -> Result<u64, Failure> {
    if let Some(text) = text {
        return number(text, "as a seed");
    }
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    // 53 bits: a JSON number that every reader keeps exactly.
    Ok((since.as_nanos() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11)
}

/// A body, or the content of a file.
pub fn body(text: Option<&str>) -> Result<Vec<u8>, Failure> {
    match text.map(|text| (text, text.strip_prefix('@'))) {
        None => Ok(Vec::new()),
        Some((_, Some(file))) => std::fs::read(file)
            .map_err(|error| Failure::io(format!("cannot read the body from {file}: {error}"))),
        Some((text, None)) => Ok(text.as_bytes().to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_hold_or_ramp() {
        let (profile, length) = stages("10s:1000,30s:1000-20000").unwrap();
        assert_eq!(length, Duration::from_secs(40));
        assert_eq!(profile.length(), Some(length));
        for text in ["", "10s", "10:5", "10s:x", "10s:1-", "10s:1,,"] {
            assert!(stages(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn snapshots_are_a_tenth_of_a_second_to_ten_seconds_apart() {
        assert_eq!(period("250ms").unwrap(), Duration::from_millis(250));
        assert!(period("100ms").is_ok() && period("10s").is_ok());
        for text in ["99ms", "10001ms", "0s", "1", "often", ""] {
            assert!(period(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn rates_and_seeds_are_numbers() {
        assert!((rate("1000").unwrap() - 1000.0).abs() < 1e-9);
        assert!((rate("0.5/s").unwrap() - 0.5).abs() < 1e-9);
        assert!(rate("fast").is_err() && rate("inf").is_err());
        assert_eq!(seed(Some("7")).unwrap(), 7);
        assert!(seed(Some("x")).is_err());
    }
}
