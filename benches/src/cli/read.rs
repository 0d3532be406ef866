//! Reads records for the commands that take them: from a record's file, or out of a page.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use reports::page::embed;
use reports::record::Record;

use super::Failure;

/// The largest file that is read. A record of ten thousand trials has about 100 MB.
const MOST_BYTES: u64 = 256 << 20;

/// What is in a file.
pub enum Document {
    /// A record's JSON.
    Record(String),
    /// A page.
    Page(String),
}

/// Reads a file as text; what begins with `<` is a page.
pub fn document(path: &Path) -> Result<Document, Failure> {
    let cannot = |why: &dyn std::fmt::Display| Failure::file("read", path, why);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|why| cannot(&why))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|why| cannot(&why))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(cannot(&"it has more than 256 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|why| {
        cannot(&format!("no text (UTF-8) at byte {}", why.utf8_error().valid_up_to()))
    })?;
    let page = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with('<');
    Ok(if page { Document::Page(text) } else { Document::Record(text) })
}

/// Reads a record, from its file or out of its page.
pub fn record(path: &Path) -> Result<Record, Failure> {
    let cannot = |why: &dyn std::fmt::Display| Failure::file("use", path, why);
    match document(path)? {
        Document::Record(text) => Record::from_json(&text).map_err(|why| cannot(&why)),
        Document::Page(page) => {
            embed::open(&page).map(|opened| opened.record).map_err(|why| cannot(&why))
        }
    }
}
