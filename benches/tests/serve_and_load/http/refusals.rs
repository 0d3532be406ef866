//! What must not be acted upon is refused: with one whole answer, in order, and nothing after it.
//! Next: [`super::deliveries`].

use super::cases::{Case, refused};
use super::wire::{Wire, is_a_refusal, statuses};
use crate::common::{Cluster, MODES};

/// A request that may follow a refused one, and must not be answered then.
const SMUGGLED: &[u8] = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

/// One that may come before.
const FIRST: &[u8] = b"GET /first HTTP/1.1\r\nHost: h\r\n\r\n";

/// Sends `before` requests, the case, and `after`: those before are answered, then the case is
/// refused, and that is all.
fn is_refused_after(cluster: &Cluster, case: &Case, before: usize, after: &[u8]) {
    let mut wire = Wire::offered(cluster, [&FIRST.repeat(before), &case.bytes, after].concat());
    let answers = wire.answers_to_end().unwrap_or_else(|error| panic!("{case}: {error}"));
    let mut expected = vec![200; before];
    expected.push(case.status);
    assert_eq!(statuses(&answers), expected, "{case}: {answers:#?}");
    is_a_refusal(&answers[before], case.status, &case.to_string());
}

#[test]
fn what_is_no_request_is_refused_and_the_connection_closed() {
    let cluster = Cluster::start("single", 1, &[]);
    for case in refused() {
        is_refused_after(&cluster, &case, 0, b"");
    }
}

#[test]
fn nothing_after_a_refusal_is_answered() {
    let cluster = Cluster::start("single", 1, &[]);
    for case in refused() {
        is_refused_after(&cluster, &case, 0, SMUGGLED);
    }
}

#[test]
fn a_refusal_comes_after_the_answers_to_all_requests_before_it() {
    let cluster = Cluster::start("single", 1, &[]);
    for case in refused() {
        is_refused_after(&cluster, &case, 3, SMUGGLED);
    }
}

#[test]
fn a_refusal_comes_too_when_what_was_before_it_has_been_answered() {
    let cluster = Cluster::start("single", 1, &[]);
    for case in refused() {
        let mut wire = Wire::sent(&cluster, FIRST);
        assert_eq!(wire.answer().status(), 200);
        wire.offer([&case.bytes, SMUGGLED].concat());
        is_a_refusal(&wire.answer(), case.status, &case.to_string());
        wire.expect_end();
    }
}

#[test]
fn a_refusal_waits_for_an_answer_that_takes_its_time() {
    let cluster = Cluster::start("single", 1, &[]);
    let mut wire =
        Wire::sent(&cluster, "GET /sleep?ms=100 HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    wire.send(SMUGGLED);
    assert!(wire.answer().body.contains("100 ms asleep"));
    is_a_refusal(&wire.answer(), 400, "no Host, after a slow request");
    wire.expect_end();
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
        is_a_refusal(&wire.answer(), case.status, &case.to_string());
        wire.expect_end();
    }
}

#[test]
fn refusals_are_the_same_in_every_mode() {
    for (mode, workers) in MODES.into_iter().filter(|(mode, _)| *mode != "single") {
        let cluster = Cluster::start(mode, workers, &[]);
        for case in refused() {
            is_refused_after(&cluster, &case, 1, SMUGGLED);
        }
    }
}
