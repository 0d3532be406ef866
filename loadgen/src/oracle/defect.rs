//! What load generators in the field got wrong, to be seeded one at a time.

/// A defect of an estimator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Latency runs from the send, so that waiting for a connection is nobody's.
    LateStamp,
    /// Latency runs from the wake-up, so that the generator's own lateness is nobody's.
    WakeStamp,
    /// Service latency runs from the due time, so that the generator's lateness is the server's.
    LagAsService,
    /// Due times that passed while the generator was late are skipped.
    SkippedTicks,
    /// After a stop at most a few of the requests that came due are sent.
    CappedCatchUp,
    /// All requests of a second are sent at its beginning.
    BurstASecond,
    /// Requests that timed out are not in the distribution.
    TimeoutsLeftOut,
    /// Requests that were due and never answered are not counted.
    UnansweredDropped,
    /// A connection's loss does not end the request that was under way on it.
    LossUnseen,
    /// A refused attempt is made again and not counted.
    RetriesUncounted,
    /// An answer with a bad status is a good answer.
    AnyStatusIsGood,
    /// Only the first requests are in the distribution.
    FirstOnesOnly,
    /// Milliseconds are taken for microseconds.
    WrongUnit,
    /// Percentiles of two threads are averaged.
    AveragedPercentiles,
    /// The distribution is filled up as if the observed mean were the intended interval.
    BackFilled,
    /// The warm-up is measured, too.
    WarmUpMeasured,
    /// A request that ends after the window is not counted.
    TailCut,
}

impl Defect {
    pub const ALL: [Self; 17] = [
        Self::LateStamp,
        Self::WakeStamp,
        Self::LagAsService,
        Self::SkippedTicks,
        Self::CappedCatchUp,
        Self::BurstASecond,
        Self::TimeoutsLeftOut,
        Self::UnansweredDropped,
        Self::LossUnseen,
        Self::RetriesUncounted,
        Self::AnyStatusIsGood,
        Self::FirstOnesOnly,
        Self::WrongUnit,
        Self::AveragedPercentiles,
        Self::BackFilled,
        Self::WarmUpMeasured,
        Self::TailCut,
    ];
}
