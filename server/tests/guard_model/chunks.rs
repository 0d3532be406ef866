//! Where a chunked body ends, for a reader that has all its bytes (RFC 9112, section 7.1).

use super::limits;

/// The length of a chunked body with its framing; `None` when more of it is to come.
///
/// # Panics
/// When it is not well-formed, or longer than allowed.
pub fn end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut body) = (0, 0);
    loop {
        let size_line = line(bytes, at)?;
        let size = size(size_line);
        at += size_line.len() + 2;
        if size == 0 {
            break;
        }
        body += size;
        assert!(body <= limits().body as usize, "the chunks are longer than allowed");
        let data_end = at + size;
        if bytes.len() < data_end + 2 {
            return None;
        }
        assert_eq!(&bytes[data_end..data_end + 2], b"\r\n", "data go on behind their end");
        at = data_end + 2;
    }
    loop {
        let trailer = line(bytes, at)?;
        at += trailer.len() + 2;
        if trailer.is_empty() {
            return Some(at);
        }
        let mut headers = [httparse::EMPTY_HEADER; 1];
        let alone = [trailer, b"\r\n\r\n"].concat();
        let parsed = httparse::parse_headers(&alone, &mut headers).expect("a trailer is a header");
        assert!(parsed.is_complete());
    }
}

/// The line that begins here, without its CRLF, if its end is there.
fn line(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = &bytes[at..];
    let end = rest.windows(2).position(|two| two == b"\r\n")?;
    assert!(!rest[..end].contains(&b'\n'), "a line ends with a bare LF");
    assert!(!rest[..end].contains(&b'\r'), "there is a bare CR in a line");
    Some(&rest[..end])
}

fn size(line: &[u8]) -> usize {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let digits = digits.trim_ascii_end();
    assert!(digits.iter().all(u8::is_ascii_hexdigit), "a size that is no number");
    let digits = std::str::from_utf8(digits).expect("they are ASCII");
    usize::from_str_radix(digits, 16).expect("a size that fits")
}
