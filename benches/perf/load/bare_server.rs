//! The leanest server that answers a load generator: one thread, epoll, a fixed answer to whatever
//! ends like a request. For measuring generators, and as a floor for servers; it understands no HTTP.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

/// What is answered, byte for byte.
pub struct Answers<'a> {
    /// On a connection that is kept.
    pub kept: &'a [u8],
    /// To a request that says `Connection: close`; without it nobody looks.
    pub closing: Option<&'a [u8]>,
}

/// Open connections, each at the place of its descriptor.
type Connections = Vec<Option<TcpStream>>;

/// Listens on a free port, prints its URL, and serves until it is killed.
pub fn serve(answers: &Answers<'_>) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    println!("http://{}/", listener.local_addr()?);
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let own = listener.as_raw_fd() as u64;
    epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, own))?;
    let mut connections = Connections::new();
    let mut events = vec![EpollEvent::empty(); 256];
    let mut input = [0; 4096];
    loop {
        let count = match epoll.wait(&mut events, EpollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            counted => counted?,
        };
        for event in &events[..count] {
            if event.data() == own {
                accept(&listener, &epoll, &mut connections)?;
            } else if let Some(place) = connections.get_mut(event.data() as usize)
                && let Some(stream) = place
                && !answer(stream, &mut input, answers)
            {
                *place = None;
            }
        }
    }
}

fn accept(listener: &TcpListener, epoll: &Epoll, connections: &mut Connections) -> io::Result<()> {
    while let Ok((stream, _)) = listener.accept() {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let place = stream.as_raw_fd() as usize;
        epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?;
        if connections.len() <= place {
            connections.resize_with(place + 1, || None);
        }
        connections[place] = Some(stream);
    }
    Ok(())
}

/// Answers what has come; `false` when the connection is to be closed.
fn answer(stream: &mut TcpStream, input: &mut [u8], answers: &Answers<'_>) -> bool {
    match stream.read(input) {
        Ok(0) => false,
        Ok(length) if input[..length].ends_with(b"\r\n\r\n") => {
            let closing = answers.closing.filter(|_| asks_to_close(&input[..length]));
            stream.write_all(closing.unwrap_or(answers.kept)).is_ok() && closing.is_none()
        }
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

fn asks_to_close(request: &[u8]) -> bool {
    request.windows(17).any(|word| word == b"Connection: close")
}
