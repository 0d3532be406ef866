//! What load generators in the field got wrong, to be seeded one at a time.

named_enum! {
    /// A defect of an estimator; its name says what is wrong.
    pub enum Defect {
        LateStamp = "Latency runs from the send, which hides the wait for a connection",
        WakeStamp = "Latency runs from the wake-up, which hides the generator's own lateness",
        LagAsService = "Service latency runs from the due time and contains the generator's lag",
        SkippedTicks = "Due times that passed while the generator was late are skipped",
        CappedCatchUp = "After a stop at most a few of the requests that came due are sent",
        BurstASecond = "All requests of a second are sent at its beginning",
        TimeoutsLeftOut = "Requests that timed out are not in the distribution",
        UnansweredDropped = "Requests that were due and never answered are not counted",
        LossUnseen = "A connection's loss does not end the request that was under way on it",
        RetriesUncounted = "A refused attempt is made again and not counted",
        AnyStatusIsGood = "An answer with a bad status is a good answer",
        FirstOnesOnly = "Only the first requests are in the distribution",
        WrongUnit = "Milliseconds are taken for microseconds",
        AveragedPercentiles = "Percentiles of two threads are averaged",
        BackFilled = "The distribution is filled up as if the observed mean were the intended gap",
        WarmUpMeasured = "The warm-up is measured, too",
        TailCut = "A request that ends after the window is not counted",
    }
}
