//! One case for each thing that can be wanted: what it needs to be there, and how to see that it is done.

use super::Truth;
use crate::world::{World, carry_out};
use arv_admin::model::ids::{UserUuid, VmUuid};
use arv_admin::model::token::{Expiry, Scopes};
use arv_admin::model::user::{Notify, UserRole};
use arv_admin::model::vm::UnixGroup;
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::intent::{self, Activation, Chosen, Intent, Leaving};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::rights::RightKind;
use arv_admin::ops::step::Target;
use arv_admin::secret::Secret;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde_json::{Value, json};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

/// Whether a target is as wanted.
type IsDone = Box<dyn Fn(&Truth, &Target) -> bool>;

/// Something that is wanted, on a cluster where it can be had.
pub struct Case {
    pub cluster: Cluster,
    pub intent: Intent,
    pub is_done: IsDone,
}

/// What can be wanted, each on every route that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    SetUp,
    SetUpAndActivate,
    Activate,
    Deactivate,
    Suspend,
    Resume,
    MakeAdmin,
    UnmakeAdmin,
    ReassignLeaver,
    ReassignActive,
    IssueToken,
    ChangeExpiry,
    ChangeOwnExpiry,
    RevokeTokens,
    RevokeOwnToken,
    RevokeByItself,
    RevokeAll,
    RevokeAllAsRoot,
    ListExactly,
    GrantNewLogin,
    GrantOldLogin,
    EditLogin,
    RevokeLogin,
}

impl Wanted {
    pub const ACCOUNTS: &[Self] = &[
        Self::SetUp,
        Self::SetUpAndActivate,
        Self::Activate,
        Self::Deactivate,
        Self::Suspend,
        Self::Resume,
        Self::MakeAdmin,
        Self::UnmakeAdmin,
    ];
    pub const HANDOVERS: &[Self] = &[Self::ReassignLeaver, Self::ReassignActive];
    pub const TOKENS: &[Self] = &[
        Self::IssueToken,
        Self::ChangeExpiry,
        Self::ChangeOwnExpiry,
        Self::RevokeTokens,
        Self::RevokeOwnToken,
        Self::RevokeByItself,
        Self::RevokeAll,
        Self::RevokeAllAsRoot,
        Self::ListExactly,
    ];
    pub const LOGINS: &[Self] =
        &[Self::GrantNewLogin, Self::GrantOldLogin, Self::EditLogin, Self::RevokeLogin];

    /// Furnishes a cluster for it.
    pub fn prepare(self, world: &World) -> LocalBoxFuture<'_, Case> {
        self.case(world).boxed_local()
    }

    async fn case(self, world: &World) -> Case {
        let cluster = match self {
            Self::RevokeAllAsRoot => world.root().await,
            _ => world.admin().await,
        };
        let (intent, is_done) = match self {
            Self::SetUp
            | Self::SetUpAndActivate
            | Self::Activate
            | Self::Deactivate
            | Self::Suspend
            | Self::Resume
            | Self::MakeAdmin
            | Self::UnmakeAdmin => account(self, world, &cluster).await,
            Self::ReassignLeaver => handover(world, &cluster, Leaving::Leaves).await,
            Self::ReassignActive => handover(world, &cluster, Leaving::Stays).await,
            Self::GrantNewLogin | Self::GrantOldLogin | Self::EditLogin | Self::RevokeLogin => {
                login(self, world).await
            }
            _ => token(self, world, &cluster).await,
        };
        Case { cluster, intent, is_done }
    }
}

