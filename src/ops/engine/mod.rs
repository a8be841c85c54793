//! What applies a change, whichever: what is asked of each (`act`), and what each works with.

pub mod act;
pub(super) mod belongings;
pub(super) mod bench;
pub(super) mod check;
pub(super) mod haste;
pub(super) mod helpers;
pub(super) mod look;
pub(super) mod seen;
pub(super) mod silence;

pub(super) use self::act::{Act, Asks, Change, Is, Named, Takes, Touches, Turn, What};
pub(super) use self::bench::{Bench, StepDone};
pub(super) use self::check::{Account, Check, Had, LoginIs, Sweep, TokenCheck, TokenIs};
pub(super) use self::haste::Tried;
pub(super) use self::helpers::{Helper, NoHelper};
pub(super) use self::look::{Look, LookAt};
pub(super) use self::seen::{How, SeenTokens, visible};
pub(super) use self::silence::{Seen, Unseen, after_silence, came_out};
