//! The run's clock: nanoseconds since the run's beginning, monotonic, the same for all threads.

use std::time::{Duration, Instant};

/// The clock; a copy tells the same time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock that stands at zero now.
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// Nanoseconds since the start.
    pub fn now(&self) -> u64 {
        nanos(self.origin.elapsed())
    }
}

/// A duration in nanoseconds; one beyond 584 years is cut.
pub fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
