//! Shell nodes, the logins on them, and SSH keys.

use super::data::{Data, Login};
use super::history::History;
use super::people::Member;
use crate::demo::moment::Moment;
use crate::demo::record::{AuthorizedKey, Common, Json, Link, VirtualMachine};
use crate::demo::uuid::{Kind, Uuid};
use serde_json::json;
use ssh_key::PublicKey;
use ssh_key::public::{Ed25519PublicKey, KeyData};

const KEY_NAMES: &[&str] = &["laptop", "workstation", "office", "home", "old laptop", "yubikey"];

impl History<'_> {
    pub fn set_up_vms(&mut self, data: &Data) {
        let founded = data.institute.founded_days_ago;
        for (order, vm) in (0_i64..).zip(&data.institute.vms) {
            let at = self.ago(founded - 1 - 9 * order);
            let uuid = self.uuid(Kind::VirtualMachine);
            let hostname = Some(format!("{vm}.{}", data.institute.domain));
            self.add(VirtualMachine { common: Common::new(uuid, at), hostname });
        }
    }

    /// The VM of that host name, with or without its domain.
    fn vm(&self, host: &str) -> Option<Uuid> {
        self.store
            .virtual_machines
            .iter()
            .find(|vm| {
                vm.hostname
                    .as_deref()
                    .is_some_and(|full| full.split('.').next() == Some(host) || full == host)
            })
            .map(|vm| vm.common.uuid)
    }

    /// The logins of a person's plan, or some by chance.
    pub fn give_logins(&mut self, data: &Data, member: &Member<'_>) {
        let logins = match &member.person.logins {
            Some(logins) => logins.clone(),
            None => self.logins_by_chance(data),
        };
        for login in logins {
            let Some(vm) = self.vm(&login.vm) else { continue };
            let Some(name) = login.name.as_ref().or(member.person.username.as_ref()) else { continue };
            let at = self.within(member, vm);
            let by = self.admin_for(member.uuid, at);
            self.login(member.uuid, vm, name, &login.groups, (at, by));
        }
    }

    fn logins_by_chance(&mut self, data: &Data) -> Vec<Login> {
        let count = [0, 0, 0, 0, 1, 1, 1, 1, 2, 3][self.chance.usize(..10)];
        let mut vms = data.institute.vms.clone();
        self.chance.shuffle(&mut vms);
        vms.truncate(count);
        let mut logins = Vec::new();
        for vm in vms {
            let groups = match self.chance.u32(..100) {
                0..45 => vec!["docker".to_owned()],
                45..52 => vec!["docker".to_owned(), "fuse".to_owned()],
                _ => Vec::new(),
            };
            logins.push(Login { vm, name: None, groups });
        }
        logins
    }

    /// One `can_login` link, made at a time by somebody.
    pub fn login(
        &mut self,
        user: Uuid,
        vm: Uuid,
        name: &str,
        groups: &[String],
        (at, by): (Moment, Uuid),
    ) -> Uuid {
        let uuid = self.uuid(Kind::Link);
        let mut link = Link::permission(Common::new(uuid, at).made_by(by), user, "can_login", vm);
        link.properties =
            Json::from_iter([("username".to_owned(), json!(name)), ("groups".to_owned(), json!(groups))]);
        self.add(link)
    }

    /// The keys of a person's plan, or some by chance.
    pub fn give_keys(&mut self, member: &Member<'_>) {
        let count = match member.person.keys {
            Some(count) => count,
            None => [0, 0, 0, 1, 1, 1, 1, 1, 2, 3][self.chance.usize(..10)],
        };
        let owner =
            member.person.key_owner.as_deref().and_then(|name| self.named(name)).unwrap_or(member.uuid);
        for _ in 0..count {
            let at = self.within(member, owner);
            self.key(member.uuid, owner, at, member.person.username.as_deref().unwrap_or("user"));
        }
    }

    /// An ed25519 key that lets `user` in.
    pub fn key(&mut self, user: Uuid, owner: Uuid, at: Moment, who: &str) {
        let mut bytes = [0; Ed25519PublicKey::BYTE_SIZE];
        self.chance.fill(&mut bytes);
        let place = KEY_NAMES[self.chance.usize(..KEY_NAMES.len())];
        let comment = format!("{who}@{}", place.replace(' ', "-"));
        let key = PublicKey::new(KeyData::Ed25519(Ed25519PublicKey(bytes)), comment);
        let uuid = self.uuid(Kind::AuthorizedKey);
        self.add(AuthorizedKey {
            common: Common::new(uuid, at).owned_by(owner).made_by(owner),
            name: Some(place.to_owned()),
            key_type: Some("SSH".to_owned()),
            authorized_user_uuid: Some(user),
            public_key: key.to_openssh().ok(),
            expires_at: None,
        });
    }
}
