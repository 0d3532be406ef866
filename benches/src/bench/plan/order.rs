//! The order of the trials: **randomised complete blocks**.
//!
//! Each block runs every cell once, in an order shuffled by the recorded seed, so that a drift of
//! the machine (heat, a neighbour) meets all cells alike, and cells are compared within a block (R.
//! A. Fisher, *The Design of Experiments*, 1935).

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// One trial to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Its block, from 0.
    pub block: u32,
    /// Its place in the whole run, from 0.
    pub order: u32,
    /// Index into the plan's cells.
    pub cell: usize,
}

/// Randomised complete blocks: every cell once a block, each block shuffled anew.
pub fn blocks(cells: usize, blocks: u32, seed: u64) -> Vec<Planned> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut trials = Vec::with_capacity(cells * blocks as usize);
    for block in 0..blocks {
        let mut order: Vec<usize> = (0..cells).collect();
        order.shuffle(&mut random);
        for cell in order {
            trials.push(Planned { block, order: trials.len() as u32, cell });
        }
    }
    trials
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_has_every_cell_once() {
        let trials = blocks(5, 3, 42);
        for block in 0..3 {
            let mut cells: Vec<usize> =
                trials.iter().filter(|it| it.block == block).map(|it| it.cell).collect();
            cells.sort_unstable();
            assert_eq!(cells, [0, 1, 2, 3, 4]);
        }
        assert!(trials.iter().enumerate().all(|(place, it)| it.order as usize == place));
    }

    #[test]
    fn a_seed_gives_the_same_order_for_ever() {
        let order: Vec<usize> = blocks(6, 2, 42).iter().map(|it| it.cell).collect();
        assert_eq!(order, [2, 1, 5, 4, 3, 0, 0, 4, 2, 3, 1, 5]);
        assert_ne!(blocks(6, 2, 42), blocks(6, 2, 43));
    }
}
