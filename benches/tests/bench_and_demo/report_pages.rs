//! `report` from the outside: what it draws, gives and checks, and how it ends.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::program::{self, run, text};
use crate::records::record;

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let record = record("hello, world", "shared", &[(0, 1, 1000.0), (0, 2, 2000.0)]);
    fs::write(home.path().join("record.json"), record.to_json().unwrap()).unwrap();
    let drawn = report(home.path(), &["record.json"]);
    assert_eq!(text(&drawn.stdout), "index.html\n");
    home
}

fn report(folder: &Path, arguments: &[&str]) -> Output {
    run(folder, "report", arguments)
}

/// The standard output of a report that ends well.
fn given(folder: &Path, arguments: &[&str]) -> String {
    let output = report(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The one line with which a report refuses.
fn refusal(folder: &Path, arguments: &[&str], code: i32) -> String {
    program::refusal(&report(folder, arguments), code)
}

#[test]
fn a_page_verifies_until_something_in_it_is_altered() {
    let home = home();
    let said = given(home.path(), &["--verify", "index.html"]);
    assert!(said.starts_with("index.html verifies: every byte is as the record"), "{said}");
    let page = fs::read_to_string(home.path().join("index.html")).unwrap();
    let altered = page.replacen("<b>2,000</b>", "<b>3,000</b>", 1);
    assert_ne!(altered, page);
    fs::write(home.path().join("altered.html"), altered).unwrap();
    let output = report(home.path(), &["--verify", "altered.html"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stdout),
        "table ‘Throughput and speed-up’, row ‘hello, world, shared, 2’, column ‘mean’: `3,000`, \
         and the record gives `2,000`\n"
    );
    assert!(text(&output.stderr).contains("altered.html does not verify: one place is not"));
}

#[test]
fn a_page_of_another_version_says_that_only_its_numbers_were_compared() {
    let home = home();
    let page = fs::read_to_string(home.path().join("index.html")).unwrap();
    let older =
        page.replace(reports::page::embed::VERSION, "0.0.9").replace("<h1>", "<h1 id=\"a\">");
    fs::write(home.path().join("older.html"), &older).unwrap();
    let said = given(home.path(), &["--verify", "older.html"]);
    assert!(said.contains("its numbers in") && said.contains("0.0.9 drew it"), "{said}");
    let altered = older.replacen("<b>2,000</b>", "<b>3,000</b>", 1);
    fs::write(home.path().join("altered.html"), altered).unwrap();
    let line = refusal(home.path(), &["--verify", "altered.html"], 1);
    assert!(line.contains("only its numbers were compared"), "{line}");
}

#[test]
fn a_page_gives_its_record_back_and_stands_in_for_it() {
    let home = home();
    let saved = fs::read_to_string(home.path().join("record.json")).unwrap();
    assert_eq!(given(home.path(), &["--extract", "index.html"]), saved);
    given(home.path(), &["index.html", "-o", "again.html"]);
    let bytes = |name: &str| fs::read(home.path().join(name)).unwrap();
    assert!(bytes("again.html") == bytes("index.html"));
    for format in ["md", "csv", "json"] {
        let of_page = given(home.path(), &["index.html", "--format", format]);
        assert_eq!(given(home.path(), &["record.json", "--format", format]), of_page);
    }
    let compare = run(home.path(), "compare", &["record.json", "index.html"]);
    assert_eq!(compare.status.code(), Some(0), "{}", text(&compare.stderr));
}

#[test]
fn figures_are_for_tickets_spreadsheets_and_programs() {
    let home = home();
    let ticket = given(home.path(), &["record.json", "--format", "md"]);
    assert!(ticket.contains("| hello, world | shared | 2 | 2,000 |"), "{ticket}");
    let table = given(home.path(), &["record.json", "--format", "csv"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("workload,target,mode,workers,oversubscribed,"));
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("\"hello, world\",hello-cluster,shared,2,false,64,,1,1,2000.0,"));
    given(home.path(), &["record.json", "--format", "json", "-o", "figures.json"]);
    let figures = fs::read_to_string(home.path().join("figures.json")).unwrap();
    let figures: serde_json::Value = serde_json::from_str(&figures).unwrap();
    assert_eq!(figures["schema"], 1);
    assert_eq!(figures["cells"][1]["speedup"], 2.0);
    assert!(figures["columns"]["speedup"].as_str().unwrap().contains("against one worker"));
}

#[test]
fn charts_become_files_of_their_own() {
    let home = home();
    let said = given(home.path(), &["record.json", "--svg", "slides"]);
    assert!(said.contains("slides/throughput-hello--world.svg"), "{said}");
    for file in said.lines() {
        let svg = fs::read_to_string(home.path().join(file)).unwrap();
        assert!(svg.contains("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{file}");
        assert_eq!((svg.matches("<svg").count(), svg.matches("</svg>").count()), (1, 1));
    }
}

#[test]
fn a_handout_is_drawn_beside_the_record() {
    let home = home();
    assert_eq!(given(home.path(), &["record.json", "--handout"]), "handout.html\n");
    let handout = fs::read_to_string(home.path().join("handout.html")).unwrap();
    assert_eq!(handout.matches("<section class=\"sheet\">").count(), 2);
    assert!(handout.contains("Three questions") && handout.contains("a-run, SHA-256"));
}

#[test]
fn what_cannot_be_read_or_is_no_page_gets_one_line() {
    let home = home();
    let path = |name: &str| home.path().join(name);
    let page = fs::read_to_string(path("index.html")).unwrap();
    fs::write(path("cut.html"), &page[..page.len() / 2]).unwrap();
    fs::write(path("bytes.html"), b"<\xff>").unwrap();
    fs::write(path("plain.html"), "<p>Hello").unwrap();
    fs::write(path("empty.json"), "").unwrap();
    for (arguments, code, why) in [
        (["--verify", "gone.html"], 3, "cannot read gone.html"),
        (["--verify", "."], 3, "cannot read ."),
        (["--verify", "bytes.html"], 3, "no text (UTF-8) at byte 1"),
        (["--verify", "cut.html"], 1, "no whole record in this page"),
        (["--verify", "plain.html"], 1, "no whole record in this page"),
        (["--verify", "record.json"], 2, "is no page"),
        (["--extract", "record.json"], 3, "it is no page"),
        (["--extract", "plain.html"], 3, "no whole record in this page"),
        (["--handout", "plain.html"], 3, "no whole record in this page"),
        (["--handout", "empty.json"], 3, "not a record of schema 1"),
    ] {
        let line = refusal(home.path(), &arguments, code);
        assert!(line.contains(why), "{line}");
    }
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let home = home();
    for arguments in [
        &["--verify", "--extract", "index.html"][..],
        &["--verify", "index.html", "-o", "x.html"],
        &["record.json", "--svg", "slides", "-o", "x.html"],
        &["record.json", "--handout", "--format", "md"],
        &["record.json", "--format", "pdf"],
        &["--verify"],
    ] {
        refusal(home.path(), arguments, 2);
    }
    let line = refusal(home.path(), &["index.html"], 2);
    assert!(line.contains("would be written over"), "{line}");
    assert!(!home.path().join("slides").exists());
}