async fn account(wanted: Wanted, world: &World, cluster: &Cluster) -> (Intent, IsDone) {
    let vm: VmUuid = world.vm("shell.example").await;
    let active = !matches!(wanted, Wanted::SetUp | Wanted::SetUpAndActivate | Wanted::Activate);
    let admin = matches!(wanted, Wanted::Suspend | Wanted::UnmakeAdmin);
    let rosa = world
        .user_with(json!({
            "email": "rosa@example.org", "username": "rosa", "is_active": active, "is_admin": admin,
        }))
        .await;
    let users = vec![rosa];
    let is = |flags: [(&'static str, bool); 2]| -> IsDone {
        Box::new(move |truth, _| flags.iter().all(|(flag, wanted)| truth.flag(rosa, flag) == *wanted))
    };
    let set_up = |activation| {
        Intent::SetUp(intent::SetUp { users: vec![rosa], vm: Some(vm), notify: Notify::Silently, activation })
    };
    match wanted {
        Wanted::SetUp => (
            set_up(Activation::Later),
            Box::new(move |truth, _| truth.flag(rosa, "is_invited") && truth.links(rosa, vm).count() == 1),
        ),
        Wanted::SetUpAndActivate => (
            set_up(Activation::Now),
            Box::new(move |truth, _| truth.flag(rosa, "is_active") && truth.links(rosa, vm).count() == 1),
        ),
        Wanted::Activate => {
            (Intent::Activate(intent::Activate { users }), is([("is_active", true), ("is_invited", true)]))
        }
        Wanted::Deactivate => {
            world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": [] })).await;
            let key = json!({
                "name": "laptop", "owner_uuid": rosa, "authorized_user_uuid": rosa, "key_type": "SSH",
                "public_key": KEY,
            });
            world.ask("POST", "authorized_keys", json!({ "authorized_key": key })).await;
            world.token(rosa).await;
            (
                Intent::Deactivate(intent::Deactivate { users }),
                Box::new(move |truth, _| {
                    !truth.flag(rosa, "is_active")
                        && truth.tokens_of(rosa).count() == 0
                        && truth.links(rosa, vm).count() == 0
                }),
            )
        }
        Wanted::Suspend => (
            Intent::Suspend(intent::Suspend { users }),
            Box::new(move |truth, _| {
                ["is_active", "is_invited", "is_admin"].iter().all(|flag| !truth.flag(rosa, flag))
            }),
        ),
        Wanted::Resume => {
            carry_out(cluster, Intent::Suspend(intent::Suspend { users: users.clone() })).await;
            (Intent::Resume(intent::Resume { users }), is([("is_active", true), ("is_invited", true)]))
        }
        Wanted::MakeAdmin => (
            Intent::SetRole(intent::SetRole { users, role: UserRole::Admin }),
            is([("is_admin", true), ("is_active", true)]),
        ),
        _ => (
            Intent::SetRole(intent::SetRole { users, role: UserRole::Plain }),
            is([("is_admin", false), ("is_active", true)]),
        ),
    }
}

async fn handover(world: &World, cluster: &Cluster, leaving: Leaving) -> (Intent, IsDone) {
    let (olaf, nina) = (world.user("olaf").await, world.user("nina").await);
    let role = world.role("lab").await;
    world.link(olaf, "can_manage", role.clone(), json!({})).await;
    world.project(olaf, "measurements").await;
    world.token(olaf).await;
    let Outcome::Rights(rights) = Read::Rights(olaf).run(cluster).await.unwrap() else { panic!("no rights") };
    let regrant = match leaving {
        Leaving::Leaves => {
            rights.iter().filter(|right| right.kind != RightKind::Login).map(|right| right.link).collect()
        }
        Leaving::Stays => Vec::new(),
    };
    let intent = Intent::Reassign(intent::Reassign { from: olaf, to: nina, project: None, leaving, regrant });
    let is_done = move |truth: &Truth, _: &Target| {
        let owned = |by: &str| truth.groups.iter().filter(|group| group["owner_uuid"] == by).count();
        let moved = owned(olaf.as_str()) == 0 && owned(nina.as_str()) == 1;
        let settled = match leaving {
            Leaving::Leaves => !truth.flag(olaf, "is_active"),
            // The merge took it out of All users.
            Leaving::Stays => truth.links(olaf, "zzzzz-j7d0g-fffffffffffffff").count() == 1,
        };
        moved && settled && truth.links(nina, &role).count() == 1
    };
    (intent, Box::new(is_done))
}

async fn token(wanted: Wanted, world: &World, cluster: &Cluster) -> (Intent, IsDone) {
    let rosa = world.user("rosa").await;
    let me = cluster.session.my_uuid();
    let of_rosa = world.tokens(rosa, 2).await;
    let mine = world.token(me).await.uuid;
    let end = "2027-01-01T00:00:00Z".parse().unwrap();
    let ends = || -> IsDone {
        Box::new(|truth, target| {
            let Target::Token(uuid) = target else { panic!("{target:?} is no token") };
            let end = truth.token(uuid).and_then(|token| token["expires_at"].as_str());
            end.is_some_and(|end| end.starts_with("2027-01-01"))
        })
    };
    let gone = || -> IsDone {
        Box::new(move |truth, target| match target {
            Target::Token(uuid) => truth.token(uuid).is_none(),
            _ => truth.tokens_of(rosa).count() == 0,
        })
    };
    let revoke = |tokens, secret| {
        Intent::RevokeTokens(intent::RevokeTokens { tokens, chosen: Chosen::ByUuid, secret })
    };
    let change = |tokens| Intent::ChangeExpiry(intent::ChangeExpiry { tokens, expiry: Expiry::At(end) });
    match wanted {
        Wanted::IssueToken => (
            Intent::IssueToken(intent::IssueToken {
                owner: rosa,
                expiry: Expiry::At(end),
                scopes: Scopes::All,
            }),
            Box::new(move |truth, _| truth.tokens_of(rosa).count() > 2),
        ),
        Wanted::ChangeExpiry => (change(of_rosa), ends()),
        Wanted::ChangeOwnExpiry => (change(vec![mine]), ends()),
        Wanted::RevokeTokens => (revoke(of_rosa, None), gone()),
        Wanted::RevokeOwnToken => (revoke(vec![mine], None), gone()),
        Wanted::RevokeByItself => {
            let held = world.token(rosa).await;
            (revoke(vec![held.uuid], Some(Secret::new(held.v2))), gone())
        }
        Wanted::RevokeAll | Wanted::RevokeAllAsRoot => {
            (Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] }), gone())
        }
        _ => (
            Intent::ListExactly(intent::ListExactly { owner: rosa }),
            Box::new(move |truth, _| truth.tokens_of(rosa).count() > 0),
        ),
    }
}

