//! Files that use each other in a circle can only be understood, tested and moved together. So no circle leads from one
//! folder into another, and within a folder none has more than three files.

use crate::source::{Code, program};
use std::collections::{BTreeMap, BTreeSet};

/// How many files may use each other in a circle within one folder.
const MOST: usize = 3;

/// Files that still stand in a circle that is too large, to be struck off as it is broken.
const LEFT: &[&str] = &[];

/// What a `use` brings in: under which name, and what.
struct Import {
    name: String,
    path: Vec<String>,
}

/// The imports of a file, and its tokens without them.
fn imports(tokens: &[String]) -> (Vec<Import>, Vec<String>) {
    let (mut imports, mut rest) = (Vec::new(), Vec::new());
    let mut i = 0;
    while i < tokens.len() {
        if tokens[i] == "use" {
            let end = i + tokens[i..].iter().position(|token| token == ";").unwrap();
            tree(&[], &tokens[i + 1..end], &mut imports);
            i = end;
        } else {
            rest.push(tokens[i].clone());
        }
        i += 1;
    }
    (imports, rest)
}

fn tree(before: &[String], tokens: &[String], into: &mut Vec<Import>) {
    let mut path = before.to_vec();
    let mut name = None;
    let mut i = 0;
    while i < tokens.len() {
        match tokens[i].as_str() {
            "::" => {}
            "as" => {
                name = Some(tokens[i + 1].clone());
                break;
            }
            "{" => {
                let inner = &tokens[i + 1..tokens.len() - 1];
                let mut deep = 0;
                let parts = inner.split(|token| {
                    deep += crate::source::depth(token);
                    deep == 0 && token == ","
                });
                return parts.filter(|part| !part.is_empty()).for_each(|part| tree(&path, part, into));
            }
            "self" if !before.is_empty() => {}
            segment => path.push(segment.to_owned()),
        }
        i += 1;
    }
    into.push(Import { name: name.or(path.last().cloned()).unwrap_or_default(), path });
}

/// Paths in code, outside of `use`.
fn paths(tokens: &[String]) -> Vec<Vec<String>> {
    let is_word =
        |i: usize| tokens.get(i).is_some_and(|t| t.starts_with(|c: char| c == '_' || c.is_alphabetic()));
    let joins = |i: usize| tokens.get(i).is_some_and(|token| token == "::");
    let mut paths = Vec::new();
    for start in 0..tokens.len() {
        if !is_word(start) || (start > 0 && joins(start - 1)) {
            continue;
        }
        let mut path = vec![tokens[start].clone()];
        let mut i = start + 1;
        while joins(i) && is_word(i + 1) {
            path.push(tokens[i + 1].clone());
            i += 2;
        }
        if path.len() > 1 {
            paths.push(path);
        }
    }
    paths
}

struct Files {
    by_module: BTreeMap<Vec<String>, usize>,
    imports: Vec<Vec<Import>>,
}

impl Files {
    /// From the root of the program, if it is of the program at all.
    fn absolute(&self, module: &[String], path: &[String], hops: usize) -> Option<Vec<String>> {
        let below = |base: &[String], rest: &[String]| Some([base, rest].concat());
        match path[0].as_str() {
            "crate" => below(&[], &path[1..]),
            "self" => below(module, &path[1..]),
            "super" => {
                let up = path.iter().take_while(|part| *part == "super").count();
                below(&module[..module.len().checked_sub(up)?], &path[up..])
            }
            first => {
                let child = [module, &path[..1]].concat();
                if self.by_module.contains_key(&child) {
                    return below(module, path);
                }
                let imports = self.by_module.get(module).map(|&file| &self.imports[file])?;
                let import = imports.iter().find(|import| import.name == first)?;
                if hops == 0 || import.path == path {
                    return None;
                }
                self.absolute(module, &[&import.path, &path[1..]].concat(), hops - 1)
            }
        }
    }

    /// In which file that stands, what is passed on followed to where it is from. A module alone is no use of it.
    fn file(&self, module: &[String], path: &[String], hops: usize) -> Option<usize> {
        let path = self.absolute(module, path, hops)?;
        let known = (0..=path.len()).rev().find(|&n| self.by_module.contains_key(&path[..n]))?;
        let file = self.by_module[&path[..known]];
        let name = path.get(known)?;
        let passed_on = self.imports[file].iter().find(|import| import.name == *name);
        let from = passed_on.filter(|_| hops > 0).and_then(|import| {
            let whole = [import.path.as_slice(), &path[known + 1..]].concat();
            self.file(&path[..known], &whole, hops - 1)
        });
        Some(from.unwrap_or(file))
    }
}

