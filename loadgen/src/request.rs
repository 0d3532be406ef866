//! A request as the bytes that go over the wire: rendered once, sent many times.

use std::fmt::Write as _;

use crate::target::Target;

/// A header line that the user asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The field's name, a token (RFC 9110, section 5.1).
    pub name: String,
    /// The field's value: visible characters, spaces and tabs.
    pub value: String,
}

/// Why a header line cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; give 'name: value'")]
pub struct HeaderError(&'static str);

impl Header {
    /// Reads `name: value`.
    ///
    /// # Errors
    /// [`HeaderError`] for a name that is not a token, a value with control characters, and the
    /// headers on which the framing rests.
    pub fn parse(line: &str) -> Result<Self, HeaderError> {
        let fail = |wrong| Err(HeaderError(wrong));
        let Some((name, value)) = line.split_once(':') else { return fail("has no colon") };
        let value = value.trim_matches([' ', '\t']);
        if name.is_empty() || !name.bytes().all(is_token) {
            return fail("has a name that no header can have");
        }
        if value.bytes().any(|byte| byte < b' ' && byte != b'\t' || byte == 0x7f) {
            return fail("has a control character in its value");
        }
        if ["content-length", "transfer-encoding", "connection"]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
        {
            return fail("is set by the generator itself (see --no-keepalive and --body)");
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// `tchar` of RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What a request is rendered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    /// The method, `GET` for example.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// The user's headers; a `Host` among them replaces the target's.
    pub headers: &'a [Header],
    /// The body; empty for none.
    pub body: &'a [u8],
    /// Whether the connection is to carry more requests.
    pub keepalive: bool,
}

/// Renders a request (RFC 9112, section 3). (Writing to a `String` cannot fail.)
pub(crate) fn render(target: &Target, form: Form<'_>) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\n", form.method, form.path);
    if !form.headers.iter().any(|header| header.name.eq_ignore_ascii_case("host")) {
        let _ = write!(head, "Host: {}\r\n", target.host_header());
    }
    for Header { name, value } in form.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if !form.body.is_empty() || matches!(form.method, "POST" | "PUT" | "PATCH") {
        let _ = write!(head, "Content-Length: {}\r\n", form.body.len());
    }
    if !form.keepalive {
        head += "Connection: close\r\n";
    }
    head += "\r\n";
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(form.body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(headers: &[&str], keepalive: bool, method: &str, body: &[u8]) -> String {
        let target = Target::parse("http://[::1]:8000/x?y").unwrap();
        let headers: Vec<_> = headers.iter().map(|line| Header::parse(line).unwrap()).collect();
        let form = Form { method, path: &target.path, headers: &headers, body, keepalive };
        String::from_utf8(render(&target, form)).unwrap()
    }

    #[test]
    fn a_plain_request_is_as_short_as_http_allows() {
        let text = rendered(&[], true, "GET", b"");
        assert_eq!(text, "GET /x?y HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n");
    }

    #[test]
    fn one_connection_a_request_asks_the_server_to_close() {
        assert!(rendered(&[], false, "GET", b"").contains("\r\nConnection: close\r\n\r\n"));
    }

    #[test]
    fn the_users_host_replaces_the_targets() {
        let text = rendered(&["host: example.org", "X-A:  b "], true, "GET", b"");
        assert_eq!(text, "GET /x?y HTTP/1.1\r\nhost: example.org\r\nX-A: b\r\n\r\n");
    }

    #[test]
    fn a_body_is_announced_by_its_length() {
        assert!(rendered(&[], true, "POST", b"abc").ends_with("Content-Length: 3\r\n\r\nabc"));
        assert!(rendered(&[], true, "POST", b"").ends_with("Content-Length: 0\r\n\r\n"));
    }

    #[test]
    fn a_line_that_is_no_header_is_refused() {
        for line in ["", "x", ": y", "a b: c", "a: b\r\nc: d", "Content-Length: 3", "connection: x"]
        {
            assert!(Header::parse(line).is_err(), "{line:?}");
        }
    }
}
