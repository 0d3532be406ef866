//! A demonstration that is measured, asked by one request a connection.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use hello_cluster::harness::process::Child;
use serde_json::Value;
use server::status::Snapshot;

use crate::env::{Failure, TestEnv};

/// How long it may take to start, and for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Show {
    _child: Child,
    pub url: String,
    address: String,
    /// The cluster's operators' address.
    admin: String,
}

impl Show {
    pub fn start(env: &TestEnv) -> Result<Self, Failure> {
        let command = env.command(&["demo", "--listen", "127.0.0.1:0", "--workers", "4"]);
        let mut child = Child::spawn("demo", command, None)?;
        let url = child.await_line("tell its page", PATIENCE, &env.interrupt, |_, line| {
            line.strip_prefix("Demonstration: ").map(str::to_owned)
        })?;
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let mut show = Self { _child: child, url, address, admin: String::new() };
        let admin = show.reader()?.lines().map_while(Result::ok).find_map(|line| {
            let frame: Value = serde_json::from_str(line.strip_prefix("data: ")?).ok()?;
            let admin = frame["commands"]["admin"].as_str()?;
            Some(admin.trim_start_matches("http://").to_owned())
        });
        show.admin = admin.ok_or_else(|| Failure::broken("the stream has no frame"))?;
        Ok(show)
    }

    pub fn reader(&self) -> Result<BufReader<TcpStream>, Failure> {
        ask(&self.address, "/events").map(BufReader::new)
    }

    pub fn answered(&self) -> Result<u64, Failure> {
        let answer = io::read_to_string(ask(&self.admin, "/status")?)
            .map_err(Failure::cannot("read the status"))?;
        let status = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let status: Snapshot =
            serde_json::from_str(status).map_err(Failure::cannot("read the status"))?;
        Ok(status.totals.iter().map(|total| total.counts.requests).sum())
    }
}

fn ask(address: &str, path: &str) -> Result<TcpStream, Failure> {
    let ask = || -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        Ok(stream)
    };
    ask().map_err(Failure::cannot(format!("ask {address}")))
}
