//! `hello-cluster`: the one binary. Its commands are in [`cli`], the experiment that `bench` runs in
//! [`experiment`], the live page of `demo` in [`demo`].

mod cli;
#[cfg(target_os = "linux")]
mod demo;
#[cfg(target_os = "linux")]
mod experiment;
#[cfg(target_os = "linux")]
mod sys;

fn main() -> std::process::ExitCode {
    cli::main()
}
