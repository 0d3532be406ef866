//! What ARCHITECTURE.md says of the sources and the manifest, checked: no import cycle between files
//! of a crate, and a `rust-version` that the locked dependencies agree with.
//!
//! `cargo test -p hello-cluster --test structure`
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod imports;
mod sources;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// The packages that must be there: a scan that finds none of them would show nothing.
const CRATES: [&str; 4] = ["hello-cluster", "loadgen", "reports", "server"];

/// The workspace and its locked dependencies, as cargo describes them.
static PACKAGES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
});

/// The workspace's own packages by name: what has no source is a folder here.
fn members() -> BTreeMap<&'static str, &'static Value> {
    let own = PACKAGES.iter().filter(|package| package["source"].is_null());
    own.map(|package| (package["name"].as_str().unwrap(), package)).collect()
}

#[test]
fn no_file_of_a_crate_imports_itself_by_way_of_others() {
    let members = members();
    for name in CRATES {
        assert!(members.contains_key(name), "{name} is no member of the workspace");
    }
    let mut circles = Vec::new();
    for (name, package) in members {
        // A library comes before its binaries.
        let root = Path::new(package["targets"][0]["src_path"].as_str().unwrap());
        let files = sources::read(root.parent().unwrap());
        assert!(!files.is_empty(), "{name} has no sources");
        let of_crate = imports::circles(&files);
        circles.extend(of_crate.iter().map(|circle| format!("\n{name}:\n{circle}")));
    }
    assert!(circles.is_empty(), "files that import each other in a circle:{}", circles.concat());
}

/// The numbers of a version, for comparison; `1.89` and `1.89.0` are the same.
fn numbers(version: &str) -> [u32; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap());
    [(); 3].map(|()| parts.next().unwrap_or(0))
}

#[test]
fn the_rust_version_is_the_highest_that_a_locked_dependency_asks_for() {
    let asked = |package: &'static Value| {
        let version = package["rust_version"].as_str()?;
        Some((numbers(version), package["name"].as_str().unwrap()))
    };
    let locked = PACKAGES.iter().filter(|package| !package["source"].is_null());
    let (highest, dependency) = locked.filter_map(asked).max().unwrap();
    for (name, package) in members() {
        let (stated, _) = asked(package).unwrap_or_else(|| panic!("{name} states no rust-version"));
        assert_eq!(stated, highest, "{name} states {stated:?}, {dependency} asks for {highest:?}");
    }
}
