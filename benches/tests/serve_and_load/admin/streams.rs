//! `/events`: what happens, in the order in which it happens.

use std::io::Write;

use super::operator::{Stream, start, start_in_each_mode};
use crate::common::{events, eventually};

#[test]
fn a_kill_is_followed_event_by_event_to_the_replacement() {
    start_in_each_mode(2, &[], |mode, cluster, operator| {
        let victim = cluster.wait_for_serving(2)[&1];
        let mut stream = operator.follow("10s");
        assert!(stream.head.contains("content-type: text/event-stream\r\n"), "{}", stream.head);
        let (first, status) = stream.next().unwrap();
        assert_eq!((first.as_str(), &status["mode"]), ("status", &mode.into()));
        operator.command("/workers/1/kill");
        let exit = stream.next_named("exit");
        let fork = stream.next_named("fork");
        let listening = stream.next_named("listening");
        let times = [&exit, &fork, &listening].map(|event| event.t_s);
        assert!(times.is_sorted() && times[0] > 0.0, "{times:?}");
        let killed = events::exit(&exit.event).unwrap();
        assert_eq!((killed.process.pid, killed.signal), (victim, Some(9)));
        let replacement = events::fork(&fork.event).unwrap();
        assert_eq!(replacement.id, 1);
        assert_ne!(replacement.pid, victim);
        assert_eq!(events::listening(&listening.event).unwrap().pid, replacement.pid);
        // The same as in the file.
        cluster.wait_for_exit(victim);
        assert!(cluster.events().contains(&exit));
    });
}

#[test]
fn the_status_comes_at_intervals() {
    let (_cluster, operator) = start("round-robin", 1, &[]);
    let mut stream = operator.follow("100ms");
    let times: Vec<f64> = (0..4).map(|_| stream.next_status().uptime_s).collect();
    assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
}

#[test]
fn the_stream_ends_with_the_cluster() {
    let (mut cluster, operator) = start("round-robin", 2, &[]);
    let mut stream = operator.follow("10s");
    stream.next_status();
    assert!(cluster.end_with("SIGTERM").success());
    stream.next_named("disconnect");
    stream.next_named("exit");
    stream.next_named("end");
    assert!(stream.next().is_none_or(|(name, _)| name == "status"), "nothing follows the end");
}

#[test]
fn only_so_many_can_follow_at_a_time() {
    let (_cluster, operator) = start("round-robin", 1, &[]);
    let mut readers: Vec<Stream> = (0..16).map(|_| operator.follow("100ms")).collect();
    for reader in &mut readers {
        assert!(reader.head.contains(" 200 "), "{}", reader.head);
        reader.next_status();
    }
    let answer = operator.get("/events");
    assert_eq!(answer.status(), 503, "{answer:?}");
    assert!(answer.header("retry-after").is_some());
    assert_eq!(operator.get("/status").status(), 200);
    readers.pop();
    eventually("a free place", || operator.follow("10s").head.contains(" 200 "));
}

#[test]
fn who_does_not_read_is_hung_up_on_and_holds_nobody_up() {
    let (cluster, operator) = start("round-robin", 8, &[]);
    // Sixteen take all places, and what they are told.
    let idle: Vec<_> = (0..16)
        .map(|_| {
            let socket = operator.connect();
            nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::RcvBuf, &4096)
                .unwrap();
            let (mut stream, host) = (&socket, operator.host());
            write!(stream, "GET /events?interval=100ms HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
            socket
        })
        .collect();
    // A quick reader finds no place until they are gone.
    let deadline = std::time::Instant::now() + 10 * crate::common::PATIENCE;
    while operator.get("/events?interval=99999s").status() == 503
        || !operator.follow("10s").head.contains(" 200 ")
    {
        assert!(std::time::Instant::now() < deadline, "they are kept for ever");
        operator.command("/restart");
        assert_eq!(cluster.get("/").status(), 200);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    drop(idle);
}
