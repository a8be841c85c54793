//! Applying a suspension (api.md v14). It counts only if a fresh read shows that the user is neither
//! active nor invited; else everything is put back.

use super::bench::{Bench, StepDone};
use super::look::Look;
use super::silence::{Seen, Unseen, after_silence};
use super::users::{Flags, conflict, keep_an_admin, set_flags, state, unless_changed, who_changed};
use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::links::Link;
use crate::arvados::users::UserFlags;
use crate::model::ids::UserUuid;
use crate::model::user::{User, UserStatus};
use crate::ops::failure::Failure;
use crate::ops::journal::Before;
use crate::ops::plan::Note;
use crate::ops::report::{ItemResult, Unclear};
use crate::ops::step::Step;
use crate::ops::survey::reach::inviting_group;
use crate::ops::survey::users::places;

pub(super) async fn suspend(
    bench: &Bench<'_>,
    look: &Look,
    step: &Step,
    uuid: UserUuid,
) -> Result<StepDone, Failure> {
    let user = look.user(uuid)?;
    if user.status == UserStatus::Inactive {
        let who = who_changed(bench, user).await;
        return Ok(StepDone::of(step, ItemResult::Unchanged(format!("inactive already: {who}"))));
    }
    unless_changed(bench, user).await?;
    keep_an_admin(bench, look, user)?;
    let membership: Vec<Link> = places(look.permissions_of(uuid)).cloned().collect();
    let before = Before { links: membership.clone(), ..Before::flags_of(user) };
    bench.write_down(step, &before)?;

    // Alone and at once, since an account of which it does not hold must not stay as it is.
    let stopped = stop(bench, user, &membership).await;
    let seen = bench.cluster.user(uuid).await;
    let failure = match (stopped, seen) {
        (_, Ok(now)) if now.status == UserStatus::Inactive => {
            let done = StepDone::of(step, ItemResult::Done);
            return Ok(done.note(Note::info("Checked by reading again: not active and not invited.")));
        }
        (Ok(Flags::Set), Ok(now)) if now.status == UserStatus::Unreadable => {
            let seen = format!("the server said yes, but whether it held can't be read: {}", state(&now));
            return Ok(StepDone::of(step, ItemResult::Unknown(Unclear { seen, request_id: None })));
        }
        (Ok(Flags::Set), Ok(_)) => match inviting_group(bench.cluster, uuid).await {
            Ok(Some(group)) => held_open(format!("the group {group} still invites its members")),
            Ok(None) | Err(_) => held_open("the server still counts the user as invited".to_owned()),
        },
        (Ok(Flags::Set), Err(error)) => {
            let seen = format!("sent, but looking whether it held failed: {error}");
            return Ok(StepDone::of(step, ItemResult::Unknown(Unclear::of(&error, seen))));
        }
        (Ok(Flags::Unclear(unclear)), _) => {
            // Put back, so that an account is not left in a state that nobody wanted.
            let seen = match put_back(bench, user, &membership).await {
                Ok(PutBack::Nothing) => {
                    format!("{}; there was nothing to put back yet, look again", unclear.seen)
                }
                Ok(PutBack::Something) => format!("{}; what was missing was put back", unclear.seen),
                Err(error) => {
                    format!("{}; the membership of All users could not be put back: {error}", unclear.seen)
                }
            };
            return Ok(StepDone::of(step, ItemResult::Unknown(Unclear { seen, ..unclear })));
        }
        (Err(failure), _) => failure,
    };
    let reason = match put_back(bench, user, &membership).await {
        Ok(PutBack::Nothing) => format!("{}: all is as it was", failure.reason),
        Ok(PutBack::Something) => format!("{}: all was put back as it was", failure.reason),
        Err(error) => format!("{}; putting it back failed too, look at it now: {error}", failure.reason),
    };
    let reason = if user.admin_flag().is_none() {
        format!(
            "{reason}, but for the admin flag, which could not be read: make the user an admin if it was one"
        )
    } else {
        reason
    };
    Err(Failure { reason, ..failure })
}

fn held_open(reason: String) -> Failure {
    Failure { advice: "take the user out of that group first, or deactivate", ..conflict(reason) }
}

/// Takes the membership of All users away, then the flags.
async fn stop(bench: &Bench<'_>, user: &User, membership: &[Link]) -> Result<Flags, Failure> {
    for link in membership {
        match bench.writer().delete_link(link.uuid).await {
            Ok(()) => {}
            // The server takes overlapping links along (api.md b.8).
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.leaves_write_unknown() => {
                let looked = bench.cluster.client.links_by_uuid(&[link.uuid]).await.map(|links| {
                    if links.is_empty() {
                        Seen::AsWanted
                    } else {
                        Seen::Otherwise("still in All users".to_owned())
                    }
                });
                match after_silence(bench, &bench.names.user(user.uuid), &error, looked) {
                    Ok(()) => {}
                    Err(Unseen::NotDone(failure)) => return Err(failure),
                    Err(Unseen::Unclear(unclear)) => return Ok(Flags::Unclear(unclear)),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    let is_admin = user.is_perhaps_admin().then_some(false);
    set_flags(bench, user.uuid, UserFlags { is_active: Some(false), is_admin }).await
}

/// Whether anything had to be put back.
enum PutBack {
    Nothing,
    Something,
}

/// Makes the account what it was.
async fn put_back(bench: &Bench<'_>, user: &User, membership: &[Link]) -> Result<PutBack, Error> {
    let mut done = PutBack::Nothing;
    let client = &bench.cluster.client;
    let links = client.permissions_of(&[user.uuid]).await?;
    let there: Vec<&Link> = places(links.iter()).collect();
    for link in membership.iter().filter(|link| there.iter().all(|other| other.uuid != link.uuid)) {
        bench.writer().create_link(link.tail_uuid, &link.name, link.head_uuid, &link.properties).await?;
        done = PutBack::Something;
    }
    let now = bench.cluster.user(user.uuid).await?;
    let flags = UserFlags {
        is_active: (user.is_active() && !now.is_active()).then_some(true),
        is_admin: (user.is_admin() && !now.is_admin()).then_some(true),
    };
    if flags != UserFlags::default() {
        bench.writer().update_user(user.uuid, flags).await?;
        done = PutBack::Something;
    }
    Ok(done)
}
