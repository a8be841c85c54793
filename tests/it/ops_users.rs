//! What is done to accounts: setup, activation, deactivation, suspension, the admin flag; what is refused,
//! what somebody else did meanwhile, and what happens when answers are lost.

use crate::world::{World, carry_out, carry_out_after, carry_out_watched, survey};
use arv_admin::arvados::writer::Mode;
use arv_admin::demo::record::{Common, Container};
use arv_admin::demo::uuid::{Kind, Uuid};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::{UserUuid, VmUuid};
use arv_admin::model::token::{Expiry, Scopes};
use arv_admin::model::user::{Notify, UserRole};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::find_token::Given;
use arv_admin::ops::intent::{self, Activation, Chosen, Intent};
use arv_admin::ops::journal::Journal;
use arv_admin::ops::plan::{Plan, TokenCount};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::{ApplyReport, ItemResult};
use arv_admin::ops::summary::Part;
use serde_json::{Value, json};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const OTHER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ";

impl World {
    async fn flags(&self, user: UserUuid) -> (bool, bool, bool) {
        let user = self.ask("GET", &format!("users/{user}"), Value::Null).await;
        let flag = |name: &str| user[name].as_bool().unwrap();
        (flag("is_active"), flag("is_invited"), flag("is_admin"))
    }

    async fn count(&self, resource: &str, filters: Value) -> u64 {
        let path = format!("{resource}?limit=0&count=exact&filters={filters}");
        self.ask("GET", &path, Value::Null).await["items_available"].as_u64().unwrap()
    }

    /// How many permissions a user has, its logins among them.
    pub async fn permissions(&self, user: UserUuid) -> u64 {
        self.count("links", json!([["link_class", "=", "permission"], ["tail_uuid", "=", user.as_str()]]))
            .await
    }

    async fn key(&self, owner: UserUuid, user: UserUuid, key: &str) {
        let attributes = json!({
            "name": "laptop", "owner_uuid": owner, "authorized_user_uuid": user,
            "key_type": "SSH", "public_key": key,
        });
        self.ask("POST", "authorized_keys", json!({ "authorized_key": attributes })).await;
    }

    /// An account with a token, a login, two groups and a key of its own.
    async fn furnished(&self, name: &str) -> (UserUuid, VmUuid) {
        let user = self.user(name).await;
        let vm: VmUuid = self.vm(&format!("shell.{name}.example")).await;
        self.link(user, "can_login", vm, json!({ "username": name, "groups": ["docker"] })).await;
        for group in ["lab", "library"] {
            let group = self.role(&format!("{group} of {name}")).await;
            self.link(user, "can_read", group, json!({})).await;
        }
        self.key(user, user, KEY).await;
        self.token(user).await;
        (user, vm)
    }
}

fn reasons(plan: &Plan) -> Vec<&str> {
    plan.refused().iter().map(|refusal| refusal.reason.as_str()).collect()
}

fn states(plan: &Plan) -> Vec<&str> {
    plan.unchanged().iter().map(|unchanged| unchanged.state.as_str()).collect()
}

