//! nginx on a free port, as one process that is killed when the test ends, in whatever way.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use hello_cluster::harness::target::detect;
use hello_cluster::harness::version_line::first_line;

use super::eventually;

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

/// A running nginx; killed when dropped.
pub struct Nginx {
    process: Child,
    pub address: SocketAddr,
    pub folder: tempfile::TempDir,
    pub version: String,
}

impl Nginx {
    /// Starts it with the lines of a server, `{port}` and `{folder}` filled in, and with `files` in
    /// its folder; waits until it listens. `None`, and a line, where it is not installed.
    pub fn start(server: &str, files: &[(&str, &str)]) -> Option<Self> {
        let Some(program) = detect::find("nginx") else {
            assert!(std::env::var_os("CI").is_none(), "CI has nginx");
            println!("skipped: nginx is not installed");
            return None;
        };
        let program = program.display().to_string();
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
            .args(["--pdeathsig", "KILL", &program, "-e", "stderr", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .expect("util-linux is there");
        eventually("nginx listens", || TcpStream::connect(address).is_ok());
        let version = first_line(&[program, "-v".to_owned()]);
        Some(Self { process, address, folder, version })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
