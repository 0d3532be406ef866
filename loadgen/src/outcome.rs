//! The classes in which a request can end: every request ends in exactly one.

use std::io;

use serde::Serialize;

named_enum! {
    /// How a request ended. Programs read its name as in a result's `errors`: `closed_early`.
    #[derive(Hash, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Outcome {
        /// A whole answer with a 2xx status.
        Ok = "ok",
        /// A whole answer with another status.
        Status = "status not 2xx",
        /// The connection that it needed was refused (`ECONNREFUSED`).
        Refused = "refused",
        /// The connection could not be made for another reason (no route, no local port, …).
        Connect = "cannot connect",
        /// The connection was not made within the timeout.
        ConnectTimeout = "connect timeout",
        /// No whole answer within the timeout.
        Timeout = "timeout",
        /// The peer reset the connection.
        Reset = "reset",
        /// The peer closed the connection before a whole answer had come.
        ClosedEarly = "closed early",
        /// What came was not an HTTP/1.x answer, or not of the length that it announced.
        Protocol = "protocol error",
        /// Still without an answer when the run was cut short.
        Unanswered = "unanswered",
    }
}

impl Outcome {
    /// Whether a whole answer came.
    #[must_use]
    pub fn answered(self) -> bool {
        matches!(self, Self::Ok | Self::Status)
    }

    /// The class of a whole answer with this status.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        if (200..300).contains(&status) { Self::Ok } else { Self::Status }
    }

    /// The class of an error while a connection was being made.
    #[must_use]
    pub fn of_connect_error(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut => Self::ConnectTimeout,
            _ => Self::Connect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_hundreds_are_good() {
        assert_eq!(Outcome::of_status(200), Outcome::Ok);
        assert_eq!(Outcome::of_status(204), Outcome::Ok);
        assert_eq!(Outcome::of_status(301), Outcome::Status);
        assert_eq!(Outcome::of_status(500), Outcome::Status);
    }

    #[test]
    fn the_numbers_follow_the_list() {
        for (number, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, number);
        }
    }
}