fn notes(plan: &Plan) -> String {
    plan.notes().iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn only(report: &ApplyReport) -> &ItemResult {
    assert_eq!(report.items.len(), 1, "{report:?}");
    &report.items[0].result
}

fn failure(report: &ApplyReport) -> &str {
    match only(report) {
        ItemResult::Failed(failure) => &failure.reason,
        other => panic!("not failed: {other:?}"),
    }
}

fn set_up(user: UserUuid, vm: Option<VmUuid>, activation: Activation) -> Intent {
    Intent::SetUp(intent::SetUp { users: vec![user], vm, notify: Notify::Silently, activation })
}

#[tokio::test]
async fn setting_up_invites_makes_the_login_and_activates_if_wanted() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user_with(json!({ "email": "rosa@example.org", "username": "rosa" })).await;
    let vm: VmUuid = world.vm("shell.example").await;

    let report = carry_out(&admin, set_up(rosa, None, Activation::Later)).await;
    assert_eq!(*only(&report), ItemResult::Done);
    assert_eq!(world.flags(rosa).await, (false, true, false));
    let again = survey(&admin, set_up(rosa, None, Activation::Later)).await;
    assert_eq!(states(&again), ["already set up"]);

    let report = carry_out(&admin, set_up(rosa, Some(vm), Activation::Now)).await;
    assert_eq!(*only(&report), ItemResult::Done);
    assert_eq!(world.flags(rosa).await, (true, true, false));
    let login = json!([["name", "=", "can_login"], ["tail_uuid", "=", rosa.as_str()]]);
    assert_eq!(world.count("links", login).await, 1);
    let again = survey(&admin, set_up(rosa, Some(vm), Activation::Now)).await;
    assert_eq!(states(&again), ["already active, with this login"]);
    assert!(again.steps().is_empty());
}

#[tokio::test]
async fn setting_up_on_a_vm_that_is_not_there_changes_nothing() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user_with(json!({ "email": "rosa@example.org" })).await;
    let vm: VmUuid = "zzzzz-2x53u-000000000000000".parse().unwrap();
    let plan = survey(&admin, set_up(rosa, Some(vm), Activation::Later)).await;
    assert!(plan.steps().is_empty());
    assert_eq!(reasons(&plan), ["there is no VM zzzzz-2x53u-000000000000000"]);
}

#[tokio::test]
async fn activating_says_what_it_bypasses() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user_with(json!({ "email": "rosa@example.org" })).await;
    let intent = Intent::Activate(intent::Activate { users: vec![rosa] });
    let plan = survey(&admin, intent.clone()).await;
    assert!(notes(&plan).contains("agreements are bypassed"), "{}", notes(&plan));
    assert_eq!(*only(&carry_out(&admin, intent.clone()).await), ItemResult::Done);
    assert!(world.flags(rosa).await.0);
    assert_eq!(states(&survey(&admin, intent).await), ["already active"]);
}

#[tokio::test]
async fn deactivating_counts_what_goes_then_deletes_it_and_looks_again() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (rosa, vm) = world.furnished("rosa").await;
    let otto = world.user("otto").await;
    world.key(rosa, otto, OTHER_KEY).await;

    let intent = Intent::Deactivate(intent::Deactivate { users: vec![rosa] });
    let plan = survey(&admin, intent.clone()).await;
    let losses = plan.losses();
    assert_eq!(losses.logins, [(vm, "rosa".to_owned())]);
    assert_eq!((losses.memberships, losses.permissions), (2, 0));
    assert_eq!((losses.keys, losses.keys_of_others), (1, 1));
    assert_eq!(losses.tokens, TokenCount::AtMost(1));
    let said = notes(&plan);
    assert!(said.contains("shell.rosa.example stay"), "{said}");
    assert!(said.contains("that others use is deleted too") && said.contains("otto"), "{said}");
    assert!(said.contains("login-sync on a VM"), "{said}");
    world.demo.with_store(|store| store.settings.sync_user_api_tokens = false);
    let again = Cluster::connect(admin.client.clone(), String::new(), Mode::ReadWrite).await.unwrap();
    let said = notes(&survey(&again, intent.clone()).await);
    assert!(said.contains("can still be made afterwards by a login: look"), "{said}");
    let said = notes(&survey(&again, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await);
    assert!(said.contains("New tokens can still come") && !said.contains("login-sync makes one"), "{said}");

    let report = carry_out(&admin, intent.clone()).await;
    assert_eq!(*only(&report), ItemResult::Done);
    assert!(report.notes.iter().any(|note| note.text.starts_with("Checked by reading again")));
    assert_eq!(world.flags(rosa).await, (false, false, false));
    assert_eq!(world.permissions(rosa).await, 0);
    assert_eq!(world.alive(rosa).await, []);
    let plan = survey(&admin, intent).await;
    assert_eq!(states(&plan), ["already inactive, and by the audit log nothing is left to delete"]);
}

