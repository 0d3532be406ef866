//! The rules for one line of a head, of bytes that a line may have: the request line, and a field.

use hyper::Uri;

use super::bytes::{HOST_NAME, PATH, TOKEN, all, trim};
use super::refusal::Refusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestLine {
    pub is_1_1: bool,
    pub is_get: bool,
}

impl RequestLine {
    /// Reads a request line without its line end (RFC 9112, section 3): three parts with one space
    /// between.
    pub fn read(line: &[u8]) -> Result<Self, Refusal> {
        let method_end = line.iter().position(|&byte| !TOKEN[byte as usize]);
        let (method, rest) = match method_end {
            Some(at) if at > 0 && line[at] == b' ' => (&line[..at], &line[at + 1..]),
            Some(_) => return Err(refusal_of_method(line)),
            None => return Err(Refusal::RequestLine),
        };
        let (target, is_1_1) = if let Some(target) = rest.strip_suffix(b" HTTP/1.1") {
            (target, true)
        } else if let Some(target) = rest.strip_suffix(b" HTTP/1.0") {
            (target, false)
        } else {
            return Err(refusal_of_version(rest));
        };
        if method == b"CONNECT" {
            return Err(Refusal::Connect);
        }
        if is_target(method, target) {
            return Ok(Self { is_1_1, is_get: method == b"GET" });
        }
        Err(if target.contains(&b' ') { Refusal::RequestLine } else { Refusal::Target })
    }
}

fn refusal_of_method(line: &[u8]) -> Refusal {
    if line[0] == b' ' || line[0] == b'\t' { Refusal::Folding } else { Refusal::Method }
}

fn refusal_of_version(rest: &[u8]) -> Refusal {
    let version = rest.rsplit(|&byte| byte == b' ').next().unwrap_or(rest);
    match version.strip_prefix(b"HTTP/") {
        // There is no target before it.
        Some(b"1.1" | b"1.0") => Refusal::RequestLine,
        Some([major, b'.', minor]) if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Refusal::Version
        }
        _ => Refusal::NoVersion,
    }
}

/// Whether a target has a form that is allowed with this method (RFC 9112, section 3.2): a path, a
/// whole URL, or, with OPTIONS, an asterisk.
fn is_target(method: &[u8], target: &[u8]) -> bool {
    match target {
        [b'/', ..] => all(target, &PATH) || is_unusual_target(target),
        b"*" => method == b"OPTIONS",
        _ => is_whole_url(target),
    }
}

/// A target that is not made of what RFC 3986 allows in one, but that hyper takes: braces, say.
fn is_unusual_target(target: &[u8]) -> bool {
    target.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'#')
        && Uri::try_from(target).is_ok()
}

/// A URL with a host, and without a user in front of it (RFC 9110, section 4.2.4).
fn is_whole_url(target: &[u8]) -> bool {
    let scheme_is_http = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    let has_plain_host = |uri: &Uri| {
        uri.authority()
            .is_some_and(|host| is_host(host.as_str().as_bytes()) && !host.host().is_empty())
    };
    target.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'#')
        && Uri::try_from(target).is_ok_and(|uri| scheme_is_http(&uri) && has_plain_host(&uri))
}

/// A field as far as it says how a request is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Host,
    ContentLength(u64),
    /// Transfer-Encoding.
    Chunked,
    /// An expectation that is not `100-continue`.
    UnknownExpectation,
    Connection,
    Other,
}

impl Field {
    /// Reads a field's line without its line end (RFC 9112, section 5): a token, a colon right
    /// behind it, a value.
    pub fn read(line: &[u8]) -> Result<Self, Refusal> {
        let (name, value) = match line.iter().position(|&byte| !TOKEN[byte as usize]) {
            Some(at) if at > 0 && line[at] == b':' => (&line[..at], &line[at + 1..]),
            Some(0) if matches!(line[0], b' ' | b'\t') => return Err(Refusal::Folding),
            _ => return Err(Refusal::FieldName),
        };
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        // By length first: nearly every field is told from these by its length alone.
        match name.len() {
            4 if is(b"host") => host(trim(value)),
            6 if is(b"expect") => Ok(expectation(trim(value))),
            10 if is(b"connection") => Ok(Self::Connection),
            14 if is(b"content-length") => content_length(trim(value)),
            17 if is(b"transfer-encoding") => transfer_encoding(trim(value)),
            _ => Ok(Self::Other),
        }
    }
}

fn host(value: &[u8]) -> Result<Field, Refusal> {
    if is_host(value) { Ok(Field::Host) } else { Err(Refusal::Host) }
}

/// `uri-host [ ":" port ]` (RFC 9110, section 7.2; RFC 3986, section 3.2.2). Both may be empty.
fn is_host(value: &[u8]) -> bool {
    let digits = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let name = match &value[..value.len() - digits] {
        [name @ .., b':'] => name,
        _ => value,
    };
    all(name, &HOST_NAME) || is_address(name)
}

