//! Printing: data to standard output, everything else to standard error. The only place that does it.
//! All text is made harmless first (in JSON by escaping, so that nothing of it is lost), and a reader that goes away (`| head`) is no error.

use super::args::Format;
use super::cell::several;
use super::exit::{Exit, Stop};
use super::{stdout, unreadable};
use crate::model::text::{
    clean_lines, clean_start, harmless_json, in_ascii, json_in_ascii, spreadsheet_cell,
};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::marker::PhantomData;
use std::sync::OnceLock;
use unicode_width::UnicodeWidthStr;

/// Where not all rows are known yet, a column grows no wider; a longer cell moves what follows it.
const WIDEST: usize = 40;

/// A cell of a table is cut after so many characters; JSON and CSV have all of it.
const LONGEST: usize = 300;

/// Set if what is printed for people is to have no signs beyond ASCII.
static ASCII: OnceLock<()> = OnceLock::new();

/// From now on, what is printed for people has no signs beyond ASCII. Names stay as they are, and so does
/// data for programs.
pub fn keep_to_ascii() {
    ASCII.get_or_init(|| ());
}

fn shown(text: String) -> String {
    if ASCII.get().is_some() { in_ascii(&text).into_owned() } else { text }
}

/// JSON as it may be printed here.
fn shown_json(json: &str) -> String {
    if ASCII.get().is_some() { json_in_ascii(json) } else { harmless_json(json).into_owned() }
}

/// A cell of CSV as it may be printed here: data for a file is left as it is.
fn shown_cell(text: &str) -> String {
    let cell = spreadsheet_cell(text);
    if io::stdout().is_terminal() { shown(cell) } else { cell }
}

/// A row of data.
pub trait Record: Serialize {
    /// The columns of a table.
    const TITLES: &'static [&'static str];
    /// The columns of CSV: the names that JSON has.
    const FIELDS: &'static [&'static str];
    /// For a table, as people read it.
    fn cells(&self) -> Vec<String>;
    /// For CSV.
    fn fields(&self) -> Vec<String>;
}

/// Where data goes.
pub struct Output {
    format: Format,
    sink: Box<dyn Write>,
}

impl Output {
    /// Standard output.
    pub fn stdout(format: Format) -> Result<Self, Stop> {
        Ok(Self::to(Box::new(io::BufWriter::new(stdout::open()?)), format))
    }

    /// Nowhere: what stands in for an output that is in use.
    pub fn nowhere() -> Self {
        Self::to(Box::new(io::sink()), Format::Table)
    }

    /// Anywhere.
    pub fn to(sink: Box<dyn Write>, format: Format) -> Self {
        Self { format, sink }
    }

    /// How it prints.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Rows that come bit by bit; [`Rows::end`] must be called after the last.
    pub fn rows<R: Record>(&mut self) -> Rows<'_, R> {
        Rows { output: self, widths: Vec::new(), widest: WIDEST, begun: false, record: PhantomData }
    }

    /// Rows that are all there.
    pub fn all<R: Record>(&mut self, records: &[R]) -> Result<(), Stop> {
        let mut rows = Rows { widest: usize::MAX, ..self.rows() };
        rows.add(records)?;
        rows.end()
    }

    /// One thing: as JSON, or as the text that is given for people.
    pub fn one<T: Serialize>(&mut self, thing: &T, text: impl FnOnce() -> String) -> Result<(), Stop> {
        match self.format {
            Format::Json => {
                let json = serde_json::to_string_pretty(thing).map_err(io::Error::from)?;
                self.line(&shown_json(&json))
            }
            Format::Jsonl => {
                let json = json(thing)?;
                self.line(&json)
            }
            Format::Table => self.line(&shown(clean_lines(&text()))),
            Format::Csv => self.one_as_csv(thing),
        }
    }

    /// One row, of the names that JSON has; several texts as in any list; what is else stands in its cell as
    /// JSON.
    fn one_as_csv<T: Serialize>(&mut self, thing: &T) -> Result<(), Stop> {
        let value = serde_json::to_value(thing).map_err(io::Error::from)?;
        let serde_json::Value::Object(mut fields) = value else {
            return Err(io::Error::other("this can't be printed as csv").into());
        };
        unreadable::put_back(&mut fields);
        let cell = |value: &serde_json::Value| match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => shown_cell(text),
            serde_json::Value::Array(values) if values.iter().all(serde_json::Value::is_string) => {
                shown_cell(&several(values.iter().filter_map(serde_json::Value::as_str)))
            }
            other => shown_cell(&shown_json(&other.to_string())),
        };
        let mut csv = csv::Writer::from_writer(&mut self.sink);
        csv.write_record(fields.keys()).map_err(broken)?;
        csv.write_record(fields.values().map(cell)).map_err(broken)?;
        csv.flush()?;
        Ok(())
    }

    /// A line as it is. What stands in it must be harmless already.
    pub fn line(&mut self, text: &str) -> Result<(), Stop> {
        writeln!(self.sink, "{text}")?;
        self.sink.flush()?;
        Ok(())
    }
}

impl Exit {
    /// The code of what was done, after saying what kept it from being printed. What is done is done: a
    /// reader that went away does not make it another code, and another trouble never a better one.
    pub fn though(self, printed: Result<(), Stop>) -> Self {
        match printed {
            Ok(()) | Err(Stop::Closed) => self,
            Err(Stop::Said(worse, text)) => {
                say(&text);
                if self == Self::Done { worse } else { self }
            }
        }
    }
}

/// Rows that come bit by bit.
pub struct Rows<'a, R> {
    output: &'a mut Output,
    widths: Vec<usize>,
    widest: usize,
    begun: bool,
    record: PhantomData<R>,
}

