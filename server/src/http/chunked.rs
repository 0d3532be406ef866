//! Following a chunked body byte by byte (RFC 9112, section 7.1), without keeping any of it.
//!
//! Stricter than the RFC against smuggling: at most 16 digits a size, CRLF only, few extensions.

use super::bytes::{TOKEN, is_value};
use super::limits::Limits;
use super::refusal::Refusal;

/// Digits of a chunk's size that fit into 64 bits.
const MAX_DIGITS: u8 = 16;

/// Bytes that all chunk extensions of a body may have together; hyper's own bound is higher.
const MAX_EXTENSIONS: usize = 4096;

/// Bytes and fields that a trailer section may have at most, whatever the limits: hyper's bounds.
const MAX_TRAILER: (usize, usize) = (16 << 10, 100);

/// Where in a chunked body the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In a size, after so many digits.
    Size(u8),
    /// In white space behind a size.
    Space,
    Extension,
    /// At the LF of a size's line.
    SizeEnd,
    /// In a chunk's data, so many bytes before their end.
    Data(u64),
    /// At the CR behind a chunk's data.
    DataCr,
    /// At the LF behind a chunk's data.
    DataEnd,
    /// At the first byte of a line of the trailer section.
    Trailer,
    TrailerName,
    TrailerValue,
    /// At the LF of a trailer's line.
    TrailerEnd,
    LastEnd,
}

/// A chunked body as far as it has been followed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Chunked {
    at: At,
    /// The size that is being read.
    size: u64,
    /// Bytes of data that all chunks so far have announced.
    body: u64,
    extensions: usize,
    trailer_bytes: usize,
    trailer_fields: usize,
}

impl Default for At {
    fn default() -> Self {
        Self::Size(0)
    }
}

/// How far a body could be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Followed {
    /// Bytes of the input that belong to it and are good.
    pub bytes: usize,
    /// Whether it has ended with them, or why the next byte is refused.
    pub end: Result<bool, Refusal>,
}

impl Chunked {
    /// Follows the body as far as these bytes go.
    pub fn follow(&mut self, bytes: &[u8], limits: &Limits) -> Followed {
        let mut done = 0;
        while done < bytes.len() {
            if let At::Data(left) = self.at {
                let step = left.min((bytes.len() - done) as u64);
                done += step as usize;
                self.at = if step == left { At::DataCr } else { At::Data(left - step) };
                continue;
            }
            match self.step(bytes[done], limits) {
                Ok(is_last) => {
                    done += 1;
                    if is_last {
                        return Followed { bytes: done, end: Ok(true) };
                    }
                }
                Err(refusal) => return Followed { bytes: done, end: Err(refusal) },
            }
        }
        Followed { bytes: done, end: Ok(false) }
    }

    /// Takes one byte that is not data; says whether it was the body's last.
    fn step(&mut self, byte: u8, limits: &Limits) -> Result<bool, Refusal> {
        self.at = match (self.at, byte) {
            (At::Size(digits), _) if byte.is_ascii_hexdigit() => self.digit(digits, byte)?,
            (At::Size(0), _) => return Err(Refusal::ChunkSize),
            (At::Size(_) | At::Space | At::Extension, b'\r') => At::SizeEnd,
            (At::Size(_) | At::Space, b' ' | b'\t') => self.extension(At::Space)?,
            (At::Size(_) | At::Space, b';') => self.extension(At::Extension)?,
            (At::Extension, _) if is_value(&[byte]) => self.extension(At::Extension)?,
            (At::SizeEnd, b'\n') => self.begin_chunk(limits)?,
            (At::DataCr, b'\r') => At::DataEnd,
            (At::DataEnd, b'\n') => At::Size(0),
            (At::Trailer, b'\r') => At::LastEnd,
            (At::LastEnd, b'\n') => return Ok(true),
            (At::Trailer, _) if TOKEN[byte as usize] => {
                self.trailer_fields += 1;
                self.trailer(At::TrailerName, limits)?
            }
            (At::TrailerName, b':') => self.trailer(At::TrailerValue, limits)?,
            (At::TrailerName, _) if TOKEN[byte as usize] => {
                self.trailer(At::TrailerName, limits)?
            }
            (At::TrailerValue, b'\r') => At::TrailerEnd,
            (At::TrailerValue, _) if is_value(&[byte]) => self.trailer(At::TrailerValue, limits)?,
            (At::TrailerEnd, b'\n') => At::Trailer,
            (At::Size(_) | At::Space | At::Extension | At::SizeEnd, _) => {
                return Err(Refusal::ChunkSize);
            }
            (At::Data(_) | At::DataCr | At::DataEnd, _) => return Err(Refusal::ChunkEnd),
            _ => return Err(Refusal::Trailer),
        };
        Ok(false)
    }

