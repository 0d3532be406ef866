//! The gallery holds a real run and what is drawn from it. It is drawn the same, byte for byte, or the
//! change is meant: then `just gallery` draws it anew, and the difference is looked at.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use reports::record::Record;

fn gallery(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery").join(name)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn record() -> Record {
    serde_json::from_str(&read(&gallery("record.json"))).expect("the gallery's record can be read")
}

#[test]
fn the_figures_of_the_gallery_are_what_its_record_gives() {
    let figures = reports::export::markdown(&record()).expect("figures");
    assert_eq!(figures, read(&gallery("figures.md")));
}

#[test]
fn the_charts_of_the_gallery_are_what_its_record_gives() {
    let slides = reports::export::svg_export::slides(&record()).expect("charts");
    for slide in &slides {
        assert!(slide.svg == read(&gallery("charts").join(&slide.name)), "{} differs", slide.name);
    }
    let entries = fs::read_dir(gallery("charts")).expect("the folder is there");
    let there: BTreeSet<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(there, slides.into_iter().map(|slide| slide.name).collect());
}

#[test]
fn the_page_of_the_gallery_verifies_and_is_small() {
    let page = reports::page::render(&record()).expect("a page");
    assert!(page.len() <= 300_000, "{} bytes", page.len());
    let verification = reports::page::verify::verify(&page).expect("it holds a record");
    assert!(verification.differences.is_empty(), "{:?}", verification.differences);
}