impl<R: Record> Rows<'_, R> {
    /// Prints some more. The columns of a table are as wide as the first rows need them.
    pub fn add(&mut self, records: &[R]) -> Result<(), Stop> {
        if records.is_empty() {
            return Ok(());
        }
        match self.output.format {
            Format::Table => self.add_lines(records)?,
            Format::Csv => self.add_csv(records)?,
            Format::Jsonl => {
                for record in records {
                    writeln!(self.output.sink, "{}", json(record)?)?;
                }
            }
            Format::Json => {
                for record in records {
                    self.output.sink.write_all(if self.begun { b",\n " } else { b"[" })?;
                    self.begun = true;
                    self.output.sink.write_all(json(record)?.as_bytes())?;
                }
            }
        }
        self.output.sink.flush()?;
        Ok(())
    }

    /// After the last row.
    pub fn end(mut self) -> Result<(), Stop> {
        match self.output.format {
            Format::Json if self.begun => writeln!(self.output.sink, "]")?,
            Format::Json => writeln!(self.output.sink, "[]")?,
            Format::Table if !self.begun => self.add_lines(&[])?,
            Format::Csv if !self.begun => self.add_csv(&[])?,
            Format::Table | Format::Csv | Format::Jsonl => {}
        }
        self.output.sink.flush()?;
        Ok(())
    }

    fn add_lines(&mut self, records: &[R]) -> Result<(), Stop> {
        let rows: Vec<Vec<String>> = records
            .iter()
            .map(|r| r.cells().iter().map(|cell| shown(clean_start(cell, LONGEST))).collect())
            .collect();
        if !self.begun {
            self.begun = true;
            self.widths = R::TITLES.iter().map(|title| title.width()).collect();
            for row in &rows {
                for (width, cell) in self.widths.iter_mut().zip(row) {
                    *width = cell.width().min(self.widest).max(*width);
                }
            }
            let titles: Vec<String> = R::TITLES.iter().map(ToString::to_string).collect();
            writeln!(self.output.sink, "{}", aligned(&titles, &self.widths))?;
        }
        for row in &rows {
            writeln!(self.output.sink, "{}", aligned(row, &self.widths))?;
        }
        Ok(())
    }

    fn add_csv(&mut self, records: &[R]) -> Result<(), Stop> {
        let mut csv = csv::Writer::from_writer(&mut self.output.sink);
        if !self.begun {
            self.begun = true;
            csv.write_record(R::FIELDS).map_err(broken)?;
        }
        for record in records {
            csv.write_record(record.fields().iter().map(|field| shown_cell(field))).map_err(broken)?;
        }
        csv.flush()?;
        Ok(())
    }
}

fn broken(error: csv::Error) -> Stop {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => io::Error::other(format!("{other:?}")).into(),
    }
}

/// As JSON that says all of it and is harmless to look at.
fn json<T: Serialize>(thing: &T) -> Result<String, Stop> {
    let json = serde_json::to_string(thing).map_err(io::Error::from)?;
    Ok(shown_json(&json))
}

/// Cells in columns, parted by two blanks, with none at the end.
pub fn aligned(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = if cell.is_empty() { "-" } else { cell };
        line.push_str(cell);
        line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
    }
    line.truncate(line.trim_end().len());
    line
}

/// Says something on standard error. If that is closed, nobody wants to know.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", shown(clean_lines(text)));
}

/// Begins a line on standard error without ending it: a question, or progress that is written over.
pub fn say_inline(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{}", shown(text.to_owned()));
    let _ = stderr.flush();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::cell::columns;
    use std::sync::{Arc, Mutex};

    #[derive(Serialize)]
    struct Person {
        uuid: &'static str,
        name: String,
    }

    impl Record for Person {
        const TITLES: &'static [&'static str] = &["UUID", "NAME"];
        columns!(uuid, name);

        fn cells(&self) -> Vec<String> {
            vec![self.uuid.to_owned(), self.name.clone()]
        }
    }

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printed(format: Format, pages: &[&[&str]]) -> String {
        let buffer = Buffer::default();
        let mut output = Output::to(Box::new(buffer.clone()), format);
        let mut rows = output.rows::<Person>();
        for page in pages {
            let page: Vec<Person> =
                page.iter().map(|name| Person { uuid: "zzzzz", name: (*name).to_owned() }).collect();
            rows.add(&page).expect("written");
        }
        rows.end().expect("written");
        let bytes = buffer.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_table_has_titles_once_and_columns_that_stay() {
        assert_eq!(
            printed(Format::Table, &[&[], &["Rosa", "李"], &["Ada"]]),
            "UUID   NAME\nzzzzz  Rosa\nzzzzz  李\nzzzzz  Ada\n"
        );
        assert_eq!(printed(Format::Table, &[]), "UUID  NAME\n");
    }

    #[test]
    fn json_is_one_document_however_many_pages_came() {
        let text = printed(Format::Json, &[&["Rosa"], &[], &["Ada"]]);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1]["name"], "Ada");
        assert_eq!(printed(Format::Json, &[]), "[]\n");
        assert_eq!(printed(Format::Jsonl, &[&["Rosa"], &["Ada"]]).lines().count(), 2);
    }

    #[test]
    fn no_spreadsheet_takes_a_name_for_a_formula() {
        let text = printed(Format::Csv, &[&["=1+1", "\t=2", "a,b"], &["-3"]]);
        assert_eq!(text, "uuid,name\nzzzzz,'=1+1\nzzzzz,' =2\nzzzzz,\"a,b\"\nzzzzz,'-3\n");
    }

    #[test]
    fn nothing_printed_steers_the_terminal() {
        assert!(!printed(Format::Table, &[&["\u{1b}[31mRosa\u{202e}"]]).contains(['\u{1b}', '\u{202e}']));
    }
}
