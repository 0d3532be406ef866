//! Every request ends in exactly the class that its fate deserves.

use std::os::fd::AsRawFd;

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, bind, getsockname, listen, socket,
};

use super::support::{
    Behaviour, CLOSING, Engine, Server, engines, in_each_engine, number, numbers,
};

/// Drives a server that treats all requests alike with every engine: all of them must end in `class`.
fn classify(behaviour: Behaviour, class: &str) {
    for engine in engines() {
        classify_with(engine, behaviour, class);
    }
}

fn classify_with(engine: Engine, behaviour: Behaviour, class: &str) {
    const REQUESTS: u64 = 20;
    let server = Server::start(behaviour);
    // Only silence is waited out; a busy machine must not turn another fault into a time-out.
    let timeout = if behaviour == Behaviour::Stall { "150ms" } else { "20s" };
    let run = engine.drive(&server, &["-n", "20", "-c", "4", "--timeout", timeout]);
    let result = run.json();
    assert_eq!(number(&result, class), REQUESTS, "{behaviour:?}: {result}");
    let errors = result["errors"].as_object().unwrap();
    let errors: u64 = errors.values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(errors + number(&result, "/requests"), REQUESTS, "one class each: {result}");
    let bars = result["latency"]["histogram"].as_array().unwrap();
    let bars: u64 = bars.iter().map(|bar| bar[1].as_u64().unwrap()).sum();
    assert_eq!(bars, REQUESTS, "all of them are in the histogram: {result}");
    let good = class == "/requests";
    assert_eq!(run.code, if good { 0 } else { 4 }, "{}", run.err);
}

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n3;x=y\r\nlo\n\r\n0\r\nt: u\r\n\r\n";

#[test]
fn a_plain_answer_is_good() {
    classify(Behaviour::Answer(HELLO), "/requests");
}

#[test]
fn an_answer_byte_by_byte_is_good() {
    classify(Behaviour::Drip(HELLO), "/requests");
    classify(Behaviour::Drip(CHUNKED), "/requests");
}

#[test]
fn a_chunked_answer_is_good() {
    classify(Behaviour::Answer(CHUNKED), "/requests");
}

#[test]
fn an_answer_without_a_body_is_good() {
    classify(Behaviour::Answer("HTTP/1.1 204 No Content\r\n\r\n"), "/requests");
}

#[test]
fn an_interim_answer_does_not_count() {
    let text = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    classify(Behaviour::Answer(text), "/requests");
}

#[test]
fn an_old_server_that_closes_after_each_answer_is_good() {
    classify(Behaviour::AnswerAndClose("HTTP/1.0 200 OK\r\n\r\nhello until the end"), "/requests");
    let text = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    classify(Behaviour::AnswerAndClose(text), "/requests");
}

#[test]
fn a_large_body_is_good_and_counted_to_the_byte() {
    for engine in engines() {
        let result = engine.result(Behaviour::Large(3_000_000), &["-n", "6", "-c", "2"]);
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n".len() as u64;
        assert_eq!(number(&result, "/requests"), 6);
        assert_eq!(number(&result, "/bytes"), 6 * (3_000_000 + head));
    }
}

#[test]
fn another_status_is_an_error_of_its_own() {
    classify(Behaviour::Answer("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), "/errors/status");
}

#[test]
fn a_reset_is_told_by_class_and_by_name() {
    classify(Behaviour::Reset, "/errors/reset");
    classify(Behaviour::Reset, "/errors/errno/ECONNRESET");
}

#[test]
fn silence_is_a_timeout_with_its_whole_wait() {
    in_each_engine(|engine| {
        classify_with(engine, Behaviour::Stall, "/errors/timeout");
        let result = engine.result(Behaviour::Stall, &["-n", "4", "-c", "4", "--timeout", "150ms"]);
        assert!(result["latency"]["p50"].as_f64().unwrap() >= 149_000.0, "{result}");
    });
}

#[test]
fn a_truncated_answer_was_closed_early() {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";
    classify(Behaviour::AnswerAndClose(text), "/errors/closed_early");
    classify(Behaviour::AnswerAndClose("HTTP/1.1 200 O"), "/errors/closed_early");
    classify(Behaviour::AnswerAndClose(""), "/errors/closed_early");
}

#[test]
fn garbage_and_a_wrong_length_are_protocol_errors() {
    for engine in engines() {
        let text = "220 mail.example.org ESMTP\r\n";
        classify_with(engine, Behaviour::Answer(text), "/errors/protocol");
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlonger than two";
        // reqwest throws away what follows an answer, and the connection with it: nobody can tell.
        let class = if engine.0 == "reqwest" { "/requests" } else { "/errors/protocol" };
        classify_with(engine, Behaviour::Answer(text), class);
    }
}

#[test]
fn a_server_that_vanishes_refuses_the_rest() {
    for engine in engines() {
        let server = Server::start(Behaviour::AnswerAndVanish(CLOSING));
        let run = engine.drive(&server, &["-n", "5", "-c", "1"]);
        let result = run.json();
        assert_eq!(numbers(&result, ["/requests", "/errors/refused"]), [1, 4], "{result}");
        assert_eq!(number(&result, "/errors/errno/ECONNREFUSED"), 4, "{result}");
        assert_eq!(run.code, 0, "what was answered is still measured: {}", run.err);
    }
}

#[test]
fn a_connection_that_is_not_made_in_time_is_told_apart_from_an_answer_that_does_not_come() {
    in_each_engine(|engine| {
        // The queue of a listener that never accepts takes one connection; others get no answer.
        let family = AddressFamily::Inet;
        let socket = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
        bind(socket.as_raw_fd(), &SockaddrIn::new(127, 0, 0, 1, 0)).unwrap();
        listen(&socket, Backlog::new(0).unwrap()).unwrap();
        let url = format!("http://{}/", getsockname::<SockaddrIn>(socket.as_raw_fd()).unwrap());
        let arguments = ["-n", "4", "-c", "4", "--timeout", "1s", "--json", "-"];
        let result = engine.load(&[&[url.as_str()], &arguments[..]].concat()).json();
        assert_eq!(number(&result, "/errors/timeout"), 1, "{engine:?}: {result}");
        assert_eq!(number(&result, "/errors/connect_timeout"), 3, "{engine:?}: {result}");
        assert_eq!(number(&result, "/lifetime/connections"), 1, "{engine:?}: {result}");
    });
}

#[test]
fn every_fault_ends_within_the_duration_and_the_timeout() {
    in_each_engine(|engine| {
        for behaviour in [Behaviour::Stall, Behaviour::Reset, Behaviour::AnswerAndClose("x")] {
            let server = Server::start(behaviour);
            let result =
                engine.drive(&server, &["-d", "200ms", "-c", "8", "--timeout", "300ms"]).json();
            let sent = number(&result, "/lifetime/sent");
            assert_eq!(sent, number(&result, "/lifetime/failed"), "{behaviour:?}: {result}");
            assert!(sent >= 8, "{behaviour:?}: {result}");
        }
    });
}
