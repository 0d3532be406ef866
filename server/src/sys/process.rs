//! Processes: fork, the parent's death, reaping, CPU affinity, limits.

use std::time::Duration;

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{ForkResult, Pid, getpid, getppid, getuid};

use super::{Named, SysError};

pub(crate) enum Forked {
    Parent(u32),
    Child,
}

/// Forks. The caller must be single-threaded: a child has only the forking thread, so a lock held
/// by another one would stay locked in it for ever.
pub(crate) fn fork() -> Result<Forked, SysError> {
    // SAFETY: the master never starts a thread (see `crate::run`), so the child may allocate and
    // run ordinary code.
    match unsafe { nix::unistd::fork() }.named("fork")? {
        ForkResult::Parent { child } => Ok(Forked::Parent(child.as_raw().unsigned_abs())),
        ForkResult::Child => Ok(Forked::Child),
    }
}

/// This process's id.
pub(crate) fn pid() -> u32 {
    getpid().as_raw().unsigned_abs()
}

pub(crate) fn user() -> u32 {
    getuid().as_raw()
}

/// Has the kernel kill this process when its parent dies, and says whether the parent `expected`
/// is still there: it may have died before the request was made.
pub(crate) fn die_with_parent(expected: u32) -> Result<bool, SysError> {
    set_pdeathsig(Signal::SIGKILL).named("prctl")?;
    Ok(getppid().as_raw().unsigned_abs() == expected)
}

/// The CPUs that this process may use, in rising order.
///
/// # Errors
/// `sched_getaffinity` fails on machines with more CPUs than the C library's mask holds.
pub fn allowed_cpus() -> Result<Vec<u32>, SysError> {
    let set = sched_getaffinity(Pid::from_raw(0)).named("sched_getaffinity")?;
    let allowed = (0..CpuSet::count()).filter(|&cpu| set.is_set(cpu).unwrap_or(false));
    Ok(allowed.map(|cpu| cpu as u32).collect())
}

/// Restricts the calling thread, and what it starts later, to the given CPUs.
pub(crate) fn pin(cpus: &[u32]) -> Result<(), SysError> {
    let mut set = CpuSet::new();
    for &cpu in cpus {
        set.set(cpu as usize).named("sched_setaffinity")?;
    }
    sched_setaffinity(Pid::from_raw(0), &set).named("sched_setaffinity")
}

/// Lifts the bound on open descriptors to the most that this process may have.
pub(crate) fn raise_descriptor_limit() -> Result<(), SysError> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).named("getrlimit")?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).named("setrlimit")
}

pub(crate) fn descriptor_limit() -> Result<u64, SysError> {
    getrlimit(Resource::RLIMIT_NOFILE).named("getrlimit").map(|(soft, _)| soft)
}

/// Ends a child at once. A child that is already gone is no error.
pub(crate) fn kill_now(pid: u32) -> Result<(), SysError> {
    send(pid, Signal::SIGKILL)
}

pub(crate) fn stop(pid: u32) -> Result<(), SysError> {
    send(pid, Signal::SIGSTOP)
}

pub(crate) fn go_on(pid: u32) -> Result<(), SysError> {
    send(pid, Signal::SIGCONT)
}

/// Asks a child that hangs to abort. A stopped one does so only when it goes on.
pub(crate) fn ask_to_abort(pid: u32) -> Result<(), SysError> {
    send(pid, Signal::SIGABRT)
}

fn send(pid: u32, signal: Signal) -> Result<(), SysError> {
    match kill(Pid::from_raw(pid.cast_signed()), signal) {
        Err(Errno::ESRCH) => Ok(()),
        other => other.named("kill"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Code(i32),
    Signal(i32),
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "code {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CpuTime {
    pub user: Duration,
    pub system: Duration,
}

impl CpuTime {
    pub fn fold(&mut self, other: Self) {
        self.user += other.user;
        self.system += other.system;
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Reaped {
    pub pid: u32,
    pub ending: Ending,
    pub cpu: CpuTime,
}

/// Collects one child that has ended, without waiting; `None` when there is none (left). SIGCHLD
/// coalesces, so callers loop until then.
pub(crate) fn reap() -> Result<Option<Reaped>, SysError> {
    let mut status = 0;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are valid for writes for the call's duration.
    let pid = unsafe { libc::wait4(-1, &raw mut status, libc::WNOHANG, usage.as_mut_ptr()) };
    match pid {
        0 => Ok(None),
        -1 => match Errno::last() {
            Errno::ECHILD => Ok(None),
            errno => Err(SysError { call: "wait4", errno }),
        },
        pid => {
            // SAFETY: zeroed is a valid rusage, and wait4 has filled it in.
            let usage = unsafe { usage.assume_init() };
            let ending = if libc::WIFSIGNALED(status) {
                Ending::Signal(libc::WTERMSIG(status))
            } else {
                Ending::Code(libc::WEXITSTATUS(status))
            };
            let cpu = CpuTime { user: duration(usage.ru_utime), system: duration(usage.ru_stime) };
            Ok(Some(Reaped { pid: pid.unsigned_abs(), ending, cpu }))
        }
    }
}

pub(crate) fn own_cpu_time() -> CpuTime {
    getrusage(UsageWho::RUSAGE_SELF).map_or_else(
        |_| CpuTime::default(),
        |usage| CpuTime {
            user: duration(*usage.user_time().as_ref()),
            system: duration(*usage.system_time().as_ref()),
        },
    )
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(time.tv_sec.unsigned_abs())
        + Duration::from_micros(time.tv_usec.unsigned_abs())
}
