//! Names that are not what they seem: of letters of several alphabets, or written so that they look like another's.
//! What looks like what is Unicode's list (UTS 39).

use super::text::named;
use super::user::User;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::LazyLock;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{MixedScript, skeleton};

/// What is to be known of a name before it is believed, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Nothing.
    Plain,
    /// Another user has the same: people have namesakes, and anybody may take a name.
    Namesake,
    /// One of its words has letters of several alphabets.
    Mixed,
    /// It is written otherwise than another user's, and looks the same.
    Alike,
}

impl Look {
    /// Of what a user's record has alone.
    pub fn of(user: &User) -> Self {
        let texts = [&*user.first_name, &*user.last_name, &*user.email, &*user.username];
        if texts.into_iter().any(is_mixed) { Self::Mixed } else { Self::Plain }
    }

    /// In few words, of a name.
    pub fn in_words(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Mixed => Some("mixed alphabets"),
            Self::Namesake => Some("namesake"),
            Self::Alike => Some("like another's"),
        }
    }
}

/// No name is looked at further: it is done for each row that is drawn.
const LOOKED_AT: usize = 2_000;

fn start(text: &str) -> &str {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whether one of its words has letters of several alphabets, such as a Cyrillic `а` among Latin ones. Words of
/// several alphabets side by side are no trick: people write their names in two.
fn is_mixed(text: &str) -> bool {
    let text = start(text);
    !text.is_ascii()
        && text
            .split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
            .any(|word| !word.is_ascii() && !word.is_single_script())
}

/// A name as it looks, in so few bytes that everybody's can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outline(u32);

impl Outline {
    /// Of a user's name.
    pub fn of(user: &User) -> Self {
        let (first, last) = (start(&user.first_name), start(&user.last_name));
        let is_simple = |name: &str| name.bytes().all(|b| b.is_ascii_graphic());
        let mut hash = Hash::new();
        if is_simple(first) && is_simple(last) {
            for b in first.bytes() {
                hash.add(&ASCII[usize::from(b)]);
            }
            if !first.is_empty() && !last.is_empty() {
                hash.add(b" ");
            }
            for b in last.bytes() {
                hash.add(&ASCII[usize::from(b)]);
            }
        } else {
            let name = named(&format!("{first} {last}"));
            for c in skeleton(&name) {
                hash.add(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        Self(hash.end())
    }
}

/// What each ASCII character looks like.
static ASCII: LazyLock<Vec<Box<[u8]>>> = LazyLock::new(|| {
    let looks = |b: u8| skeleton(char::from(b).encode_utf8(&mut [0; 4])).collect::<String>();
    (0..128).map(|b| looks(b).into_bytes().into_boxed_slice()).collect()
});

/// A name as it is written.
fn spelling(user: &User) -> u32 {
    let mut hash = Hash::new();
    hash.add(start(&user.first_name).as_bytes());
    if !user.first_name.is_empty() && !user.last_name.is_empty() {
        hash.add(b" ");
    }
    hash.add(start(&user.last_name).as_bytes());
    hash.end()
}

/// FNV-1a: nobody gains from two names that are taken for alike and are not.
struct Hash(u32);

impl Hash {
    fn new() -> Self {
        Self(0x811c_9dc5)
    }

    fn add(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 ^ u32::from(*b)).wrapping_mul(0x0100_0193);
        }
    }

    /// Never the one that stands for several.
    fn end(self) -> u32 {
        self.0.max(1)
    }
}

/// How everybody's name looks.
#[derive(Debug, Default)]
pub struct Outlines {
    /// Each look with how it is written.
    written: HashMap<Outline, Written>,
}

/// How the names that look alike are written: a spelling, whose last bit says that several users have it, or that
/// there are several spellings. In so few bytes that everybody's can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written(u32);

impl Written {
    const SEVERAL_WAYS: Self = Self(0);

    fn once(user: &User) -> Self {
        // Never the one that stands for several ways.
        Self((spelling(user) << 1).max(2))
    }

    fn by_several(self) -> Self {
        Self(self.0 | 1)
    }
}

impl Outlines {
    /// Takes a user in.
    pub fn add(&mut self, outline: Outline, user: &User) {
        if user.first_name.is_empty() && user.last_name.is_empty() {
            return;
        }
        let once = Written::once(user);
        match self.written.entry(outline) {
            Entry::Vacant(place) => {
                place.insert(once);
            }
            Entry::Occupied(mut place) => {
                let same = once.by_several() == place.get().by_several();
                place.insert(if same { once.by_several() } else { Written::SEVERAL_WAYS });
            }
        }
    }

    /// Forgets everybody.
    pub fn clear(&mut self) {
        self.written.clear();
    }

    /// How the name of somebody who was taken in, or was not, stands to all that were.
    pub fn look(&self, outline: Outline, user: &User) -> Look {
        let once = Written::once(user);
        match self.written.get(&outline) {
            Some(&Written::SEVERAL_WAYS) => Look::Alike,
            Some(&written) if written.by_several() != once.by_several() => Look::Alike,
            Some(&written) if written == once.by_several() => Look::Namesake,
            Some(_) | None => Look::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::user::{UserRole, UserStatus};

    fn called(number: u32, first: &str, last: &str) -> User {
        User {
            uuid: format!("zzzzz-tpzed-{number:015}").parse().expect("a user"),
            email: "".into(),
            username: "".into(),
            first_name: first.into(),
            last_name: last.into(),
            status: UserStatus::Active,
            role: UserRole::Plain.into(),
            created_at: None,
            modified_at: None,
            modified_by: None,
        }
    }

    #[test]
    fn words_of_several_alphabets_are_told_from_names_in_several() {
        for mixed in ["Rоsa", "Delgаdo", "Rosa Dеlgado", "Αnna"] {
            assert_eq!(Look::of(&called(1, mixed, "")), Look::Mixed, "{mixed}");
        }
        for plain in [
            "Zoë",
            "Жанна Ivanova",
            "李明 Ming",
            "渡辺ゆき",
            "김민수",
            "O’Brien-Smith 3",
            "Jose\u{301}",
            "رضا",
            "",
        ] {
            assert_eq!(Look::of(&called(1, plain, "")), Look::Plain, "{plain}");
        }
        let user = User { email: "rosa@exаmple.org".into(), ..called(1, "Rosa", "") };
        assert_eq!(Look::of(&user), Look::Mixed, "its e-mail is");
    }

    #[test]
    fn a_name_that_looks_like_anothers_and_is_written_otherwise_is_found() {
        let rosa = called(1, "Rosa", "Delgado");
        let mut outlines = Outlines::default();
        outlines.add(Outline::of(&rosa), &rosa);
        let look = |outlines: &Outlines, first, last| {
            let user = called(2, first, last);
            outlines.look(Outline::of(&user), &user)
        };
        let alike = |first, last| look(&outlines, first, last) == Look::Alike;
        for (first, last) in
            [("Rosa", "Delgаdo"), ("Rоsa", "Delgado"), ("Rosa", "De1gado"), ("Ro\u{200b}sa", "Delgado")]
        {
            assert!(alike(first, last), "{first} {last}");
        }
        assert!(alike("Rosa ", "Delgado"), "the blanks are folded into one");
        assert_eq!(look(&outlines, "Rosa", "Delgado"), Look::Plain);
        let mut two = Outlines::default();
        (0..2).for_each(|_| two.add(Outline::of(&rosa), &rosa));
        assert_eq!(look(&two, "Rosa", "Delgado"), Look::Namesake);
        assert_eq!(look(&two, "Rosa", "De1gado"), Look::Alike);
        assert!(!alike("Rosie", "Delgado") && !alike("", ""));
    }

    #[test]
    fn the_short_way_of_simple_names_leads_where_the_long_one_does() {
        for name in ["adam", "I0|l", "\"Bill\"", "M`m"] {
            let mut hash = Hash::new();
            for c in skeleton(name) {
                hash.add(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            assert_eq!(Outline::of(&called(1, name, "")), Outline(hash.end()), "{name}");
        }
    }
}
