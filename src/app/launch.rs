//! How the program was started.

/// How the program was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Where the cluster is to be found, or why nowhere.
    pub place: Place,
    /// Whether anything may be changed.
    pub mode: crate::ops::Mode,
    /// Whether the server's certificate is not checked.
    pub certificates: Certificates,
}

/// Where the cluster is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Here.
    Host(String),
    /// In this process, for trying things out.
    Demo(String),
    /// Nowhere: what was looked for, and what was found.
    NotConfigured(Vec<(String, String)>),
}

/// Whether the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificates {
    /// It is.
    Checked,
    /// `ARVADOS_API_HOST_INSECURE`: shown as a warning all the time.
    Ignored,
}
