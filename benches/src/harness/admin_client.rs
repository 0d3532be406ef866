//! A client of the operators' address of `serve`: commands, and the stream of what happens.
//!
//! It asks in HTTP/1.0, one request a connection: then an answer's end is the connection's, and a
//! stream of events is plain lines. Every wait is bounded.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::ControlFlow;
use std::time::Duration;

use serde::Deserialize;
use server::events::Timestamped;
use server::status::Snapshot;

/// How long connecting and each read and write may take.
const PATIENCE: Duration = Duration::from_secs(6);

/// The most bytes of an answer to a command.
const LARGEST_ANSWER: u64 = 1 << 20;

/// The most bytes of a line of the stream.
const LONGEST_LINE: u64 = 1 << 20;

/// An operators' address, and the token that it wants to be shown.
#[derive(Clone)]
pub struct Client {
    /// The address.
    pub address: SocketAddr,
    /// The token.
    pub token: String,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Client({})", self.address)
    }
}

/// Why a command was not carried out, or a stream ended.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// Nobody answers, or not to the end.
    #[error("the cluster's operators' address {address} does not answer: {source}")]
    Silent {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The cluster will not: its own line says why.
    #[error("{line}")]
    Refused {
        /// The status code of its answer.
        status: u16,
        /// The line.
        line: String,
    },
}

/// What the cluster answers to a command, as far as anybody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Answer {
    /// The worker's process, of a command to one.
    pub pid: Option<u32>,
}

/// The cluster's answer to what it will not do.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// A message of the stream `GET /events`.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerMessage {
    /// The status, sent at the interval that was asked for.
    Status(Box<Snapshot>),
    /// An event, sent as it happens.
    Event(Timestamped),
    /// Events were dropped, because this client was too slow to read them.
    Missed {
        /// How many.
        count: u64,
    },
}

impl ServerMessage {
    /// Parses the data of a message by the name that is sent with it.
    ///
    /// # Errors
    /// When it is not what the name says.
    pub fn parse(name: &str, json: &str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Missed {
            count: u64,
        }
        Ok(match name {
            "status" => Self::Status(serde_json::from_str(json)?),
            "missed" => {
                let Missed { count } = serde_json::from_str(json)?;
                Self::Missed { count }
            }
            _ => Self::Event(serde_json::from_str(json)?),
        })
    }
}

impl Client {
    /// Sends a command, as in `/workers/1/kill`, and returns the cluster's answer.
    ///
    /// # Errors
    /// [`AdminError`].
    pub fn post(&self, path: &str) -> Result<Answer, AdminError> {
        let text = self.read_all(self.request("POST", path)?)?;
        serde_json::from_str(&text).map_err(|why| self.silent(why.into()))
    }

    /// Follows what happens, and the status every `interval` (100 ms to 10 s), until `receive` breaks
    /// off or the cluster ends.
    ///
    /// # Errors
    /// [`AdminError`] when the stream breaks otherwise.
    pub fn follow(
        &self,
        interval: Duration,
        receive: impl FnMut(ServerMessage) -> ControlFlow<()>,
    ) -> Result<(), AdminError> {
        let path = format!("/events?interval={}ms", interval.as_millis());
        let stream = self.request("GET", &path)?;
        read_events(stream, receive).map_err(|source| self.silent(source))
    }

    fn silent(&self, source: io::Error) -> AdminError {
        AdminError::Silent { address: self.address, source }
    }

    fn read_all(&self, stream: BufReader<TcpStream>) -> Result<String, AdminError> {
        let mut text = String::new();
        let read = stream.take(LARGEST_ANSWER).read_to_string(&mut text);
        read.map(|_| text).map_err(|source| self.silent(source))
    }

    /// Sends a request; the body of a successful answer.
    fn request(&self, method: &str, path: &str) -> Result<BufReader<TcpStream>, AdminError> {
        let (status, stream) = self.ask(method, path).map_err(|source| self.silent(source))?;
        if (200..300).contains(&status) {
            return Ok(stream);
        }
        let refusal = serde_json::from_str(&self.read_all(stream)?);
        let line = refusal.map_or_else(|_| format!("status {status}"), |it: Refusal| it.error);
        Err(AdminError::Refused { status, line })
    }

    /// Asks, and reads the answer's head: its status, and where its body is.
    fn ask(&self, method: &str, path: &str) -> io::Result<(u16, BufReader<TcpStream>)> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (host, token) = (self.address, &self.token);
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        let mut stream = BufReader::new(stream);
        let none = || io::Error::other("its answer has no head");
        let first = read_line(&mut stream)?.ok_or_else(none)?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(none)?;
        while !read_line(&mut stream)?.ok_or_else(none)?.is_empty() {}
        Ok((status, stream))
    }
}

