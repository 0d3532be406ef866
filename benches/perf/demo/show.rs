//! A demonstration that is measured, asked by one request a connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::stage::process::Process;
use crate::stage::{Failure, Stage};

/// How long it may take to start, and for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running demonstration.
pub struct Show {
    _process: Process,
    /// Its page's address.
    pub url: String,
    address: String,
    /// The cluster's operators' address.
    admin: String,
}

impl Show {
    /// Starts one of four workers.
    pub fn start(stage: &Stage) -> Result<Self, Failure> {
        let mut command = Command::new(&stage.program);
        command.args(["demo", "--listen", "127.0.0.1:0", "--workers", "4"]);
        let mut process = Process::start(stage, "demo", &mut command)?;
        let url = stage.wait("address of the page", PATIENCE, || {
            process.expect_alive()?;
            let said = process.output();
            Ok(said
                .lines()
                .find_map(|line| line.strip_prefix("Demonstration: ").map(str::to_owned)))
        })?;
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let mut show = Self { _process: process, url, address, admin: String::new() };
        let admin = show.reader()?.lines().map_while(Result::ok).find_map(|line| {
            let frame: Value = serde_json::from_str(line.strip_prefix("data: ")?).ok()?;
            let admin = frame["commands"]["admin"].as_str()?;
            Some(admin.trim_start_matches("http://").to_owned())
        });
        show.admin = admin.ok_or_else(|| Failure::Broken("the stream has no frame".to_owned()))?;
        Ok(show)
    }

    /// Begins to read its stream of events.
    pub fn reader(&self) -> Result<BufReader<TcpStream>, Failure> {
        ask(&self.address, "/events").map(BufReader::new)
    }

    /// Requests that the cluster has answered so far.
    pub fn answered(&self) -> Result<u64, Failure> {
        let mut answer = String::new();
        ask(&self.admin, "/status")?
            .read_to_string(&mut answer)
            .map_err(Failure::of("read the status"))?;
        let status = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let status: Value = serde_json::from_str(status)
            .map_err(|error| Failure::Broken(format!("the status is none: {error}")))?;
        let totals = status["totals"].as_array().into_iter().flatten();
        Ok(totals.filter_map(|total| total["requests"].as_u64()).sum())
    }
}

/// Asks for a path; where the answer comes.
fn ask(address: &str, path: &str) -> Result<TcpStream, Failure> {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        Ok(stream)
    };
    ask().map_err(Failure::of(&format!("ask {address}")))
}