fn is_address(name: &[u8]) -> bool {
    let [b'[', inner @ .., b']'] = name else { return false };
    let is_in_address = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    !inner.is_empty() && inner.iter().all(is_in_address)
}

fn expectation(value: &[u8]) -> Field {
    let known = value.eq_ignore_ascii_case(b"100-continue");
    if known { Field::Other } else { Field::UnknownExpectation }
}

/// A plain number (RFC 9110, section 8.6). Lists are refused even if all their members agree: to
/// accept them would help nobody but smugglers.
fn content_length(value: &[u8]) -> Result<Field, Refusal> {
    if value.contains(&b',') {
        return Err(Refusal::RepeatedLength);
    }
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::Length);
    }
    let number = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
    number.map(Field::ContentLength).ok_or(Refusal::Length)
}

fn transfer_encoding(value: &[u8]) -> Result<Field, Refusal> {
    if value.eq_ignore_ascii_case(b"chunked") { Ok(Field::Chunked) } else { Err(Refusal::Coding) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_has_three_parts_with_one_space_between() {
        let read = |line: &str| RequestLine::read(line.as_bytes());
        assert_eq!(read("GET / HTTP/1.1"), Ok(RequestLine { is_1_1: true, is_get: true }));
        let other = Ok(RequestLine { is_1_1: false, is_get: false });
        assert_eq!(read("M-SEARCH /a?b=%20 HTTP/1.0"), other);
        for line in ["GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET", "GET HTTP/1.1"] {
            assert_eq!(read(line), Err(Refusal::RequestLine), "{line}");
        }
        for line in ["GET /", "GET / HTTP/1.1 ", "GET / http/1.1"] {
            assert_eq!(read(line), Err(Refusal::NoVersion), "{line}");
        }
        assert_eq!(read("G@T / HTTP/1.1"), Err(Refusal::Method));
        assert_eq!(read("GET / HTTP/2.0"), Err(Refusal::Version));
        assert_eq!(read("CONNECT a:1 HTTP/1.1"), Err(Refusal::Connect));
    }

    #[test]
    fn a_target_is_a_path_a_whole_url_or_an_asterisk_with_options() {
        let read = |method: &str, target: &str| {
            RequestLine::read(format!("{method} {target} HTTP/1.1").as_bytes()).is_ok()
        };
        for good in ["/", "//a", "/a{b}|c", "http://a/", "http://a:1?x", "https://[::1]:8/b"] {
            assert!(read("GET", good), "{good}");
        }
        assert!(read("OPTIONS", "*"));
        for bad in ["*", "a", "a:1", "/#", "/\u{e4}", "ftp://a/", "http://", "http://u@a/", "?x"] {
            assert!(!read("GET", bad), "{bad}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_an_optional_port() {
        for good in ["", "a", "a.b:80", "127.0.0.1:8000", "[::1]", "[::1]:8000", "a:", "a_b", "%41"]
        {
            assert!(is_host(good.as_bytes()), "{good}");
        }
        for bad in ["a b", "a/b", "u@a", "a:b", "a:1:2", "[::1", "[]", "[g]", "[::1]x", "a]", "\"a"]
        {
            assert!(!is_host(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn a_length_is_digits_and_nothing_else() {
        let read = |value: &str| Field::read(format!("Content-Length:{value}").as_bytes());
        assert_eq!(read(" 12\t"), Ok(Field::ContentLength(12)));
        for bad in ["", " ", "+1", "-1", "1 2", "0x1", "1.0", "18446744073709551616", "\u{661}"] {
            assert_eq!(read(bad), Err(Refusal::Length), "{bad}");
        }
        assert_eq!(read("1, 1"), Err(Refusal::RepeatedLength));
    }

    #[test]
    fn the_only_coding_is_chunked() {
        let read = |value: &str| Field::read(format!("transfer-encoding: {value}").as_bytes());
        assert_eq!(read("Chunked"), Ok(Field::Chunked));
        for bad in ["gzip, chunked", "chunked, chunked", "identity", "", "xchunked", "\"chunked\""]
        {
            assert_eq!(read(bad), Err(Refusal::Coding), "{bad}");
        }
    }

    #[test]
    fn a_name_is_a_token_with_the_colon_right_behind_it() {
        let read = |line: &str| Field::read(line.as_bytes());
        assert_eq!(read("X-Any_1:"), Ok(Field::Other));
        for line in ["Host : a", ": a", "Host"] {
            assert_eq!(read(line), Err(Refusal::FieldName), "{line}");
        }
        assert_eq!(read(" Host: a"), Err(Refusal::Folding));
        assert_eq!(read("\tb"), Err(Refusal::Folding));
    }
}
