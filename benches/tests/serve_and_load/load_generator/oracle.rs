//! Latencies that arithmetic predicts, within bounds that no slow machine can break.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::support::{Behaviour, HELLO, Server, Started, engines, engines_with, number};

/// Requests that took at least this long, by the histogram of `latency`.
fn at_least(result: &Value, latency: &str, us: f64) -> u64 {
    let bars = result[latency]["histogram"].as_array().unwrap();
    let long = bars.iter().filter(|bar| bar[0].as_f64().unwrap() >= us);
    long.map(|bar| bar[1].as_u64().unwrap()).sum()
}

#[test]
fn a_servers_pause_delays_all_that_was_due_meanwhile_and_a_closed_loop_hides_it() {
    for engine in engines() {
        const PAUSE_MS: u64 = 300;
        let behaviour = Behaviour::Pause { after: 200, length: Duration::from_millis(PAUSE_MS) };
        let server = Server::start(behaviour);
        let open = engine.drive(&server, &["-R", "500", "-n", "500", "-c", "256"]).json();
        // Due in the pause's first 200 ms: a hundred requests, each waiting 100 ms or more.
        let waited = at_least(&open, "latency", 98_000.0);
        assert!(waited >= 95, "{waited}: {open}");
        assert!(open["latency"]["max"].as_f64().unwrap() >= 0.98e3 * PAUSE_MS as f64, "{open}");

        let server = Server::start(behaviour);
        let closed = engine.drive(&server, &["-n", "500", "-c", "1"]).json();
        let waited = at_least(&closed, "latency", 98_000.0);
        assert!((1..=20).contains(&waited), "{waited}: {closed}");
    }
}

#[test]
fn a_stopped_generator_says_that_it_was_late_and_does_not_charge_the_server() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let url = server.url();
        let arguments = [&url, "-R", "500", "-d", "1s", "-c", "8", "--json", "-", "--phases"];
        let mut run = Started::start(engine.command(&arguments));
        run.read_until(|line| line == "phase measure");
        run.signal(Signal::SIGSTOP);
        std::thread::sleep(Duration::from_millis(400));
        run.signal(Signal::SIGCONT);
        let run = run.end();
        assert_eq!(run.code, 4, "{}", run.out);
        let result = run.json();
        assert_eq!(number(&result, "/requests"), 500, "nothing is skipped: {result}");
        let lag = &result["split"]["schedule_lag"];
        assert!(lag["max"].as_f64().unwrap() >= 390_000.0, "{result}");
        // Due in the first 300 ms of the stop: 150 requests, each noticed 100 ms late or more.
        assert!(at_least(&result, "latency", 98_000.0) >= 145, "{result}");
        assert!(at_least(&result, "service_latency", 98_000.0) <= 20, "{result}");
        assert!(result["reasons"][0].as_str().unwrap().contains("schedule"), "{result}");
    }
}
