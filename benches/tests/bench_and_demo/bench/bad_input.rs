//! What `bench` says to bad input: one line, the right exit code, nothing left behind.

use std::fs;
use std::path::Path;

use crate::program;
use crate::support::{processes_of, run_in};

const GOOD: &str = r#"name = "mine"
blocks = 1
duration = "100ms"

[[workload]]
name = "hello"
connections = 2

[[cells]]
workloads = ["hello"]
modes = ["single"]
workers = [1]
"#;

/// Runs `bench` with these arguments and returns the one line with which it refuses.
fn refusal(home: &Path, arguments: &[&str], code: i32) -> String {
    let output = run_in(home, "bench").args(arguments).output().unwrap();
    assert!(output.stdout.is_empty());
    assert_eq!(processes_of(home), []);
    program::refusal(&output, code)
}

/// The line for a suite file that differs from a good one in one place.
fn refusal_of_file(from: &str, to: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    assert!(GOOD.contains(from));
    fs::write(home.path().join("mine.toml"), GOOD.replace(from, to)).unwrap();
    let line = refusal(home.path(), &["mine.toml"], 2);
    assert!(!home.path().join("reports").exists(), "nothing was begun");
    line
}

#[test]
fn an_unknown_suite_gets_the_names_of_the_known_ones() {
    let home = tempfile::tempdir().unwrap();
    let line = refusal(home.path(), &["quik"], 2);
    assert!(line.contains("`quik`") && line.contains("quick, smoke"), "{line}");
}

#[test]
fn a_suite_file_that_is_not_there_cannot_be_read() {
    let home = tempfile::tempdir().unwrap();
    let line = refusal(home.path(), &["gone.toml"], 3);
    assert!(line.contains("cannot read the suite gone.toml"), "{line}");
}

#[test]
fn an_unknown_key_is_named_with_file_line_and_the_allowed_ones() {
    let line = refusal_of_file("connections = 2", "connections = 2\nthreads = 1");
    assert!(line.contains("mine.toml:8:"), "{line}");
    assert!(line.contains("`threads`") && line.contains("`keepalive`"), "{line}");
}

#[test]
fn a_wrong_type_is_named_with_file_line_and_the_right_one() {
    let line = refusal_of_file("blocks = 1", "blocks = \"one\"");
    assert!(line.contains("mine.toml:2:"), "{line}");
    assert!(line.contains("a whole number from 1 to 1000"), "{line}");
}

#[test]
fn an_unknown_mode_gets_the_names_of_the_known_ones() {
    let line = refusal_of_file("[\"single\"]", "[\"fast\"]");
    assert!(line.contains("mine.toml:11:") && line.contains("round-robin"), "{line}");
    let home = tempfile::tempdir().unwrap();
    let line = refusal(home.path(), &["--modes", "single,fast"], 2);
    assert!(line.contains("no mode `fast`") && line.contains("round-robin"), "{line}");
}

#[test]
fn zero_workers_are_refused_in_the_file_and_on_the_command_line() {
    let line = refusal_of_file("workers = [1]", "workers = [0]");
    assert!(line.contains("mine.toml:12:") && line.contains("1 or more"), "{line}");
    let home = tempfile::tempdir().unwrap();
    let line = refusal(home.path(), &["--workers", "1,0"], 2);
    assert!(line.contains("--workers") && line.contains("1 or more"), "{line}");
}

#[test]
fn a_target_that_the_suite_does_not_have_gets_the_names_of_those_it_has() {
    let home = tempfile::tempdir().unwrap();
    let line = refusal(home.path(), &["peers", "--targets", "apache"], 2);
    assert!(line.contains("no target `apache`") && line.contains("node, nginx"), "{line}");
}

#[test]
fn a_run_that_is_not_there_cannot_go_on() {
    let home = tempfile::tempdir().unwrap();
    let line = refusal(home.path(), &["--resume", "gone"], 3);
    assert!(line.contains("cannot read gone/record.json"), "{line}");
    fs::write(home.path().join("record.json"), "{\"schema\": 99}").unwrap();
    let line = refusal(home.path(), &["--resume", "."], 3);
    assert!(line.contains("schema 99"), "{line}");
    let line = refusal(home.path(), &["smoke", "--resume", "."], 2);
    assert!(line.contains("--resume"), "{line}");
}

#[test]
fn numbers_and_times_that_are_none_are_refused() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [
        ["--blocks", "0"],
        ["--blocks", "many"],
        ["--workers", "two"],
        ["--duration", "soon"],
        ["--duration", "1ms"],
        ["--seed", "dice"],
        ["--budget", "little"],
    ] {
        let line = refusal(home.path(), &arguments, 2);
        assert!(line.contains(arguments[0]), "{line}");
    }
}

#[test]
fn filters_that_leave_nothing_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let line = refusal(home.path(), &["--modes", "single", "--workers", "2"], 2);
    assert!(line.contains("nothing is left to run"), "{line}");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_found_before_any_trial() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("reports"), "a file in the way").unwrap();
    let line = refusal(home.path(), &["smoke"], 3);
    assert!(line.contains("cannot write to reports/out"), "{line}");
    let line = refusal(home.path(), &["smoke", "--out", "reports/mine"], 3);
    assert!(line.contains("cannot write to reports/mine"), "{line}");
}

#[test]
fn another_run_s_record_is_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("record.json"), "precious").unwrap();
    let line = refusal(home.path(), &["smoke", "--out", "."], 3);
    assert!(line.contains("choose another folder"), "{line}");
    assert_eq!(fs::read(home.path().join("record.json")).unwrap(), b"precious");
}
