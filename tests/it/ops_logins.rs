//! VM logins: what is there is changed, what is not is made, and twins become one.

use crate::world::{World, carry_out, carry_out_watched, confirmed, survey, uuid_of};
use arv_admin::arvados::writer::{Mode, WriteAccess};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::{LinkUuid, UserUuid, VmUuid};
use arv_admin::model::vm::{LoginGroups, UnixGroup};
use arv_admin::ops::apply::{StopFlag, apply};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::intent::{self, Intent};
use arv_admin::ops::journal::Journal;
use arv_admin::ops::plan::{Plan, Weight};
use arv_admin::ops::read::{LoginList, Outcome, Read};
use arv_admin::ops::report::{ApplyReport, ItemResult, Unclear};
use arv_admin::ops::step::{self, Step};
use serde_json::{Value, json};

async fn vm(world: &World, hostname: &str) -> VmUuid {
    let body = json!({ "virtual_machine": { "hostname": hostname } });
    uuid_of(&world.ask("POST", "virtual_machines", body).await)
}

/// A login as somebody else made it, not looking what is there.
async fn link(world: &World, user: UserUuid, vm: VmUuid, name: &str, groups: &[&str]) -> LinkUuid {
    let link = json!({
        "link_class": "permission", "name": "can_login", "tail_uuid": user, "head_uuid": vm,
        "properties": { "username": name, "groups": groups },
    });
    uuid_of(&world.ask("POST", "links", json!({ "link": link })).await)
}

fn groups(names: &[&str]) -> Vec<UnixGroup> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn grant(users: &[UserUuid], vm: VmUuid, names: &[&str]) -> Intent {
    Intent::GrantLogin(intent::GrantLogin {
        users: users.to_vec(),
        vm,
        login_name: None,
        groups: groups(names),
    })
}

async fn logins(cluster: &Cluster, read: Read) -> LoginList {
    match read.run(cluster).await.unwrap() {
        Outcome::Logins(list) => list,
        other => panic!("not a list of logins: {other:?}"),
    }
}

/// The links of all logins on a VM: login name and groups.
async fn links_on(world: &World, vm: VmUuid) -> Vec<(String, Value)> {
    let path = format!("links?filters=[[\"head_uuid\",\"=\",\"{vm}\"],[\"name\",\"=\",\"can_login\"]]");
    let page = world.ask("GET", &path, Value::Null).await;
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| {
            let properties = &link["properties"];
            (properties["username"].as_str().unwrap().to_owned(), properties["groups"].clone())
        })
        .collect()
}

fn results(report: &ApplyReport) -> Vec<&ItemResult> {
    report.items.iter().map(|item| &item.result).collect()
}

fn said(plan: &Plan, text: &str) -> Option<Weight> {
    plan.notes().iter().find(|note| note.text.contains(text)).map(|note| note.weight)
}

#[tokio::test]
async fn a_grant_makes_what_is_not_there_and_repeats_nothing() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let (rosa, shell) = (world.user("rosa").await, vm(&world, "shell1").await);
    let report = carry_out(&cluster, grant(&[rosa], shell, &["docker"])).await;
    assert_eq!(results(&report), [&ItemResult::Done]);
    assert_eq!(links_on(&world, shell).await, [("rosa".to_owned(), json!(["docker"]))]);

    let again = survey(&cluster, grant(&[rosa], shell, &["docker"])).await;
    assert!(again.steps().is_empty());
    assert_eq!(again.unchanged()[0].state, "already granted");
}

#[tokio::test]
async fn docker_on_a_login_that_is_there_without_it_leaves_one_link() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let (rosa, shell) = (world.user("rosa").await, vm(&world, "shell1").await);
    link(&world, rosa, shell, "rosa", &[]).await;
    let plan = survey(&cluster, grant(&[rosa], shell, &["docker"])).await;
    assert!(matches!(plan.steps()[0].step, Step::ChangeLogin(step::ChangeLoginStep { twins: 0, .. })));
    assert_eq!(said(&plan, "groups (none) → docker"), Some(Weight::Info));
    carry_out(&cluster, grant(&[rosa], shell, &["docker"])).await;
    assert_eq!(links_on(&world, shell).await, [("rosa".to_owned(), json!(["docker"]))]);
}

#[tokio::test]
async fn twins_are_one_login_with_uncertain_groups_until_they_are_mended() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let (rosa, shell) = (world.user("rosa").await, vm(&world, "shell1").await);
    let first = link(&world, rosa, shell, "rosa", &[]).await;
    link(&world, rosa, shell, "rosa", &["docker"]).await;
    let list = logins(&cluster, Read::Logins(rosa)).await;
    assert_eq!(list.rows.len(), 1);
    assert!(list.rows[0].login.has_twins());
    assert_eq!(list.rows[0].login.groups(), LoginGroups::Uncertain);

    let intent =
        Intent::EditLogins(intent::EditLogins { links: vec![first], groups: groups(&["docker", "fuse"]) });
    let report = carry_out(&cluster, intent).await;
    assert_eq!(results(&report), [&ItemResult::Done]);
    assert_eq!(links_on(&world, shell).await, [("rosa".to_owned(), json!(["docker", "fuse"]))]);
}

