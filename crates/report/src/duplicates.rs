//! Packages that ship more than once.
//!
//! In: the files and modules of one function. Out: [`Duplicate`]s: several versions of a package,
//! one version in several folders, or both formats of one, each copy with its size and who asks for
//! it; and what aligning them saves, with who keeps that from being done.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Asker, Copy, Duplicate, DuplicateKind, File, Import, Module};
use crate::size;

/// Every package with more than one copy, the dearest first.
pub fn find(files: &[File], modules: &[Module]) -> Vec<Duplicate> {
    let mut names: BTreeMap<&str, BTreeMap<(Option<&str>, &str), Copy>> = BTreeMap::new();
    let files = files.iter().map(|file| {
        let origin = file.from.as_ref();
        let package = file.package.as_deref();
        (&*file.path, package, file.bytes, file.zipped_bytes, origin)
    });
    let parts = modules.iter().map(|module| {
        let (bytes, zipped) = (module.bytes, module.zipped_share_bytes);
        let package = module.package.as_deref();
        (&*module.path, package, bytes, zipped, module.from.as_ref())
    });
    for (path, package, bytes, zipped, origin) in files.chain(parts) {
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
            asked_by: Vec::new(),
        });
        copy.bytes += bytes;
        copy.zipped_share_bytes += zipped;
        if copy.from.is_none() {
            copy.from = origin.filter(|from| outside(from, folder)).cloned();
        }
    }
    let mut out = formats(modules);
    let several: Vec<Duplicate> = names
        .into_iter()
        .filter(|(_, copies)| copies.len() > 1)
        .map(|(name, copies)| {
            let copies: Vec<Copy> = copies.into_values().collect();
            let alike = copies
                .windows(2)
                .all(|two| two[0].version == two[1].version);
            let kind = match alike {
                true => DuplicateKind::Copies,
                false => DuplicateKind::Versions,
            };
            of_copies(name, kind, copies)
        })
        .collect();
    out.extend(several);
    out.sort_by(|a, b| {
        let by_size = b.extra_bytes.cmp(&a.extra_bytes);
        by_size.then_with(|| a.name.cmp(&b.name))
    });
    out
}

fn of_copies(name: &str, kind: DuplicateKind, mut copies: Vec<Copy>) -> Duplicate {
    copies.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.folder.cmp(&b.folder)));
    let extra = copies.iter().skip(1);
    Duplicate {
        name: name.to_string(),
        extra_bytes: extra.clone().map(|copy| copy.bytes).sum(),
        extra_zipped_share_bytes: extra.map(|copy| copy.zipped_share_bytes).sum(),
        kind,
        copies,
        align_to: None,
        dedupe_bytes: 0,
        blocked_by: Vec::new(),
    }
}

/// Folders and endings by which packages tell their two builds apart.
const FORMATS: [(&str, &str); 14] = [
    ("cjs", CJS),
    ("commonjs", CJS),
    ("dist-cjs", CJS),
    ("node", CJS),
    ("lib", CJS),
    ("umd", CJS),
    ("esm", ESM),
    ("es", ESM),
    ("es6", ESM),
    ("es2015", ESM),
    ("dist-es", ESM),
    ("mjs", ESM),
    ("module", ESM),
    ("esm-node", ESM),
];
const CJS: &str = "CommonJS";
const ESM: &str = "ES modules";

/// A name that says neither: it is what its twin is not.
const PLAIN: &str = "";

/// What a path within a package is without the words that name its format, and that format.
fn twin(path: &str) -> Option<(String, &'static str)> {
    let mut format = None;
    let mut parts: Vec<&str> = Vec::new();
    let (stem, ending) = path.rsplit_once('.')?;
    for part in stem.split('/') {
        match FORMATS.iter().find(|(word, _)| part == *word) {
            Some((_, of)) if format.is_none() => {
                format = Some(*of);
                parts.push("*");
            }
            _ => parts.push(part),
        }
    }
    let by_ending = match ending {
        "mjs" => Some(ESM),
        "cjs" => Some(CJS),
        "js" => None,
        _ => return None,
    };
    Some((parts.join("/"), by_ending.or(format).unwrap_or(PLAIN)))
}

