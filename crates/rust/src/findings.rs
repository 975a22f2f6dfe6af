//! What could be smaller, each with its bytes and the change that removes it.
//!
//! In: the crates of a package, the sizes of its binary, the words of its source and the table of
//! known causes. Out: findings, biggest first. Their bytes are what something takes, not what a
//! change saves: that is measured by building without it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use coldcut_core::disk::length;

use crate::dependencies::{Crates, Dependency};
use crate::sizes::{FOREIGN, Sizes};
use crate::source_identifiers::SourceWords;

/// Something that could be smaller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub kind: String,
    pub subject: String,
    pub bytes: u64,
    pub message: String,
    pub change: String,
}

/// A row of the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub name: String,
    #[serde(rename = "crate")]
    pub krate: Option<String>,
    #[serde(default)]
    pub features: Vec<String>,
    #[serde(default)]
    pub counts: Vec<String>,
    #[serde(default)]
    pub foreign: bool,
    pub change: String,
    pub price: String,
    #[serde(default)]
    pub edit: Vec<ManifestEdit>,
    pub setting: Option<Setting>,
}

/// A dependency that is declared otherwise: without its default features, with these.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestEdit {
    pub dependency: String,
    pub features: Vec<String>,
}

/// A setting of `[profile.release]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    pub key: String,
    pub value: String,
}

#[derive(Deserialize)]
struct Table {
    cause: Vec<Cause>,
}

/// The table of known causes; a test holds it to its form, and without it there are none.
pub fn causes() -> &'static [Cause] {
    static TABLE: LazyLock<Vec<Cause>> = LazyLock::new(|| {
        let table: Result<Table, _> = toml::from_str(include_str!("causes.toml"));
        table.map(|table| table.cause).unwrap_or_default()
    });
    &TABLE
}

/// Machinery that takes less than this part of the file is nobody's concern.
const PART: u64 = 50;
/// As small a thing is not worth a change.
const SMALL: u64 = 4 << 10;
/// An embedded file that is worth a word.
const EMBEDDED: u64 = 64 << 10;

impl Cause {
    /// Whether it is at work in a binary of these crates.
    pub fn applies(&self, crates: &Crates) -> bool {
        let Some(wanted) = &self.krate else {
            return false;
        };
        let (name, version) = wanted.split_once('@').unwrap_or((wanted, ""));
        let mut linked = crates.linked();
        linked.any(|one| {
            let on = |feature: &String| one.features.contains(feature);
            one.name == name
                && one.version.starts_with(version)
                && (self.features.is_empty() || self.features.iter().any(on))
        })
    }

    fn bytes(&self, sizes: &Sizes) -> u64 {
        let counted = |name: &str| {
            self.counts.iter().any(|one| one == name) || (self.foreign && name == FOREIGN)
        };
        let all = sizes.crates.iter().filter(|share| counted(&share.name));
        all.map(crate::sizes::CrateSize::bytes).sum()
    }
}

/// Everything that is worth a change.
pub fn findings(crates: &Crates, sizes: &Sizes, words: &SourceWords) -> Vec<Finding> {
    let mut out = duplicates(crates, sizes);
    out.extend(unused(crates, sizes, words));
    for cause in causes().iter().filter(|cause| cause.applies(crates)) {
        let bytes = cause.bytes(sizes);
        if bytes >= SMALL {
            out.push(Finding {
                kind: "known-cause".to_string(),
                subject: cause.name.clone(),
                bytes,
                message: format!("{}; the price: {}", cause.counts.join(", "), cause.price),
                change: cause.change.clone(),
            });
        }
    }
    out.extend(defaults(crates, sizes, words));
    out.extend(embedded(words));
    out.extend(machinery(sizes));
    out.sort_by(|a, b| {
        b.bytes
            .cmp(&a.bytes)
            .then_with(|| a.subject.cmp(&b.subject))
    });
    out
}

fn share(sizes: &Sizes, crate_name: &str) -> u64 {
    let found = sizes.crates.iter().find(|share| share.name == crate_name);
    found.map_or(0, crate::sizes::CrateSize::bytes)
}

/// Several versions of one crate, of which symbols tell only the sum.
fn duplicates(crates: &Crates, sizes: &Sizes) -> Vec<Finding> {
    let mut by_name: BTreeMap<&str, Vec<&Dependency>> = BTreeMap::new();
    for one in crates.linked() {
        by_name.entry(&one.name).or_default().push(one);
    }
    by_name.retain(|_, all| all.len() > 1);
    let found = by_name.into_iter().map(|(name, all)| {
        let asked: Vec<String> = all
            .iter()
            .map(|one| {
                let by: Vec<&str> = one.by.iter().take(3).map(String::as_str).collect();
                format!("{} for {}", one.version, by.join(", "))
            })
            .collect();
        Finding {
            kind: "duplicate-versions".to_string(),
            subject: name.to_string(),
            bytes: share(sizes, &all[0].crate_name),
            message: format!("linked {} times: {}", all.len(), asked.join("; ")),
            change: format!(
                "update what requires the older one, or downgrade the other: `cargo tree -i {name}@{}`",
                all[0].version
            ),
        }
    });
    found.filter(|finding| finding.bytes > 0).collect()
}

