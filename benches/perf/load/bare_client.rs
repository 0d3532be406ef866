//! The leanest client that keeps connections busy: one thread, epoll, a read and a write a request,
//! nothing parsed or booked. For counting instructions only.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use crate::env::generator::CONNECTIONS;

/// Sends so many requests over all connections, each once the answer to the last has come.
pub fn drive(url: &str, requests: u64) -> io::Result<()> {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes();
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let mut connections = Vec::new();
    for place in 0..CONNECTIONS.parse::<u64>().map_err(io::Error::other)? {
        let stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, place))?;
        (&stream).write_all(&request)?;
        connections.push(stream);
    }
    let mut events = vec![EpollEvent::empty(); 128];
    let mut input = vec![0; 64 * 1024];
    let mut answered = 0;
    while answered < requests {
        let count = epoll.wait(&mut events, EpollTimeout::NONE)?;
        for event in &events[..count] {
            let mut stream = &connections[event.data() as usize];
            if stream.read(&mut input)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            answered += 1;
            stream.write_all(&request)?;
        }
    }
    Ok(())
}
