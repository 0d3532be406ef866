//! `hello-cluster report`: draws the page of a record again. Next: the crate `reports`, which does it.

use std::path::{Path, PathBuf};

use reports::record::Record;

use super::Failure;

/// Arguments of `report`.
#[derive(clap::Args)]
#[command(after_help = "Example: hello-cluster report reports/out/latest/record.json -o page.html")]
pub struct Args {
    /// The record that a run of `bench` left behind
    #[arg(value_name = "RECORD.json")]
    record: PathBuf,
    /// Where to write the page [default: index.html beside the record]
    #[arg(short, long, value_name = "FILE.html")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<(), Failure> {
    let output = args.output.unwrap_or_else(|| args.record.with_file_name("index.html"));
    let page = page_of(&args.record)?;
    std::fs::write(&output, page)
        .map_err(|why| Failure::io(format!("cannot write {}: {why}", output.display())))?;
    println!("{}", output.display());
    Ok(())
}

fn page_of(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|why| Failure::io(format!("cannot read {}: {why}", path.display())))?;
    let record = Record::from_json(&text)
        .map_err(|why| Failure::io(format!("cannot use {}: {why}", path.display())))?;
    reports::page::render(&record)
        .map_err(|why| Failure::io(format!("cannot draw {}: {why}", path.display())))
}
