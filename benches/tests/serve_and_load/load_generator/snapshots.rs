//! `load --snapshots`: the lines of a run add up to its result, however it ends.

use std::collections::BTreeMap;
use std::process::Stdio;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::support::{
    Behaviour, Engine, HELLO, Server, Started, engines, engines_with, in_each_engine, load, number,
    refused,
};
use crate::common::Cluster;

/// The bars of a histogram by their value, as it was written.
fn bars(histogram: &Value) -> BTreeMap<String, u64> {
    let mut bars = BTreeMap::new();
    for bar in histogram.as_array().unwrap() {
        *bars.entry(bar[0].to_string()).or_default() += bar[1].as_u64().unwrap();
    }
    bars
}

/// Every count in a snapshot that may not fall, by its name.
fn counts(snapshot: &Value) -> BTreeMap<String, f64> {
    let mut counts = BTreeMap::new();
    for name in ["t_s", "good", "failed", "never_sent", "connections", "busy_s"] {
        counts.insert(name.to_owned(), snapshot[name].as_f64().unwrap());
    }
    for (class, count) in snapshot["errors"].as_object().unwrap() {
        counts.insert(class.clone(), count.as_f64().unwrap());
    }
    for worker in snapshot["workers"].as_array().unwrap() {
        for name in ["connections", "requests"] {
            let of = format!("{name} of {}", worker["id"]);
            counts.insert(of, worker[name].as_f64().unwrap());
        }
    }
    counts
}

/// What the last snapshot has in common with the result.
fn totals_of_result(result: &Value) -> Value {
    let mut errors = result["errors"].clone();
    errors.as_object_mut().unwrap().remove("errno");
    let workers = result["workers"].as_array().unwrap().iter().map(|worker| {
        serde_json::json!({
            "id": worker["id"],
            "pid": worker["pid"],
            "connections": worker["connections"],
            "requests": worker["client_requests"],
        })
    });
    serde_json::json!({
        "good": result["requests"],
        "errors": errors,
        "never_sent": result.pointer("/schedule/never_sent").unwrap_or(&0.into()),
        "connections": result["lifetime"]["connections"],
        "workers": workers.collect::<Vec<_>>(),
    })
}

/// Holds all snapshots of a run against each other and against its result.
fn check(snapshots: &[Value], result: &Value) {
    let mut ended = BTreeMap::new();
    let mut before: Option<BTreeMap<String, f64>> = None;
    for snapshot in snapshots {
        for (value, count) in bars(&snapshot["latency_us"]) {
            *ended.entry(value).or_default() += count;
        }
        let sum: u64 = ended.values().sum();
        let (good, failed) = (number(snapshot, "/good"), number(snapshot, "/failed"));
        assert_eq!(sum, good + failed, "each request is in one line, with its latency: {snapshot}");
        let classes = snapshot["errors"].as_object().unwrap().values();
        assert_eq!(classes.map(|count| count.as_u64().unwrap()).sum::<u64>(), failed);
        let now = counts(snapshot);
        if let Some(before) = &before {
            assert!(now["t_s"] > before["t_s"], "{snapshot}");
            for (name, count) in before {
                assert!(now.get(name) >= Some(count), "{name} fell from {count}: {snapshot}");
            }
        }
        before = Some(now);
    }
    let (last, others) = snapshots.split_last().expect("there is a last line");
    assert_eq!(last["end"], true, "{last}");
    assert!(others.iter().all(|snapshot| snapshot["end"] == false));
    let totals = totals_of_result(result);
    for (name, total) in totals.as_object().unwrap() {
        assert_eq!(&last[name], total, "{name}: {last} {result}");
    }
    assert_eq!(ended, bars(&result["latency"]["histogram"]), "the same distribution");
}

/// The snapshots among the lines of the standard error.
fn parse(lines: &str) -> Vec<Value> {
    let objects = lines.lines().filter(|line| line.starts_with('{'));
    objects.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A run that lasts until it is interrupted.
struct Endless {
    run: Started,
    snapshots: Vec<Value>,
}

impl Endless {
    fn start(engine: Engine, arguments: &[&str]) -> Self {
        let usual = ["-d", "60s", "--json", "-", "--phases", "--snapshots", "100ms"];
        let run = Started::start(engine.command(&[&usual[..], arguments].concat()));
        Self { run, snapshots: Vec::new() }
    }

    fn read_until(&mut self, wanted: impl Fn(&str) -> bool) {
        self.run.read_until(|line| {
            self.snapshots.extend(parse(line));
            wanted(line)
        });
    }

    fn read_until_snapshot(&mut self, wanted: impl Fn(&Value) -> bool) {
        self.read_until(|line| parse(line).iter().any(&wanted));
    }

    /// Interrupts it; returns all its snapshots and its result.
    fn interrupt(mut self) -> (Vec<Value>, Value) {
        self.run.signal(Signal::SIGINT);
        let run = self.run.end();
        self.snapshots.extend(parse(&run.err));
        assert_eq!(run.code, 130, "{}", run.err);
        (self.snapshots, run.json())
    }
}

#[test]
fn the_lines_of_a_run_add_up_to_its_result() {
    for (engine, server) in engines_with(Behaviour::NumberedWorker) {
        let arguments = ["-d", "700ms", "--warmup", "100ms", "-c", "6", "-t", "2"];
        let run = engine.drive(&server, &[&arguments[..], &["--snapshots", "100ms"]].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.err.lines().all(|line| line.starts_with('{')), "{}", run.err);
        check(&parse(&run.err), &run.json());
    }
}

#[test]
fn a_run_of_a_number_of_requests_ends_with_all_of_them_in_the_last_line() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let run = engine.drive(&server, &["-n", "501", "-c", "4", "-t", "2", "--snapshots", "10s"]);
        let snapshots = parse(&run.err);
        assert_eq!(snapshots.last().unwrap()["good"], 501, "{}", run.err);
        check(&snapshots, &run.json());
    }
}

