//! A machine that gets slower by a tenth during the run: randomised blocks do not see it, running
//! all of A and then all of B does, and takes it for a difference.

use reports::stats::ratio::{Ratio, within_blocks};

use super::{Shape, World};

/// What the machine loses from the first trial to the last.
const DRIFT: f64 = 0.10;

/// The deviation of a trial's throughput from its mean.
const NOISE: f64 = 0.005;

/// The order of the trials of cells A and B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// In each block both, in an order drawn by chance.
    Blocked,
    /// All of A, then all of B.
    Sequential,
}

/// The measured ratio A/B of two equal cells on a drifting machine.
pub fn ratio(order: Order, blocks: u32, seed: u64) -> Option<Ratio> {
    let mut world = World::new(seed);
    let mut plan: Vec<(u32, bool)> = Vec::new();
    match order {
        Order::Blocked => {
            for block in 0..blocks {
                let mut pair = [(block, true), (block, false)];
                world.shuffle(&mut pair);
                plan.extend(pair);
            }
        }
        Order::Sequential => {
            plan.extend((0..blocks).map(|block| (block, true)));
            plan.extend((0..blocks).map(|block| (block, false)));
        }
    }
    let last = (plan.len() - 1) as f64;
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for (place, (block, is_a)) in plan.into_iter().enumerate() {
        let level = 1.0 - DRIFT * place as f64 / last;
        let rps = 1e5 * level * (NOISE * world.noise(Shape::Normal)).exp();
        if is_a { a.push((block, rps)) } else { b.push((block, rps)) }
    }
    within_blocks(&a, &b)
}

/// The share of runs whose ratio of two equal cells is within 1 % of 1.
pub fn within_one_per_cent(order: Order, blocks: u32, runs: u32, seed: u64) -> f64 {
    let near = |run: u32| {
        let ratio = ratio(order, blocks, seed + u64::from(run));
        ratio.is_some_and(|ratio| (ratio.point - 1.0).abs() < 0.01)
    };
    f64::from((0..runs).map(|run| u32::from(near(run))).sum::<u32>()) / f64::from(runs)
}
