//! This very program: version, revision of its source, the hash of its file.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;

use reports::record::Environment;
use sha2::{Digest, Sha256};

use crate::harness::version_line::first_line;

/// Enters what is known of the program.
pub fn describe(environment: &mut Environment) {
    environment.version = env!("CARGO_PKG_VERSION").into();
    environment.build = if cfg!(debug_assertions) { "debug" } else { "release" }.into();
    environment.revision = revision();
    environment.binary_sha256 = hash().unwrap_or_default();
}

/// The revision of the source that this binary was built from, while its checkout is still there.
fn revision() -> String {
    let words = ["git", "-C", env!("CARGO_MANIFEST_DIR")];
    let rest = ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
    let words: Vec<String> = words.iter().chain(&rest).map(|word| (*word).to_owned()).collect();
    first_line(&words)
}

/// SHA-256 of the running program's file, in hexadecimal.
fn hash() -> Option<String> {
    let mut file = File::open("/proc/self/exe").ok()?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).ok()? {
            0 => break,
            length => hasher.update(&buffer[..length]),
        }
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}
