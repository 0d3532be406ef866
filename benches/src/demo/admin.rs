//! A client of a cluster's operators' address: commands by POST, one connection each.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long the answer to a command may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody who has the token.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where the admin process listens.
    pub address: SocketAddr,
    /// What it wants to be shown.
    pub token: String,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// No answer came.
    #[error("cannot ask the cluster for {path}: {why}")]
    Unreachable {
        /// What was asked for.
        path: String,
        /// The system's reason.
        why: io::Error,
    },
    /// The cluster will not.
    #[error("the cluster will not {path}: {said}")]
    Refused {
        /// What was asked for.
        path: String,
        /// What it said.
        said: String,
    },
}

impl Client {
    /// Gives a command, and returns what the cluster answers.
    ///
    /// # Errors
    /// [`AdminError`].
    pub fn post(&self, path: &str) -> Result<Value, AdminError> {
        let answer =
            self.ask(path).map_err(|why| AdminError::Unreachable { path: path.to_owned(), why })?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let accepted = ["HTTP/1.1 200 ", "HTTP/1.1 202 "];
        if accepted.iter().any(|status| head.starts_with(status)) {
            return Ok(serde_json::from_str(body).unwrap_or_default());
        }
        Err(AdminError::Refused { path: path.to_owned(), said: body.trim().to_owned() })
    }

    fn ask(&self, path: &str) -> io::Result<String> {
        let Self { address, token } = self;
        let mut stream = TcpStream::connect_timeout(address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}
