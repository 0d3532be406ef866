//! systemd's protocols, without systemd: `LISTEN_FDS` and `sd_notify`.

use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

use super::busy_port::sharing_listener;
use super::inspect::without_terminal;
use crate::common::clients::Clients;
use crate::common::{
    Answer, Cluster, FORKED, PATIENCE, activated, activated_as, ask, events, in_each_forked_mode,
    refuses, signal, temporary_path,
};

fn start_activated(mode: &str, listener: &TcpListener) -> Cluster {
    let cluster = Cluster::start_by(activated(listener), mode, 2, &[]).unwrap();
    assert_eq!(cluster.address, listener.local_addr().unwrap());
    cluster
}

/// Sends a request to a socket that nobody accepts from yet.
fn ask_early(address: std::net::SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    ask(&mut stream, "/");
    stream
}

#[test]
fn a_socket_that_was_handed_over_is_served_with_all_that_waits_in_it() {
    in_each_forked_mode(|mode| {
        let listener = sharing_listener(([127, 0, 0, 1], 0).into());
        let address = listener.local_addr().unwrap();
        let mut early = ask_early(address);
        let mut cluster = start_activated(mode, &listener);
        assert_eq!(Answer::read_from(&mut early).unwrap().status(), 200);
        drop(early);
        let load = Clients::mixed(address);
        load.stop_after(50);
        assert_eq!(cluster.end_with("SIGTERM").code(), Some(0));

        // The port stays the supervisor's: whoever comes meanwhile is served by the next cluster.
        let mut between = ask_early(address);
        let _next = start_activated(mode, &listener);
        assert_eq!(Answer::read_from(&mut between).unwrap().status(), 200);
    });
}

#[test]
fn a_plain_socket_will_do_for_all_forked_modes_but_reuseport() {
    for mode in FORKED {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        if mode == "reuseport" {
            let mut command = activated(&listener);
            command.args(["serve", "--mode", mode, "--workers", "2"]);
            refuses(&mut command, 2, &["SO_REUSEPORT"]);
        } else {
            assert_eq!(start_activated(mode, &listener).get("/").status(), 200);
        }
    }
}

#[test]
fn sockets_meant_for_another_process_are_left_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let command = activated_as(&listener, "1");
    let cluster = Cluster::start_by(command, "round-robin", 1, &[]).unwrap();
    assert_ne!(cluster.address, listener.local_addr().unwrap());
}

/// Waits for a message with this line, and returns what came before it.
fn wait_for(socket: &UnixDatagram, line: &str) -> Vec<String> {
    let mut before = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).unwrap_or_else(|error| {
            panic!("'{line}' never came after {before:?}: {error}");
        });
        let message = String::from_utf8(buffer[..length].to_vec()).unwrap();
        if message.lines().any(|found| found == line) {
            return before;
        }
        before.push(message);
    }
}

fn tells_its_life(mode: &str, name: &Path, socket: &UnixDatagram) {
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = without_terminal();
    command.env("NOTIFY_SOCKET", name);
    let mut cluster = Cluster::start_by(command, mode, 2, &[]).unwrap();
    wait_for(socket, "READY=1");
    assert_eq!(cluster.get("/").status(), 200);
    signal(cluster.master(), "SIGHUP");
    wait_for(socket, "RELOADING=1");
    wait_for(socket, "READY=1");
    cluster.wait_for_events(events::restarted, 1);
    assert_eq!(cluster.end_with("SIGTERM").code(), Some(0));
    let before = wait_for(socket, "STOPPING=1");
    assert!(before.iter().all(|message| message.contains("STATUS=")), "{before:?}");
}

#[test]
fn the_supervisor_is_told_of_readiness_restart_and_stop() {
    in_each_forked_mode(|mode| {
        let (_folder, path) = temporary_path("notify");
        tells_its_life(mode, &path, &UnixDatagram::bind(&path).unwrap());
    });
}

#[test]
fn an_abstract_notify_socket_will_do() {
    let name = format!("hello-cluster-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    tells_its_life("round-robin", Path::new(&format!("@{name}")), &socket);
}
