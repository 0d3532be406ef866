//! `round-robin`: the master accepts, and deals connections out in strict turn.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the master | the master | strict turn |
//!
//! The default, as in Node. Node's own "round robin" is a queue of workers that are free again; this
//! is the real thing: over any number of connections, no two workers that were always available
//! differ by more than one. A worker that is not ready or has used up its credit loses its turn,
//! and that is counted. How connections then travel is in `master/dispatcher.rs`.

use super::Candidate;

/// Whose turn it is.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    next: usize,
    skips: u64,
}

impl Turn {
    /// The worker whose turn it is, and moves the turn on behind it. Workers that are not available
    /// are skipped; `None` when nobody is, and then nobody's turn is lost.
    pub fn choose(&mut self, workers: &[Candidate]) -> Option<usize> {
        let count = workers.len();
        let skipped =
            (0..count).find(|skipped| workers[(self.next + skipped) % count].available())?;
        let chosen = (self.next + skipped) % count;
        self.next = (chosen + 1) % count;
        self.skips += skipped as u64;
        Some(chosen)
    }

    /// How often a worker lost its turn.
    #[must_use]
    pub fn skips(&self) -> u64 {
        self.skips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Candidate = Candidate { ready: true, credit: 1, load: 0 };
    const BUSY: Candidate = Candidate { ready: true, credit: 0, load: 0 };
    const ABSENT: Candidate = Candidate { ready: false, credit: 1, load: 0 };

    fn deal(turn: &mut Turn, workers: &[Candidate], connections: usize) -> Vec<usize> {
        (0..connections).filter_map(|_| turn.choose(workers)).collect()
    }

    #[test]
    fn workers_take_turns() {
        assert_eq!(deal(&mut Turn::default(), &[FREE; 3], 7), [0, 1, 2, 0, 1, 2, 0]);
    }

    #[test]
    fn whoever_is_absent_or_out_of_credit_is_skipped_and_counted() {
        let mut turn = Turn::default();
        assert_eq!(deal(&mut turn, &[FREE, ABSENT, FREE, BUSY], 4), [0, 2, 0, 2]);
        assert_eq!(turn.skips(), 3);
    }

    #[test]
    fn nobody_is_chosen_when_nobody_can_take_it_and_the_turn_is_kept() {
        let mut turn = Turn::default();
        turn.choose(&[FREE, FREE]);
        assert_eq!(turn.choose(&[BUSY, ABSENT]), None);
        assert_eq!(turn.choose(&[]), None);
        assert_eq!(turn.skips(), 0);
        assert_eq!(turn.choose(&[FREE, FREE]), Some(1));
    }

    #[test]
    fn over_any_number_of_connections_no_two_workers_differ_by_more_than_one() {
        for workers in 1..9 {
            let mut turn = Turn::default();
            let mut dealt = vec![0_u32; workers];
            for _ in 0..1000 {
                dealt[turn.choose(&vec![FREE; workers]).unwrap()] += 1;
                let (least, most) = (dealt.iter().min().unwrap(), dealt.iter().max().unwrap());
                assert!(most - least <= 1, "{dealt:?}");
            }
        }
    }
}
