//! How a client library's error is booked: its chain of causes says which class it is.

use std::error::Error;
use std::io;
use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};

use crate::engine::shift::Shift;
use crate::outcome::Outcome;

#[derive(Debug)]
pub(crate) struct Failure {
    pub outcome: Outcome,
    /// The system's error number, where there is one.
    pub errno: Option<i32>,
    /// Why no connection could be made, if that was it: the next attempt waits a little.
    pub connecting: Option<io::Error>,
}

impl Failure {
    pub fn to_connect(error: &(dyn Error + 'static)) -> Self {
        let system = find::<io::Error>(error);
        let errno = system.and_then(io::Error::raw_os_error);
        let other = || io::Error::other(root(error).to_string());
        Self {
            errno,
            connecting: Some(errno.map_or_else(other, io::Error::from_raw_os_error)),
            ..Self::plain(system.map_or(Outcome::Connect, Outcome::of_connect_error))
        }
    }

    pub fn to_answer(error: &(dyn Error + 'static)) -> Self {
        let system = find::<io::Error>(error);
        let hyper = find::<hyper::Error>(error);
        let outcome = match (system.map(io::Error::kind), hyper) {
            (Some(ConnectionReset | BrokenPipe | ConnectionAborted), _) => Outcome::Reset,
            (Some(UnexpectedEof), _) => Outcome::ClosedEarly,
            (_, Some(error)) if error.is_incomplete_message() || error.is_canceled() => {
                Outcome::ClosedEarly
            }
            _ => Outcome::Protocol,
        };
        Self { errno: system.and_then(io::Error::raw_os_error), ..Self::plain(outcome) }
    }

    /// It was waited for long enough, on a connection or for one.
    pub fn timed_out(connecting: bool) -> Self {
        Self::plain(Shift::timed_out(!connecting))
    }

    fn plain(outcome: Outcome) -> Self {
        Self { outcome, errno: None, connecting: None }
    }
}

/// The last error of a type in a chain of causes.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |error| cause(*error))
        .filter_map(|error| error.downcast_ref::<E>())
        .last()
}

fn root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    std::iter::successors(Some(error), |error| cause(*error)).last().unwrap_or(error)
}

/// The next error of a chain. An [`io::Error`] that wraps another one is asked for that: its own
/// `source` skips it.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match within {
        Some(within) => Some(within),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_decides_however_deep_it_lies() {
        let reset = || io::Error::from_raw_os_error(libc::ECONNRESET);
        for error in [reset(), io::Error::other(reset())] {
            let failure = Failure::to_answer(&error);
            assert_eq!(failure.outcome, Outcome::Reset);
            assert_eq!(failure.errno, Some(libc::ECONNRESET));
        }
        let refused = io::Error::from_raw_os_error(libc::ECONNREFUSED);
        let failure = Failure::to_connect(&io::Error::other(refused));
        assert_eq!(failure.outcome, Outcome::Refused);
        assert_eq!(failure.connecting.unwrap().kind(), io::ErrorKind::ConnectionRefused);
        let cut = io::Error::new(io::ErrorKind::UnexpectedEof, "cut");
        assert_eq!(Failure::to_answer(&cut).outcome, Outcome::ClosedEarly);
    }
}
