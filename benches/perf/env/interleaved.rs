//! Trials in turns: each round has one of everything that is compared, in an order drawn from the
//! seed, so that what the machine's neighbours do in a round meets all alike.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Failure;

#[derive(Debug, Clone, Copy)]
pub struct InterleavedRunner {
    pub rounds: u32,
    pub seed: u64,
}

impl InterleavedRunner {
    /// Runs each subject once per round (from 0) and returns each one's results by round.
    pub fn run<S, T>(
        self,
        subjects: &[S],
        mut trial: impl FnMut(u32, &S) -> Result<T, Failure>,
    ) -> Result<Vec<Vec<T>>, Failure> {
        let mut results: Vec<Vec<T>> = subjects.iter().map(|_| Vec::new()).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        for round in 0..self.rounds {
            let mut order: Vec<usize> = (0..subjects.len()).collect();
            order.shuffle(&mut rng);
            for index in order {
                results[index].push(trial(round, &subjects[index])?);
            }
        }
        Ok(results)
    }
}
