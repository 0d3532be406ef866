//! `reuseport`: a listening socket a worker, and the kernel's hash chooses.
//!
//! | who binds | who accepts | who chooses |
//! |---|---|---|
//! | the master, one socket a worker | each worker its own | the kernel, by a hash of the addresses |
//!
//! The sockets form one `SO_REUSEPORT` group. They are the master's: when a worker dies, its queue
//! waits for the replacement, which inherits the same socket. The hash is fair only on average: of
//! C connections a worker's share varies by about √((k−1)/C) of its mean among k workers, which one
//! sees with few connections.

use super::Intake;

/// Listening sockets that the master binds.
pub(super) fn sockets(workers: u32) -> u32 {
    workers
}

/// Worker `id` (from 1) owns the socket with index `id − 1`.
pub(super) fn intake(id: u32) -> Intake {
    Intake::Socket(id as usize - 1)
}
