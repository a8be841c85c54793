//! Handing over what a user owns: a leaver's data without rights, an active user's with all of them, and
//! what a second try makes of the first.

use crate::world::{World, carry_out, carry_out_after, survey};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::{LinkUuid, UserUuid, VmUuid};
use arv_admin::model::user::Notify;
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::intent::{self, Activation, Intent, Leaving};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::{ApplyReport, ItemResult};
use arv_admin::ops::rights::{Right, RightKind};
use arv_admin::ops::step::{self, Destination, Step, Target};
use arv_admin::ops::summary::{Part, Sight};
use serde_json::{Value, json};

const ALL_USERS: &str = "zzzzz-j7d0g-fffffffffffffff";

impl World {
    /// How many things are directly below a user or a project, trash included.
    async fn owned(&self, owner: &str) -> u64 {
        let path = format!("groups/contents?uuid={owner}&limit=0&count=exact&include_trash=true");
        self.ask("GET", &path, Value::Null).await["items_available"].as_u64().unwrap()
    }

    /// The projects of a user, by name.
    async fn projects(&self, owner: UserUuid) -> Vec<(String, String)> {
        let path = format!("groups?filters={}", json!([["owner_uuid", "=", owner.as_str()]]));
        let list = self.ask("GET", &path, Value::Null).await;
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        list["items"].as_array().unwrap().iter().map(|row| (text(row, "uuid"), text(row, "name"))).collect()
    }

    /// How many links make a user a member of All users.
    async fn places(&self, user: UserUuid) -> u64 {
        let filters = json!([["tail_uuid", "=", user.as_str()], ["head_uuid", "=", ALL_USERS]]);
        let path = format!("links?limit=0&count=exact&filters={filters}");
        self.ask("GET", &path, Value::Null).await["items_available"].as_u64().unwrap()
    }

    async fn may(&self, user: UserUuid) -> Vec<String> {
        let filters = json!([["link_class", "=", "permission"], ["tail_uuid", "=", user.as_str()]]);
        let list = self.ask("GET", &format!("links?filters={filters}"), Value::Null).await;
        let mut rights: Vec<String> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["head_uuid"] != ALL_USERS)
            .map(|row| format!("{} {}", row["name"].as_str().unwrap(), row["head_uuid"].as_str().unwrap()))
            .collect();
        rights.sort();
        rights
    }

    /// A user whom a merge took out of All users, and the successor: as another tool does it, or a handover
    /// that was cut off.
    async fn apart(&self) -> (UserUuid, UserUuid) {
        let (apart, nina) = (self.user("apart").await, self.user("nina").await);
        let project = self.project(nina, "from apart").await;
        let merge = json!({
            "old_user_uuid": apart, "new_user_uuid": nina, "new_owner_uuid": project, "redirect_to_new_user": false,
        });
        self.ask("POST", "users/merge", merge).await;
        (apart, nina)
    }

    /// A leaver with two projects, one of them in the trash, a role group and a login.
    async fn leaver(&self) -> Leaver {
        let user = self.user("olaf").await;
        let role = self.role("lab").await;
        let vm: VmUuid = self.vm("shell.example").await;
        self.link(user, "can_manage", role.clone(), json!({})).await;
        self.link(user, "can_login", vm, json!({ "username": "olaf", "groups": ["docker"] })).await;
        self.project(user, "measurements").await;
        let trashed = self.project(user, "drafts").await;
        self.ask("DELETE", &format!("groups/{trashed}"), Value::Null).await;
        self.token(user).await;
        Leaver { user, role, vm, successor: self.user("nina").await }
    }
}

/// Everything of one user to another, no project named and nothing picked.
fn handover(from: UserUuid, to: UserUuid, leaving: Leaving) -> Intent {
    Intent::Reassign(intent::Reassign { from, to, project: None, leaving, regrant: Vec::new() })
}

struct Leaver {
    user: UserUuid,
    role: String,
    vm: VmUuid,
    successor: UserUuid,
}

impl Leaver {
    fn intent(&self, leaving: Leaving, regrant: Vec<LinkUuid>) -> Intent {
        Intent::Reassign(intent::Reassign {
            from: self.user,
            to: self.successor,
            project: None,
            leaving,
            regrant,
        })
    }
}

