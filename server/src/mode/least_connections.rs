//! `least-connections`: the master accepts, and deals to the worker with the fewest connections.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the master | the master | whoever has the fewest connections open or under way to it |
//!
//! Evens out what a turn cannot see: a worker whose connections last longer, or that is busy with a
//! heavy request, has more of them open and gets fewer new ones. A connection counts from the
//! moment it is dealt, not from the worker's acknowledgement: otherwise a burst would go to one
//! worker whole. Equals take turns. The numbers of open connections come from the scoreboard.

use super::Candidate;

/// Finds the worker with the fewest connections.
#[derive(Debug, Clone, Default)]
pub struct Fewest {
    next: usize,
}

impl Fewest {
    /// The available worker with the smallest load; among equals, the next in turn.
    pub fn choose(&mut self, workers: &[Candidate]) -> Option<usize> {
        let count = workers.len();
        let in_turn = (0..count).map(|step| (self.next + step) % count);
        let chosen = in_turn
            .filter(|&index| workers[index].available())
            .min_by_key(|&index| workers[index].load)?;
        self.next = (chosen + 1) % count;
        Some(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(loads: &[u64]) -> Vec<Candidate> {
        loads.iter().map(|&load| Candidate { ready: true, credit: 1, load }).collect()
    }

    #[test]
    fn the_worker_with_the_fewest_connections_is_chosen() {
        assert_eq!(Fewest::default().choose(&with(&[4, 1, 3])), Some(1));
    }

    #[test]
    fn equals_take_turns() {
        let mut fewest = Fewest::default();
        let chosen: Vec<_> = (0..4).filter_map(|_| fewest.choose(&with(&[2, 2, 2]))).collect();
        assert_eq!(chosen, [0, 1, 2, 0]);
    }

    #[test]
    fn a_worker_that_takes_nothing_is_passed_over_however_idle_it_is() {
        let mut workers = with(&[0, 9, 0]);
        workers[0].ready = false;
        workers[2].credit = 0;
        assert_eq!(Fewest::default().choose(&workers), Some(1));
        workers[1].ready = false;
        assert_eq!(Fewest::default().choose(&workers), None);
    }
}
