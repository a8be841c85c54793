//! Reading the wire: every row of a list and every field of a record for itself. What can't be read takes
//! nothing else with it, however deep, long or odd it is: rows are cut out of the answer unread, and each
//! field out of its row, so that only what is asked for is looked into. Nothing of a row is copied but the
//! fields that are asked for: rows of tokens have secrets in them.

use super::budget::{LONGEST_LIST_OF_TEXTS, LONGEST_TEXT, MOST_FIELDS, MOST_ROWS};
use super::mend;
use crate::model::field::{Date, Field, Text, Unreadable};
use crate::model::ids::AnyUuid;
use crate::model::token::{Ends, Scopes};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use zeroize::Zeroizing;

/// So many bytes are looked at of what can't be read.
const STARTS: usize = 400;

/// A record of the server.
pub trait Record: Sized {
    /// What is asked for of a record that is too long to be read whole: enough to say which one it is.
    const LEAN: &'static [&'static str] = &["uuid"];

    /// Reads it; `None` if too little of it can be read to say which record it is.
    fn read(row: &Row<'_>) -> Option<Self>;
}

/// An answer of which only matters that it came.
pub fn anything(json: &[u8]) -> serde_json::Result<()> {
    serde_json::from_slice::<IgnoredAny>(json).map(drop)
}

/// One record, or nothing where it can't be said which one it is: `known` is its UUID, where it was asked for
/// by that.
pub fn one<T: Record>(json: &[u8], known: Option<AnyUuid>) -> serde_json::Result<Option<T>> {
    lenient(json, |json| {
        let row: Row<'_> = match serde_json::from_slice(json) {
            Ok(row) => row,
            Err(error) => std::str::from_utf8(json).ok().and_then(Row::mended).ok_or(error)?,
        };
        Ok(T::read(&Row { known, ..row }))
    })
}

/// One page of a list. Each row is read and let go before the next: a thousand that are cut into their fields
/// take more room than all that is kept of them.
pub fn page<T: Record>(json: &[u8]) -> serde_json::Result<Page<T>> {
    lenient(json, |json| {
        if let Ok(page) = serde_json::from_slice::<Envelope<'_, T, Row<'_>>>(json) {
            return Ok(page.page());
        }
        // A row is no object, or not even one of its names can be read.
        match serde_json::from_slice::<Envelope<'_, T, &RawValue>>(json) {
            Ok(page) => Ok(page.page()),
            // Some row is no JSON.
            Err(error) => std::str::from_utf8(json).ok().and_then(mended_page).ok_or(error),
        }
    })
}

/// A page of which a row is no JSON; none if it is no list at all.
fn mended_page<T: Record>(json: &str) -> Option<Page<T>> {
    let whole = Row::mended(json)?;
    let mut page = Page::empty();
    for row in mend::items(whole.field("items")?.json(), MOST_ROWS)? {
        let row = serde_json::from_str(row).ok().or_else(|| Row::mended(row));
        page.add(row.as_ref());
    }
    page.items_available = whole.count("items_available");
    Some(page)
}

/// A page of a list; a total is there only if asked for.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows that could be read.
    pub items: Vec<T>,
    /// How many rows the server gave.
    pub rows: usize,
    /// The rows that could not be read: their places.
    pub unread: Vec<usize>,
    /// The place of the last row that could be read.
    pub last_read: Option<usize>,
    /// The last row that has a UUID, and its place.
    pub last: Option<(usize, AnyUuid)>,
    /// How many rows there are in all, if counted.
    pub items_available: Option<usize>,
}

/// A list as it comes: its rows are read as `R`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Record, R: IntoRow<'de>"))]
struct Envelope<'a, T, R> {
    #[serde(borrow)]
    items_available: Option<&'a RawValue>,
    items: Rows<T, R>,
}

impl<T, R> Envelope<'_, T, R> {
    fn page(self) -> Page<T> {
        let items_available = self.items_available.and_then(|total| total.get().parse().ok());
        Page { items_available, ..self.items.page }
    }
}

/// What comes as a row: cut into its fields at once, or left whole until it is known to be an object.
trait IntoRow<'a>: Deserialize<'a> {
    fn into_row(self) -> Option<Row<'a>>;
}

impl<'a> IntoRow<'a> for Row<'a> {
    fn into_row(self) -> Option<Row<'a>> {
        Some(self)
    }
}

impl<'a> IntoRow<'a> for &'a RawValue {
    fn into_row(self) -> Option<Row<'a>> {
        Row::cut(self)
    }
}

