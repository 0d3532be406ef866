//! Reading answers: an incremental parser that finds where each answer ends (RFC 9112, section 6).
//!
//! It takes bytes as they come, in pieces of any size, several answers in a piece. Bodies are
//! skipped, never stored, but for the first bytes of one whose head names no worker. A server's
//! heads are mostly the same from one answer to the next: a head that equals the last one byte for
//! byte has the same meaning and is not parsed again.

mod chunked;
mod head;

use crate::worker::WorkerKey;
use chunked::Chunked;
use head::{Framing, Head};

/// The longest head that is accepted, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// How much of a body is looked at for a worker's mark, in bytes.
pub(crate) const BODY_PEEK: usize = 256;

/// One whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Whether the connection may carry another request.
    pub keep_alive: bool,
    /// Who answered.
    pub worker: WorkerKey,
}

/// What came is not an HTTP/1.x answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what is wrong")]
pub enum ProtocolError {
    #[error("the answer's head is malformed")]
    Head,
    #[error("the answer's head is too long")]
    TooLong,
    #[error("a chunk of the body is malformed")]
    Chunk,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    /// Before or within a head.
    #[default]
    Head,
    /// This many bytes of the body are still to come.
    Fixed(u64),
    /// Within a chunked body.
    Chunked(Chunked),
    /// The body ends with the connection.
    UntilClose,
}

/// The parser of one connection's input.
#[derive(Debug, Default)]
pub struct Parser {
    bodiless: bool,
    state: State,
    head: Head,
    /// The bytes of `head`.
    memo: Vec<u8>,
    /// The first bytes of the body, when the head names no worker.
    peek: Vec<u8>,
}

impl Parser {
    /// A parser for the answers to requests of one method; `bodiless` for `HEAD`, whose answers
    /// have no body whatever their head says.
    #[must_use]
    pub fn new(bodiless: bool) -> Self {
        Self { bodiless, ..Self::default() }
    }

    /// Forgets an answer that is under way, for a new connection.
    pub fn reset(&mut self) {
        self.state = State::Head;
        self.peek.clear();
    }

    /// Whether an answer has begun and not ended.
    #[must_use]
    pub fn is_within_answer(&self) -> bool {
        !matches!(self.state, State::Head)
    }

    /// Takes `input` as far as one answer goes. Returns how many bytes were used and the answer if
    /// it is whole; without one, the bytes not used must be given again with what follows them.
    ///
    /// # Errors
    /// [`ProtocolError`]; the connection cannot be used after it.
    pub fn advance(&mut self, input: &[u8]) -> Result<(usize, Option<Answer>), ProtocolError> {
        let mut used = 0;
        loop {
            let rest = &input[used..];
            match &mut self.state {
                State::Head => match self.take_head(rest)? {
                    Some(length) => used += length,
                    None => return Ok((used, None)),
                },
                State::Fixed(0) => return Ok((used, Some(self.finish()))),
                State::Fixed(remaining) => {
                    let here =
                        usize::try_from(*remaining).map_or(rest.len(), |r| r.min(rest.len()));
                    *remaining -= here as u64;
                    used += here;
                    self.look_at(&rest[..here]);
                    if matches!(self.state, State::Fixed(1..)) {
                        return Ok((used, None));
                    }
                }
                State::Chunked(chunked) => {
                    let (length, data, done) = chunked.advance(rest)?;
                    used += length;
                    self.look_at(&rest[data]);
                    if done {
                        return Ok((used, Some(self.finish())));
                    }
                    if used == input.len() {
                        return Ok((used, None));
                    }
                }
                State::UntilClose => {
                    self.look_at(rest);
                    return Ok((input.len(), None));
                }
            }
        }
    }

    /// The peer closed the connection: the answer, if its body was to end so.
    pub fn close(&mut self) -> Option<Answer> {
        matches!(self.state, State::UntilClose).then(|| self.finish())
    }

    /// Takes a whole head from the beginning of `input`; `None` when it is not whole yet.
    fn take_head(&mut self, input: &[u8]) -> Result<Option<usize>, ProtocolError> {
        if self.memo.is_empty() || !input.starts_with(&self.memo) {
            let Some((head, length)) = head::parse(input, self.bodiless)? else {
                return if input.len() > MAX_HEAD { Err(ProtocolError::TooLong) } else { Ok(None) };
            };
            self.head = head;
            self.memo.clear();
            self.memo.extend_from_slice(&input[..length]);
        }
        self.state = match self.head.framing {
            Framing::Interim => State::Head,
            Framing::None => State::Fixed(0),
            Framing::Length(length) => State::Fixed(length),
            Framing::Chunked => State::Chunked(Chunked::default()),
            Framing::UntilClose => State::UntilClose,
        };
        Ok(Some(self.memo.len()))
    }

    /// Keeps the first bytes of a body that may name the worker.
    fn look_at(&mut self, body: &[u8]) {
        if self.head.worker.is_unknown() && self.peek.len() < BODY_PEEK {
            let length = body.len().min(BODY_PEEK - self.peek.len());
            self.peek.extend_from_slice(&body[..length]);
        }
    }

    fn finish(&mut self) -> Answer {
        self.state = State::Head;
        let worker = if self.head.worker.is_unknown() {
            let found = WorkerKey::in_body(&self.peek);
            self.peek.clear();
            found
        } else {
            self.head.worker
        };
        Answer { status: self.head.status, keep_alive: self.head.keep_alive, worker }
    }
}

#[cfg(test)]
mod tests;
