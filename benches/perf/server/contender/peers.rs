//! nginx and Node, by the files in `benches/peers` that the experiment starts them by too.
//!
//! Next: [`super::front`].

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::Program;
use crate::server::free_port;
use crate::stage::{Failure, Stage};

const CONFIGURATION: &str = include_str!("../../../peers/nginx.conf");

/// Two more paths of nginx, with work of its own: a text that it compresses, and one that it gives out a
/// thousand times a second, and no faster, whatever the machine.
const WORKING: &str = "location /text {
            gzip on;
            gzip_types text/plain;
            root {folder};
        }
        location /limited {
            limit_req zone=limited burst=1000;
            root {folder};
        }
        location / {";

/// What a thousand times a second is: a leaky bucket for all clients together.
const LIMIT: &str = "limit_req_zone all zone=limited:64k rate=1000r/s;\n\n    server {";

/// Lines of the text that is compressed, of some 30 bytes each.
const LINES: u32 = 250;

const SCRIPT: &str = include_str!("../../../peers/hello.js");

/// Where servers live that are not in everybody's `PATH`.
const SYSTEM: &str = "/usr/local/sbin:/usr/sbin:/sbin";

/// The file of a program, looked up as a shell does.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system: Vec<PathBuf> = env::split_paths(SYSTEM).collect();
    let folders = env::split_paths(&path).chain(system);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// nginx as a single process that serves: workers would outlive a master that is killed. It cannot
/// leave its `server` and `connection` headers out; the others are made ours.
pub fn nginx(stage: &Stage) -> Result<Program, Failure> {
    let address = free_port()?;
    let folder = stage.file("nginx");
    fs::create_dir(&folder).map_err(Failure::of("make nginx's folder"))?;
    let text = CONFIGURATION
        .replace("daemon off;", "daemon off;\nmaster_process off;")
        .replace("add_header x-worker-pid", "add_header x-worker-id 1;\nadd_header x-worker-pid")
        .replace("server {", LIMIT)
        .replace("location / {", WORKING)
        .replace("{workers}", "1")
        .replace("{reuseport}", "")
        .replace("{port}", &address.port().to_string())
        .replace("{folder}", &folder.display().to_string());
    let line =
        |number: u32| format!("{number}: the worker {:x} is ready\n", number.wrapping_pow(7));
    fs::write(folder.join("text"), (0..LINES).map(line).collect::<String>())
        .map_err(Failure::of("write a text for nginx"))?;
    fs::write(folder.join("limited"), "Hello\n").map_err(Failure::of("write a text for nginx"))?;
    let file = folder.join("nginx.conf");
    fs::write(&file, text).map_err(Failure::of("write nginx's configuration"))?;
    let mut command = Command::new(find("nginx").unwrap_or_else(|| "nginx".into()));
    command.args(["-e", "stderr", "-p"]).arg(&folder).arg("-c").arg(file);
    Ok(Program { command, address: Some(address) })
}

/// Node's http module without its cluster module.
pub fn node(stage: &Stage) -> Result<Program, Failure> {
    let file = stage.file("hello.js");
    fs::write(&file, SCRIPT).map_err(Failure::of("write Node's program"))?;
    let mut command = Command::new("node");
    command.arg(file).args(["single", "1"]);
    Ok(Program::tells(command))
}
