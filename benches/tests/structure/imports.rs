//! The graph of a crate's imports, and the circles in it.
//!
//! A file depends on each file whose items it names, re-exports followed, and on every module that it
//! declares. It may name its ancestors' items: that alone is no circle.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::{Files, ModulePath};

/// The most re-exports by way of which an item is found; no more can follow each other in sense.
const MAX_REEXPORTS: usize = 16;

/// Each group of files that depend on each other, a line per file with those of the group it names.
pub fn circles(files: &Files) -> Vec<String> {
    let edges: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        files.keys().map(|module| (module, dependencies(files, module))).collect();
    let reached: BTreeMap<_, _> =
        files.keys().map(|module| (module, reach(&edges, module))).collect();
    let mut circles = Vec::new();
    let mut done = BTreeSet::new();
    for module in files.keys() {
        let is_mutual = |other: &&ModulePath| {
            reached[module].contains(other) && reached[*other].contains(module)
        };
        let circle: BTreeSet<&ModulePath> = files.keys().filter(is_mutual).collect();
        if circle.is_empty() || !done.insert(circle.clone()) {
            continue;
        }
        let line = |from: &&ModulePath| {
            let to: Vec<&str> =
                edges[*from].intersection(&circle).map(|to| files[*to].path.as_str()).collect();
            format!("  {} -> {}\n", files[*from].path, to.join(", "))
        };
        circles.push(circle.iter().map(line).collect());
    }
    circles
}

/// The files on which one depends.
fn dependencies<'a>(files: &'a Files, module: &ModulePath) -> BTreeSet<&'a ModulePath> {
    let file = &files[module];
    let named = file.paths.iter().filter_map(|path| locate(files, path));
    let children = file.children.iter().filter_map(|name| {
        let child = [module.as_slice(), std::slice::from_ref(name)].concat();
        files.get_key_value(&child).map(|(child, _)| child)
    });
    named.chain(children).filter(|to| !module.starts_with(to)).collect()
}

/// The file that defines what a path names.
fn locate<'a>(files: &'a Files, path: &ModulePath) -> Option<&'a ModulePath> {
    let mut path = path.clone();
    for _ in 0..MAX_REEXPORTS {
        let prefixes = (0..=path.len()).rev().map(|length| &path[..length]);
        let (module, file) = prefixes.into_iter().find_map(|prefix| files.get_key_value(prefix))?;
        let Some((name, rest)) = path[module.len()..].split_first() else { return Some(module) };
        let by_glob = || {
            let defines = |glob: &&ModulePath| {
                files
                    .get(*glob)
                    .is_some_and(|it| it.items.contains(name) || it.reexports.contains_key(name))
            };
            let glob = file.globs.iter().filter(|_| !file.items.contains(name)).find(defines)?;
            Some([glob.as_slice(), std::slice::from_ref(name)].concat())
        };
        match file.reexports.get(name).cloned().or_else(by_glob) {
            Some(to) if to != path => path = [to.as_slice(), rest].concat(),
            _ => return Some(module),
        }
    }
    None
}

/// All that can be reached from a file by one edge or more.
fn reach<'a>(
    edges: &BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>,
    from: &'a ModulePath,
) -> BTreeSet<&'a ModulePath> {
    let (mut reached, mut todo) = (BTreeSet::new(), vec![from]);
    while let Some(at) = todo.pop() {
        todo.extend(edges[at].iter().filter(|to| reached.insert(**to)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::super::sources::parse;
    use super::*;

    /// The files of each circle in a made-up crate, given as `path: text`.
    fn found(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
        let files: Files = sources.iter().filter_map(|(path, text)| parse(path, text)).collect();
        let names = |circle: &String| {
            circle.lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
        };
        circles(&files).iter().map(names).collect()
    }

    /// `a` names `b` by the first text; `b` names `a`.
    #[track_caller]
    fn counts(naming_b: &str) {
        let circle =
            found(&[("lib.rs", "mod a; mod b;"), ("a.rs", naming_b), ("b.rs", "use crate::a::A;")]);
        assert_eq!(circle, [["a.rs", "b.rs"]], "{naming_b}");
    }

    #[test]
    fn every_way_to_name_another_file_counts() {
        for text in [
            "use crate::b::B;",
            "use super::b::B;",
            "use crate::b;",
            "use crate::{b::B, c};",
            "use crate::b::{self, B};",
            "use crate::b::B as C;",
            "use crate::b::*;",
            "pub(crate) use crate::b::B;",
            "fn f() { crate::b::f(); }",
            "fn f() -> Vec<super::b::B> { super::b::f::<u8>() }",
            "mod inner { use super::super::b::B; }",
            "macro_rules! m { () => { $crate::b::f() } }",
        ] {
            counts(text);
        }
    }

    #[test]
    fn a_circle_is_told_once_with_all_its_files_and_what_each_names() {
        let sources = [
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c::C; use crate::d::D;"),
            ("c.rs", "use crate::a::A;"),
            ("d.rs", ""),
        ];
        assert_eq!(found(&sources), [["a.rs", "b.rs", "c.rs"]]);
        let files: Files = sources.iter().filter_map(|(path, text)| parse(path, text)).collect();
        assert_eq!(circles(&files), ["  a.rs -> b.rs\n  b.rs -> c.rs\n  c.rs -> a.rs\n"]);
    }

    #[test]
    fn a_child_may_name_its_ancestors_items_but_no_other_file_may_name_it_back() {
        let parent = "mod child; pub struct P; use child::C;";
        let sources = [("lib.rs", "mod a;"), ("a/mod.rs", parent), ("a/child.rs", "use super::P;")];
        assert_eq!(found(&sources), [[""; 0]; 0]);
        // A sibling that names the parent's child depends on the parent, which declares the sibling.
        let sources = [
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod child; use crate::b::B;"),
            ("a/child.rs", ""),
            ("b.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&sources), [["a/mod.rs", "b.rs"]]);
    }

    #[test]
    fn a_parent_depends_on_every_child_that_it_declares() {
        let sources = [
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod child;"),
            ("a/child.rs", "use crate::b::B;"),
            ("b.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&sources), [["a/mod.rs", "a/child.rs", "b.rs"]]);
    }

    #[test]
    fn reexports_are_followed_to_the_file_that_defines() {
        for reexport in [
            "mod b; pub use b::B;",
            "mod b; pub(crate) use self::b::{B};",
            "mod b; pub use b::*;",
            "mod b; pub use b::Other as B;",
        ] {
            let facade = format!("{reexport} mod c;");
            let sources = [
                ("lib.rs", facade.as_str()),
                ("b.rs", "pub struct B; pub struct Other; use crate::c::C;"),
                ("c.rs", "use crate::B;"),
            ];
            assert_eq!(found(&sources), [["b.rs", "c.rs"]], "{reexport}");
        }
    }

    #[test]
    fn other_crates_tests_and_what_a_file_contains_are_none_of_it() {
        let sources = [
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "use std::b::B; use ::b::C; mod inner { use super::X; } #[cfg(test)] mod tests { use crate::b::B; }",
            ),
            ("a/tests.rs", "use crate::b::B;"),
            ("b.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&sources), [[""; 0]; 0]);
    }
}
