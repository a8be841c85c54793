//! Text from the server, made harmless. Names, e-mails, host names and errors are written by users: they
//! may carry terminal escapes, bidirectional overrides and characters without width.

use std::borrow::Cow;
use std::fmt::Write;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_width::UnicodeWidthChar;

/// Marks on one letter: more than any language writes, and they would be drawn over the rows above.
const MARKS: usize = 4;

/// No name says more after so many characters.
const LONGEST_NAME: usize = 100;

/// No name is looked at further, blanks and all.
const LOOKED_AT: usize = 4_000;

/// A letter without dots: no blank to Unicode, and drawn as one.
const BRAILLE_BLANK: char = '\u{2800}';

/// Removes what a terminal or a reader could be tricked with: control characters (a line end or tab
/// becomes a blank), bidirectional controls, characters without width, and heaps of accents.
pub fn clean(text: &str) -> String {
    cleaned(text, harmless).collect()
}

/// Like [`clean`], for text with line ends of its own.
pub fn clean_lines(text: &str) -> String {
    cleaned(text, |c| if c == '\n' { Some(c) } else { harmless(c) }).collect()
}

/// Like [`clean`], and at most so many characters: what comes after them is not even looked at, nor said.
pub fn clean_start(text: &str, most: usize) -> String {
    cleaned(text, harmless).take(most).collect()
}

/// What somebody or something is called, as it may stand in a sentence, a title or a row: cleaned, each run of
/// blanks as one, since with some of them a name could fill its cell and begin the next, and cut where it is
/// longer than any name.
pub fn named(text: &str) -> String {
    let mut name = String::new();
    let (mut length, mut is_apart) = (0, false);
    for c in cleaned(text, harmless).take(LOOKED_AT) {
        if c.is_whitespace() || c == BRAILLE_BLANK {
            is_apart = length > 0;
            continue;
        }
        if length + usize::from(is_apart) >= LONGEST_NAME {
            name.push('…');
            break;
        }
        if is_apart {
            name.push(' ');
            length += 1;
            is_apart = false;
        }
        name.push(c);
        length += 1;
    }
    name
}

/// A text in ASCII: letters without their accents, and `?` for what has no likeness there. What is more than
/// ASCII steers a terminal that does not expect it: a part of it may be a control character of its own.
pub fn in_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut ascii = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => ascii.push(c),
            '→' => ascii.push_str("->"),
            '…' => ascii.push_str("..."),
            '·' | '–' | '—' => ascii.push('-'),
            '‘' | '’' => ascii.push('\''),
            '“' | '”' => ascii.push('"'),
            c if is_combining_mark(c) => {}
            c => {
                let before = ascii.len();
                ascii.extend(c.nfkd().filter(char::is_ascii));
                if ascii.len() == before {
                    ascii.push('?');
                }
            }
        }
    }
    Cow::Owned(ascii)
}

/// Some names in a sentence: "shell1, shell2 and 3 more".
pub fn listed(texts: &[String]) -> String {
    const SHOWN: usize = 4;
    match texts {
        [] => "nobody".to_owned(),
        [only] => only.clone(),
        [firsts @ .., last] if texts.len() <= SHOWN => format!("{} and {last}", firsts.join(", ")),
        _ => format!("{} and {} more", texts[..SHOWN - 1].join(", "), texts.len() + 1 - SHOWN),
    }
}

/// A text with what [`clean`] takes out shown in its place, as `<U+200B>`: where it is the very thing to see.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match harmless(c) {
            Some(' ') if c != ' ' => push_code(&mut shown, c),
            Some(harmless) => shown.push(harmless),
            None => push_code(&mut shown, c),
        }
    }
    shown
}

fn push_code(text: &mut String, c: char) {
    // Writing to a string does not fail.
    let _ = write!(text, "<U+{:04X}>", u32::from(c));
}

