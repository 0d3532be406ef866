//! What `bench` says to bad input: one line, the right exit code, nothing left behind.

use std::fs;
use std::path::Path;

use crate::program::refusal;
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

/// Runs `bench` with these arguments, which it refuses in a line with these parts.
#[track_caller]
fn refused(home: &Path, arguments: &[&str], code: i32, says: &[&str]) {
    let output = run_in(home, "bench").args(arguments).output().unwrap();
    assert!(output.stdout.is_empty());
    assert_eq!(processes_of(home), []);
    let line = refusal(&output, code);
    assert!(says.iter().all(|part| line.contains(part)), "{arguments:?}: {line}");
}

/// The same in an empty folder, with wrong arguments.
#[track_caller]
fn wrong(arguments: &[&str], says: &[&str]) {
    refused(tempfile::tempdir().unwrap().path(), arguments, 2, says);
}

/// The same with a suite file that differs from a good one in one place.
#[track_caller]
fn wrong_file(from: &str, to: &str, says: &[&str]) {
    let home = tempfile::tempdir().unwrap();
    assert!(GOOD.contains(from));
    fs::write(home.path().join("mine.toml"), GOOD.replace(from, to)).unwrap();
    refused(home.path(), &["mine.toml"], 2, says);
    assert!(!home.path().join("reports").exists(), "nothing was begun");
}

#[test]
fn an_unknown_suite_gets_the_names_of_the_known_ones() {
    wrong(&["quik"], &["`quik`", "quick, smoke"]);
}

#[test]
fn a_suite_file_that_is_not_there_cannot_be_read() {
    let home = tempfile::tempdir().unwrap();
    refused(home.path(), &["gone.toml"], 3, &["cannot read the suite gone.toml"]);
}

#[test]
fn an_unknown_key_is_named_with_file_line_and_the_allowed_ones() {
    let says = ["mine.toml:8:", "`threads`", "`keepalive`"];
    wrong_file("connections = 2", "connections = 2\nthreads = 1", &says);
}

#[test]
fn a_wrong_type_is_named_with_file_line_and_the_right_one() {
    let says = ["mine.toml:2:", "a whole number from 1 to 1000"];
    wrong_file("blocks = 1", "blocks = \"one\"", &says);
}

#[test]
fn an_unknown_mode_gets_the_names_of_the_known_ones() {
    wrong_file("[\"single\"]", "[\"fast\"]", &["mine.toml:11:", "round-robin"]);
    wrong(&["--modes", "single,fast"], &["no mode `fast`", "round-robin"]);
}

#[test]
fn zero_workers_are_refused_in_the_file_and_on_the_command_line() {
    wrong_file("workers = [1]", "workers = [0]", &["mine.toml:12:", "1 or more"]);
    wrong(&["--workers", "1,0"], &["--workers", "1 or more"]);
}

#[test]
fn a_target_that_the_suite_does_not_have_gets_the_names_of_those_it_has() {
    wrong(&["peers", "--targets", "apache"], &["no target `apache`", "node, nginx"]);
}

#[test]
fn a_run_that_is_not_there_cannot_go_on() {
    let home = tempfile::tempdir().unwrap();
    refused(home.path(), &["--resume", "gone"], 3, &["cannot read gone/record.json"]);
    fs::write(home.path().join("record.json"), "{\"schema\": 99}").unwrap();
    refused(home.path(), &["--resume", "."], 3, &["schema 99"]);
    refused(home.path(), &["smoke", "--resume", "."], 2, &["--resume"]);
}

#[test]
fn numbers_and_times_that_are_none_are_refused() {
    for arguments in [
        ["--blocks", "0"],
        ["--blocks", "many"],
        ["--workers", "two"],
        ["--duration", "soon"],
        ["--duration", "1ms"],
        ["--seed", "dice"],
        ["--budget", "little"],
    ] {
        wrong(&arguments, &arguments[..1]);
    }
}

#[test]
fn filters_that_leave_nothing_are_refused() {
    wrong(&["--modes", "single", "--workers", "2"], &["nothing is left to run"]);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_found_before_any_trial() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("reports"), "a file in the way").unwrap();
    refused(home.path(), &["smoke"], 3, &["cannot write to reports/out"]);
    let arguments = ["smoke", "--out", "reports/mine"];
    refused(home.path(), &arguments, 3, &["cannot write to reports/mine"]);
}

#[test]
fn another_run_s_record_is_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("record.json"), "precious").unwrap();
    refused(home.path(), &["smoke", "--out", "."], 3, &["choose another folder"]);
    assert_eq!(fs::read(home.path().join("record.json")).unwrap(), b"precious");
}
