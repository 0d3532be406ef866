//! Node.js: the program in `benches/peers/hello.js`, alone or by Node's cluster module.

use std::path::Path;

use super::Serve;
use super::external::{Launch, Ready};
use crate::harness::process::WaitError;
use crate::harness::target::spec::Tells;
use crate::harness::temp_dir::TempDir;

/// The program, so that an installed binary has it too.
const PROGRAM: &str = include_str!("../../../peers/hello.js");

/// How it is started; fails when its file cannot be written.
pub fn launch(node: &str, serve: &Serve<'_>, folder: &Path) -> Result<Launch, WaitError> {
    let files = TempDir::create(folder, ".node", &serve.target.name)?;
    let program = files.write("hello.js", PROGRAM)?;
    let forks = if serve.mode == "single" { 0 } else { serve.workers };
    Ok(Launch {
        name: serve.target.name.clone(),
        words: vec![
            node.into(),
            program.into(),
            serve.mode.into(),
            serve.workers.to_string().into(),
        ],
        ready: Ready::TellsUrl,
        forks,
        tells: Tells::Pid,
        files: Some(files),
    })
}
