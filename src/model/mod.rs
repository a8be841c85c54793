//! Records as the program means them, in the administrator's words. Nothing here knows JSON, HTTP or
//! the terminal; everything else may use it.

pub mod ids;