struct Rows<T, R> {
    page: Page<T>,
    read_as: PhantomData<R>,
}

impl<'de, T: Record, R: IntoRow<'de>> Deserialize<'de> for Rows<T, R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each<T, R>(PhantomData<(T, R)>);

        impl<'de, T: Record, R: IntoRow<'de>> Visitor<'de> for Each<T, R> {
            type Value = Rows<T, R>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of records")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Rows<T, R>, A::Error> {
                let mut page = Page::empty();
                while let Some(row) = seq.next_element::<R>()? {
                    if page.rows == MOST_ROWS {
                        return Err(A::Error::custom("more rows than any page has"));
                    }
                    page.add(row.into_row().as_ref());
                }
                Ok(Rows { page, read_as: PhantomData })
            }
        }

        deserializer.deserialize_seq(Each(PhantomData))
    }
}

impl<T> Page<T> {
    fn empty() -> Self {
        Self {
            items: Vec::new(),
            rows: 0,
            unread: Vec::new(),
            last_read: None,
            last: None,
            items_available: None,
        }
    }

    fn add(&mut self, row: Option<&Row<'_>>)
    where
        T: Record,
    {
        match row.and_then(T::read) {
            Some(record) => {
                self.items.push(record);
                self.last_read = Some(self.rows);
            }
            None => self.unread.push(self.rows),
        }
        if let Some(uuid) = row.and_then(|row| row.uuid("uuid")) {
            self.last = Some((self.rows, uuid));
        }
        self.rows += 1;
    }
}

/// Reads it again with what is no UTF-8 replaced, if that is what is wrong with it.
fn lenient<T>(json: &[u8], read: impl Fn(&[u8]) -> serde_json::Result<T>) -> serde_json::Result<T> {
    let failed = match read(json) {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    match String::from_utf8_lossy(json) {
        Cow::Borrowed(_) => Err(failed),
        Cow::Owned(mended) => read(Zeroizing::new(mended).as_bytes()),
    }
}

/// A record of the wire, cut into its fields and not looked into.
pub struct Row<'a> {
    fields: Vec<(Cow<'a, str>, &'a str)>,
    /// Its UUID, where that is known without it.
    known: Option<AnyUuid>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Row<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
                let mut fields = Vec::with_capacity(12);
                while let Some(Name(name)) = map.next_key()? {
                    if fields.len() < MOST_FIELDS {
                        fields.push((name, map.next_value::<&RawValue>()?.get()));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Row { fields, known: None })
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// A field's name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Row<'a> {
    /// Cuts it; `None` if it is no object.
    fn cut(json: &'a RawValue) -> Option<Self> {
        serde_json::from_str(json.get()).ok()
    }

    /// Cuts one that is no JSON at some place. A name that has escapes is none that is asked for.
    fn mended(text: &'a str) -> Option<Self> {
        let fields = mend::members(text, MOST_FIELDS)?.into_iter();
        Some(Self { fields: fields.map(|(name, json)| (name.into(), json)).collect(), known: None })
    }

    /// Without fields.
    pub fn empty() -> Self {
        Self { fields: Vec::new(), known: None }
    }

    /// The fields and their JSON.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Raw<'a>)> {
        self.fields.iter().map(|(name, json)| (name.as_ref(), Raw(json)))
    }

    /// A field, if it is there.
    pub fn field(&self, name: &str) -> Option<Raw<'a>> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, json)| Raw(json))
    }