/// The next line without its end; `None` at the end of the stream.
fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut line = String::new();
    if stream.take(LONGEST_LINE).read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Reads the stream's messages until it ends or `receive` breaks off.
fn read_events(
    mut stream: BufReader<TcpStream>,
    mut receive: impl FnMut(ServerMessage) -> ControlFlow<()>,
) -> io::Result<()> {
    // It speaks at least every 15 seconds.
    stream.get_ref().set_read_timeout(Some(4 * PATIENCE))?;
    let mut name = String::new();
    while let Some(line) = read_line(&mut stream)? {
        if let Some(named) = line.strip_prefix("event: ") {
            named.clone_into(&mut name);
        } else if let Some(json) = line.strip_prefix("data: ")
            && receive(ServerMessage::parse(&name, json)?).is_break()
        {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers one connection with these bytes; a client of it, and what it was asked.
    fn answering(answer: &'static str) -> (Client, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = String::new();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            while !request.ends_with("\r\n\r\n") {
                lines.read_line(&mut request).unwrap();
            }
            stream.write_all(answer.as_bytes()).unwrap();
            request
        });
        (Client { address, token: "secret".to_owned() }, asked)
    }

    #[test]
    fn a_command_shows_the_token_and_gives_the_answer() {
        let (client, asked) =
            answering("HTTP/1.0 200 OK\r\nContent-Type: x\r\n\r\n{\"worker\":3,\"pid\":77}\n");
        assert_eq!(client.post("/workers/3/kill").unwrap(), Answer { pid: Some(77) });
        let request = asked.join().unwrap();
        assert!(request.starts_with("POST /workers/3/kill HTTP/1.0\r\n"), "{request}");
        assert!(request.contains("Authorization: Bearer secret\r\n"), "{request}");
        assert!(!format!("{client:?}").contains("secret"));
    }

    #[test]
    fn a_refusal_is_told_in_the_cluster_s_own_words() {
        let (client, _) =
            answering("HTTP/1.0 409 Conflict\r\n\r\n{\"error\":\"it is stopping\"}\n");
        let error = client.post("/restart").unwrap_err();
        assert_eq!(error.to_string(), "it is stopping");
        assert!(matches!(error, AdminError::Refused { status: 409, .. }));
    }

    #[test]
    fn the_stream_is_followed_message_by_message_until_it_ends_or_is_left() {
        const STREAM: &str = "HTTP/1.0 200 OK\r\n\r\nretry: 2000\n\nevent: status\n\
             data: {\"mode\":\"shared\",\"address\":\"127.0.0.1:1\",\"pid\":7,\"uptime_s\":1.0,\
             \"workers\":2,\"waiting\":0,\"skips\":0,\"rows\":[]}\n\n\
             : still here\n\nevent: scale\ndata: {\"t_s\":0.5,\"event\":\"scale\",\"workers\":2}\n\n\
             event: missed\ndata: {\"event\":\"missed\",\"count\":3}\n\n";
        let mut messages = Vec::new();
        let (client, _) = answering(STREAM);
        let receive = |message| {
            messages.push(message);
            ControlFlow::Continue(())
        };
        client.follow(Duration::from_millis(100), receive).unwrap();
        let [ServerMessage::Status(status), scale, missed] = &messages[..] else {
            panic!("{messages:?}")
        };
        assert_eq!((status.pid, status.mode), (7, server::Mode::Shared));
        let event = Timestamped { t_s: 0.5, event: server::events::Event::Scale { workers: 2 } };
        assert_eq!(*scale, ServerMessage::Event(event));
        assert_eq!(*missed, ServerMessage::Missed { count: 3 });
        let (client, _) = answering(STREAM);
        let mut first = 0;
        let leave = |_| {
            first += 1;
            ControlFlow::Break(())
        };
        client.follow(Duration::from_millis(100), leave).unwrap();
        assert_eq!(first, 1);
    }

    #[test]
    fn nobody_and_half_an_answer_are_told_with_the_address() {
        let (client, _) = answering("HTTP/1.0 200 OK\r\n");
        assert!(client.post("/restart").unwrap_err().to_string().contains("no head"));
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let nobody = Client { address: free, token: String::new() };
        let line = nobody.post("/restart").unwrap_err().to_string();
        assert!(line.contains(&free.to_string()), "{line}");
    }
}
