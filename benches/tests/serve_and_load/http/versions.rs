//! HTTP/1.0, HEAD, and how long a connection is kept (RFC 9112, section 9.3; RFC 9110, section 9.3.2).

use super::wire::{GET, Wire};
use crate::common::Cluster;

#[test]
fn http_1_0_closes_after_its_answer() {
    let cluster = Cluster::start("single", 1, &[]);
    for request in [
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
    ] {
        let mut wire = Wire::sent(&cluster, request);
        let answer = wire.answer();
        assert_eq!(answer.status(), 200, "{request}");
        assert_eq!(answer.header("transfer-encoding"), None, "{request}");
        assert_eq!(answer.body, format!("Hello from worker {}\n", answer.pid()));
        wire.expect_end();
    }
}

#[test]
fn http_1_0_is_kept_open_for_who_asks_for_it() {
    let (_cluster, mut wire) = Wire::alone(&[]);
    for _ in 0..3 {
        wire.send("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
        let answer = wire.answer();
        assert_eq!(answer.status(), 200);
        let connection = answer.header("connection").unwrap_or_default();
        assert!(connection.eq_ignore_ascii_case("keep-alive"), "{}", answer.head);
        assert_eq!(answer.header("transfer-encoding"), None);
    }
    assert_eq!(wire.exchange("GET / HTTP/1.0\r\n\r\n").status(), 200);
    wire.expect_end();
}

#[test]
fn http_1_1_is_kept_open_until_somebody_says_close() {
    let cluster = Cluster::start("single", 1, &[]);
    for close in ["Connection: close", "connection: Close", "Connection: x, close"] {
        let mut wire = Wire::sent(&cluster, GET);
        assert_ne!(wire.answer().header("connection"), Some("close"));
        // What follows a request that closes is not answered. It comes with it: who sends more after
        // having asked for the end (RFC 9112, section 9.6, forbids it) may find a closed door.
        let more = "GET /more HTTP/1.1\r\nHost: h\r\n\r\n";
        wire.send(format!("GET / HTTP/1.1\r\nHost: h\r\n{close}\r\n\r\n{more}"));
        assert_eq!(wire.answer().header("connection"), Some("close"), "{close}");
        wire.expect_end();
    }
}

#[test]
fn head_is_answered_as_get_is_but_for_the_body() {
    let cluster = Cluster::start("single", 1, &[]);
    for target in ["/", "/sleep?ms=1", "/work?rounds=1", "/work?rounds=many"] {
        let mut wire = Wire::sent(&cluster, format!("HEAD {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        wire.send(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        let (head, get) = (wire.answer_to_head(), wire.answer());
        assert_eq!(get.header("content-length"), Some(get.body.len().to_string().as_str()));
        assert_eq!(without_date(&head.head), without_date(&get.head), "{target}");
        wire.finish();
    }
}

/// The lines of a head but for the clock's.
fn without_date(head: &str) -> Vec<&str> {
    head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:")).collect()
}
