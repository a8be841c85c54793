//! What is read of the cluster, and when: the details follow the cursor of the list.

use crate::app::ctx::{Arrangement, Ctx};
use crate::app::details::{Need, Tab};
use crate::app::effect::Effect;
use crate::app::listing::{Terms, Width};
use crate::app::notices::Tone;
use crate::app::sort::Sort;
use crate::app::world::{Focus, World};
use crate::model::ids::UserUuid;
use crate::model::session::Session;
use crate::model::user_page::Federation;
use crate::ops::Mode;

impl World {
    /// Sorts the users; the cursor stays on its user.
    pub fn sort_users(&mut self, sort: Sort, ctx: &Ctx) {
        self.users.sort(sort, ctx.viewport.user_rows);
    }

    /// Goes to a user in the list, and shows the user's tokens.
    pub fn go_to_user(&mut self, user: UserUuid, ctx: &Ctx) -> Vec<Effect> {
        if !self.users.go_to(user, ctx.viewport.user_rows) {
            return vec![self.say(Tone::Info, "this user is not in the list (yet)", ctx)];
        }
        self.show_tab(Tab::Tokens, ctx)
    }

    /// Goes to a list of the user under the cursor.
    pub(super) fn show_tab(&mut self, tab: Tab, ctx: &Ctx) -> Vec<Effect> {
        self.users.end_filter();
        let mut effects = self.details.show(self.users.cursor().id());
        self.focus = Focus::Details;
        self.details.tab = tab;
        effects.extend(self.read_details(Need::IfOld, ctx));
        effects
    }

    /// Lets the details follow the cursor: at once where they have the keyboard, else when it rests; not at
    /// all while they can't be seen.
    pub(super) fn follow(&mut self, ctx: &Ctx) -> Vec<Effect> {
        let under_cursor = self.users.cursor().id();
        let shown = self.details.current().map(|details| details.user);
        let mut effects = self.details.show(under_cursor);
        let moved = shown != under_cursor;
        // The keyboard must not come to act on another user's tokens because the one looked at is gone.
        if moved && self.focus == Focus::Details {
            self.focus = Focus::Users;
            self.warn(Tone::Warning, "the user that was shown is no longer there", ctx);
        }
        if moved && self.details_visible(ctx) {
            effects.extend(self.details.rest(&mut self.tasks));
        }
        effects
    }

    pub(super) fn details_visible(&self, ctx: &Ctx) -> bool {
        self.focus == Focus::Details || ctx.viewport.arrangement == Arrangement::SideBySide
    }

    /// The terminal has another size: what can be seen now may have to be read.
    pub(super) fn resized(&mut self, ctx: &Ctx) -> Vec<Effect> {
        self.users.reflow(ctx.viewport.user_rows);
        self.details.reflow(ctx.viewport.detail_rows);
        let visible = self.details_visible(ctx);
        visible.then(|| self.details.rest(&mut self.tasks)).flatten().into_iter().collect()
    }

    /// The cursor has rested: reads what is missing of its user.
    pub(super) fn read_details(&mut self, need: Need, ctx: &Ctx) -> Vec<Effect> {
        match self.session.value() {
            Some(session) => self.details.read(need, session, &mut self.tasks, ctx.now),
            None => Vec::new(),
        }
    }

    /// Reads all users.
    pub(super) fn read_users(&mut self, ctx: &Ctx) -> Vec<Effect> {
        match self.session.value() {
            Some(session) => self.users.read(terms(session, self.launch.mode), &mut self.tasks, ctx.now),
            None => Vec::new(),
        }
    }
}

/// How the list of users may be asked for (api.md v26).
fn terms(session: &Session, mode: Mode) -> Terms {
    let (federation, width) = match (session.is_satellite(), mode) {
        (false, _) => (Federation::Ask, Width::Four),
        (true, Mode::ReadWrite) => (Federation::Ask, Width::One),
        (true, Mode::ReadOnly) => (Federation::Bypass, Width::One),
    };
    Terms { cluster: session.cluster.id, max_items: session.cluster.max_items, federation, width }
}
