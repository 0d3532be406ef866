//! Requests whole, byte by byte, and cut in two anywhere are answered alike.
//!
//! A case's connections are open side by side, so that they share a pause between parts.

use super::cases::{Case, accepted, refused};
use super::wire::{Wire, is_a_refusal, let_it_be_read, statuses};
use crate::common::Cluster;

/// A request that tells whether the connection is in step after another one.
const PROBE: &[u8] = b"GET /probe HTTP/1.1\r\nHost: h\r\n\r\n";

/// Whether the case was refused, and with it the connection ended.
fn was_refused(mut wire: Wire, case: &Case, delivery: &str) {
    let of = format!("{case}, {delivery}");
    let answers = wire.answers_to_end().unwrap_or_else(|error| panic!("{of}: {error}"));
    assert_eq!(statuses(&answers), [case.status], "{of}: {answers:#?}");
    is_a_refusal(&answers[0], case.status, &of);
}

/// Whether the case was answered, and the connection is in step.
fn was_accepted(mut wire: Wire, case: &Case, delivery: &str) {
    wire.offer(PROBE);
    wire.finish_sending();
    let answers = wire.answers_to_end();
    let answers = answers.unwrap_or_else(|error| panic!("{case}, {delivery}: {error}"));
    assert_eq!(statuses(&answers), [case.status, 200], "{case}, {delivery}: {answers:#?}");
}

/// A cluster that waits for whatever comes: how long the deliveries take is not what is tested.
fn patient_cluster() -> Cluster {
    Cluster::start("single", 1, &["--head-timeout", "1h", "--body-timeout", "1h"])
}

fn in_two_parts(cases: &[Case], judge: impl Fn(Wire, &Case, &str)) {
    let cluster = patient_cluster();
    for case in cases {
        let cuts = 1..case.bytes.len();
        let mut wires: Vec<_> = cuts.clone().map(|_| Wire::to(&cluster)).collect();
        for (wire, cut) in wires.iter_mut().zip(cuts.clone()) {
            wire.offer(&case.bytes[..cut]);
        }
        let_it_be_read();
        for (mut wire, cut) in wires.into_iter().zip(cuts) {
            wire.offer(&case.bytes[cut..]);
            judge(wire, case, &format!("cut after {cut} bytes"));
        }
    }
}

fn byte_by_byte(cases: &[Case], judge: impl Fn(Wire, &Case, &str)) {
    let cluster = patient_cluster();
    let mut wires: Vec<_> = cases.iter().map(|_| Wire::to(&cluster)).collect();
    let longest = cases.iter().map(|case| case.bytes.len()).max().unwrap();
    for index in 0..longest {
        for (wire, case) in wires.iter_mut().zip(cases) {
            // Whoever has its answer need not say more.
            if let Some(byte) = case.bytes.get(index)
                && !wire.has_news()
            {
                wire.offer([*byte]);
            }
        }
        let_it_be_read();
    }
    for (wire, case) in wires.into_iter().zip(cases) {
        judge(wire, case, "byte by byte");
    }
}

#[test]
fn what_is_right_is_answered_as_a_whole() {
    let cluster = Cluster::start("single", 1, &[]);
    for case in accepted() {
        let wire = Wire::sent(&cluster, &case.bytes);
        was_accepted(wire, &case, "whole");
    }
}

#[test]
fn what_is_right_is_answered_when_it_comes_in_two_parts() {
    in_two_parts(&accepted(), was_accepted);
}

#[test]
fn what_is_right_is_answered_when_it_comes_byte_by_byte() {
    byte_by_byte(&accepted(), was_accepted);
}

#[test]
fn what_is_wrong_is_refused_when_it_comes_in_two_parts() {
    in_two_parts(&refused(), was_refused);
}

#[test]
fn what_is_wrong_is_refused_when_it_comes_byte_by_byte() {
    byte_by_byte(&refused(), was_refused);
}

#[test]
fn many_requests_in_one_stream_are_answered_wherever_it_is_cut() {
    let cluster = Cluster::start("single", 1, &[]);
    let cases = accepted();
    let stream: Vec<u8> = cases.iter().flat_map(|case| case.bytes.clone()).collect();
    let expected: Vec<u16> = cases.iter().map(|case| case.status).collect();
    for size in [1, 2, 3, 7, 64, 1000, stream.len()] {
        let mut wire = Wire::to(&cluster);
        for part in stream.chunks(size) {
            wire.send(part);
        }
        wire.finish_sending();
        let answers = wire.answers_to_end().unwrap();
        assert_eq!(statuses(&answers), expected, "in parts of {size} bytes");
    }
}

#[test]
fn requests_one_after_another_on_one_connection_are_all_answered() {
    let cluster = patient_cluster();
    let mut wire = Wire::to(&cluster);
    for case in accepted() {
        // Between the odd ones a plain one, whose answer may be made in another way.
        for bytes in [&case.bytes, PROBE] {
            assert_eq!(wire.exchange(bytes).status(), case.status, "{case}");
        }
    }
    wire.finish();
}
