//! Bad input to `serve`: one line with a hint, a distinct exit code, no process left behind.

use crate::common::{self, Cluster, temporary_path};

#[track_caller]
fn refused(arguments: &[&str], code: i32, says: &[&str]) {
    common::refused(&[&["serve"], arguments].concat(), code, says);
}

#[test]
fn an_unknown_mode_is_answered_with_the_known_ones() {
    refused(&["--mode", "rr"], 2, &["rr", "single", "reuseport", "round-robin"]);
}

#[test]
fn workers_are_a_sensible_number() {
    refused(&["--workers", "0"], 2, &["0 workers", "auto"]);
    refused(&["--workers", "-1"], 2, &["-1"]);
    refused(&["--workers", "100000"], 2, &["100000", "512"]);
    refused(&["--workers", "two"], 2, &["two", "auto"]);
    refused(&["--mode", "single", "--workers", "2"], 2, &["single", "one process"]);
}

#[test]
fn addresses_durations_and_cpus_are_checked() {
    refused(&["--listen", "8000"], 2, &["8000", "127.0.0.1:8000"]);
    refused(&["--listen", "127.0.0.1:99999"], 2, &["99999"]);
    refused(&["--listen", "203.0.113.1:8000"], 3, &["203.0.113.1", "no such address"]);
    refused(&["--drain-timeout", "5"], 2, &["500ms"]);
    refused(&["--cpus", "4095"], 2, &["CPU 4095"]);
    refused(&["--cpus", "a"], 2, &["0,2-3"]);
    refused(&["--backlog", "0"], 2, &["backlog"]);
    refused(&["--events", "/nowhere/at/all"], 3, &["/nowhere/at/all"]);
    refused(&["--wokers", "2"], 2, &["--wokers", "--workers"]);
}

#[test]
fn a_busy_port_is_named_in_every_mode_also_when_its_owner_would_share_it() {
    for (owner, workers) in [("single", 1), ("reuseport", 2)] {
        let cluster = Cluster::start(owner, workers, &[]);
        let address = cluster.address.to_string();
        for mode in ["single", "reuseport", "round-robin"] {
            refused(&["--mode", mode, "--listen", &address], 3, &[&address, "the port is in use"]);
        }
    }
}

#[test]
fn an_operators_address_needs_a_master_and_a_free_port() {
    for (mode, workers) in [("single", "1"), ("threads", "2")] {
        let arguments = ["--mode", mode, "--workers", workers, "--admin", "127.0.0.1:0"];
        refused(&arguments, 2, &[mode, "no master", "round-robin"]);
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let arguments = ["--listen", "127.0.0.1:0", "--admin", &address];
    refused(&arguments, 3, &[&address, "the port is in use", "--admin"]);
    refused(&["--admin", "9000"], 2, &["9000", "127.0.0.1:8000"]);
    refused(&["--admin-token-file", "/nowhere"], 2, &["--admin"]);
}

#[test]
fn a_token_is_long_and_secret() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = temporary_path("token");
    let file = path.to_str().unwrap();
    let arguments = ["--admin", "127.0.0.1:0", "--admin-token-file", file];
    refused(&arguments, 3, &[file]);
    for (text, mode, says) in [
        ("fifteen-letters", 0o600, "at least 16"),
        ("0123456789abcdef", 0o644, "chmod 600"),
        ("more than a single word", 0o600, "one word"),
    ] {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        refused(&arguments, 2, &[file, says]);
    }
}
