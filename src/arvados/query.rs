//! List requests: filters, order, columns and pages, built from typed parts so that text from people is
//! always encoded and never read as syntax.

use serde_json::{Value, json};

/// The most UUIDs asked for in one `in` filter: keeps requests well below the server's limits.
pub const BATCH: usize = 100;

/// The most rows a page may have; the server cuts longer ones (api.md v17).
pub const PAGE: usize = 1000;

/// One condition; all those of a request must be met.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    attribute: &'static str,
    operator: &'static str,
    operand: Value,
}

impl Filter {
    /// `attribute = operand`
    pub fn eq(attribute: &'static str, operand: impl ToString) -> Self {
        Self { attribute, operator: "=", operand: json!(operand.to_string()) }
    }

    /// `attribute` is true or false.
    pub fn flag(attribute: &'static str, value: bool) -> Self {
        Self { attribute, operator: "=", operand: json!(value) }
    }

    /// `attribute > operand`
    pub fn after(attribute: &'static str, operand: impl ToString) -> Self {
        Self { attribute, operator: ">", operand: json!(operand.to_string()) }
    }

    /// `attribute >= operand`
    pub fn from(attribute: &'static str, operand: impl ToString) -> Self {
        Self { attribute, operator: ">=", operand: json!(operand.to_string()) }
    }

    /// `attribute < operand`
    pub fn below(attribute: &'static str, operand: impl ToString) -> Self {
        Self { attribute, operator: "<", operand: json!(operand.to_string()) }
    }

    /// `attribute` is one of these.
    pub fn any_of<T: ToString>(attribute: &'static str, operands: impl IntoIterator<Item = T>) -> Self {
        let operands: Vec<String> = operands.into_iter().map(|o| o.to_string()).collect();
        Self { attribute, operator: "in", operand: json!(operands) }
    }

    /// This occurs in `attribute`, whatever its case. What would be a wildcard stands for itself.
    pub fn has_in(attribute: &'static str, part: &str) -> Self {
        let mut pattern = String::with_capacity(part.len() + 2);
        pattern.push('%');
        for c in part.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        Self { attribute, operator: "ilike", operand: json!(pattern) }
    }

    /// `attribute` is the UUID of such an object, `arvados#group` for instance.
    pub fn is_a(attribute: &'static str, kind: &'static str) -> Self {
        Self { attribute, operator: "is_a", operand: json!(kind) }
    }

    fn to_json(&self) -> Value {
        json!([self.attribute, self.operator, self.operand])
    }
}

/// One list request.
#[derive(Debug, Clone, Default)]
pub struct Query {
    filters: Vec<Filter>,
    order: Vec<&'static str>,
    select: Vec<&'static str>,
    limit: Option<usize>,
    offset: usize,
    count: Count,
    flags: Vec<(&'static str, String)>,
}

/// Whether the server should count all matches, which costs it a query of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Count {
    /// `count=none`
    #[default]
    None,
    /// `count=exact`
    Exact,
}

impl Query {
    /// All rows that meet `filters`.
    pub fn new(filters: Vec<Filter>) -> Self {
        Self { filters, ..Self::default() }
    }

    /// One more condition.
    pub fn and(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// The columns wanted. What is ordered by must be among them, else the order is dropped (v15).
    pub fn select(mut self, columns: &'static [&'static str]) -> Self {
        self.select = columns.to_vec();
        self
    }

    /// The same rows in the same order, with these columns alone.
    pub fn only(self, columns: &'static [&'static str]) -> Self {
        let mut only = self.select(columns);
        for order in &only.order {
            let column = order.split(' ').next().unwrap_or(order);
            if !only.select.contains(&column) {
                only.select.push(column);
            }
        }
        only
    }

    /// The most rows asked for.
    pub fn rows(&self) -> usize {
        self.limit.unwrap_or(PAGE)
    }

    /// `created_at asc` and the like, first one first.
    pub fn order(mut self, order: &[&'static str]) -> Self {
        self.order = order.to_vec();
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Leave out so many rows first.
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// The number of matches (`items_available`) as well.
    pub fn counted(mut self) -> Self {
        self.count = Count::Exact;
        self
    }

    /// Only the number of matches (`items_available`).
    pub fn count_only(mut self) -> Self {
        self.count = Count::Exact;
        self.limit = Some(0);
        self
    }

    /// Another parameter, `include_trash` for instance.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.flags.push((name, value.to_string()));
        self
    }

    /// As the parameters of a request.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if !self.filters.is_empty() {
            let filters: Vec<Value> = self.filters.iter().map(Filter::to_json).collect();
            pairs.push(("filters", json!(filters).to_string()));
        }
        if !self.order.is_empty() {
            pairs.push(("order", json!(self.order).to_string()));
        }
        if !self.select.is_empty() {
            pairs.push(("select", json!(self.select).to_string()));
        }
        if let Some(limit) = self.limit {
            pairs.push(("limit", limit.to_string()));
        }
        if self.offset > 0 {
            pairs.push(("offset", self.offset.to_string()));
        }
        pairs.push(("count", if self.count == Count::Exact { "exact" } else { "none" }.to_owned()));
        pairs.extend(self.flags.iter().cloned());
        pairs
    }
}
