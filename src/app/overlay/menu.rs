//! The actions for the row under the cursor, or for what is marked; it says for which.

use super::chooser::{ListCursor, Offer, offers, take};
use super::line::Moved;
use super::reaction::Reaction;
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::details::Tab;
use crate::app::message::Message;
use crate::app::selection::ChosenBy;
use crate::app::world::Focus;
use crate::app::world::World;
use crate::model::text::count;
use crate::model::user::User;

/// What the menu offers for users.
const FOR_USERS: &[Action] = &[
    Action::SetUp,
    Action::Activate,
    Action::Deactivate,
    Action::Suspend,
    Action::Resume,
    Action::MakeAdmin,
    Action::UnmakeAdmin,
    Action::Reassign,
    Action::IssueToken,
    Action::RevokeAllTokens,
    Action::GrantLogin,
    Action::EndHelpers,
    Action::CopyUuid,
    Action::CopyEmail,
];

/// What the menu offers for tokens.
const FOR_TOKENS: &[Action] = &[
    Action::RevokeTokens,
    Action::ChangeExpiry,
    Action::ListExactly,
    Action::RevokeAllTokens,
    Action::IssueToken,
    Action::EndHelpers,
    Action::CopyUuid,
];

/// What the menu offers for VM logins.
const FOR_LOGINS: &[Action] =
    &[Action::EditLogin, Action::RevokeLogins, Action::GrantLogin, Action::VmLogins, Action::CopyUuid];

/// What the menu offers where the keyboard is.
pub(super) fn actions(world: &World) -> &'static [Action] {
    match (world.focus, world.details.tab) {
        (Focus::Users, _) => FOR_USERS,
        (Focus::Details, Tab::Tokens) => FOR_TOKENS,
        (Focus::Details, Tab::Logins) => FOR_LOGINS,
    }
}

/// The actions for the row under the cursor, or for what is marked.
#[derive(Debug)]
pub struct MenuDialog {
    title: String,
    offers: Vec<Offer>,
    cursor: ListCursor,
}

impl MenuDialog {
    /// For what is chosen now.
    pub fn open(world: &World) -> Self {
        let title = match (world.focus, world.details.tab) {
            (Focus::Users, _) => users(world),
            (Focus::Details, Tab::Tokens) => {
                let tokens = world.chosen_tokens();
                chosen(tokens.ids.len(), tokens.source, "token", "tokens", world)
            }
            (Focus::Details, Tab::Logins) => {
                let logins = world.chosen_logins();
                chosen(logins.ids.len(), logins.source, "VM login", "VM logins", world)
            }
        };
        Self { title, offers: offers(actions(world), world), cursor: ListCursor::default() }
    }

    /// For which row or marks.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What is on offer.
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// The cursor.
    pub fn cursor(&self) -> ListCursor {
        self.cursor
    }

    /// The action under the cursor.
    pub fn chosen(&self) -> Option<&Offer> {
        self.offers.get(self.cursor.at())
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        let Message::Action(action) = message else { return Reaction::Ignored };
        if self.cursor.follow(action, self.offers.len(), ctx.viewport.overlay_rows) == Moved::Yes {
            return Reaction::Stay(Vec::new());
        }
        match action {
            Action::Back | Action::Menu => Reaction::Close(Vec::new()),
            Action::Open | Action::Submit => take(self.chosen(), world, ctx),
            // The key of an action works in its menu, too.
            _ => match self.offers.iter().find(|offer| offer.action == action) {
                Some(offer) => take(Some(offer), world, ctx),
                None => Reaction::Ignored,
            },
        }
    }
}

fn users(world: &World) -> String {
    let users = world.chosen_users();
    match (users.source, users.ids.as_slice()) {
        (ChosenBy::Marks, ids) => {
            let marked = count(ids.len(), "marked user", "marked users");
            match users.hidden {
                0 => marked,
                n => format!("{marked} ({n} hidden)"),
            }
        }
        (ChosenBy::Cursor, [one]) => world.user(*one).map_or_else(|| one.to_string(), User::display_name),
        (ChosenBy::Cursor, _) => "no user".to_owned(),
    }
}

fn chosen(n: usize, source: ChosenBy, one: &str, many: &str, world: &World) -> String {
    let whose = world.current_user().map(|user| format!(" of {}", user.display_name())).unwrap_or_default();
    match source {
        ChosenBy::Marks => {
            format!("{}{whose}", count(n, &format!("marked {one}"), &format!("marked {many}")))
        }
        ChosenBy::Cursor if n == 1 => format!("this {one}{whose}"),
        ChosenBy::Cursor => format!("no {one}"),
    }
}
