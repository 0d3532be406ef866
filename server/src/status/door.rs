//! The door at which a running cluster is asked for its status: a Unix socket in a folder that only
//! its owner may enter.

use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::Snapshot;
use crate::address::Address;
use crate::listener::{SocketFile, folder_of};
use crate::say;
use crate::sys::process;
use crate::sys::readiness::{OwnsDescriptor, watched};
use crate::sys::socket::set_send_buffer;

/// Room for the status of the largest cluster, so that telling it never waits for the reader.
const LARGEST_ANSWER: usize = 512 * 1024;

/// Where the cluster on this address is asked.
pub(super) fn path(address: &Address) -> PathBuf {
    let name = match address {
        Address::Tcp(address) => address.to_string(),
        // Its path may be too long beside the folder's, and is not unique.
        Address::Unix(path) if address.is_abstract() => digest(path),
        Address::Unix(path) => digest(&resolved(path)),
    };
    folder().join(format!("{name}.sock"))
}

/// A path by which a file is called from everywhere.
fn resolved(path: &Path) -> PathBuf {
    let folder = folder_of(path);
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
    folder.join(path.file_name().unwrap_or_default())
}

/// A short name for a path: 64 bits of FNV-1a.
fn digest(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("unix-{hash:016x}")
}

/// The user's folder for things that live as long as a process does.
fn folder() -> PathBuf {
    match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(folder) if Path::new(&folder).is_dir() => PathBuf::from(folder).join("hello-cluster"),
        _ => std::env::temp_dir().join(format!("hello-cluster-{}", process::user())),
    }
}

/// An open door. Closed, and gone from the file system, when the process that opened it drops it; a
/// forked child that drops its copy leaves it alone.
#[derive(Debug)]
pub(crate) struct Door {
    /// By now it may be the door of the next cluster on this address.
    _file: SocketFile,
    listener: UnixListener,
}

impl Door {
    /// Opens the door of the cluster on this address. Without one the cluster serves all the same,
    /// so a failure is only said.
    pub fn open(address: &Address) -> Option<Self> {
        match Self::try_open(&path(address)) {
            Ok(door) => Some(door),
            Err(error) => {
                say::err(&format!("there will be no status to ask for: {error}"));
                None
            }
        }
    }

    fn try_open(path: &Path) -> std::io::Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        match DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let meta = fs::symlink_metadata(folder)?;
        if !meta.is_dir() || meta.uid() != process::user() || meta.mode() & 0o077 != 0 {
            let problem = format!("{} is not a folder of this user's alone", folder.display());
            return Err(std::io::Error::other(problem));
        }
        // The address is this cluster's now, so whoever left this behind has ended.
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { _file: SocketFile::at(path)?, listener })
    }

    /// Answers one who asks; says whether there was one. It never waits: who does not take the
    /// answer at once gets a part of it and the end.
    pub fn answer(&self, snapshot: impl FnOnce() -> Snapshot) -> bool {
        let Ok((stream, _)) = self.listener.accept() else { return false };
        let _ = tell(stream, &snapshot());
        true
    }

    /// The door as something that a runtime waits for.
    pub fn watched(self) -> std::io::Result<AsyncFd<Self>> {
        watched(self, Interest::READABLE)
    }
}

fn tell(mut stream: UnixStream, snapshot: &Snapshot) -> std::io::Result<()> {
    stream.set_nonblocking(true)?;
    set_send_buffer(stream.as_fd(), LARGEST_ANSWER)?;
    stream.write_all(&serde_json::to_vec(snapshot)?)
}

impl AsFd for Door {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl std::os::fd::AsRawFd for Door {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.listener.as_raw_fd()
    }
}

impl OwnsDescriptor for Door {}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::status::tests::snapshot;

    #[test]
    fn the_largest_clusters_status_is_told_without_waiting_for_the_reader() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let whole = snapshot(1024);
        tell(ours, &whole).unwrap();
        let mut text = Vec::new();
        theirs.read_to_end(&mut text).unwrap();
        assert_eq!(serde_json::from_slice::<Snapshot>(&text).unwrap(), whole);
    }

    #[test]
    fn a_door_is_for_its_owner_alone_and_goes_when_it_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        let path = inner.join("a.sock");
        let door = Door::try_open(&path).unwrap();
        assert_eq!(fs::metadata(&inner).unwrap().mode() & 0o777, 0o700);
        assert!(!door.answer(|| snapshot(0)), "nobody asks");
        let _asking = UnixStream::connect(&path).unwrap();
        assert!(door.answer(|| snapshot(0)));
        drop(door);
        assert!(!path.exists());
    }

    #[test]
    fn a_socket_has_one_door_by_whatever_path_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("link")).unwrap();
        let door = |name: &str| path(&Address::Unix(folder.path().join(name)));
        assert_eq!(door("a"), door("link/./a"));
        assert_ne!(door("a"), door("b"));
        assert_eq!(digest(Path::new("a")), "unix-af63dc4c8601ec8c", "as FNV-1a is published");
        let long = folder.path().join("x".repeat(90));
        assert!(path(&Address::Unix(long)).file_name().unwrap().len() < 30);
    }

    #[test]
    fn a_door_that_closes_late_leaves_its_successors_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inner").join("a.sock");
        let first = Door::try_open(&path).unwrap();
        let second = Door::try_open(&path).unwrap();
        drop(first);
        assert!(path.exists());
        drop(second);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_that_others_may_enter_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let open = folder.path().join("open");
        DirBuilder::new().mode(0o777).create(&open).unwrap();
        fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        assert!(Door::try_open(&open.join("a.sock")).is_err());
    }
}
