//! The field for Unix groups: several names in a line, parted by commas and quoted as in CSV. What the server
//! has is kept, whatever it is: a name that can't be typed, or is too long to be looked at, is shown in a
//! form that can, and stands for itself as long as nobody changes it.

use super::fields::FieldRef;
use crate::app::overlay::field::TextField;
use crate::model::csv_list;
use crate::model::session::ClusterFacts;
use crate::model::text::visible;
use crate::model::vm::UnixGroup;
use crate::ops::plan::Note;
use crate::ops::words::group_notes;
use std::fmt;

/// Beyond so many characters, the name of a group that is there is cut where it is shown.
const SHOWN: usize = 64;

/// What stands for no groups at all. No group can be called that.
const NONE: &str = "-";

/// The field for Unix groups.
#[derive(Debug, Clone)]
pub struct GroupsField {
    text: TextField,
    /// What is there already: as it is shown, and as it is.
    known: Vec<(String, String)>,
    start: Start,
}

/// What an empty field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// No groups.
    Agreed,
    /// Nothing yet: there was no one answer to begin with.
    Undecided,
}

/// Why it is no list of groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupsError {
    /// One of them can be no group.
    Wrong(String),
    /// Nothing is said, and there was nothing to keep.
    Undecided,
}

impl fmt::Display for GroupsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(why) => f.write_str(why),
            Self::Undecided => f.write_str("write the groups that are wanted; a single - for none"),
        }
    }
}

/// A name as it is shown and typed.
fn shown(group: &str) -> String {
    let text = visible(group);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// "docker, fuse", or "none".
pub fn list(groups: &[String]) -> String {
    if groups.is_empty() { "none".to_owned() } else { csv_list::join(groups.iter().map(|g| shown(g)), ", ") }
}

impl GroupsField {
    /// With these groups, which are there.
    pub fn of(groups: &[String]) -> Self {
        let known: Vec<(String, String)> = groups.iter().map(|group| (shown(group), group.clone())).collect();
        let text = csv_list::join(known.iter().map(|(shown, _)| shown), ", ");
        Self { text: TextField::new(&text), known, start: Start::Agreed }
    }

    /// With nothing in it, which does not mean none: several logins, or twins, have different ones.
    pub fn undecided() -> Self {
        Self { text: TextField::default(), known: Vec::new(), start: Start::Undecided }
    }

    /// To be drawn.
    pub fn shown(&self) -> FieldRef<'_> {
        FieldRef::Text(&self.text)
    }

    /// To be edited.
    pub fn text(&mut self) -> &mut TextField {
        &mut self.text
    }

    /// The groups.
    pub fn parse(&self) -> Result<Vec<UnixGroup>, GroupsError> {
        let text = self.text.text().trim();
        if text.is_empty() && self.start == Start::Undecided {
            return Err(GroupsError::Undecided);
        }
        if text == NONE && self.known.iter().all(|(shown, _)| shown != NONE) {
            return Ok(Vec::new());
        }
        let mut groups = Vec::new();
        for name in csv_list::split(text, ',') {
            let before = groups.len();
            let same = self.known.iter().filter(|(shown, _)| *shown == name);
            groups.extend(same.map(|(_, group)| UnixGroup::as_it_is(group)));
            if groups.len() == before {
                let quoted = csv_list::join([&name], ",");
                groups.extend(UnixGroup::list(&quoted).map_err(GroupsError::Wrong)?);
            }
        }
        groups.sort();
        groups.dedup();
        Ok(groups)
    }

    /// The same as texts, while somebody types: nothing if it is no list.
    pub fn names(&self) -> Option<Vec<String>> {
        Some(self.parse().ok()?.iter().map(ToString::to_string).collect())
    }

    /// What to know of them, in the words of the plan: docker means root, some do nothing here, some may be
    /// slips.
    pub fn notes(&self, facts: Option<&ClusterFacts>) -> Vec<Note> {
        let names = csv_list::split(self.text.text(), ',');
        let mut notes = group_notes(facts, &names, "this VM");
        let typed = names.iter().filter(|name| self.known.iter().all(|(shown, _)| shown != *name));
        let cautions = typed.filter_map(|name| name.parse::<UnixGroup>().ok()?.caution());
        notes.extend(cautions.map(Note::warning));
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::message::Edit;
    use proptest::prelude::*;

    fn names(field: &GroupsField) -> Vec<String> {
        field.names().expect("groups")
    }

    proptest! {
        #[test]
        fn whatever_groups_a_login_has_an_untouched_field_keeps_them(
            groups in prop::collection::btree_set(
                prop_oneof![any::<String>(), "\\PC{0,90}", Just("domain users".to_owned()),
                    Just("-".to_owned()), Just("ro\u{200b}ot".to_owned()), Just("a, b".to_owned())],
                0..6,
            ),
        ) {
            let groups: Vec<String> = groups.into_iter().collect();
            prop_assert_eq!(names(&GroupsField::of(&groups)), groups);
        }
    }

    #[test]
    fn one_that_is_added_leaves_the_others_as_they_are() {
        let long = "x".repeat(10_000);
        let there = ["a,b".to_owned(), "domain users".to_owned(), "ro\u{200b}ot".to_owned(), long.clone()];
        let mut field = GroupsField::of(&there);
        field.text().edit(&Edit::Paste(", docker".to_owned().into()));
        let mut wanted = there.to_vec();
        wanted.push("docker".to_owned());
        wanted.sort();
        assert_eq!(names(&field), wanted);
    }

    #[test]
    fn where_nothing_is_agreed_on_nothing_is_not_none() {
        let mut field = GroupsField::undecided();
        assert_eq!(field.parse(), Err(GroupsError::Undecided));
        field.text().edit(&Edit::Insert('-'));
        assert_eq!(field.parse(), Ok(Vec::new()));
    }
}