    /// A field that is there and not null.
    fn given(&self, name: &str) -> Option<Raw<'a>> {
        self.field(name).filter(|json| !json.is_null())
    }

    /// Which record it is, if that can be read or is known.
    pub fn own_uuid<T: FromStr + TryFrom<AnyUuid>>(&self) -> Option<T> {
        self.uuid("uuid").or_else(|| self.known?.try_into().ok())
    }

    /// A UUID of this kind, if that is what stands there.
    pub fn uuid<T: FromStr>(&self, name: &str) -> Option<T> {
        self.field(name)?.string()?.parse().ok()
    }

    /// A UUID that need not be there: the server has `null` or `""` then (api.md v23).
    pub fn uuid_if_any<T: FromStr>(&self, name: &str) -> Option<Field<T>> {
        let json = self.given(name)?;
        match json.string() {
            Some(text) if text.is_empty() => None,
            Some(text) => {
                Some(text.parse().map_or_else(|_| Field::Unreadable(Unreadable::of(&text)), Field::Is))
            }
            None => Some(Field::Unreadable(json.odd())),
        }
    }

    /// A text; `null` and `""` mean the same (api.md v23).
    pub fn text(&self, name: &str) -> Text {
        match self.field(name) {
            None => Text::Unreadable(Unreadable::missing()),
            Some(json) if json.is_null() => Text::default(),
            Some(json) => json.string().map_or_else(|| Text::Unreadable(json.odd()), Text::from),
        }
    }

    /// A date, if there is one.
    pub fn date(&self, name: &str) -> Option<Date> {
        self.given(name).map(Raw::date)
    }

    /// When something ends: `null` is never, but a field that is not there says nothing.
    pub fn ends(&self, name: &str) -> Ends {
        match self.field(name) {
            None => Ends::On(Date::Unreadable(Unreadable::missing())),
            Some(json) if json.is_null() => Ends::Never,
            Some(json) => Ends::On(json.date()),
        }
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> Field<bool> {
        match self.field(name) {
            None => Field::Unreadable(Unreadable::missing()),
            Some(Raw("true")) => Field::Is(true),
            Some(Raw("false")) => Field::Is(false),
            Some(json) => Field::Unreadable(json.odd()),
        }
    }

    /// What a token allows.
    pub fn scopes(&self, name: &str) -> Field<Scopes> {
        let Some(json) = self.field(name) else { return Field::Unreadable(Unreadable::missing()) };
        match json.strings() {
            Some(texts) => Field::Is(Scopes::from_wire(texts)),
            // Nothing there is not the same as a list with nothing in it: that token may do nothing.
            None => Field::Unreadable(json.odd()),
        }
    }

    /// An object within; nothing if it is none.
    pub fn row(&self, name: &str) -> Option<Row<'a>> {
        self.field(name)?.row()
    }

    /// A number of things.
    pub fn count(&self, name: &str) -> Option<usize> {
        self.field(name)?.0.parse().ok()
    }
}

