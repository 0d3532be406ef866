//! `hello-cluster compare`: two records against each other, or many in one table.

use std::path::{Path, PathBuf};

use reports::compare::{Comparison, Decision, Side, page, text};
use reports::record::Record;

use super::{Failure, read};

/// Arguments of `compare`.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    hello-cluster compare before/record.json after/record.json\n  \
    hello-cluster compare before.json after.json --fail-if-slower 5%\n  \
    hello-cluster compare class/*.json -o class.html\n\n\
    Exit codes: 0 compared, 1 slower than --fail-if-slower allows, 2 usage, 3 cannot read or write, \
    4 --fail-if-slower was asked for and no cell can be judged.")]
pub struct Args {
    /// Records of `bench`, or pages, which hold one: two are compared, B against A; more are put into
    /// one table
    #[arg(value_name = "RECORD.json|PAGE.html", num_args = 2.., required = true)]
    records: Vec<PathBuf>,
    /// Write a page as well
    #[arg(short, long, value_name = "FILE.html")]
    output: Option<PathBuf>,
    /// End with exit code 1 when a cell of B is shown to be slower than A by more than this
    #[arg(long, value_name = "SHARE", value_parser = share)]
    fail_if_slower: Option<f64>,
}

/// Reads a share, as in `5%` or `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let value = match text.strip_suffix('%') {
        Some(number) => number.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse::<f64>(),
    };
    match value {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("give a share from 0% to below 100%, as in 5%".into()),
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Failure> {
    if args.fail_if_slower.is_some() && args.records.len() > 2 {
        return Err(Failure::usage("--fail-if-slower compares two records, not more"));
    }
    let records = args
        .records
        .iter()
        .map(|path| read::record(path))
        .collect::<Result<Vec<Record>, Failure>>()?;
    let names = names(&args.records);
    let sides: Vec<Side<'_>> =
        names.iter().zip(&records).map(|(name, record)| Side { name, record }).collect();
    let [a, b] = sides[..] else {
        print!("{}", text::class(&sides));
        return write(args.output.as_deref(), || page::render_class(&sides));
    };
    let comparison = Comparison::of(a, b);
    print!("{}", text::comparison(&comparison));
    write(args.output.as_deref(), || page::render(&comparison))?;
    args.fail_if_slower.map_or(Ok(()), |share| decide(&comparison, share))
}

fn decide(comparison: &Comparison<'_>, share: f64) -> Result<(), Failure> {
    let than = format!("slower by more than {:.3} %", share * 100.0).replace(".000", "");
    match comparison.slower_by(share) {
        Decision::Passed(1) => println!("\n1 cell was judged and is not shown to be {than}"),
        Decision::Passed(cells) => {
            println!("\n{cells} cells were judged and none is shown to be {than}");
        }
        Decision::Slower(cells) => {
            let shown = cells.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
            let more = match cells.len() {
                0..=3 => String::new(),
                all => format!("; and {} more", all - 3),
            };
            return Err(Failure::check(format!("{than}: {shown}{more}")));
        }
        Decision::Undecided(why) => return Err(Failure::invalid(format!("cannot judge: {why}"))),
    }
    Ok(())
}

fn write(
    output: Option<&Path>,
    draw: impl FnOnce() -> Result<String, reports::page::PageError>,
) -> Result<(), Failure> {
    let Some(output) = output else { return Ok(()) };
    let page = draw().map_err(|why| Failure::io(format!("cannot draw the page: {why}")))?;
    std::fs::write(output, page).map_err(|why| Failure::file("write", output, why))?;
    println!("\n{}", output.display());
    Ok(())
}

/// A short name for each file: its own, or its folder's where it is called `record.json` or
/// `index.html`; the whole path where these are not unlike.
fn names(paths: &[PathBuf]) -> Vec<String> {
    let short = |path: &PathBuf| {
        let stem = path.file_stem()?.to_str()?;
        let folder = || path.parent()?.file_name()?.to_str();
        Some(
            if matches!(stem, "record" | "index") { folder().unwrap_or(stem) } else { stem }
                .to_owned(),
        )
    };
    let whole = |path: &PathBuf| path.display().to_string();
    let names: Vec<String> =
        paths.iter().map(|path| short(path).unwrap_or_else(|| whole(path))).collect();
    let unlike = |name: &String| names.iter().filter(|other| *other == name).count() == 1;
    names
        .iter()
        .zip(paths)
        .map(|(name, path)| if unlike(name) { name.clone() } else { whole(path) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_or_a_fraction() {
        assert_eq!(share("5%"), Ok(0.05));
        assert_eq!(share("0.05"), Ok(0.05));
        for wrong in ["", "5", "-1%", "100%", "five", "nan"] {
            assert!(share(wrong).unwrap_err().contains("5%"), "{wrong}");
        }
    }

    #[test]
    fn records_are_named_by_file_or_folder_and_by_path_where_these_are_alike() {
        let names = |paths: &[&str]| names(&paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(names(&["out/mon/record.json", "ann.json"]), ["mon", "ann"]);
        assert_eq!(names(&["out/mon/index.html", "out/tue/index.html"]), ["mon", "tue"]);
        assert_eq!(names(&["x/a.json", "y/a.json"]), ["x/a.json", "y/a.json"]);
        assert_eq!(names(&["record.json", "b.json"]), ["record", "b"]);
    }
}
