//! What is served on a path is what is served on a port.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{MODES, Place, answer, ask};
use crate::admin::operator::Operator;
use crate::common::{
    Cluster, activated, events, hello_cluster, refused, refuses, run, signal, status_table,
};

#[test]
fn every_mode_but_reuseport_answers_on_a_path_and_says_so() {
    for (mode, workers) in MODES {
        let place = Place::new();
        let (cluster, address) = (place.start(mode, workers, &[]), place.address());
        let plural = if workers == 1 { "" } else { "s" };
        let line = format!("Listening on {address} ({mode}, {workers} worker{plural})");
        assert_eq!(cluster.lines()[1], line);
        assert_eq!(cluster.events_of(events::master), [address.as_str()]);
        place.get_hello();
        assert!(place.get("/work?rounds=10").contains(", 10 rounds: "), "{mode}");
        let mut stream = place.connect();
        write!(stream, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").unwrap();
        assert!(answer(&mut stream).starts_with("HTTP/1.1 400 "), "the guard sees it: {mode}");
        let table = status_table(&address);
        assert!(table.starts_with(&format!("{mode} on {address}, ")), "{table}");
    }
}

#[test]
fn the_status_is_found_by_another_path_to_the_same_socket_and_not_where_nobody_runs() {
    let place = Place::new();
    let status = |path: &str| {
        let mut command = hello_cluster();
        command.args(["serve", "--status", "--listen", path]).current_dir(place.folder.path());
        command.output().unwrap()
    };
    let nobody = status("unix:hello.sock");
    assert_eq!(nobody.status.code(), Some(3));
    let cluster = place.start("round-robin", 1, &[]);
    let found = status("unix:hello.sock");
    let table = String::from_utf8(found.stdout).unwrap();
    assert!(table.contains(&format!("master {}", cluster.master())), "{table}");
}

#[test]
fn reuseport_is_refused_at_the_start_and_in_a_switch() {
    let place = Place::new();
    let arguments = ["serve", "--mode", "reuseport", "--listen", &place.address()];
    refused(&arguments, 2, &["SO_REUSEPORT", "Unix sockets"]);
    assert!(!place.path.exists());
    // With one worker, a single socket would do: it is refused all the same.
    let cluster = place.start("round-robin", 1, &["--admin", "127.0.0.1:0"]);
    let operator = Operator::of(&cluster);
    assert!(operator.refused("/mode?to=reuseport", 409).contains("SO_REUSEPORT"));
    for (done, mode) in ["shared", "least-connections", "round-robin"].into_iter().enumerate() {
        assert_eq!(operator.post(&format!("/mode?to={mode}")).status(), 202, "{mode}");
        let switched = cluster.wait_for_events(events::switched, done + 1);
        assert_eq!(switched[done].name(), mode);
        place.get_hello();
    }
}

#[test]
fn the_generator_and_the_workers_count_the_same_with_and_without_keepalive() {
    for (mode, workers) in MODES {
        for extra in [&[][..], &["--no-keepalive"]] {
            let place = Place::new();
            let cluster = place.start(mode, workers, &[]);
            let arguments =
                ["load", "--unix", place.path.to_str().unwrap(), "-n", "1000", "-c", "8"];
            let (code, out, err) = run(&[&arguments[..], &["--json", "-"], extra].concat());
            assert_eq!(code, 0, "{err}");
            let result: Value = serde_json::from_str(&out).unwrap();
            let number = |worker: &Value, key: &str| worker[key].as_u64().unwrap();
            let workers = result["workers"].as_array().unwrap().iter();
            let asked: BTreeMap<_, _> = workers
                .map(|worker| (number(worker, "id") as u32, number(worker, "client_requests")))
                .collect();
            assert_eq!(asked.values().sum::<u64>(), 1000, "{mode}: {result}");
            let mut answered = cluster.stop_and_count(|counts| counts.requests);
            // One who was asked nothing is unknown to the generator.
            answered.retain(|_, count| *count > 0);
            assert_eq!(asked, answered, "{mode} {extra:?}");
        }
    }
}

#[test]
fn connections_that_wait_for_a_killed_worker_are_answered_by_its_replacement() {
    for mode in ["shared", "round-robin", "least-connections"] {
        let place = Place::new();
        let cluster = place.start(mode, 1, &[]);
        let worker = cluster.first_workers()[0];
        signal(worker, "SIGSTOP");
        let mut waiting: Vec<_> = (0..20).map(|_| place.connect()).collect();
        for stream in &mut waiting {
            ask(stream, "/");
        }
        // Long enough for the master to have dealt them; if it has not, the test is only weaker.
        thread::sleep(Duration::from_millis(50));
        signal(worker, "SIGKILL");
        for stream in &mut waiting {
            let answer = answer(stream);
            assert!(answer.contains("Hello from worker "), "{mode}: {answer}");
            assert!(!answer.contains(&format!("worker {worker}\n")), "{mode}: {answer}");
        }
    }
}

#[test]
fn a_socket_that_was_handed_over_is_served_and_its_file_left_alone() {
    for (mode, workers) in MODES {
        let place = Place::new();
        let listener = UnixListener::bind(&place.path).unwrap();
        let mut early = place.connect();
        ask(&mut early, "/");
        let mut cluster = Cluster::start_by(activated(&listener), mode, workers, &[]).unwrap();
        assert!(cluster.lines()[1].contains(&place.address()), "{:?}", cluster.lines());
        assert!(answer(&mut early).contains("Hello from worker "), "{mode}");
        assert_eq!(cluster.end_with("SIGTERM").code(), Some(0));
        assert!(place.path.exists(), "it is the supervisor's: {mode}");
    }
    let place = Place::new();
    let mut command = activated(&UnixListener::bind(&place.path).unwrap());
    refuses(command.args(["serve", "--mode", "reuseport"]), 2, &["SO_REUSEPORT"]);
}

#[test]
fn curl_is_answered_where_it_is_installed() {
    let place = Place::new();
    let _cluster = place.start("round-robin", 2, &[]);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--unix-socket"]).arg(&place.path).arg("http://localhost/");
    match curl.output() {
        Ok(output) => assert!(output.stdout.starts_with(b"Hello from worker "), "{output:?}"),
        Err(error) => eprintln!("skipped: curl: {error}"),
    }
}
