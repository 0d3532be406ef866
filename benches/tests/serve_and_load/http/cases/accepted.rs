//! Requests that look odd, and are right: a server that is too strict breaks honest clients.

use super::{Case, around};

/// Whole requests without a body.
const REQUESTS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    // Empty lines before a request (RFC 9112, section 2.2).
    b"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    // Any token is a method, and methods are case-sensitive.
    b"BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n",
    b"get / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"!#$%&'*+-.^_`|~09Az / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"DELETE / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    // Targets.
    b"GET //a//b/../c HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /?a=b&c=%00%zz HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /a?b?c=/d HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /;a=b:@!$&'()*+,~ HTTP/1.1\r\nHost: h\r\n\r\n",
    // With the whole URI as target, the Host header counts no more (RFC 9112, section 3.2.2).
    b"GET http://h/x HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET http://h/x?y HTTP/1.1\r\nHost: other\r\n\r\n",
    b"GET HTTP://h:80/x HTTP/1.1\r\nHost: other\r\n\r\n",
    b"GET http://h HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET http://[::1]:8000/ HTTP/1.1\r\nHost: h\r\n\r\n",
    // Hosts.
    b"GET / HTTP/1.1\r\nHost: example.com:8000\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [2001:db8::7]\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a_b-c.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHOST:h\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\r\nhost: \t h \t \r\n\r\n",
];

const LINES: &[&[u8]] = &[
    b"A:b\r\n",
    b"A:\r\n",
    b"A: \r\n",
    b"A: \t b \t \r\n",
    b"A: b\tc  d\r\n",
    b"A: b:c: d\r\n",
    b"A: \xc3\xa9\xff\x80\r\n",
    b"A: b\r\nA: b\r\na: c\r\n",
    b"!#$%&'*+-.^_`|~09Az: b\r\n",
    b"Content-Length: 0\r\n",
    b"TE: trailers\r\n",
];

/// A body of five bytes, told in every right way.
const BODIES: &[&[u8]] = &[
    b"Content-Length: 5\r\n\r\nhello",
    b"content-length:5 \t\r\n\r\nhello",
    b"Content-Length: 0005\r\n\r\nhello",
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: cHuNkEd\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"transfer-encoding:\t chunked \t\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n04\r\nello\r\n000\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
    // Data that looks like framing.
    b"Transfer-Encoding: chunked\r\n\r\n7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n\r\n\r\n0\r\n\r\n",
    b"Content-Length: 9\r\n\r\nGET / HTT",
    // Extensions and trailers.
    b"Transfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0;b=c\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n5;a=\"b;\tc\"\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA:\r\nB: c\td\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
];

pub fn accepted() -> Vec<Case> {
    around(b"", REQUESTS, b"", 200)
        .chain(around(b"GET / HTTP/1.1\r\nHost: h\r\n", LINES, b"\r\n", 200))
        .chain(around(b"POST / HTTP/1.1\r\nHost: h\r\n", BODIES, b"", 200))
        .collect()
}
