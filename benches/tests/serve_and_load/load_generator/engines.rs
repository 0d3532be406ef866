//! Which engine runs, and what is said when `io_uring` is refused, as containers refuse it.

use std::thread;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

use super::support::{Behaviour, Engine, Run, Server, engines, engines_with, load, number};
use crate::common::temporary_path;

/// Does something on a thread for which, and for whose children, `io_uring_setup` fails.
fn refused(errno: i32, run: impl FnOnce() -> Run + Send + 'static) -> Run {
    let arch = TargetArch::try_from(std::env::consts::ARCH).unwrap();
    let refuse = SeccompAction::Errno(errno.cast_unsigned());
    let rules = [(libc::SYS_io_uring_setup, vec![])].into_iter().collect();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).unwrap();
    let filter: BpfProgram = filter.try_into().unwrap();
    let thread = thread::spawn(move || {
        apply_filter(&filter).unwrap();
        run()
    });
    thread.join().unwrap()
}

#[test]
fn auto_takes_epoll_where_io_uring_is_refused_and_says_why() {
    for (errno, reason) in [(libc::EPERM, "not permitted"), (libc::ENOSYS, "not implemented")] {
        let server = Server::start(Behaviour::Echo);
        let url = server.url();
        let run = refused(errno, move || load(&[&url, "-n", "10", "-c", "2", "--json", "-"]));
        let result = run.json_with(0);
        assert_eq!(result["engine"], "epoll");
        let note = result["engine_note"].as_str().unwrap();
        assert!(note.contains("io_uring_setup") && note.contains(reason), "{note}");
        assert_eq!(run.err, format!("note: {note}\n"));
        assert_eq!(number(&result, "/requests"), 10);
    }
}

#[test]
fn uring_by_name_is_one_line_and_exit_3_where_it_is_refused() {
    let server = Server::start(Behaviour::Echo);
    let url = server.url();
    let run = refused(libc::EPERM, move || load(&[&url, "-n", "10", "--engine", "uring"]));
    assert_eq!((run.code, run.out.as_str()), (3, ""), "{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(run.err.contains("io_uring_setup: ") && run.err.contains("--engine epoll"));
}

#[test]
fn epoll_by_name_needs_no_io_uring_and_says_nothing_of_it() {
    let server = Server::start(Behaviour::Echo);
    let url = server.url();
    let run = refused(libc::EPERM, move || Engine("epoll").load(&[&url, "-n", "10"]));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains(" by epoll "), "{}", run.out);
}

#[test]
fn auto_takes_uring_where_it_works() {
    let server = Server::start(Behaviour::Echo);
    let run = load(&[&server.url(), "-n", "10", "--json", "-"]);
    let best = engines().first().unwrap().0;
    assert_eq!(run.json()["engine"], best);
    assert_eq!(run.json()["engine_note"].is_null(), best == "uring", "{}", run.out);
}

#[test]
fn an_unknown_engine_is_one_line_that_says_what_there_is() {
    load(&["http://h/", "--engine", "kqueue"])
        .is_refused(2, &["auto, uring, epoll, hyper or reqwest"]);
}

#[test]
fn a_request_larger_than_a_sockets_buffer_goes_out_whole() {
    for (engine, server) in engines_with(Behaviour::Swallow) {
        let (_folder, body) = temporary_path("body");
        std::fs::write(&body, vec![b'x'; 5_000_000]).unwrap();
        let body = format!("@{}", body.display());
        let arguments = ["-n", "6", "-c", "2", "--method", "POST", "--body", &body];
        let result = engine.drive(&server, &arguments).json();
        assert_eq!(number(&result, "/requests"), 6, "{engine:?}: {result}");
    }
}
