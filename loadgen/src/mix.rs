//! The mix: which request is sent next, when there are several.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A path and its share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its share, relative to the others'.
    pub weight: u32,
    /// Path and query.
    pub path: String,
}

/// Why a text is not a mix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a mix; give weights and paths such as '95:/,5:/work?rounds=1000'")]
pub struct MixError;

/// Reads `95:/,5:/work?rounds=1000`.
///
/// # Errors
/// [`MixError`] for a part without a weight, a weight of zero, or a path without its slash.
pub fn parse(text: &str) -> Result<Vec<Part>, MixError> {
    let part = |part: &str| {
        let (weight, path) = part.split_once(':')?;
        let weight =
            weight.trim().parse().ok().filter(|&weight| (1..=1_000_000).contains(&weight))?;
        let sound = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        sound.then(|| Part { weight, path: path.to_owned() })
    };
    text.split(',').map(part).collect::<Option<_>>().ok_or(MixError)
}

/// Draws parts in proportion to their weights, from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Picker {
    /// Sums of the weights up to and with each part.
    sums: Vec<u32>,
    random: ChaCha8Rng,
}

impl Picker {
    /// A picker for one thread.
    pub(crate) fn new(parts: &[Part], seed: u64, thread: u32) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        // Apart from the streams of the schedules.
        random.set_stream(u64::from(thread) | 1 << 32);
        let sums = parts
            .iter()
            .scan(0_u32, |sum, part| {
                *sum = sum.saturating_add(part.weight);
                Some(*sum)
            })
            .collect();
        Self { sums, random }
    }

    /// The place of the part that is next.
    pub(crate) fn pick(&mut self) -> usize {
        match self.sums.as_slice() {
            [] | [_] => 0,
            [.., total] => {
                let drawn = self.random.random_range(0..*total);
                self.sums.partition_point(|&sum| sum <= drawn)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_read() {
        let mix = parse("95:/,5:/work?rounds=7").unwrap();
        assert_eq!(mix[0], Part { weight: 95, path: "/".into() });
        assert_eq!(mix[1], Part { weight: 5, path: "/work?rounds=7".into() });
        for text in ["", "/", "0:/", "5:x", "5:/,", "-1:/", "5:/a b"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn parts_come_in_proportion_to_their_weights() {
        let mut picker = Picker::new(&parse("70:/,20:/b,10:/c").unwrap(), 1, 0);
        let mut counts = [0_u32; 3];
        for _ in 0..100_000 {
            counts[picker.pick()] += 1;
        }
        for (count, expected) in counts.iter().zip([70_000_u32, 20_000, 10_000]) {
            assert!(count.abs_diff(expected) < 600, "{counts:?}");
        }
    }
}
