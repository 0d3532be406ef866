//! Clients that take their time: each wait has its bound, and ends as it should.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use super::counts::{errors_of, status_row};
use super::wire::{GET, Wire, is_a_refusal};
use crate::common::{Cluster, eventually};

const SHORT: Duration = Duration::from_millis(300);

const SHORT_TIME: &str = "300ms";

/// A bound within which a client on a busy machine has asked.
const LONGER: Duration = Duration::from_secs(2);

const LONGER_TIME: &str = "2s";

/// Sends `first`, and then `more` every few milliseconds until there is an answer or the end.
fn trickle(wire: &mut Wire, first: &str, more: &str) {
    wire.send(first);
    eventually("an answer, or the end", || {
        wire.offer(more);
        thread::sleep(Duration::from_millis(5));
        wire.has_news()
    });
}

/// Does so on a new connection; it is refused with 408, and not too early.
#[track_caller]
fn is_too_slow(cluster: &Cluster, first: &str, more: &str) {
    let begin = Instant::now();
    let mut wire = Wire::to(cluster);
    trickle(&mut wire, first, more);
    let time = begin.elapsed();
    assert!(time >= SHORT, "{first:?} was given {time:?}");
    wire.expect_refusal(408, first);
}

#[test]
fn a_head_that_does_not_end_in_time_is_408() {
    let cluster = Cluster::start("single", 1, &["--head-timeout", SHORT_TIME]);
    for (first, more) in [
        ("G", ""),
        ("GET / HTTP/1.1\r\nHost: h\r\n", ""),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: ", "a"),
        ("GET /", "a"),
    ] {
        is_too_slow(&cluster, first, more);
    }
    assert_eq!(errors_of(cluster)["timeouts"], 4);
}

#[test]
fn a_later_head_has_its_own_time_from_its_first_byte() {
    let (_cluster, mut wire) = Wire::alone(&["--head-timeout", LONGER_TIME]);
    for _ in 0..3 {
        assert_eq!(wire.exchange(GET).status(), 200);
        // To wait between requests is not to be slow with a head.
        thread::sleep(LONGER / 2);
    }
    let begin = Instant::now();
    trickle(&mut wire, "GET / HTTP/1.1\r\nA: ", "a");
    let time = begin.elapsed();
    assert!(time >= LONGER, "it was given {time:?}");
    wire.expect_refusal(408, "a later head that is slow");
}

#[test]
fn a_connection_on_which_nothing_comes_is_closed_without_a_word() {
    let begin = Instant::now();
    let flags = ["--head-timeout", "10ms", "--idle-timeout", SHORT_TIME];
    let cluster = Cluster::start("single", 1, &flags);
    Wire::to(&cluster).expect_end();
    assert!(begin.elapsed() >= SHORT);
    assert!(errors_of(cluster).is_empty());
}

#[test]
fn a_body_that_does_not_end_in_time_is_408() {
    let cluster = Cluster::start("single", 1, &["--body-timeout", SHORT_TIME]);
    let post = "POST / HTTP/1.1\r\nHost: h\r\n";
    for (framing, more) in [
        ("Content-Length: 100000\r\n\r\nhello", ""),
        ("Content-Length: 100000\r\n\r\n", "x"),
        ("Transfer-Encoding: chunked\r\n\r\n", ""),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nhe", ""),
        ("Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("Transfer-Encoding: chunked\r\n\r\n0\r\nA: ", "a"),
    ] {
        is_too_slow(&cluster, &format!("{post}{framing}"), more);
    }
    assert_eq!(errors_of(cluster)["timeouts"], 6);
}

#[test]
fn who_was_told_to_go_on_and_does_not_is_408() {
    let cluster = Cluster::start("single", 1, &["--body-timeout", SHORT_TIME]);
    let mut wire = Wire::sent(
        &cluster,
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    assert_eq!(wire.answer().status(), 100);
    wire.expect_refusal(408, "a body that was asked for");
}

#[test]
fn an_answer_may_take_longer_than_any_client() {
    let flags = ["--head-timeout", LONGER_TIME, "--write-timeout", "100ms"];
    let more = ["--body-timeout", "100ms", "--idle-timeout", "100ms"];
    let cluster = Cluster::start("single", 1, &[flags, more].concat());
    let mut wire = Wire::to(&cluster);
    let ask = "/sleep?ms=2500 HTTP/1.1\r\nHost: h\r\n";
    wire.send(format!("POST {ask}Content-Length: 5\r\n\r\nhelloGET {ask}\r\n"));
    for _ in 0..2 {
        assert!(wire.answer().body.contains("2500 ms asleep"));
    }
    wire.expect_end();
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let (cluster, mut wire) = Wire::alone(&["--idle-timeout", SHORT_TIME]);
    let begin = Instant::now();
    assert_eq!(wire.exchange(GET).status(), 200);
    wire.expect_end();
    assert!(begin.elapsed() >= SHORT);
    // Nobody did anything wrong.
    assert!(errors_of(cluster).is_empty());
}

#[test]
fn a_head_that_has_begun_is_not_idle() {
    let cluster =
        Cluster::start("single", 1, &["--idle-timeout", SHORT_TIME, "--head-timeout", "20s"]);
    let mut wire = Wire::sent(&cluster, "GET / HTTP/1.1\r\nHost: h\r\n\r\nG");
    assert_eq!(wire.answer().status(), 200);
    thread::sleep(SHORT * 2);
    assert_eq!(wire.exchange("ET / HTTP/1.1\r\nHost: h\r\n\r\n").status(), 200);
}

#[test]
fn who_reads_nothing_is_cut_off_and_off_the_books() {
    let cluster = Cluster::start("single", 1, &["--write-timeout", SHORT_TIME]);
    let wire = Wire::to(&cluster);
    let requests = GET.repeat(1000);
    while wire.stream().write_all(requests.as_bytes()).is_ok() {}
    eventually("it is closed", || status_row(&cluster)["OPEN"] == "0");
    assert_eq!(cluster.get("/").status(), 200);
    assert_eq!(errors_of(cluster).values().sum::<u64>(), 1);
}

#[test]
fn many_slow_clients_hold_nobody_up() {
    let cluster = Cluster::start("single", 1, &["--head-timeout", LONGER_TIME]);
    let mut slow: Vec<_> =
        (0..200).map(|_| Wire::sent(&cluster, "GET / HTTP/1.1\r\nA: ")).collect();
    for _ in 0..100 {
        assert_eq!(cluster.get("/").status(), 200);
    }
    for wire in &mut slow {
        is_a_refusal(&wire.answer(), 408, "one of many slow clients");
    }
}
