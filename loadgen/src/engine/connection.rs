//! One connection: the requests under way on it, and the answers coming in. Its socket is the
//! transport's.

use std::collections::VecDeque;

use crate::response::{Answer, Parser, ProtocolError};

#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// When it began: in an open loop, when it was due.
    pub begin: u64,
    pub sent: u64,
}

/// A connection, or the place of one that is not open.
#[derive(Debug, Default)]
pub struct Connection {
    /// Whether the connection is made; before that, a failure is a failure to connect.
    pub connected: bool,
    /// When it was known to be made; 0 as long as nobody wants to know.
    pub made: u64,
    /// Requests under way, oldest first.
    pub outstanding: VecDeque<Sent>,
    pub used: u64,
    /// Places in the queue of idle connections that this one holds (open loop).
    pub idle: u32,
    /// The place of its worker in the tally, once the first answer has told.
    pub worker: Option<usize>,
    parser: Parser,
    /// Bytes of an answer's head that is not whole yet.
    carry: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    Open,
    Closing,
    /// More came than was asked for: an answer was longer than it said.
    Excess,
}

impl Connection {
    pub fn new(bodiless: bool) -> Self {
        let outstanding = VecDeque::with_capacity(1);
        Self { outstanding, parser: Parser::new(bodiless), ..Self::default() }
    }

    /// The socket is gone: forgets all that was half done on it.
    pub fn detach(&mut self) {
        self.parser.reset();
        self.carry.clear();
        self.worker = None;
        self.used = 0;
        self.connected = false;
    }

    /// Takes input; calls `on_answer` for each whole answer with the request that it answers.
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
