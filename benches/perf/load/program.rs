//! Where the program is that an example runs.

use std::error::Error;
use std::path::PathBuf;

/// The binary beside this example's folder.
pub fn program() -> Result<PathBuf, Box<dyn Error>> {
    let example = std::env::current_exe()?;
    let folder = example.parent().and_then(|folder| folder.parent()).ok_or("no target folder")?;
    let program = folder.join("hello-cluster");
    if program.exists() {
        Ok(program)
    } else {
        Err("build the binary first: cargo build --release".into())
    }
}
