//! nginx on a free port, as one process that is killed when the test ends, in whatever way.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::eventually;

/// Where it lives; an ordinary user's `PATH` does not lead there.
const PROGRAM: &str = "/usr/sbin/nginx";

/// One process, with a server that each test fills in.
const CONFIGURATION: &str = "\
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr crit;
events {}
http {
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {
        {server}
    }
}
";

/// What the installed one says it is.
pub fn version() -> String {
    let output = Command::new(PROGRAM).arg("-v").output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

/// A running nginx; killed when dropped.
pub struct Nginx {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where its files are.
    pub folder: tempfile::TempDir,
}

impl Nginx {
    /// Starts it with the lines of a server, `{port}` and `{folder}` in them for what is free and its
    /// own, and waits until it listens; `files` are put into the folder. `None` where nginx is not
    /// installed, which is said.
    pub fn start(server: &str, files: &[(&str, &str)]) -> Option<Self> {
        if !Path::new(PROGRAM).is_file() {
            assert!(std::env::var_os("CI").is_none(), "CI has nginx");
            println!("skipped: nginx is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let configuration = CONFIGURATION
            .replace("{server}", server)
            .replace("{folder}", &folder.path().display().to_string())
            .replace("{port}", &address.port().to_string());
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration).unwrap();
        // The kernel kills it when this thread is gone, even if nothing is dropped any more.
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", PROGRAM, "-e", "stderr", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .expect("util-linux is there");
        eventually("nginx listens", || TcpStream::connect(address).is_ok());
        Some(Self { process, address, folder })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
