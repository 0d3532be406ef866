//! `load`'s arguments for TLS and HTTP/2, named as curl names them.

use std::path::PathBuf;

use loadgen::plan::Trust;

use crate::cli::Failure;

/// Arguments for TLS and HTTP/2.
#[derive(clap::Args)]
pub struct SecureArgs {
    /// Speak HTTP/2 from the start; --pipeline N is then N requests at a time on a connection
    #[arg(long, help_heading = "Request")]
    pub http2: bool,

    /// With https: believe these certificates (PEM) too
    #[arg(long, value_name = "FILE", conflicts_with = "insecure", help_heading = "Request")]
    cacert: Option<PathBuf>,

    /// With https: believe every certificate
    #[arg(long, help_heading = "Request")]
    insecure: bool,
}

impl SecureArgs {
    /// Whose certificates are believed.
    pub fn trust(&self) -> Result<Trust, Failure> {
        match &self.cacert {
            _ if self.insecure => Ok(Trust::Anyone),
            None => Ok(Trust::System),
            Some(file) => std::fs::read(file).map(Trust::Also).map_err(|error| {
                Failure::io(format!("cannot read certificates from {}: {error}", file.display()))
            }),
        }
    }
}
