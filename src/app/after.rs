//! After a change: what it touched is not what was read before, so it is read again.

use crate::app::ctx::Ctx;
use crate::app::details::Need;
use crate::app::effect::Effect;
use crate::app::world::World;
use crate::model::ids::UserUuid;
use crate::ops::engine::act::{Takes, Touches};
use crate::ops::intent::Intent;
use crate::ops::read::Read;
use crate::ops::report::{ApplyReport, Item, Product};
use crate::ops::step::Target;
use crate::ops::words::user_of;
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
        let users: BTreeSet<UserUuid> = intent.users().into_iter().collect();
        match intent.touches() {
            Touches::Records => Self { records: users.clone(), belongings: users },
            Touches::Belongings => Self { belongings: users, ..Self::default() },
            // What these are about is named by the report's items; a list changes nothing.
            Touches::ItsItems | Touches::Nothing => Self::default(),
        }
    }

    fn and_of(mut self, report: &ApplyReport) -> Self {
        for item in &report.items {
            match &item.target {
                Target::User(user) | Target::Login { user, .. } => {
                    if report.intent.touches() != Touches::Nothing {
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

impl World {
    /// Reads again what an application touched, and shows the list that it made.
    pub fn after_applied(&mut self, report: &ApplyReport, ctx: &Ctx) -> Vec<Effect> {
        let done: Vec<&Target> =
            report.items.iter().filter(|item| !item.result.is_trouble()).map(|item| &item.target).collect();
        // Of whom all is as wanted, whether that was said of them or of their tokens and logins.
        let whose = |item: &Item| user_of(&item.target, &report.names);
        let mut users: BTreeSet<UserUuid> = report.intent.users().into_iter().collect();
        users.retain(|user| {
            let mut items = report.items.iter().filter(|item| whose(item) == Some(*user)).peekable();
            items.peek().is_some() && items.all(|item| !item.result.is_trouble())
        });
        // A mark that goes with what was done is no surprise to anybody.
        self.details.unmark(&done);
        match report.intent.takes() {
            Takes::Nothing => {}
            Takes::Tokens => self.details.unmark_tokens_of(&users),
            Takes::All => self.details.unmark_all_of(&users),
        }
        self.users.unmark(&users, ctx.viewport.user_rows);
        let mut effects = self.read_touched(Touched::by(&report.intent).and_of(report), &report.intent, ctx);
        if let Some(Product::List(list)) = &report.brought {
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
        let on_shown = intent.touches() == Touches::ItsItems;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::Action;
    use crate::app::state::State;
    use crate::app::testing::{answer, ctx, people, press, session, uuid, with_users};
    use crate::model::token::{Token, TokenList, TokenSource};
    use crate::ops::intent::{self, Chosen};
    use crate::ops::plan::Names;
    use crate::ops::read::Outcome;
    use crate::ops::report::{Ended, ItemResult};

    fn report(intent: Intent, targets: &[Target]) -> ApplyReport {
        let item = |target: &Target| Item { target: target.clone(), result: ItemResult::Done };
        ApplyReport {
            intent,
            batch: "b".to_owned(),
            items: targets.iter().map(item).collect(),
            notes: Vec::new(),
            ended: Ended::Completed,
            names: Names::default(),
            brought: None,
        }
    }

    fn reads(effects: &[Effect]) -> Vec<&Read> {
        effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Fetch { read, .. } => Some(read),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn after_users_are_deactivated_they_and_what_is_shown_of_them_are_read_again() {
        let mut state = with_users(people(3));
        let intent = Intent::Deactivate(intent::Deactivate { users: vec![uuid(1), uuid(2)] });
        let effects = state.world.after_applied(&report(intent, &[Target::User(uuid(1))]), &ctx());
        let expected = [
            &Read::UsersAgain(vec![uuid(1), uuid(2)]),
            &Read::Summary(uuid(1)),
            &Read::Tokens(uuid(1)),
            &Read::Logins(uuid(1)),
        ];
        assert_eq!(reads(&effects), expected);
    }

    #[test]
    fn what_was_seen_before_a_change_does_not_come_back_after_it() {
        let mut state = with_users(people(3));
        let asked = press(&mut state, Action::Open);
        let under_way = reads(&asked).len();
        let intent = Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![uuid(1)] });
        let effects = state.world.after_applied(&report(intent, &[]), &ctx());
        let given_up = effects.iter().filter(|effect| matches!(effect, Effect::Cancel(_))).count();
        assert_eq!((under_way, given_up, reads(&effects).len()), (3, 3, 3));
    }

    #[test]
    fn a_change_of_ones_own_account_asks_again_who_one_is() {
        let mut state = with_users(people(1));
        let me = state.world.session.value().map(crate::model::session::Session::my_uuid).expect("a session");
        let intent =
            Intent::SetRole(intent::SetRole { users: vec![me], role: crate::model::user::UserRole::Plain });
        let effects = state.world.after_applied(&report(intent, &[]), &ctx());
        assert_eq!(reads(&effects), [&Read::Session]);
    }

    #[test]
    fn an_exact_list_is_shown_and_a_lesser_one_does_not_replace_it_by_itself() {
        let mut state = with_users(people(1));
        press(&mut state, Action::Open);
        let list = TokenList::new(uuid(1), Vec::new(), TokenSource::Server);
        let mut made =
            report(Intent::ListExactly(intent::ListExactly { owner: uuid(1) }), &[Target::User(uuid(1))]);
        made.brought = Some(Product::List(list));
        let effects = state.world.after_applied(&made, &ctx());
        assert!(matches!(effects[..], [Effect::Cancel(_)]), "the lesser one under way is given up");
        let source =
            state.world.details.current().and_then(|details| details.tokens.value()).map(|list| list.source);
        assert_eq!(source, Some(TokenSource::Server));
    }

    #[test]
    fn a_mark_goes_with_the_last_token_of_its_user_and_stays_where_one_could_not_be_revoked() {
        let mut state = with_users(people(3));
        press(&mut state, Action::MarkAll);
        let users = vec![uuid(1), uuid(2), uuid(3)];
        let intent = Intent::RevokeAllOf(intent::RevokeAllOf { users });
        let of = |number: u32| Target::Token(token(number).uuid);
        let mut made = report(intent, &[of(1), of(2), of(3), Target::User(uuid(3))]);
        let owners = [(1, 1), (2, 1), (3, 2)].map(|(number, user)| (token(number).uuid, uuid(user)));
        made.names.owners.extend(owners);
        made.items[1].result = ItemResult::NotStarted;
        state.world.after_applied(&made, &ctx());
        let marks: Vec<_> = state.world.users.marks().iter().collect();
        assert_eq!(marks, [uuid(1)]);
    }

    #[test]
    fn what_was_just_revoked_is_not_said_to_be_no_longer_there() {
        let mut state = with_users(people(1));
        let tokens: Vec<Token> = [1, 2, 3].map(token).into();
        let read = |state: &mut State, effects: &[Effect], rows: &[Token]| {
            let task = effects.iter().find_map(|effect| match effect {
                Effect::Fetch { task, read: Read::Tokens(_) } => Some(*task),
                _ => None,
            });
            let list = TokenList::new(uuid(1), rows.to_vec(), TokenSource::Server);
            answer(state, task.expect("tokens are read"), Outcome::Tokens(list));
        };
        let revoked = |rows: &[Token]| {
            let targets: Vec<Target> = rows.iter().map(|token| Target::Token(token.uuid)).collect();
            let tokens = rows.iter().map(|token| token.uuid).collect();
            report(
                Intent::RevokeTokens(intent::RevokeTokens { tokens, chosen: Chosen::FromList, secret: None }),
                &targets,
            )
        };
        let effects = press(&mut state, Action::Open);
        read(&mut state, &effects, &tokens);
        press(&mut state, Action::MarkAll);
        let effects = state.world.after_applied(&revoked(&tokens[..2]), &ctx());
        read(&mut state, &effects, &tokens[2..]);
        assert_eq!(state.world.notices.shown().map(|notice| notice.text.clone()), None);
        let marked = state.world.details.current().map(|details| details.tokens.picks().marks().len());
        assert_eq!(marked, Some(1), "what is not done is marked still");
        let effects = state.world.after_applied(&revoked(&[]), &ctx());
        read(&mut state, &effects, &[]);
        let said = state.world.notices.shown().map(|notice| notice.text.clone()).unwrap_or_default();
        assert_eq!(
            said, "1 marked row is no longer there: the marks are dropped",
            "of what others did it is said"
        );
    }

    fn token(number: u32) -> Token {
        Token {
            uuid: format!("zzzzz-gj3su-{number:015}").parse().expect("a token"),
            owner: uuid(1),
            scopes: session().token.scopes,
            created_at: None,
            expiry: session().token.expiry,
            origin: session().token.origin,
        }
    }
}
