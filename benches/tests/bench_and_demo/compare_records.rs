//! `compare` from the outside: what it prints and how it ends.

use std::path::Path;
use std::process::Output;

use crate::program::{run, text};
use crate::records::record;

/// A record of one cell with this throughput, give or take a little, over some blocks, in a file.
fn save(folder: &Path, name: &str, rps: f64, blocks: u32) {
    let wobble = |block: u32| 1.0 + 0.001 * f64::from(block % 3);
    let trials: Vec<_> = (0..blocks).map(|block| (block, 1, rps * wobble(block))).collect();
    let text = serde_json::to_string(&record("hello", "single", &trials)).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

fn compare(folder: &Path, arguments: &[&str]) -> Output {
    run(folder, "compare", arguments)
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn a_slow_down_ends_with_1_when_a_check_was_asked_for_and_with_0_otherwise() {
    let home = tempfile::tempdir().unwrap();
    save(home.path(), "before.json", 1000.0, 6);
    save(home.path(), "after.json", 900.0, 6);
    let compare = |arguments: &[&str]| compare(home.path(), arguments);
    let plain = compare(&["before.json", "after.json"]);
    let table = text(&plain.stdout);
    assert_eq!(code(&plain), Some(0));
    assert!(table.contains("0.90×") && table.contains("slower"), "{table}");
    let check = compare(&["before.json", "after.json", "--fail-if-slower", "5%"]);
    assert_eq!(code(&check), Some(1));
    assert!(text(&check.stderr).contains("slower by more than 5 %: hello"));
    let little = compare(&["before.json", "after.json", "--fail-if-slower", "20%"]);
    assert_eq!(code(&little), Some(0));
    let faster = compare(&["after.json", "before.json", "--fail-if-slower", "5%"]);
    assert_eq!(code(&faster), Some(0));
}

#[test]
fn a_check_that_cannot_be_made_does_not_pass() {
    let home = tempfile::tempdir().unwrap();
    save(home.path(), "few.json", 1000.0, 3);
    let check = compare(home.path(), &["few.json", "few.json", "--fail-if-slower", "5%"]);
    assert_eq!(code(&check), Some(4));
    assert!(text(&check.stderr).contains("cannot judge: no cell has six"));
}

#[test]
fn a_broken_or_newer_record_gets_one_clear_line() {
    let home = tempfile::tempdir().unwrap();
    save(home.path(), "good.json", 1000.0, 6);
    for (bad, why) in [("{\"schema\":2}", "has schema 2"), ("{", "not a record of schema 1")] {
        std::fs::write(home.path().join("bad.json"), bad).unwrap();
        let output = compare(home.path(), &["good.json", "bad.json"]);
        let line = text(&output.stderr);
        assert_eq!(code(&output), Some(3));
        assert!(line.contains(why) && line.lines().count() == 1, "{line}");
    }
}

#[test]
fn three_records_make_a_table_and_a_page_but_no_check() {
    let home = tempfile::tempdir().unwrap();
    save(home.path(), "one.json", 1000.0, 6);
    let files = ["one.json"; 3];
    let output = compare(home.path(), &[&files[..], &["-o", "class.html"]].concat());
    assert_eq!(code(&output), Some(0));
    let page = std::fs::read_to_string(home.path().join("class.html")).unwrap();
    assert!(page.contains("in 3 records"));
    let check = compare(home.path(), &[&files[..], &["--fail-if-slower", "5%"]].concat());
    assert_eq!(code(&check), Some(2));
}
