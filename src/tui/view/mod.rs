//! Drawing. What is shown follows from the state alone; drawing starts nothing and changes nothing.

mod dialog;
mod table;
mod text;
