//! Files that packages read in ways that no analysis of their code shows.
//!
//! In: a module. Out: the files that the table of rules names for it, as far as they are there.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::embedded_toml::rows;
use crate::graph::{EdgeKind, GraphModule, path_patterns};
use crate::packages::package::{Packages, package_of_specifier};
use crate::scan::{Piece, merge};
use coldcut_core::settings::Rule;

fn table() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    // Without it fewer files are found.
    RULES.get_or_init(|| rows(include_str!("trace_rules.toml")))
}

/// What the table and the user's rules name for a module, sorted, whether it is run rather than
/// read, and the rule's name.
pub(super) fn files(
    module: &GraphModule,
    packages: &Packages,
    machines: &[&str],
    own: &[Rule],
    resolve: &dyn Fn(&str) -> Vec<PathBuf>,
) -> Vec<(PathBuf, bool, Arc<str>)> {
    let package = &module.package;
    let Ok(below) = module.path.strip_prefix(&package.dir) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for rule in table().iter().chain(own) {
        let named = rule.package.as_ref() == Some(&package.name)
            && rule
                .file
                .as_ref()
                .is_none_or(|file| Path::new(file) == below);
        let asks = rule
            .imports
            .as_ref()
            .is_some_and(|wanted| imports(module, wanted));
        if !named && !asks {
            continue;
        }
        let name: Arc<str> = rule.name.as_ref().unwrap_or(&package.name).as_str().into();
        let reads = rule.read.iter().map(|pattern| (pattern, false));
        for (pattern, runs) in reads.chain(rule.run.iter().map(|pattern| (pattern, true))) {
            for pattern in for_each(pattern, machines) {
                let found = matching(&package.dir, &pattern);
                out.extend(found.into_iter().map(|path| (path, runs, name.clone())));
            }
        }
        for specifier in &rule.load {
            let found = resolve(specifier).into_iter();
            out.extend(found.map(|path| (path, true, name.clone())));
        }
        let also = rule.also.iter();
        for also in also.flat_map(|also| for_each(also, machines)) {
            let found = package_of_specifier(&also)
                .and_then(|name| Some((packages.find(&package.dir, name)?, name)));
            if let Some((dir, other)) = found {
                let found = matching(&dir, &also[other.len()..]);
                out.extend(found.into_iter().map(|path| (path, false, name.clone())));
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Whether a rule of the table, or one of the user's, is about a file of a package, seen from the
/// package's folder.
pub(crate) fn names(package: &str, below: &Path, own: &[Rule]) -> bool {
    table().iter().chain(own).any(|rule| {
        rule.package.as_deref() == Some(package)
            && rule
                .file
                .as_ref()
                .is_none_or(|file| Path::new(file) == below)
    })
}

/// Whether a rule of the table, or one of the user's, is about whoever imports this.
pub(crate) fn is_asked_by(specifier: &str, own: &[Rule]) -> bool {
    table()
        .iter()
        .chain(own)
        .any(|rule| rule.imports.as_deref() == Some(specifier))
}

/// The pattern for each architecture, where it depends on that.
fn for_each(pattern: &str, machines: &[&str]) -> Vec<String> {
    if !pattern.contains("{arch}") {
        return vec![pattern.to_string()];
    }
    let filled = machines.iter().map(|arch| pattern.replace("{arch}", arch));
    filled.collect()
}

fn imports(module: &GraphModule, wanted: &str) -> bool {
    let mut edges = module.edges.iter();
    edges.any(|edge| &*edge.specifier == wanted && matches!(edge.how, EdgeKind::Import(_)))
}

fn matching(dir: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut pieces = vec![Piece::Dir];
    for (at, text) in pattern.split('*').enumerate() {
        if at > 0 {
            pieces.push(Piece::Any);
        }
        pieces.push(Piece::Text(text.trim_start_matches('/').to_string()));
    }
    path_patterns::matching(dir, &merge(pieces), dir, EdgeKind::Asset)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_of_rules_is_well_formed() {
        assert!(!super::table().is_empty());
    }
}
