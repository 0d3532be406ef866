//! Whether a target is there at all, and which version: asked once, before anything is planned. One
//! that is missing is left out of the plan, and listed with how to get it.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reports::record::{Skipped, TargetInfo};

use crate::harness::target::spec::{Kind, Peer, TargetSpec};
use crate::harness::version_line::first_line;

/// Where servers live that are not in everybody's `PATH`.
const SYSTEM: &str = "/usr/local/sbin:/usr/sbin:/sbin";

/// How long a connection to a server that runs already may take.
const REACH: Duration = Duration::from_secs(2);

/// Returns what is known of a target that is installed or running.
///
/// # Errors
/// Why it is left out of the plan, and how to get it.
pub fn look(target: &TargetSpec) -> Result<TargetInfo, Skipped> {
    let missing = |why: String| Skipped { target: target.name.clone(), why };
    let info = |version: String, command: String, conservation| TargetInfo {
        name: target.name.clone(),
        version,
        command,
        conservation,
    };
    match &target.kind {
        Kind::HelloCluster => {
            Ok(info(env!("CARGO_PKG_VERSION").to_owned(), "hello-cluster serve".into(), true))
        }
        Kind::Peer(peer, program) => {
            let path = find(program).ok_or_else(|| missing(how_to_get(*peer, program)))?;
            let (flag, file) = match peer {
                Peer::Node => ("--version", "hello.js"),
                Peer::Nginx => ("-v", "nginx.conf"),
            };
            let version = first_line(&[program_name(&path), flag.to_owned()]);
            Ok(info(version, format!("{program}, benches/peers/{file}"), false))
        }
        Kind::Command(command) => {
            let program = &command.words[0];
            if find(program).is_none() {
                let get = command.get.clone().unwrap_or_else(|| "install it first.".to_owned());
                return Err(missing(format!("`{program}` is not installed: {get}")));
            }
            let version = command.version.as_deref().map(first_line).unwrap_or_default();
            Ok(info(version, command.words.join(" "), false))
        }
        Kind::Running(url) => {
            if reaches(url) {
                return Ok(info(String::new(), url.clone(), false));
            }
            Err(missing(format!("nobody listens at {url}: start that server first.")))
        }
    }
}

/// The line for a peer that is not installed.
fn how_to_get(peer: Peer, program: &str) -> String {
    let get = match peer {
        Peer::Node => "`apt install nodejs`, or https://nodejs.org/",
        Peer::Nginx => "`apt install nginx-light`, or https://nginx.org/",
    };
    format!("`{program}` is not installed: {get}")
}

/// A program's file: a path as it is, a name looked up as a shell does.
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_file());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let system = env::split_paths(SYSTEM).collect::<Vec<_>>();
    env::split_paths(&path).chain(system).map(|folder| folder.join(program)).find(|it| it.is_file())
}

fn program_name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn reaches(url: &str) -> bool {
    use std::net::{TcpStream, ToSocketAddrs};
    let Ok(target) = loadgen::target::Target::parse(url) else { return false };
    let addresses = (target.host.as_str(), target.port).to_socket_addrs();
    addresses.into_iter().flatten().any(|it| TcpStream::connect_timeout(&it, REACH).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_name_or_path() {
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert!(find("/bin/sh").is_some());
        assert_eq!(find("no-such-server-anywhere"), None);
    }

    #[test]
    fn what_is_missing_comes_with_how_to_get_it() {
        let kind = Kind::Peer(Peer::Nginx, "no-such-nginx".to_owned());
        let skipped = look(&TargetSpec { name: "nginx".to_owned(), kind }).unwrap_err();
        assert!(
            skipped.why.contains("`no-such-nginx` is not installed: `apt install"),
            "{skipped:?}"
        );
        let kind = Kind::Running("http://127.0.0.1:1".to_owned());
        let skipped = look(&TargetSpec { name: "far".to_owned(), kind }).unwrap_err();
        assert!(skipped.why.contains("nobody listens at http://127.0.0.1:1"), "{skipped:?}");
    }
}
