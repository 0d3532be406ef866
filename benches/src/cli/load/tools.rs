//! `load --as`: which tools' figures are wanted beside the truth.
//!
//! Next: `tool_emulation` in the crate `loadgen`.

use loadgen::plan::Tool;

use super::values::usage;
use crate::cli::Failure;

/// The arguments about other tools.
#[derive(clap::Args)]
pub struct ToolArgs {
    /// Show what these tools would have printed of the same run: wrk, wrk2, oha, hey, autocannon, k6
    /// or all; may be repeated (logs 32 bytes a request, of 20 million at most)
    #[arg(long = "as", value_name = "TOOL,…", conflicts_with = "merge", help_heading = "Output")]
    tools: Vec<String>,
}

impl ToolArgs {
    /// The tools, each once.
    pub fn parse(&self) -> Result<Vec<Tool>, Failure> {
        Tool::parse_list(self.tools.iter().map(String::as_str)).map_err(usage)
    }
}
