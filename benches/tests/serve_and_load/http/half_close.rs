//! A client may shut its sending side once it has asked, and is still answered.

use super::wire::{Wire, statuses};
use crate::common::Cluster;

#[test]
fn who_has_stopped_sending_is_still_answered() {
    let cluster = Cluster::start("single", 1, &[]);
    for request in [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /sleep?ms=50 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "POST /sleep?ms=50 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ] {
        assert_eq!(statuses(&Wire::all_answers(&cluster, request)), [200], "{request}");
    }
}

#[test]
fn every_request_sent_before_the_end_is_answered() {
    let cluster = Cluster::start("single", 1, &[]);
    let requests = "GET /sleep?ms=20 HTTP/1.1\r\nHost: h\r\n\r\n".repeat(5);
    assert_eq!(statuses(&Wire::all_answers(&cluster, requests)), [200; 5]);
}

#[test]
fn a_request_that_breaks_off_is_not_acted_upon() {
    let cluster = Cluster::start("single", 1, &[]);
    for part in [
        "",
        "\r\n",
        "G",
        "GET / HTTP/1.1\r\nHost: h\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\r",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    ] {
        let answers = statuses(&Wire::all_answers(&cluster, part));
        assert!(answers.iter().all(|status| *status >= 400), "{part:?}: {answers:?}");
    }
    assert_eq!(cluster.get("/").status(), 200);
}
