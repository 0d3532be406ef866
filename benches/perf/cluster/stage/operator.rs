//! An operator: commands to a cluster's admin process.
//!
//! Next: [`super::figures`].

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Failure;
use super::cluster::Cluster;

/// How long the answer to a command may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who has the token.
pub struct Operator {
    address: String,
    token: String,
}

impl Operator {
    /// The one of a cluster that was started with an operators' address.
    pub fn of(cluster: &Cluster<'_>) -> Result<Self, Failure> {
        let (address, token) = (cluster.told("Admin on http://")?, cluster.told("Admin token ")?);
        Ok(Self { address, token })
    }

    /// Gives a command; an answer that is no success is a failure.
    pub fn command(&self, target: &str) -> Result<(), Failure> {
        let answer = self.post(target).map_err(Failure::of(&format!("ask for {target}")))?;
        let accepted = ["HTTP/1.1 200 ", "HTTP/1.1 202 "];
        if accepted.iter().any(|status| answer.starts_with(status)) {
            return Ok(());
        }
        let (first, last) = (answer.lines().next(), answer.lines().last());
        Err(Failure::Broken(format!("{target} is refused: {first:?} {last:?}")))
    }

    fn post(&self, target: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let Self { address, token } = self;
        write!(
            stream,
            "POST {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}
