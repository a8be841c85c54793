//! Usernames and e-mail addresses for people who are made up: folded to ASCII, numbered where two
//! would be the same, as the server does (api.md v11).

use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

const USERNAME_LENGTH: usize = 8;

/// Which names are taken.
#[derive(Default)]
pub struct Names {
    taken: HashMap<String, u32>,
}

impl Names {
    /// Keeps a name from being given to anybody else.
    pub fn take(&mut self, name: &str) {
        self.taken.entry(name.to_owned()).or_insert(1);
    }

    /// `rdelgado`.
    pub fn username(&mut self, first: &str, last: &str) -> String {
        let initial = ascii(first).chars().take(1).collect::<String>();
        let base: String =
            (initial + &ascii(last)).chars().filter(|c| *c != '-').take(USERNAME_LENGTH).collect();
        let count = self.count(&base);
        if count == 1 { base } else { format!("{base}{count}") }
    }

    /// `rosa.delgado@institute.example`.
    pub fn email(&mut self, first: &str, last: &str, domain: &str) -> String {
        let base = format!("{}.{}", ascii(first), ascii(last));
        let email = format!("{base}@{domain}");
        let count = self.count(&email);
        if count == 1 { email } else { format!("{base}{count}@{domain}") }
    }

    fn count(&mut self, base: &str) -> u32 {
        if let Some(count) = self.taken.get_mut(base) {
            *count += 1;
            return *count;
        }
        self.taken.insert(base.to_owned(), 1);
        1
    }
}

fn ascii(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.nfd() {
        match c {
            'a'..='z' | '-' => plain.push(c),
            'A'..='Z' => plain.push(c.to_ascii_lowercase()),
            'ł' | 'Ł' => plain.push('l'),
            'ø' | 'Ø' => plain.push('o'),
            'ı' => plain.push('i'),
            'ß' => plain.push_str("ss"),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_plain_and_are_numbered() {
        let mut names = Names::default();
        assert_eq!(names.username("Łukasz", "Sørensen-Yılmaz"), "lsorense");
        assert_eq!(names.username("Lena", "Sørensen"), "lsorense2");
        assert_eq!(names.email("Zoë", "Nuñez", "institute.example"), "zoe.nunez@institute.example");
        assert_eq!(names.email("Zoë", "Nunez", "institute.example"), "zoe.nunez2@institute.example");
    }
}
