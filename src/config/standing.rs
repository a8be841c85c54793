//! Whose word a settings file is: where others can change it, it may name a host of theirs.

use super::places::Surroundings;
use crate::model::text::clean;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Why a settings file may not be what its owner wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What is wrong: a sentence without its end.
    pub what: String,
    /// What to do about it, as a shell takes it, or in words.
    pub remedy: String,
}

/// What may be changed by whom.
const OTHERS_WRITE: u32 = 0o022;

/// In a folder with this mark only its owner moves a file.
const STICKY: u32 = 0o1000;

/// Looks at a settings file, at what a link leads to, and at their folders. What can't be looked at is not
/// there either.
pub fn doubt(around: &Surroundings<'_>, path: &Path) -> Option<Doubt> {
    let real = around.real(path);
    let whole = real.canonicalize().ok()?;
    let named = around.shown(path);
    let leads = if whole == real { named.clone() } else { clean(&whole.to_string_lossy()) };
    let folder = |path: &Path| {
        let metadata = path.parent()?.metadata().ok()?;
        Some(metadata)
    };
    // The link itself has no mode, but an owner.
    let link = real.symlink_metadata().ok()?;
    of_owner(&link, &named, around)
        .or_else(|| of_file(&whole.metadata().ok()?, &leads, path, around))
        .or_else(|| of_folder(&folder(&real)?, &parent(&named), around))
        .or_else(|| of_folder(&folder(&whole)?, &parent(&leads), around))
}

fn parent(shown: &str) -> String {
    Path::new(shown).parent().map(|parent| parent.to_string_lossy().into_owned()).unwrap_or_default()
}

fn of_owner(metadata: &Metadata, shown: &str, around: &Surroundings<'_>) -> Option<Doubt> {
    let owner = metadata.uid();
    (owner != 0 && owner != around.user()).then(|| Doubt {
        what: format!("{shown} belongs to somebody else (user {owner})"),
        remedy: "make a file of your own".to_owned(),
    })
}

fn of_file(metadata: &Metadata, shown: &str, path: &Path, around: &Surroundings<'_>) -> Option<Doubt> {
    of_owner(metadata, shown, around).or_else(|| {
        (metadata.mode() & OTHERS_WRITE != 0).then(|| Doubt {
            what: format!("others on this machine can change {shown}"),
            remedy: around.closing_command(path),
        })
    })
}

fn of_folder(metadata: &Metadata, shown: &str, around: &Surroundings<'_>) -> Option<Doubt> {
    of_owner(metadata, shown, around).or_else(|| {
        let others = metadata.mode() & OTHERS_WRITE != 0 && metadata.mode() & STICKY == 0;
        others.then(|| Doubt {
            what: format!("others on this machine can put another file into {shown}"),
            remedy: format!("chmod go-w {}", Surroundings::quoted(shown)),
        })
    })
}
