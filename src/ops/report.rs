//! What became of an applied plan.

pub use crate::ops::plan::item::{Came, Ended, Issued, Item, ItemResult, Product, Progress, Unclear};

use crate::ops::intent::Intent;
use crate::ops::plan::names::user_of;
use crate::ops::plan::{Names, Note, Target};

/// What became of an applied plan.
#[derive(Debug, PartialEq, Eq)]
pub struct ApplyReport {
    /// What was wanted.
    pub intent: Intent,
    /// Names the batch in the journal.
    pub batch: String,
    /// What became of each target.
    pub items: Vec<Item>,
    /// What was seen afterwards, what remains, what to do next.
    pub notes: Vec<Note>,
    /// How it ended.
    pub ended: Ended,
    /// What things are called.
    pub names: Names,
    /// What it brought beside what it did.
    pub brought: Option<Product>,
}

impl ApplyReport {
    /// What is known of an application that was left before it was over: of the targets without a result
    /// nothing is.
    pub fn left(intent: Intent, names: Names, mut items: Vec<Item>, targets: Vec<Target>) -> Self {
        for target in targets {
            if !items.iter().any(|item| item.target == target) {
                let seen = "left before an answer came: done, or not begun; look again".to_owned();
                let result = ItemResult::Unknown(Unclear { seen, request_id: None });
                items.push(Item { target, result });
            }
        }
        Self {
            intent,
            batch: String::new(),
            items,
            notes: Vec::new(),
            ended: Ended::Stopped,
            names,
            brought: None,
        }
    }
}

/// What people are shown of items.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// One of them.
    Item(&'a Item),
    /// Tokens of one user that were all gone, or as wanted, before their turn came: never what needs a look.
    Folded(Vec<&'a Item>),
}

/// So many tokens that came out the same way are shown each for itself.
const FEW_ALIKE: usize = 3;

/// How many items came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// As wanted.
    pub done: usize,
    /// So already.
    pub unchanged: usize,
    /// Not done.
    pub failed: usize,
    /// Nobody can say.
    pub unknown: usize,
    /// Not begun.
    pub not_started: usize,
}

impl Tally {
    /// Counts results.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a ItemResult>) -> Self {
        let mut tally = Self::default();
        for result in results {
            tally.add(result);
        }
        tally
    }

    /// Counts one more.
    pub fn add(&mut self, result: &ItemResult) {
        match result {
            ItemResult::Done => self.done += 1,
            ItemResult::Unchanged(_) => self.unchanged += 1,
            ItemResult::Failed(_) => self.failed += 1,
            ItemResult::Unknown(_) => self.unknown += 1,
            ItemResult::NotStarted => self.not_started += 1,
        }
    }
}

impl ApplyReport {
    /// The items for people: what needs a look first, and last, in a row for each user, the tokens that were gone
    /// when their turn came. Who makes and deletes tokens while they are revoked makes hundreds of those.
    pub fn shown(&self) -> Vec<Shown<'_>> {
        let (trouble, fine): (Vec<&Item>, Vec<&Item>) =
            self.items.iter().partition(|item| item.result.is_trouble());
        let mut alike: Vec<Vec<&Item>> = Vec::new();
        let mut shown: Vec<Shown<'_>> = trouble.into_iter().map(Shown::Item).collect();
        for item in fine {
            let is_token = matches!(item.target, Target::Token(_));
            if !is_token || item.result == ItemResult::Done {
                shown.push(Shown::Item(item));
                continue;
            }
            let owner = |item: &Item| user_of(&item.target, &self.names);
            let is_alike = |other: &&Item| other.result == item.result && owner(other) == owner(item);
            match alike.iter_mut().find(|items| items.first().is_some_and(is_alike)) {
                Some(items) => items.push(item),
                None => alike.push(vec![item]),
            }
        }
        for items in alike {
            if items.len() <= FEW_ALIKE {
                shown.extend(items.into_iter().map(Shown::Item));
            } else {
                shown.push(Shown::Folded(items));
            }
        }
        shown
    }

    /// What it is a report of, as a title.
    pub fn title(&self) -> String {
        let targets: Vec<&Target> = self.items.iter().map(|item| &item.target).collect();
        self.intent.title_for(&targets, &self.names)
    }

    /// How many items came out how.
    pub fn tally(&self) -> Tally {
        Tally::of(self.items.iter().map(|item| &item.result))
    }

    /// The intent again, for the targets that failed, are unknown or were not begun; `None` if there are
    /// none.
    pub fn retry(&self) -> Option<Intent> {
        let again: Vec<&Target> =
            self.items.iter().filter(|item| item.result.is_trouble()).map(|item| &item.target).collect();
        if again.is_empty() { None } else { Some(self.intent.narrowed_to(&again, &self.names.owners)) }
    }
}
