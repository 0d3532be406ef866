//! A little chance, so that what fails together does not try again together.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A number from 0 to 1, as random as the keys of the standard library's maps: good enough to
/// spread timers, and for nothing else.
pub(crate) fn unit() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_spread_over_the_unit() {
        let numbers: Vec<f64> = (0..200).map(|_| super::unit()).collect();
        assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)));
        assert!(numbers.iter().any(|&number| number < 0.3));
        assert!(numbers.iter().any(|&number| number > 0.7));
    }
}
