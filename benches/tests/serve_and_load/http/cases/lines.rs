//! Heads whose lines are not as RFC 9112, section 5, and RFC 9110, section 5.5, want them.

use super::{Case, around};

const LINES: &[&[u8]] = &[
    // Folded (obs-fold): what one reader takes for a value's end another takes for its middle.
    b"A: b\r\n c\r\n",
    b"A: b\r\n\tc\r\n",
    b"A: b\r\n \r\n",
    // White space before the colon.
    b"A : b\r\n",
    b"A\t: b\r\n",
    b"Transfer-Encoding : chunked\r\n",
    // Line ends that are not CRLF.
    b"A: b\n",
    b"A: b\nC: d\r\n",
    b"A: b\r",
    b"A: b\rC: d\r\n",
    b"A: b\r\r\n",
    b"A: \r b\r\n",
    b"A\r: b\r\n",
    b"\n",
    // Control bytes.
    b"A: b\0c\r\n",
    b"A\0: b\r\n",
    b"A: \x01\r\n",
    b"A: b\x0bc\r\n",
    b"A: b\x7f\r\n",
    // No colon.
    b"A\r\n",
    b"Content-Length\r\n",
    // No name.
    b": b\r\n",
];

const NAMES: &[&[u8]] = &[b"A b", b"A(b", b"A\"b", b"A/b", b"A@b", b"{A}", b"\xc3\xa9", b"\x7f"];

/// What stands between the request line and the first header and is none.
const BEFORE_THE_FIRST: &[&[u8]] = &[b" A: b\r\n", b"\tA: b\r\n", b" \r\n", b" Host: h\r\n"];

/// Hosts (RFC 9112, section 3.2), as header lines.
const HOSTS: &[&[u8]] = &[
    // None, and more than one.
    b"",
    b"Host: h\r\nHost: i\r\n",
    b"Host: h\r\nHost: h\r\n",
    b"Host: h\r\nhost: h\r\n",
    // Values that are no host with a port.
    b"Host: http://a\r\n",
    b"Host: h:80:80\r\n",
    b"Host: \xc3\xa9\r\n",
];

/// More values that are no host with a port.
const NO_HOSTS: &[&[u8]] = &[
    b"a b", b"a/b", b"a?b", b"a#b", b"user@h", b"h:port", b"h:-1", b"[::1", b"::1", b"[::1]x",
    b"a\\b", b"<a>", b"a\"b",
];

pub fn refused() -> Vec<Case> {
    let line = b"GET / HTTP/1.1\r\n";
    around(b"GET / HTTP/1.1\r\nHost: h\r\n", LINES, b"\r\n", 400)
        .chain(around(b"GET / HTTP/1.1\r\nHost: h\r\n", NAMES, b": c\r\n\r\n", 400))
        .chain(around(line, BEFORE_THE_FIRST, b"Host: h\r\n\r\n", 400))
        .chain(around(line, HOSTS, b"\r\n", 400))
        .chain(around(b"GET / HTTP/1.1\r\nHost: ", NO_HOSTS, b"\r\n\r\n", 400))
        .chain(around(b"GET / HTTP/1.0\r\n", &[b"Host: h\r\nHost: i\r\n"], b"\r\n", 400))
        .collect()
}
