//! What a run measures, counts and says, over real processes.

use std::fs::OpenOptions;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::support::{
    Behaviour, HELLO, Server, Started, engines, engines_with, file_in, load, number, numbers,
    read_json, refused,
};
use crate::common::eventually;

#[test]
fn a_number_of_requests_is_kept_to_exactly() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let result = engine.drive(&server, &["-n", "1001", "-c", "7", "-t", "3"]).json();
        assert_eq!(numbers(&result, ["/requests", "/lifetime/sent"]), [1001, 1001]);
        assert_eq!(number(&result, "/lifetime/connections"), 7);
        assert_eq!(server.answered(), 1001);
    }
}

#[test]
fn client_and_server_agree_over_the_whole_life() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let result = engine.drive(&server, &["-d", "300ms", "--warmup", "100ms", "-c", "8"]).json();
        let answered = number(&result, "/lifetime/answered");
        assert_eq!(answered, server.answered(), "nothing is left outstanding: {result}");
        assert_eq!(number(&result, "/workers/0/client_requests"), answered);
        assert_eq!(number(&result, "/workers/0/pid"), 77, "found in the body");
        assert!(number(&result, "/requests") <= answered, "{result}");
        let elapsed = result["elapsed_s"].as_f64().unwrap();
        assert!((elapsed - 0.3).abs() < 1e-3, "{elapsed}");
    }
}

#[test]
fn without_keepalive_each_request_has_its_connection() {
    for engine in engines() {
        for host in ["127.0.0.1", "::1"] {
            let server = Server::start_on(host, Behaviour::AnswerAndClose(HELLO));
            let result = engine.drive(&server, &["-n", "200", "-c", "4", "--no-keepalive"]).json();
            assert_eq!(number(&result, "/requests"), 200, "{result}");
            assert_eq!(number(&result, "/lifetime/connections"), 200, "{result}");
            assert_eq!(number(&result, "/workers/0/connections"), 200, "{result}");
        }
    }
}

#[test]
fn workers_are_told_apart_by_their_headers() {
    for engine in engines() {
        let server = Server::start_on("::1", Behaviour::NumberedWorker);
        let result = engine.drive(&server, &["-n", "300", "-c", "3"]).json();
        let workers = result["workers"].as_array().unwrap();
        let ids: Vec<_> = workers.iter().map(|worker| worker["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, [1, 2, 3]);
        assert!(workers.iter().all(|worker| worker["connections"] == 1), "{result}");
        let sum: u64 =
            workers.iter().map(|worker| worker["client_requests"].as_u64().unwrap()).sum();
        assert_eq!(sum, 300);
    }
}

#[test]
fn the_summary_names_rate_percentiles_workers_and_verdict() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let run = engine.load(&[&server.url(), "-n", "100", "-c", "2"]);
        for part in ["100 requests", "Requests/sec:", "p99.9", "Errors: none", "pid 77", "VALID"] {
            assert!(run.out.contains(part), "{part} in {}", run.out);
        }
        assert_eq!((run.code, run.err.as_str()), (0, ""));
    }
}

#[test]
fn the_result_can_go_to_a_file_beside_the_summary() {
    for engine in engines() {
        let folder = tempfile::tempdir().unwrap();
        let file = file_in(&folder, "result.json");
        let server = Server::start(Behaviour::Answer(HELLO));
        let run = engine.load(&[&server.url(), "-n", "10", "-c", "2", "--json", &file]);
        assert!(run.out.contains("Requests/sec"));
        assert_eq!(number(&read_json(&file), "/requests"), 10);
        let run =
            engine.load(&[&server.url(), "-n", "10", "-c", "2", "--json", "/nonexistent/x.json"]);
        assert_eq!(run.code, 3);
        assert!(run.err.contains("/nonexistent/x.json"), "{}", run.err);
    }
}

#[test]
fn the_phases_are_told_in_order() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let run = engine.drive(&server, &["-n", "10", "-c", "2", "--phases"]);
        let phases: Vec<_> = run.err.lines().collect();
        assert_eq!(phases, ["phase warm-up", "phase measure", "phase drain", "phase end"]);
    }
}

#[test]
fn an_interruption_prints_what_was_measured() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let url = server.url();
        let began = Instant::now();
        let arguments = [&url, "-d", "60s", "--json", "-", "--phases"];
        let mut run = Started::start(engine.command(&arguments));
        run.read_until(|line| line == "phase measure");
        eventually("answers", || server.answered() >= 100);
        run.signal(Signal::SIGINT);
        let run = run.end();
        assert_eq!(run.code, 130);
        assert!(began.elapsed() < Duration::from_secs(30), "it ended early");
        let result = run.json();
        assert!(number(&result, "/requests") > 0, "{result}");
        assert_eq!(result["interrupted"], true);
    }
}

#[test]
fn an_unreachable_target_is_one_line() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let run = load(&[&format!("http://127.0.0.1:{port}/"), "-d", "1s"]);
    assert_eq!(run.code, 3);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(run.err.contains("cannot reach"), "{}", run.err);
}

#[test]
fn bad_input_is_one_line_that_says_what_would_be_right() {
    let cases: [(&[&str], &str); 12] = [
        (&["ftp://127.0.0.1/"], "http://"),
        (&["http://127.0.0.1:99999/"], "http://127.0.0.1:8000/"),
        (&["http://h/", "-c", "0"], "at least 1"),
        (&["http://h/", "-c", "x"], "whole number"),
        (&["http://h/", "-c", "2", "-t", "3"], "at most as many threads"),
        (&["http://h/", "-t", "0"], "at least 1"),
        (&["http://h/", "-d", "ten"], "500ms"),
        (&["http://h/", "-d", "0s"], "above zero"),
        (&["http://h/", "-n", "0"], "at least one request"),
        (&["http://h/", "--timeout", "0s"], "1ms or more"),
        (&["http://h/", "-H", "no colon"], "name: value"),
        (&["http://h/", "--cpus", "1-0"], "0,2-3"),
    ];
    refused(&[], &cases);
}

/// Root may have the CPUs kept awake, where the kernel knows how; others are told.
#[test]
fn the_cpus_are_kept_awake_or_the_reason_is_told() {
    let server = Server::start(Behaviour::Echo);
    let may = OpenOptions::new().write(true).open("/dev/cpu_dma_latency").is_ok();
    let run = load(&[&server.url(), "-n", "10", "--awake", "--json", "-"]);
    if may {
        assert_eq!((run.code, &run.json()["awake"]), (0, &true.into()), "{}", run.err);
    } else {
        assert_eq!((run.code, run.err.lines().count()), (2, 1), "{}", run.err);
        assert!(run.err.contains("leave --awake out"), "{}", run.err);
    }
    let usual = load(&[&server.url(), "-n", "10", "--json", "-"]);
    assert!(usual.json().get("awake").is_none(), "{}", usual.out);
}
