//! A client of the operators' address of `serve`: commands, and the stream of what happens.
//!
//! It asks in HTTP/1.0, one request a connection: then an answer's end is the connection's, and a
//! stream of events is plain lines. Every wait is bounded.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::Value;

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

impl Client {
    /// Has a command carried out, as in `/workers/1/kill`; what the cluster says to it.
    ///
    /// # Errors
    /// [`AdminError`].
    pub fn post(&self, path: &str) -> Result<Value, AdminError> {
        self.post_now(path).map_err(|source| self.silent(source))?
    }

    /// Follows what happens, and the status every `interval` (100 ms to 10 s), until `take` breaks
    /// off or the cluster ends. `take` gets an event's name and its JSON.
    ///
    /// # Errors
    /// [`AdminError`] when the stream breaks otherwise.
    pub fn follow(
        &self,
        interval: Duration,
        mut take: impl FnMut(&str, &str) -> ControlFlow<()>,
    ) -> Result<(), AdminError> {
        let path = format!("/events?interval={}ms", interval.as_millis());
        let mut follow = || -> io::Result<Result<(), AdminError>> {
            let (status, mut stream) = self.ask("GET", &path)?;
            // It speaks at least every 15 seconds.
            stream.get_ref().set_read_timeout(Some(4 * PATIENCE))?;
            if status != 200 {
                return Ok(Err(refusal(status, stream)?));
            }
            let mut name = String::new();
            while let Some(line) = read_line(&mut stream)? {
                if let Some(told) = line.strip_prefix("event: ") {
                    told.clone_into(&mut name);
                } else if let Some(json) = line.strip_prefix("data: ")
                    && take(&name, json).is_break()
                {
                    return Ok(Ok(()));
                }
            }
            Ok(Ok(()))
        };
        follow().map_err(|source| self.silent(source))?
    }

    fn silent(&self, source: io::Error) -> AdminError {
        AdminError::Silent { address: self.address, source }
    }

    fn post_now(&self, path: &str) -> io::Result<Result<Value, AdminError>> {
        let (status, stream) = self.ask("POST", path)?;
        if !(200..300).contains(&status) {
            return Ok(Err(refusal(status, stream)?));
        }
        let mut text = String::new();
        stream.take(LARGEST_ANSWER).read_to_string(&mut text)?;
        Ok(Ok(serde_json::from_str(&text)?))
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

/// The line of an answer that is no success.
fn refusal(status: u16, stream: BufReader<TcpStream>) -> io::Result<AdminError> {
    let mut text = String::new();
    stream.take(LARGEST_ANSWER).read_to_string(&mut text)?;
    let said: Value = serde_json::from_str(&text).unwrap_or_default();
    let line = said["error"].as_str().map_or_else(|| format!("status {status}"), str::to_owned);
    Ok(AdminError::Refused { status, line })
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
            answering("HTTP/1.0 202 Accepted\r\nContent-Type: x\r\n\r\n{\"workers\":3}\n");
        assert_eq!(client.post("/scale?workers=3").unwrap()["workers"], 3);
        let request = asked.join().unwrap();
        assert!(request.starts_with("POST /scale?workers=3 HTTP/1.0\r\n"), "{request}");
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
    fn the_stream_is_followed_event_by_event_until_it_ends_or_is_left() {
        const STREAM: &str = "HTTP/1.0 200 OK\r\n\r\nretry: 2000\n\nevent: status\ndata: {\"a\":1}\n\n\
             : still here\n\nevent: exit\ndata: {\"id\":2}\n\n";
        let mut told = Vec::new();
        let (client, _) = answering(STREAM);
        let mut take = |name: &str, json: &str| {
            told.push(format!("{name} {json}"));
            ControlFlow::Continue(())
        };
        client.follow(Duration::from_millis(100), &mut take).unwrap();
        assert_eq!(told, ["status {\"a\":1}", "exit {\"id\":2}"]);
        let (client, _) = answering(STREAM);
        let mut first = 0;
        let leave = |_: &str, _: &str| {
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
