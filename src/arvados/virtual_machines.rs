//! Virtual machines.

use super::client::Client;
use super::decode::{Record, Row};
use super::error::Error;
use super::query::Query;
use crate::model::vm::Vm;

const COLUMNS: &[&str] = &["uuid", "hostname"];

impl Record for Vm {
    fn read(row: &Row<'_>) -> Option<Self> {
        Some(Self { uuid: row.own_uuid()?, hostname: row.text("hostname") })
    }
}

impl Client {
    /// All VMs, by host name.
    pub async fn virtual_machines(&self) -> Result<Vec<Vm>, Error> {
        let query = Query::default().select(COLUMNS);
        let mut vms: Vec<Vm> = self.all("virtual_machines", query).await?;
        vms.sort_by(|a, b| a.hostname.cmp(&b.hostname).then(a.uuid.cmp(&b.uuid)));
        Ok(vms)
    }
}