#[tokio::test]
async fn a_login_name_of_another_user_is_a_danger() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let (rosa, otto) = (world.user("rosa").await, world.user("otto").await);
    let shell = vm(&world, "shell1").await;
    link(&world, otto, shell, "lab", &[]).await;
    let intent = Intent::GrantLogin(intent::GrantLogin {
        users: vec![rosa],
        vm: shell,
        login_name: Some("lab".parse().unwrap()),
        groups: Vec::new(),
    });
    let plan = survey(&cluster, intent.clone()).await;
    assert_eq!(
        said(&plan, "one Unix account for rosa@example.org and otto@example.org"),
        Some(Weight::Danger)
    );
    carry_out(&cluster, intent).await;
    let list = logins(&cluster, Read::LoginsOn(shell)).await;
    let shared: Vec<_> = list.rows.iter().map(|row| row.shared_with.len()).collect();
    assert_eq!(shared, [1, 1], "each is shown to share the account");
    let of_rosa = logins(&cluster, Read::Logins(rosa)).await;
    assert_eq!(of_rosa.rows[0].shared_with, [otto]);
}

#[tokio::test]
async fn what_login_sync_ignores_and_who_cannot_get_in_is_said() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let shell = vm(&world, "shell1").await;
    let rosa = world.user_with(json!({ "email": "rosa@example.org", "username": "rosa" })).await;
    let plan = survey(&cluster, grant(&[rosa], shell, &["docker", "sudo"])).await;
    assert_eq!(said(&plan, "docker means root on shell1"), Some(Weight::Warning));
    assert_eq!(said(&plan, "sudo is ignored by login-sync: it does nothing"), Some(Weight::Warning));
    assert_eq!(said(&plan, "has no SSH key"), Some(Weight::Info));
    assert_eq!(said(&plan, "is not active"), Some(Weight::Warning));
}

#[tokio::test]
async fn logins_that_can_not_work_are_refused() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let shell = vm(&world, "shell1").await;
    let nameless = world.user("nameless").await;
    world.ask("PATCH", &format!("users/{nameless}"), json!({ "user": { "username": null } })).await;
    let account = world.user("daemon").await;
    let missing: UserUuid = "zzzzz-tpzed-nobodynobody000".parse().unwrap();
    let system: UserUuid = "zzzzz-tpzed-000000000000000".parse().unwrap();
    let plan = survey(&cluster, grant(&[nameless, account, missing, system], shell, &[])).await;
    assert!(plan.steps().is_empty());
    let reasons: Vec<&str> = plan.refused().iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    for part in ["has no username", "daemon can be no Unix account", "no such user", "belongs to the server"]
    {
        assert!(reasons.iter().any(|reason| reason.contains(part)), "{part}: {reasons:?}");
    }
    let nowhere = grant(&[account], "zzzzz-2x53u-nowherenowhere0".parse().unwrap(), &[]);
    assert_eq!(survey(&cluster, nowhere).await.refused()[0].reason, "there is no such VM");
}

#[tokio::test]
async fn a_plain_user_is_told_that_it_takes_an_admin() {
    let world = World::empty().await;
    let (rosa, shell) = (world.user("rosa").await, vm(&world, "shell1").await);
    let cluster = world.with(&world.token(rosa).await.v2).await;
    let plan = survey(&cluster, grant(&[rosa], shell, &[])).await;
    assert!(plan.steps().is_empty());
    assert!(plan.refused()[0].reason.contains("not an admin's"));
}

#[tokio::test]
async fn revoking_takes_the_twins_along_and_says_what_stays() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let (rosa, shell) = (world.user("rosa").await, vm(&world, "shell1").await);
    let first = link(&world, rosa, shell, "rosa", &[]).await;
    link(&world, rosa, shell, "rosa", &["docker"]).await;
    let other = link(&world, rosa, shell, "lab", &[]).await;
    let intent = Intent::RevokeLogins(intent::RevokeLogins { links: vec![first] });
    let plan = survey(&cluster, intent.clone()).await;
    assert_eq!(plan.losses().logins, [(shell, "rosa".to_owned())]);
    assert_eq!(said(&plan, "SSH keys stay on shell1"), Some(Weight::Warning));
    let report = carry_out(&cluster, intent.clone()).await;
    assert_eq!(results(&report), [&ItemResult::Done]);
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.text.contains("account rosa and its SSH keys are still on shell1"))
    );
    assert_eq!(links_on(&world, shell).await, [("lab".to_owned(), json!([]))]);

    let again =
        survey(&cluster, Intent::RevokeLogins(intent::RevokeLogins { links: vec![first, other] })).await;
    assert_eq!(again.unchanged()[0].state, "already gone");
    assert_eq!(again.steps().len(), 1);
}

