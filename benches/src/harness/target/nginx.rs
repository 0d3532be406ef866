//! nginx: the configuration in `benches/peers/nginx.conf`, filled in.

use std::path::Path;

use super::Serve;
use super::detect::find;
use super::external::{Launch, Ready, free_port};
use crate::harness::process::WaitError;
use crate::harness::target::spec::Tells;
use crate::harness::temp_dir::TempDir;

/// The configuration, so that an installed binary has it too.
const CONFIGURATION: &str = include_str!("../../../peers/nginx.conf");

/// How it is started; fails when its file cannot be written or there is no port.
pub fn launch(nginx: &str, serve: &Serve<'_>, folder: &Path) -> Result<Launch, WaitError> {
    let name = &serve.target.name;
    let port = free_port(name)?;
    let files = TempDir::create(folder, ".nginx", name)?;
    let folder = files.folder().to_owned();
    let text = fill_in(serve, port, &folder.display().to_string());
    let configuration = files.write("nginx.conf", &text)?;
    // It lives where an ordinary user's `PATH` does not lead.
    let nginx = find(nginx).unwrap_or_else(|| nginx.into());
    let words =
        [nginx.as_os_str(), "-e".as_ref(), "stderr".as_ref(), "-p".as_ref(), folder.as_os_str()];
    let mut words: Vec<_> = words.map(std::ffi::OsStr::to_os_string).into();
    words.extend(["-c".into(), configuration.into()]);
    Ok(Launch {
        name: name.clone(),
        words,
        ready: Ready::Connects(([127, 0, 0, 1], port).into()),
        forks: serve.workers,
        tells: Tells::Pid,
        files: Some(files),
    })
}

fn fill_in(serve: &Serve<'_>, port: u16, folder: &str) -> String {
    let reuseport = if serve.mode == "reuseport" { " reuseport" } else { "" };
    CONFIGURATION
        .replace("{workers}", &serve.workers.to_string())
        .replace("{port}", &port.to_string())
        .replace("{reuseport}", reuseport)
        .replace("{folder}", folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::target::spec::TargetSpec;

    #[test]
    fn the_modes_differ_in_a_socket_a_worker() {
        let target = &TargetSpec::built_in()[2];
        let filled = |mode| fill_in(&Serve::of_test(target, mode, 3), 8123, "/tmp/x");
        assert!(filled("shared").contains("listen 127.0.0.1:8123 backlog=1024;"));
        assert!(filled("reuseport").contains("listen 127.0.0.1:8123 backlog=1024 reuseport;"));
        assert!(filled("shared").contains("worker_processes 3;"));
        assert!(!filled("shared").contains("{folder}"));
    }
}
