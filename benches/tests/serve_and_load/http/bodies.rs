//! Bodies are read and dropped before the answer, and the next request begins right behind them.

use super::wire::{Wire, let_it_be_read};
use crate::common::Cluster;

/// A length that no single read takes in.
const LONG: usize = 300_000;

/// The bytes as chunks of so many bytes.
fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let mut framed = Vec::new();
    for chunk in body.chunks(size) {
        framed.extend(format!("{:x}\r\n", chunk.len()).bytes());
        framed.extend(chunk);
        framed.extend(b"\r\n");
    }
    framed.extend(b"0\r\n\r\n");
    framed
}

/// Bytes that look like requests and like framing, were they read as such.
fn deceptive(length: usize) -> Vec<u8> {
    b"0\r\n\r\nGET /body HTTP/1.1\r\nHost: h\r\n\r\n".iter().copied().cycle().take(length).collect()
}

#[test]
fn the_next_request_begins_right_behind_a_body() {
    let (_cluster, mut wire) = Wire::alone(&[]);
    for length in [1, 2, 1000, 65_536, LONG] {
        let body = deceptive(length);
        wire.send(format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n"));
        wire.send(&body);
        wire.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        wire.send(chunked(&body, 1 + length / 7));
        wire.send("GET /sleep?ms=1 HTTP/1.1\r\nHost: h\r\n\r\n");
        assert!(wire.answer().body.starts_with("Hello"), "{length} bytes");
        assert!(wire.answer().body.starts_with("Hello"), "{length} bytes in chunks");
        assert!(wire.answer().body.contains("1 ms asleep"), "behind {length} bytes");
    }
    wire.finish();
}

#[test]
fn a_body_is_read_before_it_is_answered() {
    let cluster = Cluster::start("single", 1, &[]);
    let mut wire =
        Wire::sent(&cluster, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell");
    for _ in 0..50 {
        let_it_be_read();
        assert!(!wire.has_news(), "answered before its body had come");
    }
    assert_eq!(wire.exchange("o").status(), 200);
}

#[test]
fn a_body_of_single_bytes_is_one_body() {
    let cluster = Cluster::start("single", 1, &[]);
    let mut wire =
        Wire::sent(&cluster, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    wire.send(chunked(&deceptive(5000), 1));
    wire.send("GET /sleep?ms=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(wire.answer().body.starts_with("Hello"));
    assert!(wire.answer().body.contains("1 ms asleep"));
}
