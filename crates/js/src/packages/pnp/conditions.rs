//! Packages that are installed on some platforms only.
//!
//! In: the text of a `yarn.lock`. Out: the names of packages that it binds to systems, processors or C
//! libraries: Yarn's table lists them everywhere, and only where they fit are they on disk.

use std::path::Path;

use rustc_hash::FxHashSet;

/// Names of packages with `conditions` in the lock file beside the table; none where it has none.
pub fn beside(table: &Path) -> FxHashSet<String> {
    let lock = table.with_file_name("yarn.lock");
    std::fs::read_to_string(lock).map_or_else(|_| FxHashSet::default(), |text| names(&text))
}

fn names(text: &str) -> FxHashSet<String> {
    let text = text.replace("\r\n", "\n");
    let entries = text.split("\n\n");
    let bound = entries.filter(|entry| entry.contains("\n  conditions: "));
    bound.filter_map(name).map(str::to_owned).collect()
}

/// The name in `resolution: "@scope/name@npm:1.0.0"`.
fn name(entry: &str) -> Option<&str> {
    let rest = entry.split_once("\n  resolution: \"")?.1;
    // A scope's own sign comes first.
    let end = rest.get(1..)?.find('@')? + 1;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_with_conditions() {
        let text = "__metadata:\n  version: 8\n\n\"@img/sharp-darwin-arm64@npm:0.33.5\":\n  version: 0.33.5\n  resolution: \"@img/sharp-darwin-arm64@npm:0.33.5\"\n  conditions: os=darwin & cpu=arm64\n  languageName: node\n\n\"fsevents@patch:x\":\n  version: 2.3.3\n  resolution: \"fsevents@patch:fsevents@npm%3A2.3.3#optional\"\n  conditions: os=darwin\n\n\"qs@npm:6\":\n  version: 6.1.0\n  resolution: \"qs@npm:6.1.0\"\n";
        let mut found: Vec<String> = names(text).into_iter().collect();
        found.sort();
        assert_eq!(found, ["@img/sharp-darwin-arm64", "fsevents"]);
        assert!(names("").is_empty() && names("a\n  conditions: x\n  resolution: \"").is_empty());
    }
}
