//! Why a plan cannot be carried out.

/// Why a plan cannot be carried out: one line that says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what is wrong")]
pub enum PlanError {
    #[error("zero connections cannot send anything; give at least 1")]
    NoConnections,
    #[error("zero threads cannot send anything; give at least 1")]
    NoThreads,
    #[error(
        "{threads} threads cannot share {connections} connections; \
         give at most as many threads as connections"
    )]
    IdleThreads { threads: u32, connections: u32 },
    #[error("a measurement of nothing; give at least one request or a duration above zero")]
    Empty,
    #[error("a duration, warm-up or timeout above a day; give at most 24h")]
    TooLong,
    #[error("a timeout of zero would fail every request; give 1ms or more")]
    NoTimeout,
    #[error("a connection for zero requests; give at least 1")]
    NoRequests,
    #[error("a pipeline of {0}; give 1 (no pipelining) to 1000")]
    Pipeline(u32),
    #[error(
        "a rate must be above zero and at most a billion requests a second; give one such as 1000"
    )]
    Rate,
    #[error("'{0}' is not a method; give one such as GET, HEAD or POST")]
    Method(String),
    #[error("engine {0} speaks plain HTTP/1.1 only: give --engine reqwest, or auto, for {1}")]
    PlainOnly(&'static str, &'static str),
    #[error("this build has no client library, which {0} needs: build it with its usual features")]
    NotBuilt(&'static str),
    #[error(
        "engine {0} has one request under way on a connection of HTTP/1.1: \
         give --pipeline 1, --engine auto, or --http2 with connections that stay"
    )]
    OneAtATime(&'static str),
    #[error("--steer needs connections that stay, and an engine other than reqwest")]
    Unsteered,
    #[error("engine {0} leaves the waiting to its runtime: give --engine auto, or no --spin")]
    NoSpin(&'static str),
    #[error(
        "spinning needs a CPU for each thread and one left over for everybody else; \
         give --cpus with at least {0} CPUs, fewer than the machine has, or leave --spin out"
    )]
    Spin(u32),
}
