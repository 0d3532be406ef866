//! Where a measurement takes place: a scratch folder, the program under test, and a way out that
//! leaves nothing running.

use std::cell::Cell;
use std::fmt::Display;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use hello_cluster::harness::interrupt::Interrupt;
use hello_cluster::harness::process::{Child, WaitError};
use tempfile::TempDir;

pub mod cluster;
pub mod cpus;
pub mod external_tool;
pub mod figures;
pub mod generator;
pub mod interleaved;
pub mod load;
pub mod memory;

/// How often a condition is looked at that is waited for: the resolution of all times taken here.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// How often Ctrl-C is looked for while nothing else is awaited.
const INTERRUPT_INTERVAL: Duration = Duration::from_millis(50);

/// How long a process may take beyond its time.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("not met: {0}")]
    Bound(String),
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    pub fn code(&self) -> u8 {
        match self {
            Self::Bound(_) => 1,
            Self::Broken(_) => 3,
            Self::Interrupted => 130,
        }
    }

    pub fn broken(words: impl Into<String>) -> Self {
        Self::Broken(words.into())
    }

    /// A failure with what was tried: `Failure::cannot("start strace")`.
    pub fn cannot<E: Display>(tried: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self::Broken(format!("cannot {tried}: {error}"))
    }
}

impl From<WaitError> for Failure {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::Interrupted => Self::Interrupted,
            other => Self::Broken(other.to_string()),
        }
    }
}

pub struct TestEnv {
    pub program: PathBuf,
    pub interrupt: Interrupt,
    folder: TempDir,
    files: Cell<u32>,
}

impl TestEnv {
    /// Makes the scratch folder; from now on Ctrl-C ends things in order.
    pub fn new() -> Result<Self, Failure> {
        // It lies beside this one.
        let this = std::env::current_exe().map_err(Failure::cannot("find this program"))?;
        let program = this.with_file_name("hello-cluster");
        if !program.exists() {
            return Err(Failure::broken("build the binary first: cargo build --release"));
        }
        Ok(Self {
            program,
            interrupt: Interrupt::watch().map_err(Failure::cannot("watch for signals"))?,
            folder: TempDir::new().map_err(Failure::cannot("make a scratch folder"))?,
            files: Cell::new(0),
        })
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.files.set(self.files.get() + 1);
        self.folder.path().join(format!("{}-{name}", self.files.get()))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments);
        command
    }

    /// Runs a command to its end, whatever its exit code, and returns its standard output.
    pub fn run(&self, name: &str, command: Command, length: Duration) -> Result<String, Failure> {
        let mut child = Child::spawn(name, command, None)?;
        Ok(child.await_end(length + PATIENCE, &self.interrupt)?.1)
    }

    pub fn wait<T>(
        &self,
        what: &str,
        limit: Duration,
        mut look: impl FnMut() -> Result<Option<T>, Failure>,
    ) -> Result<T, Failure> {
        let deadline = Instant::now() + limit;
        loop {
            if self.interrupt.is_set() {
                return Err(Failure::Interrupted);
            }
            if let Some(found) = look()? {
                return Ok(found);
            }
            if Instant::now() >= deadline {
                return Err(Failure::Broken(format!("no {what} within {limit:?}")));
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }

    pub fn pause(&self, length: Duration) -> Result<(), Failure> {
        let end = Instant::now() + length;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            if self.interrupt.is_set() {
                return Err(Failure::Interrupted);
            }
            std::thread::sleep(left.min(INTERRUPT_INTERVAL));
        }
        Ok(())
    }
}

/// This program again, as one of its hidden commands.
pub fn this_program(arguments: &[&str]) -> Result<Command, Failure> {
    let program = std::env::current_exe().map_err(Failure::cannot("find this program"))?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// The same command, started by another one that takes it as its last arguments.
pub fn started_by(prefix: &[&str], inner: &Command) -> Command {
    let mut command = Command::new(prefix[0]);
    command.args(&prefix[1..]).arg(inner.get_program()).args(inner.get_args());
    command
}

/// The seed given, or a new one from the clock.
pub fn seed(given: Option<u64>) -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    given.unwrap_or_else(|| u64::from(since.subsec_nanos()))
}

/// The command that repeats this one; with the seed, where chance has a part.
pub fn repeated(seed: Option<u64>) -> String {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(seed) = seed
        && !words.iter().any(|word| word.starts_with("--seed"))
    {
        words.extend(["--seed".to_owned(), seed.to_string()]);
    }
    format!("just perf {}", words.join(" "))
}

pub fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "give a time such as 100ms or 2s".to_owned())
}

/// A length of time as options take it.
pub fn in_words(time: Duration) -> String {
    humantime::format_duration(time).to_string().replace(' ', "")
}