async fn login(wanted: Wanted, world: &World) -> (Intent, IsDone) {
    let rosa: UserUuid = world.user("rosa").await;
    let vm: VmUuid = world.vm("shell.example").await;
    let docker: UnixGroup = "docker".parse().unwrap();
    let properties = json!({ "username": "rosa", "groups": [] });
    let mut links = Vec::new();
    let times = match wanted {
        Wanted::GrantNewLogin => 0,
        Wanted::EditLogin => 2,
        _ => 1,
    };
    for _ in 0..times {
        links.push(world.link(rosa, "can_login", vm, properties.clone()).await);
    }
    let with_docker = move |truth: &Truth, _: &Target| {
        let groups: Vec<&Value> = truth.links(rosa, vm).map(|link| &link["properties"]["groups"]).collect();
        groups == [&json!(["docker"])]
    };
    match wanted {
        Wanted::EditLogin => {
            (Intent::EditLogins(intent::EditLogins { links, groups: vec![docker] }), Box::new(with_docker))
        }
        Wanted::RevokeLogin => (
            Intent::RevokeLogins(intent::RevokeLogins { links }),
            Box::new(move |truth, _| truth.links(rosa, vm).count() == 0),
        ),
        _ => {
            let users = vec![rosa];
            (
                Intent::GrantLogin(intent::GrantLogin { users, vm, login_name: None, groups: vec![docker] }),
                Box::new(with_docker),
            )
        }
    }
}
