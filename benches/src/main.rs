//! The binary `hello-cluster`.

fn main() -> std::process::ExitCode {
    hello_cluster::main()
}
