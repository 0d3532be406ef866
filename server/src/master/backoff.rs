//! How long to wait before a dead process is replaced: not at all, unless it dies young again and
//! again.

use std::time::{Duration, Instant};

use crate::chance;

/// A process that lives shorter than this died young.
const YOUNG: Duration = Duration::from_secs(1);

/// Young deaths in a row that are replaced at once.
const AT_ONCE: u32 = 3;

/// The first wait after those; each further young death doubles it.
const FIRST: Duration = Duration::from_millis(100);

const LONGEST: Duration = Duration::from_secs(10);

/// The part of a wait that is left to chance, so that workers which died together do not all come
/// back together.
const JITTER: f64 = 0.25;

/// The least wait after a fork that failed: it says that the system is short of something.
const FORK_PAUSE: Duration = Duration::from_millis(100);

/// Counts young deaths in a row, and says when the next process is due.
#[derive(Debug, Clone)]
pub(super) struct Backoff {
    young_deaths: u32,
    due: Instant,
}

impl Backoff {
    /// The first process is due at once.
    pub fn new() -> Self {
        Self { young_deaths: 0, due: Instant::now() }
    }

    pub fn due(&self) -> Instant {
        self.due
    }

    pub fn is_due(&self) -> bool {
        self.due <= Instant::now()
    }

    pub fn retry_now(&mut self) {
        self.due = Instant::now();
    }

    /// Makes the next process due a little later.
    pub fn retry_soon(&mut self) {
        self.due = Instant::now() + FORK_PAUSE;
    }

    pub fn after_death(&mut self, life: Duration) {
        self.due = Instant::now() + self.wait_after(life, chance::unit());
    }

    pub fn after_failed_fork(&mut self) {
        let wait = self.wait_after(Duration::ZERO, chance::unit());
        self.due = Instant::now() + wait.max(FORK_PAUSE);
    }

    /// Counts a death after `life`, and returns how long to wait before the replacement; by
    /// `chance`, from 0 to 1, up to a quarter less than the full wait.
    fn wait_after(&mut self, life: Duration, chance: f64) -> Duration {
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
        let mut backoff = Backoff::new();
        let waits: Vec<_> = (0..6).map(|_| backoff.wait_after(SOON, 0.0).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 100, 200, 400]);
    }

    #[test]
    fn the_wait_has_an_upper_bound() {
        let mut backoff = Backoff::new();
        let longest = (0..100).map(|_| backoff.wait_after(SOON, 0.0)).max();
        assert_eq!(longest, Some(LONGEST));
    }

    #[test]
    fn chance_takes_up_to_a_quarter_off_the_wait() {
        let mut backoff = Backoff { young_deaths: AT_ONCE, ..Backoff::new() };
        assert_eq!(backoff.clone().wait_after(SOON, 1.0), Duration::from_millis(75));
        assert_eq!(backoff.wait_after(SOON, 0.5), Duration::from_micros(87_500));
    }

    #[test]
    fn a_worker_that_lived_long_starts_afresh() {
        let mut backoff = Backoff::new();
        for _ in 0..10 {
            backoff.wait_after(SOON, 0.0);
        }
        assert_eq!(backoff.wait_after(YOUNG, 0.0), Duration::ZERO);
        assert_eq!(backoff.wait_after(SOON, 0.0), Duration::ZERO);
    }
}
