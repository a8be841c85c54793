//! Reads the journal back.

use super::record::{Read, VERSION};
use super::{Journal, unusable};
use crate::model::ids::ClusterId;
use crate::ops::failure::Failure;
use crate::own_file::{Wanted, open_own};
use std::io::{BufRead, BufReader};

impl Journal {
    /// Shows each line about a cluster, in their order, of which `wanted` says yes before it is looked at more
    /// closely. A journal that is not there has none; one that others can write to is not believed.
    pub(super) fn each_line<T>(
        &self,
        cluster: ClusterId,
        reader: &mut T,
        wanted: impl Fn(&T, &[u8]) -> bool,
        take: impl Fn(&mut T, Read),
    ) -> Result<(), Failure> {
        let Some(path) = self.path() else { return Ok(()) };
        let file = match open_own(path, Wanted::Read) {
            Err(error) if error.is_missing() => return Ok(()),
            opened => opened.map_err(|e| unusable(path, &e))?,
        };
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|e| unusable(path, &e.into()))?;
            if !wanted(reader, &line) {
                continue;
            }
            // A line that was cut off by a crash says nothing.
            let Ok(line) = serde_json::from_slice::<Read>(&line) else { continue };
            if line.v <= VERSION && line.cluster == cluster.as_str() {
                take(reader, line);
            }
        }
        Ok(())
    }
}
