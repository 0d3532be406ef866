//! Bodies of unknown or ambiguous length, as request smuggling uses (RFC 9112, 6.1 to 6.3).

use super::{Case, around};

/// Values of Content-Length that are none.
const NUMBERS: &[&[u8]] = &[
    b"5, 5", b"5,", b"5 5", b"+5", b"-5", b"-0", b"", b"five", b"5a", b"0x5", b"5.0", b"5;",
    b"\"5\"",
];

/// More values and repetitions of Content-Length, as header lines.
const LENGTHS: &[&[u8]] = &[
    b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Content-Length: 5\r\nContent-Length: 5\r\n",
    b"Content-Length: 5\r\nA: b\r\ncontent-length: 5\r\n",
    b"Content-Length:\r\n",
    b"Content-Length: \xef\xbc\x95\r\n",
    // 2^64, which is 0 where it wraps, and 2^64 + 5.
    b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: 18446744073709551621\r\n",
    b"Content-Length: 99999999999999999999999999999999\r\n",
];

/// Transfer codings that are not exactly `chunked`, as header lines.
const CODINGS: &[&[u8]] = &[
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: chunked, gzip\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding: identity, chunked\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: chunked,\r\n",
    b"Transfer-Encoding: , chunked\r\n",
    b"Transfer-Encoding: chunked;a=b\r\n",
    b"Transfer-Encoding: chunked x\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding: chunke\r\n",
    b"Transfer-Encoding: \"chunked\"\r\n",
    b"Transfer-Encoding: \x0bchunked\r\n",
    b"Transfer-Encoding: chun\xe2\x84\xaaed\r\n",
    b"Transfer-Encoding:\r\n",
];

/// Both ways of telling a length at once, as header lines.
const BOTH: &[&[u8]] = &[
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
    b"Transfer-Encoding: CHUNKED\r\nA: b\r\ncontent-length: 5\r\n",
    b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
];

/// All of them, each with a body that one reading of its length allows.
pub fn refused() -> Vec<Case> {
    let head = b"POST / HTTP/1.1\r\nHost: h\r\n";
    let old = b"POST / HTTP/1.0\r\nHost: h\r\n";
    let chunked: &[&[u8]] = &[b"Transfer-Encoding: chunked\r\n"];
    let length = [&head[..], b"Content-Length: "].concat();
    around(&length, NUMBERS, b"\r\n\r\nhello", 400)
        .chain(around(head, LENGTHS, b"\r\nhello", 400))
        .chain(around(head, CODINGS, b"\r\n0\r\n\r\n", 400))
        .chain(around(head, BOTH, b"\r\n0\r\n\r\n", 400))
        // A reader of HTTP/1.0 does not know chunks.
        .chain(around(old, chunked, b"\r\n0\r\n\r\n", 400))
        // A length that is one, of more than anybody may send.
        .chain(around(head, &[b"Content-Length: 18446744073709551615\r\n"], b"\r\n", 413))
        .collect()
}
