//! Properties of the guard on inputs made of pieces of HTTP, right and wrong ones. Which properties:
//! `guard_model`. The same on arbitrary bytes, and for longer: `just fuzz`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod guard_model;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// How many inputs each test tries.
const CASES: u32 = 2000;

/// Whole requests, all of them right.
const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "\r\nGET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=b\r\n\n\r\n0\r\nA: b\r\n\r\n",
];

/// Parts of requests, right and wrong.
const PIECES: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "POST /a?b HTTP/1.1\r\n",
    "GET / HTTP/1.0\r\n",
    "GET / HTTP/2.0\r\n",
    "CONNECT h:1 HTTP/1.1\r\n",
    "Host: h\r\n",
    "Host: a b\r\n",
    "A: b\r\n",
    "A : b\r\n",
    " folded\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: 99\r\n",
    "Content-Length: 18446744073709551616\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Expect: 100-continue\r\n",
    "\r\n",
    "\r",
    "\n",
    "\0",
    "hello",
    "5\r\nhello\r\n",
    "5;a=\"b\"\r\nhello\r\n",
    "0\r\n\r\n",
    "0\r\nA: b\r\n\r\n",
    "ffffffffffffffff\r\n",
    "10000000000000000\r\n",
    "+5\r\n",
];

/// A few right requests, of which some bytes are then changed, left out or doubled.
fn nearly_right() -> impl Strategy<Value = Vec<u8>> {
    let requests = vec(select(REQUESTS), 1..5).prop_map(|requests| requests.concat().into_bytes());
    let change = (any::<Index>(), 0..3, prop_oneof![any::<u8>(), select(&b"\r\n \t:;,0\0"[..])]);
    (requests, vec(change, 0..3)).prop_map(|(mut bytes, changes)| {
        for (at, what, byte) in changes {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        bytes
    })
}

/// Pieces in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    vec(select(PIECES), 0..16).prop_map(|pieces| pieces.concat().into_bytes())
}

/// Where an input is cut.
fn cuts() -> impl Strategy<Value = Vec<usize>> {
    vec(any::<usize>(), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn right_requests_pass_whole_and_are_counted(
        requests in vec(select(REQUESTS), 0..8),
        cuts in cuts(),
    ) {
        let input = requests.concat();
        guard_model::holds(input.as_bytes(), &cuts);
        let mut guard = server::http::guard::Guard::new(guard_model::limits());
        let checked = guard.check(input.as_bytes());
        prop_assert_eq!((checked.pass, checked.refused), (input.len(), None));
        prop_assert_eq!(guard.requests(), requests.len() as u64);
    }

    #[test]
    fn all_holds_for_requests_that_are_nearly_right(input in nearly_right(), cuts in cuts()) {
        guard_model::holds(&input, &cuts);
    }

    #[test]
    fn all_holds_for_pieces_in_any_order(input in pieces(), cuts in cuts()) {
        guard_model::holds(&input, &cuts);
    }

    #[test]
    fn all_holds_for_arbitrary_bytes(input in vec(any::<u8>(), 0..300), cuts in cuts()) {
        guard_model::holds(&input, &cuts);
    }
}
