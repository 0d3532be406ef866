//! The binary under test, and what it writes.

use std::path::Path;
use std::process::{Command, Output};

pub fn hello_cluster() -> Command {
    Command::new(env!("CARGO_BIN_EXE_hello-cluster"))
}

/// Runs one of its commands in a folder to its end.
pub fn run(folder: &Path, command: &str, arguments: &[&str]) -> Output {
    hello_cluster().current_dir(folder).arg(command).args(arguments).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The one line with which a command refuses.
#[track_caller]
pub fn refusal(output: &Output, code: i32) -> String {
    let line = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
    line
}
