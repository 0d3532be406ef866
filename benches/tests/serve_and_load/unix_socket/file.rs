//! The socket's file: never another's, open to its user only, and gone with the cluster.

use std::fs::{self, File, Permissions};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use nix::fcntl::{Flock, FlockArg};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, listen, socket,
};
use nix::unistd::Uid;

use super::{MODES, Place, answer, ask};
use crate::common::{self, all_are_gone, eventually, hello_cluster, run, side_by_side, signal};

#[track_caller]
fn refused(path: &str, code: i32, says: &str) {
    for mode in ["single", "round-robin"] {
        let address = format!("unix:{path}");
        let arguments = ["serve", "--mode", mode, "--workers", "1", "--listen", &address];
        common::refused(&arguments, code, &[says]);
    }
}

#[test]
fn a_path_that_cannot_be_listened_on_is_one_line_that_says_what_can() {
    let place = Place::new();
    let folder = place.folder.path().to_str().unwrap();
    let longest = format!("{folder}/{}", "x".repeat(107 - folder.len() - 1));
    refused("", 2, "unix:/run/hello.sock");
    refused("@hello", 2, "unix:./@");
    refused(&format!("{longest}x"), 3, "108 bytes");
    refused(&format!("{folder}/none/a"), 3, &format!("there is no folder {folder}/none"));
    refused(folder, 3, "no socket");
    let file = format!("{folder}/file");
    fs::write(&file, "precious").unwrap();
    refused(&file, 3, "no socket");
    refused(&format!("{file}/a"), 3, &format!("{file} is no folder"));
    std::os::unix::fs::symlink("file", &place.path).unwrap();
    refused(place.path.to_str().unwrap(), 3, "no socket");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    let place = Place { folder: place.folder, path: longest.into() };
    let _cluster = place.start("round-robin", 1, &[]);
    place.get_hello();
}

#[test]
fn a_folder_that_one_may_not_write_to_is_named() {
    let place = Place::new();
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o555)).unwrap();
    let mut command = hello_cluster();
    command.args(["serve", "--listen", &place.address()]);
    if Uid::effective().is_root() {
        command.uid(60_660).gid(60_660);
    }
    match command.output() {
        Ok(output) => {
            let errors = String::from_utf8(output.stderr).unwrap();
            assert_eq!((output.status.code(), errors.lines().count()), (Some(3), 1), "{errors}");
            assert!(errors.contains("no right to make a socket in "), "{errors}");
        }
        Err(error) => eprintln!("skipped: another user may not run the binary: {error}"),
    }
}

/// A socket that listens and has no room in its queue.
fn full_listener(place: &Place) -> [OwnedFd; 2] {
    let address = UnixAddr::new(&place.path).unwrap();
    let fds = [(); 2].map(|()| {
        socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap()
    });
    bind(fds[0].as_raw_fd(), &address).unwrap();
    listen(&fds[0], Backlog::new(0).unwrap()).unwrap();
    connect(fds[1].as_raw_fd(), &address).unwrap();
    fds
}

#[test]
fn a_socket_that_somebody_listens_on_is_left_to_them() {
    let place = Place::new();
    let cluster = place.start("round-robin", 1, &[]);
    refused(place.path.to_str().unwrap(), 3, "somebody listens there already");
    place.get_hello();
    drop(cluster);
    let place = Place::new();
    let _busy = full_listener(&place);
    refused(place.path.to_str().unwrap(), 3, "somebody listens there already");
}

#[test]
fn only_its_user_may_connect_whatever_the_mask_is() {
    for (mode, workers) in MODES {
        let place = Place::new();
        // A socket that was left with other rights does not pass them on.
        drop(UnixListener::bind(&place.path).unwrap());
        fs::set_permissions(&place.path, Permissions::from_mode(0o777)).unwrap();
        let _cluster = place.start(mode, workers, &[]);
        let permissions = fs::symlink_metadata(&place.path).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600, "{mode}");
        place.get_hello();
    }
}

#[test]
fn the_file_goes_on_every_clean_way_out() {
    side_by_side(MODES, |(mode, workers)| {
        for (name, at_once) in [("SIGTERM", false), ("SIGINT", false), ("SIGTERM", true)] {
            let place = Place::new();
            let mut cluster = place.start(mode, workers, &[]);
            let mut slow = place.connect();
            ask(&mut slow, if at_once { "/sleep?ms=60000" } else { "/sleep?ms=100" });
            signal(cluster.master(), name);
            eventually("nobody finds the way any more", || !place.path.exists());
            if at_once {
                signal(cluster.master(), "SIGINT");
            } else {
                assert!(answer(&mut slow).contains(" ms asleep"), "{mode}");
            }
            assert_eq!(cluster.wait_for_end().code(), Some(0), "{mode} {name}");
            assert!(!place.path.exists(), "{mode} {name}");
        }
    });
}

