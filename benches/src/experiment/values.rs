//! The values of a suite file, each a type that cannot hold anything wrong.
//!
//! A check that happens while a value is read gets its place in the file for free: the parser adds
//! the line to whatever `Deserialize` reports. Used by [`super::suite`] and by the command line.

use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use server::MAX_WORKERS;

/// A name: letters, digits, `-` and `_`, so that it may be part of a folder's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// The target of a request: begins with `/`, has no blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(String);

/// A way of sharing connections out, as the server names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode(pub server::Mode);

/// A time as people write it: `"300ms"`, `"1s"`, `"2m"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub Duration);

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounded<const MIN: u32, const MAX: u32>(pub u32);

/// A list with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NonEmpty<T>(pub Vec<T>);

/// How many workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Workers {
    /// 1, 2, 4 … and as many as there are CPUs: grows by doubling.
    Auto,
    /// As many as there are CPUs.
    Cores,
    /// Twice as many as there are CPUs: shows what too many workers do.
    TwiceCores,
    /// Just these.
    List(Vec<u32>),
}

impl Name {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Target {
    /// The path with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Mode {
    /// Finds a mode by its name.
    ///
    /// # Errors
    /// One line that names the known ones.
    pub fn parse(name: &str) -> Result<Self, String> {
        name.parse().map(Self).map_err(|error: server::mode::UnknownMode| error.to_string())
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Whether this is the baseline: one process, always one worker.
    pub fn is_single(self) -> bool {
        self.0 == server::Mode::Single
    }
}

impl Length {
    /// No time at all.
    pub fn zero() -> Self {
        Self(Duration::ZERO)
    }

    /// Reads a time of up to a day.
    ///
    /// # Errors
    /// One line that says what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let time = humantime::parse_duration(text).map_err(|_| {
            format!("`{text}` is not a time, expected one like `500ms`, `2s`, `1m`")
        })?;
        if time > Duration::from_secs(24 * 60 * 60) {
            return Err(format!("`{text}` is too long, expected one day at most"));
        }
        Ok(Self(time))
    }

    /// Reads the length of a measurement: long enough for CPU clocks to mean something.
    ///
    /// # Errors
    /// One line that says what is allowed.
    pub fn parse_measurement(text: &str) -> Result<Self, String> {
        let length = Self::parse(text)?;
        if !(Duration::from_millis(50)..=Duration::from_secs(600)).contains(&length.0) {
            return Err(format!("`{text}` is out of range, expected 50 ms to 10 minutes"));
        }
        Ok(length)
    }

    /// [`Length::parse_measurement`] for a suite file.
    ///
    /// # Errors
    /// As there.
    pub fn measurement<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse_measurement(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}

impl Workers {
    /// The counts on a machine with this many CPUs, rising.
    pub fn counts(&self, cores: u32) -> Vec<u32> {
        let mut counts: Vec<u32> = match self {
            Self::Auto => {
                let powers = (0..u32::BITS).map(|power| 1 << power);
                powers.take_while(|count| *count < cores).chain([cores]).collect()
            }
            Self::Cores => vec![cores],
            Self::TwiceCores => vec![2 * cores],
            Self::List(list) => list.clone(),
        };
        counts.sort_unstable();
        counts.dedup();
        counts
    }
}

/// Checks one worker count.
///
/// # Errors
/// One line that says what is allowed.
fn check_workers(count: u32) -> Result<u32, String> {
    match count {
        0 => Err("zero workers serve nobody, expected 1 or more".to_owned()),
        1..=MAX_WORKERS => Ok(count),
        _ => Err(format!("{count} workers are too many, expected 1 to {MAX_WORKERS}")),
    }
}

/// Reads one worker count from the command line.
///
/// # Errors
/// One line that says what is allowed.
pub fn parse_workers(text: &str) -> Result<u32, String> {
    let count = text.parse().map_err(|_| format!("expected a number from 1 to {MAX_WORKERS}"))?;
    check_workers(count)
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if text.is_empty() || text.len() > 64 || !text.chars().all(good) {
            return Err(de::Error::custom(format!(
                "`{text}` is not a name, expected 1 to 64 letters, digits, `-` or `_`"
            )));
        }
        Ok(Self(text))
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if !text.starts_with('/') || text.chars().any(|c| !c.is_ascii_graphic()) {
            return Err(de::Error::custom(format!(
                "`{text}` is not a path, expected one that begins with `/` and has no blanks"
            )));
        }
        Ok(Self(text))
    }
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NonEmpty<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let list = Vec::deserialize(from)?;
        if list.is_empty() {
            return Err(de::Error::invalid_length(0, &"at least one"));
        }
        Ok(Self(list))
    }
}

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Bounded<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Range<const MIN: u32, const MAX: u32>;
        impl<const MIN: u32, const MAX: u32> Visitor<'_> for Range<MIN, MAX> {
            type Value = u32;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from {MIN} to {MAX}")
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<u32, E> {
                u32::try_from(number)
                    .ok()
                    .filter(|number| (MIN..=MAX).contains(number))
                    .ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
            }
        }
        from.deserialize_any(Range::<MIN, MAX>).map(Self)
    }
}

impl<'de> Deserialize<'de> for Workers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ListOrWord;
        impl<'de> Visitor<'de> for ListOrWord {
            type Value = Workers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list such as [1, 2], or one of `auto`, `cores`, `twice-cores`")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Workers, E> {
                match word {
                    "auto" => Ok(Workers::Auto),
                    "cores" => Ok(Workers::Cores),
                    "twice-cores" => Ok(Workers::TwiceCores),
                    _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
                }
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Workers, A::Error> {
                let mut list = Vec::new();
                while let Some(count) = seq.next_element()? {
                    list.push(check_workers(count).map_err(de::Error::custom)?);
                }
                if list.is_empty() {
                    return Err(de::Error::invalid_length(0, &self));
                }
                Ok(Workers::List(list))
            }
        }
        from.deserialize_any(ListOrWord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_grows_by_doubling_and_ends_with_all_cores() {
        assert_eq!(Workers::Auto.counts(1), [1]);
        assert_eq!(Workers::Auto.counts(2), [1, 2]);
        assert_eq!(Workers::Auto.counts(6), [1, 2, 4, 6]);
        assert_eq!(Workers::Auto.counts(16), [1, 2, 4, 8, 16]);
    }

    #[test]
    fn a_list_is_sorted_and_has_no_double() {
        assert_eq!(Workers::List(vec![4, 1, 4]).counts(2), [1, 4]);
    }

    #[test]
    fn lengths_are_written_as_people_do() {
        assert_eq!(Length::parse("300ms").unwrap().0, Duration::from_millis(300));
        assert_eq!(Length::parse("1m").unwrap().0, Duration::from_secs(60));
        assert!(Length::parse("1").is_err());
        assert!(Length::parse("-1s").is_err());
    }

    #[test]
    fn zero_workers_are_refused() {
        assert!(check_workers(0).is_err());
        assert!(check_workers(MAX_WORKERS + 1).is_err());
        assert_eq!(check_workers(3), Ok(3));
    }
}