/// For each file those that it uses.
fn uses(code: &[Code]) -> Vec<BTreeSet<usize>> {
    let (imports, rest): (Vec<_>, Vec<_>) = code.iter().map(|code| imports(&code.tokens)).unzip();
    let by_module = code.iter().enumerate().map(|(file, code)| (code.module.clone(), file)).collect();
    let files = Files { by_module, imports };
    let of = |file: usize| {
        let module = &code[file].module;
        let imported = files.imports[file].iter().map(|import| import.path.clone());
        let paths = imported.chain(paths(&rest[file]));
        paths.filter_map(|path| files.file(module, &path, 8)).filter(|used| *used != file).collect()
    };
    (0..code.len()).map(of).collect()
}

fn reached(uses: &[BTreeSet<usize>], from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(uses[file].iter().filter(|used| reached.insert(**used)));
    }
    reached
}

/// The circles, each by its files.
fn circles(uses: &[BTreeSet<usize>]) -> BTreeSet<BTreeSet<usize>> {
    let reached: Vec<_> = (0..uses.len()).map(|file| reached(uses, file)).collect();
    let circle = |file: usize| -> BTreeSet<usize> {
        reached[file].iter().copied().filter(|other| reached[*other].contains(&file)).collect()
    };
    (0..uses.len()).map(circle).filter(|circle| circle.len() > 1).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[test]
fn no_circle_of_files_leads_between_folders_and_none_is_large() {
    // `lib.rs` and `main.rs` only name what there is.
    let code: Vec<Code> = program().into_iter().filter(|code| !code.module.is_empty()).collect();
    let uses = uses(&code);
    let mut too_large = BTreeSet::new();
    let mut said = Vec::new();
    for circle in circles(&uses) {
        let folders: BTreeSet<&str> = circle.iter().map(|&file| folder(&code[file].path)).collect();
        if circle.len() <= MOST && folders.len() == 1 {
            continue;
        }
        for &file in &circle {
            let others = uses[file].intersection(&circle).map(|&used| code[used].path.as_str());
            said.push(format!("{} uses {}", code[file].path, others.collect::<Vec<_>>().join(", ")));
            too_large.insert(code[file].path.as_str());
        }
        said.push(String::new());
    }
    let left: BTreeSet<&str> = LEFT.iter().copied().collect();
    let new: Vec<_> = too_large.difference(&left).collect();
    assert!(
        new.is_empty(),
        "in a circle that is too large: {new:#?}\n\nAll such circles:\n{}",
        said.join("\n")
    );
    let mended: Vec<_> = left.difference(&too_large).collect();
    assert!(mended.is_empty(), "no longer in such a circle, to be struck off the list: {mended:#?}");
}

#[test]
fn uses_are_found_however_they_are_written() {
    let file = |path: &str, text: &str| {
        let source = crate::source::Source { path: path.to_owned(), text: text.to_owned() };
        Code { module: source.module(), path: source.path, tokens: crate::source::tokens(text) }
    };
    let code = [
        file("a/mod.rs", "pub mod b; mod c; pub use c::Deep; pub struct Own;"),
        file("a/b.rs", "use crate::{a::{c::{self, X}, Deep as Other}, d}; fn f() { d::g() }"),
        file(
            "a/c.rs",
            "use super::Own; /* */ pub struct Deep; // crate::d::g()\nconst T: &str = \"crate::d::g\";",
        ),
        file("d.rs", "fn g(c: char) { if c == '\"' { crate::a::b::f() } }"),
        file("e.rs", "use crate::a; use crate::a::b;"),
    ];
    let found: Vec<Vec<usize>> = uses(&code).into_iter().map(|used| used.into_iter().collect()).collect();
    assert_eq!(found, [vec![2], vec![2, 3], vec![0], vec![1], vec![]]);
    assert_eq!(circles(&uses(&code)), [BTreeSet::from([0, 2]), BTreeSet::from([1, 3])].into());
}
