//! `hello-cluster`: the one binary. Its commands are in [`cli`].

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
