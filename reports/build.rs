//! Names the drawing code by a digest of all that a page depends on, so that `report --verify` knows
//! whether this build would draw a page as the build did that drew it. Next: `src/embed/mod.rs`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Everything that decides what a page looks like; the lock file for the libraries that draw,
/// compute and compress.
const SOURCES: [&str; 4] = ["Cargo.toml", "src", "templates", "../Cargo.lock"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(Path::new(source), &mut files)?;
        println!("cargo::rerun-if-changed={source}");
    }
    files.sort();
    let mut digest = Fnv::default();
    for file in files {
        digest.add(file.to_string_lossy().as_bytes());
        digest.add(&fs::read(&file)?);
    }
    println!("cargo::rustc-env=REPORTS_DRAWING={:016x}", digest.0);
    Ok(())
}

/// All files below a path; none where nothing is there.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.exists() {
        files.push(path.to_owned());
    }
    Ok(())
}

/// FNV-1a with 64 bits: G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, RFC 9923. It tells builds apart
/// and protects nothing.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        // The length keeps `ab` + `c` apart from `a` + `bc`.
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
