//! Where a measurement takes place: a scratch folder, the program under test, and a way out that
//! leaves nothing running.
//!
//! Next: [`process`] for the children, [`cluster`] and [`load`] for the two sides.

use std::cell::Cell;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

// The suite's own: what it knows of children and of Ctrl-C holds here too.
use hello_cluster::harness::interrupt;
use hello_cluster::harness::process as child;

pub mod cluster;
pub mod events;
pub mod figures;
pub mod load;
pub mod node;
pub mod operator;
pub mod proc;
pub mod process;

use interrupt::Interrupt;

/// How often a condition is looked at that is waited for: the resolution of all times taken here.
const GLANCE: Duration = Duration::from_millis(1);

/// How often Ctrl-C is looked for while nothing else is awaited.
const NAP: Duration = Duration::from_millis(50);

/// Why a measurement ended without a good word.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was made, and a bound is not met.
    #[error("not met: {0}")]
    Bound(String),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// It could not be made.
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Bound(_) => 1,
            Self::Broken(_) => 3,
            Self::Interrupted => 130,
        }
    }

    /// A failure of the system, with what was tried: `Failure::of("start strace")`.
    pub fn of(tried: &str) -> impl FnOnce(io::Error) -> Self {
        let tried = tried.to_owned();
        move |error| Self::Broken(format!("cannot {tried}: {error}"))
    }
}

/// What all measurements share.
pub struct Stage {
    /// The binary under test.
    pub program: PathBuf,
    folder: TempDir,
    files: Cell<u32>,
    interrupt: Interrupt,
}

impl Stage {
    /// Sets the stage; from now on Ctrl-C ends things in order.
    pub fn set() -> Result<Self, Failure> {
        Ok(Self {
            program: program()?,
            folder: TempDir::new().map_err(Failure::of("make a scratch folder"))?,
            files: Cell::new(0),
            interrupt: Interrupt::watch().map_err(Failure::of("watch for signals"))?,
        })
    }

    /// The path of a new file in the scratch folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.files.set(self.files.get() + 1);
        self.folder.path().join(format!("{}-{name}", self.files.get()))
    }

    /// Waits until `look` finds something.
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
            std::thread::sleep(GLANCE);
        }
    }

    /// Lets time pass.
    pub fn pause(&self, length: Duration) -> Result<(), Failure> {
        let end = Instant::now() + length;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            if self.interrupt.is_set() {
                return Err(Failure::Interrupted);
            }
            std::thread::sleep(left.min(NAP));
        }
        Ok(())
    }
}

/// The binary beside this example's folder.
fn program() -> Result<PathBuf, Failure> {
    let example = std::env::current_exe().map_err(Failure::of("find this program"))?;
    let folder = example.parent().and_then(|folder| folder.parent());
    folder
        .map(|folder| folder.join("hello-cluster"))
        .filter(|program| program.exists())
        .ok_or_else(|| Failure::Broken("build the binary first: cargo build --release".to_owned()))
}
