//! A client that puts exactly the bytes of a test on the wire, and reads what comes back.
//! Next: [`super::cases`].

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crate::common::{Answer, Cluster, PATIENCE};

/// How much is read at a time.
const CHUNK: usize = 16 * 1024;

/// A connection, and what has come over it and was not looked at yet.
#[derive(Debug)]
pub struct Wire {
    /// The connection itself, for what only one test does with it.
    pub stream: TcpStream,
    received: Vec<u8>,
}

impl Wire {
    /// A new connection to a cluster.
    pub fn to(cluster: &Cluster) -> Self {
        Self::to_address(cluster.address)
    }

    /// A new connection to anybody.
    pub fn to_address(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, received: Vec::new() }
    }

    /// Sends bytes to somebody who is to take them.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("the server takes it");
    }

    /// Sends bytes to somebody who may have refused the request already: whether its answer can
    /// still be read is what counts then.
    pub fn offer(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref());
    }

    /// Says that nothing more will be sent.
    pub fn finish_sending(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Whether there is anything to be read now: an answer, or the end.
    pub fn has_news(&self) -> bool {
        has_news(&self.stream)
    }

    /// Ends the connection by a reset, whatever is under way on it.
    pub fn reset(self) {
        let at_once = nix::libc::linger { l_onoff: 1, l_linger: 0 };
        nix::sys::socket::setsockopt(&self.stream, nix::sys::socket::sockopt::Linger, &at_once)
            .unwrap();
    }

    /// The next answer, with the body that its `Content-Length` tells.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        let answer = self.next_answer(Body::AsTold).expect("the connection holds");
        answer.expect("an answer, and not the end")
    }

    /// The next answer to a HEAD request: a head that nothing follows.
    #[track_caller]
    pub fn answer_to_head(&mut self) -> Answer {
        let answer = self.next_answer(Body::None).expect("the connection holds");
        answer.expect("an answer, and not the end")
    }

    /// Whether the other side has ended the connection in order, with nothing more to be read.
    #[track_caller]
    pub fn expect_end(mut self) {
        let left = self.answers_to_end().expect("an end in order");
        assert!(left.is_empty(), "expected the end, but there is {left:?}");
    }

    /// All answers until the other side ends the connection.
    ///
    /// # Errors
    /// When it ends by a reset, or not at all.
    pub fn answers_to_end(&mut self) -> io::Result<Vec<Answer>> {
        let mut answers = Vec::new();
        while let Some(answer) = self.next_answer(Body::AsTold)? {
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Whatever comes until the end, or until a reset.
    pub fn bytes_to_end(mut self) -> Vec<u8> {
        while matches!(self.receive(), Ok(1..)) {}
        self.received
    }

    /// The next answer; `None` at the end.
    fn next_answer(&mut self, body: Body) -> io::Result<Option<Answer>> {
        let Some(end) = self.receive_until(end_of_head)? else { return Ok(None) };
        let head = String::from_utf8(self.received.drain(..end).collect()).expect("plain text");
        let mut answer = Answer { head, body: String::new() };
        let length = match (body, answer.header("content-length")) {
            (Body::AsTold, Some(length)) => length.parse().expect("a length"),
            _ => 0,
        };
        let whole = |bytes: &[u8]| (bytes.len() >= length).then_some(length);
        self.receive_until(whole)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let body = self.received.drain(..length).collect();
        answer.body = String::from_utf8(body).expect("plain text");
        Ok(Some(answer))
    }

    /// Receives until `found` finds something, and gives it; `None` at an end with nothing left.
    fn receive_until(
        &mut self,
        found: impl Fn(&[u8]) -> Option<usize>,
    ) -> io::Result<Option<usize>> {
        loop {
            if let Some(end) = found(&self.received) {
                return Ok(Some(end));
            }
            if self.receive()? == 0 {
                let whole = self.received.is_empty();
                return if whole { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }

    fn receive(&mut self) -> io::Result<usize> {
        let before = self.received.len();
        self.received.resize(before + CHUNK, 0);
        let read = loop {
            match self.stream.read(&mut self.received[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.received.truncate(before + read.as_ref().map_or(0, |read| *read));
        read
    }
}

/// Whether an answer's `Content-Length` says how many bytes follow its head.
#[derive(Debug, Clone, Copy)]
enum Body {
    AsTold,
    None,
}

/// Whether there is anything to be read on a connection now: an answer, or the end.
pub fn has_news(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let seen = stream.peek(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    !seen.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// Long enough for a server to read what was sent before, in general; where it does not, a test is
/// less sharp, but not wrong.
pub fn let_it_be_read() {
    std::thread::sleep(Duration::from_millis(1));
}

/// The status codes of answers.
pub fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers.iter().map(Answer::status).collect()
}

/// Whether this is a refusal as it has to be: whole, of one line, naming the worker, and the last.
#[track_caller]
pub fn is_a_refusal(answer: &Answer, status: u16, of: &str) {
    let head = &answer.head;
    assert_eq!(answer.status(), status, "{of}: {answer:?}");
    let length = answer.header("content-length").map(str::parse);
    assert_eq!(length, Some(Ok(answer.body.len())), "{of}: {head}");
    assert_eq!(answer.header("connection"), Some("close"), "{of}: {head}");
    for name in ["x-worker-id", "x-worker-pid"] {
        let number = answer.header(name).map(str::parse::<u32>);
        assert!(matches!(number, Some(Ok(1..))), "{of}: {name} in {head}");
    }
    let line = answer.body.strip_suffix('\n').unwrap_or_default();
    assert!(!line.is_empty() && !line.contains('\n'), "{of}: not one line: {:?}", answer.body);
}
