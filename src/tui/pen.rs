//! Cells as a terminal wants them: where they are, how they look, what they are, in as few bytes as it takes.
//! Colours of the sixteen go out as the sequences that every terminal knows, a Linux console too, and not as
//! numbers of a palette of 256.

use ratatui::buffer::Cell;
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::io::{self, Write};

/// What switches each way of looking on, and off.
const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// As the terminal does it by itself.
const PLAIN: Look = Look { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

impl Look {
    /// Whether nothing of it is seen where nothing is written.
    fn leaves_blanks_alone(self) -> bool {
        let seen = Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT;
        self.bg == Color::Reset && !self.modifier.intersects(seen)
    }
}

/// Writes cells, row by row from the left. Text looks plain before, and again afterwards.
pub fn write<'a>(out: &mut impl Write, cells: impl Iterator<Item = (u16, u16, &'a Cell)>) -> io::Result<()> {
    let mut look = PLAIN;
    let mut codes = String::new();
    let mut at: Option<Place> = None;
    for (x, y, cell) in cells {
        go(out, at, Position { x, y })?;
        let wanted = Look { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        let wanted = match cell.symbol() {
            " " if wanted.leaves_blanks_alone() && look.leaves_blanks_alone() => look,
            " " if wanted.leaves_blanks_alone() => PLAIN,
            _ => wanted,
        };
        change(out, &mut codes, look, wanted)?;
        look = wanted;
        out.write_all(cell.symbol().as_bytes())?;
        let certain = matches!(cell.symbol().as_bytes(), [b' '..=b'~']);
        at = Some(Place { next: Position { x: x.saturating_add(1), y }, certain });
    }
    change(out, &mut codes, look, PLAIN)
}

/// Where the terminal's cursor is after a cell.
#[derive(Clone, Copy)]
struct Place {
    next: Position,
    /// Whether every terminal has moved by just one. Of signs beyond ASCII some think otherwise.
    certain: bool,
}

fn go(out: &mut impl Write, from: Option<Place>, to: Position) -> io::Result<()> {
    match from {
        Some(Place { next, .. }) if next == to => Ok(()),
        Some(Place { next, certain: true }) if next.y == to.y && next.x < to.x => match to.x - next.x {
            1 => out.write_all(b"\x1b[C"),
            cells => write!(out, "\x1b[{cells}C"),
        },
        Some(_) | None => write!(out, "\x1b[{};{}H", to.y.saturating_add(1), to.x.saturating_add(1)),
    }
}

/// Changes how text looks: from what it is, or from the start, whichever is shorter.
fn change(out: &mut impl Write, codes: &mut String, from: Look, to: Look) -> io::Result<()> {
    if from == to {
        return Ok(());
    }
    codes.clear();
    steps(codes, from, to);
    let stepwise = codes.len();
    // The start alone may be left out: `ESC [ m`.
    if to != PLAIN {
        codes.push_str("0;");
    }
    steps(codes, PLAIN, to);
    let anew = codes.len() - stepwise;
    let shorter = if stepwise <= anew { &codes[..stepwise] } else { &codes[stepwise..] };
    write!(out, "\x1b[{}m", shorter.trim_end_matches(';'))
}

/// Adds what makes one look of the other, each code with a `;` after it.
fn steps(codes: &mut String, from: Look, to: Look) {
    let mut add = |code: u8| {
        // Writing to a string never fails.
        let _ = write!(codes, "{code};");
    };
    let gone = from.modifier - to.modifier;
    let mut kept = from.modifier;
    for (modifier, _, off) in MODIFIERS {
        if gone.contains(modifier) && kept.contains(modifier) {
            add(off);
            // One code switches off all that share it.
            for (other, _, also) in MODIFIERS {
                if also == off {
                    kept -= other;
                }
            }
        }
    }
    for (modifier, on, _) in MODIFIERS {
        if to.modifier.contains(modifier) && !kept.contains(modifier) {
            add(on);
        }
    }
    if from.fg != to.fg {
        colour(codes, to.fg, 30);
    }
    if from.bg != to.bg {
        colour(codes, to.bg, 40);
    }
}

/// Adds a colour: of text if `base` is 30, of what is behind it if it is 40.
fn colour(codes: &mut String, colour: Color, base: u8) {
    let code = match colour {
        Color::Reset => base + 9,
        Color::Black => base,
        Color::Red => base + 1,
        Color::Green => base + 2,
        Color::Yellow => base + 3,
        Color::Blue => base + 4,
        Color::Magenta => base + 5,
        Color::Cyan => base + 6,
        Color::Gray => base + 7,
        Color::DarkGray => base + 60,
        Color::LightRed => base + 61,
        Color::LightGreen => base + 62,
        Color::LightYellow => base + 63,
        Color::LightBlue => base + 64,
        Color::LightMagenta => base + 65,
        Color::LightCyan => base + 66,
        Color::White => base + 67,
        Color::Indexed(index) => {
            let _ = write!(codes, "{};5;{index};", base + 8);
            return;
        }
        Color::Rgb(r, g, b) => {
            let _ = write!(codes, "{};2;{r};{g};{b};", base + 8);
            return;
        }
    };
    let _ = write!(codes, "{code};");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use std::num::NonZero;

    fn sent(cells: &[(u16, u16, &str, Style)]) -> String {
        let cells: Vec<(u16, u16, Cell)> = cells
            .iter()
            .map(|(x, y, symbol, style)| {
                let mut cell = Cell::default();
                cell.set_symbol(symbol).set_style(*style);
                (*x, *y, cell)
            })
            .collect();
        let mut out = Vec::new();
        write(&mut out, cells.iter().map(|(x, y, cell)| (*x, *y, cell))).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_side_by_side_need_no_steps_and_gaps_few_bytes() {
        let plain = Style::new();
        let text = sent(&[(0, 0, "a", plain), (1, 0, "b", plain), (3, 0, "c", plain), (9, 0, "d", plain)]);
        assert_eq!(text, "\x1b[1;1Hab\x1b[Cc\x1b[5Cd");
    }

    #[test]
    fn after_a_sign_that_terminals_disagree_about_the_place_is_said_anew() {
        let text = sent(&[(0, 0, "李", Style::new()), (4, 0, "a", Style::new())]);
        assert_eq!(text, "\x1b[1;1H李\x1b[1;5Ha");
    }

    #[test]
    fn the_sixteen_colours_are_said_as_every_terminal_knows_them() {
        let text = sent(&[(0, 0, "a", Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD))]);
        assert_eq!(text, "\x1b[1;1H\x1b[1;36ma\x1b[m");
        let text = sent(&[(0, 0, "a", Style::new().fg(Color::LightRed).bg(Color::Blue))]);
        assert_eq!(text, "\x1b[1;1H\x1b[91;44ma\x1b[m");
    }

    #[test]
    fn bold_stays_when_dim_goes_although_one_code_ends_both() {
        let bold = Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        let text = sent(&[(0, 0, "a", bold.add_modifier(Modifier::DIM)), (1, 0, "b", bold)]);
        assert_eq!(text, "\x1b[1;1H\x1b[1;2;4ma\x1b[22;1mb\x1b[m");
    }

    #[test]
    fn what_is_not_seen_on_a_blank_is_not_sent() {
        let green = Style::new().fg(Color::Green);
        let text = sent(&[
            (0, 0, "a", green),
            (1, 0, " ", Style::new()),
            (2, 0, "b", green),
            (3, 0, " ", green.add_modifier(Modifier::REVERSED)),
            (4, 0, " ", green),
        ]);
        assert_eq!(text, "\x1b[1;1H\x1b[32ma b\x1b[7m \x1b[m ");
    }

    const SIZE: Rect = Rect { x: 0, y: 0, width: 8, height: 3 };

    fn any_style() -> impl Strategy<Value = Style> {
        let colours =
            prop::sample::select(vec![Color::Reset, Color::Red, Color::LightCyan, Color::Indexed(77)]);
        let modifiers = prop::sample::select(vec![
            Modifier::empty(),
            Modifier::BOLD,
            Modifier::DIM,
            // Not both: to this emulator, as to some terminals, one ends the other.
            Modifier::REVERSED | Modifier::UNDERLINED,
            Modifier::ITALIC,
        ]);
        (colours.clone(), colours, modifiers)
            .prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
    }

    fn any_frame() -> impl Strategy<Value = Buffer> {
        let cell = (prop::sample::select(vec![" ", "a", "Z", "●", "…"]), any_style());
        prop::collection::vec(cell, SIZE.area() as usize).prop_map(|cells| {
            let mut buffer = Buffer::empty(SIZE);
            for (cell, (symbol, style)) in buffer.content.iter_mut().zip(cells) {
                cell.set_symbol(symbol).set_style(style);
            }
            buffer
        })
    }

    fn colour_of(colour: vt100::Color) -> Color {
        match colour {
            vt100::Color::Default => Color::Reset,
            vt100::Color::Idx(1) => Color::Red,
            vt100::Color::Idx(14) => Color::LightCyan,
            vt100::Color::Idx(index) => Color::Indexed(index),
            vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_terminal_shows_frame_after_frame_as_it_was_drawn(frames in prop::collection::vec(any_frame(), 1..4)) {
            let cells = |n| NonZero::new(n).unwrap();
            let mut terminal = vt100::Parser::new(cells(SIZE.height), cells(SIZE.width), 0);
            let mut before = Buffer::empty(SIZE);
            for frame in frames {
                let mut out = Vec::new();
                write(&mut out, before.diff(&frame).into_iter()).unwrap();
                terminal.process(&out);
                for (at, cell) in frame.content.iter().enumerate() {
                    let (x, y) = frame.pos_of(at);
                    let shown = terminal.screen().cell(y, x).unwrap();
                    let symbol = if shown.contents().is_empty() { " " } else { shown.contents() };
                    prop_assert_eq!(symbol, cell.symbol());
                    prop_assert_eq!(colour_of(shown.bgcolor()), cell.bg);
                    prop_assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED));
                    prop_assert_eq!(shown.underline(), cell.modifier.contains(Modifier::UNDERLINED));
                    if cell.symbol() == " " && !shown.inverse() && !shown.underline() {
                        continue;
                    }
                    prop_assert_eq!(colour_of(shown.fgcolor()), cell.fg);
                    prop_assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD));
                    prop_assert_eq!(shown.dim(), cell.modifier.contains(Modifier::DIM));
                    prop_assert_eq!(shown.italic(), cell.modifier.contains(Modifier::ITALIC));
                }
                before = frame;
            }
        }
    }
}
