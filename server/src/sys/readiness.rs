//! Descriptors that a worker's runtime waits for.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::signal::Signals;

/// Something that owns its descriptor: it stays open, and the same, for as long as the value lives.
pub(crate) trait OwnsDescriptor: AsRawFd {}

impl OwnsDescriptor for OwnedFd {}
impl OwnsDescriptor for Signals {}

/// Registers a descriptor with the runtime that this is called in.
pub(crate) fn watched<T: OwnsDescriptor>(owner: T, interest: Interest) -> io::Result<AsyncFd<T>> {
    // SAFETY: the owner keeps its descriptor open until it is dropped, and the `AsyncFd` deregisters
    // it before that.
    let registered = unsafe { AsyncFd::register_with_interest(owner, interest) };
    registered.map_err(Into::into)
}
