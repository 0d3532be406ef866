//! The guard: looks at every byte that a client sends before hyper does, and lets only well-formed
//! requests within the limits through.
//!
//! hyper is silently lenient: it drops a Content-Length beside a Transfer-Encoding, and a handler never
//! learns of an attempt to smuggle a request. So a head passes whole once it has been checked, a body
//! byte by byte, and nothing that is refused. Pure: it neither reads nor waits ([`super::stream`] does).

use super::chunked::Chunked;
use super::head::{Framing, HeadReader};
use super::limits::Limits;
use super::refusal::Refusal;

/// Follows what one client sends.
#[derive(Debug, Clone)]
pub struct Guard {
    limits: Limits,
    at: At,
    requests: u64,
    /// Whether the last request that passed was a plain one.
    last_was_plain: bool,
    /// The last short head without a body: clients send the same bytes again and again.
    known: Vec<u8>,
    /// Whether that was a plain one.
    known_is_plain: bool,
}

/// The longest head that is remembered, in bytes.
const LONGEST_KNOWN: usize = 512;

/// Where in a message the next byte is.
#[derive(Debug, Clone, Copy)]
enum At {
    Head(HeadReader),
    /// In a body with so many bytes left.
    Body(u64),
    Chunks(Chunked),
    /// Behind a request that was refused.
    Refused(Refusal),
}

/// What part of a message a client is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// In none: between two requests.
    Between,
    /// Its head has begun.
    Head,
    /// Its head is whole and the rest is not.
    Body,
}

/// What came of looking at some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// So many of them, from the first, may go on. The others are to be shown again, with more
    /// behind them.
    pub pass: usize,
    /// Set once the request behind those is refused; then nothing ever passes again.
    pub refused: Option<Refusal>,
}

