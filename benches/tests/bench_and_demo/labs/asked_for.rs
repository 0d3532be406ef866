//! What is asked for on the command line.

use crate::program::{refusal, text};
use crate::support::run_in;

#[test]
fn a_lab_that_is_not_there_is_answered_with_those_that_are() {
    let home = tempfile::tempdir().unwrap();
    let output = run_in(home.path(), "demo").args(["--rehearse", "hashes"]).output().unwrap();
    let line = refusal(&output, 2);
    assert!(line.contains("no lab `hashes`") && line.contains("omission"), "{line}");
    assert!(!home.path().join("reports").exists());
}

#[test]
fn a_folder_that_holds_a_record_is_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("record.json"), "{}").unwrap();
    let mut run = run_in(home.path(), "demo");
    let output = run.args(["--rehearse", "hash", "--short", "--out", "."]).output().unwrap();
    let line = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{line}");
    assert!(line.contains("choose another folder"), "{line}");
}
