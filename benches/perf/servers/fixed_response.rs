//! The leanest server that answers a load generator: one thread, epoll, a fixed answer to whatever
//! ends like a request. For measuring generators, and as a floor for servers; it understands no HTTP.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

pub struct Answers {
    /// On a connection that is kept.
    kept: Vec<u8>,
    /// To a request that says `Connection: close`; without it nobody looks.
    closing: Option<Vec<u8>>,
}

impl Answers {
    /// Our answer, byte for byte but for the date: a floor for servers.
    pub fn ours() -> Self {
        let pid = std::process::id();
        let body = format!("Hello from worker {pid}\n");
        let kept = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-worker-id: 1\r\nx-worker-pid: {pid}\r\n\
             content-length: {}\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n{body}",
            body.len()
        );
        Self { kept: kept.into(), closing: None }
    }

    /// A short one, for generators that keep connections and for those that do not.
    pub fn short() -> Self {
        let answer = |more| format!("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n{more}\r\nhello\n");
        Self { kept: answer("").into(), closing: Some(answer("Connection: close\r\n").into()) }
    }
}

/// Open connections, each at the place of its descriptor.
type Connections = Vec<Option<TcpStream>>;

/// Listens on a free port, prints its URL, and serves until it is killed.
pub fn serve(answers: &Answers) -> io::Result<()> {
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
fn answer(stream: &mut TcpStream, input: &mut [u8], answers: &Answers) -> bool {
    match stream.read(input) {
        Ok(0) => false,
        Ok(length) if input[..length].ends_with(b"\r\n\r\n") => {
            let closing = answers.closing.as_ref().filter(|_| asks_to_close(&input[..length]));
            stream.write_all(closing.unwrap_or(&answers.kept)).is_ok() && closing.is_none()
        }
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

fn asks_to_close(request: &[u8]) -> bool {
    request.windows(17).any(|word| word == b"Connection: close")
}
