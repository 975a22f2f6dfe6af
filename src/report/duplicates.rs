//! Packages that ship more than once.
//!
//! In: the files and modules of one function. Out: [`Duplicate`]s: several versions of a package,
//! or one version in several folders, each copy with its size and who asks for it.

use std::collections::BTreeMap;

use super::model::{Copy, Duplicate, File, Import, Module};

/// Every package with more than one copy, the dearest first.
pub fn find(files: &[File], modules: &[Module]) -> Vec<Duplicate> {
    let mut names: BTreeMap<&str, BTreeMap<(Option<&str>, &str), Copy>> = BTreeMap::new();
    let files = files.iter().map(|file| {
        let origin = file.from.as_ref();
        let package = file.package.as_deref();
        (&*file.path, package, file.bytes, file.zipped_bytes, origin)
    });
    let modules = modules.iter().map(|module| {
        let (bytes, zipped) = (module.bytes, module.zipped_share_bytes);
        let package = module.package.as_deref();
        (&*module.path, package, bytes, zipped, module.from.as_ref())
    });
    for (path, package, bytes, zipped, origin) in files.chain(modules) {
        let Some(label) = package else { continue };
        // A link weighs nothing, and is no copy.
        if bytes == 0 {
            continue;
        }
        let (name, version) = split(label);
        let folder = folder(path);
        let copies = names.entry(name).or_default();
        let copy = copies.entry((version, folder)).or_insert_with(|| Copy {
            version: version.map(str::to_string),
            folder: folder.to_string(),
            bytes: 0,
            zipped_share_bytes: 0,
            from: None,
        });
        copy.bytes += bytes;
        copy.zipped_share_bytes += zipped;
        if copy.from.is_none() {
            copy.from = origin.filter(|from| outside(from, folder)).cloned();
        }
    }
    let mut out: Vec<Duplicate> = names
        .into_iter()
        .filter(|(_, copies)| copies.len() > 1)
        .map(|(name, copies)| {
            let mut copies: Vec<Copy> = copies.into_values().collect();
            copies.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.folder.cmp(&b.folder)));
            Duplicate {
                name: name.to_string(),
                extra_bytes: copies.iter().skip(1).map(|copy| copy.bytes).sum(),
                copies,
            }
        })
        .collect();
    out.sort_by(|a, b| {
        let by_size = b.extra_bytes.cmp(&a.extra_bytes);
        by_size.then_with(|| a.name.cmp(&b.name))
    });
    out
}

fn outside(from: &Import, own: &str) -> bool {
    folder(&from.by) != own
}

/// `name` and `version` of `name@version`.
pub(super) fn split(label: &str) -> (&str, Option<&str>) {
    match label.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => (name, Some(version)),
        _ => (label, None),
    }
}

/// The folder of the package that a path lies in; all of the path's folder where none is named.
pub(super) fn folder(path: &str) -> &str {
    let Some(at) = path.rfind("node_modules/") else {
        return path.rsplit_once('/').map_or("", |(folder, _)| folder);
    };
    let start = at + "node_modules/".len();
    let scoped = path[start..].starts_with('@');
    let end = path[start..]
        .match_indices('/')
        .nth(usize::from(scoped))
        .map_or(path.len(), |(slash, _)| start + slash);
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str, package: &str, bytes: u64, by: &str) -> Module {
        Module {
            path: path.to_string(),
            package: Some(package.to_string()),
            bytes,
            zipped_share_bytes: bytes / 3,
            from: Some(Import {
                by: by.to_string(),
                line: 3,
            }),
        }
    }

    #[test]
    fn versions_and_copies_are_told_apart() {
        let modules = [
            module(
                "node_modules/qs/a.js",
                "qs@6.1.0",
                900,
                "node_modules/qs/b.js",
            ),
            module("node_modules/qs/b.js", "qs@6.1.0", 100, "src/a.js"),
            module(
                "node_modules/x/node_modules/qs/a.js",
                "qs@5.0.0",
                300,
                "node_modules/x/i.js",
            ),
            module(
                "node_modules/y/node_modules/qs/a.js",
                "qs@5.0.0",
                200,
                "node_modules/y/i.js",
            ),
            module("node_modules/@s/one/a.js", "@s/one@1.0.0", 5, "src/a.js"),
        ];
        let found = find(&[], &modules);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].extra_bytes), ("qs", 500));
        let copies: Vec<_> = found[0].copies.iter().map(|copy| copy.bytes).collect();
        assert_eq!(copies, [1000, 300, 200]);
        assert_eq!(found[0].copies[0].from.as_ref().unwrap().by, "src/a.js");
        assert_eq!(found[0].copies[1].folder, "node_modules/x/node_modules/qs");
    }

    #[test]
    fn folders_of_packages() {
        for (path, shown) in [
            ("node_modules/@s/p/lib/a.js", "node_modules/@s/p"),
            ("node_modules/p/a.js", "node_modules/p"),
            ("node_modules/p", "node_modules/p"),
            ("src/a.js", "src"),
            ("a.js", ""),
        ] {
            assert_eq!(folder(path), shown);
        }
    }
}
