//! A crate's files, each with the paths that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path from the crate's root: of a module, or of an item in it; empty for the root itself.
pub type ModulePath = Vec<String>;

/// The files of a crate by the module that each one is.
pub type Files = BTreeMap<ModulePath, File>;

/// What a file names. Its module `tests` is left out: tests may import whatever they like.
#[derive(Debug, Default)]
pub struct File {
    /// Where it is, for messages.
    pub path: String,
    /// The modules that it declares and does not contain.
    pub children: BTreeSet<String>,
    /// The items that it defines.
    pub items: BTreeSet<String>,
    /// What others may name by a name in it, and where that comes from.
    pub reexports: BTreeMap<String, ModulePath>,
    /// The modules of which others may name everything by a name in it.
    pub globs: Vec<ModulePath>,
    /// All paths within the crate that it names.
    pub paths: Vec<ModulePath>,
}

/// Reads all files below a crate's `src`, but for a `main.rs` beside a `lib.rs`.
pub fn read(src: &Path) -> Files {
    let mut texts = Vec::new();
    collect(src, &mut texts);
    let has_library = src.join("lib.rs").exists();
    texts.retain(|path| !(has_library && path == &src.join("main.rs")));
    let named = texts.iter().map(|path| path.strip_prefix(src).unwrap().to_str().unwrap());
    named
        .zip(&texts)
        .filter_map(|(name, path)| parse(name, &fs::read_to_string(path).unwrap()))
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A file by its path below `src` and its text; `None` where it belongs to tests.
pub fn parse(path: &str, text: &str) -> Option<(ModulePath, File)> {
    let mut module: ModulePath =
        path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|name| name == "mod") || matches!(path, "lib.rs" | "main.rs") {
        module.pop();
    }
    if module.iter().any(|name| name == "tests") {
        return None;
    }
    let stream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut scan = Scan { module: module.clone(), ..Scan::default() };
    scan.stream(stream);
    Some((module.clone(), scan.into_file(path, &module)))
}

/// A path as it was written.
struct Written {
    /// The module in which it was written: the file's, or one that the file contains.
    within: ModulePath,
    path: Vec<String>,
    alias: String,
    is_reexport: bool,
}

#[derive(Default)]
struct Scan {
    module: ModulePath,
    children: BTreeSet<String>,
    items: BTreeSet<String>,
    written: Vec<Written>,
}

impl Scan {
    fn stream(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at = match (word(token), tokens.get(at + 1).and_then(word)) {
                (Some(keyword), Some(name)) if keyword == "mod" => {
                    self.declaration(&name, &tokens, at + 2)
                }
                (Some(keyword), _) if keyword == "use" => {
                    let is_reexport = at > 0 && is_public(&tokens[..at]);
                    self.names(&tokens, at + 1, is_reexport)
                }
                (Some(_), _) if is_path_separator(&tokens, at + 1) => {
                    self.names(&tokens, at, false)
                }
                (Some(keyword), Some(name)) if DEFINE.contains(&keyword.as_str()) => {
                    // Of `const fn f` the second one defines.
                    self.items.insert(name);
                    at + 1
                }
                _ => {
                    if let TokenTree::Group(group) = token {
                        self.stream(group.stream());
                    }
                    at + 1
                }
            };
        }
    }

    /// A module that is declared (`mod x;`) or contained (`mod x { … }`); `at` is behind its name.
    fn declaration(&mut self, name: &str, tokens: &[TokenTree], at: usize) -> usize {
        match tokens.get(at) {
            _ if name == "tests" => {}
            Some(TokenTree::Group(group)) => {
                self.module.push(name.to_owned());
                self.stream(group.stream());
                self.module.pop();
            }
            _ => {
                self.children.insert(name.to_owned());
            }
        }
        at + 1
    }

    /// One path, or a tree of them; the position behind.
    fn names(&mut self, tokens: &[TokenTree], at: usize, is_reexport: bool) -> usize {
        let mut leaves = Vec::new();
        let end = tree(tokens, at, &[], &mut leaves);
        for (path, alias) in leaves {
            self.written.push(Written { within: self.module.clone(), path, alias, is_reexport });
        }
        end.max(at + 1)
    }

    fn into_file(self, path: &str, module: &ModulePath) -> File {
        let mut file = File { path: path.to_owned(), items: self.items, ..File::default() };
        for written in self.written {
            let Some(target) = resolve(&written, module, &self.children) else { continue };
            if written.is_reexport && written.within == *module {
                if written.alias == "*" {
                    file.globs.push(target.clone());
                } else {
                    let alias =
                        if written.alias == "self" { target.last() } else { Some(&written.alias) };
                    file.reexports.extend(alias.map(|alias| (alias.clone(), target.clone())));
                }
            }
            file.paths.push(target);
        }
        file.children = self.children;
        file
    }
}

/// Words before the name of an item that they define.
const DEFINE: [&str; 8] = ["fn", "struct", "enum", "union", "trait", "type", "const", "static"];

/// Where a path leads from the crate's root; `None` when out of the crate.
fn resolve(
    written: &Written,
    file: &ModulePath,
    children: &BTreeSet<String>,
) -> Option<ModulePath> {
    let mut rest = written.path.as_slice();
    let mut at = written.within.clone();
    let first = rest.first()?;
    match first.as_str() {
        "crate" => {
            at.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {}
        child if written.within == *file && children.contains(child) => {}
        _ => return None,
    }
    while rest.first().is_some_and(|name| name == "super") {
        at.pop();
        rest = &rest[1..];
    }
    at.extend(rest.iter().filter(|name| *name != "self").cloned());
    Some(at)
}

/// The leaves of a tree of names (`a::{b, c as d, e::*}`) under a prefix, each with the name that it
/// gets, which is `*` for all of a module; the position behind.
fn tree(
    tokens: &[TokenTree],
    mut at: usize,
    prefix: &[String],
    leaves: &mut Vec<(Vec<String>, String)>,
) -> usize {
    let mut path = prefix.to_vec();
    if is_path_separator(tokens, at) {
        // Out of the crate.
        path.push(String::new());
        at += 2;
    }
    loop {
        match tokens.get(at) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let mut next = 0;
                while next < inner.len() {
                    // Behind the comma.
                    next = tree(&inner, next, &path, leaves) + 1;
                }
                return at + 1;
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == '*' => {
                leaves.push((path, "*".to_owned()));
                return at + 1;
            }
            Some(TokenTree::Ident(name)) => {
                path.push(name.to_string());
                at += 1;
                if is_path_separator(tokens, at) {
                    at += 2;
                    continue;
                }
            }
            // Generic arguments: `a::b::<T>`.
            _ => {}
        }
        let mut alias = path.last().cloned().unwrap_or_default();
        if tokens.get(at).and_then(word).is_some_and(|word| word == "as") {
            alias = tokens.get(at + 1).and_then(word).unwrap_or_default();
            at += 2;
        }
        leaves.push((path, alias));
        return at;
    }
}

fn word(token: &TokenTree) -> Option<String> {
    if let TokenTree::Ident(word) = token { Some(word.to_string()) } else { None }
}

/// Whether there is a `::` at this place.
fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1))
}

/// Whether these tokens end with `pub` or `pub(…)`.
fn is_public(before: &[TokenTree]) -> bool {
    let is_pub = |token: Option<&TokenTree>| token.and_then(word).is_some_and(|word| word == "pub");
    match before.split_last() {
        Some((TokenTree::Group(_), before)) => is_pub(before.last()),
        last => is_pub(last.map(|(token, _)| token)),
    }
}
