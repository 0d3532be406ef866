//! The instants of a request's life, in nanoseconds of the run's clock.

/// The instants of a request's life, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the other fields are what they are called")]
pub struct Timestamps {
    pub begin: u64,
    pub sent: u64,
    /// When the wait returned that brought its answer.
    pub woken: u64,
    pub end: u64,
}
