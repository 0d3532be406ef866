//! One request and its answer, byte by byte: to see that a server serves, that all answer alike, and
//! to make a connection that has asked once.

use std::io::{self, Read, Write};
use std::net::TcpStream;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const LONGEST: usize = 4096;

#[derive(Debug, Clone)]
pub struct Answer {
    text: String,
}

impl Answer {
    /// Asks once and reads the whole answer; the stream's own timeouts hold.
    /// Anything but a `200` that tells its length is [`io::ErrorKind::InvalidData`].
    pub fn ask(stream: &mut TcpStream) -> io::Result<Self> {
        stream.write_all(REQUEST)?;
        let mut bytes = Vec::new();
        let mut part = [0; LONGEST];
        loop {
            match stream.read(&mut part)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => bytes.extend_from_slice(&part[..length]),
            }
            let answer = Self { text: String::from_utf8_lossy(&bytes).into_owned() };
            if answer.is_whole() {
                return Ok(answer);
            }
            if bytes.len() > LONGEST || !b"HTTP/1.1 200 ".starts_with(&bytes[..bytes.len().min(13)])
            {
                let line = answer.text.lines().next().unwrap_or_default().to_owned();
                return Err(io::Error::new(io::ErrorKind::InvalidData, line));
            }
        }
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The headers' names in small letters, in the order of the alphabet.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.headers().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        names
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let head = self.text.split_once("\r\n\r\n").map_or("", |(head, _)| head);
        head.lines().skip(1).filter_map(|line| line.split_once(": "))
    }

    fn is_whole(&self) -> bool {
        let body = self.text.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
        let length = self.header("content-length").and_then(|length| length.parse().ok());
        self.text.starts_with("HTTP/1.1 200 ") && length.is_some_and(|length: usize| body >= length)
    }
}
