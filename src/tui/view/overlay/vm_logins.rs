//! The logins of a VM: which VM, then whoever can log in to it.

use super::lines::{lines, paragraph};
use super::lists::{CursorRow, plain_row};
use crate::app::action::Action;
use crate::app::overlay::line::{Line as Told, Scroll, Tone as Meant};
use crate::app::overlay::vm_logins::{VmLoginsDialog, may_change};
use crate::app::remote::Remote;
use crate::app::world::World;
use crate::model::ids::UserUuid;
use crate::model::user::User;
use crate::model::vm::Vm;
use crate::ops::read::LoginRow;
use crate::tui::theme::Theme;
use crate::tui::view::dialog::{Body, Dialog, Size};
use crate::tui::view::table::{self, CursorHere, GUTTER, RowMarks};
use crate::tui::view::{logins, text};

/// So many rows while they are read, so that the dialog keeps its size.
const ROWS: usize = 10;

/// Puts it together.
pub fn compose<'a>(
    empty: impl Fn(Size) -> Dialog<'a>,
    overlay: &'a VmLoginsDialog,
    world: &'a World,
) -> Dialog<'a> {
    let mut dialog = empty(Size::Broad);
    dialog.least(ROWS);
    match overlay.chosen() {
        None => which(&mut dialog, overlay),
        Some(vm) => of(&mut dialog, overlay, vm, world),
    }
    dialog
}

fn which<'a>(dialog: &mut Dialog<'a>, overlay: &'a VmLoginsDialog) {
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let vms = overlay.vms().value().map_or(&[][..], Vec::as_slice);
    if vms.is_empty() {
        dialog.body(instead(theme, cells, "VMs", "There are no VMs.", overlay.vms()));
    } else {
        let cursor = overlay.cursor();
        let row = move |at: usize| {
            let here = CursorRow::of(at == cursor.at());
            let host = vms.get(at).map(|vm| vm.hostname.shown()).unwrap_or_default();
            plain_row(theme, cells, here, &host)
        };
        dialog.body(Body::Rows { len: vms.len(), cursor, row: Box::new(row) });
    }
    dialog.button(Action::Back, "Close");
    if !vms.is_empty() {
        dialog.key(Action::Open, "its logins");
    }
}

fn of<'a>(dialog: &mut Dialog<'a>, overlay: &'a VmLoginsDialog, vm: &Vm, world: &'a World) {
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let rows: &[LoginRow] = overlay.logins().value().map_or(&[], |list| &list.rows);
    let widths = table::widths(logins::ON_VM, cells.saturating_sub(GUTTER));
    dialog.head([table::heads(theme, logins::ON_VM, &widths)]);
    if rows.is_empty() {
        let none = format!("Nobody can log in to {}.", vm.hostname.shown());
        dialog.body(instead(theme, cells, "logins", &none, overlay.logins()));
    } else {
        let cursor = overlay.cursor();
        let row = move |at: usize| {
            let here = if at == cursor.at() { CursorHere::Active } else { CursorHere::No };
            let marks = RowMarks { cursor: here, marked: false };
            let cells = rows.get(at).map(|row| logins::on_vm(theme, row)).unwrap_or_default();
            table::row(theme, logins::ON_VM, &widths, marks, &cells)
        };
        dialog.body(Body::Rows { len: rows.len(), cursor, row: Box::new(row) });
    }
    let name = |user: UserUuid| world.user(user).map_or_else(|| user.to_string(), User::display_name);
    let facts = world.session.value().map(|session| &session.cluster);
    let [links, remarks] =
        overlay.current().map(|row| logins::particulars(row, &name, facts)).unwrap_or_default();
    let left_out = overlay.logins().value().and_then(|list| list.left_out.clone());
    let about = [Told::dim(links), Told::plain(remarks), Told::plain(left_out.unwrap_or_default())];
    dialog.foot(about.iter().flat_map(|line| {
        let shown = text::fit(theme, &line.text(), cells);
        paragraph(theme, cells, line.tone, &shown)
    }));
    dialog.button(Action::Back, "Other VM");
    if !rows.is_empty() {
        dialog.key(Action::GoToOwner, "go to the user");
        if may_change(world).is_ok() {
            dialog.key(Action::EditLogin, "change the groups").key(Action::RevokeLogins, "revoke");
        }
    }
    dialog.key(Action::Refresh, "refresh");
}

/// What is said where there are no rows.
fn instead<'a, T>(theme: Theme, cells: usize, what: &str, none: &str, remote: &Remote<T>) -> Body<'a> {
    let told = match (remote.awaiting(), remote.error()) {
        (Some(_), _) => vec![Told::dim(format!("reading {what}…"))],
        (None, Some(failure)) => vec![
            Told::new(Meant::Danger, format!("The {what} could not be read: {}", failure.reason)),
            Told::plain(failure.advice),
        ],
        (None, None) => vec![Told::dim(none)],
    };
    Body::Text(lines(theme, cells, &told), Scroll::default())
}