/// DeclaredDependency, and never named in source. It may be there for its features alone, so its bytes say
/// whether it matters.
fn unused(crates: &Crates, sizes: &Sizes, words: &SourceWords) -> Vec<Finding> {
    let missing = crates.declared.iter().filter(|one| {
        let linked = crates.linked().find(|linked| linked.name == one.package);
        // A dependency on a crate with another library name is used by that.
        let by = linked.map_or(one.name.as_str(), |linked| linked.crate_name.as_str());
        one.target.is_none()
            && !one.optional
            && !words.names.is_empty()
            && !words.names.contains(&one.name)
            && !words.names.contains(by)
            && linked.is_some()
    });
    missing
        .map(|one| Finding {
            kind: "unused-dependency".to_string(),
            subject: one.package.clone(),
            bytes: share(sizes, &one.package.replace('-', "_")),
            message: "declared, but its name is nowhere in the package's source".to_string(),
            change: format!(
                "remove `{}` from `[dependencies]`, unless it is there to switch on features",
                one.package
            ),
        })
        .collect()
}

/// Crates with default features on of which the known ones matter and no cause speaks.
fn defaults(crates: &Crates, sizes: &Sizes, words: &SourceWords) -> Vec<Finding> {
    const HEAVY: u64 = 32 << 10;
    let all = crates.declared.iter().filter(|one| {
        let linked = crates.linked().find(|linked| linked.name == one.package);
        let has = linked.is_some_and(|linked| linked.features.iter().any(|on| on == "default"));
        let known = causes().iter().any(|cause| {
            cause.applies(crates) && cause.edit.iter().any(|edit| edit.dependency == one.package)
        });
        one.default_features && has && !known && words.names.contains(&one.name)
    });
    all.filter_map(|one| {
        let linked = crates.linked().find(|linked| linked.name == one.package)?;
        let bytes = share(sizes, &linked.crate_name);
        // Without these most crates are another crate.
        let plain = ["std", "alloc"];
        let on: Vec<&str> = linked
            .defaults
            .iter()
            .map(String::as_str)
            .filter(|feature| !plain.contains(feature))
            .take(8)
            .collect();
        (bytes >= HEAVY && !on.is_empty()).then(|| Finding {
            kind: "default-features".to_string(),
            subject: one.package.clone(),
            bytes,
            message: format!("its default features are on: {}", on.join(", ")),
            change: format!(
                "`{} = {{ default-features = false, features = [\u{2026}] }}` with the features that you need",
                one.package
            ),
        })
    })
    .collect()
}

fn embedded(words: &SourceWords) -> Vec<Finding> {
    let big = words
        .embedded
        .iter()
        .filter(|path| length(path) >= EMBEDDED);
    big.map(|path| Finding {
        kind: "embedded-data".to_string(),
        subject: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        bytes: length(path),
        message: "a file that is part of the binary, read into memory with it".to_string(),
        change:
            "ship it beside the binary with `include`, or compressed, and read it when it is needed"
                .to_string(),
    })
    .collect()
}

fn machinery(sizes: &Sizes) -> Vec<Finding> {
    let parts = [
        (
            "formatting",
            sizes.formatting_bytes,
            "code that turns values into text: `format!`, `{:?}`, derived `Debug`",
            "derive `Debug` only where it is shown; write strings with `push_str` in hot paths",
        ),
        (
            "panic-machinery",
            sizes.panic_bytes,
            "code of `std` that reports a panic and prints the stack",
            "no setting of stable Rust removes it; with fewer `unwrap` and `[]` there are fewer messages",
        ),
    ];
    let all = parts
        .into_iter()
        .filter(|(_, bytes, ..)| *bytes >= SMALL && bytes.saturating_mul(PART) >= sizes.file_bytes);
    all.map(|(kind, bytes, message, change)| Finding {
        kind: kind.to_string(),
        subject: "std".to_string(),
        bytes,
        message: message.to_string(),
        change: change.to_string(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dependencies::{CrateKind, DeclaredDependency};
    use crate::sizes::CrateSize;

    fn linked(name: &str, version: &str) -> Dependency {
        Dependency {
            name: name.to_string(),
            version: version.to_string(),
            crate_name: name.replace('-', "_"),
            kind: CrateKind::Linked,
            features: vec!["unicode".to_string()],
            defaults: Vec::new(),
            by: vec!["a@1.0.0".to_string()],
            license: None,
            source: None,
            checksum: None,
            folder: Default::default(),
        }
    }

    #[test]
    fn the_table_is_well_formed() {
        let table: Table = toml::from_str(include_str!("causes.toml")).unwrap();
        for cause in table.cause {
            let whole = cause.krate.is_some() != cause.setting.is_some();
            assert!(whole && !cause.price.is_empty(), "{}", cause.name);
        }
    }

    #[test]
    fn each_finding_has_its_bytes_and_its_change() {
        let declared = |name: &str| DeclaredDependency {
            package: name.to_string(),
            name: name.replace('-', "_"),
            default_features: true,
            features: Vec::new(),
            target: None,
            optional: false,
        };
        let crates = Crates {
            all: vec![
                linked("http", "0.2.1"),
                linked("http", "1.0.0"),
                linked("regex", "1.1.0"),
            ],
            declared: vec![declared("regex"), declared("http")],
            ..Crates::default()
        };
        let of = |name: &str, bytes| CrateSize {
            name: name.to_string(),
            code_bytes: bytes,
            ..CrateSize::default()
        };
        let sizes = Sizes {
            file_bytes: 1_000_000,
            crates: vec![of("regex", 200_000), of("http", 9_000)],
            formatting_bytes: 30_000,
            ..Sizes::default()
        };
        let mut words = SourceWords::default();
        words.names.insert("http".to_string());
        let found = findings(&crates, &sizes, &words);
        let kinds: Vec<_> = found
            .iter()
            .map(|one| (one.kind.as_str(), one.bytes))
            .collect();
        assert_eq!(
            kinds,
            [
                ("unused-dependency", 200_000),
                ("known-cause", 200_000),
                ("formatting", 30_000),
                ("duplicate-versions", 9_000),
            ],
            "{found:#?}"
        );
        assert!(found.iter().all(|one| !one.change.is_empty()));
    }
}