async fn rights(cluster: &Cluster, user: UserUuid) -> Vec<Right> {
    match Read::Rights(user).run(cluster).await.unwrap() {
        Outcome::Rights(rights) => rights,
        other => panic!("{other:?}"),
    }
}

fn notes(report: &ApplyReport) -> String {
    report.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn only(report: &ApplyReport) -> &ItemResult {
    assert_eq!(report.items.len(), 1, "{report:?}");
    &report.items[0].result
}

#[tokio::test]
async fn a_leavers_data_moves_with_the_trash_and_no_rights_but_those_picked() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let olaf = world.leaver().await;
    let offered = rights(&admin, olaf.user).await;
    assert_eq!(
        offered.iter().map(|right| right.description.as_str()).collect::<Vec<_>>(),
        ["member of lab (can manage)", "login olaf on shell.example in docker"]
    );
    let picked = offered.iter().find(|right| right.kind != RightKind::Login).unwrap().link;

    let intent = olaf.intent(Leaving::Leaves, vec![picked]);
    let plan = survey(&admin, intent.clone()).await;
    assert_eq!(plan.losses().moved, 2, "trash included");
    assert_eq!(plan.losses().logins, [(olaf.vm, "olaf".to_owned())]);
    let report = carry_out(&admin, intent.clone()).await;

    assert_eq!(*only(&report), ItemResult::Done, "{report:?}");
    assert!(notes(&report).contains("Checked by counting: 2 of 2"), "{}", notes(&report));
    assert_eq!(world.owned(olaf.user.as_str()).await, 0);
    let projects = world.projects(olaf.successor).await;
    assert_eq!(projects.len(), 1);
    assert_eq!(projects[0].1, format!("Data of olaf@example.org ({})", olaf.user));
    assert_eq!(world.owned(&projects[0].0).await, 2);
    assert_eq!(world.may(olaf.successor).await, [format!("can_manage {}", olaf.role)], "and no login");
    assert_eq!(world.may(olaf.user).await, [""; 0]);
    assert_eq!(world.alive(olaf.user).await, []);

    let again = survey(&admin, olaf.intent(Leaving::Leaves, Vec::new())).await;
    assert_eq!(again.unchanged()[0].state, "owns nothing to hand over");
}

#[tokio::test]
async fn twins_are_one_right_and_pass_on_as_the_least_of_them() {
    let world = World::empty().await;
    let olaf = world.leaver().await;
    let without =
        world.link(olaf.user, "can_login", olaf.vm, json!({ "username": "olaf", "groups": [] })).await;
    let admin = world.admin().await;
    let rights = rights(&admin, olaf.user).await;
    let logins: Vec<&Right> = rights.iter().filter(|right| right.kind == RightKind::Login).collect();
    assert_eq!(logins.len(), 1, "{rights:?}");
    assert_eq!(logins[0].link, without, "docker was not there for certain");
    assert!(logins[0].description.contains("kept 2 times"), "{}", logins[0].description);
}

#[tokio::test]
async fn a_login_passes_only_if_picked_and_keeps_its_name() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let olaf = world.leaver().await;
    let login = rights(&admin, olaf.user).await.into_iter().find(|r| r.kind == RightKind::Login).unwrap();
    let intent = olaf.intent(Leaving::Leaves, vec![login.link]);
    let plan = survey(&admin, intent.clone()).await;
    assert!(plan.notes().iter().any(|note| note.text.contains("enters that Unix account")));
    assert_eq!(*only(&carry_out(&admin, intent).await), ItemResult::Done);
    assert_eq!(world.may(olaf.successor).await, [format!("can_login {}", olaf.vm)]);
}