#[tokio::test]
async fn what_is_deleted_is_written_down_before() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (rosa, _) = world.furnished("rosa").await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.jsonl");
    let intent = Intent::Deactivate(intent::Deactivate { users: vec![rosa] });
    carry_out_watched(&admin, intent, &Journal::at(path.clone()), |_, _| {}).await;

    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0]["record"], "before");
    assert_eq!(lines[0]["before"]["links"].as_array().unwrap().len(), 4, "All users, a login, two groups");
    assert_eq!(lines[0]["before"]["keys"][0]["public_key"], KEY);
    assert_eq!(lines[0]["before"]["is_active"], true);
    assert_eq!(lines[1]["result"], "done");
    assert_eq!(lines[0]["batch"], lines[1]["batch"]);
}

#[tokio::test]
async fn nothing_is_deleted_that_could_not_be_written_down() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (rosa, _) = world.furnished("rosa").await;
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("state");
    let admin = admin.keeping(Journal::at(folder.join("journal.jsonl")));
    world.demo.clear_requests();
    for intent in [
        Intent::Deactivate(intent::Deactivate { users: vec![rosa] }),
        Intent::Suspend(intent::Suspend { users: vec![rosa] }),
        Intent::SetRole(intent::SetRole { users: vec![rosa], role: UserRole::Admin }),
        Intent::IssueToken(intent::IssueToken { owner: rosa, expiry: Expiry::Never, scopes: Scopes::All }),
    ] {
        // After the question something stands where its folder was to be.
        let report = carry_out_after(&admin, intent, async { std::fs::write(&folder, "").unwrap() }).await;
        assert!(failure(&report).contains("nothing was done"), "{}", failure(&report));
        std::fs::remove_file(&folder).unwrap();
    }
    assert_eq!(world.writes(), []);
    assert_eq!(world.flags(rosa).await, (true, true, false));
}

#[tokio::test]
async fn what_must_not_be_done_is_refused_with_the_reason() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let me = admin.session.my_uuid();
    let system: UserUuid = "zzzzz-tpzed-000000000000000".parse().unwrap();
    let anonymous: UserUuid = "zzzzz-tpzed-anonymouspublic".parse().unwrap();
    let nobody: UserUuid = "zzzzz-tpzed-nosuchuser00000".parse().unwrap();
    let rosa = world.user("rosa").await;
    let users = vec![system, anonymous, nobody, me, rosa, rosa];
    world.demo.clear_requests();

    let plan = survey(&admin, Intent::Deactivate(intent::Deactivate { users: users.clone() })).await;
    assert_eq!(
        reasons(&plan),
        [
            "the system user owns the cluster and is left alone",
            "the anonymous user stands for visitors and is left alone",
            "no such user, or merged into another",
            "you can't deactivate yourself",
        ]
    );
    assert_eq!(plan.steps().len(), 1, "once, though asked for twice");
    let plan = survey(&admin, Intent::Suspend(intent::Suspend { users })).await;
    assert!(reasons(&plan).contains(&"you can't suspend yourself"));

    let unmake = Intent::SetRole(intent::SetRole { users: vec![me], role: UserRole::Plain });
    assert_eq!(reasons(&survey(&admin, unmake).await), ["the last active admin must stay one"]);
    let sleeping = world.user_with(json!({ "email": "sleeping@example.org" })).await;
    let make = Intent::SetRole(intent::SetRole { users: vec![sleeping], role: UserRole::Admin });
    assert_eq!(reasons(&survey(&admin, make).await), ["an inactive user can't be an admin: activate first"]);

    let rosas = world.with(&world.token(rosa).await.v2).await;
    for intent in [
        Intent::Activate(intent::Activate { users: vec![me] }),
        Intent::Deactivate(intent::Deactivate { users: vec![rosa] }),
    ] {
        assert_eq!(reasons(&survey(&rosas, intent).await), ["this needs an admin's token"]);
    }
    assert!(world.writes().iter().all(|write| !write.path.contains("unsetup")));
}

