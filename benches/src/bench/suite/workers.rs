//! How many workers: counted out, or left to the machine.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use server::MAX_WORKERS;

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

/// Checks one worker count; an error says what is allowed.
fn check_workers(count: u32) -> Result<u32, String> {
    match count {
        0 => Err("zero workers serve nobody, expected 1 or more".to_owned()),
        1..=MAX_WORKERS => Ok(count),
        _ => Err(format!("{count} workers are too many, expected 1 to {MAX_WORKERS}")),
    }
}

/// Reads one worker count from the command line.
pub fn parse_workers(text: &str) -> Result<u32, String> {
    let count = text.parse().map_err(|_| format!("expected a number from 1 to {MAX_WORKERS}"))?;
    check_workers(count)
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
    fn zero_workers_are_refused() {
        assert!(check_workers(0).is_err());
        assert!(check_workers(MAX_WORKERS + 1).is_err());
        assert_eq!(check_workers(3), Ok(3));
    }
}
