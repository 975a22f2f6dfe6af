//! A comparison as a person reads it on a terminal.
//!
//! In: a [`Comparison`]. Out: text: for each function that differs its sizes, then the packages and
//! the files that changed most.

use crate::model::{ChangeKind, Comparison, FunctionChange, Pair};
use crate::number_format::delta;
use crate::size;
use crate::terminal::Style;
use crate::text::clean;

/// Rows of each list, where not all are asked for.
const ROWS: usize = 12;
/// Packages and files may be named by paths of any length.
const NAME: usize = 60;

/// The comparison, ending in a line break.
pub fn render(comparison: &Comparison, style: Style, all: bool) -> String {
    let mut out = String::new();
    let rows = if all { usize::MAX } else { ROWS };
    let mut same = 0;
    for function in &comparison.functions {
        if function.differs() {
            one(&mut out, function, style, rows);
        } else {
            same += 1;
        }
    }
    if comparison.functions.len() > 1 {
        let sum = pair(comparison.zip_bytes, style);
        out.push_str(&format!("all functions  zipped {sum}\n"));
    }
    if same > 0 {
        let functions = crate::plural(same, "function");
        out.push_str(&format!("{functions} without a difference\n"));
    }
    out
}

fn one(out: &mut String, function: &FunctionChange, style: Style, rows: usize) {
    let count = |number: Option<u64>| number.map_or_else(|| "-".to_string(), crate::count);
    out.push_str(&format!(
        "{}  {}\n",
        clean(&function.name),
        function.kind.as_str()
    ));
    out.push_str(&format!(
        "  zipped    {}\n",
        pair(function.zip_bytes, style)
    ));
    out.push_str(&format!(
        "  unpacked  {}\n",
        pair(function.unpacked_bytes, style)
    ));
    let (before, after) = (function.files.before, function.files.after);
    if before != after {
        let arrow = arrow(style);
        out.push_str(&format!(
            "  files     {} {arrow} {}\n",
            count(before),
            count(after)
        ));
    }
    if let (Some(before), Some(after)) = (function.download_ms.before, function.download_ms.after) {
        let arrow = arrow(style);
        out.push_str(&format!(
            "  download  about {before} {arrow} {after} ms (typical, estimated)\n"
        ));
    }
    if let (Some(before), Some(after)) = (function.init_ms.before, function.init_ms.after) {
        let arrow = arrow(style);
        out.push_str(&format!(
            "  load      about {before} {arrow} {after} ms (typical, estimated)\n"
        ));
    }
    let packages = function.packages.iter().map(|one| {
        let (before, after) = (
            one.versions_before.join(", "),
            one.versions_after.join(", "),
        );
        let versions = match (before.as_str(), after.as_str()) {
            (before, after) if before == after => before.to_string(),
            ("", version) | (version, "") => version.to_string(),
            (before, after) => format!("{before} {} {after}", arrow(style)),
        };
        let why = one.why.as_ref().map(|why| format!("  {}", clean(why)));
        let name = format!("{} {}", cut(&one.name), clean(&versions));
        (one.kind, name, one.bytes, why.unwrap_or_default())
    });
    list(out, "packages", packages.collect(), style, rows);
    let files = function.changed_files.iter().flatten();
    let files = files.map(|one| (one.kind, cut(&one.path), one.bytes, String::new()));
    list(out, "files", files.collect(), style, rows);
    out.push('\n');
}

type Row = (ChangeKind, String, Pair, String);

fn list(out: &mut String, what: &str, all: Vec<Row>, style: Style, rows: usize) {
    if all.is_empty() {
        return;
    }
    out.push_str(&format!(
        "  {what} that differ: {}\n",
        crate::count(all.len() as u64)
    ));
    let shown = &all[..all.len().min(rows)];
    let name = shown
        .iter()
        .map(|row| row.1.chars().count())
        .max()
        .unwrap_or(0);
    for (kind, text, bytes, why) in shown {
        let sign = match (style.unicode, kind) {
            (true, kind) => kind.sign(),
            (false, ChangeKind::New) => "+",
            (false, ChangeKind::Gone) => "-",
            (false, ChangeKind::Grown) => ">",
            (false, ChangeKind::Shrunk) => "<",
            (false, ChangeKind::Changed) => "!",
            (false, ChangeKind::Same) => "=",
        };
        let change = delta(bytes.delta());
        let now = bytes.after.map_or_else(|| "gone".to_string(), size);
        let line = format!("    {sign} {text:<name$}  {change:>9}  {now:>8}{why}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if all.len() > shown.len() {
        let more = crate::count((all.len() - shown.len()) as u64);
        out.push_str(&format!("    and {more} more: `--all` shows them\n"));
    }
}

fn arrow(style: Style) -> &'static str {
    if style.unicode { "→" } else { "->" }
}

fn pair(pair: Pair, style: Style) -> String {
    let shown = |bytes: Option<u64>| bytes.map_or_else(|| "-".to_string(), size);
    let (before, after) = (shown(pair.before), shown(pair.after));
    format!(
        "{before} {} {after} ({})",
        arrow(style),
        delta(pair.delta())
    )
}

/// The end of a path says more than its start.
fn cut(name: &str) -> String {
    let name = clean(name);
    let length = name.chars().count();
    if length <= NAME {
        return name;
    }
    let end: String = name.chars().skip(length - (NAME - 3)).collect();
    format!("...{end}")
}
