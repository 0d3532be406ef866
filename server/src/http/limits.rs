//! How much a client may send, and how long it may take. Next: [`super::guard`], which holds it to
//! the sizes, and [`super::patience`], which holds it to the times.

use std::time::Duration;

/// Bounds on what one client may take up. Each has a flag of `serve` with the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request line without its CRLF, 64…65,536; beyond: 414.
    pub request_line: usize,
    /// Bytes of a request's head: request line, fields and the empty line, 128…1,048,576;
    /// beyond: 431. Trailers are held to it as well.
    pub head: usize,
    /// Header lines of a head, and of a trailer section, 1…1,000; beyond: 431.
    pub headers: usize,
    /// Bytes of a request's body, without the framing of chunks; beyond: 413.
    pub body: u64,
    /// From the first byte of a head to its last; beyond: 408.
    pub head_timeout: Duration,
    /// From the end of a head to the end of the body; beyond: 408.
    pub body_timeout: Duration,
    /// How long a client may take nothing of an answer that waits for it; then it is cut off.
    pub write_timeout: Duration,
    /// How long a connection may stay without a request; then it is closed. Before the first one it
    /// is as long as `head_timeout` if that is longer.
    pub idle_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_line: 8 << 10,
            head: 16 << 10,
            headers: 100,
            body: 1 << 20,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
        }
    }
}

/// A limit that is out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("--{flag} {value}: give {range}")]
pub struct LimitError {
    flag: &'static str,
    value: String,
    range: &'static str,
}

impl Limits {
    /// Checks that every limit is in its range.
    ///
    /// # Errors
    /// The first that is not, with the flag and the range.
    pub fn check(self) -> Result<Self, LimitError> {
        let size = |flag, value: usize, low, high, range| {
            let error = LimitError { flag, value: value.to_string(), range };
            if (low..=high).contains(&value) { Ok(()) } else { Err(error) }
        };
        size("max-request-line", self.request_line, 64, 65_536, "64 to 65536 bytes")?;
        size("max-head", self.head, 128, 1 << 20, "128 to 1048576 bytes")?;
        size("max-headers", self.headers, 1, 1000, "1 to 1000")?;
        let times = [
            ("head-timeout", self.head_timeout),
            ("body-timeout", self.body_timeout),
            ("write-timeout", self.write_timeout),
            ("idle-timeout", self.idle_timeout),
        ];
        let bounds = Duration::from_millis(10)..=Duration::from_secs(24 * 60 * 60);
        match times.into_iter().find(|(_, time)| !bounds.contains(time)) {
            Some((flag, time)) => {
                let value = humantime::format_duration(time).to_string();
                Err(LimitError { flag, value, range: "10ms to 1day" })
            }
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_ranges() {
        assert_eq!(Limits::default().check(), Ok(Limits::default()));
    }

    #[test]
    fn a_limit_out_of_range_is_named_with_its_range() {
        let refusal = |limits: Limits| limits.check().unwrap_err().to_string();
        let small = Limits { request_line: 63, ..Limits::default() };
        assert_eq!(refusal(small), "--max-request-line 63: give 64 to 65536 bytes");
        let never = Limits { idle_timeout: Duration::ZERO, ..Limits::default() };
        assert_eq!(refusal(never), "--idle-timeout 0s: give 10ms to 1day");
    }
}
