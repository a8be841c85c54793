//! A line of code knows its room: a change is named in few files, and whoever looks at what there is of a kind looks at
//! each, so that nothing new is silently passed over.

use crate::source::{Code, depth, end_of_group, program};
use std::collections::{BTreeMap, BTreeSet};

/// In how many files one change may be named.
const MOST: usize = 8;

/// Variants that are named in more files still, with how many, to be struck off as they are found fewer places.
const LEFT: &[(&str, usize)] = &[];

/// What is matched without leaving anything over.
const CLOSED: [&str; 5] = ["Action", "Message", "Outcome", "Intent", "Step"];

/// Files with matches that leave something over still, with how many.
const LEFT_OVER: &[(&str, usize)] = &[
    ("app/overlay/help.rs", 1),
    ("app/overlay/vm_logins.rs", 4),
    ("app/overlay/messages.rs", 1),
    ("app/overlay/new_token.rs", 1),
    ("app/overlay/palette.rs", 1),
    ("app/overlay/sort.rs", 1),
    ("app/overlay/progress.rs", 1),
    ("app/overlay/find_token.rs", 2),
    ("app/overlay/plain.rs", 1),
    ("app/overlay/menu.rs", 1),
    ("app/overlay/mod.rs", 1),
    ("app/overlay/quit.rs", 1),
    ("app/overlay/confirm.rs", 1),
    ("app/overlay/result.rs", 1),
    ("app/overlay/forms/grant_login.rs", 2),
    ("app/overlay/forms/set_up.rs", 1),
    ("app/overlay/forms/mod.rs", 1),
    ("app/overlay/forms/reassign.rs", 1),
    ("app/left.rs", 1),
    ("app/panes.rs", 3),
    ("app/update.rs", 5),
];

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c == '_' || c.is_alphabetic())
}

/// The same with `Self` called by its name.
fn with_self_named(tokens: &[String]) -> Vec<String> {
    let mut named = tokens.to_vec();
    for start in 0..tokens.len() {
        let begins = start == 0 || ["}", ";", "]", "{"].contains(&tokens[start - 1].as_str());
        if tokens[start] != "impl" || !begins {
            continue;
        }
        let body = start + tokens[start..].iter().position(|token| token == "{").unwrap();
        let head = &tokens[start + 1..body];
        let head = head.split(|token| token == "where").next().unwrap();
        // The last word outside of angle brackets, of what stands behind `for` if that is there.
        let mut deep = 0;
        let mut name = None;
        for token in head {
            deep += isize::from(token == "<") - isize::from(token == ">");
            if deep == 0 && is_word(token) {
                name = Some(token);
            }
        }
        for token in &mut named[body..end_of_group(tokens, body)] {
            if let (true, Some(name)) = (token == "Self", name) {
                token.clone_from(name);
            }
        }
    }
    named
}

/// What a list of changes has, such as `changes! { SetUp, … }`, and the number of the file it is in.
fn listed(code: &[Code], list: &str) -> (BTreeSet<String>, usize) {
    let begins = |code: &Code| code.tokens.windows(3).position(|part| part == [list, "!", "{"]);
    let (file, start) = code.iter().enumerate().find_map(|(i, code)| Some((i, begins(code)? + 2))).unwrap();
    let tokens = &code[file].tokens;
    let mut names = BTreeSet::new();
    let mut i = start + 1;
    while i < end_of_group(tokens, start) {
        if is_word(&tokens[i]) && ["{", ","].contains(&tokens[i - 1].as_str()) {
            names.insert(tokens[i].clone());
        }
        i = if depth(&tokens[i]) > 0 { end_of_group(tokens, i) + 1 } else { i + 1 };
    }
    assert!(names.len() > 8, "what {list} lists was not found: {names:?}");
    (names, file)
}

