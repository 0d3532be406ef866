//! A terminal's signals: Ctrl-C reaches all processes at once, a closed window hangs up.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;

use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::inspect::without_terminal;
use crate::common::clients::Clients;
use crate::common::{
    Answer, Cluster, ask, events, eventually, hello_cluster, in_each_forked_mode, is_alive,
};

/// A cluster in the foreground of a terminal, and the terminal's other end.
fn start_in_terminal(mode: &str) -> (Cluster, PtyMaster) {
    let terminal = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let no_ctty = OFlag::O_NOCTTY.bits();
    let mut open = OpenOptions::new();
    let window =
        open.read(true).write(true).custom_flags(no_ctty).open(ptsname_r(&terminal).unwrap());
    // Whoever runs the tests may ignore the hang-up (nohup), and children inherit that.
    let mut command = Command::new("env");
    command.args(["--default-signal=HUP", "setsid", "--ctty"]).arg(hello_cluster().get_program());
    command.stdin(window.unwrap());
    let cluster = Cluster::start_by(command, mode, 2, &[]).unwrap();
    (cluster, terminal)
}

fn ends_well(mut cluster: Cluster, mut slow: TcpStream) {
    // On a busy machine only the next answer may say it.
    eventually("an answer that says close", || {
        let answer = Answer::read_from(&mut slow).expect("the request under way is answered");
        assert_eq!(answer.status(), 200);
        let closes = answer.header("connection") == Some("close");
        if !closes {
            ask(&mut slow, "/");
        }
        closes
    });
    assert_eq!(cluster.wait_for_end().code(), Some(0));
    for pid in cluster.first_workers() {
        assert!(!is_alive(pid), "worker {pid} is left");
    }
}

#[test]
fn ctrl_c_reaches_the_whole_group_and_what_is_under_way_is_finished() {
    in_each_forked_mode(|mode| {
        let (cluster, mut terminal) = start_in_terminal(mode);
        let slow = cluster.begin("/sleep?ms=400");
        terminal.write_all(&[3]).unwrap();
        ends_well(cluster, slow);
    });
}

#[test]
fn a_closed_window_drains() {
    in_each_forked_mode(|mode| {
        let (cluster, terminal) = start_in_terminal(mode);
        let slow = cluster.begin("/sleep?ms=400");
        drop(terminal);
        ends_well(cluster, slow);
    });
}

#[test]
fn a_hang_up_of_the_whole_group_restarts_where_there_is_no_terminal() {
    in_each_forked_mode(|mode| {
        let cluster = Cluster::start_by(without_terminal(), mode, 2, &[]).unwrap();
        let load = Clients::under_way(cluster.address, 10);
        let old = cluster.serving();
        killpg(Pid::from_raw(cluster.master().cast_signed()), Signal::SIGHUP).unwrap();
        cluster.wait_for_events(events::restarted, 1);
        cluster.wait_for_replacements(&old);
        load.stop_after(10);
        cluster.all_have_drained();
    });
}
