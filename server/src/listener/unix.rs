//! A Unix socket of this cluster's, with its file: made, in the place of one that a killed cluster
//! has left, and removed.
//!
//! Next: `sys/unix.rs` for the system calls.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::ListenError;
use crate::address::Address;
use crate::say;
use crate::sys::unix::{LONGEST_PATH, Turn, bound, is_listened_on};
use crate::sys::{Errno, SysError, process, socket};

/// The file of a listening socket. It goes when the process that made it drops this, and only if it
/// is still the same; a forked child that drops its copy leaves it alone. To be dropped before the
/// socket: as long as that is open, no other file can have its inode.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    inode: (u64, u64),
    owner: u32,
}

impl SocketFile {
    /// The file that this process has just made here.
    pub fn at(path: &Path) -> std::io::Result<Self> {
        let inode = inode(path)?;
        Ok(Self { path: path.into(), inode, owner: process::pid() })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let is_ours = || inode(&self.path).is_ok_and(|inode| inode == self.inode);
        if process::pid() == self.owner
            && is_ours()
            && let Err(error) = fs::remove_file(&self.path)
        {
            say::err(&format!("{} is left behind: {error}", self.path.display()));
        }
    }
}

fn inode(path: &Path) -> std::io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|meta| (meta.dev(), meta.ino()))
}

/// Listens on a path that only this user may connect to. A socket is replaced if nobody listens on
/// it any more, and nothing else.
pub(super) fn listen(path: &Path, backlog: u32) -> Result<(OwnedFd, SocketFile), ListenError> {
    try_listen(path, backlog)
        .map_err(|reason| ListenError::Bind { address: Address::Unix(path.into()), reason })
}

fn try_listen(path: &Path, backlog: u32) -> Result<(OwnedFd, SocketFile), String> {
    let length = path.as_os_str().len();
    if length > LONGEST_PATH {
        return Err(format!(
            "the path has {length} bytes, and a Unix socket's has {LONGEST_PATH} at most: choose \
             a shorter one with --listen"
        ));
    }
    let folder = folder_of(path);
    // Two that start at the same time must not take each other's socket, bound and about to listen,
    // for one that was left.
    let _turn = Turn::in_folder(folder).map_err(|error| no_turn(folder, &error))?;
    let explain = |error| reason(folder, error);
    let socket = match bound(path) {
        Err(SysError { errno: Errno::EADDRINUSE, .. }) => {
            remove_what_was_left(path)?;
            bound(path)
        }
        result => result,
    }
    .map_err(explain)?;
    let file = SocketFile::at(path).map_err(|error| format!("its file is gone: {error}"))?;
    socket::start_listening(&socket, backlog).map_err(explain)?;
    Ok((socket, file))
}

/// Removes a socket that nobody listens on.
fn remove_what_was_left(path: &Path) -> Result<(), String> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    if !is_socket {
        return Err("a file that is no socket is there, and is left alone: choose another \
                    path with --listen"
            .into());
    }
    let no_right = |error: &dyn std::fmt::Display| {
        format!(
            "there is a socket that cannot be replaced ({error}): choose another path with --listen"
        )
    };
    match is_listened_on(path) {
        Ok(true) => Err("somebody listens there already: choose another path with --listen".into()),
        Ok(false) => fs::remove_file(path).map_err(|error| no_right(&error)),
        Err(error) => Err(no_right(&error)),
    }
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn no_turn(folder: &Path, error: &std::io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EAGAIN | Errno::EINTR) => {
            format!("another process has locked the folder {}: try again", folder.display())
        }
        Some(errno) => reason(folder, SysError { call: "open", errno }),
        None => error.to_string(),
    }
}

fn reason(folder: &Path, error: SysError) -> String {
    let folder = folder.display();
    match error.errno {
        Errno::ENOENT if error.call == "open" => {
            format!("there is no folder {folder}: make it, or choose another path with --listen")
        }
        Errno::ENOTDIR => format!("{folder} is no folder: choose another path with --listen"),
        Errno::EACCES | Errno::EPERM => {
            format!("no right to make a socket in {folder}: choose another path with --listen")
        }
        Errno::EROFS => format!("{folder} is read-only: choose another path with --listen"),
        Errno::EADDRINUSE => "somebody has made a socket there just now: try again".into(),
        _ => error.to_string(),
    }
}
