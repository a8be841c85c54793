//! Role groups and who is in them.

use super::data::{Data, Level, RoleGroup};
use super::history::History;
use super::people::Member;
use crate::demo::moment::Moment;
use crate::demo::record::{Common, Group, Link};
use crate::demo::uuid::{Kind, Uuid};

/// A role group as the seed needs it while people join.
pub struct Role<'d> {
    pub uuid: Uuid,
    pub plan: &'d RoleGroup,
}

impl History<'_> {
    /// Makes the role groups; `admin` made them, and so manages them.
    pub fn found_groups<'d>(&mut self, data: &'d Data, admin: Uuid) -> Vec<Role<'d>> {
        let mut roles = Vec::new();
        let latest = data.institute.founded_days_ago - 20;
        for plan in &data.institute.groups {
            let days = self.chance.i64(latest - 60..latest);
            let at = self.ago(days);
            let uuid = self.uuid(Kind::Group);
            let mut group = Group::new(Common::new(uuid, at).made_by(admin), "role", plan.name.as_str());
            group.description = Some(plan.about.clone());
            self.add(group);
            self.permission(admin, Level::Manage, uuid, (at, admin));
            roles.push(Role { uuid, plan });
        }
        roles
    }

    /// The memberships of a person's plan, or some by chance.
    pub fn join_groups(&mut self, roles: &[Role<'_>], member: &Member<'_>) {
        for role in roles {
            let level = match &member.person.groups {
                Some(groups) => groups.get(&role.plan.name).copied(),
                None => self.percent(role.plan.share).then(|| self.level_by_chance()),
            };
            let Some(level) = level else { continue };
            let at = self.within(member, role.uuid);
            let by = self.admin_for(member.uuid, at);
            self.permission(member.uuid, level, role.uuid, (at, by));
            if role.plan.mutual {
                self.permission(role.uuid, Level::Read, member.uuid, (at, by));
            }
        }
    }

    pub fn level_by_chance(&mut self) -> Level {
        match self.chance.u32(..100) {
            0..55 => Level::Read,
            55..93 => Level::Write,
            _ => Level::Manage,
        }
    }

    /// A permission link, made at a time by somebody. Repeats none that is there, as the server does not.
    pub fn permission(&mut self, tail: Uuid, level: Level, head: Uuid, (at, by): (Moment, Uuid)) {
        let there = tail.kind() == Some(Kind::User)
            && self.store.links.by("tail_uuid", tail).any(|l| l.head_uuid == Some(head));
        if !there {
            let uuid = self.uuid(Kind::Link);
            self.add(Link::permission(Common::new(uuid, at).made_by(by), tail, level.name(), head));
        }
    }
}
