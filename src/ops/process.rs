//! Which process on which machine: whether what it left is left for good.

use rustix::io::Errno;
use rustix::process::{Pid, getpid, test_kill_process};
use serde::{Deserialize, Serialize};

/// A process, known again when its number is another's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// When it began, in ticks since the machine did; where the system tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<u64>,
    /// Since when the machine runs: an id of that time; where the system tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// What the machine is called; where the system tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// What is known of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    /// It is there.
    Alive,
    /// It is over.
    Over,
    /// It was on another machine, called so.
    Elsewhere(String),
}

impl Process {
    /// This one.
    pub fn this() -> Self {
        let pid = getpid().as_raw_nonzero().get();
        Self { pid, began: began(pid), boot: system("random/boot_id"), host: system("hostname") }
    }

    /// Whether it is still at work.
    pub fn life(&self) -> Life {
        if let (Some(host), true) = (&self.host, self.host != system("hostname")) {
            return Life::Elsewhere(host.clone());
        }
        if self.boot != system("random/boot_id") {
            return Life::Over;
        }
        let Some(pid) = Pid::from_raw(self.pid) else { return Life::Over };
        // Another user's process by now is none of this program's, but may not be asked: EPERM.
        if test_kill_process(pid) == Err(Errno::SRCH) {
            return Life::Over;
        }
        match (self.began, began(self.pid)) {
            (Some(then), Some(now)) if then != now => Life::Over,
            _ => Life::Alive,
        }
    }
}

/// When a process began.
fn began(pid: i32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Its name, which may have anything in it, ends with the last bracket.
    let (_, fields) = stat.rsplit_once(')')?;
    // The name is the second, this the twenty-second.
    fields.split_whitespace().nth(19)?.parse().ok()
}

fn system(name: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_again_and_its_number_alone_is_not_enough() {
        let this = Process::this();
        assert_eq!(this.life(), Life::Alive);
        let written = serde_json::to_string(&this).expect("written");
        assert_eq!(serde_json::from_str::<Process>(&written).expect("read"), this);
        let host = Some("another".to_owned());
        assert_eq!(Process { host, ..this.clone() }.life(), Life::Elsewhere("another".to_owned()));
        if this.began.is_some() {
            assert_eq!(
                Process { began: Some(1), ..this.clone() }.life(),
                Life::Over,
                "another has its number"
            );
            let boot = Some("before".to_owned());
            assert_eq!(Process { boot, ..this.clone() }.life(), Life::Over, "the machine began anew");
        }
        // Beyond the largest that any system gives.
        assert_eq!(Process { pid: i32::MAX, ..this }.life(), Life::Over);
    }
}
