//! Who asks: requests to the operators' address, byte by byte, and the stream of events.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;
use server::events::Timestamped;
use server::status::{ProcessState, Snapshot};

use crate::common::{Answer, Cluster, PATIENCE, eventually, in_each_forked_mode};

/// Starts a cluster with an operators' address on a free port.
pub fn start(mode: &str, workers: usize, extra: &[&str]) -> (Cluster, Operator) {
    let arguments = [&["--admin", "127.0.0.1:0"], extra].concat();
    let cluster = Cluster::start(mode, workers, &arguments);
    let operator = Operator::of(&cluster);
    (cluster, operator)
}

/// Runs a test on such a cluster in every forked mode, all at the same time.
pub fn start_in_each_mode(
    workers: usize,
    extra: &[&str],
    test: impl Fn(&'static str, Cluster, Operator) + Sync,
) {
    in_each_forked_mode(|mode| {
        let (cluster, operator) = start(mode, workers, extra);
        test(mode, cluster, operator);
    });
}

/// Somebody who has the token.
pub struct Operator {
    pub address: SocketAddr,
    pub token: String,
}

impl Operator {
    /// The one of a cluster that printed its token.
    pub fn of(cluster: &Cluster) -> Self {
        let token = cluster.wait_for_line_with("Admin token ");
        let token = token.rsplit(' ').next().unwrap().to_owned();
        Self { address: address(cluster), token }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A request with exactly these headers, on a connection of its own.
    pub fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = self.connect();
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!("{method} {target} HTTP/1.1\r\n{}\r\n", lines.collect::<String>());
        stream.write_all(head.as_bytes()).unwrap();
        Answer::read_from(&mut stream).expect("a whole answer")
    }

    /// A request without a token, and all that comes until the other side closes.
    pub fn ask_to_the_end(&self, method: &str, target: &str) -> String {
        let (mut stream, host) = (self.connect(), self.host());
        write!(stream, "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Waits until a worker has one process, and that is ready.
    pub fn wait_until_ready(&self, id: u32) {
        eventually("a ready worker", || self.state(id) == Some(ProcessState::Ready));
    }

    /// A request with the right `Host` and these headers.
    pub fn ask_with(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(method, target, &[&[("Host", self.host().as_str())], headers].concat())
    }

    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    pub fn get(&self, target: &str) -> Answer {
        self.ask_with("GET", target, &[])
    }

    pub fn post(&self, target: &str) -> Answer {
        self.ask_with("POST", target, &[("Authorization", &self.bearer())])
    }

    /// A command that must be carried out, and what the answer says.
    #[track_caller]
    pub fn command(&self, target: &str) -> Value {
        let answer = self.post(target);
        assert!(matches!(answer.status(), 200 | 202), "{target}: {answer:?}");
        serde_json::from_str(&answer.body).unwrap()
    }

    /// A command that must be refused with this status; the line that says why.
    #[track_caller]
    pub fn refused(&self, target: &str, status: u16) -> String {
        let answer = self.post(target);
        assert_eq!(answer.status(), status, "{target}: {answer:?}");
        error_of(&answer)
    }

    pub fn status(&self) -> Snapshot {
        let answer = self.get("/status");
        assert_eq!(answer.status(), 200, "{answer:?}");
        serde_json::from_str(&answer.body).unwrap()
    }

    pub fn admin(&self) -> Option<u32> {
        self.status().admin.and_then(|admin| admin.pid)
    }

    /// The state of the one process of a worker; `None` when it has none, or two.
    pub fn state(&self, id: u32) -> Option<ProcessState> {
        let rows = self.status().rows;
        let mut of_id = rows.iter().filter(|row| row.id == id);
        of_id.next().filter(|_| of_id.next().is_none()).map(|row| row.state)
    }

    pub fn follow(&self, interval: &str) -> Stream {
        let mut stream = self.connect();
        // A client of HTTP/1.0 gets the stream as it is, without chunks.
        let (target, host) = (format!("/events?interval={interval}"), self.host());
        write!(stream, "GET {target} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
        let mut lines = BufReader::new(stream);
        let head = Answer::read_head(&mut lines).unwrap().expect("an answer").head;
        Stream { lines, head }
    }
}

pub fn address(cluster: &Cluster) -> SocketAddr {
    let line = cluster.wait_for_line_with("Admin on http://");
    line.rsplit('/').next().unwrap().parse().unwrap()
}

/// The one line that says what was wrong.
#[track_caller]
pub fn error_of(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).expect("an error is JSON");
    let line = body["error"].as_str().expect("an error has a line").to_owned();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

pub struct Stream {
    lines: BufReader<TcpStream>,
    pub head: String,
}

impl Stream {
    /// The next event: its name, and what it tells; `None` at the end of the stream.
    pub fn next(&mut self) -> Option<(String, Value)> {
        let (mut name, mut data) = (String::new(), Value::Null);
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("event", value)) => value.clone_into(&mut name),
                Some(("data", value)) => data = serde_json::from_str(value).unwrap(),
                Some(("retry" | "", _)) => {}
                None if line == "\n" && name.is_empty() => {}
                None if line == "\n" => return Some((name, data)),
                _ => panic!("no line of a stream: {line:?}"),
            }
        }
    }

    pub fn next_named(&mut self, wanted: &str) -> Timestamped {
        serde_json::from_value(self.next_data(wanted)).unwrap()
    }

    pub fn next_status(&mut self) -> Snapshot {
        serde_json::from_value(self.next_data("status")).unwrap()
    }

    fn next_data(&mut self, wanted: &str) -> Value {
        loop {
            let (name, data) = self.next().expect("the stream goes on");
            if name == wanted {
                return data;
            }
        }
    }
}