#[tokio::test]
async fn admins_are_made_and_unmade_but_never_all_of_them() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let me = admin.session.my_uuid();
    let rosa = world.user("rosa").await;
    let make = Intent::SetRole(intent::SetRole { users: vec![rosa], role: UserRole::Admin });
    assert_eq!(*only(&carry_out(&admin, make.clone()).await), ItemResult::Done);
    assert!(world.flags(rosa).await.2);
    assert_eq!(states(&survey(&admin, make).await), ["already an admin"]);

    let both = Intent::SetRole(intent::SetRole { users: vec![me, rosa], role: UserRole::Plain });
    let plan = survey(&admin, both).await;
    assert!(plan.steps().is_empty());
    assert_eq!(reasons(&plan), ["no active admin would remain: leave one of them"; 2]);

    // Two admins unmake each other at the same moment: the second is stopped.
    let mine = Intent::SetRole(intent::SetRole { users: vec![me], role: UserRole::Plain });
    let unmake_rosa = async {
        world.ask("PATCH", &format!("users/{rosa}"), json!({ "user": { "is_admin": false } })).await;
    };
    let report = Box::pin(carry_out_after(&admin, mine, unmake_rosa)).await;
    assert_eq!(failure(&report), "the last active admin must stay one");
    assert!(world.flags(me).await.2);
}

#[tokio::test]
async fn two_admins_are_not_unmade_side_by_side_when_the_third_went_meanwhile() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let me = admin.session.my_uuid();
    let boss =
        |name: &str| json!({ "email": format!("{name}@example.org"), "is_active": true, "is_admin": true });
    let (grace, ada) = (world.user_with(boss("grace")).await, world.user_with(boss("ada")).await);
    let unmake = Intent::SetRole(intent::SetRole { users: vec![me, grace], role: UserRole::Plain });
    let report = Box::pin(carry_out_after(&admin, unmake, async {
        world.ask("PATCH", &format!("users/{ada}"), json!({ "user": { "is_admin": false } })).await;
    }))
    .await;
    assert_eq!(report.tally().failed, 2, "{report:?}");
    assert!(world.flags(me).await.2 && world.flags(grace).await.2);
}

#[tokio::test]
async fn reading_a_satellite_without_leave_to_write_never_asks_its_login_cluster() {
    let world = World::empty().await;
    let mut admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let token = world.token(rosa).await.uuid;
    admin.session.cluster.login_cluster = Some("yyyyy".parse().unwrap());
    admin.mode = Mode::ReadOnly;
    world.demo.clear_requests();
    for intent in [
        Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] }),
        Intent::RevokeTokens(intent::RevokeTokens {
            tokens: vec![token],
            chosen: Chosen::ByUuid,
            secret: None,
        }),
        Intent::IssueToken(intent::IssueToken { owner: rosa, expiry: Expiry::Never, scopes: Scopes::All }),
        Intent::SetRole(intent::SetRole { users: vec![rosa], role: UserRole::Plain }),
        Intent::ListExactly(intent::ListExactly { owner: rosa }),
    ] {
        survey(&admin, intent).await;
    }
    Read::FindToken(Given::Uuid(token)).run(&admin).await.unwrap();
    for request in
        world.demo.requests().iter().filter(|request| request.path.starts_with("/arvados/v1/users"))
    {
        assert!(request.query.contains("bypass_federation=true"), "{request:?}");
    }
}

