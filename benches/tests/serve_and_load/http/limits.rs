//! How long a request line, a head and a body may be: up to the limit answered, beyond it refused.

use super::wire::{Wire, is_a_refusal};
use crate::common::Cluster;

/// Sends a request, and expects this status; a refusal, if it is one.
#[track_caller]
fn is_answered(cluster: &Cluster, status: u16, what: &str, request: impl AsRef<[u8]>) {
    let mut wire = Wire::offered(cluster, request);
    let answer = wire.answer();
    if status == 200 {
        assert_eq!(answer.status(), 200, "{what}: {answer:?}");
        wire.finish_sending();
    } else {
        is_a_refusal(&answer, status, what);
    }
    wire.expect_end();
}

/// A request whose line, without its end, has so many bytes.
fn with_line_of(length: usize) -> String {
    let path = "a".repeat(length - "GET / HTTP/1.1".len());
    format!("GET /{path} HTTP/1.1\r\nHost: h\r\n\r\n")
}

/// A request whose head has so many bytes, all of its line ends and the empty line included.
fn with_head_of(length: usize) -> String {
    let frame = "GET / HTTP/1.1\r\nHost: h\r\nA: \r\n\r\n".len();
    format!("GET / HTTP/1.1\r\nHost: h\r\nA: {}\r\n\r\n", "a".repeat(length - frame))
}

fn with_headers(count: usize) -> String {
    format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "A: b\r\n".repeat(count - 1))
}

/// A POST whose body has so many bytes and says so.
fn with_length(length: usize) -> String {
    let body = "x".repeat(length);
    format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// The same in chunks of ten bytes; how long it is shows only as it comes.
fn with_chunks(length: usize) -> String {
    let chunk = |begin: usize| {
        let size = (length - begin).min(10);
        format!("{size:x}\r\n{}\r\n", "x".repeat(size))
    };
    let chunks: String = (0..length).step_by(10).map(chunk).collect();
    format!("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
}

#[test]
fn a_request_line_of_one_byte_too_many_is_414() {
    let cluster = Cluster::start("single", 1, &["--max-request-line", "100"]);
    is_answered(&cluster, 200, "a line of 100 bytes", with_line_of(100));
    is_answered(&cluster, 414, "a line of 101 bytes", with_line_of(101));
    is_answered(&cluster, 414, "a line without an end", format!("GET /{}", "a".repeat(200)));
    is_answered(&cluster, 414, "a method without an end", "A".repeat(200));
}

#[test]
fn a_head_of_one_byte_too_many_is_431() {
    let cluster = Cluster::start("single", 1, &["--max-head", "1000"]);
    is_answered(&cluster, 200, "a head of 1000 bytes", with_head_of(1000));
    is_answered(&cluster, 431, "a head of 1001 bytes", with_head_of(1001));
    let endless = format!("GET / HTTP/1.1\r\nHost: h\r\nA: {}", "a".repeat(2000));
    is_answered(&cluster, 431, "a header without an end", endless);
    let name = format!("GET / HTTP/1.1\r\nHost: h\r\n{}", "a".repeat(2000));
    is_answered(&cluster, 431, "a name without an end", name);
}

#[test]
fn one_header_too_many_is_431() {
    let cluster = Cluster::start("single", 1, &["--max-headers", "10"]);
    is_answered(&cluster, 200, "10 headers", with_headers(10));
    is_answered(&cluster, 431, "11 headers", with_headers(11));
}

#[test]
fn a_body_of_one_byte_too_many_is_413() {
    let cluster = Cluster::start("single", 1, &["--max-body", "1000"]);
    is_answered(&cluster, 200, "1000 bytes", with_length(1000));
    is_answered(&cluster, 413, "1001 bytes", with_length(1001));
    is_answered(&cluster, 200, "1000 bytes in chunks", with_chunks(1000));
    is_answered(&cluster, 413, "1001 bytes in chunks", with_chunks(1001));
    // The head alone is enough to refuse it, and so is a chunk's size.
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n";
    is_answered(&cluster, 413, "a length of 1001 bytes", head);
    let size = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n";
    is_answered(&cluster, 413, "a chunk of 1001 bytes", size);
    let first = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n3e8\r\n";
    is_answered(&cluster, 413, "a second chunk that is too much", first);
}

#[test]
fn where_no_body_may_be_sent_an_empty_one_may() {
    let cluster = Cluster::start("single", 1, &["--max-body", "0"]);
    is_answered(&cluster, 200, "no body", with_length(0));
    is_answered(&cluster, 200, "no chunk", with_chunks(0));
    is_answered(&cluster, 413, "a byte", with_length(1));
    is_answered(&cluster, 413, "a byte in a chunk", with_chunks(1));
}

#[test]
fn the_limits_that_hold_unless_told_otherwise_are_those_of_the_help() {
    let cluster = Cluster::start("single", 1, &[]);
    is_answered(&cluster, 200, "a line of 8192 bytes", with_line_of(8192));
    is_answered(&cluster, 414, "a line of 8193 bytes", with_line_of(8193));
    is_answered(&cluster, 200, "a head of 16384 bytes", with_head_of(16_384));
    is_answered(&cluster, 431, "a head of 16385 bytes", with_head_of(16_385));
    is_answered(&cluster, 200, "100 headers", with_headers(100));
    is_answered(&cluster, 431, "101 headers", with_headers(101));
    is_answered(&cluster, 200, "a body of 1 MiB", with_length(1 << 20));
    is_answered(&cluster, 413, "a body of 1 MiB and a byte", with_length((1 << 20) + 1));
}

#[test]
fn trailers_extensions_and_empty_lines_are_bounded_too() {
    let cluster = Cluster::start("single", 1, &[]);
    let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    let much = "a".repeat(100_000);
    for (what, request) in [
        ("a trailer without an end", format!("{head}0\r\nA: {much}")),
        ("a thousand trailers", format!("{head}0\r\n{}", "A: b\r\n".repeat(10_000))),
        ("an extension without an end", format!("{head}5;{much}")),
        ("a size without an end", format!("{head}{}", "0".repeat(100_000))),
        ("empty lines without an end", "\r\n".repeat(100_000)),
    ] {
        let mut wire = Wire::offered(&cluster, request);
        let status = wire.answer().status();
        assert!(matches!(status, 400 | 413 | 431), "{what}: {status}");
        wire.expect_end();
    }
}
