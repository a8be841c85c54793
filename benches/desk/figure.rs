//! One line per figure: what, how much, how much it may be, and whether it is.

/// How a figure is measured against its target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The most it may be.
    pub most: f64,
    /// What it is counted in.
    pub unit: &'static str,
}

/// At most so many of a unit.
pub const fn most(most: f64, unit: &'static str) -> Target {
    Target { most, unit }
}

/// Prints a figure and what it should be.
pub fn print(name: &str, figure: f64, target: Target) {
    let Target { most, unit } = target;
    let verdict = if figure <= most { "ok" } else { "over target" };
    let shown = |number: f64| if number >= 100.0 { format!("{number:.0}") } else { format!("{number:.2}") };
    println!("{name:<64}  {:>9} {unit:<5}  {:>9} {unit:<5}  {verdict}", shown(figure), shown(most));
}
