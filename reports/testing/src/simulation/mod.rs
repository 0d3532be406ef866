//! A simulated world whose truth is known: trials with noise of a chosen shape, and a machine that
//! may drift. The same seed gives the same world. The modules ask of it whether the statistics keep
//! their promises; `validate_stats` and the tests of `reports` hold the answers against what is asked.

pub mod claims;
pub mod coverage;
pub mod dealing;
pub mod drift;

use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF as _, Normal};

/// How the logarithms of a cell's throughputs lie around their mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Normally.
    Normal,
    /// Skewed to the slow side, as minus a lognormal with σ = 1.
    Skewed,
    /// Hardly at all.
    Quiet,
    /// One trial in ten is much slower than the others, which are alike.
    Mixture,
}

/// A source of trials.
pub struct World {
    random: ChaCha8Rng,
    normal: Normal,
}

impl World {
    /// A world from a seed.
    pub fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed), normal: Normal::standard() }
    }

    /// Noise with mean 0 and deviation 1; in a quiet cell a hundredth of that.
    pub fn noise(&mut self, shape: Shape) -> f64 {
        match shape {
            Shape::Normal => self.gauss(),
            Shape::Quiet => 0.01 * self.gauss(),
            Shape::Skewed => {
                let (mean, deviation) = (0.5_f64.exp(), (1_f64.exp().powi(2) - 1_f64.exp()).sqrt());
                (mean - self.gauss().exp()) / deviation
            }
            // −1 with probability 0.1: mean −0.1, deviation 0.3; a little noise beside it.
            Shape::Mixture => {
                let slow = f64::from(self.even() < 0.1);
                (0.1 - slow + 0.02 * self.gauss()) / (0.09_f64 + 0.0004).sqrt()
            }
        }
    }

    /// Evenly between 0 and 1.
    pub fn even(&mut self) -> f64 {
        self.random.random()
    }

    /// A worker, drawn with these probabilities.
    pub fn worker(&mut self, shares: &[f64]) -> usize {
        let mut left = self.even();
        shares
            .iter()
            .position(|share| {
                left -= share;
                left < 0.0
            })
            .unwrap_or(shares.len() - 1)
    }

    /// Mixes an order.
    pub fn shuffle<T>(&mut self, order: &mut [T]) {
        order.shuffle(&mut self.random);
    }

    fn gauss(&mut self) -> f64 {
        let even = self.even().clamp(1e-12, 1.0 - 1e-12);
        self.normal.inverse_cdf(even)
    }
}
