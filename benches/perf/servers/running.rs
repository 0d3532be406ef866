//! A server that runs, as a process of its own, found by its answer.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use hello_cluster::harness::process::Child;

use super::{Answer, Program, Server};
use crate::env::cpus::{cpu_time, on};
use crate::env::{Failure, TestEnv};

/// How long a server may take until it answers, under valgrind on a busy machine too.
const START_TIMEOUT: Duration = Duration::from_secs(60);

const STOP_TIMEOUT: Duration = Duration::from_secs(60);
const PROBE_TIMEOUT: Duration = Duration::from_secs(30);

/// A running server; killed with all its processes when dropped.
pub struct RunningServer<'a> {
    env: &'a TestEnv,
    child: Child,
    pub address: SocketAddr,
    pub answer: Answer,
}

impl<'a> RunningServer<'a> {
    /// Starts a server, on a CPU if one is given, and waits for its first answer.
    pub fn start(env: &'a TestEnv, cpu: Option<u32>, server: Server) -> Result<Self, Failure> {
        Self::run(env, cpu, server.name(), server.program(env)?)
    }

    pub fn run(
        env: &'a TestEnv,
        cpu: Option<u32>,
        name: &str,
        program: Program,
    ) -> Result<Self, Failure> {
        let Program { command, address } = program;
        let mut child = Child::spawn(name, on(cpu, command), None)?;
        let address = match address {
            Some(address) => address,
            None => child
                .await_line("listen", START_TIMEOUT, &env.interrupt, |_, line| address_in(line))?,
        };
        let answer = env.wait(&format!("answer of {name}"), START_TIMEOUT, || {
            child.expect_running("answer")?;
            probe(name, address)
        })?;
        Ok(Self { env, child, address, answer })
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// The process that answers.
    pub fn worker(&self) -> Result<u32, Failure> {
        let pid = self.answer.header("x-worker-pid").and_then(|pid| pid.parse().ok());
        let name = self.child.name();
        pid.ok_or_else(|| Failure::Broken(format!("{name} answers without x-worker-pid")))
    }

    /// CPU time of the process that was started and, where it is another one, of that which answers.
    pub fn cpu(&self) -> Result<Duration, Failure> {
        let mut pids = vec![self.pid(), self.worker()?];
        pids.dedup();
        pids.into_iter().map(cpu_time).sum()
    }

    pub fn stop(mut self) -> Result<(), Failure> {
        self.child.terminate()?;
        self.child.await_end(STOP_TIMEOUT, &self.env.interrupt)?;
        Ok(())
    }
}

/// Asks once; `None` as long as nobody listens.
fn probe(name: &str, address: SocketAddr) -> Result<Option<Answer>, Failure> {
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.set_read_timeout(Some(PROBE_TIMEOUT))?;
        Answer::ask(&mut stream)
    });
    match asked {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(None),
        Err(error) => Err(Failure::Broken(format!("{name} gives no proper answer: {error}"))),
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    rest.split(|letter: char| letter.is_whitespace() || letter == '/').next()?.parse().ok()
}