#[tokio::test]
async fn of_two_who_grant_at_once_the_second_sees_that_it_is_done() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let (rosa, shell) = (world.user("rosa").await, vm(&world, "shell1").await);
    let plan = confirmed(survey(&cluster, grant(&[rosa], shell, &["docker"])).await, &cluster);
    link(&world, rosa, shell, "rosa", &["docker"]).await;
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    let report = apply(plan, &cluster, &leave, |_| {}, &StopFlag::default()).await;
    assert_eq!(results(&report), [&ItemResult::Unchanged("granted meanwhile".to_owned())]);
    assert_eq!(links_on(&world, shell).await.len(), 1, "no twin");
}

#[tokio::test]
async fn a_grant_whose_answer_is_lost_is_looked_for_and_not_sent_again() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let (rosa, shell) = (world.user("rosa").await, vm(&world, "shell1").await);
    world.demo.faults().add(Rule::new("/arvados/v1/links", Fault::ResetAfter).method("POST"));
    world.demo.clear_requests();
    let report = carry_out(&cluster, grant(&[rosa], shell, &[])).await;
    assert_eq!(results(&report), [&ItemResult::Done]);
    assert_eq!(world.writes().len(), 1);

    world.demo.faults().clear();
    world.demo.faults().add(Rule::new("/arvados/v1/links", Fault::ResetBefore).method("POST"));
    let otto = world.user("otto").await;
    let report = carry_out(&cluster, grant(&[otto], shell, &[])).await;
    let [ItemResult::Unknown(Unclear { seen, .. })] = results(&report)[..] else { panic!("{report:?}") };
    assert!(seen.contains("looked again: the login is not there"), "{seen}");
    assert!(report.retry().is_some());
}

#[tokio::test]
async fn the_journal_keeps_the_links_as_they_were() {
    let world = World::empty().await;
    let cluster = world.admin().await;
    let (rosa, shell) = (world.user("rosa").await, vm(&world, "shell1").await);
    let uuid = link(&world, rosa, shell, "rosa", &["docker"]).await;
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::at(directory.path().join("journal.jsonl"));
    carry_out_watched(
        &cluster,
        Intent::RevokeLogins(intent::RevokeLogins { links: vec![uuid] }),
        &journal,
        |_, _| {},
    )
    .await;
    let text = std::fs::read_to_string(directory.path().join("journal.jsonl")).unwrap();
    assert!(text.contains(uuid.as_str()) && text.contains("docker"), "{text}");
}

#[tokio::test]
async fn what_login_sync_leaves_alone_is_said_of_grants_and_in_lists() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let vm = world.vm("shell.example").await;
    world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": ["sudo", "lab"] })).await;
    let grant = |groups: &[&str]| {
        Intent::GrantLogin(intent::GrantLogin {
            users: vec![rosa],
            vm,
            login_name: None,
            groups: groups.iter().map(|group| group.parse().unwrap()).collect(),
        })
    };
    let admin = world.admin().await;
    let said = async |cluster: &Cluster, groups: &[&str]| -> String {
        survey(cluster, grant(groups)).await.notes().iter().map(|note| note.text.clone() + "\n").collect()
    };
    let usual = said(&admin, &["wheel", "docker"]).await;
    assert!(usual.contains("wheel is ignored by login-sync: it does nothing"), "{usual}");
    assert!(usual.contains("docker means root"), "{usual}");
    let facts = &admin.session.cluster;
    assert_eq!(facts.without_effect(&["sudo".to_owned(), "lab".to_owned()]), ["sudo"]);

    world.demo.with_store(|store| {
        store.settings.sync_user_accounts = false;
        store.settings.sync_user_groups = false;
    });
    let again = Cluster::connect(admin.client.clone(), String::new(), Mode::ReadWrite).await.unwrap();
    let off = said(&again, &["docker"]).await;
    assert!(off.contains("makes no Unix accounts on this cluster (SyncUserAccounts is off)"), "{off}");
    assert!(off.contains("(SyncUserGroups is off): they do nothing"), "{off}");
    assert!(!off.contains("means root") && !off.contains("puts every login in"), "{off}");
    assert_eq!(again.session.cluster.without_effect(&["lab".to_owned()]), ["lab"]);
    let report = carry_out(&again, grant(&["docker"])).await;
    let outlook: String = report.notes.iter().map(|note| note.text.as_str()).collect();
    assert!(outlook.contains("somebody has to make them on shell.example"), "{outlook}");
}
