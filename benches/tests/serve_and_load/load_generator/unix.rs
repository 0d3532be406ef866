//! Over a Unix socket: every engine counts, connects and fails as over TCP.

use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket,
};

use super::support::{
    Behaviour, CLOSING, Engine, HELLO, Run, Server, Shared, engines, in_each_engine, load, number,
    numbers, own_engines, serve_all,
};
use crate::common::temporary_path;

/// A server on a path of its own; its threads end with the test.
struct UnixServer {
    _folder: tempfile::TempDir,
    path: PathBuf,
    shared: Arc<Shared>,
}

impl UnixServer {
    fn start(behaviour: Behaviour) -> Self {
        let (folder, path) = temporary_path("load.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let shared = serve_all(listener, behaviour, |listener| Ok(listener.accept()?.0));
        Self { _folder: folder, path, shared }
    }

    fn heads(&self) -> Vec<String> {
        self.shared.heads()
    }
}

fn drive(engine: Engine, path: &Path, arguments: &[&str]) -> Run {
    engine.load(&[&["--unix", path.to_str().unwrap(), "--json", "-"], arguments].concat())
}

#[test]
fn a_number_of_requests_is_kept_to_exactly_and_the_result_looks_as_over_tcp() {
    for engine in engines() {
        let server = UnixServer::start(Behaviour::Answer(HELLO));
        let arguments = ["-n", "1001", "-c", "7", "-t", "3"];
        let run = drive(engine, &server.path, &arguments);
        let result = run.json_with(0);
        assert_eq!(numbers(&result, ["/requests", "/lifetime/sent"]), [1001, 1001]);
        assert_eq!(numbers(&result, ["/lifetime/connections", "/workers/0/pid"]), [7, 77]);
        assert_eq!(server.heads().len(), 1001);
        let tcp = Server::start(Behaviour::Answer(HELLO));
        let over_tcp = engine.drive(&tcp, &arguments).json();
        let keys = |result: &serde_json::Value| -> Vec<String> {
            result.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys(&result), keys(&over_tcp));
    }
}

#[test]
fn without_keepalive_each_request_has_its_connection() {
    for engine in engines() {
        for behaviour in [Behaviour::Answer(HELLO), Behaviour::AnswerAndClose(CLOSING)] {
            let server = UnixServer::start(behaviour);
            let arguments = ["-n", "300", "-c", "4", "--no-keepalive"];
            let result = drive(engine, &server.path, &arguments).json();
            assert_eq!(number(&result, "/requests"), 300, "{result}");
            assert_eq!(number(&result, "/lifetime/connections"), 300, "{result}");
            for head in server.heads() {
                assert!(head.to_ascii_lowercase().contains("connection: close\r\n"), "{head}");
            }
        }
    }
}

#[test]
fn pipelines_and_rates_work_alike() {
    for engine in own_engines() {
        for extra in [["--pipeline", "8"], ["-R", "2000"]] {
            let server = UnixServer::start(Behaviour::Answer(HELLO));
            let arguments = [&["-n", "400", "-c", "3"], &extra[..]].concat();
            let result = drive(engine, &server.path, &arguments).json();
            assert_eq!(number(&result, "/requests"), 400, "{engine:?}: {result}");
            assert_eq!(server.heads().len(), 400);
        }
    }
}

#[test]
fn the_url_gives_path_and_host_and_may_be_left_out() {
    for engine in engines() {
        for (url, request, host) in [
            (None, "GET / HTTP/1.1", "localhost"),
            (Some("http://example.org:81/a?b=c"), "GET /a?b=c HTTP/1.1", "example.org:81"),
        ] {
            let server = UnixServer::start(Behaviour::Answer(HELLO));
            let url: Vec<&str> = url.into_iter().collect();
            let run = drive(engine, &server.path, &[&url[..], &["-n", "3", "-c", "1"]].concat());
            assert_eq!(run.code, 0, "{}", run.err);
            // The client libraries write names in lower case, and some of their own.
            let field = format!("\r\nhost: {host}\r\n");
            let heads = server.heads();
            assert_eq!(heads.len(), 3);
            for head in heads {
                assert!(head.starts_with(request), "{head}");
                assert!(head.to_ascii_lowercase().contains(&field), "{head}");
            }
        }
    }
}

#[test]
fn a_server_that_vanishes_refuses_the_rest() {
    for engine in engines() {
        let server = UnixServer::start(Behaviour::AnswerAndVanish(CLOSING));
        let result = drive(engine, &server.path, &["-n", "5", "-c", "1"]).json();
        assert_eq!(numbers(&result, ["/requests", "/errors/refused"]), [1, 4], "{result}");
        assert_eq!(number(&result, "/errors/errno/ECONNREFUSED"), 4, "{result}");
    }
}

#[test]
fn where_nobody_listens_one_line_names_the_path() {
    let (_folder, path) = temporary_path("left.sock");
    for engine in engines() {
        let _ = std::fs::remove_file(&path);
        for _ in 0..2 {
            let run = drive(engine, &path, &["-n", "5"]);
            assert_eq!((run.code, run.out.as_str()), (3, ""), "{}", run.err);
            assert_eq!(run.err.lines().count(), 1, "{}", run.err);
            let says = format!("cannot reach unix:{}: ", path.display());
            assert!(run.err.contains(&says), "{}", run.err);
            // Missing first, then left over by somebody who has ended.
            drop(UnixListener::bind(&path));
        }
    }
}

#[test]
fn a_path_goes_with_no_merge() {
    let run = load(&["--unix", "a.sock", "--merge", "one.json", "two.json"]);
    assert_eq!((run.code, run.err.lines().count()), (2, 1), "{}", run.err);
    assert!(run.err.contains("--unix") && run.err.contains("--merge"), "{}", run.err);
}

/// A socket that listens on a path and never accepts: its queue takes one connection.
fn deaf_listener(path: &Path) -> OwnedFd {
    let flags = SockFlag::SOCK_CLOEXEC;
    let fd = socket(AddressFamily::Unix, SockType::Stream, flags, None).unwrap();
    bind(fd.as_raw_fd(), &UnixAddr::new(path).unwrap()).unwrap();
    listen(&fd, Backlog::new(0).unwrap()).unwrap();
    fd
}

#[test]
fn a_full_accept_queue_is_an_error_to_connect_and_named() {
    in_each_engine(|engine| {
        let (_folder, path) = temporary_path("full.sock");
        let _deaf = deaf_listener(&path);
        let result = drive(engine, &path, &["-n", "4", "-c", "4", "--timeout", "300ms"]).json();
        assert_eq!(number(&result, "/errors/timeout"), 1, "{engine:?}: {result}");
        assert_eq!(number(&result, "/errors/connect"), 3, "{engine:?}: {result}");
        assert_eq!(number(&result, "/errors/errno/EAGAIN"), 3, "{engine:?}: {result}");
        assert_eq!(number(&result, "/lifetime/connections"), 1, "{engine:?}: {result}");
    });
}

#[test]
fn a_queue_that_stays_full_is_waited_for_no_longer_than_the_timeout() {
    in_each_engine(|engine| {
        let (_folder, path) = temporary_path("full.sock");
        let _deaf = deaf_listener(&path);
        let _first = UnixStream::connect(&path).unwrap();
        let run = drive(engine, &path, &["-n", "4", "--timeout", "200ms"]);
        assert_eq!((run.code, run.out.as_str()), (3, ""), "{}", run.err);
        assert!(run.err.contains("cannot reach unix:"), "{}", run.err);
    });
}
