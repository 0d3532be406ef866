//! A record as text for a page and back: JSON turned by its side ([`super::columns`]), compressed
//! (zlib, RFC 1950), in base64 (RFC 4648).
//!
//! The compressor is called by its own name, not through a front end that picks one by how the
//! workspace was built: the same record must give the same bytes in every build.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde_json::Value;

use super::OpenError;
use super::columns;
use crate::record::Record;

/// How hard to compress, of 10: the last step costs twice the time for a hundredth of the size.
const LEVEL: u8 = 9;

/// The most that a page's data may become: about 20,000 trials. More is an attack.
const MOST_BYTES: usize = 32 << 20;

/// Packs a record.
pub fn pack(record: &Record) -> serde_json::Result<String> {
    let turned = columns::encode(serde_json::to_value(record)?);
    Ok(STANDARD.encode(compress_to_vec_zlib(&serde_json::to_vec(&turned)?, LEVEL)))
}

/// Unpacks a record.
pub fn unpack(data: &str) -> Result<Record, OpenError> {
    let damaged = OpenError::Damaged;
    let packed = STANDARD.decode(data).map_err(|_| damaged("not base64"))?;
    let bytes = decompress_to_vec_zlib_with_limit(&packed, MOST_BYTES)
        .map_err(|_| damaged("not compressed data of at most 32 MiB"))?;
    let turned: Value = serde_json::from_slice(&bytes).map_err(|_| damaged("not JSON"))?;
    let value = columns::decode(turned).ok_or(damaged("not in columns"))?;
    Ok(Record::from_value(value)?)
}
