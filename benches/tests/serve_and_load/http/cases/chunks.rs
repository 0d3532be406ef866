//! Chunked bodies with broken framing (RFC 9112, section 7.1).

use super::{Case, around};

/// Sizes of a chunk of five bytes that are none.
const SIZES: &[&[u8]] =
    &[b"", b"-5", b"+5", b"g", b"5g", b"0x5", b"5.0", b"5,5", b" 5", b"5\0", b"5;\0", b"5;a\x7f"];

/// What stands in a trailer and is none.
const TRAILERS: &[&[u8]] = &[
    b"A : b\r\n",
    b" A: b\r\n",
    b"A\r\n",
    b": b\r\n",
    b"A b: c\r\n",
    b"A: b\n",
    b"A: b\rc\r\n",
    b"A: b\0\r\n",
    b"A: b\r\n c\r\n",
];

/// Bodies that break off at the first byte that cannot be right.
const BODIES: &[&[u8]] = &[
    b";a\r\n",
    // 2^64, which is 0 where it wraps, 2^64 + 5, and many digits.
    b"10000000000000000\r\n",
    b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    b"00000000000000000000000000000000000000000000005\r\nhello\r\n0\r\n\r\n",
    b"fffffffffffffffffffffffffffffffffffffff\r\n",
    // Line ends that are not CRLF.
    b"5\nhello\r\n0\r\n\r\n",
    b"5\rhello\r\n0\r\n\r\n",
    b"5\r\rhello\r\n0\r\n\r\n",
    b"0\n\r\n",
    b"0\n\n",
    b"5\r\nhello\n0\r\n\r\n",
    b"5\r\nhello\r0\r\n\r\n",
    // Data that is not followed by CRLF: longer or shorter than was told.
    b"5\r\nhello!\r\n0\r\n\r\n",
    b"5\r\nhelloX\n0\r\n\r\n",
    b"5\r\nhell\r\n0\r\n\r\n",
    b"5\r\nhello0\r\n\r\n",
    // Extensions: where a bare LF or CR hides a second reading.
    b"5;a\nhello\r\n0\r\n\r\n",
    b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    b"5;a=\"\n\"\r\nhello\r\n0\r\n\r\n",
    b"0;a\n\r\n",
    // The end.
    b"0\r\n\n",
    b"0\r\n\rX",
    b"0\r\nA: b\r\n\n",
];

pub fn refused() -> Vec<Case> {
    let head = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    let trailer = [&head[..], b"0\r\n"].concat();
    around(head, SIZES, b"\r\nhello\r\n0\r\n\r\n", 400)
        .chain(around(head, BODIES, b"", 400))
        .chain(around(&trailer, TRAILERS, b"\r\n", 400))
        .collect()
}
