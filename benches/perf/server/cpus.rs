//! A CPU for the server and another one for the generator: the first two that this process may use.
//!
//! A child inherits where its parent may run. So the thread that starts it moves there for a moment;
//! between starts it may run anywhere, and sleeps.
//!
//! Next: [`super::server`] and [`super::generator`], which are started so.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::stage::Failure;

/// The calling thread, to the kernel.
const THIS: Pid = Pid::from_raw(0);

/// Who runs where.
pub struct Cpus {
    /// The server's CPU.
    pub server: usize,
    /// The generator's.
    pub generator: usize,
    allowed: CpuSet,
}

impl Cpus {
    /// Chooses them.
    pub fn choose() -> Result<Self, Failure> {
        let allowed = sched_getaffinity(THIS).map_err(failed("tell the allowed CPUs"))?;
        let mut usable = (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu) == Ok(true));
        match (usable.next(), usable.next()) {
            (Some(server), Some(generator)) => Ok(Self { server, generator, allowed }),
            _ => Err(Failure::Broken("one CPU only: server and generator need one each".into())),
        }
    }

    /// Does something with this thread on one CPU, where what it starts stays.
    pub fn on<T>(
        &self,
        cpu: usize,
        start: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut one = CpuSet::new();
        one.set(cpu).and_then(|()| sched_setaffinity(THIS, &one)).map_err(failed("pin a child"))?;
        let started = start();
        sched_setaffinity(THIS, &self.allowed).map_err(failed("leave a child's CPU"))?;
        started
    }
}

fn failed(tried: &str) -> impl FnOnce(nix::Error) -> Failure {
    move |errno| Failure::Broken(format!("cannot {tried}: {errno}"))
}
