//! The kernel's side: the only place with `unsafe`, raw descriptors and `nix`.
//!
//! Hands out [`std::os::fd::OwnedFd`] and errors that name the system call.

pub(crate) mod activation;
pub(crate) mod clock;
pub mod fdpass;
pub(crate) mod notify;
pub(crate) mod poll;
pub mod process;
pub(crate) mod readiness;
pub(crate) mod reuseport_bpf;
pub(crate) mod shared_memory;
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod unix;

pub use nix::errno::Errno;

/// A system call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {}", errno.desc())]
pub struct SysError {
    /// The call's name as in section 2 of the manual.
    pub call: &'static str,
    /// The system's reason.
    pub errno: Errno,
}

impl From<SysError> for std::io::Error {
    fn from(error: SysError) -> Self {
        Self::other(error)
    }
}

/// Names the system call behind an error.
pub(crate) trait Named<T> {
    /// Turns the bare error into one that says which call it was.
    fn named(self, call: &'static str) -> Result<T, SysError>;
}

impl<T> Named<T> for nix::Result<T> {
    fn named(self, call: &'static str) -> Result<T, SysError> {
        self.map_err(|errno| SysError { call, errno })
    }
}
