//! The values of a suite file, each a type that cannot hold anything wrong.
//!
//! A check that happens while a value is read gets its place in the file for free: the parser adds
//! the line to whatever `Deserialize` reports. Used by [`super::suite`] and by the command line.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer, Unexpected, Visitor};

/// A name: letters, digits, `-` and `_`, so that it may be part of a folder's name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

/// The path of a request with its query: begins with `/`, has no blanks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Path(String);

/// Where a server listens: `http://HOST:PORT`, without a path or a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Url(String);

/// A time as people write it: `"300ms"`, `"1s"`, `"2m"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub Duration);

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounded<const MIN: u32, const MAX: u32>(pub u32);

/// A list with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NonEmpty<T>(pub Vec<T>);

macro_rules! text {
    ($($name:ident),+) => {$(
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )+};
}
text!(Name, Path, Url);

impl Length {
    /// No time at all.
    pub fn zero() -> Self {
        Self(Duration::ZERO)
    }

    /// Reads a time of up to a day.
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
    pub fn parse_measurement(text: &str) -> Result<Self, String> {
        let length = Self::parse(text)?;
        if !(Duration::from_millis(50)..=Duration::from_secs(600)).contains(&length.0) {
            return Err(format!("`{text}` is out of range, expected 50 ms to 10 minutes"));
        }
        Ok(length)
    }

    /// [`Length::parse_measurement`] for a suite file.
    pub fn measurement<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse_measurement(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}

impl TryFrom<String> for Name {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if (1..=64).contains(&text.len()) && text.chars().all(good) {
            return Ok(Self(text));
        }
        Err(format!("`{text}` is not a name, expected 1 to 64 letters, digits, `-` or `_`"))
    }
}

impl TryFrom<String> for Path {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with('/') && text.chars().all(|c| c.is_ascii_graphic()) {
            return Ok(Self(text));
        }
        Err(format!("`{text}` is not a path, expected one that begins with `/` and has no blanks"))
    }
}

impl TryFrom<String> for Url {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let url = text.strip_suffix('/').unwrap_or(&text);
        let target = loadgen::target::Target::parse(url);
        if url.starts_with("http://") && target.is_ok_and(|target| target.path == "/") {
            return Ok(Self(url.to_owned()));
        }
        Err(format!("`{text}` is not a URL of a server, expected one like `http://127.0.0.1:8000`"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_people_do() {
        assert_eq!(Length::parse("300ms").unwrap().0, Duration::from_millis(300));
        assert_eq!(Length::parse("1m").unwrap().0, Duration::from_secs(60));
        assert!(Length::parse("1").is_err());
        assert!(Length::parse("-1s").is_err());
    }
}