#[tokio::test]
async fn suspending_takes_the_place_and_the_flags_and_resuming_gives_them_back() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (rosa, _) = world.furnished("rosa").await;
    world.ask("PATCH", &format!("users/{rosa}"), json!({ "user": { "is_admin": true } })).await;
    let before = world.permissions(rosa).await;
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::at(directory.path().join("journal.jsonl"));

    let intent = Intent::Suspend(intent::Suspend { users: vec![rosa] });
    let said = notes(&survey(&admin, intent.clone()).await);
    assert!(said.contains("Never do this against a leaked token"), "{said}");
    assert!(said.contains("At most 1 token and 1 VM login live on"), "{said}");
    let (report, _) = carry_out_watched(&admin, intent.clone(), &journal, |_, _| {}).await;
    assert_eq!(*only(&report), ItemResult::Done);
    assert_eq!(world.flags(rosa).await, (false, false, false));
    assert_eq!(world.permissions(rosa).await, before - 1, "only the place in All users is gone");
    assert_eq!(world.alive(rosa).await.len(), 1, "tokens live on");
    assert_eq!(states(&survey(&admin, intent).await), ["already inactive"]);

    let resume = Intent::Resume(intent::Resume { users: vec![rosa] });
    let plan = survey(&admin.clone().keeping(journal.clone()), resume.clone()).await;
    assert!(notes(&plan).contains("rosa@example.org will be admin again"), "{}", notes(&plan));
    let (report, _) = carry_out_watched(&admin, resume, &journal, |_, _| {}).await;
    assert_eq!(*only(&report), ItemResult::Done);
    assert_eq!(world.flags(rosa).await, (true, true, true), "the journal knew of the admin flag");
    assert_eq!(world.permissions(rosa).await, before);
    assert!(report.notes.iter().any(|note| note.text.contains("an admin again")), "{:?}", report.notes);
}

#[tokio::test]
async fn without_the_journal_resuming_gives_no_admin_flag() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    world.ask("PATCH", &format!("users/{rosa}"), json!({ "user": { "is_admin": true } })).await;
    carry_out(&admin, Intent::Suspend(intent::Suspend { users: vec![rosa] })).await;
    carry_out(&admin, Intent::Resume(intent::Resume { users: vec![rosa] })).await;
    assert_eq!(world.flags(rosa).await, (true, true, false));
}

#[tokio::test]
async fn a_suspension_that_would_not_hold_is_refused_and_the_group_named() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let (inner, outer) = (world.role("inner").await, world.role("outer").await);
    world.link(rosa, "can_read", &inner, json!({})).await;
    world.link(inner, "can_read", &outer, json!({})).await;
    world.link(outer, "can_read", "zzzzz-j7d0g-fffffffffffffff", json!({})).await;
    let plan = survey(&admin, Intent::Suspend(intent::Suspend { users: vec![rosa] })).await;
    assert!(plan.steps().is_empty());
    assert!(reasons(&plan)[0].contains("the group inner invites its members"), "{:?}", reasons(&plan));
}

#[tokio::test]
async fn a_suspension_that_does_not_hold_is_put_back_and_the_group_named() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let place = json!([
        ["tail_uuid", "=", rosa.as_str()],
        ["head_uuid", "=", "zzzzz-j7d0g-fffffffffffffff"],
        ["name", "=", "can_write"]
    ]);
    let meanwhile = async {
        let role = world.role("night shift").await;
        world.link(&role, "can_read", "zzzzz-j7d0g-fffffffffffffff", json!({})).await;
        world.link(rosa, "can_read", role, json!({})).await;
    };
    let report =
        Box::pin(carry_out_after(&admin, Intent::Suspend(intent::Suspend { users: vec![rosa] }), meanwhile))
            .await;
    let reason = failure(&report);
    assert!(reason.contains("night shift") && reason.ends_with("put back as it was"), "{reason}");
    assert_eq!(world.flags(rosa).await, (true, true, false));
    assert_eq!(world.count("links", place).await, 1);
}