/// A text without what stands round it unseen: blanks, line ends, a byte order mark, characters without width.
/// They come along when something is copied, and are no part of it.
pub fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || harmless(c).is_none())
}

/// Whether a character can't be seen: one that [`clean`] takes out.
pub fn is_unseen(c: char) -> bool {
    harmless(c).is_none()
}

/// Whether no character in it is one that [`clean`] takes out.
pub fn is_clean(text: &str) -> bool {
    text.chars().all(|c| harmless(c) == Some(c))
}

/// A text, cleaned, as a cell of a CSV file that no spreadsheet takes for a formula: neither the cell nor what a
/// spreadsheet would make a cell of its own that splits at another character, as those of half the world do at `;`.
pub fn spreadsheet_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    // What stands blank before the first text separates nothing.
    let (before, rest) = text.split_at(text.len() - text.trim_start().len());
    for (nth, part) in rest.split_inclusive([',', ';', '|', '\t', '\r', '\n']).enumerate() {
        let shown = if nth == 0 { clean(&format!("{before}{part}")) } else { clean(part) };
        // Quotes may be taken off there, and blanks.
        let is_bare = |c: char| c.is_whitespace() || matches!(c, '"' | '\u{2800}');
        let is_formula =
            shown.trim_start_matches(is_bare).starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
        if is_formula {
            cell.push('\'');
        }
        cell.push_str(&shown);
    }
    cell
}

/// JSON that means the same and is harmless to look at: what [`clean`] would take out is written as
/// `\uXXXX`.
pub fn harmless_json(json: &str) -> Cow<'_, str> {
    // JSON itself is ASCII, and its encoder has escaped the controls but this one.
    if json.is_ascii() && !json.contains('\u{7f}') {
        return Cow::Borrowed(json);
    }
    let mut heap = Heap::default();
    let mut text = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        let is_known = c.is_ascii() && c != '\u{7f}';
        if heap.bears(c) && (is_known || harmless(c).is_some()) {
            text.push(c);
            continue;
        }
        // Such a character stands within a string: outside of one JSON has none.
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    Cow::Owned(text)
}

