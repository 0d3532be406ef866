//! `Expect: 100-continue` (RFC 9110, section 10.1.1).

use super::wire::{Wire, statuses};
use crate::common::Cluster;

/// The head of a request that waits to be told to go on.
const HEAD: &str = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n";

#[test]
fn who_asks_before_it_sends_a_body_is_told_to_go_on() {
    let cluster = Cluster::start("single", 1, &[]);
    for (length, body) in [
        ("Content-Length: 5", "hello"),
        ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
        ("expect: 100-Continue\r\nContent-Length: 5", "hello"),
    ] {
        // The last has its own line instead.
        let head = if length.starts_with("expect") { &HEAD[..26] } else { HEAD };
        let mut wire = Wire::to(&cluster);
        for _ in 0..2 {
            assert_eq!(wire.exchange(format!("{head}{length}\r\n\r\n")).status(), 100, "{length}");
            assert_eq!(wire.exchange(body).status(), 200, "{length}");
        }
        wire.finish();
    }
}

#[test]
fn who_does_not_wait_is_answered_too() {
    let cluster = Cluster::start("single", 1, &[]);
    let answers = Wire::all_answers(&cluster, format!("{HEAD}Content-Length: 5\r\n\r\nhello"));
    // The interim answer may be left out then.
    let mut statuses = statuses(&answers);
    statuses.retain(|status| *status != 100);
    assert_eq!(statuses, [200]);
}

#[test]
fn a_request_without_a_body_is_answered_at_once() {
    let cluster = Cluster::start("single", 1, &[]);
    let mut wire =
        Wire::sent(&cluster, "GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n");
    let mut answer = wire.answer();
    if answer.status() == 100 {
        answer = wire.answer();
    }
    assert_eq!(answer.status(), 200);
}

#[test]
fn a_body_that_would_be_refused_is_not_asked_for() {
    let cluster = Cluster::start("single", 1, &["--max-body", "1000"]);
    let wire = Wire::sent(&cluster, format!("{HEAD}Content-Length: 1001\r\n\r\n"));
    wire.expect_refusal(413, "a body of one byte too many");
}

#[test]
fn http_1_0_is_never_told_to_go_on() {
    let cluster = Cluster::start("single", 1, &[]);
    let mut wire = Wire::sent(
        &cluster,
        "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    );
    assert_eq!(wire.answer().status(), 200);
    wire.expect_end();
}

#[test]
fn nothing_else_can_be_expected() {
    let cluster = Cluster::start("single", 1, &[]);
    for expectation in ["200-ok", "100-continue, x", "100", "100-continued"] {
        let mut wire = Wire::to(&cluster);
        wire.send(format!(
            "POST / HTTP/1.1\r\nHost: h\r\nExpect: {expectation}\r\nContent-Length: 5\r\n\r\n"
        ));
        assert_eq!(wire.answer().status(), 417, "{expectation}");
    }
}
