//! What a Rust function's binary is made of, as a person reads it.
//!
//! In: [`Rust`]. Out: lines: crates and the rest with their bytes, the biggest functions, what could
//! be smaller, and where they were asked for, profiles and causes side by side.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use crate::model::Rust;
use crate::number_format::size;
use crate::terminal::style::{Style, Tone, labelled, share};
use crate::text::clean;

/// How many rows of a kind are shown; the JSON report has all.
const CRATES: usize = 10;
const REST: usize = 4;
const FUNCTIONS: usize = 4;
const FINDINGS: usize = 5;

pub(super) fn show(out: &mut String, rust: &Rust, style: Style) {
    let sizes = &rust.sizes;
    let part = |bytes: u64| share(bytes, sizes.file_bytes);
    let mut table = plain(style);
    for one in sizes.crates.iter().take(CRATES) {
        let name = match one.versions.as_slice() {
            [version] => format!("{} {version}", one.name),
            [] => one.name.clone(),
            several => format!("{} ({} versions)", one.name, several.len()),
        };
        table.add_row([clean(&name), size(one.bytes), part(one.bytes)]);
    }
    let more = sizes.crates.get(CRATES..).unwrap_or_default();
    let mut left: u64 = more.iter().map(|one| one.bytes).sum();
    if left > 0 {
        table.add_row([
            format!("{} more crates", more.len()),
            size(left),
            part(left),
        ]);
    }
    for one in sizes.rest.iter().take(REST) {
        table.add_row([
            format!("{}: {}", one.name, one.what),
            size(one.bytes),
            part(one.bytes),
        ]);
    }
    left = sizes.rest.iter().skip(REST).map(|one| one.bytes).sum();
    if left > 0 {
        table.add_row(["everything else".to_string(), size(left), part(left)]);
    }
    if sizes.crates.is_empty() {
        labelled(
            out,
            "binary",
            "it has no symbols that say which crate its bytes come from",
            Tone::Dim,
            style,
        );
    } else {
        let line = format!("{} unpacked come from:", size(sizes.file_bytes));
        labelled(out, "binary", &line, Tone::Plain, style);
        push(out, &table, &[1, 2]);
    }
    let functions: Vec<String> = sizes
        .functions
        .iter()
        .take(FUNCTIONS)
        .map(|one| {
            let copies = match one.copies {
                1 => String::new(),
                copies => format!(" in {copies} copies"),
            };
            format!("{} {}{copies}", clean(&short(&one.name)), size(one.bytes))
        })
        .collect();
    if !functions.is_empty() {
        labelled(out, "functions", &functions.join(", "), Tone::Plain, style);
    }
    for finding in rust.findings.iter().take(FINDINGS) {
        let line = format!(
            "{} {} ({}): {}; {}",
            clean(&finding.subject),
            size(finding.bytes),
            finding.kind,
            clean(&finding.message),
            clean(&finding.change)
        );
        labelled(out, "smaller", &line, Tone::Warn, style);
    }
    if let Some(file) = &rust.debug_file {
        labelled(out, "symbols", &clean(file), Tone::Plain, style);
    }
    if !rust.profiles.is_empty() {
        profiles(out, rust, style);
    }
    if !rust.what_if.is_empty() {
        what_if(out, rust, style);
    }
}

fn profiles(out: &mut String, rust: &Rust, style: Style) {
    let mut table = plain(style);
    table.set_header(["profile", "bytes", "zipped", "build", "panic"]);
    for one in &rust.profiles {
        let mark = if one.chosen { " *" } else { "" };
        let time = one
            .build_ms
            .map_or(String::new(), |ms| format!("{:.1} s", ms / 1000.0));
        table.add_row([
            format!("{}{mark}", one.profile),
            size(one.bytes),
            size(one.zipped_bytes),
            time,
            one.panic.clone(),
        ]);
    }
    labelled(
        out,
        "profiles",
        "each built from scratch; * marks the one in the artifact:",
        Tone::Plain,
        style,
    );
    push(out, &table, &[1, 2, 3]);
}

fn what_if(out: &mut String, rust: &Rust, style: Style) {
    let mut table = plain(style);
    table.set_header(["what if", "saves zipped", "saves", "the price"]);
    let signed = |bytes: Option<i64>| match bytes {
        Some(bytes) if bytes < 0 => format!("-{}", size(bytes.unsigned_abs())),
        Some(bytes) => size(bytes.unsigned_abs()),
        None => String::new(),
    };
    for one in &rust.what_if {
        let price = match &one.failed {
            Some(why) => format!("not built: {}", clean(why)),
            None => one.price.clone(),
        };
        table.add_row([
            one.cause.clone(),
            signed(one.saved_zipped_bytes),
            signed(one.saved_bytes),
            price,
        ]);
    }
    labelled(
        out,
        "what if",
        "built again without each of these, and measured:",
        Tone::Plain,
        style,
    );
    push(out, &table, &[1, 2]);
}

fn plain(style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let width = style.width.saturating_sub(INDENT.len());
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table
}

/// Below the text of a labelled line.
const INDENT: &str = "              ";

fn push(out: &mut String, table: &Table, right: &[usize]) {
    let mut table = table.clone();
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.to_string().lines() {
        out.push_str(format!("{INDENT}{line}").trim_end());
        out.push('\n');
    }
}

/// A path less what stands in brackets, which can be pages long.
fn short(name: &str) -> String {
    const WIDTH: usize = 70;
    let mut out = String::new();
    let mut depth = 0_u32;
    for c in name.trim_start_matches('<').chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    match out.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &out[..at]),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_their_brackets() {
        assert_eq!(short("a::B<c::D<e>>::f"), "a::B::f");
        assert_eq!(short("<a as b>::c"), "a as b::c");
        assert!(short(&"é".repeat(200)).ends_with('…'));
    }
}