#[test]
fn each_change_is_named_in_few_files() {
    let code = program();
    let files: Vec<Vec<String>> = code.iter().map(|code| with_self_named(&code.tokens)).collect();
    let mut too_many = BTreeMap::new();
    let mut said = Vec::new();
    for (list, name) in [("changes", "Intent"), ("steps", "Step")] {
        let (variants, home) = listed(&code, list);
        for variant in variants {
            // `Intent::SetUp`, what is in it (`intent::SetUp`), and what is in a step (`SetUpStep`).
            let step = format!("{variant}Step");
            let module = name.to_lowercase();
            let named = |tokens: &[String]| {
                let is = |part: &[String]| {
                    [name, &module].contains(&part[0].as_str()) && part[1..] == ["::", &variant]
                };
                tokens.windows(3).any(is) || (name == "Step" && tokens.contains(&step))
            };
            let places = (0..code.len()).filter(|&file| file == home || named(&files[file]));
            let places: Vec<&str> = places.map(|file| code[file].path.as_str()).collect();
            if places.len() > MOST {
                said.push(format!("{name}::{variant}: {}, {}", places.len(), places.join(" ")));
                too_many.insert(format!("{name}::{variant}"), places.len());
            }
        }
    }
    assert_left(&too_many, LEFT, &said.join("\n"));
}

/// Holds what was found against what is known to be left.
fn assert_left(found: &BTreeMap<String, usize>, left: &[(&str, usize)], said: &str) {
    let left: BTreeMap<String, usize> = left.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
    let more = found.iter().any(|(name, n)| left.get(name).is_none_or(|known| n > known));
    assert!(!more, "more than before:\n{said}");
    assert_eq!(found, &left, "fewer than before: strike them off the list, or correct the number");
}

/// A pattern, as far as it matters: what it is made of, from outside to inside.
#[derive(Debug)]
enum Pattern {
    /// Whatever there is.
    Any,
    /// With this path or sign at its head, and these parts.
    Of(Vec<String>, Vec<Vec<Pattern>>),
}

/// Alternatives of a pattern.
fn pattern(tokens: &[String]) -> Vec<Pattern> {
    split(tokens, "|").into_iter().filter(|part| !part.is_empty()).map(alternative).collect()
}

fn split<'a>(tokens: &'a [String], by: &str) -> Vec<&'a [String]> {
    let mut deep = 0;
    let parts = tokens.split(|token| {
        deep += depth(token);
        deep == 0 && token == by
    });
    parts.collect()
}

fn alternative(tokens: &[String]) -> Pattern {
    let start = tokens.iter().position(|token| !["&", "ref", "mut", "box"].contains(&token.as_str()));
    let tokens = &tokens[start.unwrap_or(0)..];
    // `name @ pattern` is the pattern.
    if tokens.get(1).is_some_and(|token| token == "@") {
        return alternative(&tokens[2..]);
    }
    let path: Vec<String> = tokens
        .iter()
        .take_while(|token| is_word(token) || *token == "::" || *token == "$")
        .cloned()
        .collect();
    let is_name = path.len() == 1 && path[0].starts_with(|c: char| c == '_' || c.is_lowercase());
    if tokens == [".", "."] || tokens.len() == 1 && is_name && !["true", "false"].contains(&path[0].as_str())
    {
        return Pattern::Any;
    }
    let parts = match tokens.get(path.len()).map(String::as_str) {
        Some("(") => split(&tokens[path.len() + 1..tokens.len() - 1], ","),
        _ => Vec::new(),
    };
    let parts = parts.into_iter().filter(|part| !part.is_empty()).map(pattern).collect();
    Pattern::Of(path, parts)
}

impl Pattern {
    /// Whether all goes into it, but for what it is wrapped in.
    fn takes_all(&self) -> bool {
        match self {
            Self::Any => true,
            // A wrapper or several at once: whatever is in them.
            Self::Of(path, parts) => {
                !parts.is_empty()
                    && (path.is_empty() || ["Some", "Ok"].contains(&path[0].as_str()))
                    && parts.iter().all(|part| part.iter().any(Self::takes_all))
            }
        }
    }

    /// Which closed enum it looks at, itself or within a wrapper.
    fn looks_at(&self) -> Option<&'static str> {
        let Self::Of(path, parts) = self else { return None };
        let is_wrapper = path.is_empty() || ["Some", "Ok"].contains(&path[0].as_str());
        let within = || parts.iter().flatten().find_map(Self::looks_at);
        let words: Vec<&String> = path.iter().filter(|token| is_word(token)).collect();
        let list = words.len().checked_sub(2).map(|n| words[n].as_str());
        let own = CLOSED.into_iter().find(|name| list == Some(name));
        own.or_else(|| if is_wrapper { within() } else { None })
    }
}

