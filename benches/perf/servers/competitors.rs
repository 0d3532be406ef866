//! nginx and Node, by the files in `benches/peers` that `bench` starts them by too.

use std::fs;
use std::process::Command;

use hello_cluster::harness::target::detect::find;
use hello_cluster::harness::target::free_port;

use super::Program;
use crate::env::{Failure, TestEnv};

const CONFIGURATION: &str = include_str!("../../peers/nginx.conf");

/// Two more paths: a text that nginx compresses, and one limited to a thousand answers per second.
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

const SCRIPT: &str = include_str!("../../peers/hello.js");

/// nginx as one process, because workers would outlive a killed master. Its `server` and `connection`
/// headers stay; the others are made ours.
pub fn nginx(env: &TestEnv) -> Result<Program, Failure> {
    let port = free_port("nginx")?;
    let folder = env.file("nginx");
    let text = CONFIGURATION
        .replace("daemon off;", "daemon off;\nmaster_process off;")
        .replace("add_header x-worker-pid", "add_header x-worker-id 1;\nadd_header x-worker-pid")
        .replace("server {", LIMIT)
        .replace("location / {", WORKING)
        .replace("{workers}", "1")
        .replace("{reuseport}", "")
        .replace("{port}", &port.to_string())
        .replace("{folder}", &folder.display().to_string());
    let line =
        |number: u32| format!("{number}: the worker {:x} is ready\n", number.wrapping_pow(7));
    let files = [
        ("text", (0..LINES).map(line).collect()),
        ("limited", "Hello\n".to_owned()),
        ("nginx.conf", text),
    ];
    let written = fs::create_dir(&folder).and_then(|()| {
        files.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
    });
    written.map_err(Failure::cannot("write nginx's files"))?;
    let mut command = Command::new(find("nginx").unwrap_or_else(|| "nginx".into()));
    command.args(["-e", "stderr", "-p"]).arg(&folder).arg("-c").arg(folder.join("nginx.conf"));
    Ok(Program { command, address: Some(([127, 0, 0, 1], port).into()) })
}

/// Node, in a mode of its program: its http module alone (`single`), or its cluster module.
pub fn node(env: &TestEnv, mode: &str, workers: u32) -> Result<Program, Failure> {
    let file = env.file("hello.js");
    fs::write(&file, SCRIPT).map_err(Failure::cannot("write Node's program"))?;
    let mut command = Command::new("node");
    command.arg(file).args([mode, &workers.to_string()]);
    Ok(Program { command, address: None })
}
