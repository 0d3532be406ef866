//! Bad requests are refused with one whole answer, in order, and nothing after it.

use super::cases::refused;
use super::wire::{Wire, is_a_refusal, statuses};
use crate::common::{Cluster, MODES};

/// A request that may follow a refused one, and must not be answered then.
const SMUGGLED: &[u8] = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

const FIRST: &[u8] = b"GET /first HTTP/1.1\r\nHost: h\r\n\r\n";

/// Sends `before` requests, a case, and `after`, for each case: it is refused, and answered last.
fn each_is_refused_after(cluster: &Cluster, before: usize, after: &[u8]) {
    for case in refused() {
        let bytes = [&FIRST.repeat(before), &case.bytes, after].concat();
        let answers = Wire::offered(cluster, bytes).answers_to_end();
        let answers = answers.unwrap_or_else(|error| panic!("{case}: {error}"));
        let expected = [vec![200; before], vec![case.status]].concat();
        assert_eq!(statuses(&answers), expected, "{case}: {answers:#?}");
        is_a_refusal(&answers[before], case.status, &case.to_string());
    }
}

#[test]
fn what_is_no_request_is_refused_and_the_connection_closed() {
    each_is_refused_after(&Cluster::start("single", 1, &[]), 0, b"");
}

#[test]
fn nothing_after_a_refusal_is_answered() {
    each_is_refused_after(&Cluster::start("single", 1, &[]), 0, SMUGGLED);
}

#[test]
fn a_refusal_comes_after_the_answers_to_all_requests_before_it() {
    each_is_refused_after(&Cluster::start("single", 1, &[]), 3, SMUGGLED);
}

#[test]
fn a_refusal_comes_too_when_what_was_before_it_has_been_answered() {
    let cluster = Cluster::start("single", 1, &[]);
    for case in refused() {
        let mut wire = Wire::sent(&cluster, FIRST);
        assert_eq!(wire.answer().status(), 200);
        wire.offer([&case.bytes, SMUGGLED].concat());
        wire.expect_refusal(case.status, &case.to_string());
    }
}

#[test]
fn a_refusal_waits_for_an_answer_that_takes_its_time() {
    let cluster = Cluster::start("single", 1, &[]);
    let mut wire =
        Wire::sent(&cluster, "GET /sleep?ms=100 HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    wire.send(SMUGGLED);
    assert!(wire.answer().body.contains("100 ms asleep"));
    wire.expect_refusal(400, "no Host, after a slow request");
}

#[test]
fn a_refusal_reaches_a_client_that_goes_on_sending() {
    let cluster = Cluster::start("single", 1, &[]);
    for case in refused() {
        let mut wire = Wire::offered(&cluster, &case.bytes);
        // More than a socket's buffer holds while nobody reads: a server that just closes would
        // reset the connection, and with it take its answer back.
        for _ in 0..8 {
            wire.offer([b'x'; 8192]);
        }
        wire.expect_refusal(case.status, &case.to_string());
    }
}

#[test]
fn refusals_are_the_same_in_every_mode() {
    for (mode, workers) in MODES.into_iter().filter(|(mode, _)| *mode != "single") {
        let cluster = Cluster::start(mode, workers, &[]);
        each_is_refused_after(&cluster, 1, SMUGGLED);
    }
}
