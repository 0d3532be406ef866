//! Takes the record out of a page again, and checks that it is the one that was put in.

use super::{MEDIA_TYPE, OpenError, compress, digest};
use crate::record::{ReadError, Record};

/// A page's record with what stands beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The record.
    pub record: Record,
    /// The record as JSON, as it was saved.
    pub json: String,
    /// SHA-256 of that, in hexadecimal.
    pub sha256: String,
    /// The version that drew the page, by its own word.
    pub version: String,
}

/// Takes the record out of a page.
///
/// # Errors
/// [`OpenError`] for a page that has none, or another than was put in.
pub fn open(page: &str) -> Result<Opened, OpenError> {
    let data = block(page).ok_or(OpenError::Missing)?.1;
    let [version, sha256] = ["version", "sha256"].map(|name| stated(page, name).to_owned());
    if version.is_empty() || sha256.is_empty() {
        return Err(OpenError::Missing);
    }
    let record = compress::unpack(data)?;
    let json = record.to_json().map_err(ReadError::from)?;
    match digest(&json) {
        found if found != sha256 => Err(OpenError::Digest { found }),
        _ => Ok(Opened { record, json, sha256, version }),
    }
}

/// What stands beside the record under this name; empty when nothing does.
pub(crate) fn stated<'a>(page: &'a str, name: &str) -> &'a str {
    let attributes = block(page).map_or("", |(attributes, _)| attributes);
    let value = attributes.split_once(&format!(" data-{name}=\"")).map_or("", |(_, rest)| rest);
    value.split_once('"').map_or("", |(value, _)| value)
}

/// The attributes and the data of the data block.
fn block(page: &str) -> Option<(&str, &str)> {
    let begin = format!("<script type=\"{MEDIA_TYPE}\" id=\"record\"");
    let (attributes, rest) = page.split_once(&begin)?.1.split_once('>')?;
    Some((attributes, rest.split_once("</script>")?.0))
}
