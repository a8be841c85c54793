//! What people own: projects, collections (some in the trash), and work that waits or runs.

use super::data::{Data, Stage};
use super::history::{History, shift};
use super::people::Member;
use crate::demo::moment::Moment;
use crate::demo::record::{Collection, Common, Container, ContainerRequest, Group, Token};
use crate::demo::uuid::{Kind, Uuid};
use jiff::SignedDuration;

const TRASH_LIFETIME: SignedDuration = SignedDuration::from_hours(14 * 24);

impl History<'_> {
    /// The projects and collections of a person's plan, or some by chance.
    pub fn give_data(&mut self, data: &Data, member: &Member<'_>) {
        let projects = match member.person.projects {
            Some(count) => count,
            None => [0, 0, 0, 0, 0, 1, 1, 1, 2, 3][self.chance.usize(..10)],
        };
        let mut names = data.institute.projects.clone();
        self.chance.shuffle(&mut names);
        for name in names.into_iter().take(projects) {
            let at = self.within(member, member.uuid);
            let uuid = self.uuid(Kind::Group);
            let common = Common::new(uuid, at).owned_by(member.uuid).made_by(member.uuid);
            self.add(Group::new(common, "project", name));
            for number in 1..=self.chance.usize(..3) {
                self.collection(data, member, uuid, number);
            }
        }
        let collections = match member.person.collections {
            Some(count) => count,
            None => [0, 0, 0, 0, 0, 1, 1, 2, 4, 7][self.chance.usize(..10)],
        };
        for number in 1..=collections {
            self.collection(data, member, member.uuid, number);
        }
        let trashed =
            if member.person.collections.is_none() && self.percent(6) { 1 } else { member.person.trashed };
        for number in 1..=trashed {
            let uuid = self.collection(data, member, member.uuid, collections + number);
            self.trash(uuid);
        }
    }

    fn collection(&mut self, data: &Data, member: &Member<'_>, owner: Uuid, number: usize) -> Uuid {
        let set = &data.institute.data[self.chance.usize(..data.institute.data.len())];
        let at = self.within(member, member.uuid);
        let uuid = self.uuid(Kind::Collection);
        let size = self.chance.i64(1_000..60_000_000);
        let common = Common::new(uuid, at).owned_by(owner).made_by(member.uuid);
        let mut collection = Collection::new(common, format!("{} {number:02}", set.name));
        collection.manifest_text = Some(format!(". {}+{size} 0:{size}:{}\n", self.hex(32), set.file));
        let manifest = collection.manifest_text.as_ref().map_or(0, String::len);
        collection.portable_data_hash = Some(format!("{}+{manifest}", self.hex(32)));
        collection.file_count = 1;
        collection.file_size_total = size;
        self.add(collection)
    }

    /// A few days ago at most, for the sweep would have emptied the trash else.
    fn trash(&mut self, collection: Uuid) {
        let Some(made) = self.store.collections.get(collection).map(|row| row.common.clone()) else { return };
        let days = self.chance.i64(0..10);
        let at = self.ago(days).max(self.soon_after(made.created_at));
        let by = self.admin_for(made.owner_uuid, at);
        self.change::<Collection>(collection, at, by, |row| {
            row.is_trashed = true;
            row.trash_at = Some(at);
            row.delete_at = Some(shift(at, TRASH_LIFETIME));
        });
    }

    /// The containers of a person's plan.
    pub fn give_work(&mut self, data: &Data, member: &Member<'_>) {
        for &stage in &member.person.containers {
            let work = &data.institute.work[self.chance.usize(..data.institute.work.len())];
            let asked = if stage == Stage::Complete { self.ago(3) } else { self.ago(0) };
            let uuid = self.uuid(Kind::Container);
            let request = self.uuid(Kind::ContainerRequest);
            let mut container = Container::new(Common::new(uuid, asked), Stage::Queued.name(), member.uuid);
            container.command.clone_from(&work.command);
            container.container_image = Some(format!("{}+{}", self.hex(32), self.chance.u32(200..400)));
            let mut wish = ContainerRequest::new(
                Common::new(request, asked).owned_by(member.uuid).made_by(member.uuid),
                work.name.as_str(),
                "Committed",
            );
            wish.container_uuid = Some(uuid);
            wish.command.clone_from(&container.command);
            wish.container_image.clone_from(&container.container_image);
            self.add(container);
            self.add(wish);
            self.go_on(stage, uuid, request, asked);
        }
    }

    /// Takes a queued container as far as `stage`.
    fn go_on(&mut self, stage: Stage, uuid: Uuid, request: Uuid, asked: Moment) {
        let system = Uuid::system_user();
        if stage == Stage::Queued {
            return;
        }
        let Some(user) = self.store.containers.get(uuid).and_then(|row| row.runtime_user_uuid) else {
            return;
        };
        let locked = self.soon_after(asked);
        let auth = self.container_token(user, locked);
        self.change::<Container>(uuid, locked, system, |row| {
            row.state = Stage::Locked.name().into();
            row.auth_uuid = Some(auth);
            row.locked_by_uuid = Some(Uuid::system_token());
        });
        if stage == Stage::Locked {
            return;
        }
        let started = self.soon_after(locked);
        self.change::<Container>(uuid, started, system, |row| {
            row.state = Stage::Running.name().into();
            row.started_at = Some(started);
        });
        if stage == Stage::Running {
            return;
        }
        let finished = self.soon_after(started);
        self.change::<Container>(uuid, finished, system, |row| {
            row.state = Stage::Complete.name().into();
            row.auth_uuid = None;
            row.locked_by_uuid = None;
            row.priority = 0;
            row.finished_at = Some(finished);
            row.exit_code = Some(0);
        });
        self.delete::<Token>(auth, finished, system);
        self.change::<ContainerRequest>(request, finished, system, |row| {
            row.state = "Final".into();
            row.priority = 0;
        });
    }
}
