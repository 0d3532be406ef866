//! Connections that have asked once and now say nothing, from as many addresses as they need ports.

use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrStorage, bind, connect,
    setsockopt, socket, sockopt,
};

use crate::env::{Failure, TestEnv};
use crate::servers::Answer;

/// Connections from one source address: well below the number of its ports.
const PER_ADDRESS: u32 = 1000;

/// Descriptors that this program and the server need beside them, the busy connections included.
const OTHERS: u64 = 256;

const GLANCE: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(10);

pub struct IdleConnections(Vec<TcpStream>);

/// Raises the limit of open files, which children inherit; returns how many of `wanted` it allows.
pub fn possible(wanted: u32) -> Result<u32, Failure> {
    let raise = || -> nix::Result<u64> {
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
        Ok(most)
    };
    let most = raise().map_err(Failure::cannot("raise the limit of open files"))?;
    let room = most.saturating_sub(OTHERS).min(u64::from(wanted)) as u32;
    if room == 0 {
        return Err(Failure::Broken(format!("a limit of {most} open files has no room for any")));
    }
    Ok(room)
}

impl IdleConnections {
    /// Opens `count` connections, each of which asks once and gets its answer.
    pub fn open(env: &TestEnv, server: SocketAddr, count: u32) -> Result<Self, Failure> {
        let mut streams = Vec::with_capacity(count as usize);
        for index in 0..count {
            if index % PER_ADDRESS == 0 {
                env.pause(GLANCE)?;
            }
            let source =
                Ipv4Addr::from_bits(Ipv4Addr::new(127, 0, 1, 1).to_bits() + index / PER_ADDRESS);
            let stream = ask_once(server, source).map_err(Failure::cannot(format!(
                "open idle connection {} of {count} from {source}",
                index + 1
            )))?;
            streams.push(stream);
        }
        Ok(Self(streams))
    }

    /// Closes all; fails when the server has closed or said anything on one before.
    pub fn close(mut self) -> Result<(), Failure> {
        let is_silent = |stream: &mut TcpStream| {
            let read = stream.set_nonblocking(true).and_then(|()| stream.read(&mut [0]));
            read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
        };
        let all = self.0.len();
        self.0.retain_mut(|stream| is_silent(stream));
        match all - self.0.len() {
            0 => Ok(()),
            lost => Err(Failure::Broken(format!(
                "{lost} of {all} idle connections did not last: use a shorter --duration"
            ))),
        }
    }
}

/// Opens a connection from an address and asks once. The port is chosen with the connection.
fn ask_once(server: SocketAddr, source: Ipv4Addr) -> io::Result<TcpStream> {
    let fd =
        socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, SockProtocol::Tcp)?;
    setsockopt(&fd, sockopt::IpBindAddressNoPort, &true)?;
    bind(fd.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(source, 0)))?;
    connect(fd.as_raw_fd(), &SockaddrStorage::from(server))?;
    let mut stream = TcpStream::from(fd);
    stream.set_read_timeout(Some(PATIENCE))?;
    Answer::ask(&mut stream)?;
    Ok(stream)
}
