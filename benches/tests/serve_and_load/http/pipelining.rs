//! Pipelined requests: answered in order, and read only as fast as the answers are.

use std::io::Write;
use std::thread;

use super::wire::{GET, Wire};
use crate::common::{Cluster, process};

/// More than the kernel (`tcp_wmem`, `tcp_rmem`: 4 and 6 MiB) and the worker buffer together.
const MOST_TAKEN: usize = 64 << 20;

/// The most by which the worker may grow meanwhile, in KiB.
const MOST_GROWTH: u64 = 16 << 10;

/// The n-th of many requests, and what shows in its answer that it was this one.
fn numbered(n: usize) -> (String, String) {
    let (target, mark) = match n % 10 {
        3 => (format!("/work?rounds={n}"), format!(", {n} rounds: ")),
        7 => (format!("/sleep?ms={}", n % 3), format!(", {} ms asleep", n % 3)),
        5 => (format!("/work?rounds={n}x"), "give a whole number".into()),
        _ => (format!("/{n}"), "Hello from worker".into()),
    };
    let request = if n.is_multiple_of(4) {
        format!("POST {target} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
    } else {
        format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")
    };
    (request, mark)
}

#[test]
fn a_thousand_requests_are_answered_in_order() {
    for (mode, workers) in [("single", 1), ("threads", 2), ("round-robin", 2)] {
        let cluster = Cluster::start(mode, workers, &[]);
        let (requests, marks): (Vec<_>, Vec<_>) = (0..1000).map(numbered).unzip();
        let mut wire = Wire::sent(&cluster, requests.concat());
        wire.finish_sending();
        for (n, mark) in marks.into_iter().enumerate() {
            let answer = wire.answer();
            assert!(answer.body.contains(&mark), "{mode}: answer {n} has no '{mark}': {answer:?}");
        }
        wire.expect_end();
    }
}

#[test]
fn a_refusal_comes_after_a_thousand_answers() {
    let cluster = Cluster::start("single", 1, &[]);
    let mut wire = Wire::offered(&cluster, GET.repeat(1000));
    wire.offer("GET / HTTP/1.1\r\n\r\n");
    wire.offer(GET.repeat(1000));
    for n in 0..1000 {
        assert_eq!(wire.answer().status(), 200, "answer {n}");
    }
    wire.expect_refusal(400, "no Host");
}

fn peak_memory(pid: u32) -> u64 {
    process(pid).unwrap().status().unwrap().vmhwm.unwrap()
}

#[test]
fn who_reads_no_answers_is_not_read_either_and_then_cut_off() {
    let cluster = Cluster::start("single", 1, &["--write-timeout", "500ms"]);
    let before = peak_memory(cluster.master());
    let wire = Wire::to(&cluster);
    let requests = GET.repeat(1000);
    let mut taken = 0;
    // It blocks once all buffers are full, and fails when the connection has been cut off.
    while wire.stream().write_all(requests.as_bytes()).is_ok() {
        taken += requests.len();
        assert!(taken < MOST_TAKEN, "{taken} bytes of requests were taken in unread");
    }
    let growth = peak_memory(cluster.master()) - before;
    assert!(growth < MOST_GROWTH, "the worker has grown by {growth} KiB");
    assert_eq!(cluster.get("/").status(), 200);
}

#[test]
fn who_reads_slowly_gets_every_answer() {
    let cluster = Cluster::start("single", 1, &[]);
    let count = 20_000;
    let mut wire = Wire::to(&cluster);
    let mut sending = wire.stream().try_clone().unwrap();
    let sender = thread::spawn(move || {
        let requests = GET.repeat(count);
        sending.write_all(requests.as_bytes())
    });
    for n in 0..count {
        if n % 2000 == 0 {
            thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(wire.answer().status(), 200, "answer {n}");
    }
    sender.join().unwrap().unwrap();
    wire.finish();
}