#[test]
fn an_interrupted_run_has_told_all_that_is_in_its_result() {
    for (engine, server) in engines_with(Behaviour::NumberedWorker) {
        let mut run = Endless::start(engine, &[&server.url(), "-c", "6", "-t", "2"]);
        for _ in 0..3 {
            run.read_until_snapshot(|snapshot| snapshot["latency_us"][0].is_array());
        }
        let (snapshots, result) = run.interrupt();
        assert!(snapshots.len() > 3 && number(&result, "/requests") > 0, "{result}");
        check(&snapshots, &result);
    }
}

#[test]
fn before_the_window_nothing_is_told_but_the_end() {
    for (engine, server) in engines_with(Behaviour::NumberedWorker) {
        let mut run = Endless::start(engine, &[&server.url(), "--warmup", "60s"]);
        run.read_until(|line| line == "phase warm-up");
        crate::common::eventually("requests of the warm-up", || server.answered() > 100);
        let (snapshots, result) = run.interrupt();
        assert_eq!(snapshots.len(), 1, "{snapshots:?}");
        assert_eq!((&snapshots[0]["t_s"], &snapshots[0]["good"]), (&0.0.into(), &0.into()));
        check(&snapshots, &result);
    }
}

#[test]
fn requests_that_a_killed_server_had_are_in_the_lines_as_in_the_result() {
    for engine in engines() {
        for load in [&["-c", "8", "-t", "2"][..], &["-c", "8", "-R", "500"][..]] {
            let mut cluster = Cluster::start("round-robin", 2, &[]);
            let url = cluster.url();
            let mut run = Endless::start(engine, &[&[url.as_str()], load].concat());
            run.read_until_snapshot(|snapshot| number(snapshot, "/good") > 0);
            cluster.end_with("SIGKILL");
            run.read_until_snapshot(|snapshot| number(snapshot, "/failed") > 10);
            let (snapshots, result) = run.interrupt();
            assert!(number(&result, "/errors/refused") > 0, "{result}");
            check(&snapshots, &result);
        }
    }
}

#[test]
fn a_replaced_worker_goes_on_counting_under_its_id() {
    for engine in engines() {
        let cluster = Cluster::start("round-robin", 1, &[]);
        let url = cluster.url();
        let mut run = Endless::start(engine, &[&url, "-c", "4"]);
        let victim = cluster.first_workers()[0];
        run.read_until_snapshot(|snapshot| snapshot["workers"][0]["pid"] == victim);
        crate::common::signal(victim, "SIGKILL");
        run.read_until_snapshot(|snapshot| snapshot["workers"][0]["pid"] != victim);
        let (snapshots, result) = run.interrupt();
        assert_eq!(result["workers"].as_array().unwrap().len(), 1, "{result}");
        check(&snapshots, &result);
    }
}

#[test]
fn what_was_due_and_never_sent_is_in_the_last_line() {
    in_each_engine(|engine| {
        let server = Server::start(Behaviour::Stall);
        let arguments = ["-c", "2", "-R", "100", "-d", "300ms", "--timeout", "200ms"];
        let run = engine.drive(&server, &[&arguments[..], &["--snapshots", "100ms"]].concat());
        let (snapshots, result) = (parse(&run.err), run.json());
        assert!(number(&result, "/schedule/never_sent") > 0, "{result}");
        assert_eq!(snapshots.last().unwrap()["failed"], 30, "{result}");
        check(&snapshots, &result);
    });
}

#[test]
fn connections_that_were_steered_are_counted_from_the_first_line_on() {
    for engine in engines().into_iter().filter(|engine| engine.0 != "reqwest") {
        let cluster = Cluster::start("reuseport", 2, &[]);
        let url = cluster.url();
        let mut run = Endless::start(engine, &[&url, "-c", "8", "--steer", "equal"]);
        run.read_until_snapshot(|_| true);
        let (snapshots, result) = run.interrupt();
        let first = number(&snapshots[0], "/connections");
        assert!(first >= number(&result, "/steered/connects"), "{snapshots:?} {result}");
        check(&snapshots, &result);
    }
}

#[test]
fn the_run_goes_on_when_nobody_reads_its_lines() {
    for (engine, server) in engines_with(Behaviour::Answer(HELLO)) {
        let url = server.url();
        let arguments = [&url, "-d", "500ms", "--snapshots", "100ms", "--json", "-"];
        let mut command = engine.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let result: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(number(&result, "/requests") > 0, "{result}");
    }
}

#[test]
fn snapshots_that_cannot_be_are_one_line_that_says_what_would_be_right() {
    let cases: [(&[&str], &str); 6] = [
        (&["--snapshots", "99ms"], "give 100ms to 10s"),
        (&["--snapshots", "11s"], "give 100ms to 10s"),
        (&["--snapshots", "1"], "give 100ms to 10s"),
        (&["--snapshots", "often"], "give 100ms to 10s"),
        (&["--snapshots", "1s", "--find-max", "--slo", "p99=10ms"], "no single run to follow"),
        (&["--snapshots"], "a value is required"),
    ];
    refused(&["http://127.0.0.1:9/"], &cases);
    load(&["--snapshots", "1s", "--merge", "a.json", "b.json"])
        .is_refused(2, &["cannot be used with"]);
}
