//! A child process that cannot outlive this program: it has a process group of its own, so that a
//! terminal's Ctrl-C reaches this program alone, dies with it, and is killed with its whole group
//! when it is dropped.
//!
//! Next: [`super::cluster`].

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{fs, fs::File};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Failure, Stage, child};

/// A running child.
pub struct Process {
    name: &'static str,
    child: Child,
    output: PathBuf,
    complaints: PathBuf,
    ended: bool,
}

impl Process {
    /// Starts a command; what it says goes to files.
    ///
    /// Only the main thread may call this: the child dies with the thread that started it.
    pub fn start(
        stage: &Stage,
        name: &'static str,
        command: &mut Command,
    ) -> Result<Self, Failure> {
        let (output, complaints) = (stage.file("out"), stage.file("err"));
        let create = |path| File::create(path).map_err(Failure::of("write to the scratch folder"));
        command.stdin(Stdio::null()).stdout(create(&output)?).stderr(create(&complaints)?);
        child::bind_to_parent(command, child::Signal::SIGKILL);
        let child = command.spawn().map_err(Failure::of(&format!("start {name}")))?;
        Ok(Self { name, child, output, complaints, ended: false })
    }

    /// Its process id, which is its group's too.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to its standard output so far.
    pub fn output(&self) -> String {
        fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// The last line that it wrote to its standard error.
    pub fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.complaints).unwrap_or_default();
        text.lines().last().unwrap_or("it said nothing").to_owned()
    }

    /// Asks it to end in order.
    pub fn terminate(&self) -> Result<(), Failure> {
        child::signal(self.pid(), child::Signal::SIGTERM)
            .map_err(Failure::of(&format!("stop {}", self.name)))
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> Result<bool, Failure> {
        let status = self.child.try_wait().map_err(Failure::of(&format!("await {}", self.name)))?;
        self.ended |= status.is_some();
        Ok(status.is_some())
    }

    /// Fails when it has ended.
    pub fn expect_alive(&mut self) -> Result<(), Failure> {
        if !self.has_ended()? {
            return Ok(());
        }
        let words = self.last_words();
        Err(Failure::Broken(format!("{} ended too early: {words}", self.name)))
    }

    /// Waits for its end.
    pub fn end(&mut self, stage: &Stage, limit: Duration) -> Result<ExitStatus, Failure> {
        let name = self.name;
        let status = stage.wait(&format!("end of {name}"), limit, || {
            self.child.try_wait().map_err(Failure::of(&format!("await {name}")))
        })?;
        self.ended = true;
        Ok(status)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.ended {
            child::kill_group(self.pid());
            let _ = self.child.wait();
        }
    }
}

/// Sends a signal to a process.
pub fn signal(pid: u32, signal: Signal) -> Result<(), Failure> {
    kill(Pid::from_raw(pid.cast_signed()), signal)
        .map_err(|errno| Failure::Broken(format!("cannot send {signal} to {pid}: {errno}")))
}
