//! A contender that runs: a process of its own on the server's CPU, found by its answer.
//!
//! Next: [`super::generator`].

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use crate::answer::Answer;
use crate::contender::{Contender, Program};
use crate::cpus::Cpus;
use crate::stage::process::Process;
use crate::stage::{Failure, Stage, proc};

/// How long a server may take until it answers, under valgrind on a busy machine too.
const START: Duration = Duration::from_secs(60);

/// How long it may take to end in order.
const END: Duration = Duration::from_secs(60);

/// How long a probe may wait for its answer.
const PROBE: Duration = Duration::from_secs(30);

/// A running server; killed with all its processes when dropped.
pub struct Server<'a> {
    stage: &'a Stage,
    process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it answered to the first request.
    pub answer: Answer,
    /// The process that answers.
    pub worker: u32,
}

impl<'a> Server<'a> {
    /// Starts a contender and waits for its first answer.
    pub fn start(stage: &'a Stage, cpus: &Cpus, contender: Contender) -> Result<Self, Failure> {
        let program = contender.program(stage)?;
        Self::run(stage, cpus, contender.name(), program)
    }

    /// Starts one by a given command.
    pub fn run(
        stage: &'a Stage,
        cpus: &Cpus,
        name: &'static str,
        program: Program,
    ) -> Result<Self, Failure> {
        let Program { mut command, address } = program;
        let mut process = cpus.on(cpus.server, || Process::start(stage, name, &mut command))?;
        let (address, answer) = stage.wait(&format!("answer of {name}"), START, || {
            process.expect_alive()?;
            let Some(address) = address.or_else(|| address_in(&process.output())) else {
                return Ok(None);
            };
            Ok(probe(name, address)?.map(|answer| (address, answer)))
        })?;
        let worker = answer.header("x-worker-pid").and_then(|pid| pid.parse().ok());
        let worker = worker
            .ok_or_else(|| Failure::Broken(format!("{name} answers without x-worker-pid")))?;
        Ok(Self { stage, process, address, answer, worker })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// CPU time of the process that was started and, where it is another one, of that which answers.
    pub fn cpu(&self) -> Result<Duration, Failure> {
        let first = self.process.pid();
        let own = proc::cpu(first)?;
        Ok(if first == self.worker { own } else { own + proc::cpu(self.worker)? })
    }

    /// Ends it by SIGTERM, in whatever way it takes that.
    pub fn stop(mut self) -> Result<(), Failure> {
        self.process.terminate()?;
        self.process.end(self.stage, END).map(drop)
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> Result<SocketAddr, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|socket| socket.local_addr())
        .map_err(Failure::of("find a free port"))
}

/// A program of this one's own hidden commands.
pub fn own(words: &[&str]) -> Result<Command, Failure> {
    let program = std::env::current_exe().map_err(Failure::of("find this program"))?;
    let mut command = Command::new(program);
    command.args(words);
    Ok(command)
}

/// Asks once; `None` as long as nobody listens.
fn probe(name: &str, address: SocketAddr) -> Result<Option<Answer>, Failure> {
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.set_read_timeout(Some(PROBE))?;
        Answer::ask(&mut stream)
    });
    match asked {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(None),
        Err(error) => Err(Failure::Broken(format!("{name} gives no proper answer: {error}"))),
    }
}

/// The address in the first `http://ADDRESS` that a server has printed whole.
fn address_in(output: &str) -> Option<SocketAddr> {
    let (_, rest) = output.split_once("http://")?;
    let end = rest.find(|letter: char| letter.is_whitespace() || letter == '/')?;
    rest[..end].parse().ok()
}
