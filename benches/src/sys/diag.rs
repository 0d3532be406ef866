//! The kernel's list of listening sockets, by netlink (`sock_diag(7)`): with thousands of
//! connections `/proc/net/tcp` takes milliseconds to read, and this does not.

use std::io;
use std::os::fd::AsRawFd;

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};

/// A listening socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// Connections that wait to be accepted.
    pub waiting: u32,
    /// How many may.
    pub room: u32,
}

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const REQUEST_AND_DUMP: u16 = 0x301;
const DONE: u16 = 3;
const ERROR: u16 = 2;
const TCP: u8 = 6;
const STATE_LISTEN: u32 = 1 << 10;
const HEADER: usize = 16;

/// The listening TCP sockets on a port, of both families.
pub fn listening(port: u16) -> io::Result<Vec<Listening>> {
    let mut found = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        ask(family as u8, port, &mut found)?;
    }
    Ok(found)
}

fn ask(family: u8, port: u16, found: &mut Vec<Listening>) -> io::Result<()> {
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkSockDiag,
    )?;
    send(socket.as_raw_fd(), &request(family, port), MsgFlags::empty())?;
    let mut buffer = [0_u8; 16 * 1024];
    loop {
        let length = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
        if length == 0 || read(&buffer[..length], port, found)? {
            return Ok(());
        }
    }
}

/// A netlink header and an `inet_diag_req_v2`, whose address part stays zero but for the port.
fn request(family: u8, port: u16) -> Vec<u8> {
    let mut body = vec![family, TCP, 0, 0];
    body.extend(STATE_LISTEN.to_ne_bytes());
    body.extend(port.to_be_bytes());
    body.resize(body.len() + 46, 0);
    let mut message = ((HEADER + body.len()) as u32).to_ne_bytes().to_vec();
    message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message.extend(REQUEST_AND_DUMP.to_ne_bytes());
    message.resize(HEADER, 0);
    message.extend(body);
    message
}

/// Reads one datagram of messages; whether it was the last.
fn read(mut datagram: &[u8], port: u16, found: &mut Vec<Listening>) -> io::Result<bool> {
    while datagram.len() >= HEADER {
        let number = |at: usize| {
            let bytes = datagram.get(at..at + 4).and_then(|it| it.try_into().ok());
            bytes.map_or(0, u32::from_ne_bytes)
        };
        let length = (number(0) as usize).clamp(HEADER, datagram.len());
        match u16::from_ne_bytes([datagram[4], datagram[5]]) {
            DONE => return Ok(true),
            ERROR => return Err(io::Error::from_raw_os_error(-number(HEADER).cast_signed())),
            // An `inet_diag_msg`: the port at 4, the queue at 56, its bound at 60.
            _ if length >= HEADER + 64 => {
                let its_port = u16::from_be_bytes([datagram[HEADER + 4], datagram[HEADER + 5]]);
                if its_port == port {
                    let (waiting, room) = (number(HEADER + 56), number(HEADER + 60));
                    found.push(Listening { waiting, room });
                }
            }
            _ => {}
        }
        // Messages begin at multiples of four bytes.
        datagram = &datagram[length.next_multiple_of(4).min(datagram.len())..];
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn connections_that_nobody_accepted_are_counted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let Ok(empty) = listening(address.port()) else { return };
        assert_eq!(empty.len(), 1);
        assert_eq!(empty[0].waiting, 0);
        assert!(empty[0].room > 0);
        let _clients: Vec<_> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
        assert_eq!(listening(address.port()).unwrap()[0].waiting, 3);
    }

    #[test]
    fn other_ports_are_not_counted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let Ok(none) = listening(port) else { return };
        assert_eq!(none, []);
    }
}
