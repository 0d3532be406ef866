//! The meaning of an answer's head: how long its body is, whether the connection stays, and who
//! answered.

use super::ProtocolError;
use crate::worker::{WorkerKey, number};

/// More header lines than this are refused.
const MAX_HEADERS: usize = 128;

/// What a head says, as far as a load generator cares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    pub framing: Framing,
    /// Whether the connection may carry another request.
    pub keep_alive: bool,
    /// The worker that the head names.
    pub worker: WorkerKey,
}

/// How the end of the body is found (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Framing {
    /// An interim answer (1xx): the true one follows.
    Interim,
    #[default]
    None,
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads a head from the beginning of `input`; returns it with its length in bytes, or `None` when more
/// bytes are needed.
pub fn parse(input: &[u8], bodiless: bool) -> Result<Option<(Head, usize)>, ProtocolError> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut lines);
    let length = match response.parse(input) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(ProtocolError::Head),
    };
    let status = response.code.ok_or(ProtocolError::Head)?;
    let fields = Fields::read(response.headers)?;
    let framing = framing(status, bodiless, &fields)?;
    let keep_alive = match response.version {
        Some(0) => fields.keep_alive && !fields.close,
        _ => !fields.close,
    };
    let keep_alive = keep_alive && framing != Framing::UntilClose;
    Ok(Some((Head { status, framing, keep_alive, worker: fields.worker }, length)))
}

fn framing(status: u16, bodiless: bool, fields: &Fields) -> Result<Framing, ProtocolError> {
    Ok(match status {
        // No request of ours asks for another protocol.
        101 => return Err(ProtocolError::Head),
        100..200 => Framing::Interim,
        204 | 304 => Framing::None,
        _ if bodiless => Framing::None,
        // A transfer coding overrides a length.
        _ if fields.chunked == Some(true) => Framing::Chunked,
        _ if fields.chunked == Some(false) => Framing::UntilClose,
        _ => fields.length.map_or(Framing::UntilClose, Framing::Length),
    })
}

#[derive(Default)]
struct Fields {
    length: Option<u64>,
    /// Whether there is a transfer coding, and if so whether the last one is `chunked`.
    chunked: Option<bool>,
    close: bool,
    keep_alive: bool,
    worker: WorkerKey,
}

impl Fields {
    fn read(lines: &[httparse::Header<'_>]) -> Result<Self, ProtocolError> {
        let mut fields = Self::default();
        for line in lines {
            let name = line.name;
            if name.eq_ignore_ascii_case("content-length") {
                fields.add_length(line.value)?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                let last = elements(line.value).last().unwrap_or_default();
                fields.chunked = Some(last.eq_ignore_ascii_case(b"chunked"));
            } else if name.eq_ignore_ascii_case("connection") {
                for option in elements(line.value) {
                    fields.close |= option.eq_ignore_ascii_case(b"close");
                    fields.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                }
            } else if name.eq_ignore_ascii_case("x-worker-id") {
                fields.worker.id = number(line.value);
            } else if name.eq_ignore_ascii_case("x-worker-pid") {
                fields.worker.pid = number(line.value);
            }
        }
        Ok(fields)
    }

    /// A length may be repeated, but not contradicted (RFC 9110, section 8.6).
    fn add_length(&mut self, value: &[u8]) -> Result<(), ProtocolError> {
        for element in elements(value) {
            let digits = std::str::from_utf8(element).map_err(|_| ProtocolError::Head)?;
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(ProtocolError::Head);
            }
            let length = digits.parse().map_err(|_| ProtocolError::Head)?;
            if self.length.replace(length).is_some_and(|before| before != length) {
                return Err(ProtocolError::Head);
            }
        }
        Ok(())
    }
}

/// The elements of a comma-separated list.
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}
