//! What several functions ship alike, and what a layer of it would change.
//!
//! In: all functions of a report. Out: [`Shared`]: packages of which two or more functions of one
//! runtime and processor ship files, and the price of a layer that holds them. A layer is uploaded and
//! stored once, but downloaded and unpacked with each function that has it, so it makes no cold
//! start shorter by itself: both sides are said.

use std::collections::BTreeMap;

use crate::limits::UNPACKED;
use crate::model::{Function, FunctionKind, LayerPrice, Shared, SharedPackage};
use crate::{plural, size};

/// Unpacked and zipped bytes of one file or module of a package.
type Item = (u64, u64);
/// By package and path.
type Items<'a> = BTreeMap<(&'a str, &'a str), Item>;

/// `None` where no two functions share a package.
pub fn find_shared(functions: &[Function]) -> Option<Shared> {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Function>> = BTreeMap::new();
    for function in functions {
        if function.kind == FunctionKind::Node {
            let key = (&*function.platform, &*function.runtime, &*function.arch);
            groups.entry(key).or_default().push(function);
        }
    }
    let all = groups
        .into_values()
        .filter_map(|group| shared_in_group(&group));
    all.max_by_key(|shared| shared.bytes)
}

fn items(function: &Function) -> Items<'_> {
    let files = function.files.iter().filter(|file| file.bytes > 0);
    let files = files.filter_map(|file| {
        let package = file.package.as_deref()?;
        Some(((package, &*file.path), (file.bytes, file.zipped_bytes)))
    });
    let modules = function.modules.iter().filter_map(|module| {
        let package = module.package.as_deref()?;
        let item = (module.bytes, module.zipped_share_bytes);
        Some(((package, &*module.path), item))
    });
    files.chain(modules).collect()
}

fn shared_in_group(functions: &[&Function]) -> Option<Shared> {
    let all: Vec<Items<'_>> = functions.iter().map(|function| items(function)).collect();
    let mut users: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, items) in all.iter().enumerate() {
        for (package, _) in items.keys() {
            let users = users.entry(package).or_default();
            if users.last() != Some(&at) {
                users.push(at);
            }
        }
    }
    users.retain(|_, users| users.len() > 1);
    if users.is_empty() {
        return None;
    }
    // What each function ships of it, and the biggest of each file once.
    let mut own = vec![(0_u64, 0_u64); functions.len()];
    let mut once = Items::new();
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (at, items) in all.iter().enumerate() {
        for (key, (bytes, zipped)) in items {
            if !users.contains_key(key.0) {
                continue;
            }
            own[at].0 += bytes;
            own[at].1 += zipped;
            *sums.entry(key.0).or_default() += bytes;
            let most = once.entry(*key).or_default();
            *most = (most.0.max(*bytes), most.1.max(*zipped));
        }
    }
    let layer = (
        once.values().map(|item| item.0).sum::<u64>(),
        once.values().map(|item| item.1).sum::<u64>(),
    );
    let name = |at: &usize| functions[*at].name.clone();
    let mut packages: Vec<SharedPackage> = users
        .iter()
        .map(|(package, users)| SharedPackage {
            package: (*package).to_string(),
            functions: users.iter().map(name).collect(),
            bytes: sums.get(package).copied().unwrap_or(0),
            once_bytes: once
                .iter()
                .filter(|((of, _), _)| of == package)
                .map(|(_, item)| item.0)
                .sum(),
        })
        .collect();
    packages.sort_by(|a, b| {
        let by_size = b.bytes.cmp(&a.bytes);
        by_size.then_with(|| a.package.cmp(&b.package))
    });
    let with: Vec<usize> = (0..functions.len()).filter(|at| own[*at].0 > 0).collect();
    let more = |at: &usize| signed(layer.1) - signed(own[*at].1);
    let shipped: u64 = own.iter().map(|own| own.1).sum();
    let over = with.iter().filter(|at| {
        let limits = &functions[**at].limits;
        let limit = limits.iter().find(|limit| limit.name == UNPACKED);
        limit.is_some_and(|limit| {
            limit
                .value
                .saturating_sub(own[**at].0)
                .saturating_add(layer.0)
                > limit.limit
        })
    });
    Some(Shared {
        functions: with.iter().map(name).collect(),
        packages,
        bytes: own.iter().map(|own| own.0).sum(),
        once_bytes: layer.0,
        layer: LayerPrice {
            zipped_bytes: layer.1,
            unpacked_bytes: layer.0,
            upload_saved_bytes: signed(shipped) - signed(layer.1),
            download_least_bytes: with.iter().map(more).min().unwrap_or(0),
            download_most_bytes: with.iter().map(more).max().unwrap_or(0),
            over_limit: over.map(name).collect(),
        },
    })
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What is shared, in a sentence.
pub fn shared_sentence(shared: &Shared) -> String {
    format!(
        "{} in more than one function: {} unpacked in all, {} if each file were there once",
        plural(shared.packages.len() as u64, "package"),
        size(shared.bytes),
        size(shared.once_bytes)
    )
}

