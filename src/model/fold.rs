//! Text for comparing: without case, accents and what can't be seen, so that `strasse` finds `Straße` and `oystein` finds
//! `Øystein`.

use super::text::is_unseen;
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
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_control()) {
        let start = folded.len();
        folded.push_str(text);
        folded[start..].make_ascii_lowercase();
        return;
    }
    let seen = text.nfkd().filter(|&c| !is_combining_mark(c) && !is_unseen(c));
    for c in seen.flat_map(char::to_lowercase) {
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

/// A text as it is compared where accents count and case does not, whichever way its letters are written
/// (`é` is one character, or an `e` and an accent).
pub fn caseless(text: &str) -> String {
    text.nfd().flat_map(char::to_lowercase).nfc().collect()
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
            ("Jose\u{301}", "jose"),
            ("\u{feff}Ro\u{200b}sa", "rosa"),
            ("Ro\0sa", "rosa"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn the_same_letters_are_the_same_however_they_are_written() {
        assert_eq!(caseless("JOSE\u{301}@X.example"), caseless("josé@x.EXAMPLE"));
        assert_ne!(caseless("jose@x.example"), caseless("josé@x.example"), "accents count");
    }
}
