//! Records as the program means them, in the administrator's words. Nothing here knows JSON, HTTP or
//! the terminal; everything else may use it.

pub mod container;
pub mod csv_list;
pub mod field;
pub mod fold;
pub mod group;
pub mod ids;
pub mod likeness;
pub mod session;
pub mod ssh_key;
pub mod text;
pub mod token;
pub mod unix_name;
pub mod user;
pub mod user_filter;
pub mod user_page;
pub mod vm;
pub mod when;
