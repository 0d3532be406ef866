//! Is an unfair distribution found, and a fair one left in peace? The skew is the one that Node.js
//! documents for leaving connections to the kernel: 70 % of them in two of eight processes
//! (<https://nodejs.org/api/cluster.html>, "How it works").

use reports::stats::fairness::{Dealing, judge, spread};

use super::World;

/// The probabilities of Node's documented skew.
pub const SKEWED: [f64; 8] = [0.35, 0.35, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05];

/// Those of a fair hash over as many workers.
pub const FAIR: [f64; 8] = [0.125; 8];

/// How often in `runs` the connections of some trials, dealt with these probabilities, are called
/// biased.
pub fn called_biased(shares: &[f64], connections: u32, trials: u32, runs: u32, seed: u64) -> u32 {
    let mut world = World::new(seed);
    let mut called = 0;
    for _ in 0..runs {
        let mut spreads = Vec::new();
        for _ in 0..trials {
            let mut counts = vec![0_u64; shares.len()];
            for _ in 0..connections {
                counts[world.worker(shares)] += 1;
            }
            spreads.extend(spread(&counts));
        }
        called += u32::from(judge(&spreads) == Some(Dealing::Biased));
    }
    called
}
