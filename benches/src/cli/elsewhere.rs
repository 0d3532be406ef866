//! The commands that need Linux, on systems that are none: one line instead.

use super::Failure;

/// Whatever was given: it is not looked at.
#[derive(clap::Args)]
pub struct Args {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

/// `serve` elsewhere than on Linux.
pub mod serve {
    pub use super::Args;

    /// Says that it needs Linux.
    pub fn run(_args: Args) -> Result<(), super::Failure> {
        super::needs_linux("serve")
    }
}

/// `bench` elsewhere than on Linux.
pub fn bench(_args: Args) -> Result<(), Failure> {
    needs_linux("bench")
}

/// `demo` elsewhere than on Linux.
pub fn demo(_args: Args) -> Result<(), Failure> {
    needs_linux("demo")
}

/// Says that a command needs Linux.
pub fn needs_linux(command: &str) -> Result<(), Failure> {
    let line = format!("{command} needs Linux: run it in a container, or in WSL2 on Windows");
    Err(Failure::usage(line))
}
