//! The record inside its page, so that one file is the report and its evidence: a data block with the
//! record, its digest and the version that drew the page.
//!
//! A `script` element whose type names no script language is a data block: a browser never runs it
//! (HTML Standard, "prepare the script element": the type decides before the content policy is asked),
//! so `default-src 'none'` need not let it in.

mod columns;
mod compress;
mod condense;
mod error;
mod open;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

pub use condense::kept;
pub use error::OpenError;
pub(crate) use open::stated;
pub use open::{Opened, open};

use crate::record::Record;

/// The version of this crate, and a digest of its source: two builds of one version draw the same
/// record the same.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("REPORTS_DRAWING"));

/// The type of the data block: RFC 6713.
const MEDIA_TYPE: &str = "application/zlib";

/// A record's data block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// SHA-256 of the record's JSON, in hexadecimal.
    pub sha256: String,
    /// What was left out of it, in words; empty for a whole record.
    pub left_out: String,
    /// The record, packed.
    data: String,
}

impl Block {
    /// The block of a record that is kept as it is: [`kept`].
    pub fn of(record: &Record) -> serde_json::Result<Self> {
        let left_out =
            record.condensed.as_ref().map_or_else(String::new, |it| it.left_out.join("; "));
        Ok(Self { sha256: digest(&record.to_json()?), left_out, data: compress::pack(record)? })
    }

    /// The block as an element of the page.
    pub fn element(&self) -> String {
        let Self { sha256, data, .. } = self;
        format!(
            "<script type=\"{MEDIA_TYPE}\" id=\"record\" data-version=\"{VERSION}\" \
             data-sha256=\"{sha256}\" data-left-out=\"{}\">{data}</script>",
            crate::svg::escaped(&self.left_out)
        )
    }
}

/// SHA-256 of a text, in hexadecimal.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
