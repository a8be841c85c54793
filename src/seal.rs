//! The process holds tokens: what it had in memory is left in no core file, and no other program of the same user
//! looks into it, as far as the system lets a program say so.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Seals the process. Called once, before anything is read. Where the system refuses, the program works all the
/// same: there is nothing that the user could do about it.
pub fn seal() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // It also takes `/proc/PID/environ`, with the token in it, and the memory from everybody but root. A
        // core pattern that is a program gets none either, which the limit alone would not keep from it.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
