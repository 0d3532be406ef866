//! The flags of `serve` that bound what one client may take up.

use std::time::Duration;

use server::http::limits::Limits;

use crate::cli::value;

/// Limits for clients.
#[derive(clap::Args)]
#[command(next_help_heading = "Limits for each client")]
pub struct LimitArgs {
    /// The longest request line; beyond: 414
    #[arg(long, default_value_t = Limits::default().request_line, value_name = "BYTES")]
    max_request_line: usize,
    /// The longest head of a request; beyond: 431
    #[arg(long, default_value_t = Limits::default().head, value_name = "BYTES")]
    max_head: usize,
    /// The most header lines of a request; beyond: 431
    #[arg(long, default_value_t = Limits::default().headers, value_name = "N")]
    max_headers: usize,
    /// The longest body of a request, which is read and dropped; beyond: 413
    #[arg(long, default_value_t = Limits::default().body, value_name = "BYTES")]
    max_body: u64,
    /// How long a head may take from its first byte; beyond: 408
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = value::duration)]
    head_timeout: Duration,
    /// How long a body may take; beyond: 408
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = value::duration)]
    body_timeout: Duration,
    /// How long a client may take nothing of its answer; then it is cut off
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = value::duration)]
    write_timeout: Duration,
    /// How long a connection may be without a request; then it is closed
    #[arg(long, default_value = "75s", value_name = "TIME", value_parser = value::duration)]
    idle_timeout: Duration,
    /// The most connections a worker; further ones go to other workers or wait to be accepted
    /// [default: as many as its descriptors allow]
    #[arg(long, value_name = "N")]
    pub max_connections: Option<u64>,
}

impl LimitArgs {
    /// The limits, not yet checked.
    pub fn limits(&self) -> Limits {
        Limits {
            request_line: self.max_request_line,
            head: self.max_head,
            headers: self.max_headers,
            body: self.max_body,
            head_timeout: self.head_timeout,
            body_timeout: self.body_timeout,
            write_timeout: self.write_timeout,
            idle_timeout: self.idle_timeout,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        args: LimitArgs,
    }

    #[test]
    fn without_flags_the_limits_are_the_servers_own() {
        let Command { args } = Command::parse_from(["serve"]);
        assert_eq!((args.limits(), args.max_connections), (Limits::default(), None));
    }
}
