//! The licences of everything that ships, in one text.
//!
//! In: a [`Report`] whose functions have their components. Out: each licence text once, below the
//! names of the packages and crates that have it, and at the end those that have none.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Report;
use crate::plural;
use crate::text::clean;

/// The text, ending in a line break.
pub fn render(report: &Report) -> String {
    let mut texts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut without: BTreeSet<String> = BTreeSet::new();
    let mut all: BTreeSet<String> = BTreeSet::new();
    for component in report
        .functions
        .iter()
        .flat_map(|function| &function.components)
    {
        let licence = component
            .licence
            .as_deref()
            .unwrap_or("no licence is named");
        let line = clean(&format!("{} ({licence})", component.label()));
        for (_, text) in &component.texts {
            texts
                .entry(text.trim_end())
                .or_default()
                .insert(line.clone());
        }
        if component.texts.is_empty() {
            without.insert(line.clone());
        }
        all.insert(line);
    }
    let mut blocks: Vec<(Vec<String>, &str)> = texts
        .into_iter()
        .map(|(text, names)| (names.into_iter().collect(), text))
        .collect();
    blocks.sort();
    let mut out = format!(
        "Licences of what {} ships: {}, {}\n",
        clean(&report.project.name),
        plural(all.len() as u64, "package"),
        plural(blocks.len() as u64, "text")
    );
    let rule = "-".repeat(72);
    for (names, text) in blocks {
        out.push_str(&format!(
            "\n{rule}\n{}\n{rule}\n\n{text}\n",
            names.join("\n")
        ));
    }
    if !without.is_empty() {
        let names: Vec<String> = without.into_iter().collect();
        out.push_str(&format!(
            "\n{rule}\nThese packages contain no licence text:\n\n{}\n",
            names.join("\n")
        ));
    }
    out
}
