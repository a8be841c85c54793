//! `/config` and `/vocabulary`: what the cluster tells anybody about itself (api.md b.4).

use crate::demo::answer::Answer;
use crate::demo::query::MAX_ITEMS;
use crate::demo::store::Store;
use crate::demo::uuid::CLUSTER;
use serde_json::{Map, json};

/// The exported configuration.
pub fn config(store: &Store) -> Answer {
    let mut remotes = Map::new();
    let remote = |host: &str, proxy: bool| {
        json!({
            "ActivateUsers": false, "Host": host, "Insecure": false, "Proxy": proxy, "Scheme": "https"
        })
    };
    remotes.insert("*".to_owned(), remote("", false));
    for id in &store.remotes {
        remotes.insert(id.clone(), remote(&format!("arvados.{id}.example"), true));
    }
    Answer::of(&json!({
        "ClusterID": CLUSTER,
        "API": {
            "DisabledAPIs": {},
            "MaxConcurrentRequests": 64,
            "MaxIndexDatabaseRead": store.settings.max_index_database_read,
            "MaxItemsPerResponse": MAX_ITEMS,
            "MaxRequestSize": store.settings.max_request_size,
            "MaxKeepBlobBuffers": 0,
            "RequestTimeout": "5m0s",
            "SendTimeout": "1m0s",
            "VocabularyPath": "",
            "UnfreezeProjectRequiresAdmin": false
        },
        "AuditLogs": { "MaxAge": "336h0m0s", "MaxDeleteBatch": 0, "UnloggedAttributes": {} },
        "Collections": {
            "BlobSigning": true,
            "BlobSigningTTL": "336h0m0s",
            "DefaultTrashLifetime": "336h0m0s",
            "ForwardSlashNameSubstitution": "",
            "TrashSweepInterval": "1m0s"
        },
        "Containers": { "LogReuseDecisions": false, "ReserveExtraRAM": 576_716_800 },
        "Login": {
            "Google": { "Enable": false },
            "LDAP": { "Enable": false },
            "LoginCluster": "",
            "OpenIDConnect": { "Enable": false },
            "PAM": { "Enable": false },
            "RemoteTokenRefresh": "5m0s",
            "Test": { "Enable": true },
            "TrustPrivateNetworks": false,
            "TrustedClients": {}
        },
        "RemoteClusters": remotes,
        "Services": {
            "Controller": { "ExternalURL": "" },
            "Workbench2": { "ExternalURL": "" },
            "WebShell": { "ExternalURL": "" }
        },
        "Users": {
            "AnonymousUserToken": "",
            "CanCreateRoleGroups": true,
            "RoleGroupsVisibleToAll": true,
            "SupportEmailAddress": "",
            "SyncIgnoredGroups": store.settings.sync_ignored_groups,
            "SyncRequiredGroups": store.settings.sync_required_groups,
            "SyncUserAccounts": store.settings.sync_user_accounts,
            "SyncUserAPITokens": store.settings.sync_user_api_tokens,
            "SyncUserGroups": store.settings.sync_user_groups,
            "SyncUserSSHKeys": true
        },
        "Workbench": {
            "InactivePageHTML": "",
            "SSHHelpHostSuffix": "",
            "SSHHelpPageHTML": "",
            "SiteName": "Arvados demo cluster",
            "UserProfileFormFields": {
                "Role": { "FormFieldTitle": "Role", "Required": false, "Type": "text" },
                "Organization": { "FormFieldTitle": "Organization", "Required": false, "Type": "text" }
            },
            "UserProfileFormMessage": "",
            "WelcomePageHTML": ""
        }
    }))
}

/// A cluster without a vocabulary.
pub fn vocabulary(_: &Store) -> Answer {
    Answer::of(&json!({ "strict_tags": false, "tags": {} }))
}
