//! The source as the rules read it: its words and signs, without comments, texts and what is compiled for tests only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub struct Source {
    /// Relative to `src/`, such as `ops/plan.rs`.
    pub path: String,
    pub text: String,
}

impl Source {
    /// The code without comments, line by line: what a comment mentions is no use of it. The tests at the
    /// end of a file may use what they test against.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        self.text[..end]
            .lines()
            .enumerate()
            .map(|(i, line)| (i + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    pub fn is_below(&self, folder: &str) -> bool {
        self.path.starts_with(&format!("{folder}/")) || self.path == format!("{folder}.rs")
    }

    /// As what the code calls it: `["ops", "plan"]`.
    pub fn module(&self) -> Vec<String> {
        let path = self.path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').filter(|part| !["lib", "main"].contains(part)).map(str::to_owned).collect()
    }
}

pub fn collect(folder: &Path, root: &Path, into: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, root, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let relative = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            into.push(Source { path: relative, text: fs::read_to_string(&path).unwrap() });
        }
    }
}

pub fn sources() -> Vec<Source> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    collect(&root, &root, &mut all);
    assert!(all.len() > 30, "the source was not found");
    all
}

/// A file that is compiled into the program.
pub struct Code {
    /// Relative to `src/`.
    pub path: String,
    pub module: Vec<String>,
    /// Words, `::`, `=>`, single signs; `"` stands for any text.
    pub tokens: Vec<String>,
}

/// All that is compiled into the program. Files that `#[cfg(test)] mod …;` names are not.
pub fn program() -> Vec<Code> {
    let mut only_tests = BTreeSet::new();
    let mut all = Vec::new();
    for source in sources() {
        let module = source.module();
        let (tokens, test_modules) = without_tests(&tokens(&source.text));
        only_tests.extend(test_modules.into_iter().map(|name| [module.as_slice(), &[name]].concat()));
        all.push(Code { path: source.path, module, tokens });
    }
    all.retain(|code| !(1..=code.module.len()).any(|n| only_tests.contains(&code.module[..n])));
    all
}

/// The words and signs of a text.
pub fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or(' ');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        let word: String = chars[i..].iter().take_while(|c| is_word(**c)).collect();
        if c == '/' && at(i + 1) == '/' {
            i += chars[i..].iter().take_while(|c| **c != '\n').count();
        } else if ["r", "br"].contains(&word.as_str()) && ['"', '#'].contains(&at(i + word.len())) {
            let marks = chars[i + word.len()..].iter().take_while(|c| **c == '#').count();
            let end: Vec<char> = ['"'].into_iter().chain(std::iter::repeat_n('#', marks)).collect();
            i += word.len() + marks + 1;
            i += chars[i..].windows(end.len()).position(|part| part == end).unwrap() + end.len();
            tokens.push("\"".to_owned());
        } else if !word.is_empty() && (word != "b" || !['"', '\''].contains(&at(i + 1))) {
            i += word.chars().count();
            tokens.push(word);
        } else if c == '"' {
            i += 1;
            while at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
            tokens.push("\"".to_owned());
        } else if c == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            i += if at(i + 1) == '\\' { 3 } else { 2 };
            i += chars[i..].iter().take_while(|c| **c != '\'').count() + 1;
            tokens.push("\"".to_owned());
        } else if c == '\'' || c == 'b' || c.is_whitespace() {
            // Of a lifetime only the word is left.
            i += 1;
        } else if [(':', ':'), ('=', '>')].contains(&(c, at(i + 1))) {
            tokens.push(chars[i..i + 2].iter().collect());
            i += 2;
        } else {
            tokens.push(c.to_string());
            i += 1;
        }
    }
    tokens
}

/// How much deeper a token leads.
pub fn depth(token: &str) -> isize {
    match token {
        "(" | "[" | "{" => 1,
        ")" | "]" | "}" => -1,
        _ => 0,
    }
}

/// Where the group ends that opens at `start`.
pub fn end_of_group(tokens: &[String], start: usize) -> usize {
    let mut deep = 0;
    for (i, token) in tokens.iter().enumerate().skip(start) {
        deep += depth(token);
        if deep == 0 {
            return i;
        }
    }
    tokens.len() - 1
}

fn without_tests(tokens: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut modules) = (Vec::new(), Vec::new());
    let mut i = 0;
    while i < tokens.len() {
        if !["#", "[", "cfg", "(", "test", ")", "]"].iter().zip(&tokens[i..]).all(|(a, b)| a == b) {
            kept.push(tokens[i].clone());
            i += 1;
            continue;
        }
        i += 7;
        let start = i;
        // Other attributes and the head of the item, then its end: a `;` or the end of its body.
        while ![";", "{"].contains(&tokens[i].as_str()) {
            i = if depth(&tokens[i]) > 0 { end_of_group(tokens, i) + 1 } else { i + 1 };
        }
        let head = &tokens[start..i];
        if tokens[i] == ";" && head.iter().any(|token| token == "mod") {
            modules.extend(head.last().cloned());
        }
        i = if tokens[i] == "{" { end_of_group(tokens, i) } else { i } + 1;
    }
    (kept, modules)
}
