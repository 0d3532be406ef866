//! A client that puts exactly the bytes of a test on the wire, and reads what comes back.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crate::common::{Answer, Cluster, PATIENCE};

pub const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/// A connection, and what has come over it and was not looked at yet.
#[derive(Debug)]
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    pub fn to(cluster: &Cluster) -> Self {
        Self::to_address(cluster.address)
    }

    pub fn to_address(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// The connection itself, for what only one test does with it.
    pub fn stream(&self) -> &TcpStream {
        self.0.get_ref()
    }

    /// A cluster of a single process, and a connection to it.
    pub fn alone(extra: &[&str]) -> (Cluster, Self) {
        let cluster = Cluster::start("single", 1, extra);
        let wire = Self::to(&cluster);
        (cluster, wire)
    }

    /// A new connection to a cluster that has taken these bytes.
    pub fn sent(cluster: &Cluster, bytes: impl AsRef<[u8]>) -> Self {
        let mut wire = Self::to(cluster);
        wire.send(bytes);
        wire
    }

    /// A new connection to a cluster that may refuse these bytes before it has them all.
    pub fn offered(cluster: &Cluster, bytes: impl AsRef<[u8]>) -> Self {
        let mut wire = Self::to(cluster);
        wire.offer(bytes);
        wire
    }

    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream().write_all(bytes.as_ref()).expect("the server takes it");
    }

    /// Sends bytes to a server that may have refused the request already and closed.
    pub fn offer(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream().write_all(bytes.as_ref());
    }

    pub fn finish_sending(&mut self) {
        let _ = self.stream().shutdown(Shutdown::Write);
    }

    /// Ends the connection in order: nothing more comes from either side.
    #[track_caller]
    pub fn finish(mut self) {
        self.finish_sending();
        self.expect_end();
    }

    /// Whether there is anything to be read now: an answer, or the end.
    pub fn has_news(&self) -> bool {
        has_news(self.stream())
    }

    /// Ends the connection by a reset, whatever is under way on it.
    pub fn reset(self) {
        let at_once = nix::libc::linger { l_onoff: 1, l_linger: 0 };
        nix::sys::socket::setsockopt(self.stream(), nix::sys::socket::sockopt::Linger, &at_once)
            .unwrap();
    }

    /// The next answer, with the body that its `Content-Length` tells.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        Answer::read_from(&mut self.0).expect("an answer, and not the end")
    }

    #[track_caller]
    pub fn exchange(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request);
        self.answer()
    }

    /// All answers to these bytes, after which the client sends no more, until the end in order.
    #[track_caller]
    pub fn all_answers(cluster: &Cluster, bytes: impl AsRef<[u8]>) -> Vec<Answer> {
        let mut wire = Self::sent(cluster, bytes);
        wire.finish_sending();
        wire.answers_to_end().unwrap()
    }

    /// Checks that the next answer is a refusal, and the last.
    #[track_caller]
    pub fn expect_refusal(mut self, status: u16, of: &str) {
        is_a_refusal(&self.answer(), status, of);
        self.expect_end();
    }

    #[track_caller]
    pub fn answer_to_head(&mut self) -> Answer {
        let head = Answer::read_head(&mut self.0).expect("the connection holds");
        head.expect("an answer, and not the end")
    }

    /// Whether the other side has ended the connection in order, with nothing more to be read.
    #[track_caller]
    pub fn expect_end(mut self) {
        let left = self.answers_to_end().expect("an end in order");
        assert!(left.is_empty(), "expected the end, but there is {left:?}");
    }

    /// All answers until the other side ends the connection in order.
    pub fn answers_to_end(&mut self) -> io::Result<Vec<Answer>> {
        let mut answers = Vec::new();
        while let Some(answer) = Answer::read_next(&mut self.0)? {
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Whatever comes until the end, or until a reset.
    pub fn bytes_to_end(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let _ = self.0.read_to_end(&mut bytes);
        bytes
    }
}

/// Whether there is anything to be read on a connection now: an answer, or the end.
pub fn has_news(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let seen = stream.peek(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    !seen.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

/// Waits until the server has probably read what was sent; if not, a test is only weaker.
pub fn let_it_be_read() {
    std::thread::sleep(Duration::from_millis(1));
}

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
