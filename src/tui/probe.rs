//! What is found out of the terminal itself, once, after the first frame, which waits for nothing. First
//! whether it answers at all: one that does not is asked no more, since it may print what it does not
//! understand. Then how wide it draws the signs, and what colour is behind the text.

use super::queries::{Answers, Query};
use super::theme::{Background, Colours, Signs, Theme};
use super::{pen, reader::reply::Rgb};
use crossterm::cursor::{MoveTo, RestorePosition, SavePosition};
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::buffer::{Buffer, Cell};
use std::io::{self, Write};
use std::time::Duration;

/// How long answers are waited for. Nothing else waits meanwhile; a line by satellite is slow.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Signs of which terminals disagree how wide they are: in locales for Chinese, Japanese and Korean, GNU
/// screen draws all of these two cells wide, mlterm lines and dots, others whatever Unicode calls ambiguous.
const SIGNS: &str = "─●…";

/// How many of them.
const CELLS: u16 = 3;

/// The row they are written to, from 0. Not the first: an answer from there looks like Shift-F3.
const ROW: u16 = 1;

/// How far this has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Nothing was asked.
    #[default]
    Strangers,
    /// It was asked whether it answers.
    Greeted,
    /// It does, and was asked the rest.
    Asked,
}

/// What is known of the start of a row that signs are tried on.
#[derive(Debug, Default)]
pub struct Probe {
    /// How far this has come.
    pub stage: Stage,
    /// What is drawn where signs are tried.
    under: Vec<Cell>,
}

impl Probe {
    /// Remembers what was drawn where signs will be tried.
    pub fn drawn(&mut self, frame: &Buffer) {
        if self.stage != Stage::Asked {
            let cells = (0..2 * CELLS).map_while(|x| frame.cell((x, ROW)));
            self.under = cells.cloned().collect();
        }
    }

    /// Writes the signs, and what follows is to ask where the cursor stands.
    pub fn try_signs(out: &mut impl Write) -> io::Result<()> {
        queue!(out, BeginSynchronizedUpdate, SavePosition, MoveTo(0, ROW))?;
        out.write_all(SIGNS.as_bytes())
    }

    /// Draws again what was there before, wherever the signs have reached.
    pub fn undo(&mut self, out: &mut impl Write) -> io::Result<()> {
        let cells = (0..).zip(&self.under).map(|(x, cell)| (x, ROW, cell));
        pen::write(out, cells)?;
        self.under.clear();
        queue!(out, RestorePosition, EndSynchronizedUpdate)
    }

    /// Whether there is anything to try them on.
    pub fn can_try(&self) -> bool {
        self.under.len() == usize::from(2 * CELLS)
    }
}

/// What is asked with the signs, and after them.
pub fn questions(theme: Theme) -> Vec<Query> {
    let mut questions = Vec::new();
    if theme.colours != Colours::None {
        questions.push(Query::Background);
    }
    // In the end, so that it is known when no more will come.
    questions.push(Query::DeviceAttributes);
    questions
}

/// How the program is to look after what was answered so far.
pub fn fitting(theme: Theme, answers: &Answers) -> Theme {
    let stands = answers.cursor.iter().find(|(row, _)| *row == ROW + 1);
    let signs = match stands {
        Some((_, column)) if *column != CELLS + 1 => Signs::Ascii,
        Some(_) | None => theme.signs,
    };
    let colours = match (theme.colours, answers.background) {
        (Colours::Sixteen(_), Some(colour)) => Colours::Sixteen(background(colour)),
        (colours, _) => colours,
    };
    Theme { colours, signs }
}

/// Whether black or white is the better to be read on it.
fn background(colour: Rgb) -> Background {
    let luminance = luminance(colour);
    if (luminance + 0.05) * (luminance + 0.05) > 1.05 * 0.05 { Background::Light } else { Background::Dark }
}

/// How bright a colour is, from 0 to 1, as WCAG 2 defines it.
pub(super) fn luminance(colour: Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(red: u8, green: u8, blue: u8) -> Rgb {
        Rgb { red, green, blue }
    }

    fn answered(cursor: (u16, u16)) -> Signs {
        let answers = Answers { cursor: vec![cursor], ..Answers::default() };
        fitting(Theme::default(), &answers).signs
    }

    #[test]
    fn signs_of_one_cell_stay_and_wider_ones_become_ascii() {
        assert_eq!(answered((2, 4)), Signs::Unicode);
        // GNU screen in a Japanese locale; mlterm, to which one of them is narrow; no UTF-8 at all.
        for column in [7, 6, 10] {
            assert_eq!(answered((2, column)), Signs::Ascii);
        }
        // Shift-F3.
        assert_eq!(answered((1, 2)), Signs::Unicode);
        assert_eq!(fitting(Theme::default(), &Answers::default()), Theme::default());
    }

    #[test]
    fn colours_follow_what_is_behind_them() {
        for (colour, is) in [
            (rgb(0, 0, 0), Background::Dark),
            (rgb(0x00, 0x2b, 0x36), Background::Dark),
            (rgb(0x30, 0x0a, 0x24), Background::Dark),
            (rgb(255, 255, 255), Background::Light),
            (rgb(0xfd, 0xf6, 0xe3), Background::Light),
        ] {
            let answers = Answers { background: Some(colour), ..Answers::default() };
            assert_eq!(fitting(Theme::default(), &answers).colours, Colours::Sixteen(is), "{colour:?}");
            let plain = Theme { colours: Colours::None, ..Theme::default() };
            assert_eq!(fitting(plain, &answers), plain);
        }
    }

    #[test]
    fn what_the_signs_have_covered_is_drawn_again() {
        let mut probe = Probe::default();
        assert!(!probe.can_try());
        probe.drawn(&Buffer::with_lines(["header", "+ Users -"]));
        assert!(probe.can_try());
        let mut out = Vec::new();
        Probe::try_signs(&mut out).unwrap();
        probe.undo(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\x1b[?2026h\x1b7\x1b[2;1H─●…\x1b[2;1H+ User\x1b8\x1b[?2026l"
        );
        assert!(!probe.can_try());
    }
}
