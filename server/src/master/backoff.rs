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

/// The part of a wait that is left to chance, so that workers which died together do not all come
/// back together.
const JITTER: f64 = 0.25;

/// Counts young deaths in a row of one worker.
#[derive(Debug, Clone, Default)]
pub(super) struct Backoff {
    young_deaths: u32,
}

impl Backoff {
    /// Takes note of a death after `life`, and says how long to wait before the replacement; by
    /// `chance`, from 0 to 1, up to a quarter less than the full wait.
    pub fn after_death(&mut self, life: Duration, chance: f64) -> Duration {
        if life >= YOUNG {
            self.young_deaths = 0;
            return Duration::ZERO;
        }
        self.young_deaths = self.young_deaths.saturating_add(1);
        match self.young_deaths.checked_sub(AT_ONCE + 1) {
            None => Duration::ZERO,
            Some(doublings) => {
                let full = FIRST.saturating_mul(1 << doublings.min(16)).min(LONGEST);
                full.mul_f64(1.0 - JITTER * chance.clamp(0.0, 1.0))
            }
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
        let waits: Vec<_> = (0..6).map(|_| backoff.after_death(SOON, 0.0).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 100, 200, 400]);
    }

    #[test]
    fn the_wait_has_an_upper_bound() {
        let mut backoff = Backoff::default();
        let longest = (0..100).map(|_| backoff.after_death(SOON, 0.0)).max();
        assert_eq!(longest, Some(LONGEST));
    }

    #[test]
    fn chance_takes_up_to_a_quarter_off_the_wait() {
        let mut backoff = Backoff { young_deaths: AT_ONCE };
        assert_eq!(backoff.clone().after_death(SOON, 1.0), Duration::from_millis(75));
        assert_eq!(backoff.after_death(SOON, 0.5), Duration::from_micros(87_500));
    }

    #[test]
    fn a_worker_that_lived_long_starts_afresh() {
        let mut backoff = Backoff::default();
        for _ in 0..10 {
            backoff.after_death(SOON, 0.0);
        }
        assert_eq!(backoff.after_death(YOUNG, 0.0), Duration::ZERO);
        assert_eq!(backoff.after_death(SOON, 0.0), Duration::ZERO);
    }
}
