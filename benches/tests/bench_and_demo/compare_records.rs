//! `compare` from the outside: what it prints and how it ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reports::record::{
    Cpus, Environment, Outcome, Record, SCHEMA, Suite, Trial, TrialResult, Workload,
};

/// A record of one cell with this throughput, give or take a little, over some blocks.
fn record(rps: f64, blocks: u32) -> Record {
    let trial = |block: u32| {
        let wobble = 1.0 + 0.001 * f64::from(block % 3);
        let result =
            TrialResult { throughput_rps: rps * wobble, valid: true, ..TrialResult::default() };
        Trial {
            target: "hello-cluster".to_owned(),
            mode: "single".to_owned(),
            workers: 1,
            workload: "hello".to_owned(),
            connections: 64,
            rate: None,
            oversubscribed: false,
            block,
            order: block,
            cpus: Cpus::default(),
            outcome: Outcome::Result(Box::new(result)),
        }
    };
    let hello = Workload { name: "hello".to_owned(), ..Workload::default() };
    Record {
        schema: SCHEMA,
        id: String::new(),
        created: String::new(),
        command: String::new(),
        seed: 0,
        suite: Suite { blocks, workloads: vec![hello], ..Suite::default() },
        environment: Environment::default(),
        trials: (0..blocks).map(trial).collect(),
        lab: None,
        condensed: None,
    }
}

fn save(folder: &Path, name: &str, record: &Record) -> PathBuf {
    let path = folder.join(name);
    let text = serde_json::to_string(record).expect("a record is JSON");
    std::fs::write(&path, text).expect("the folder is writable");
    path
}

fn compare(files: &[&Path], more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hello-cluster"))
        .arg("compare")
        .args(files)
        .args(more)
        .output()
        .expect("the program starts")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn a_slow_down_ends_with_1_when_a_check_was_asked_for_and_with_0_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let before = save(folder.path(), "before.json", &record(1000.0, 6));
    let after = save(folder.path(), "after.json", &record(900.0, 6));
    let plain = compare(&[&before, &after], &[]);
    let text = String::from_utf8_lossy(&plain.stdout).into_owned();
    assert_eq!(code(&plain), Some(0));
    assert!(text.contains("0.90×") && text.contains("slower"), "{text}");
    let check = compare(&[&before, &after], &["--fail-if-slower", "5%"]);
    assert_eq!(code(&check), Some(1));
    assert!(String::from_utf8_lossy(&check.stderr).contains("slower by more than 5 %: hello"));
    assert_eq!(code(&compare(&[&before, &after], &["--fail-if-slower", "20%"])), Some(0));
    assert_eq!(code(&compare(&[&after, &before], &["--fail-if-slower", "5%"])), Some(0));
}

#[test]
fn a_check_that_cannot_be_made_does_not_pass() {
    let folder = tempfile::tempdir().unwrap();
    let few = save(folder.path(), "few.json", &record(1000.0, 3));
    let check = compare(&[&few, &few], &["--fail-if-slower", "5%"]);
    assert_eq!(code(&check), Some(4));
    assert!(String::from_utf8_lossy(&check.stderr).contains("cannot judge: no cell has six"));
}

#[test]
fn a_broken_or_newer_record_gets_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let good = save(folder.path(), "good.json", &record(1000.0, 6));
    let bad = folder.path().join("bad.json");
    for (text, why) in [("{\"schema\":2}", "has schema 2"), ("{", "not a record of schema 1")] {
        std::fs::write(&bad, text).unwrap();
        let output = compare(&[&good, &bad], &[]);
        let line = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(code(&output), Some(3));
        assert!(line.contains(why) && line.lines().count() == 1, "{line}");
    }
}

#[test]
fn three_records_make_a_table_and_a_page_but_no_check() {
    let folder = tempfile::tempdir().unwrap();
    let one = save(folder.path(), "one.json", &record(1000.0, 6));
    let page = folder.path().join("class.html");
    let files: [&Path; 3] = [&one, &one, &one];
    let output = compare(&files, &["-o", &page.display().to_string()]);
    assert_eq!(code(&output), Some(0));
    assert!(std::fs::read_to_string(&page).unwrap().contains("in 3 records"));
    assert_eq!(code(&compare(&files, &["--fail-if-slower", "5%"])), Some(2));
}
