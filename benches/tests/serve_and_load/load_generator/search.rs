//! The search for the highest rate, over real processes (its precision: `loadgen::search`).

use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::support::{Behaviour, Server, Started, command, file_in, load, read_json, refused};

const FAILURE: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

fn rate(answer: &Value, name: &str) -> Option<f64> {
    answer[name].as_f64()
}

/// What a probe counts for each part of the promise.
fn counts(probe: &Value, name: &str) -> Vec<u64> {
    probe[name].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).collect()
}

#[test]
fn an_answer_has_a_rate_its_interval_and_all_probes() {
    let server = Server::start(Behaviour::Serial(Duration::from_millis(1)));
    let folder = tempfile::tempdir().unwrap();
    let file = file_in(&folder, "answer.json");
    let url = server.url();
    let slo = ["--find-max", "--slo", "p99=20ms", "--slo", "errors=1%", "--budget", "5s"];
    let arguments = ["-c", "8", "--phases", "--json", &file];
    let run = load(&[&[url.as_str()], &slo[..], &arguments].concat());
    let answer = read_json(&file);
    assert_eq!(answer["slo"], serde_json::json!(["p99=20ms", "errors=1%"]));
    let probes = answer["probes"].as_array().unwrap();
    let told = run.err.lines().filter(|line| {
        ["bracket", "refine", "confirm"].iter().any(|stage| line.trim().starts_with(stage))
    });
    assert_eq!(told.count(), probes.len(), "{}", run.err);
    assert!(!probes.is_empty());
    for probe in probes {
        let requests = probe["requests"].as_u64().unwrap();
        let [counted, beyond] = ["counted", "beyond"].map(|name| counts(probe, name));
        assert_eq!([counted.len(), beyond.len()], [2, 2], "one per part of the promise: {probe}");
        assert!(counted[0] <= requests && counted[1] == requests, "{probe}");
        assert!(beyond[0] <= counted[0] && beyond[1] <= counted[1], "{probe}");
    }
    let of = |name| rate(&answer, name);
    if let (Some(low), Some(found), Some(high)) = (of("low_rps"), of("rate_rps"), of("high_rps")) {
        assert!(0.0 < low && low <= found && found <= high, "{answer}");
    }
    // A machine that is busy elsewhere keeps the promise at no rate, or makes the generator late.
    let expected = match (answer["valid"].as_bool().unwrap(), of("rate_rps")) {
        (true, Some(_)) => 0,
        (true, None) => 1,
        (false, _) => 4,
    };
    assert_eq!(run.code, expected, "{}{}", run.out, run.err);
    for part in ["Searching the highest rate", "p99=20ms and errors=1%", "Highest rate:", "Limit:"]
    {
        assert!(run.out.contains(part), "{part} in {}", run.out);
    }
}

#[test]
fn a_server_that_keeps_the_promise_at_no_rate_is_told_by_exit_code_1() {
    let server = Server::start(Behaviour::Answer(FAILURE));
    let arguments = ["--find-max", "--slo", "errors=1%", "--budget", "5s", "--json", "-"];
    let run = load(&[&[server.url().as_str(), "-c", "2"], arguments.as_slice()].concat());
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let answer = run.json();
    assert_eq!(rate(&answer, "rate_rps"), None);
    assert_eq!((&answer["limit"], &answer["valid"]), (&"server".into(), &true.into()));
    assert!(run.err.contains("the lowest rate tried"), "{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
}

#[test]
fn an_interruption_prints_what_was_found_so_far() {
    let server = Server::start(Behaviour::Echo);
    let url = server.url();
    let slo = ["--find-max", "--slo", "p99=10ms", "--budget", "60s"];
    let arguments = ["-c", "2", "--phases", "--json", "-"];
    let mut run = Started::start(command(&[&[url.as_str()], &slo[..], &arguments].concat()));
    run.read_until(|line| line.trim().starts_with("bracket"));
    run.signal(Signal::SIGINT);
    let run = run.end();
    assert_eq!(run.code, 130);
    let answer = run.json();
    assert_eq!((&answer["interrupted"], &answer["valid"]), (&true.into(), &false.into()));
    assert!(!answer["probes"].as_array().unwrap().is_empty(), "{answer}");
    let reasons = answer["reasons"].to_string();
    assert!(reasons.contains("Interrupted after") && !reasons.contains("--budget"), "{reasons}");
}

/// The server is far from being busy: what waits is soon served, however loaded the machine is.
#[test]
fn what_the_generator_spoils_by_being_away_is_left_out() {
    let server = Server::start(Behaviour::AtMost(200));
    let url = server.url();
    let slo = ["--slo", "errors=10%", "--slo", "p99=20ms"];
    let arguments = ["-c", "8", "--find-max", "--budget", "5s", "--json", "-"];
    let search = Started::start(command(&[&[url.as_str()], &slo[..], &arguments].concat()));
    for _ in 0..10 {
        thread::sleep(Duration::from_millis(300));
        search.signal(Signal::SIGSTOP);
        thread::sleep(Duration::from_millis(40));
        search.signal(Signal::SIGCONT);
    }
    let answer = search.end().json();
    let probes = answer["probes"].as_array().unwrap();
    let left_out =
        |probe: &&Value| counts(probe, "counted")[1] < probe["requests"].as_u64().unwrap();
    assert!(probes.iter().any(|probe| left_out(&probe)), "{answer}");
}

#[test]
fn an_unreachable_target_is_one_line_on_stderr() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/");
    load(&[&url, "--find-max", "--slo", "p99=10ms", "--json", "-"])
        .is_refused(3, &["cannot reach"]);
}

#[test]
fn a_search_that_cannot_be_is_one_line_that_says_what_would_be_right() {
    let slo = ["--find-max", "--slo", "p99=10ms"];
    let cases: [(&[&str], &str); 16] = [
        (&["--find-max"], "give --slo such as p99=10ms"),
        (&["--slo", "p99=10ms"], "--slo goes with --find-max"),
        (&["--budget", "1m"], "--budget goes with --find-max"),
        (&["--find-max", "--slo", "p98=10ms"], "give one such as p99=10ms"),
        (&["--find-max", "--slo", "p99<10ms"], "give one such as p99=10ms"),
        (&["--find-max", "--slo", "errors=0%"], "errors=0.1%"),
        (&["--find-max", "--slo", "p99=10s"], "give a longer --timeout"),
        (&["--find-max", "--slo", "p99=1s"], "--budget of 250s or more"),
        (&[&slo[..], &["--budget", "1"]].concat(), "500ms, 2s or 1m"),
        (&[&slo[..], &["--budget", "1s"]].concat(), "give 2s to 24h"),
        (&[&slo[..], &["-R", "100"]].concat(), "it tries rates itself"),
        (&[&slo[..], &["--stages", "1s:5"]].concat(), "it tries rates itself"),
        (&[&slo[..], &["-n", "100"]].concat(), "give --budget"),
        (&[&slo[..], &["-d", "1s"]].concat(), "give --budget"),
        (&[&slo[..], &["--fail-if", "errors>0"]].concat(), "give --slo"),
        (&[&slo[..], &["--arrivals", "late"]].concat(), "constant or poisson"),
    ];
    refused(&["http://127.0.0.1:9/"], &cases);
    let run = load(&["--find-max", "--slo", "p99=10ms", "--merge", "a.json", "b.json"]);
    assert_eq!((run.code, run.err.contains("--merge does not go")), (2, true), "{}", run.err);
}
