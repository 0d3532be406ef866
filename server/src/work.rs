//! A fixed amount of CPU work: what `/work?rounds=N` does.
//!
//! Fixed in instructions, not in time: a spin until a deadline would take just as long on a CPU
//! that it shares with another worker, and so would pretend to scale where nothing does.

use std::hint::black_box;

/// The most rounds that a request may ask for: well under a second on any current CPU.
pub const MAX_ROUNDS: u64 = 100_000_000;

/// Does `rounds` rounds of work that depend on each other, and returns their result.
///
/// A round is the finaliser of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014): about 4 ns of dependent instructions, in registers only, so that
/// two workers share nothing but the package's power budget.
#[must_use]
pub fn rounds(rounds: u64) -> u64 {
    let mut state = black_box(0x9e37_79b9_7f4a_7c15_u64);
    for _ in 0..rounds {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_rounds_give_the_same_result_and_other_rounds_another() {
        assert_eq!(rounds(1000), rounds(1000));
        assert_ne!(rounds(1000), rounds(1001));
    }
}
