//! How long to wait before a dead worker is replaced: not at all, unless it dies young again and
//! again.

use std::time::Duration;

/// A process that lives shorter than this died young.
const YOUNG: Duration = Duration::from_secs(1);

/// Young deaths in a row that are replaced at once.
const AT_ONCE: u32 = 3;

/// The first wait after those; each further young death doubles it.
const FIRST: Duration = Duration::from_millis(100);

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(10);

/// Counts young deaths in a row of one worker.
#[derive(Debug, Clone, Default)]
pub(super) struct Backoff {
    young_deaths: u32,
}

impl Backoff {
    /// Takes note of a death after `life`, and says how long to wait before the replacement.
    pub fn after_death(&mut self, life: Duration) -> Duration {
        if life >= YOUNG {
            self.young_deaths = 0;
            return Duration::ZERO;
        }
        self.young_deaths = self.young_deaths.saturating_add(1);
        match self.young_deaths.checked_sub(AT_ONCE + 1) {
            None => Duration::ZERO,
            Some(doublings) => FIRST.saturating_mul(1 << doublings.min(16)).min(LONGEST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(5);

    #[test]
    fn the_first_deaths_are_replaced_at_once_and_the_next_ever_later() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..6).map(|_| backoff.after_death(SOON).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 100, 200, 400]);
    }

    #[test]
    fn the_wait_has_an_upper_bound() {
        let mut backoff = Backoff::default();
        let longest = (0..100).map(|_| backoff.after_death(SOON)).max();
        assert_eq!(longest, Some(LONGEST));
    }

    #[test]
    fn a_worker_that_lived_long_starts_afresh() {
        let mut backoff = Backoff::default();
        for _ in 0..10 {
            backoff.after_death(SOON);
        }
        assert_eq!(backoff.after_death(YOUNG), Duration::ZERO);
        assert_eq!(backoff.after_death(SOON), Duration::ZERO);
    }
}
