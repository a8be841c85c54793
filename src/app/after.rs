//! After a change: what it touched is not what was read before, so it is read again.

use crate::app::ctx::Ctx;
use crate::app::details::Need;
use crate::app::effect::Effect;
use crate::app::state::State;
use crate::model::ids::UserUuid;
use crate::ops::intent::Intent;
use crate::ops::read::Read;
use crate::ops::report::ApplyReport;
use crate::ops::step::Target;
use std::collections::BTreeSet;

/// What an application left to be read again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Touched {
    /// Users whose records may have changed.
    records: BTreeSet<UserUuid>,
    /// Users whose tokens, logins or other things may have changed.
    belongings: BTreeSet<UserUuid>,
}

impl Touched {
    /// What the intent is about.
    fn by(intent: &Intent) -> Self {
        let mut touched = Self::default();
        match intent {
            Intent::SetUp { users, .. }
            | Intent::Activate { users }
            | Intent::Deactivate { users }
            | Intent::Suspend { users }
            | Intent::Resume { users }
            | Intent::SetRole { users, .. } => touched.records.extend(users),
            Intent::Reassign { from, to, .. } => touched.records.extend([*from, *to]),
            Intent::RevokeAllOf { users } | Intent::GrantLogin { users, .. } => {
                touched.belongings.extend(users);
            }
            Intent::IssueToken { owner, .. } => touched.belongings.extend([*owner]),
            // What these are about is named by the report's items; a list changes nothing.
            Intent::ListExactly { .. }
            | Intent::ChangeExpiry { .. }
            | Intent::RevokeTokens { .. }
            | Intent::EditLogins { .. }
            | Intent::RevokeLogins { .. } => {}
        }
        let records: Vec<UserUuid> = touched.records.iter().copied().collect();
        touched.belongings.extend(records);
        touched
    }

    fn and_of(mut self, report: &ApplyReport) -> Self {
        for item in &report.items {
            match &item.target {
                Target::User(user) | Target::Login { user, .. } => {
                    if !matches!(report.intent, Intent::ListExactly { .. }) {
                        self.belongings.insert(*user);
                    }
                }
                Target::Token(token) => self.belongings.extend(report.names.owners.get(token)),
                Target::Link(_) => {}
            }
        }
        self
    }
}

impl State {
    /// Reads again what an application touched, and shows the list that it made.
    pub fn after_applied(&mut self, report: &ApplyReport, ctx: &Ctx) -> Vec<Effect> {
        let mut effects = self.read_touched(Touched::by(&report.intent).and_of(report), &report.intent, ctx);
        if let Some(list) = &report.listed {
            let task = self.tasks.new_task();
            effects.extend(self.details.take_exact(list.clone(), task, ctx.now, ctx.viewport.detail_rows));
        }
        effects
    }

    /// Reads again what an application touched of which no report came.
    pub(super) fn after_lost(&mut self, intent: &Intent, ctx: &Ctx) -> Vec<Effect> {
        self.read_touched(Touched::by(intent), intent, ctx)
    }

    fn read_touched(&mut self, touched: Touched, intent: &Intent, ctx: &Ctx) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Some(session) = self.session.value() else { return effects };
        let known = |uuid: &UserUuid| self.users.get(*uuid).is_some();
        let records: Vec<UserUuid> = touched.records.iter().copied().filter(known).collect();
        let myself = touched.records.contains(&session.my_uuid());
        effects.extend(self.users.read_again(records, &mut self.tasks));
        let belongings: Vec<UserUuid> = touched.belongings.iter().copied().collect();
        self.details.forget(&belongings);
        let shown = self.details.current().map(|details| details.user);
        // Whose logins are changed by their links is not said by the intent: it was the shown user's.
        let on_shown = matches!(
            intent,
            Intent::EditLogins { .. }
                | Intent::RevokeLogins { .. }
                | Intent::RevokeTokens { .. }
                | Intent::ChangeExpiry { .. }
        );
        if shown.is_some_and(|shown| on_shown || touched.belongings.contains(&shown)) {
            effects.extend(self.details.read(Need::Anew, session, &mut self.tasks, ctx.now));
        }
        if myself {
            let (task, fetch) = self.tasks.fetch(Read::Session);
            effects.extend(self.session.await_task(task).map(Effect::Cancel));
            effects.push(fetch);
        }
        effects
    }
}
