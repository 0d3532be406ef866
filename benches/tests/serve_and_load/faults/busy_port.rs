//! A port in use, openly or by a member of its `SO_REUSEPORT` group, is found before any fork.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, listen, setsockopt, socket,
    sockopt,
};

use crate::common::{FORKED, refused};

/// A listening socket that lets others of this user join its port, as another cluster's would.
pub fn sharing_listener(address: SocketAddr) -> TcpListener {
    let flags = SockFlag::SOCK_CLOEXEC;
    let fd: OwnedFd = socket(AddressFamily::Inet, SockType::Stream, flags, None).unwrap();
    setsockopt(&fd, sockopt::ReusePort, &true).unwrap();
    bind(fd.as_raw_fd(), &SockaddrStorage::from(address)).unwrap();
    listen(&fd, Backlog::new(16).unwrap()).unwrap();
    TcpListener::from(fd)
}

/// Every mode must say in one line that the port is taken, and exit with code 3.
fn refused_in_every_mode(owner: &TcpListener) {
    let port = owner.local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    for mode in FORKED.into_iter().chain(["single", "threads"]) {
        refused(&["serve", "--mode", mode, "--listen", &address], 3, &[&address, "in use"]);
    }
}

#[test]
fn a_port_that_somebody_has_is_named_in_one_line() {
    refused_in_every_mode(&TcpListener::bind("127.0.0.1:0").unwrap());
}

#[test]
fn a_squatter_of_the_same_user_in_the_group_is_found() {
    refused_in_every_mode(&sharing_listener(([127, 0, 0, 1], 0).into()));
}

#[test]
fn a_squatter_on_all_addresses_is_found() {
    refused_in_every_mode(&sharing_listener(([0, 0, 0, 0], 0).into()));
}
