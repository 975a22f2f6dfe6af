//! What a binary is made of, as artifacts say it of bundles.
//!
//! In: [`Sizes`] and [`Crates`]. Out: a share for each crate, and for each crate its code, its named
//! data and its unwind tables; what no symbol covers stands by its section, and is nobody's. All of it
//! together is as long as the file.

use std::path::PathBuf;
use std::sync::Arc;

use coldcut_core::artifact::{Inside, Share};

use crate::dependencies::{Crates, Dependency};
use crate::sizes::Sizes;
use crate::symbol_names::STD;

/// Shares of crates, and the parts of the file.
pub fn artifact_parts(sizes: &Sizes, crates: &Crates) -> (Vec<Share>, Vec<Inside>) {
    let mut shares = Vec::new();
    let mut parts = Vec::new();
    for share in &sizes.crates {
        let linked: Vec<&Dependency> = crates
            .linked()
            .filter(|one| one.crate_name == share.name)
            .collect();
        let package = label(&share.name, &linked);
        let kinds = [
            ("code", share.code_bytes),
            ("named data", share.data_bytes),
            ("unwind tables", share.unwind_bytes),
        ];
        let before = parts.len();
        for (kind, bytes) in kinds.into_iter().filter(|(_, bytes)| *bytes > 0) {
            parts.push(Inside {
                path: PathBuf::from(format!("{}: {kind}", share.name)),
                package: package.clone(),
                bytes,
                from: None,
            });
        }
        if let Some(package) = package {
            shares.push(Share {
                package,
                bytes: share.bytes(),
                modules: (parts.len() - before) as u64,
                why: why(&share.name, &linked),
            });
        }
    }
    parts.extend(sizes.rest.iter().map(|rest| Inside {
        path: PathBuf::from(format!("{}: {}", rest.name, rest.what)),
        package: None,
        bytes: rest.bytes,
        from: None,
    }));
    (shares, parts)
}

/// `name@version` as the registry has it; `None` for the function's own crate, and for what no
/// crate owns.
fn label(name: &str, linked: &[&Dependency]) -> Option<Arc<str>> {
    let Some(first) = linked.first() else {
        return (name == STD).then(|| Arc::from(STD));
    };
    // Symbols of several versions look alike.
    let versions: Vec<&str> = linked.iter().map(|one| one.version.as_str()).collect();
    Some(format!("{}@{}", first.name, versions.join("+")).into())
}

fn why(name: &str, linked: &[&Dependency]) -> String {
    if name == STD {
        return "comes with the compiler".to_string();
    }
    let mut by: Vec<&str> = linked
        .iter()
        .flat_map(|one| one.by.iter().map(String::as_str))
        .collect();
    by.sort_unstable();
    by.dedup();
    const NAMED: usize = 3;
    let more = by.len().saturating_sub(NAMED);
    let mut out = format!("required by {}", by[..by.len().min(NAMED)].join(", "));
    if more > 0 {
        out.push_str(&format!(" and {more} more"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dependencies::CrateKind;
    use crate::sizes;
    use crate::sizes::{FOREIGN, SectionRemainder};

    fn dependency(name: &str, version: &str, by: &[&str]) -> Dependency {
        Dependency {
            name: name.to_string(),
            version: version.to_string(),
            crate_name: name.replace('-', "_"),
            kind: CrateKind::Linked,
            features: Vec::new(),
            defaults: Vec::new(),
            by: by.iter().map(ToString::to_string).collect(),
            license: None,
            source: None,
            checksum: None,
            folder: Default::default(),
        }
    }

    fn share(name: &str, code: u64, data: u64) -> sizes::CrateSize {
        sizes::CrateSize {
            name: name.to_string(),
            code_bytes: code,
            data_bytes: data,
            unwind_bytes: 0,
        }
    }

    #[test]
    fn parts_add_up_and_crates_have_their_own_names() {
        let sizes = Sizes {
            file_bytes: 1000,
            crates: vec![
                share("std", 400, 0),
                share("http_body", 200, 50),
                share("hello", 100, 0),
                share(FOREIGN, 30, 0),
            ],
            rest: vec![SectionRemainder {
                name: ".rodata".to_string(),
                what: "texts".to_string(),
                bytes: 220,
            }],
            ..Sizes::default()
        };
        let crates = Crates {
            all: vec![
                dependency("http-body", "0.4.6", &["a@1.0.0", "b@1.0.0"]),
                dependency(
                    "http-body",
                    "1.0.0",
                    &["b@1.0.0", "c@1.0.0", "d@1.0.0", "e@1.0.0"],
                ),
            ],
            ..Crates::default()
        };
        let (shares, parts) = artifact_parts(&sizes, &crates);
        assert_eq!(parts.iter().map(|part| part.bytes).sum::<u64>(), 1000);
        let names: Vec<_> = shares
            .iter()
            .map(|one| (&*one.package, one.bytes, one.modules))
            .collect();
        assert_eq!(names, [("std", 400, 1), ("http-body@0.4.6+1.0.0", 250, 2)]);
        assert_eq!(
            shares[1].why,
            "required by a@1.0.0, b@1.0.0, c@1.0.0 and 2 more"
        );
        assert!(parts[3].package.is_none(), "the function's own crate");
    }
}