/// A value of the wire, as JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// The JSON itself.
    pub fn json(self) -> &'a str {
        self.0
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Its fields, if it is an object.
    pub fn row(self) -> Option<Row<'a>> {
        serde_json::from_str(self.0).ok()
    }

    /// The text, if it is one that can be read, and no longer than any.
    pub fn string(self) -> Option<Cow<'a, str>> {
        if self.0.len() > LONGEST_TEXT {
            return None;
        }
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') {
            serde_json::from_str(self.0).ok().map(Cow::Owned)
        } else {
            Some(inner.into())
        }
    }

    /// The texts, if it is a list of nothing else, and no longer than any.
    pub fn strings(self) -> Option<Vec<String>> {
        if self.0.len() > LONGEST_LIST_OF_TEXTS {
            return None;
        }
        let items: Vec<&RawValue> = serde_json::from_str(self.0).ok()?;
        items.into_iter().map(|item| Raw(item.get()).string().map(Cow::into_owned)).collect()
    }

    fn date(self) -> Date {
        self.string().map_or_else(|| Date::Unreadable(self.odd()), |text| Date::parse(&text))
    }

    /// So much of it as anybody would look at.
    fn start(self) -> &'a str {
        let text = self.0.trim_matches('"');
        let end = (0..=STARTS.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
        &text[..end.unwrap_or_default()]
    }

    /// What stands there, for people: of lists and objects only that they are that.
    pub fn odd(self) -> Unreadable {
        match self.0.as_bytes().first() {
            Some(b'[') => Unreadable::of("[…]"),
            Some(b'{') => Unreadable::of("{…}"),
            Some(b'"') => Unreadable::of(&self.string().unwrap_or_else(|| self.start().into())),
            _ => Unreadable::of(self.start()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of a UUID and a date.
    struct Dated(AnyUuid, Option<Date>);

    impl Record for Dated {
        fn read(row: &Row<'_>) -> Option<Self> {
            Some(Self(row.uuid("uuid")?, row.date("at")))
        }
    }

    fn read(json: &[u8]) -> Page<Dated> {
        page(json).expect("a page")
    }

    fn row(n: u8, at: &str) -> String {
        format!(r#"{{"uuid":"zzzzz-tpzed-00000000000000{n}","at":{at}}}"#)
    }

    #[test]
    fn a_row_too_deep_or_of_another_shape_gives_all_others() {
        let deep = format!("{}1{}", r#"{"a":["#.repeat(500), "]}".repeat(500));
        for odd in [&*deep, "[]", "null", "5", "1e999", "\"x\"", r#"{"uuid":"zzzzz"}"#, r#"{"\ud800":1}"#] {
            let json = format!(r#"{{"items":[{},{odd},{}]}}"#, row(1, "null"), row(2, "null"));
            let page = read(json.as_bytes());
            assert_eq!((page.items.len(), page.rows, page.unread), (2, 3, vec![1]), "{odd}");
            assert_eq!(page.last.map(|(place, _)| place), Some(2));
        }
    }

    #[test]
    fn a_field_of_any_shape_leaves_its_record_standing() {
        let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
        let long = format!("\"{}\"", "x".repeat(1 << 20));
        for (odd, shown) in [
            ("12345", "unreadable: 12345"),
            ("1e999", "unreadable: 1e999"),
            ("true", "unreadable: true"),
            (&*deep, "unreadable: […]"),
            ("{\"api_token\":\"secret\"}", "unreadable: {…}"),
            ("\"soon\"", "unreadable: soon"),
            ("\"\\ud800\"", "unreadable: \\ud800"),
            (&*long, "unreadable: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"),
            ("\"9999-12-31T23:59:59Z\"", "after 9999"),
        ] {
            let json = format!(r#"{{"items":[{},{}]}}"#, row(1, odd), row(2, "\"2026-01-01T00:00:00Z\""));
            let page = read(json.as_bytes());
            let said: Vec<_> =
                page.items.iter().map(|row| row.1.clone().map(|at| at.shown(|_| "a day".into()))).collect();
            assert_eq!(said, [Some(shown.to_owned()), Some("a day".to_owned())], "{odd}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_take_nothing_with_them() {
        let mut json = format!(r#"{{"items":[{},{}]}}"#, row(1, "\"?\""), row(2, "null")).into_bytes();
        let at = json.iter().position(|&b| b == b'?').expect("the mark");
        json[at] = 0xff;
        assert_eq!(read(&json).items.len(), 2);
    }

    #[test]
    fn a_row_that_is_no_json_gives_all_others_and_its_other_fields() {
        for (odd, shown) in [
            ("NaN", "unreadable: NaN"),
            ("-Infinity", "unreadable: -Infinity"),
            ("\"2026\u{1}\u{1b}[2J\"", "unreadable: 2026[2J"),
            ("{\"a\":NaN}", "unreadable: {…}"),
            ("01", "unreadable: 01"),
            ("", "unreadable: "),
        ] {
            let json =
                format!(r#"{{"items_available":3,"items":[{},{},{}]}}"#, row(1, odd), row(2, "null"), 5);
            let page = read(json.as_bytes());
            assert_eq!((page.items.len(), page.rows, &*page.unread), (2, 3, &[2][..]), "{odd}");
            assert_eq!(page.items_available, Some(3));
            let said = page.items[0].1.clone().map(|at| at.shown(|_| "a day".into())).unwrap_or_default();
            assert!(said.starts_with(shown) || odd.is_empty(), "{odd}: {said}");
            let one = one::<Dated>(row(1, odd).as_bytes(), None).expect("a record").expect("its UUID");
            assert_eq!(one.0, page.items[0].0);
        }
        for half in [r#"{"items":[{"uuid":NaN}"#, r#"{"items":[{"uuid":NaN]}"#, r#"{"items":NaN}"#, "<html>"]
        {
            assert!(page::<Dated>(half.as_bytes()).is_err(), "{half}");
        }
    }

    #[test]
    fn scopes_that_are_not_told_are_not_none() {
        let scopes = |json: &str| {
            let row: Row<'_> = serde_json::from_str(json).expect("a record");
            row.scopes("scopes").to_string()
        };
        assert_eq!(scopes(r#"{"scopes":[]}"#), "nothing");
        assert_eq!(scopes(r#"{"scopes":null}"#), "unreadable: null");
        assert_eq!(scopes("{}"), "not told");
    }

    #[test]
    fn of_a_field_that_stands_there_twice_the_first_is_read() {
        let json = br#"{"items":[{"uuid":"zzzzz-tpzed-000000000000001","uuid":5}]}"#;
        assert_eq!(read(json).items[0].0.as_str(), "zzzzz-tpzed-000000000000001");
    }

    #[test]
    fn what_is_no_list_is_no_empty_list() {
        for json in [&br#"{"items":null}"#[..], b"{}", b"[]", br#"{"items":[{"uuid""#] {
            assert!(page::<Dated>(json).is_err());
        }
    }
}