#[test]
fn the_file_goes_when_the_cluster_cannot_start() {
    let (place, broken) = (Place::new(), tempfile::NamedTempFile::new().unwrap());
    let (address, broken) = (place.address(), broken.path().to_str().unwrap());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let admin = taken.local_addr().unwrap().to_string();
    for (extra, code) in [(["--chaos-start", broken], 5), (["--admin", &admin], 3)] {
        let arguments = ["serve", "--workers", "1", "--listen", &address];
        let (found, _, err) = run(&[&arguments[..], &extra].concat());
        assert_eq!(found, code, "{err}");
        assert!(!place.path.exists(), "{extra:?}");
    }
}

#[test]
fn after_sigkill_the_next_cluster_replaces_the_file() {
    for (mode, workers) in MODES {
        let place = Place::new();
        let mut killed = place.start(mode, workers, &[]);
        killed.end_with("SIGKILL");
        all_are_gone(&killed.first_workers());
        assert!(place.path.exists() && UnixStream::connect(&place.path).is_err(), "{mode}");
        let _next = place.start(mode, workers, &[]);
        place.get_hello();
    }
}

#[test]
fn workers_that_end_leave_the_file_alone() {
    for mode in ["shared", "round-robin", "least-connections"] {
        let place = Place::new();
        let cluster = place.start(mode, 2, &[]);
        for (pid, name) in cluster.first_workers().into_iter().zip(["SIGTERM", "SIGKILL"]) {
            signal(pid, name);
            cluster.wait_for_exit(pid);
        }
        place.get_hello();
    }
}

#[test]
fn a_file_that_is_somebody_elses_by_now_is_left_to_them() {
    for (mode, workers) in MODES {
        let place = Place::new();
        let mut replaced = place.start(mode, workers, &[]);
        fs::remove_file(&place.path).unwrap();
        let _theirs = UnixListener::bind(&place.path).unwrap();
        assert_eq!(replaced.end_with("SIGTERM").code(), Some(0));
        assert!(place.path.exists(), "{mode}");
    }
}

#[test]
fn a_cluster_can_take_the_path_while_the_last_one_finishes() {
    side_by_side(MODES, |(mode, workers)| {
        let place = Place::new();
        let mut last = place.start(mode, workers, &[]);
        let mut slow = place.connect();
        ask(&mut slow, "/sleep?ms=1000");
        signal(last.master(), "SIGTERM");
        eventually("the path is free", || !place.path.exists());
        let _next = place.start(mode, workers, &[]);
        assert!(answer(&mut slow).contains(" ms asleep"), "{mode}");
        assert_eq!(last.wait_for_end().code(), Some(0));
        place.get_hello();
    });
}

/// A server of a single process on a path, not started.
fn serve_on(place: &Place) -> Command {
    let mut command = hello_cluster();
    command.args(["serve", "--mode", "single", "--listen", &place.address()]);
    command
}

/// Ends it whatever becomes of the test.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn nobody_touches_a_socket_while_another_one_has_its_turn_in_the_folder() {
    let place = Place::new();
    drop(UnixListener::bind(&place.path).unwrap());
    let turn = Flock::lock(File::open(place.folder.path()).unwrap(), FlockArg::LockExclusive);
    let mut started = Started(serve_on(&place).stderr(Stdio::piped()).spawn().unwrap());
    eventually("it gives up", || started.0.try_wait().unwrap().is_some());
    assert_eq!(started.0.wait().unwrap().code(), Some(3));
    let errors = std::io::read_to_string(started.0.stderr.take().unwrap()).unwrap();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains("another process has locked the folder"), "{errors}");
    drop(turn.unwrap());
    let _cluster = place.start("single", 1, &[]);
    place.get_hello();
}

#[test]
fn of_several_that_replace_the_same_file_at_once_one_listens() {
    for _ in 0..20 {
        let place = Place::new();
        drop(UnixListener::bind(&place.path).unwrap());
        let mut started: Vec<_> = (0..6)
            .map(|_| {
                let mut command = serve_on(&place);
                Started(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
            })
            .collect();
        eventually("all but one have given up", || {
            let ended = |child: &mut Started| child.0.try_wait().unwrap().is_some();
            started.iter_mut().filter_map(|child| ended(child).then_some(())).count() == 5
        });
        place.get_hello();
        started.retain_mut(|child| child.0.try_wait().unwrap().is_none());
        signal(started[0].0.id(), "SIGTERM");
        assert!(started[0].0.wait().unwrap().success());
        assert!(!place.path.exists());
    }
}