/// JSON that means the same, in ASCII.
pub fn json_in_ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in harmless_json(json).chars() {
        if c.is_ascii() {
            text.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

/// The marks on one letter, counted.
#[derive(Default)]
struct Heap {
    marks: usize,
}

impl Heap {
    /// Whether this character may stand where it stands.
    fn bears(&mut self, c: char) -> bool {
        self.marks = if c.width() == Some(0) { self.marks + 1 } else { 0 };
        self.marks <= MARKS
    }
}

fn cleaned(text: &str, harmless: impl Fn(char) -> Option<char>) -> impl Iterator<Item = char> {
    let mut heap = Heap::default();
    text.chars().filter_map(harmless).filter(move |c| heap.bears(*c))
}

fn harmless(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' => Some(' '),
        // Two of them are a flag, or not, and wide, or not: terminals disagree. As the letters they stand for
        // they are of one cell everywhere.
        '\u{1f1e6}'..='\u{1f1ff}' => u8::try_from(c as u32 - 0x1f1e6).ok().map(|n| char::from(b'A' + n)),
        c if c.is_control() => None,
        // All that Unicode lets a program show as nothing (Default_Ignorable_Code_Point), bidirectional
        // controls among it; line separators; interlinear annotations.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => None,
        c => Some(c),
    }
}

/// `1 token`, `4 tokens`: a count and its noun, with the plural given.
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_ascii_letters_lose_their_accents_and_nothing_steers_a_terminal() {
        assert_eq!(in_ascii("Zoë Martínez – 李 → 10 % …"), "Zoe Martinez - ? -> 10 % ...");
        assert!(in_ascii("AAAÛ31mXÛ2J").is_ascii());
    }

    #[test]
    fn long_lists_are_cut() {
        let texts = |n: usize| (1..=n).map(|i| format!("shell{i}")).collect::<Vec<_>>();
        assert_eq!(listed(&texts(1)), "shell1");
        assert_eq!(listed(&texts(3)), "shell1, shell2 and shell3");
        assert_eq!(listed(&texts(6)), "shell1, shell2, shell3 and 3 more");
    }

    #[test]
    fn escapes_and_overrides_are_taken_out() {
        assert_eq!(clean("\u{1b}[31mRosa\u{202e}\u{200b} \nDelgado"), "[31mRosa  Delgado");
        assert_eq!(clean("Zoë 李"), "Zoë 李");
        assert!(is_clean("Zoë 李") && !is_clean("a\u{7}"));
    }

    #[test]
    fn what_can_not_be_seen_is_taken_off_the_ends_and_shown_inside() {
        assert_eq!(bare("\u{feff} rosa@example.org\u{200b}\r\n"), "rosa@example.org");
        assert_eq!(bare("ro\u{200b}sa"), "ro\u{200b}sa");
        assert_eq!(visible("ro\u{200b}sa\t\u{1b}[Zoë]"), "ro<U+200B>sa<U+0009><U+001B>[Zoë]");
        assert!(is_clean(&visible("\u{202e}\n\u{e0041}")));
    }

    #[test]
    fn no_letter_is_heaped_with_accents() {
        let heaped = format!("e{}x", "\u{301}".repeat(1_000));
        assert_eq!(clean(&heaped).chars().count(), 2 + MARKS);
        assert_eq!(clean("e\u{323}\u{302}"), "e\u{323}\u{302}", "as Vietnamese writes it");
    }

    #[test]
    fn a_name_is_no_longer_than_a_name() {
        assert_eq!(named("Rosa\nDelgado"), "Rosa Delgado");
        let blanks = " \u{a0}\u{3000}\t\u{2800}\u{2007}\u{200b}\u{205f}";
        assert_eq!(named(&format!("{blanks}Rosa{blanks}{blanks}Delgado{blanks}")), "Rosa Delgado");
        assert_eq!(named(&" ".repeat(1_000_000)), "");
        assert_eq!(named(&"é".repeat(100)), "é".repeat(100));
        assert_eq!(named(&"é".repeat(1_000_000)), format!("{}…", "é".repeat(100)));
    }

    #[test]
    fn no_spreadsheet_takes_a_field_for_a_formula() {
        for field in ["=1+1", " =1", "\u{200b}=1", "+1", "-1", "@sum(a1)", "\t=1", "\n=1", "＝1"] {
            assert!(spreadsheet_cell(field).starts_with('\''), "{field:?}");
        }
        assert_eq!(spreadsheet_cell("rosa@example.org"), "rosa@example.org");
        assert_eq!(spreadsheet_cell("Delgado, Rosa; 2nd floor - left"), "Delgado, Rosa; 2nd floor - left");
    }

    #[test]
    fn nor_any_part_of_it_that_another_separator_makes_a_field() {
        for separator in [",", ";", "|", "\t", "\n", "\r\n"] {
            for formula in ["=1+1", " +1", "-1", "@a1", "\"=1\"", "\u{a0}=1", "\u{200b}＝1"] {
                let cell = spreadsheet_cell(&format!("Rosa{separator}{formula}"));
                let field = cell.strip_prefix("Rosa").and_then(|rest| rest.get(1..)).unwrap_or(&cell);
                let field = field.trim_start_matches(' ');
                assert!(field.starts_with('\''), "{separator:?} {formula:?}: {cell:?}");
            }
        }
    }

    #[test]
    fn harmless_json_means_the_same() {
        let text = "\"a\u{9b}31m\u{7f}\u{202e}\u{e0041}é\n\"";
        assert_eq!(harmless_json(text), "\"a\\u009b31m\\u007f\\u202e\\udb40\\udc41é\n\"");
        assert_eq!(harmless_json("{\"a\": \"é\"}\n"), "{\"a\": \"é\"}\n");
    }
}
