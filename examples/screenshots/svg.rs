//! A terminal's screen as SVG. Everything stands where its cell is, whatever font shows it: texts are
//! fitted to their cells, signs are centred in theirs, and the lines of boxes are drawn.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Width of a cell, in tenths of a pixel: so all sums are exact.
const WIDE: usize = 84;
/// Height of a cell, likewise.
const HIGH: usize = 180;
/// Around the screen, likewise.
const EDGE: usize = 120;
/// From the top of a cell to where its letters stand, likewise.
const BASELINE: usize = 132;

const BACKGROUND: Rgb = Rgb(0x1b, 0x1e, 0x24);
const FOREGROUND: Rgb = Rgb(0xd5, 0xd8, 0xde);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

impl Rgb {
    /// As a terminal shows dim text: two fifths of the way to what is behind it.
    fn dimmed(self, behind: Self) -> Self {
        let mix = |a: u8, b: u8| u8::try_from((u16::from(a) * 3 + u16::from(b) * 2) / 5).unwrap();
        Self(mix(self.0, behind.0), mix(self.1, behind.1), mix(self.2, behind.2))
    }

    fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

fn rgb(colour: Color, default: Rgb) -> Rgb {
    match colour {
        Color::Reset => default,
        Color::Black => Rgb(0x1b, 0x1e, 0x24),
        Color::Red | Color::LightRed => Rgb(0xf0, 0x71, 0x78),
        Color::Green | Color::LightGreen => Rgb(0x98, 0xc3, 0x79),
        Color::Yellow | Color::LightYellow => Rgb(0xe5, 0xc0, 0x7b),
        Color::Blue | Color::LightBlue => Rgb(0x61, 0xaf, 0xef),
        Color::Magenta | Color::LightMagenta => Rgb(0xc6, 0x78, 0xdd),
        Color::Cyan | Color::LightCyan => Rgb(0x56, 0xb6, 0xc2),
        Color::Gray => Rgb(0xab, 0xb2, 0xbf),
        Color::DarkGray => Rgb(0x5c, 0x63, 0x70),
        Color::White => Rgb(0xff, 0xff, 0xff),
        other => panic!("the program uses the terminal's sixteen colours only, not {other}"),
    }
}

/// How a cell looks in the end.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    front: Rgb,
    behind: Rgb,
    bold: bool,
    underlined: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let is = |modifier| cell.modifier.contains(modifier);
        let (mut front, mut behind) = (rgb(cell.fg, FOREGROUND), rgb(cell.bg, BACKGROUND));
        if is(Modifier::REVERSED) {
            std::mem::swap(&mut front, &mut behind);
        }
        if is(Modifier::DIM) {
            front = front.dimmed(behind);
        }
        Self { front, behind, bold: is(Modifier::BOLD), underlined: is(Modifier::UNDERLINED) }
    }
}

/// Cells of one look, side by side.
struct Run {
    x: usize,
    cells: usize,
    text: String,
    look: Look,
}

