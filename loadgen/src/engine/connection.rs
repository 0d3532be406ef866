//! One connection: its socket, the requests under way on it, and the answers coming in.
//!
//! Next: [`super::epoll`], which owns them all.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::TcpStream;

use crate::response::{Answer, Parser, ProtocolError};

/// A request under way.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// When it began: in an open loop, when it was due.
    pub begin: u64,
    /// When it was sent.
    pub sent: u64,
}

/// A connection, or the place of one that is not open.
#[derive(Debug)]
pub struct Connection {
    /// The socket.
    pub stream: Option<TcpStream>,
    /// Whether the connection is made; before that, a failure is a failure to connect.
    pub connected: bool,
    /// How many sockets this place has had: events of older ones are stale.
    pub generation: u32,
    /// Requests under way, oldest first.
    pub outstanding: VecDeque<Sent>,
    /// Requests that this connection has carried.
    pub used: u64,
    /// Places in the queue of idle connections that this one holds (open loop).
    pub idle: u32,
    /// The place of its worker in the tally, once the first answer has told.
    pub worker: Option<usize>,
    parser: Parser,
    /// Bytes of an answer's head that is not whole yet.
    carry: Vec<u8>,
    /// What the socket had no room for.
    unsent: Vec<u8>,
}

/// How a batch of input ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// The connection goes on.
    Open,
    /// The server wants no more requests on it.
    Closing,
    /// More came than was asked for: an answer was longer than it said.
    Excess,
}

impl Connection {
    /// A place without a connection.
    #[must_use]
    pub fn new(bodiless: bool) -> Self {
        Self {
            stream: None,
            connected: false,
            generation: 0,
            outstanding: VecDeque::with_capacity(1),
            used: 0,
            idle: 0,
            worker: None,
            parser: Parser::new(bodiless),
            carry: Vec::new(),
            unsent: Vec::new(),
        }
    }

    /// Puts a fresh socket in place.
    pub fn attach(&mut self, stream: TcpStream, connected: bool) {
        self.stream = Some(stream);
        self.connected = connected;
        self.generation = self.generation.wrapping_add(1);
    }

    /// Takes the socket out and forgets all that was half done on it.
    pub fn detach(&mut self) -> Option<TcpStream> {
        self.parser.reset();
        self.carry.clear();
        self.unsent.clear();
        self.worker = None;
        self.used = 0;
        self.connected = false;
        self.stream.take()
    }

    /// Sends `bytes` after what is still unsent. Returns whether everything went out.
    ///
    /// # Errors
    /// The socket's error.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<bool> {
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return self.flush();
        }
        let sent = self.write(bytes)?;
        self.unsent.extend_from_slice(&bytes[sent..]);
        Ok(self.unsent.is_empty())
    }

    /// Sends what is still unsent. Returns whether everything went out.
    ///
    /// # Errors
    /// The socket's error.
    pub fn flush(&mut self) -> io::Result<bool> {
        if !self.unsent.is_empty() {
            let unsent = std::mem::take(&mut self.unsent);
            let sent = self.write(&unsent)?;
            self.unsent.extend_from_slice(&unsent[sent..]);
        }
        Ok(self.unsent.is_empty())
    }

    /// Writes once; returns how much went out, 0 when there is no room.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(stream) = &mut self.stream else { return Ok(0) };
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

    /// Takes input; calls `on_answer` for each whole answer with the request that it answers.
    ///
    /// # Errors
    /// [`ProtocolError`] for input that is no answer.
    pub fn receive(
        &mut self,
        input: &[u8],
        mut on_answer: impl FnMut(Sent, Answer, Intake),
    ) -> Result<Intake, ProtocolError> {
        let carried = !self.carry.is_empty();
        let joined = if carried {
            self.carry.extend_from_slice(input);
            std::mem::take(&mut self.carry)
        } else {
            Vec::new()
        };
        let mut rest = if carried { joined.as_slice() } else { input };
        while !rest.is_empty() {
            if self.outstanding.is_empty() {
                return Ok(Intake::Excess);
            }
            let (used, answer) = self.parser.advance(rest)?;
            rest = &rest[used..];
            let Some(answer) = answer else {
                self.carry.extend_from_slice(rest);
                break;
            };
            let Some(sent) = self.outstanding.pop_front() else { return Ok(Intake::Excess) };
            let intake = match (rest.is_empty() || !self.outstanding.is_empty(), answer.keep_alive)
            {
                (false, _) => Intake::Excess,
                (true, true) => Intake::Open,
                (true, false) => Intake::Closing,
            };
            on_answer(sent, answer, intake);
            if intake != Intake::Open {
                return Ok(intake);
            }
        }
        Ok(Intake::Open)
    }

    /// The peer closed its side: the answer whose body was to end so, if one was under way.
    pub fn finish(&mut self) -> Option<(Sent, Answer)> {
        let answer = self.parser.close()?;
        self.outstanding.pop_front().map(|sent| (sent, answer))
    }
}