/// Packages of which the same modules ship in both formats: found by their paths, and taken for true
/// only where what both have weighs much the same, since a small wrapper is no second copy.
fn formats(modules: &[Module]) -> Vec<Duplicate> {
    type Pair<'a> = BTreeMap<&'static str, Vec<&'a Module>>;
    let mut packages: BTreeMap<(&str, &str), BTreeMap<String, Pair<'_>>> = BTreeMap::new();
    for module in modules.iter().filter(|module| module.bytes > 0) {
        let Some(label) = module.package.as_deref() else {
            continue;
        };
        let folder = folder(&module.path);
        let rest = module.path.get(folder.len() + 1..).unwrap_or_default();
        let Some((name, format)) = twin(rest) else {
            continue;
        };
        let twins = packages.entry((label, folder)).or_default();
        let of = twins.entry(name).or_default();
        of.entry(format).or_default().push(module);
    }
    let mut out = Vec::new();
    for ((label, folder), twins) in packages {
        let mut copies: Pair<'_> = BTreeMap::new();
        for pair in twins.into_values().filter(|pair| pair.len() == 2) {
            let other = |format: &str| match pair.contains_key(CJS) {
                true if format == PLAIN => ESM,
                false if format == PLAIN => CJS,
                _ if format == CJS => CJS,
                _ => ESM,
            };
            let named: Vec<_> = pair
                .iter()
                .map(|(format, found)| (other(format), found))
                .collect();
            for (format, found) in named {
                copies.entry(format).or_default().extend(found);
            }
        }
        let sum = |format: &str| -> u64 {
            let found = copies.get(format).into_iter().flatten();
            found.map(|module| module.bytes).sum()
        };
        let (least, most) = (sum(CJS).min(sum(ESM)), sum(CJS).max(sum(ESM)));
        if least * 3 < most || least == 0 {
            continue;
        }
        let (name, version) = split(label);
        let copies = copies.into_iter().map(|(format, found)| Copy {
            version: version.map(str::to_string),
            folder: format!("{folder} ({format})"),
            bytes: found.iter().map(|module| module.bytes).sum(),
            zipped_share_bytes: found.iter().map(|module| module.zipped_share_bytes).sum(),
            from: found
                .iter()
                .filter_map(|module| module.from.as_ref())
                .find(|from| outside(from, folder))
                .cloned(),
            asked_by: Vec::new(),
        });
        out.push(of_copies(name, DuplicateKind::Formats, copies.collect()));
    }
    out
}

/// Says which version the copies could be, and who keeps them from it. `takes(range, version)` is the
/// package manager's own rule.
pub fn price(duplicate: &mut Duplicate, takes: &dyn Fn(&str, &str) -> bool) {
    if duplicate.kind == DuplicateKind::Formats {
        return;
    }
    let saved = |version: &str| -> u64 {
        // Of one version in several folders one stays: the biggest, which comes first.
        let mut stays = false;
        let mut free = 0;
        for copy in &duplicate.copies {
            let same = copy.version.as_deref() == Some(version);
            if same && !stays {
                stays = true;
            } else if same || can_be(copy, version, takes) {
                free += copy.bytes;
            }
        }
        free
    };
    let versions = duplicate.copies.iter();
    let versions: BTreeSet<&str> = versions
        .filter_map(|copy| copy.version.as_deref())
        .collect();
    // Where it makes no difference, the newest: nobody wants to go back.
    let best = versions
        .into_iter()
        .max_by_key(|version| (saved(version), numbers(version)));
    let Some(best) = best.map(str::to_string) else {
        return;
    };
    duplicate.dedupe_bytes = saved(&best);
    let others = duplicate.copies.iter();
    let others = others.filter(|copy| copy.version.as_deref() != Some(&*best));
    let mut blocked: Vec<Asker> = others
        .flat_map(|copy| &copy.asked_by)
        .filter(|asker| !takes(&asker.range, &best))
        .cloned()
        .collect();
    blocked.sort();
    blocked.dedup();
    duplicate.blocked_by = blocked;
    // What is saved is all but the copy that the others become.
    let mut copies = duplicate.copies.iter();
    if let Some(stays) = copies.find(|copy| copy.version.as_deref() == Some(&*best)) {
        let sum = |of: fn(&Copy) -> u64| duplicate.copies.iter().map(of).sum::<u64>() - of(stays);
        duplicate.extra_bytes = sum(|copy| copy.bytes);
        duplicate.extra_zipped_share_bytes = sum(|copy| copy.zipped_share_bytes);
    }
    duplicate.align_to = Some(best);
}

