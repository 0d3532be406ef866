//! Unix sockets that have a file: making one, finding one that nobody listens on any more, and
//! taking turns at doing so.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, UnixAddr, bind, connect, socket as open_socket,
};
use nix::sys::stat::{Mode, umask};

use super::{Named, SysError};

/// The longest path of a socket in bytes: `sun_path` without its closing zero (unix(7)).
pub(crate) const LONGEST_PATH: usize = 107;

/// How long to wait for the turn: whoever has it needs some system calls.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often to ask for it.
const LOOK: Duration = Duration::from_millis(5);

fn open() -> Result<OwnedFd, SysError> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    open_socket(AddressFamily::Unix, SockType::Stream, flags, None).named("socket")
}

/// Binds a socket to a path where there is nothing yet. The mask at the bind lets only this user connect
/// from the first moment on. It is the process's, so the caller must be its only thread.
pub(crate) fn bound(path: &Path) -> Result<OwnedFd, SysError> {
    let address = UnixAddr::new(path).named("bind")?;
    let fd = open()?;
    let usual = umask(Mode::S_IXUSR | Mode::S_IRWXG | Mode::S_IRWXO);
    let bound = bind(fd.as_raw_fd(), &address);
    umask(usual);
    bound.named("bind")?;
    Ok(fd)
}

/// Whether somebody listens on a socket's file, by connecting to it.
pub(crate) fn is_listened_on(path: &Path) -> Result<bool, SysError> {
    let address = UnixAddr::new(path).named("connect")?;
    let fd = open()?;
    match connect(fd.as_raw_fd(), &address) {
        // Its accept queue is full; it is another kind of socket, and somebody's.
        Ok(()) | Err(Errno::EAGAIN | Errno::EPROTOTYPE) => Ok(true),
        Err(Errno::ECONNREFUSED | Errno::ENOENT) => Ok(false),
        Err(errno) => Err(SysError { call: "connect", errno }),
    }
}

/// The turn to look at the sockets of a folder and to replace one; it ends when this is dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held, not used")] Flock<File>);

impl Turn {
    /// Waits for it, but not for ever. It is a lock on the folder, so it leaves no file behind.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        let mut file = File::open(folder)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Ok(Self(lock)),
                Err((back, Errno::EAGAIN | Errno::EINTR)) if Instant::now() < deadline => {
                    file = back;
                    std::thread::sleep(LOOK);
                }
                Err((_, errno)) => return Err(errno.into()),
            }
        }
    }
}
