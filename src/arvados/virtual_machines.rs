//! Virtual machines.

use super::client::Client;
use super::error::Error;
use super::query::Query;
use crate::model::ids::VmUuid;
use crate::model::vm::Vm;
use serde::Deserialize;

const COLUMNS: &[&str] = &["uuid", "hostname"];

#[derive(Deserialize)]
struct VmRecord {
    uuid: VmUuid,
    #[serde(default)]
    hostname: Option<String>,
}

impl From<VmRecord> for Vm {
    fn from(record: VmRecord) -> Self {
        Self { uuid: record.uuid, hostname: record.hostname.unwrap_or_default().into() }
    }
}

impl Client {
    /// All VMs, by host name.
    pub async fn virtual_machines(&self) -> Result<Vec<Vm>, Error> {
        let query = Query::default().select(COLUMNS);
        let records = self.all("virtual_machines", query, |r: &VmRecord| r.uuid).await?;
        let mut vms: Vec<Vm> = records.into_iter().map(Vm::from).collect();
        vms.sort_by(|a, b| a.hostname.cmp(&b.hostname).then(a.uuid.cmp(&b.uuid)));
        Ok(vms)
    }
}
