//! `hello-cluster report`: draws the page of a record again, gives its figures in other shapes,
//! checks a page against the record in it.

mod check;

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use reports::export::{self, svg_export};
use reports::page::{self, embed, handout};
use reports::record::Record;

use super::{Failure, read};

/// Arguments of `report`.
#[derive(clap::Args)]
#[command(
    group = clap::ArgGroup::new("task"),
    after_help = "Examples:\n  \
    hello-cluster report reports/out/latest/record.json -o page.html\n  \
    hello-cluster report --verify page.html\n  \
    hello-cluster report page.html --format csv -o figures.csv\n  \
    hello-cluster report page.html --svg slides\n\n\
    Exit codes: 0 done, 1 the page does not verify, 2 usage, 3 cannot read or write."
)]
pub struct Args {
    /// The record that a run of `bench` left behind, or a page, which holds one
    #[arg(value_name = "RECORD.json|PAGE.html")]
    source: PathBuf,
    /// Where to write [default: index.html or handout.html beside the record, else standard output]
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["verify", "svg"])]
    output: Option<PathBuf>,
    /// Draw the page again from the record in it, and name what was altered
    #[arg(long, group = "task")]
    verify: bool,
    /// Give the record that is in a page
    #[arg(long, group = "task")]
    extract: bool,
    /// Give the figures: md for a ticket, csv (a row a cell) for a spreadsheet, json for a program
    #[arg(long, group = "task", value_name = "FORMAT")]
    format: Option<Format>,
    /// Write each chart as an SVG file of its own into this folder
    #[arg(long, group = "task", value_name = "DIR")]
    svg: Option<PathBuf>,
    /// Draw a handout for a class: two A4 pages when printed
    #[arg(long, group = "task")]
    handout: bool,
}

/// A shape for figures.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Markdown
    Md,
    /// Comma-separated values
    Csv,
    /// JSON
    Json,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Failure> {
    let source = &args.source;
    if args.verify {
        return check::run(source);
    }
    if args.extract {
        return give(args.output.as_deref(), &extracted(source)?);
    }
    let record = read::record(source)?;
    let cannot = |why: &dyn std::fmt::Display| Failure::file("draw", source, why);
    if let Some(format) = args.format {
        let text = figures(&record, format).map_err(|why| cannot(&why))?;
        return give(args.output.as_deref(), &text);
    }
    if let Some(folder) = &args.svg {
        return write_slides(folder, &svg_export::slides(&record).map_err(|why| cannot(&why))?);
    }
    let (name, drawn) = if args.handout {
        ("handout.html", handout::render(&record))
    } else {
        ("index.html", page::render(&record))
    };
    let output = args.output.clone().unwrap_or_else(|| source.with_file_name(name));
    if args.output.is_none() && is_same(&output, source) {
        return Err(Failure::usage(format!(
            "{} would be written over: say where to write with -o",
            source.display()
        )));
    }
    write(&output, &drawn.map_err(|why| cannot(&why))?)
}

fn figures(record: &Record, format: Format) -> serde_json::Result<String> {
    match format {
        Format::Md => export::markdown(record),
        Format::Csv => Ok(export::csv(record)),
        Format::Json => export::json(record),
    }
}

/// The JSON of the record in a page.
fn extracted(source: &Path) -> Result<String, Failure> {
    let why = match read::document(source)? {
        read::Document::Record(_) => "it is no page".to_owned(),
        read::Document::Page(page) => match embed::open(&page) {
            Ok(opened) => return Ok(opened.json),
            Err(why) => why.to_string(),
        },
    };
    Err(Failure::file("use", source, why))
}

/// Whether both paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    real(one).is_some_and(|path| Some(path) == real(other))
}

fn write_slides(folder: &Path, slides: &[svg_export::Slide]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|why| Failure::file("make", folder, why))?;
    slides.iter().try_for_each(|slide| write(&folder.join(&slide.name), &slide.svg))
}

/// Writes a file and says where.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|why| Failure::file("write", path, why))?;
    say(&format!("{}\n", path.display()))
}

/// Writes to a file, or to standard output where none is named.
fn give(output: Option<&Path>, text: &str) -> Result<(), Failure> {
    output.map_or_else(|| say(text), |path| write(path, text))
}

/// Writes to standard output; a reader who has gone away has read enough.
fn say(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::io(format!("cannot write to standard output: {why}")))
        }
        _ => Ok(()),
    }
}
