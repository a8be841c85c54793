//! The program; see [`arv_admin::program`].

use std::process::ExitCode;

fn main() -> ExitCode {
    arv_admin::program::main()
}
