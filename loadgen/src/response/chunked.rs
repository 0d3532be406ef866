//! Finding the end of a chunked body (RFC 9112, section 7.1), byte by byte where lines are,
//! by length where data is.

use std::ops::Range;

use super::ProtocolError;

/// Where in a chunked body the input stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunked {
    /// In a size; `digits` of it were read.
    Size {
        size: u64,
        digits: u8,
    },
    /// In what follows a size on its line: spaces, an extension.
    Extension {
        size: u64,
    },
    /// Before the line feed of a size line.
    SizeEnd {
        size: u64,
    },
    /// In data, with this many bytes to come.
    Data(u64),
    /// Before the carriage return after the data.
    DataReturn,
    /// Before the line feed after the data.
    DataEnd,
    /// At the beginning of a line of the trailer.
    Trailer,
    TrailerLine,
    /// Before the last line feed of all.
    LastEnd,
}

impl Default for Chunked {
    fn default() -> Self {
        Self::Size { size: 0, digits: 0 }
    }
}

impl Chunked {
    /// Takes `input` up to the end of a stretch of data or of the body. Returns how many bytes were
    /// used, which of them are data, and whether the body is whole.
    pub fn advance(&mut self, input: &[u8]) -> Result<(usize, Range<usize>, bool), ProtocolError> {
        for (at, &byte) in input.iter().enumerate() {
            if let Self::Data(remaining) = *self {
                let rest = input.len() - at;
                let here = usize::try_from(remaining).map_or(rest, |r| r.min(rest));
                let left = remaining - here as u64;
                *self = if left == 0 { Self::DataReturn } else { Self::Data(left) };
                return Ok((at + here, at..at + here, false));
            }
            *self = match (*self, byte) {
                (Self::LastEnd, b'\n') => {
                    *self = Self::default();
                    return Ok((at + 1, 0..0, true));
                }
                (state, byte) => state.step(byte)?,
            };
        }
        Ok((input.len(), 0..0, false))
    }

    /// The state after one byte outside data.
    fn step(self, byte: u8) -> Result<Self, ProtocolError> {
        Ok(match (self, byte) {
            (Self::Size { size, digits }, byte) if byte.is_ascii_hexdigit() => {
                let digit = (byte as char).to_digit(16).ok_or(ProtocolError::Chunk)?;
                if digits == 16 {
                    return Err(ProtocolError::Chunk);
                }
                Self::Size { size: size << 4 | u64::from(digit), digits: digits + 1 }
            }
            (Self::Size { digits: 0, .. }, _) | (Self::Extension { .. }, b'\n') => {
                return Err(ProtocolError::Chunk);
            }
            (Self::Size { size, .. } | Self::Extension { size }, b'\r') => Self::SizeEnd { size },
            (Self::Size { size, .. }, b';' | b' ' | b'\t') | (Self::Extension { size }, _) => {
                Self::Extension { size }
            }
            (Self::SizeEnd { size: 0 } | Self::TrailerLine, b'\n') => Self::Trailer,
            (Self::SizeEnd { size }, b'\n') => Self::Data(size),
            (Self::DataReturn, b'\r') => Self::DataEnd,
            (Self::DataEnd, b'\n') => Self::default(),
            (Self::Trailer, b'\r') => Self::LastEnd,
            (Self::Trailer | Self::TrailerLine, _) => Self::TrailerLine,
            _ => return Err(ProtocolError::Chunk),
        })
    }
}
