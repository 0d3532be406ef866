//! One request and its answer on a connection, to the byte.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

/// Sends a request and leaves the connection open.
pub fn ask(stream: &mut TcpStream, target: &str) {
    // In one piece: the second one would wait for the first one's acknowledgement.
    let request = format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
}

/// Sends a request on an open connection and reads its answer.
#[track_caller]
pub fn exchange(stream: &mut TcpStream, target: &str) -> Answer {
    ask(stream, target);
    Answer::read_from(stream).expect("a whole answer")
}

#[derive(Debug)]
pub struct Answer {
    pub head: String,
    pub body: String,
}

impl Answer {
    /// Reads one answer with a `Content-Length`, and not a byte more unless the stream is buffered.
    pub fn read_from(stream: &mut impl Read) -> io::Result<Self> {
        Self::read_next(stream)?.ok_or_else(|| ErrorKind::UnexpectedEof.into())
    }

    /// The same; `None` where the stream ends before it.
    pub fn read_next(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(mut answer) = Self::read_head(stream)? else { return Ok(None) };
        let length = answer.header("content-length").unwrap_or("0").parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).unwrap();
        Ok(Some(answer))
    }

    /// Reads a head that no body follows; `None` where the stream ends before it.
    pub fn read_head(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match stream.read_exact(&mut byte) {
                Ok(()) => head.push(byte[0]),
                Err(why) if why.kind() == ErrorKind::UnexpectedEof && head.is_empty() => {
                    return Ok(None);
                }
                Err(why) => return Err(why),
            }
        }
        Ok(Some(Self { head: String::from_utf8(head).unwrap(), body: String::new() }))
    }

    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub fn pid(&self) -> u32 {
        self.header("x-worker-pid").unwrap().parse().unwrap()
    }
}
