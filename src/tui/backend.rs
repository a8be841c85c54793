//! The backend for real terminals: each frame goes out whole, as one synchronized update, and where nothing
//! changed nothing goes out at all.

use super::pen;
use super::terminal::Wipe;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::io::{self, Write};

/// A terminal behind a writer.
pub struct Wire<W: Write> {
    inner: CrosstermBackend<W>,
    update: Update,
    cursor: Cursor,
    shows: Shows,
}

/// What stands on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// Nothing of ours, but perhaps the shell's lines, where there is no alternate screen.
    Nothing,
    /// What was drawn, a secret perhaps.
    Ours,
}

/// Whether a synchronized update is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Update {
    None,
    Open,
}

/// What the terminal does with its cursor, as far as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Unknown,
    Hidden,
    At(Position),
}

impl<W: Write> Wire<W> {
    /// A terminal of which nothing is known yet.
    pub fn new(writer: W) -> Self {
        Self {
            inner: CrosstermBackend::new(writer),
            update: Update::None,
            cursor: Cursor::Unknown,
            shows: Shows::Nothing,
        }
    }

    fn open(&mut self) -> io::Result<()> {
        if self.update == Update::None {
            queue!(self.inner, BeginSynchronizedUpdate)?;
            self.update = Update::Open;
        }
        Ok(())
    }
}

impl<W: Write> Backend for Wire<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.open()?;
        self.shows = Shows::Ours;
        if matches!(self.cursor, Cursor::At(_)) {
            // It is moved while drawing, and would be seen flitting about.
            queue!(self.inner, Hide)?;
            self.cursor = Cursor::Hidden;
        }
        pen::write(&mut self.inner, content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor != Cursor::Hidden {
            self.open()?;
            queue!(self.inner, Hide)?;
            self.cursor = Cursor::Hidden;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        // Shown where it is to be: see `set_cursor_position`, which always follows.
        Ok(())
    }

    /// What is known of it. The terminal is never asked: its answer would come among the keys, where
    /// somebody else is listening. What is put there before a clear is set anew with every frame.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(match self.cursor {
            Cursor::At(position) => position,
            Cursor::Hidden | Cursor::Unknown => Position::ORIGIN,
        })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor != Cursor::At(position) {
            self.open()?;
            queue!(self.inner, MoveTo(position.x, position.y), Show)?;
            self.cursor = Cursor::At(position);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.open()?;
        self.cursor = Cursor::Unknown;
        match clear_type {
            // What a terminal without an alternate screen clears in one go it keeps among the lines scrolled
            // off: a secret would be among them. The shell's lines are to be kept there.
            ClearType::All if self.shows == Shows::Ours => queue!(self.inner, Wipe),
            ClearType::All
            | ClearType::AfterCursor
            | ClearType::BeforeCursor
            | ClearType::CurrentLine
            | ClearType::UntilNewLine => self.inner.clear_region(clear_type),
        }
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.update == Update::Open {
            queue!(self.inner, EndSynchronizedUpdate)?;
            self.update = Update::None;
            return Backend::flush(&mut self.inner);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::buffer::Buffer;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[derive(Clone, Default)]
    struct Tap(Rc<RefCell<Vec<u8>>>);

    impl Write for Tap {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Tap {
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut *self.0.borrow_mut())).unwrap()
        }
    }

    fn frame(wire: &mut Wire<Tap>, text: &str) {
        let buffer = Buffer::with_lines([text]);
        let cells: Vec<_> = (0..buffer.area.width).map(|x| (x, 0, &buffer[(x, 0)])).collect();
        wire.draw(cells.into_iter()).unwrap();
        wire.hide_cursor().unwrap();
        Backend::flush(wire).unwrap();
    }

    #[test]
    fn a_frame_goes_out_whole_and_an_empty_one_not_at_all() {
        let tap = Tap::default();
        let mut wire = Wire::new(tap.clone());
        frame(&mut wire, "users");
        let sent = tap.take();
        assert!(sent.starts_with("\x1b[?2026h") && sent.ends_with("\x1b[?2026l"), "{sent:?}");
        assert!(sent.contains("users"));
        frame(&mut wire, "");
        assert_eq!(tap.take(), "");
    }

    #[test]
    fn the_shells_lines_are_kept_among_those_scrolled_off_and_ours_are_not() {
        let tap = Tap::default();
        let mut wire = Wire::new(tap.clone());
        wire.clear().unwrap();
        assert!(tap.take().contains("\x1b[2J"));
        frame(&mut wire, "users");
        tap.take();
        wire.clear().unwrap();
        assert!(!tap.take().contains("\x1b[2J"));
    }

    #[test]
    fn a_cursor_that_stays_is_not_sent_again() {
        let tap = Tap::default();
        let mut wire = Wire::new(tap.clone());
        for _ in 0..2 {
            wire.show_cursor().unwrap();
            wire.set_cursor_position((3, 0)).unwrap();
            Backend::flush(&mut wire).unwrap();
        }
        assert_eq!(tap.take().matches("\x1b[?25h").count(), 1);
    }
}
