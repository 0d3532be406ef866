//! Do the 95 % intervals hold the truth 95 times in 100? Where both cells have the same shape they
//! do, whatever the shape; where the shapes are unlike and skewed they do not, and by how much is
//! part of what this proves.

use reports::stats::ratio::within_blocks;
use reports::stats::welch::unpaired;

use super::{Shape, World};

/// The true ratio of every simulated comparison.
const TRUTH: f64 = 1.8;

/// The deviation of a trial's throughput from its mean, about as on a quiet machine.
const NOISE: f64 = 0.03;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The shapes of both cells.
    pub shapes: (Shape, Shape),
    /// Blocks.
    pub blocks: u32,
}

/// The share of intervals within blocks that hold the truth. Blocks differ by 5 %, which a ratio
/// within blocks does not see.
pub fn within(case: Case, runs: u32, seed: u64) -> f64 {
    let mut world = World::new(seed);
    let mut held = 0;
    for _ in 0..runs {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for block in 0..case.blocks {
            let day = 0.05 * world.noise(Shape::Normal);
            let mut rps =
                |level: f64, shape| 1e5 * level * (day + NOISE * world.noise(shape)).exp();
            a.push((block, rps(TRUTH, case.shapes.0)));
            b.push((block, rps(1.0, case.shapes.1)));
        }
        let interval = within_blocks(&a, &b).and_then(|ratio| ratio.interval);
        held += u32::from(interval.is_some_and(|(low, high)| low <= TRUTH && TRUTH <= high));
    }
    f64::from(held) / f64::from(runs)
}

/// The same for two runs whose blocks nothing pairs, as `compare` has them.
pub fn between(case: Case, runs: u32, seed: u64) -> f64 {
    let mut world = World::new(seed);
    let mut held = 0;
    for _ in 0..runs {
        let mut rps = |level: f64, shape| -> Vec<f64> {
            (0..case.blocks).map(|_| level * (NOISE * world.noise(shape)).exp()).collect()
        };
        let (a, b) = (rps(1.0, case.shapes.1), rps(TRUTH, case.shapes.0));
        let interval = unpaired(&a, &b).and_then(|ratio| Some(ratio.shown?.interval));
        held += u32::from(interval.is_some_and(|(low, high)| low <= TRUTH && TRUTH <= high));
    }
    f64::from(held) / f64::from(runs)
}
