//! Values of `load`'s arguments: each reader says in one line what would be right.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::TypedValueParser;
use loadgen::mix::Part;
use loadgen::pace::{Arrivals, Profile, Stage};
use loadgen::plan::{EngineKind, Tool, UnknownTool};
use loadgen::progress::PERIODS;

use crate::cli::value::{duration, one_of};

/// The shortest and the longest budget of a search.
const BUDGETS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(24 * 3600)];

/// The parts of a mix. (To clap, a plain `Vec` would be several arguments.)
pub type Mix = Vec<Part>;

/// The engine that is asked for. (To clap, a plain `Option` would be an argument without a default.)
pub type Engine = Option<EngineKind>;

/// The tools of one `--as`.
pub type Tools = Vec<Tool>;

/// Reads a whole number, which may end in k, m or g as for wrk.
pub fn count(text: &str) -> Result<u64, &'static str> {
    let (digits, scale) = scaled(text);
    let count = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(scale));
    count.ok_or("give a whole number, as in 100 or 10k")
}

/// Reads a number of things of which a machine has at most a million.
pub fn count_u32(text: &str) -> Result<u32, &'static str> {
    let count = u32::try_from(count(text)?).ok().filter(|&count| count <= 1_000_000);
    count.ok_or("give at most 1000000")
}

/// Reads a rate in requests a second.
pub fn rate(text: &str) -> Result<f64, &'static str> {
    let (number, scale) = scaled(text.trim_end_matches("/s"));
    let rate = number.parse::<f64>().map(|rate| rate * scale as f64);
    rate.ok().filter(|rate| rate.is_finite()).ok_or("give requests a second, as in 1000 or 1k")
}

/// Takes one of wrk's suffixes off a number: what is left, and by how much it counts.
fn scaled(text: &str) -> (&str, u64) {
    let suffixes = [(['k', 'K'], 1_000), (['m', 'M'], 1_000_000), (['g', 'G'], 1_000_000_000)];
    let cut = |(suffix, scale): ([char; 2], _)| Some((text.strip_suffix(suffix)?, scale));
    suffixes.into_iter().find_map(cut).unwrap_or((text, 1))
}

/// Reads a time as wrk does: a bare number is seconds.
pub fn wrk_time(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().map(Duration::from_secs);
    seconds.or_else(|_| duration(text)).map_err(|_| "give a time, as in 10 (seconds), 500ms or 1m")
}

/// Reads how often snapshots are written.
pub fn snapshot_period(text: &str) -> Result<Duration, &'static str> {
    let period = duration(text).ok().filter(|period| within(PERIODS, period));
    period.ok_or("give 100ms to 10s, as in 250ms")
}

/// Reads the most time that a search may take.
pub fn budget(text: &str) -> Result<Duration, &'static str> {
    let budget = duration(text)?;
    within(BUDGETS, &budget).then_some(budget).ok_or("give 2s to 24h, as in 2m")
}

fn within([shortest, longest]: [Duration; 2], time: &Duration) -> bool {
    (shortest..=longest).contains(time)
}

/// How arrivals lie around the rate, by name.
pub fn arrivals() -> impl TypedValueParser<Value = Arrivals> {
    one_of([Arrivals::Constant, Arrivals::Poisson], Arrivals::name)
}

/// An engine by name.
pub fn engine() -> impl TypedValueParser<Value = Engine> {
    use EngineKind::{Epoll, Hyper, Reqwest, Uring};
    let all = [None, Some(Uring), Some(Epoll), Some(Hyper), Some(Reqwest)];
    one_of(all, |engine| engine.map_or("auto", EngineKind::name))
}

/// Reads a list of tools.
pub fn tools(text: &str) -> Result<Tools, UnknownTool> {
    Tool::parse_list([text])
}

/// Rates that change, and how long they last all in all.
#[derive(Debug, Clone)]
pub struct Stages {
    pub profile: Profile,
    pub length: Duration,
}

impl FromStr for Stages {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let stage = |part: &str| {
            let (length, rates) = part.split_once(':')?;
            let (from, to) = rates.split_once('-').unwrap_or((rates, rates));
            let length = duration(length).ok()?;
            Some(Stage { length: Some(length), from: rate(from).ok()?, to: rate(to).ok()? })
        };
        let stages: Option<Vec<_>> = text.split(',').map(stage).collect();
        let mut lengths = stages.iter().flatten().filter_map(|stage| stage.length);
        let length = lengths.try_fold(Duration::ZERO, Duration::checked_add);
        let (stages, length) =
            stages.zip(length).ok_or("give stages such as 10s:1000,30s:1000-20000")?;
        Ok(Self { profile: Profile::stages(stages), length })
    }
}

/// A request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Text(String),
    File(PathBuf),
}

impl FromStr for Body {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.strip_prefix('@') {
            Some(file) => Self::File(file.into()),
            None => Self::Text(text.to_owned()),
        })
    }
}

/// A seed from the clock, of 53 bits: a JSON number that every reader keeps exactly.
pub fn new_seed() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    (since.as_nanos() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_hold_or_ramp() {
        let Stages { profile, length } = "10s:1k,30s:1000-20000".parse().unwrap();
        assert_eq!(length, Duration::from_secs(40));
        assert_eq!(profile.length(), Some(length));
        for text in ["", "10s", "10:5", "10s:x", "10s:1-", "10s:1,,"] {
            assert!(text.parse::<Stages>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn snapshots_are_a_tenth_of_a_second_to_ten_seconds_apart() {
        assert_eq!(snapshot_period("250ms"), Ok(Duration::from_millis(250)));
        assert!(snapshot_period("100ms").is_ok() && snapshot_period("10s").is_ok());
        for text in ["99ms", "10001ms", "0s", "1", "often", ""] {
            assert!(snapshot_period(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn counts_rates_and_times_are_read_as_wrk_reads_them() {
        assert_eq!(["7", "1k", "2M"].map(count), [Ok(7), Ok(1_000), Ok(2_000_000)]);
        assert_eq!((count_u32("1m"), count_u32("1001k").is_err()), (Ok(1_000_000), true));
        for text in ["x", "", "k", "-1", "1.5k", "1kk", "99999999999g"] {
            assert!(count(text).is_err(), "{text:?}");
        }
        assert_eq!(["1000", "0.5/s", "1.5k"].map(rate), [Ok(1000.0), Ok(0.5), Ok(1500.0)]);
        assert!(rate("fast").is_err() && rate("inf").is_err());
        let times = ["10", "500ms", "2m"].map(wrk_time);
        assert_eq!(times, [10_000, 500, 120_000].map(|ms| Ok(Duration::from_millis(ms))));
        assert!(wrk_time("soon").is_err() && wrk_time("-1").is_err());
    }

    #[test]
    fn a_body_is_a_text_or_a_file() {
        assert_eq!("a=b".parse(), Ok(Body::Text("a=b".into())));
        assert_eq!("@a/b".parse(), Ok(Body::File("a/b".into())));
    }
}
