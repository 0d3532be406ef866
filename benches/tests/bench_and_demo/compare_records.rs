//! `compare` from the outside: what it prints and how it ends.

use std::path::Path;

use crate::program::{refusal, run, text};
use crate::records::record;

/// A record of one cell with this throughput, give or take a little, over some blocks, in a file.
fn save(folder: &Path, name: &str, rps: f64, blocks: u32) {
    let wobble = |block: u32| 1.0 + 0.001 * f64::from(block % 3);
    let trials: Vec<_> = (0..blocks).map(|block| (block, 1, rps * wobble(block))).collect();
    let text = serde_json::to_string(&record("hello", "single", &trials)).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

/// Compares records in a folder: it must end with this code, and print all these parts.
#[track_caller]
fn compared(folder: &Path, arguments: &[&str], code: i32, says: &[&str]) {
    let output = run(folder, "compare", arguments);
    let printed = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{printed}");
    assert!(says.iter().all(|part| printed.contains(part)), "{says:?} in {printed}");
}

#[test]
fn a_slow_down_ends_with_1_when_a_check_was_asked_for_and_with_0_otherwise() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    save(home, "before.json", 1000.0, 6);
    save(home, "after.json", 900.0, 6);
    compared(home, &["before.json", "after.json"], 0, &["0.90×", "slower"]);
    let says = ["slower by more than 5 %: hello"];
    compared(home, &["before.json", "after.json", "--fail-if-slower", "5%"], 1, &says);
    compared(home, &["before.json", "after.json", "--fail-if-slower", "20%"], 0, &[]);
    compared(home, &["after.json", "before.json", "--fail-if-slower", "5%"], 0, &[]);
}

#[test]
fn a_check_that_cannot_be_made_does_not_pass() {
    let home = tempfile::tempdir().unwrap();
    save(home.path(), "few.json", 1000.0, 3);
    let arguments = ["few.json", "few.json", "--fail-if-slower", "5%"];
    compared(home.path(), &arguments, 4, &["cannot judge: no cell has six"]);
}

#[test]
fn a_broken_or_newer_record_gets_one_clear_line() {
    let home = tempfile::tempdir().unwrap();
    save(home.path(), "good.json", 1000.0, 6);
    for (bad, why) in [("{\"schema\":2}", "has schema 2"), ("{", "not a record of schema 1")] {
        std::fs::write(home.path().join("bad.json"), bad).unwrap();
        let line = refusal(&run(home.path(), "compare", &["good.json", "bad.json"]), 3);
        assert!(line.contains(why), "{line}");
    }
}

#[test]
fn three_records_make_a_table_and_a_page_but_no_check() {
    let home = tempfile::tempdir().unwrap();
    save(home.path(), "one.json", 1000.0, 6);
    let files = ["one.json"; 3];
    compared(home.path(), &[&files[..], &["-o", "class.html"]].concat(), 0, &[]);
    let page = std::fs::read_to_string(home.path().join("class.html")).unwrap();
    assert!(page.contains("in 3 records"));
    compared(home.path(), &[&files[..], &["--fail-if-slower", "5%"]].concat(), 2, &[]);
}