#[tokio::test]
async fn the_second_of_two_admins_is_told_who_was_first_and_when() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let grace = world.user_with(json!({
        "email": "grace@example.org", "first_name": "Grace", "last_name": "Hill", "is_active": true,
        "is_admin": true,
    }));
    let grace = world.with(&world.token(grace.await).await.v2).await;
    let rosa = world.user_with(json!({ "email": "rosa@example.org" })).await;
    let first = |intent: Intent| {
        let grace = &grace;
        async move {
            carry_out(grace, intent).await;
        }
    };

    let activate = Intent::Activate(intent::Activate { users: vec![rosa] });
    let report = Box::pin(carry_out_after(&admin, activate.clone(), first(activate))).await;
    match only(&report) {
        ItemResult::Unchanged(state) => {
            assert!(state.starts_with("active already: changed by Grace Hill at 2026-11-24 10:4"), "{state}");
        }
        other => panic!("{other:?}"),
    }
    let deactivate = Intent::Deactivate(intent::Deactivate { users: vec![rosa] });
    let report = Box::pin(carry_out_after(&admin, deactivate.clone(), first(deactivate.clone()))).await;
    assert!(
        matches!(only(&report), ItemResult::Unchanged(s) if s.starts_with("deactivated already")),
        "{report:?}"
    );

    carry_out(&admin, Intent::Activate(intent::Activate { users: vec![rosa] })).await;
    let make = Intent::SetRole(intent::SetRole { users: vec![rosa], role: UserRole::Admin });
    let report = Box::pin(carry_out_after(&admin, make, first(deactivate))).await;
    assert!(failure(&report).contains("was active, is inactive now"), "{}", failure(&report));
}

#[tokio::test]
async fn a_lost_answer_is_cleared_up_by_looking_again() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (rosa, _) = world.furnished("rosa").await;
    let path = format!("/arvados/v1/users/{rosa}/unsetup");

    world.demo.faults().add(Rule::new(path.clone(), Fault::ResetBefore).times(1));
    let intent = Intent::Deactivate(intent::Deactivate { users: vec![rosa] });
    let report = carry_out(&admin, intent.clone()).await;
    assert!(
        matches!(only(&report), ItemResult::Unknown(unclear) if unclear.seen.ends_with("looked again: active"))
    );
    assert!(world.flags(rosa).await.0);
    assert_eq!(report.retry(), Some(intent.clone()));

    world.demo.faults().clear();
    world.demo.faults().add(Rule::new(path, Fault::ResetAfter).times(1));
    world.demo.clear_requests();
    let report = carry_out(&admin, intent).await;
    assert_eq!(*only(&report), ItemResult::Done, "it was done, though the answer was lost");
    let sent = world.writes().iter().filter(|write| write.path.ends_with("unsetup")).count();
    assert_eq!(sent, 1, "and it was sent once");
}

#[tokio::test]
async fn many_users_are_surveyed_in_batches() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let mut users = Vec::new();
    for n in 0..40 {
        users.push(world.user(&format!("user{n}")).await);
    }
    world.demo.clear_requests();
    let plan = survey(&admin, Intent::Deactivate(intent::Deactivate { users })).await;
    assert_eq!(plan.steps().len(), 40);
    let requests = world.demo.requests().len();
    assert!(requests < 20, "{requests} requests for 40 users");
}

#[tokio::test]
async fn the_summary_of_a_user_counts_what_matters() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (rosa, _) = world.furnished("rosa").await;
    world.project(rosa, "data").await;
    let summary = match Read::Summary(rosa).run(&admin).await.unwrap() {
        Outcome::Summary(summary) => *summary,
        other => panic!("{other:?}"),
    };
    let has = summary.has.unwrap();
    let groups: Vec<&str> = has.groups.get().unwrap().iter().map(|(group, _)| &*group.name).collect();
    assert_eq!(groups, ["lab of rosa", "library of rosa"]);
    assert_eq!((has.keys.get().unwrap().len(), has.owned, has.work), (1, Part::Is(1), Part::Is(0)));
    assert!(summary.modified_by.is_some());
}