#[tokio::test]
async fn an_active_users_rights_all_go_along_and_that_is_said() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let olaf = world.leaver().await;
    let intent = olaf.intent(Leaving::Stays, Vec::new());
    let plan = survey(&admin, intent.clone()).await;
    let said: String = plan.notes().iter().map(|note| note.text.as_str()).collect();
    assert!(said.contains("All rights of olaf@example.org pass to nina@example.org"), "{said}");
    assert!(said.contains("stays active"), "{said}");
    let report = carry_out(&admin, intent).await;
    assert_eq!(*only(&report), ItemResult::Done, "{report:?}");
    assert_eq!(world.owned(olaf.user.as_str()).await, 0);
    assert_eq!(world.may(olaf.successor).await.len(), 2);
    assert!(said.contains("All users, without which it sees nobody"), "{said}");
    let record = world.ask("GET", &format!("users/{}", olaf.user), Value::Null).await;
    assert_eq!(record["is_active"], true);
    assert_eq!(world.places(olaf.user).await, 1, "it is in All users again");
}

#[tokio::test]
async fn nothing_to_hand_over_needs_no_warning_of_what_goes_along() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (idle, nina) = (world.user("idle").await, world.user("nina").await);
    let intent = handover(idle, nina, Leaving::Stays);
    let plan = survey(&admin, intent).await;
    assert!(plan.steps().is_empty() && plan.notes().is_empty(), "{plan:?}");
}

#[tokio::test]
async fn whoever_a_merge_took_out_of_all_users_is_found_and_set_up_again() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (apart, nina) = world.apart().await;
    assert_eq!(world.places(apart).await, 0);
    let sight = async |user| match Read::Summary(user).run(&admin).await.unwrap() {
        Outcome::Summary(summary) => summary.has.unwrap().sight,
        other => panic!("{other:?}"),
    };
    assert_eq!(sight(apart).await, Part::Is(Sight::Apart));
    assert_eq!(sight(nina).await, Part::Is(Sight::Usual));

    let again = handover(apart, nina, Leaving::Stays);
    let plan = survey(&admin, again).await;
    let calls: Vec<String> = plan.steps()[0].step.requests().into_iter().map(|call| call.path).collect();
    assert_eq!(calls, ["/arvados/v1/users/setup", "/arvados/v1/groups/contents"], "what an earlier try left");

    let set_up = |users| {
        Intent::SetUp(intent::SetUp {
            users,
            vm: None,
            notify: Notify::Silently,
            activation: Activation::Later,
        })
    };
    let plan = survey(&admin, set_up(vec![apart, nina])).await;
    assert_eq!(plan.unchanged().len(), 1, "nina is in it: {plan:?}");
    let said: String = plan.notes().iter().map(|note| note.text.as_str()).collect();
    assert!(said.contains("not in All users") && said.contains("apart@example.org"), "{said}");
    assert_eq!(*only(&carry_out(&admin, set_up(vec![apart])).await), ItemResult::Done);
    assert_eq!(world.places(apart).await, 1);
    assert_eq!(sight(apart).await, Part::Is(Sight::Usual));
    assert_eq!(survey(&admin, set_up(vec![apart])).await.unchanged()[0].state, "already active");
}

#[tokio::test]
async fn whoever_is_to_be_put_back_is_even_if_something_new_is_owned_by_then() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (apart, nina) = world.apart().await;
    let again = handover(apart, nina, Leaving::Stays);
    let meanwhile = async { drop(world.project(apart, "new").await) };
    let report = Box::pin(carry_out_after(&admin, again, meanwhile)).await;
    assert_eq!(*only(&report), ItemResult::Done);
    assert!(notes(&report).contains("of which the plan knew nothing"), "{}", notes(&report));
    assert_eq!((world.owned(apart.as_str()).await, world.places(apart).await), (1, 1));
}

