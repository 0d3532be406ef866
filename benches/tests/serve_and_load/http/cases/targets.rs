//! Request lines that are none (RFC 9112, section 3), and those that ask for what is not served.

use super::{Case, around};

/// Not `method SP target SP version`.
const LINES: &[&[u8]] = &[
    b" GET / HTTP/1.1\r\n",
    b"\tGET / HTTP/1.1\r\n",
    b"GET  / HTTP/1.1\r\n",
    b"GET /  HTTP/1.1\r\n",
    b"GET / HTTP/1.1 \r\n",
    b"GET\t/ HTTP/1.1\r\n",
    b"GET /\tHTTP/1.1\r\n",
    b"GET / a HTTP/1.1\r\n",
    b"GET HTTP/1.1\r\n",
    b"GET  HTTP/1.1\r\n",
    b"GET\r\n",
    b"GET /\r\n",
    b"GET / \r\n",
    b" / HTTP/1.1\r\n",
    b"GET / HTTP/1.1\n",
    b"GET / HTTP/1.1\r",
    b"GET / HTTP/1.1\r\r\n",
    b"GET /\r HTTP/1.1\r\n",
    b"\nGET / HTTP/1.1\r\n",
    b"\r\n\nGET / HTTP/1.1\r\n",
    b"\rGET / HTTP/1.1\r\n",
    // Other protocols.
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
    b"SSH-2.0-client\r\n",
    b"\0\0\0\0\r\n",
    // Protocols that are not quite HTTP.
    b"GET / http/1.1\r\n",
    b"GET / HTTPS/1.1\r\n",
    b"GET / ICY/1.1\r\n",
    b"GET / HTTP 1.1\r\n",
    // Methods that are no token.
    b"G\xc3\x89T / HTTP/1.1\r\n",
    b"\"GET\" / HTTP/1.1\r\n",
];

const METHODS: &[&[u8]] = &[b"G(T", b"G@T", b"GE\x01", b"GET:"];

/// Versions that have not even the form of one.
const NO_VERSIONS: &[&[u8]] = &[b"1", b"11", b"1.10", b"01.1", b"1,1", b"1.x", b"-1.1", b"1.1x"];

/// Targets that are neither a path nor a URI with a scheme.
const TARGETS: &[&[u8]] = &[
    b"x",
    b"*",
    b"?a=b",
    b"h:80",
    b"example.com",
    b"http:/h/",
    b"http:///x",
    b"://h/",
    // Bytes that are not visible ASCII.
    b"/\x01",
    b"/a\0b",
    b"/\x7f",
    b"/\x80",
    b"/caf\xc3\xa9",
];

/// Versions that are one, but not ours.
const VERSIONS: &[&[u8]] = &[b"0.9", b"1.2", b"1.9", b"2.0", b"3.0", b"9.9"];

/// What a tunnel is asked for with.
const TUNNELS: &[&[u8]] = &[b"h:443", b"[::1]:80", b"127.0.0.1:80"];

pub fn refused() -> Vec<Case> {
    let end = b"Host: h\r\n\r\n";
    let version = b" HTTP/1.1\r\nHost: h\r\n\r\n";
    around(b"", LINES, end, 400)
        .chain(around(b"", METHODS, b" / HTTP/1.1\r\nHost: h\r\n\r\n", 400))
        .chain(around(b"GET / HTTP/", NO_VERSIONS, b"\r\nHost: h\r\n\r\n", 400))
        .chain(around(b"GET ", TARGETS, version, 400))
        .chain(around(b"POST ", &[b"*"], version, 400))
        .chain(around(b"OPTIONS ", &[b"x", b"**"], version, 400))
        .chain(around(b"GET / HTTP/", VERSIONS, b"\r\nHost: h\r\n\r\n", 505))
        .chain(around(b"CONNECT ", TUNNELS, version, 501))
        .collect()
}