/// The screen as an SVG document.
pub fn render(buffer: &Buffer, title: &str) -> String {
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = (px(columns * WIDE + 2 * EDGE), px(rows * HIGH + 2 * EDGE));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>{}</title>\n\
         <style>text {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', \
         'Liberation Mono', monospace; white-space: pre }} .b {{ font-weight: bold }} \
         .u {{ text-decoration: underline }} .m {{ text-anchor: middle }}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n",
        escaped(title),
        BACKGROUND.hex(),
    );
    for y in 0..rows {
        let row = &buffer.content[y * columns..(y + 1) * columns];
        let runs = runs(row);
        for run in &runs {
            add_background(&mut svg, run, y);
        }
        for run in &runs {
            add_run(&mut svg, run, y);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn runs(row: &[Cell]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0;
    while x < row.len() {
        let (symbol, look) = (row[x].symbol(), Look::of(&row[x]));
        // A wide character takes the next cell, too.
        let cells = symbol.width().max(1);
        match runs.last_mut() {
            Some(last) if last.look == look => {
                last.cells += cells;
                last.text.push_str(symbol);
            }
            _ => runs.push(Run { x, cells, text: symbol.to_owned(), look }),
        }
        x += cells;
    }
    runs
}

fn add_background(svg: &mut String, run: &Run, y: usize) {
    if run.look.behind != BACKGROUND {
        let (x, y) = (px(EDGE + run.x * WIDE), px(EDGE + y * HIGH));
        let (width, height, fill) = (px(run.cells * WIDE), px(HIGH), run.look.behind.hex());
        writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>")
            .unwrap();
    }
}

/// Words where they stand, signs in the middle of their cells, lines as lines.
fn add_run(svg: &mut String, run: &Run, y: usize) {
    let mut x = run.x;
    let mut word = String::new();
    let mut lines = String::new();
    for c in run.text.chars() {
        let cells = UnicodeWidthStr::width(c.encode_utf8(&mut [0; 4]) as &str);
        if let Some(line) = line(c, x, y) {
            add_word(svg, run, x, y, &mut word);
            lines.push_str(&line);
        } else if is_sign(c) {
            add_word(svg, run, x, y, &mut word);
            let (middle, base) = (px(EDGE + x * WIDE + cells * WIDE / 2), px(EDGE + y * HIGH + BASELINE));
            let (class, fill) = (class(run.look, "m"), run.look.front.hex());
            writeln!(svg, "<text x=\"{middle}\" y=\"{base}\"{class} fill=\"{fill}\">{c}</text>").unwrap();
        } else {
            word.push(c);
        }
        x += cells;
    }
    add_word(svg, run, x, y, &mut word);
    if !lines.is_empty() {
        let stroke = run.look.front.hex();
        writeln!(svg, "<path d=\"{}\" fill=\"none\" stroke=\"{stroke}\"/>", lines.trim_end()).unwrap();
    }
}

/// The text that ends before cell `end`.
fn add_word(svg: &mut String, run: &Run, end: usize, y: usize, word: &mut String) {
    let text = std::mem::take(word);
    let (start, trimmed) = (end - text.width(), text.trim());
    if trimmed.is_empty() {
        return;
    }
    let x = start + (text.width() - text.trim_start().width());
    let (at, base) = (px(EDGE + x * WIDE), px(EDGE + y * HIGH + BASELINE));
    let (length, fill) = (px(trimmed.width() * WIDE), run.look.front.hex());
    writeln!(
        svg,
        "<text x=\"{at}\" y=\"{base}\" textLength=\"{length}\"{} fill=\"{fill}\" \
         xml:space=\"preserve\">{}</text>",
        class(run.look, ""),
        escaped(trimmed),
    )
    .unwrap();
}

fn class(look: Look, more: &str) -> String {
    let mut classes = Vec::from_iter((!more.is_empty()).then_some(more));
    classes.extend(look.bold.then_some("b"));
    classes.extend(look.underlined.then_some("u"));
    if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) }
}

/// Signs that many fonts lack: another font's are of another width.
fn is_sign(c: char) -> bool {
    !c.is_ascii() && !c.is_alphanumeric()
}

/// The path of a character that draws boxes, or nothing if it is another.
fn line(c: char, x: usize, y: usize) -> Option<String> {
    let (left, top) = (EDGE + x * WIDE, EDGE + y * HIGH);
    let (right, bottom, middle, centre) = (left + WIDE, top + HIGH, left + WIDE / 2, top + HIGH / 2);
    let [left, right, top, bottom, middle, centre] = [left, right, top, bottom, middle, centre].map(px);
    let across = format!("M{left} {centre}H{right}");
    let down = format!("M{middle} {top}V{bottom}");
    let curve = |from_y: &str, to_x: &str| format!("M{middle} {from_y}Q{middle} {centre} {to_x} {centre}");
    let path = match c {
        '─' | '━' => across,
        '│' | '┃' => down,
        '╭' | '┌' => curve(&bottom, &right),
        '╮' | '┐' => curve(&bottom, &left),
        '╰' | '└' => curve(&top, &right),
        '╯' | '┘' => curve(&top, &left),
        '├' => format!("{down}M{middle} {centre}H{right}"),
        '┤' => format!("{down}M{middle} {centre}H{left}"),
        '┬' => format!("{across}M{middle} {centre}V{bottom}"),
        '┴' => format!("{across}M{middle} {centre}V{top}"),
        '┼' => format!("{across}{down}"),
        _ => return None,
    };
    Some(path + " ")
}

/// Tenths of a pixel, as SVG has them.
fn px(tenths: usize) -> String {
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
