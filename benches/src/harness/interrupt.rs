//! Ctrl-C: the first one asks the suite to stop in order, the second one ends it at once.
//!
//! What was finished is saved and drawn in the first case, and saved in the second: the record is
//! written after every trial. The children end in both: they die with the suite. Some programs send
//! a signal to a process and then to its group (`timeout` does): two within a moment are one.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Exit code of an interrupted run.
const INTERRUPTED: i32 = 130;

/// Signals so close together are one: no person is that fast.
const ONE: Duration = Duration::from_millis(100);

/// Whether the user wants to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches for SIGINT and SIGTERM from now on.
    ///
    /// # Errors
    /// The system's, when a handler cannot be installed or the watching thread not started.
    pub fn watch() -> io::Result<Self> {
        let interrupt = Self::default();
        let wanted = interrupt.clone();
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let watch = move || {
            let mut presses = Presses::default();
            for _ in &mut signals {
                if presses.is_second(Instant::now()) {
                    std::process::exit(INTERRUPTED);
                }
                wanted.0.store(true, Ordering::Relaxed);
            }
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(watch)?;
        Ok(interrupt)
    }

    /// Has everybody stop who heeds this one.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a signal has come.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// When the first signal came.
#[derive(Debug, Default)]
struct Presses(Option<Instant>);

impl Presses {
    /// Whether this signal is another one than the first.
    fn is_second(&mut self, now: Instant) -> bool {
        now.duration_since(*self.0.get_or_insert(now)) > ONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_signals_within_a_moment_are_one_and_a_later_one_is_the_second() {
        let (mut presses, first) = (Presses::default(), Instant::now());
        assert!(!presses.is_second(first));
        assert!(!presses.is_second(first + Duration::from_millis(3)));
        assert!(!presses.is_second(first + ONE));
        assert!(presses.is_second(first + ONE + Duration::from_millis(1)));
    }
}