/// The numbers of a version, by which one is newer than another.
fn numbers(version: &str) -> Vec<u64> {
    let release = version.split(['-', '+']).next().unwrap_or(version);
    release
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

/// Nobody known to ask is no leave to change it.
fn can_be(copy: &Copy, version: &str, takes: &dyn Fn(&str, &str) -> bool) -> bool {
    let mut askers = copy.asked_by.iter();
    !copy.asked_by.is_empty() && askers.all(|asker| takes(&asker.range, version))
}

/// What to do about it, in a sentence without a full stop.
pub fn advice(duplicate: &Duplicate) -> String {
    let name = &duplicate.name;
    let extra = size(duplicate.extra_bytes);
    let zipped = size(duplicate.extra_zipped_share_bytes);
    let saves = format!("saves up to {extra} unpacked, about {zipped} zipped");
    match duplicate.kind {
        DuplicateKind::Formats => {
            let by = |format: &str| {
                let copy = duplicate
                    .copies
                    .iter()
                    .find(|copy| copy.folder.contains(format));
                let from = copy.and_then(|copy| copy.from.as_ref());
                from.map_or_else(String::new, |from| format!(" ({}:{})", from.by, from.line))
            };
            let (cjs, esm) = (by(CJS), by(ESM));
            format!(
                "`{name}` ships as CommonJS and as ES modules, since it is required{cjs} and imported{esm}: one format for both {saves}"
            )
        }
        _ => {
            let mut found: Vec<String> = duplicate
                .copies
                .iter()
                .map(|copy| copy.version.clone().unwrap_or_default())
                .collect();
            found.dedup();
            let found = found.join(", ");
            let times = duplicate.copies.len();
            let mut out =
                format!("`{name}` ships {times} times ({found}): one copy for all {saves}");
            let to = duplicate.align_to.as_deref().unwrap_or_default();
            if duplicate.dedupe_bytes > 0 {
                out.push_str(&format!(
                    "; the version ranges already allow {to} for {} of it: run `dedupe` of the package manager",
                    size(duplicate.dedupe_bytes)
                ));
            }
            if !duplicate.blocked_by.is_empty() {
                const NAMED: usize = 3;
                let named = duplicate.blocked_by.iter().take(NAMED);
                let named: Vec<String> = named
                    .map(|asker| format!("`{}` requires `{}`", asker.by, asker.range))
                    .collect();
                let more = duplicate.blocked_by.len().saturating_sub(NAMED);
                let more = match more {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                out.push_str(&format!("; {to} is blocked by {}{more}", named.join(", ")));
            }
            out
        }
    }
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
    fn both_formats_of_one_package_are_found() {
        let both = [
            module("node_modules/p/cjs/a.js", "p@1.0.0", 900, "src/a.js"),
            module("node_modules/p/cjs/b.js", "p@1.0.0", 50, "src/a.js"),
            module("node_modules/p/esm/a.js", "p@1.0.0", 800, "src/b.mjs"),
        ];
        let found = find(&[], &both);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, DuplicateKind::Formats);
        assert_eq!(found[0].extra_bytes, 800);
        let said = advice(&found[0]);
        assert!(
            said.contains("required (src/a.js:3)") && said.contains("imported (src/b.mjs:3)"),
            "{said}"
        );
        // By their endings too, and what has no ending that says it is what its twin is not.
        for (one, other) in [
            ("i.js", "i.mjs"),
            ("i.cjs", "i.js"),
            ("lib/i.js", "es/i.js"),
        ] {
            let of = |path: &str| {
                module(
                    &format!("node_modules/p/{path}"),
                    "p@1.0.0",
                    500,
                    "src/a.js",
                )
            };
            let found = find(&[], &[of(one), of(other)]);
            assert_eq!(found.len(), 1, "{one} {other}");
            assert!(found[0].copies[0].folder.contains('('));
        }
        // A small module that passes on what another has is no second copy.
        let wrapper = [
            module(
                "node_modules/p/index.js",
                "p@1.0.0",
                900,
                "node_modules/p/index.mjs",
            ),
            module("node_modules/p/index.mjs", "p@1.0.0", 90, "src/b.mjs"),
        ];
        assert!(find(&[], &wrapper).is_empty());
        let apart = [
            module("node_modules/p/lib/a.js", "p@1.0.0", 900, "src/a.js"),
            module("node_modules/p/lib/b.js", "p@1.0.0", 900, "src/a.js"),
        ];
        assert!(find(&[], &apart).is_empty());
    }

    #[test]
    fn who_keeps_copies_apart_is_named_with_what_is_saved() {
        let of = |path: &str, label: &str, bytes| module(path, label, bytes, "src/a.js");
        let modules = [
            of("node_modules/qs/a.js", "qs@6.1.0", 900),
            of("node_modules/x/node_modules/qs/a.js", "qs@6.0.0", 300),
            of("node_modules/y/node_modules/qs/a.js", "qs@5.0.0", 200),
        ];
        let mut found = find(&[], &modules).remove(0);
        let ask = |by: &str, range: &str, gets: &str| Asker {
            by: by.to_string(),
            range: range.to_string(),
            gets: gets.to_string(),
        };
        found.copies[0].asked_by = vec![ask("app", "^6.1.0", "6.1.0")];
        found.copies[1].asked_by = vec![ask("x@1.0.0", "^6.0.0", "6.0.0")];
        found.copies[2].asked_by = vec![ask("y@1.0.0", "^5.0.0", "5.0.0")];
        let takes =
            |range: &str, version: &str| version >= &range[1..] && range[1..2] == version[..1];
        price(&mut found, &takes);
        assert_eq!(found.align_to.as_deref(), Some("6.1.0"));
        assert_eq!((found.extra_bytes, found.dedupe_bytes), (500, 300));
        assert_eq!(found.blocked_by, [ask("y@1.0.0", "^5.0.0", "5.0.0")]);
        let said = advice(&found);
        for part in [
            "saves up to 500 B",
            "already allow 6.1.0 for 300 B",
            "`y@1.0.0` requires `^5.0.0`",
        ] {
            assert!(said.contains(part), "{said}");
        }
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