/// What a layer of it would change, in a sentence.
pub fn layer_sentence(shared: &Shared) -> String {
    let layer = &shared.layer;
    let with = |bytes: i64| {
        let sign = if bytes < 0 { "-" } else { "+" };
        format!("{sign}{}", size(bytes.unsigned_abs()))
    };
    let least = with(layer.download_least_bytes);
    let most = with(layer.download_most_bytes);
    let download = match least == most {
        true => least,
        false => format!("{least} to {most}"),
    };
    let stored = match layer.upload_saved_bytes {
        bytes if bytes >= 0 => format!(
            "about {} less to upload and store",
            size(bytes.unsigned_abs())
        ),
        bytes => format!(
            "about {} more to upload and store",
            size(bytes.unsigned_abs())
        ),
    };
    let mut out = format!(
        "a layer of it would be about {} zipped: {stored}, and {download} to download for each cold start, since every function gets all of it; it counts against the same limit on unpacked bytes",
        size(layer.zipped_bytes)
    );
    if !layer.over_limit.is_empty() {
        out.push_str(&format!(
            ", which {} would exceed",
            layer.over_limit.join(", ")
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{File, Module, sample};

    fn function(name: &str, parts: &[(&str, &str, u64)]) -> Function {
        let mut function = sample::function(name);
        function.files = Vec::<File>::new();
        let modules = parts.iter().map(|(package, path, bytes)| Module {
            path: (*path).to_string(),
            package: Some((*package).to_string()),
            bytes: *bytes,
            zipped_share_bytes: bytes / 2,
            from: None,
        });
        function.modules = modules.collect();
        function
    }

    #[test]
    fn a_layer_is_priced_from_both_sides() {
        let mut big = function(
            "big",
            &[
                ("a@1", "a/1.js", 1000),
                ("a@1", "a/2.js", 600),
                ("b@1", "b.js", 50),
            ],
        );
        let functions = [
            big.clone(),
            function("small", &[("a@1", "a/1.js", 900), ("c@1", "c.js", 70)]),
            function("none", &[("c@2", "c.js", 70)]),
        ];
        let shared = find_shared(&functions).unwrap();
        assert_eq!(shared.functions, ["big", "small"]);
        assert_eq!(shared.packages.len(), 1);
        assert_eq!((shared.bytes, shared.once_bytes), (2500, 1600));
        let layer = &shared.layer;
        assert_eq!((layer.zipped_bytes, layer.upload_saved_bytes), (800, 450));
        // One has all of it already, the other would download what it does not use.
        assert_eq!(
            (layer.download_least_bytes, layer.download_most_bytes),
            (0, 350)
        );
        assert!(layer.over_limit.is_empty());
        assert!(
            layer_sentence(&shared).contains("+0 B to +350 B"),
            "{}",
            layer_sentence(&shared)
        );
        // Another processor's packages are not the same.
        big.arch = "x86_64".to_string();
        assert_eq!(find_shared(&[big, functions[1].clone()]), None);
    }
}