impl Guard {
    /// A guard for a new connection.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let at = At::Head(HeadReader::default());
        let (last_was_plain, known, known_is_plain) = (false, Vec::new(), false);
        Self { limits, at, requests: 0, last_was_plain, known, known_is_plain }
    }

    /// Looks at what has come: what was shown before and did not pass, and more.
    pub fn check(&mut self, bytes: &[u8]) -> Checked {
        let mut pass = 0;
        while pass < bytes.len() {
            let rest = &bytes[pass..];
            match &mut self.at {
                At::Head(head) if head.is_empty() && rest == self.known => {
                    pass += rest.len();
                    self.requests += 1;
                    self.last_was_plain = self.known_is_plain;
                }
                At::Head(head) => match head.read(rest, &self.limits) {
                    Ok(Some((length, framing))) => {
                        pass += length;
                        self.last_was_plain = head.is_plain() && framing == Framing::None;
                        if framing == Framing::None && length <= LONGEST_KNOWN {
                            self.known.clear();
                            self.known.extend_from_slice(&rest[..length]);
                            self.known_is_plain = self.last_was_plain;
                        }
                        self.begin_body(framing);
                    }
                    Ok(None) => break,
                    Err(refusal) => self.at = At::Refused(refusal),
                },
                At::Body(left) => {
                    let step = (*left).min(rest.len() as u64);
                    pass += step as usize;
                    *left -= step;
                    if *left == 0 {
                        self.end_request();
                    }
                }
                At::Chunks(chunks) => {
                    let followed = chunks.follow(rest, &self.limits);
                    pass += followed.bytes;
                    match followed.end {
                        Ok(true) => self.end_request(),
                        Ok(false) => {}
                        Err(refusal) => self.at = At::Refused(refusal),
                    }
                }
                At::Refused(_) => break,
            }
        }
        Checked { pass, refused: self.refusal() }
    }

    /// Why nothing passes any more, if nothing does.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self.at {
            At::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// What part of a message has been seen last.
    pub(crate) fn part(&self) -> Part {
        match &self.at {
            At::Head(head) if !head.is_empty() => Part::Head,
            At::Head(_) | At::Refused(_) => Part::Between,
            At::Body(_) | At::Chunks(_) => Part::Body,
        }
    }

    /// How many requests have passed whole.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Whether the last request that passed was a GET of HTTP/1.1 without a body that said nothing
    /// of the connection.
    pub(crate) fn last_was_plain(&self) -> bool {
        self.last_was_plain
    }

    fn begin_body(&mut self, framing: Framing) {
        match framing {
            Framing::None => self.end_request(),
            Framing::Length(length) => self.at = At::Body(length),
            Framing::Chunked => self.at = At::Chunks(Chunked::default()),
        }
    }

    fn end_request(&mut self) {
        self.requests += 1;
        self.at = At::Head(HeadReader::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Guard, Checked) {
        let mut guard = Guard::new(Limits { head: 200, headers: 3, body: 10, ..Limits::default() });
        let checked = guard.check(text.as_bytes());
        (guard, checked)
    }

    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    #[test]
    fn whole_requests_pass_and_the_beginning_of_the_next_waits() {
        let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        let chunked =
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let text = format!("{GET}{post}\r\n{chunked}{GET}");
        let (guard, checked) = check(&format!("{text}GET /"));
        assert_eq!(checked, Checked { pass: text.len(), refused: None });
        assert_eq!((guard.requests(), guard.part()), (4, Part::Head));
    }

    #[test]
    fn a_head_that_is_known_is_read_as_if_it_were_not() {
        let mut guard = check(GET).0;
        let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n";
        guard.limits.body = 100;
        let head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
        let again = [(GET, true), (head, false), (head, false), (GET, true), (GET, true)];
        for (text, plain) in again.into_iter().chain([(post, false), (GET, false), (GET, true)]) {
            let requests = guard.requests();
            assert_eq!(guard.check(text.as_bytes()).pass, text.len(), "{text:?}");
            assert_eq!(guard.last_was_plain(), plain, "{text:?}");
            // The second GET is the body of what was posted.
            assert_eq!(guard.requests() - requests, u64::from(text != post), "{text:?}");
        }
        assert_eq!(guard.check(b"GET / HTTP/1.1\r\nHost: b\r\nHost: a\r\n\r\n").pass, 0);
    }

    #[test]
    fn what_was_good_before_a_refusal_passes_and_nothing_after_it() {
        let (mut guard, checked) = check(&format!("{GET}GET / HTTP/1.1\r\n\r\n{GET}"));
        let refused = Some(Refusal::NoHost);
        assert_eq!(checked, Checked { pass: GET.len(), refused });
        assert_eq!(guard.check(GET.as_bytes()), Checked { pass: 0, refused });
    }

    #[test]
    fn bodies_and_heads_are_held_to_the_limits() {
        let refusal = |text: &str| check(text).1.refused;
        let long = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n";
        assert_eq!(refusal(long), Some(Refusal::LargeBody));
        let fields = "GET / HTTP/1.1\r\nHost: a\r\na: b\r\na: b\r\na: b\r\n";
        assert_eq!(refusal(fields), Some(Refusal::ManyFields));
        let head = format!("GET / HTTP/1.1\r\nHost: {}", "a".repeat(200));
        assert_eq!(refusal(&head), Some(Refusal::LargeHead));
        let empty_lines = "\r\n".repeat(101);
        assert_eq!(refusal(&empty_lines), Some(Refusal::LargeHead));
    }

    #[test]
    fn what_is_no_http_at_all_is_refused_before_its_line_ends() {
        assert_eq!(check("\x16\x03\x01").1.refused, Some(Refusal::ControlByte));
        assert_eq!(check("GET / HTTP/1.1\r\nHost: a\0").1.refused, Some(Refusal::ControlByte));
        assert_eq!(check("GET / HTTP/1.1\rx").1.refused, Some(Refusal::LineEnd));
        assert_eq!(check("GET / HTTP/1.1\r").1.refused, None);
        let header = |value: &str| check(&format!("GET / HTTP/1.1\r\nA: {value}\r\n")).1.refused;
        assert_eq!(header("b\rc\0d"), Some(Refusal::LineEnd));
        assert_eq!(header("b\0c\rd"), Some(Refusal::ControlByte));
    }

    #[test]
    fn why_a_head_is_refused_does_not_depend_on_the_pieces_in_which_it_comes() {
        let long = "a".repeat(300);
        for text in [
            format!("GET /\0{long} HTTP/1.1\r\n"),
            format!("GET / HTTP/1.1\r\nA: {long}\0\r\n"),
            "GET /\x01 HTTP/2.0\r\n".into(),
            "GET /\ra".into(),
            "GET / HTTP/1.1\r\nA: b\rc\0\r\n".into(),
        ] {
            let (mut guard, text) = (check("").0, text.as_bytes());
            let first = (1..=text.len()).find_map(|end| guard.check(&text[..end]).refused);
            assert!(first.is_some());
            assert_eq!(check(std::str::from_utf8(text).unwrap()).1.refused, first, "{text:?}");
        }
    }
}
