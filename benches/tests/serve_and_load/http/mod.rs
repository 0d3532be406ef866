//! HTTP on real sockets: what is answered, what is refused, and when a connection ends.

mod bodies;
mod cases;
mod counts;
mod deliveries;
mod differential;
mod expectations;
mod flood;
mod half_close;
mod limits;
mod pipelining;
mod refusals;
mod resets;
mod slow;
mod too_many;
mod versions;
mod wire;
