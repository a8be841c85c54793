//! Text from the server, made harmless. Names, e-mails, host names and errors are written by users: they
//! may carry terminal escapes, bidirectional overrides and characters without width.

/// Removes what a terminal or a reader could be tricked with: control characters (a line end or tab
/// becomes a blank), bidirectional controls and zero-width characters.
pub fn clean(text: &str) -> String {
    text.chars().filter_map(harmless).collect()
}

/// Like [`clean`], for text with line ends of its own.
pub fn clean_lines(text: &str) -> String {
    text.chars().filter_map(|c| if c == '\n' { Some(c) } else { harmless(c) }).collect()
}

/// A text, cleaned, as a cell of a CSV file that no spreadsheet takes for a formula.
pub fn spreadsheet_cell(text: &str) -> String {
    let is_formula = text.starts_with(['\t', '\r']) || text.trim_start().starts_with(['=', '+', '-', '@']);
    let text = clean(text);
    if is_formula { format!("'{text}") } else { text }
}

/// Whether [`clean`] would change nothing.
pub fn is_clean(text: &str) -> bool {
    text.chars().all(|c| harmless(c) == Some(c))
}

fn harmless(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' => Some(' '),
        c if c.is_control() => None,
        // Zero-width and bidirectional controls, line separators, byte order mark, tag characters.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
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
    fn escapes_and_overrides_are_taken_out() {
        assert_eq!(clean("\u{1b}[31mRosa\u{202e}\u{200b} \nDelgado"), "[31mRosa  Delgado");
        assert_eq!(clean("Zoë 李"), "Zoë 李");
        assert!(is_clean("Zoë 李") && !is_clean("a\u{7}"));
    }
}
