//! The instants of a request's life, in nanoseconds of the run's clock.

/// The instants of a request's life, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamps {
    /// When it began.
    pub begin: u64,
    /// When it was sent.
    pub sent: u64,
    /// When the wait returned that brought its answer.
    pub woken: u64,
    /// When it ended.
    pub end: u64,
}
