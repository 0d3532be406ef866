//! The epoll engine: on a kept connection a request costs two system calls, a read and the write
//! that follows its parse at once, and a share of the wait.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;

use super::Shard;
use super::driver::{Driver, RETIRED};
use super::transport::{Event, Text, Transport};
use crate::engine::rendered_requests::RenderedRequests;
use crate::sys::SysError;
use crate::sys::poller::{self, Interest, Poller};
use crate::sys::socket::Stream;

/// Bytes that one read takes at most.
const READ_SIZE: usize = 64 * 1024;

pub type EpollEngine = Driver<Epoll>;

/// Moves bytes by reads and writes when epoll says that there is something to do.
pub struct Epoll {
    poller: Poller,
    links: Vec<Link>,
    /// Sockets that the server is about to close.
    retired: VecDeque<Stream>,
    requests: RenderedRequests,
    /// Requests that begin together, for one write.
    output: Vec<u8>,
    /// What the last read brought.
    input: Box<[u8]>,
    length: usize,
    /// Events of the last wait, and which is next.
    ready: usize,
    cursor: usize,
    /// The second half of an event whose first half was told.
    rest: Option<poller::Event>,
    /// Whether a socket is watched for one event at a time.
    once: bool,
}

#[derive(Default)]
struct Link {
    stream: Option<Stream>,
    /// How many sockets this place has had: events of older ones are stale.
    generation: u32,
    /// Whether the poller knows the socket.
    watched: bool,
    /// What the socket had no room for.
    unsent: Vec<u8>,
}

impl Transport for Epoll {
    fn new(shard: &Shard) -> Result<Self, SysError> {
        Ok(Self {
            poller: Poller::new().map_err(SysError::of("epoll_create1"))?,
            links: (0..shard.connections).map(|_| Link::default()).collect(),
            retired: VecDeque::new(),
            requests: RenderedRequests::new(&shard.plan),
            output: Vec::new(),
            input: vec![0; READ_SIZE].into_boxed_slice(),
            length: 0,
            ready: 0,
            cursor: 0,
            rest: None,
            once: shard.plan.is_one_each(),
        })
    }

    fn is_open(&self, place: usize) -> bool {
        self.links[place].stream.is_some()
    }

    fn attach(&mut self, place: usize, socket: OwnedFd) {
        let link = &mut self.links[place];
        link.stream = Some(Stream::from(socket));
        link.generation = link.generation.wrapping_add(1);
        link.watched = false;
    }

    fn put(&mut self, text: Text) {
        self.output.extend_from_slice(self.requests.bytes(text.part, text.last));
    }

    /// On a new connection, too, the request goes out at once: on loopback it is made by then.
    fn transmit(&mut self, place: usize) -> io::Result<bool> {
        let link = &mut self.links[place];
        let done = link.send(&self.output);
        self.output.clear();
        let done = done?;
        if !link.watched || !done {
            self.watch(place, !done)?;
        }
        Ok(done)
    }

    /// A connection that is watched for one event is watched again.
    fn expect_more(&mut self, place: usize) -> io::Result<()> {
        if self.once { self.watch(place, false) } else { Ok(()) }
    }

    fn retire(&mut self, place: usize) {
        let Some(stream) = self.links[place].detach() else { return };
        if !self.once && self.poller.remove(&stream).is_err() {
            return;
        }
        self.retired.push_back(stream);
        if self.retired.len() > RETIRED {
            self.retired.pop_front();
        }
    }

    fn close(&mut self, place: usize) {
        self.output.clear();
        drop(self.links[place].detach());
    }

    fn wait(&mut self, nap_ns: u64) -> Result<bool, SysError> {
        self.ready = self.poller.wait(nap_ns).map_err(SysError::of("epoll_wait"))?;
        self.cursor = 0;
        Ok(true)
    }

    fn next(&mut self) -> Option<Event> {
        loop {
            let event = match self.rest.take() {
                Some(rest) => rest,
                None if self.cursor == self.ready => return None,
                None => {
                    self.cursor += 1;
                    self.poller.event(self.cursor - 1)
                }
            };
            if let Some(told) = self.on_event(event) {
                return Some(told);
            }
        }
    }

    fn input(&self) -> &[u8] {
        &self.input[..self.length]
    }
}

impl Epoll {
    /// Something happened on a connection, unless its socket is gone by now.
    fn on_event(&mut self, event: poller::Event) -> Option<Event> {
        let place = (event.token & u64::from(u32::MAX)) as usize;
        let link = &self.links[place];
        let current = u64::from(link.generation) == event.token >> 32;
        if !current || link.stream.is_none() {
            return None;
        }
        if event.writable {
            self.rest = Some(poller::Event { writable: false, ..event });
            return Some(match self.on_writable(place) {
                Ok(()) => Event::Connected(place),
                Err(error) => Event::Broken(place, error),
            });
        }
        if event.readable { self.on_readable(place) } else { None }
    }

    /// The connection is made or has failed, or has room again.
    fn on_writable(&mut self, place: usize) -> io::Result<()> {
        let link = &mut self.links[place];
        if let Some(stream) = &link.stream {
            stream.check()?;
        }
        let done = link.flush()?;
        self.watch(place, !done)
    }

    /// Bytes have come, or the end, or an error.
    fn on_readable(&mut self, place: usize) -> Option<Event> {
        match self.links[place].stream.as_ref()?.read(&mut self.input) {
            Ok(0) => Some(Event::Closed(place)),
            Ok(length) => {
                self.length = length;
                Some(Event::Input(place))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
            Err(error) => Some(Event::Broken(place, error)),
        }
    }

    /// Tells the poller what to wait for.
    fn watch(&mut self, place: usize, writable: bool) -> io::Result<()> {
        let link = &mut self.links[place];
        let Some(stream) = &link.stream else { return Ok(()) };
        let token = u64::from(link.generation) << 32 | place as u64;
        let interest = Interest { writable, once: self.once };
        if link.watched {
            return self.poller.modify(stream, token, interest);
        }
        link.watched = true;
        self.poller.add(stream, token, interest)
    }
}

impl Link {
    /// Takes the socket out and forgets what is unsent.
    fn detach(&mut self) -> Option<Stream> {
        self.unsent.clear();
        self.stream.take()
    }

    /// Sends `bytes` after what is still unsent. Returns whether everything went out.
    fn send(&mut self, bytes: &[u8]) -> io::Result<bool> {
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return self.flush();
        }
        let sent = self.write(bytes)?;
        self.unsent.extend_from_slice(&bytes[sent..]);
        Ok(self.unsent.is_empty())
    }

    /// Sends what is still unsent. Returns whether everything went out.
    fn flush(&mut self) -> io::Result<bool> {
        if !self.unsent.is_empty() {
            let unsent = std::mem::take(&mut self.unsent);
            let sent = self.write(&unsent)?;
            self.unsent.extend_from_slice(&unsent[sent..]);
        }
        Ok(self.unsent.is_empty())
    }

    /// Writes once; returns how much went out, 0 when there is no room.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(stream) = &self.stream else { return Ok(0) };
        match stream.write(bytes) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock
                        | io::ErrorKind::Interrupted
                        | io::ErrorKind::NotConnected
                ) =>
            {
                Ok(0)
            }
            result => result,
        }
    }
}
