//! Files, sums and thresholds.

use super::support::{Behaviour, HELLO, Server, file_in, load, number, read_json};

#[test]
fn series_and_histogram_are_written_and_hold_every_request() {
    let folder = tempfile::tempdir().unwrap();
    let [csv, hdr, json] = ["s.csv", "l.hdr", "r.json"].map(|name| file_in(&folder, name));
    let server = Server::start(Behaviour::Answer(HELLO));
    let url = server.url();
    let run = load(&[&url, "-n", "500", "--csv", &csv, "--hdr", &hdr, "--json", &json]);
    assert_eq!(run.code, 0, "{}", run.err);
    let series = std::fs::read_to_string(csv).unwrap();
    assert!(series.starts_with("completed_t_s,rps,"), "{series}");
    assert!(series.lines().count() >= 2, "{series}");
    let log = std::fs::read_to_string(hdr).unwrap();
    assert!(log.lines().any(|line| line.contains(",HISTF")), "{log}");
    let result = read_json(&json);
    let bars = result["workers"][0]["latency"]["histogram"].as_array().unwrap();
    let sum: u64 = bars.iter().map(|bar| bar[1].as_u64().unwrap()).sum();
    assert_eq!(sum, 500, "each worker has its own distribution");
}

#[test]
fn results_are_added() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Behaviour::Answer(HELLO));
    let files = ["0.json", "1.json"].map(|name| file_in(&folder, name));
    for file in &files {
        assert_eq!(load(&[&server.url(), "-n", "50", "--json", file]).code, 0);
    }
    let run = load(&["--merge", &files[0], &files[1], "--json", "-"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(number(&run.json(), "/requests"), 100);
    let run = load(&["--merge", &files[0], &files[1]]);
    let sum = run.out;
    assert!(sum.contains("Sum of 2 results") && sum.contains("100 requests"), "{sum}");
    let wrong = file_in(&folder, "wrong.json");
    std::fs::write(&wrong, "{}").unwrap();
    let run = load(&["--merge", &files[0], &wrong]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("not a result"), "{}", run.err);
}

#[test]
fn a_threshold_that_is_true_fails_the_run() {
    let server = Server::start(Behaviour::Answer(HELLO));
    let url = server.url();
    let run = load(&[&url, "-n", "50", "--fail-if", "max>1h"]);
    assert_eq!(run.code, 2, "an hour is no unit of latency: {}", run.err);
    let run = load(&[&url, "-n", "50", "--fail-if", "errors>0", "--fail-if", "p50>60s"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = load(&[&url, "-n", "50", "--fail-if", "errors>0", "--fail-if", "p50>0us"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.err.lines().count(), 1);
    assert!(run.err.contains("p50>0us: it was"), "{}", run.err);
}