#[tokio::test]
async fn running_work_is_told_before_it_breaks() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    world.demo.with_store(|store| {
        for state in ["Queued", "Running", "Complete"] {
            let uuid = store.new_uuid(Kind::Container);
            let common = Common::new(uuid, store.clock.now());
            store.put(Container::new(common, state, Uuid::parse(rosa.as_str()).unwrap()));
        }
    });
    let plan = survey(&admin, Intent::Deactivate(intent::Deactivate { users: vec![rosa] })).await;
    assert_eq!(plan.losses().work, 2);
    assert!(notes(&plan).contains("2 containers are queued or running"), "{}", notes(&plan));
    let plan = survey(&admin, Intent::Suspend(intent::Suspend { users: vec![rosa] })).await;
    assert!(notes(&plan).contains("they go on"), "{}", notes(&plan));
}

#[tokio::test]
async fn accounts_of_a_login_cluster_are_changed_there() {
    let world = World::empty().await;
    let mut admin = world.admin().await;
    let rosa = world.user("rosa").await;
    admin.session.cluster.login_cluster = Some("yyyyy".parse().unwrap());
    for intent in [
        Intent::Deactivate(intent::Deactivate { users: vec![rosa] }),
        Intent::Suspend(intent::Suspend { users: vec![rosa] }),
    ] {
        let plan = survey(&admin, intent).await;
        assert_eq!(reasons(&plan), ["accounts belong to cluster yyyyy: do this there"]);
    }
}

#[tokio::test]
async fn users_whom_the_cluster_activates_by_itself_come_back_and_that_is_said() {
    let world = World::empty().await;
    let mut admin = world.admin().await;
    let rosa = world.user("rosa").await;
    admin.session.cluster.activates_users_of = vec![rosa.cluster()];
    let said = notes(&survey(&admin, Intent::Deactivate(intent::Deactivate { users: vec![rosa] })).await);
    assert!(said.contains("will be active again at the next visit"), "{said}");
}

#[tokio::test]
async fn the_calls_shown_before_are_the_calls_that_are_made() {
    let world = World::empty().await;
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::at(directory.path().join("journal.jsonl"));
    let admin = world.admin().await.keeping(journal.clone());
    let rosa = world.user_with(json!({ "email": "rosa@example.org", "username": "rosa" })).await;
    let vm: VmUuid = world.vm("shell.example").await;
    let users = vec![rosa];
    for intent in [
        set_up(rosa, Some(vm), Activation::Now),
        Intent::SetRole(intent::SetRole { users: users.clone(), role: UserRole::Admin }),
        Intent::Suspend(intent::Suspend { users: users.clone() }),
        Intent::Resume(intent::Resume { users: users.clone() }),
        Intent::Deactivate(intent::Deactivate { users: users.clone() }),
        Intent::Activate(intent::Activate { users }),
    ] {
        let plan = survey(&admin, intent.clone()).await;
        let shown: Vec<(String, String, Value)> = plan
            .steps()
            .iter()
            .flat_map(|planned| planned.step.requests())
            .filter(|call| call.method.as_str() != "GET")
            .map(|call| (call.method.to_string(), call.path, read(call.body.as_deref().unwrap_or_default())))
            .collect();
        world.demo.clear_requests();
        let (report, _) = carry_out_watched(&admin, intent.clone(), &journal, |_, _| {}).await;
        assert_eq!(*only(&report), ItemResult::Done);
        let made: Vec<(String, String, Value)> =
            world.writes().into_iter().map(|w| (w.method, w.path, read(&w.body))).collect();
        assert_eq!(shown, made, "{intent:?}");
    }
}

fn read(body: &str) -> Value {
    if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() }
}