#[tokio::test]
async fn whoever_is_in_all_users_by_a_group_sees_everybody() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let user = world.user("rosa").await;
    let staff = world.role("staff").await;
    world.link(user, "can_read", staff.clone(), json!({})).await;
    world.link(staff, "can_write", ALL_USERS, json!({})).await;
    let filters = json!([["tail_uuid", "=", user.as_str()], ["head_uuid", "=", ALL_USERS]]);
    let list = world.ask("GET", &format!("links?filters={filters}"), Value::Null).await;
    let place = list["items"][0]["uuid"].as_str().unwrap().to_owned();
    world.ask("DELETE", &format!("links/{place}"), Value::Null).await;
    match Read::Summary(user).run(&admin).await.unwrap() {
        Outcome::Summary(summary) => assert_eq!(summary.has.unwrap().sight, Part::Is(Sight::Usual)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn names_that_clash_end_nobodys_account() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let olaf = world.leaver().await;
    // The project that the handover would go to has something of the same name, in the trash even.
    let name = format!("Data of olaf@example.org ({})", olaf.user);
    let usual = world.project(olaf.successor, &name).await;
    let inside = json!({ "group": { "name": "drafts", "group_class": "project", "owner_uuid": usual } });
    let inside = world.ask("POST", "groups", inside).await["uuid"].as_str().unwrap().to_owned();
    world.ask("DELETE", &format!("groups/{inside}"), Value::Null).await;

    // Nobody asked for that project: a fresh one is taken.
    let intent = olaf.intent(Leaving::Leaves, Vec::new());
    let plan = survey(&admin, intent.clone()).await;
    let said: String = plan.notes().iter().map(|note| note.text.as_str()).collect();
    assert!(said.contains("1 name is taken there: project drafts"), "{said}");
    assert!(said.contains("a project of its own"), "{said}");

    // Somebody asked for it by a name of theirs: refused, with what clashes.
    let wanted = world.project(olaf.successor, "shared").await;
    let same = json!({ "collection": { "name": "home data", "owner_uuid": olaf.user, "manifest_text": "" } });
    world.ask("POST", "collections", same).await;
    let same = json!({ "collection": { "name": "home data", "owner_uuid": wanted, "manifest_text": "" } });
    world.ask("POST", "collections", same).await;
    let shared = Intent::Reassign(intent::Reassign {
        from: olaf.user,
        to: olaf.successor,
        project: Some("shared".to_owned()),
        leaving: Leaving::Leaves,
        regrant: Vec::new(),
    });
    let plan = survey(&admin, shared.clone()).await;
    assert!(plan.steps().is_empty());
    let reason = &plan.refused()[0].reason;
    assert!(reason.contains("1 name is taken there: collection home data"), "{reason}");
    assert!(reason.contains("name another project"), "{reason}");
    assert_eq!(world.owned(olaf.user.as_str()).await, 3);

    let report = carry_out(&admin, intent).await;
    assert_eq!(*only(&report), ItemResult::Done, "{report:?}");
    assert!(world.projects(olaf.successor).await.iter().any(|(_, made)| *made == format!("{name} 2")));
    assert_eq!(world.owned(olaf.user.as_str()).await, 0);
}

#[tokio::test]
async fn a_name_that_is_taken_after_the_question_ends_nobodys_account_either() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let olaf = world.leaver().await;
    let name = format!("Data of olaf@example.org ({})", olaf.user);
    let report = carry_out_after(&admin, olaf.intent(Leaving::Leaves, Vec::new()), async {
        let usual = world.project(olaf.successor, &name).await;
        let inside =
            json!({ "group": { "name": "measurements", "group_class": "project", "owner_uuid": usual } });
        world.ask("POST", "groups", inside).await;
        world.demo.clear_requests();
    })
    .await;
    match only(&report) {
        ItemResult::Failed(failure) => {
            assert!(failure.reason.starts_with("nothing was done, since 1 name is taken"), "{failure:?}");
            assert_eq!(failure.advice, "reassign once more, into another project");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.writes(), []);
    let record = world.ask("GET", &format!("users/{}", olaf.user), Value::Null).await;
    assert_eq!(record["is_active"], true);
}

#[tokio::test]
async fn a_second_try_finds_the_project_and_grants_what_the_first_did_not_come_to() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let olaf = world.leaver().await;
    let picked = rights(&admin, olaf.user).await[0].link;
    let intent = olaf.intent(Leaving::Leaves, vec![picked]);

    world.demo.faults().add(Rule::new("/arvados/v1/users/merge", Fault::Unavailable).times(1));
    let report = carry_out(&admin, intent).await;
    match only(&report) {
        ItemResult::Failed(failure) => {
            assert!(
                failure.reason.ends_with("was made, but the data was not moved: 503 the server is busy"),
                "{}",
                failure.reason
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.owned(olaf.user.as_str()).await, 2);

    let again = report.retry().unwrap();
    let plan = survey(&admin, again.clone()).await;
    match &plan.steps()[0].step {
        Step::Reassign(step::ReassignStep { project: Destination::Existing(..), regrant, .. }) => {
            assert_eq!(regrant.len(), 1, "read back from the audit log");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(*only(&carry_out(&admin, again).await), ItemResult::Done);
    assert_eq!(world.projects(olaf.successor).await.len(), 1, "no second project");
    assert_eq!(world.may(olaf.successor).await, [format!("can_manage {}", olaf.role)]);
}

#[tokio::test]
async fn a_merge_whose_answer_was_lost_is_known_by_counting() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let olaf = world.leaver().await;
    world.demo.faults().add(Rule::new("/arvados/v1/users/merge", Fault::ResetAfter).times(1));
    let report = carry_out(&admin, olaf.intent(Leaving::Leaves, Vec::new())).await;
    assert_eq!(*only(&report), ItemResult::Done, "{report:?}");
    assert!(notes(&report).contains("Checked by counting: 2 of 2"), "{}", notes(&report));
    let merges = world.writes().iter().filter(|write| write.path.ends_with("/merge")).count();
    assert_eq!(merges, 1);
}

#[tokio::test]
async fn what_can_not_be_handed_over_is_refused_with_the_reason() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let me = admin.session.my_uuid();
    let olaf = world.user("olaf").await;
    let nina = world.user("nina").await;
    let sleeping = world.user_with(json!({ "email": "sleeping@example.org" })).await;
    let boss =
        world.user_with(json!({ "email": "boss@example.org", "is_active": true, "is_admin": true })).await;
    let system: UserUuid = "zzzzz-tpzed-000000000000000".parse().unwrap();
    let reassign = |from, to, project: Option<&str>| {
        Intent::Reassign(intent::Reassign {
            from,
            to,
            project: project.map(str::to_owned),
            leaving: Leaving::Leaves,
            regrant: Vec::new(),
        })
    };
    for (intent, reason) in [
        (reassign(olaf, olaf, None), "must be somebody else"),
        (reassign(olaf, sleeping, None), "the successor, sleeping@example.org, is not active"),
        (reassign(system, nina, None), "left alone"),
        (reassign(me, nina, None), "your own account"),
        (reassign(boss, nina, None), "unmake the admin first"),
        (reassign(olaf, nina, Some(" ")), "not empty"),
        (reassign(olaf, nina, Some("a\u{1b}[31m")), "control characters"),
        (reassign(olaf, nina, Some(&"x".repeat(10_000))), "too long"),
    ] {
        let plan = survey(&admin, intent).await;
        assert!(plan.steps().is_empty(), "{reason}");
        let Intent::Reassign(intent::Reassign { from, .. }) = plan.intent() else { panic!("{plan:?}") };
        assert!(plan.refused().iter().all(|r| r.target == Target::User(*from)), "{:?}", plan.refused());
        let refused: Vec<&str> = plan.refused().iter().map(|r| r.reason.as_str()).collect();
        assert!(refused.iter().any(|said| said.contains(reason)), "{refused:?} instead of {reason}");
    }
}

#[tokio::test]
async fn the_calls_shown_before_a_handover_are_the_calls_that_are_made() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let olaf = world.leaver().await;
    let nobody = world.user("nobody").await;
    let from_nobody = handover(nobody, olaf.successor, Leaving::Leaves);
    let otto = world.user("otto").await;
    world.project(otto, "results").await;
    let from_otto = handover(otto, olaf.successor, Leaving::Stays);
    for intent in [from_nobody, olaf.intent(Leaving::Leaves, Vec::new()), from_otto] {
        let plan = survey(&admin, intent.clone()).await;
        let shown: Vec<(String, String)> = plan
            .steps()
            .iter()
            .flat_map(|planned| planned.step.requests())
            .filter(|call| call.method.as_str() != "GET")
            .map(|call| (call.method.to_string(), call.path))
            .collect();
        world.demo.clear_requests();
        assert_eq!(*only(&carry_out(&admin, intent.clone()).await), ItemResult::Done);
        let made: Vec<(String, String)> = world.writes().into_iter().map(|w| (w.method, w.path)).collect();
        assert_eq!(shown, made, "{intent:?}");
    }
}
