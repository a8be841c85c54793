//! Text for comparing: without case and accents, so that `strasse` finds `Straße` and `oystein` finds
//! `Øystein`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text without case and accents.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Adds the text without case and accents.
pub fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let start = folded.len();
        folded.push_str(text);
        folded[start..].make_ascii_lowercase();
        return;
    }
    for c in text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase) {
        match c {
            // Letters that have no decomposition, as people type them who don't have them.
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            c => folded.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        for (text, folded) in [
            ("Rosa DELGADO", "rosa delgado"),
            ("Zoë", "zoe"),
            ("Straße", "strasse"),
            ("Øystein Łukasz", "oystein lukasz"),
            ("İstanbul", "istanbul"),
            ("ＦＵＬＬ", "full"),
            ("Σίσυφος", "σισυφοσ"),
            ("李", "李"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }
}
