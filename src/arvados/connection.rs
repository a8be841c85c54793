//! Where a cluster is, what it is reached by way of, and whose word on certificates is believed.

use crate::model::ids::{ClusterId, TokenUuid};
use crate::secret::Secret;
use std::fmt;
use std::sync::Arc;

/// Where the cluster is and how it is trusted.
#[derive(Debug, Clone)]
pub struct Connection {
    /// `https`, or `http` on loopback only.
    pub scheme: Scheme,
    /// Host, and port if it is not the usual one.
    pub host: String,
    /// The token to act with.
    pub token: Secret,
    /// Which certificates are believed.
    pub trust: Trust,
    /// What connections are made by way of, if not directly.
    pub proxy: Option<Box<Proxy>>,
    /// What is wrong with the settings without making them unusable: sentences.
    pub warnings: Vec<String>,
}

impl Connection {
    /// Unencrypted, on this machine: a demo cluster's.
    pub fn on_loopback(host: String, token: Secret) -> Self {
        let (scheme, trust) = (Scheme::Http, Trust::System);
        Self { scheme, host, token, trust, proxy: None, warnings: Vec::new() }
    }
}

/// Which clusters a token may be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meant {
    /// The cluster that was named: no other gets it.
    pub cluster: Option<ClusterId>,
    /// What else is asked of the host.
    pub token: TokenFor,
}

/// Where a token may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenFor {
    /// To the cluster that issued it, and to those that take it by their federation.
    #[default]
    ItsClusters,
    /// Wherever the settings say: somebody was asked.
    AnyCluster,
}

/// Where a token comes from, by its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuer {
    /// It does not say: the system root token, or one in the old form.
    Unsaid,
    /// This cluster: whoever has it can use it there.
    Cluster(ClusterId),
    /// This cluster, salted for one other: what that one gets is of no use anywhere else.
    SaltedBy(ClusterId),
}

/// How long a salted secret is: an HMAC with SHA-1 in hexadecimal digits, where an unsalted one is longer.
const SALTED: usize = 40;

impl Issuer {
    /// What a token says.
    pub fn of(token: &Secret) -> Self {
        let parts = token.expose().strip_prefix("v2/").and_then(|rest| rest.split_once('/'));
        let Some((uuid, secret)) = parts else { return Self::Unsaid };
        let Ok(uuid) = uuid.parse::<TokenUuid>() else { return Self::Unsaid };
        // Containers' tokens have their container's UUID behind the secret.
        let secret = secret.split('/').next().unwrap_or_default();
        let is_salted =
            secret.len() == SALTED && secret.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_salted { Self::SaltedBy(uuid.cluster()) } else { Self::Cluster(uuid.cluster()) }
    }
}

/// How requests travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Unencrypted; loopback only.
    Http,
    /// Encrypted.
    Https,
}

/// Which certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those of the certificate authorities in this file.
    Authorities(CaFile),
    /// Those of the operating system's certificate authorities.
    System,
    /// Any (`ARVADOS_API_HOST_INSECURE`): shown as a warning all the time.
    Anything,
}

impl fmt::Display for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorities(file) => file.fmt(f),
            Self::System => f.write_str("the operating system's authorities"),
            Self::Anything => f.write_str("not checked"),
        }
    }
}

/// A file of certificate authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaFile {
    /// Its path, as people write it.
    pub path: String,
    /// The variable that names it, if one does.
    pub variable: Option<&'static str>,
    /// What is in it. Certificates are public.
    pub pem: Arc<Vec<u8>>,
}

impl fmt::Display for CaFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match self.variable {
            Some(variable) => write!(f, " ({variable})"),
            None => Ok(()),
        }
    }
}

/// A proxy that connections are made by way of (`CONNECT`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// What it is called in messages.
    pub name: ProxyName,
    /// How it is spoken to.
    pub scheme: Scheme,
    /// Its host; an IPv6 address in brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who we are to it, if it wants to know.
    pub login: Option<ProxyLogin>,
}

/// A user name and password for a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyLogin {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// A proxy as messages name it: by its address, and by the variable that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyName {
    /// `host:port`; never a user name or password.
    pub address: String,
    /// `HTTPS_PROXY`, for example.
    pub variable: &'static str,
}

impl fmt::Display for ProxyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proxy {} ({})", self.address, self.variable)
    }
}
