//! The leanest server that answers a load generator: one thread, epoll, a fixed answer to whatever
//! ends like a request. For measuring generators only; it understands no HTTP.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n";
const CLOSING: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";

/// Listens on a free port, prints its URL, and serves until it is killed.
pub fn serve() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    println!("http://{}/", listener.local_addr()?);
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let own = listener.as_raw_fd() as u64;
    epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, own))?;
    let mut connections: HashMap<u64, TcpStream> = HashMap::new();
    let mut events = vec![EpollEvent::empty(); 256];
    loop {
        let count = epoll.wait(&mut events, EpollTimeout::NONE)?;
        for event in &events[..count] {
            if event.data() == own {
                accept(&listener, &epoll, &mut connections)?;
            } else if let Some(stream) = connections.get_mut(&event.data())
                && !answer(stream)
            {
                connections.remove(&event.data());
            }
        }
    }
}

fn accept(
    listener: &TcpListener,
    epoll: &Epoll,
    connections: &mut HashMap<u64, TcpStream>,
) -> io::Result<()> {
    while let Ok((stream, _)) = listener.accept() {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let token = stream.as_raw_fd() as u64;
        epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, token))?;
        connections.insert(token, stream);
    }
    Ok(())
}

/// Answers what has come; `false` when the connection is to be closed.
fn answer(stream: &mut TcpStream) -> bool {
    let mut input = [0; 4096];
    match stream.read(&mut input) {
        Ok(0) => false,
        Ok(length) if input[..length].ends_with(b"\r\n\r\n") => {
            let closes = input[..length].windows(17).any(|word| word == b"Connection: close");
            let answer = if closes { CLOSING } else { ANSWER };
            stream.write_all(answer).is_ok() && !closes
        }
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}