/// The matches in this code: for each the patterns of its arms without a guard.
fn matches(tokens: &[String]) -> Vec<Vec<Vec<Pattern>>> {
    let mut all = Vec::new();
    for start in (0..tokens.len()).filter(|&i| tokens[i] == "match") {
        let mut body = start + 1;
        while tokens[body] != "{" {
            body = if depth(&tokens[body]) > 0 { end_of_group(tokens, body) + 1 } else { body + 1 };
        }
        let end = end_of_group(tokens, body);
        let mut arms = Vec::new();
        let mut i = body + 1;
        while i < end {
            let from = i;
            while i < end && tokens[i] != "=>" {
                i = if depth(&tokens[i]) > 0 { end_of_group(tokens, i) + 1 } else { i + 1 };
            }
            let head = &tokens[from..i.min(end)];
            if !head.iter().any(|token| token == "if") {
                arms.push(pattern(head));
            }
            // The body: a block, or up to the comma.
            i += 1;
            let is_block = tokens.get(i).is_some_and(|token| token == "{");
            while i < end && tokens[i] != "," {
                let ends = is_block && tokens[i] == "{" && i > from;
                i = if depth(&tokens[i]) > 0 { end_of_group(tokens, i) + 1 } else { i + 1 };
                if ends {
                    break;
                }
            }
            i += usize::from(i < end && tokens[i] == ",");
        }
        all.push(arms);
    }
    all
}

/// How many matches over a closed enum have an arm for whatever else there is.
fn left_over(tokens: &[String]) -> Vec<&'static str> {
    let of = |arms: Vec<Vec<Pattern>>| {
        let looks_at = arms.iter().flatten().find_map(Pattern::looks_at)?;
        arms.iter().flatten().any(Pattern::takes_all).then_some(looks_at)
    };
    matches(tokens).into_iter().filter_map(of).collect()
}

#[test]
fn no_match_over_a_closed_list_leaves_anything_over() {
    let mut found = BTreeMap::new();
    let mut said = Vec::new();
    for code in program() {
        // It has an enum of that name for itself.
        let own =
            |name: &str| code.tokens.windows(3).any(|part| part[..2] == ["enum", name] && part[2] == "{");
        let is_own = code.path.starts_with("ops/") && own("Outcome") && code.path != "ops/read.rs";
        let mut over = left_over(&with_self_named(&code.tokens));
        over.retain(|name| !(is_own && *name == "Outcome"));
        if !over.is_empty() {
            said.push(format!("{}: {}", code.path, over.join(", ")));
            found.insert(code.path, over.len());
        }
    }
    assert_left(&found, LEFT_OVER, &said.join("\n"));
}

#[test]
fn what_takes_all_is_told_from_what_does_not() {
    let over = |code: &str| left_over(&with_self_named(&crate::source::tokens(code)));
    for taking in [
        "match a { Action::Quit => 1, _ => 2 }",
        "match a { &Action::Quit => { 1 } other => f(other) }",
        "match a { Some(Action::Quit | Action::Help) => 1, Some(_) => 2, None => 3 }",
        "match (a, b) { (ops::Step::Look { .. }, true) => 1, (_, _) => 2 }",
        "impl<'a> From<X> for Intent { fn f(&self) { match self { Self::A(_) => {} _ => {} } } }",
        "match r { Ok(Outcome::$outcome(found)) => Ok(found), Ok(_) => 1, Err(e) => 2 }",
    ] {
        assert_eq!(over(taking).len(), 1, "{taking}");
    }
    for exact in [
        "match a { Action::Quit => 1, Action::Help => 2 }",
        "match a { Action::Quit if x => 1, _ if y => 3, Action::Quit | Action::Help => 2 }",
        "match a { Action::Quit => match 1 { 1 => 2, _ => 3 }, Action::Help => 2 }",
        "match n { 1 => Action::Quit, _ => Action::Help }",
        "match a { Some(Action::Quit) => 1, Some(Action::Help) => 2, None => 3 }",
        "match (a, b) { (Action::Quit, _) => 1, (Action::Help, _) => 2 }",
        "impl Other { fn f(&self) { match self { Self::A(_) => {} _ => {} } } }",
    ] {
        assert_eq!(over(exact).len(), 0, "{exact}");
    }
}
