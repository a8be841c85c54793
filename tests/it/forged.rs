//! Names that play something else: a row of a plan, another user, a cell of a spreadsheet. Any user may choose a
//! name; the username and the UUID are what the server alone gives.

use crate::harness::{Screen, Start};
use crate::program::Program;
use crate::world::World;
use arv_admin::model::ids::UserUuid;
use serde_json::json;
use std::time::Duration;

async fn called(world: &World, username: &str, first: &str, last: &str) -> UserUuid {
    let user = json!({
        "email": format!("{username}@example.org"), "username": username, "is_active": true,
        "first_name": first, "last_name": last,
    });
    world.user_with(user).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_plays_a_row_of_a_plan() {
    let world = World::empty_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    let blanks = "  \u{a0}\u{3000}\u{2003}\u{2800}   ";
    let forged = format!("Delgado{blanks}zzzzz-tpzed-000000000000001{blanks}deactivated; loses nothing");
    let mallory = called(&world, "mallory", "Rosa", &forged).await;
    let otto = called(&world, "otto", "Otto", "Berg").await;
    for args in [&["users", "deactivate", "mallory", "otto"][..], &["users", "deactivate", "mallory"]] {
        let plan = program.run(&[args, &["--dry-run"]].concat()).out;
        let row = plan.lines().find(|line| line.contains("Rosa Delgado") && line.starts_with("  ")).unwrap();
        let cells: Vec<&str> = row.trim().split("  ").filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells[..2], ["mallory", mallory.as_str()], "{plan}");
        assert!(cells[2].starts_with("deactivated"), "what is done comes before the name: {plan}");
        assert!(
            row.ends_with(
                "mallory@example.org  Rosa Delgado zzzzz-tpzed-000000000000001 deactivated; loses nothing"
            ),
            "the name is one cell, the last: {plan}"
        );
    }
    // The same of what was left alone, of progress, and of what failed.
    let done = program.run(&["users", "activate", "mallory", "otto", "--yes"]);
    assert!(done.err.contains(&format!("  mallory {mallory}: ")), "{done:?}");
    let done = program.run(&["users", "deactivate", "mallory", "otto", "--yes"]);
    assert!(done.err.contains(&format!("] accepted: mallory {mallory}\n")), "{done:?}");
    assert!(done.err.contains(&format!("] accepted: otto {otto}\n")), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_who_has_a_name_that_is_not_what_it_seems() {
    let world = World::empty_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    let mixed = called(&world, "mallory", "Rоsa", "Delgado").await;
    let alike = called(&world, "m2", "Rosa", "De1gado").await;
    let rosa = called(&world, "rosa", "Rosa", "Delgado").await;
    called(&world, "zhanna", "Жанна", "Ivanova").await;
    let said = program.run(&["users", "deactivate", "rosa", "mallory", "m2", "zhanna", "--dry-run"]).out;
    let note = |part: &str| said.lines().find(|line| line.contains(part)).unwrap_or_default().to_owned();
    let of_mixed = note("letters of several alphabets");
    assert!(of_mixed.starts_with("warning: ") && of_mixed.contains(mixed.as_str()), "{said}");
    assert!(!of_mixed.contains(rosa.as_str()) && !of_mixed.contains("zhanna"), "{said}");
    let of_alike = note("looks like another user's");
    for who in [mixed, alike, rosa] {
        assert!(of_alike.contains(who.as_str()), "{said}");
    }
    let token = world.token(mixed).await;
    let said = program.run(&["tokens", "revoke", token.uuid.as_str(), "--dry-run"]).out;
    assert!(said.contains("letters of several alphabets"), "its owner's name, too: {said}");
    let said = program.run(&["users", "deactivate", "rosa", "--dry-run"]).out;
    assert!(!said.contains("go by username"), "{said}");
    called(&world, "copy", "Rosa", "Delgado").await;
    let said = program.run(&["users", "deactivate", "rosa", "copy", "--dry-run"]).out;
    assert!(said.contains("a name that another user has as well: go by username and UUID"), "{said}");
}

#[tokio::test]
async fn the_list_marks_names_that_are_not_what_they_seem_and_the_plan_says_so() {
    let mut screen = Screen::start(Start { size: (120, 40), users: 60, ..Start::default() }).await;
    screen.demo.with_store(|store| {
        let rosa = (**store.user_named("rdelgado").unwrap()).clone();
        let (first, last) = (rosa.first_name.clone().unwrap(), rosa.last_name.clone().unwrap());
        let here = rosa.common.uuid.to_string()[..5].to_owned();
        let other = store.users.iter().find(|user| {
            let is_rosa = user.common.uuid == rosa.common.uuid;
            user.is_active && !user.is_admin && !is_rosa && user.common.uuid.to_string().starts_with(&here)
        });
        let mut other = (**other.unwrap()).clone();
        (other.first_name, other.last_name) = (Some(first), Some(last.replace('l', "1")));
        other.username = Some("impostor".to_owned());
        store.put(other);
    });
    screen.press("r").await;
    screen.settle().await;
    screen.press("/").await;
    screen.type_text("impostor").await;
    screen.press("Enter").await;
    screen.settle().await;
    screen.advance(Duration::from_secs(1)).await;
    let row = screen.row("impostor");
    assert!(row.contains("≈ "), "{row}");
    screen.assert_shows("≈ like another's");
    screen.press(":").await;
    screen.type_text("Deactivate").await;
    screen.press("Enter").await;
    screen.settle().await;
    screen.assert_shows("impostor (");
    screen.assert_shows("written otherwise");
}

#[tokio::test]
async fn ones_own_e_mail_is_shown_as_any_name() {
    let mut screen = Screen::open(Start { size: (120, 30), users: 60, ..Start::default() }).await;
    screen.demo.with_store(|store| {
        let is_me = |email: &Option<String>| email.as_deref() == Some("ada@institute.example");
        let me = store.users.iter().find(|user| is_me(&user.email)).unwrap();
        let mut me = (**me).clone();
        me.email =
            Some("eve\u{1b}[2J\u{202e}@x.example      tokens: all\u{3000}\u{3000}READ-ONLY".to_owned());
        store.put(me);
    });
    screen.settle().await;
    let first = screen.text().lines().next().unwrap().to_owned();
    assert!(first.contains("eve[2J@x.example tokens: all READ-ONLY"), "{first:?}");
    assert!(!first.contains('\u{1b}') && !first.contains('\u{202e}'), "{first:?}");
    assert!(!first.contains("   tokens: all") && !first.contains("\u{3000}"), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spreadsheet_that_splits_elsewhere_finds_a_formula() {
    let world = World::empty_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    called(&world, "mallory", "x;=HYPERLINK(1)", "y\t@sum(a1)|+1").await;
    let csv = program.run(&["users", "list", "--format", "csv"]).out;
    let row = csv.lines().find(|line| line.contains("mallory")).unwrap();
    assert!(row.contains("x;'=HYPERLINK(1)") && row.contains("y '@sum(a1)|'+1"), "{row}");
}
