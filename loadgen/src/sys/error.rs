//! The error of a system call, with the call's name.

use std::io;

/// A system call, or a library's in its place, that failed.
#[derive(Debug, thiserror::Error)]
#[error("{call}: {source}")]
pub struct SysError {
    /// The call.
    pub call: &'static str,
    /// How it failed.
    pub source: io::Error,
}

impl SysError {
    /// For `map_err`: names the call.
    pub(crate) fn of<E: Into<io::Error>>(call: &'static str) -> impl Fn(E) -> Self {
        move |source| Self { call, source: source.into() }
    }
}
