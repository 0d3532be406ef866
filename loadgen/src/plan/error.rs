//! Why a plan cannot be carried out.

/// Why a plan cannot be carried out: one line that says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Zero connections.
    #[error("zero connections cannot send anything; give at least 1")]
    NoConnections,
    /// Zero threads.
    #[error("zero threads cannot send anything; give at least 1")]
    NoThreads,
    /// More threads than connections.
    #[error(
        "{threads} threads cannot share {connections} connections; \
         give at most as many threads as connections"
    )]
    IdleThreads {
        /// Threads asked for.
        threads: u32,
        /// Connections asked for.
        connections: u32,
    },
    /// Zero requests or no time.
    #[error("a measurement of nothing; give at least one request or a duration above zero")]
    Empty,
    /// Beyond what the clock and the histogram are made for.
    #[error("a duration, warm-up or timeout above a day; give at most 24h")]
    TooLong,
    /// A timeout of zero.
    #[error("a timeout of zero would fail every request; give 1ms or more")]
    NoTimeout,
    /// Zero requests a connection.
    #[error("a connection for zero requests; give at least 1")]
    NoRequests,
    /// A depth of zero, or one that no server would bear.
    #[error("a pipeline of {0}; give 1 (no pipelining) to 1000")]
    Pipeline(u32),
    /// A rate that makes no schedule.
    #[error(
        "a rate must be above zero and at most a billion requests a second; give one such as 1000"
    )]
    Rate,
    /// A method that is none.
    #[error("'{0}' is not a method; give one such as GET, HEAD or POST")]
    Method(String),
    /// TLS or HTTP/2 with an engine that has neither.
    #[error("engine {0} speaks plain HTTP/1.1 only: give --engine reqwest, or auto, for {1}")]
    PlainOnly(&'static str, &'static str),
    /// An engine of the feature `clients`, which is not in this build.
    #[error("this build has no client library, which {0} needs: build it with its usual features")]
    NotBuilt(&'static str),
    /// Several requests at a time on a connection with a client library.
    #[error(
        "engine {0} has one request under way on a connection of HTTP/1.1: \
         give --pipeline 1, --engine auto, or --http2 with connections that stay"
    )]
    OneAtATime(&'static str),
    /// Steering of connections that do not stay, or by a library that keeps them to itself.
    #[error("--steer needs connections that stay, and an engine other than reqwest")]
    Unsteered,
    /// Spinning with a client library.
    #[error("engine {0} leaves the waiting to its runtime: give --engine auto, or no --spin")]
    NoSpin(&'static str),
    /// Spinning where there is no core for it.
    #[error(
        "spinning needs a CPU for each thread and one left over for everybody else; \
         give --cpus with at least {0} CPUs, fewer than the machine has, or leave --spin out"
    )]
    Spin(u32),
}
