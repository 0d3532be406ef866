//! Reading a request's head line by line, as its bytes come, and finding where it ends.
//!
//! It keeps no fields: hyper parses the head again. It looks for what hyper forgives or hides (RFC
//! 9112, sections 2 to 6), so that two parties never disagree about where a request ends. Each line is
//! read once, however small its pieces. The rules for one line are in [`super::line`].

use memchr::memchr;

use super::bytes::is_value;
use super::limits::Limits;
use super::line::{Field, RequestLine};
use super::refusal::Refusal;

/// How a request's body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(u64),
    Chunked,
}

/// A head as far as it has been read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeadReader {
    /// Where the line begins that has not been read yet.
    line: usize,
    /// Up to where its end has been looked for.
    searched: usize,
    /// The request line, once it has been read.
    request: Option<RequestLine>,
    fields: usize,
    has_host: bool,
    length: Option<u64>,
    is_chunked: bool,
    has_connection: bool,
}

impl HeadReader {
    /// Whether not a single byte of the head has been seen.
    pub fn is_empty(&self) -> bool {
        self.searched == 0
    }

    /// Whether it asks for nothing but an answer: a GET of HTTP/1.1 that says nothing of the
    /// connection. To be asked once it is whole.
    pub fn is_plain(&self) -> bool {
        self.request.is_some_and(|request| request.is_get && request.is_1_1) && !self.has_connection
    }

    /// Reads on. `bytes` are all of the head that has come, from its first byte; gives the length of
    /// the head and the framing of the body once it is whole.
    pub fn read(
        &mut self,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Option<(usize, Framing)>, Refusal> {
        while let Some(found) = memchr(b'\n', &bytes[self.searched..]) {
            let end = self.searched + found;
            self.look_at(&bytes[..end], limits)?;
            if end >= limits.head {
                return Err(Refusal::LargeHead);
            }
            let line = &bytes[self.line..end];
            let Some(line) = line.strip_suffix(b"\r") else { return Err(Refusal::LineEnd) };
            (self.line, self.searched) = (end + 1, end + 1);
            if !line.is_empty() {
                self.take(line, limits)?;
            } else if let Some(request) = self.request {
                return Ok(Some((end + 1, self.framing(request, limits)?)));
            }
            // Empty lines before a request are passed over (RFC 9112, section 2.2).
        }
        self.look_at(bytes, limits)?;
        // A CR at the end is looked at again, with what follows it.
        self.searched = bytes.len() - usize::from(bytes.ends_with(b"\r"));
        Ok(None)
    }

    /// Looks at what is new in a line, from its first byte to its last: the first that is one too
    /// many or cannot be right decides. So what is no HTTP at all is refused at once, and why a head
    /// is refused does not depend on the pieces in which it comes.
    fn look_at(&self, bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
        let (most, too_long) = self.most(limits);
        let new = &bytes[self.searched..bytes.len().min(most)];
        let new = new.strip_suffix(b"\r").unwrap_or(new);
        if !is_value(new) {
            let bad = new.iter().find(|&&byte| !is_value(&[byte]));
            return Err(if bad == Some(&b'\r') { Refusal::LineEnd } else { Refusal::ControlByte });
        }
        if bytes.len() > most { Err(too_long) } else { Ok(()) }
    }

    /// How many bytes there may be before the LF of the current line, and why there are too many
    /// beyond.
    fn most(&self, limits: &Limits) -> (usize, Refusal) {
        let request_line = self.line + limits.request_line + 1;
        if self.request.is_none() && request_line <= limits.head {
            (request_line, Refusal::LongRequestLine)
        } else {
            (limits.head, Refusal::LargeHead)
        }
    }

    fn take(&mut self, line: &[u8], limits: &Limits) -> Result<(), Refusal> {
        let Some(request) = self.request else {
            self.request = Some(RequestLine::read(line)?);
            return Ok(());
        };
        self.fields += 1;
        if self.fields > limits.headers {
            return Err(Refusal::ManyFields);
        }
        match Field::read(line)? {
            Field::Host if self.has_host => return Err(Refusal::ManyHosts),
            Field::Host => self.has_host = true,
            Field::ContentLength(_) if self.length.is_some() => {
                return Err(Refusal::RepeatedLength);
            }
            Field::ContentLength(length) => self.length = Some(length),
            Field::Chunked if !request.is_1_1 => return Err(Refusal::OldCoding),
            Field::Chunked if self.is_chunked => return Err(Refusal::Coding),
            Field::Chunked => self.is_chunked = true,
            // An expectation in HTTP/1.0 is to be ignored (RFC 9110, section 10.1.1).
            Field::UnknownExpectation if request.is_1_1 => return Err(Refusal::Expectation),
            Field::Connection => self.has_connection = true,
            Field::UnknownExpectation | Field::Other => {}
        }
        Ok(())
    }

    fn framing(&self, request: RequestLine, limits: &Limits) -> Result<Framing, Refusal> {
        match (self.length, self.is_chunked) {
            _ if request.is_1_1 && !self.has_host => Err(Refusal::NoHost),
            (Some(_), true) => Err(Refusal::TwoLengths),
            (Some(length), false) if length > limits.body => Err(Refusal::LargeBody),
            (Some(0) | None, false) => Ok(Framing::None),
            (Some(length), false) => Ok(Framing::Length(length)),
            (None, true) => Ok(Framing::Chunked),
        }
    }
}