    fn digit(&mut self, digits: u8, byte: u8) -> Result<At, Refusal> {
        if digits == MAX_DIGITS {
            return Err(Refusal::ChunkSize);
        }
        let value = char::from(byte).to_digit(16).map_or(0, u64::from);
        self.size = if digits == 0 { value } else { self.size << 4 | value };
        Ok(At::Size(digits + 1))
    }

    fn extension(&mut self, next: At) -> Result<At, Refusal> {
        self.extensions += 1;
        if self.extensions > MAX_EXTENSIONS { Err(Refusal::ChunkSize) } else { Ok(next) }
    }

    fn begin_chunk(&mut self, limits: &Limits) -> Result<At, Refusal> {
        self.body = self.body.saturating_add(self.size);
        match self.size {
            _ if self.body > limits.body => Err(Refusal::LargeBody),
            0 => Ok(At::Trailer),
            size => Ok(At::Data(size)),
        }
    }

    fn trailer(&mut self, next: At, limits: &Limits) -> Result<At, Refusal> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > limits.head.min(MAX_TRAILER.0) {
            return Err(Refusal::LargeHead);
        }
        let too_many = self.trailer_fields > limits.headers.min(MAX_TRAILER.1);
        if too_many { Err(Refusal::ManyFields) } else { Ok(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(text: &str) -> (usize, Result<bool, Refusal>) {
        let limits = Limits { body: 1000, ..Limits::default() };
        let whole = Chunked::default().follow(text.as_bytes(), &limits);
        let mut bytewise = Chunked::default();
        let mut good = 0;
        let mut end = Ok(false);
        for byte in text.as_bytes() {
            let followed = bytewise.follow(&[*byte], &limits);
            (good, end) = (good + followed.bytes, followed.end);
            if end != Ok(false) {
                break;
            }
        }
        assert_eq!((whole.bytes, whole.end), (good, end), "{text:?} byte by byte");
        (good, end)
    }

    #[test]
    fn chunks_extensions_and_trailers_are_followed_to_the_end_and_no_further() {
        for body in [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "5;a=b;c=\"d\"\r\nhello\r\n00\r\n\r\n",
            "5 ;a\r\nhello\r\n0\t\r\n\r\n",
            "1\r\n\n\r\nA\r\n0123456789\r\n0\r\nSum: 1 2\r\nEmpty:\r\n\r\n",
        ] {
            assert_eq!(follow(&format!("{body}GET /")), (body.len(), Ok(true)), "{body:?}");
        }
    }

    #[test]
    fn a_bad_size_is_refused_at_its_first_bad_byte() {
        let sizes = ["\r\n", " 5\r\n", "+5\r\n", "-5\r\n", "0x5\r\n", "g\r\n", "5 5\r\n"];
        let ends = ["5\n", "5\rx", "5;a\n", "5;\0\r\n", "00000000000000005\r\n"];
        for bad in sizes.into_iter().chain(ends) {
            assert_eq!(follow(bad).1, Err(Refusal::ChunkSize), "{bad:?}");
        }
    }

    #[test]
    fn data_must_end_where_the_size_says() {
        assert_eq!(follow("2\r\nabc\r\n"), (5, Err(Refusal::ChunkEnd)));
        assert_eq!(follow("2\r\nab\n"), (5, Err(Refusal::ChunkEnd)));
        assert_eq!(follow("2\r\nab\rx"), (6, Err(Refusal::ChunkEnd)));
    }

    #[test]
    fn a_trailer_is_a_field_or_it_is_refused() {
        for bad in ["0\r\n a: b\r\n", "0\r\na b: c\r\n", "0\r\n: b\r\n", "0\r\na\r\n", "0\r\na: \0"]
        {
            assert_eq!(follow(bad).1, Err(Refusal::Trailer), "{bad:?}");
        }
    }

    #[test]
    fn the_sum_of_all_chunks_is_held_to_the_limit() {
        let chunk = format!("1f4\r\n{}\r\n", "x".repeat(500));
        assert_eq!(follow(&format!("{chunk}{chunk}0\r\n\r\n")).1, Ok(true));
        assert_eq!(follow(&format!("{chunk}{chunk}1\r\nx\r\n")).1, Err(Refusal::LargeBody));
        assert_eq!(follow("ffffffffffffffff\r\n").1, Err(Refusal::LargeBody));
    }
}
