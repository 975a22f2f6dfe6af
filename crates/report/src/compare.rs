//! Two states, side by side.
//!
//! In: two [`Snapshot`]s. Out: a [`Comparison`]: functions, packages with their versions, files, and
//! what brought a new package in. What did not change is left out, except functions.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ChangeKind, Comparison, FileChange, FunctionChange, PackageChange, Pair};
use crate::snapshot::{FileState, FunctionState, PackageState, Snapshot};

/// Compares `new` with `old`.
pub fn compare(old: &Snapshot, new: &Snapshot) -> Comparison {
    let mut functions = Vec::new();
    // Two of one function each are meant to be that one, whatever they are called.
    let alone = old.functions.len() == 1 && new.functions.len() == 1;
    for function in &new.functions {
        let before = if alone {
            old.functions.first()
        } else {
            old.function(&function.name)
        };
        functions.push(function_change(before, Some(function)));
    }
    for function in &old.functions {
        if !alone && new.function(&function.name).is_none() {
            functions.push(function_change(Some(function), None));
        }
    }
    let sum = |of: fn(&FunctionState) -> u64| {
        let all = |snapshot: &Snapshot| snapshot.functions.iter().map(of).sum();
        Pair::new(Some(all(old)), Some(all(new)))
    };
    Comparison {
        with: old.name.clone(),
        zip_bytes: sum(|one| one.zip_bytes),
        unpacked_bytes: sum(|one| one.unpacked_bytes),
        files: sum(|one| one.files),
        functions,
    }
}

fn function_change(old: Option<&FunctionState>, new: Option<&FunctionState>) -> FunctionChange {
    let pair = |of: fn(&FunctionState) -> u64| Pair::new(old.map(of), new.map(of));
    let either = new.or(old);
    let zip_bytes = pair(|one| one.zip_bytes);
    FunctionChange {
        name: either.map_or_else(String::new, |one| one.name.clone()),
        kind: zip_bytes.kind(),
        zip_bytes,
        unpacked_bytes: pair(|one| one.unpacked_bytes),
        files: pair(|one| one.files),
        download_ms: Pair::new(
            old.and_then(|one| one.download_ms),
            new.and_then(|one| one.download_ms),
        ),
        init_ms: Pair::new(
            old.and_then(|one| one.init_ms),
            new.and_then(|one| one.init_ms),
        ),
        packages: packages(old, new),
        changed_files: files(old, new),
    }
}

fn packages(old: Option<&FunctionState>, new: Option<&FunctionState>) -> Vec<PackageChange> {
    let none = BTreeMap::new();
    let (old, new) = (
        old.map_or(&none, |one| &one.packages),
        new.map_or(&none, |one| &one.packages),
    );
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut out: Vec<PackageChange> = names
        .into_iter()
        .filter_map(|name| package(name, old.get(name), new.get(name)))
        .collect();
    out.sort_by_key(|one| std::cmp::Reverse(one.bytes.delta().unsigned_abs()));
    out
}

fn package(
    name: &str,
    old: Option<&PackageState>,
    new: Option<&PackageState>,
) -> Option<PackageChange> {
    let bytes = Pair::new(old.map(|one| one.bytes), new.map(|one| one.bytes));
    let versions =
        |one: Option<&PackageState>| one.map_or_else(Vec::new, |one| one.versions.clone());
    let (versions_before, versions_after) = (versions(old), versions(new));
    let mut kind = bytes.kind();
    if kind == ChangeKind::Same {
        if versions_before == versions_after {
            return None;
        }
        kind = ChangeKind::Changed;
    }
    let why = new.filter(|_| kind == ChangeKind::New);
    Some(PackageChange {
        name: name.to_string(),
        kind,
        versions_before,
        versions_after,
        bytes,
        zipped_share_bytes: Pair::new(
            old.and_then(|one| one.zipped_share_bytes),
            new.and_then(|one| one.zipped_share_bytes),
        ),
        why: why.and_then(|one| one.why.clone()),
    })
}

fn files(old: Option<&FunctionState>, new: Option<&FunctionState>) -> Option<Vec<FileChange>> {
    let none = BTreeMap::new();
    let paths = |one: Option<&'_ FunctionState>| one.is_none_or(|one| one.paths.is_some());
    if !(paths(old) && paths(new)) {
        return None;
    }
    let old = old.and_then(|one| one.paths.as_ref()).unwrap_or(&none);
    let new = new.and_then(|one| one.paths.as_ref()).unwrap_or(&none);
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut out: Vec<FileChange> = names
        .into_iter()
        .filter_map(|path| file(path, old.get(path), new.get(path)))
        .collect();
    out.sort_by_key(|one| std::cmp::Reverse(one.bytes.delta().unsigned_abs()));
    Some(out)
}

fn file(path: &str, old: Option<&FileState>, new: Option<&FileState>) -> Option<FileChange> {
    let bytes = Pair::new(old.map(|one| one.bytes), new.map(|one| one.bytes));
    let zipped_bytes = Pair::new(
        old.map(|one| one.zipped_bytes),
        new.map(|one| one.zipped_bytes),
    );
    let mut kind = bytes.kind();
    if kind == ChangeKind::Same {
        let sum = |one: Option<&FileState>| one.and_then(|one| one.crc32);
        match (sum(old), sum(new)) {
            (Some(before), Some(after)) if before != after => kind = ChangeKind::Changed,
            _ => return None,
        }
    }
    Some(FileChange {
        path: path.to_string(),
        kind,
        bytes,
        zipped_bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Report, sample};

    fn both(change: impl FnOnce(&mut Report)) -> Comparison {
        let old = sample::report(2);
        let mut new = sample::report(2);
        change(&mut new);
        compare(
            &Snapshot::from_report(&old, "old.json"),
            &Snapshot::from_report(&new, ""),
        )
    }

    #[test]
    fn nothing_changed() {
        let same = both(|_| {});
        assert_eq!(same.with, "old.json");
        assert!(same.functions.iter().all(|one| !one.differs()));
        assert_eq!(same.zip_bytes.delta(), 0);
    }

    #[test]
    fn grown_shrunk_new_and_gone() {
        let change = both(|report| {
            report.functions.remove(1);
            let function = &mut report.functions[0];
            function.artifact.bytes += 180_000;
            function.packages[0].bytes += 5;
            function.packages[1].bytes -= 50;
            function.packages[2].name = "fastify".to_string();
            function.packages[3].version = Some("4.0.0".to_string());
            function.files.pop();
        });
        let kinds: Vec<ChangeKind> = change.functions.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [ChangeKind::Grown, ChangeKind::Gone]);
        let one = &change.functions[0];
        let found: Vec<(&str, ChangeKind)> = one
            .packages
            .iter()
            .map(|one| (one.name.as_str(), one.kind))
            .collect();
        assert_eq!(found.len(), 5, "{found:?}");
        assert!(
            found.contains(&("fastify", ChangeKind::New))
                && found.contains(&("express", ChangeKind::Gone))
        );
        assert!(found.contains(&("zod", ChangeKind::Changed)));
        let new = one
            .packages
            .iter()
            .find(|one| one.name == "fastify")
            .unwrap();
        assert_eq!(new.why.as_deref(), Some("imported by src/orders.ts:2"));
        let files = one.changed_files.as_ref().unwrap();
        assert_eq!((files.len(), files[0].kind), (1, ChangeKind::Gone));
    }
}
