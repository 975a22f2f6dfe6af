//! From what a module refers to, to the files that it means.
//!
//! In: a module with its scan. Out: the same with its edges: each reference resolved, by Node.js's rules,
//! by the files that match a path, by the tables of what packages read; and what cannot be followed.

use std::sync::Arc;

use crate::graph::codes::UNFOLLOWABLE;
use crate::graph::loader::{GraphLoader, LoadedModule};
use crate::graph::module::{Edge, EdgeKind, EdgeTarget, GraphModule, Problem};
use crate::graph::unresolved::unresolved;
use crate::graph::{addons, path_patterns, platform_packages, trace_rules};
use crate::packages::package::package_of_specifier;
use crate::packages::resolve::Resolved;
use crate::scan::{ImportKind, ImportReference, ModuleScan, PathPattern, Piece, Unfollowable};
use crate::syntax::ModuleGoal;
use coldcut_core::diagnostics::{Diagnostic, Location};

impl GraphLoader<'_> {
    /// Adds an edge for each reference of the module; `text` is its source, to show lines of it.
    pub(super) fn follow(&self, text: &Arc<str>, loaded: &mut LoadedModule) {
        let scan = std::mem::take(&mut loaded.module.scan);
        for import in &scan.imports {
            self.follow_import(import, text, loaded);
        }
        for import in scan.indirect_imports.iter().chain(&scan.handed_requires) {
            self.follow_indirect_import(import, loaded);
        }
        if !self.imports_only {
            self.follow_files(&scan, text, loaded);
        }
        loaded.module.scan = scan;
    }

    /// What is found by paths, helpers and tables, and not by Node.js's own resolution.
    fn follow_files(&self, scan: &ModuleScan, text: &Arc<str>, loaded: &mut LoadedModule) {
        self.follow_addons(scan, loaded);
        // What the module computes is the name of one of its packages for platforms.
        let explained = self.follow_platform_packages(scan, loaded);
        self.follow_rules(loaded);
        for pattern in &scan.patterns {
            self.follow_pattern(pattern, EdgeKind::Pattern, loaded);
        }
        for asset in &scan.assets {
            self.follow_pattern(asset, EdgeKind::Asset, loaded);
        }
        for computed in &scan.unfollowable {
            if !computed.optional && !computed.indirect && !explained {
                let problem = unfollowable(&loaded.module, text, computed);
                loaded.module.problems.push(problem);
            }
        }
    }

    fn follow_import(&self, import: &ImportReference, text: &Arc<str>, loaded: &mut LoadedModule) {
        let edge = Edge {
            target: EdgeTarget::Builtin,
            specifier: import.specifier.clone(),
            how: EdgeKind::Import(import.kind),
            line: import.line,
            optional: import.optional,
        };
        match self.resolve_as_shipped(&loaded.module, &import.specifier, import.kind) {
            Resolved::Builtin(_) => loaded.add(edge, None),
            Resolved::Files(files) => loaded.add_all(&edge, files),
            Resolved::Missing(why) => {
                let target = EdgeTarget::Missing(why.clone());
                loaded.add(Edge { target, ..edge }, None);
                if !import.optional && import.kind != ImportKind::Resolve {
                    let at = Location::span(
                        &loaded.module.path,
                        text.clone(),
                        import.offset as usize,
                        import.len as usize,
                    );
                    loaded.module.problems.push(Problem::Unresolved {
                        specifier: import.specifier.clone(),
                        diagnostic: unresolved(&import.specifier, &why).at(at),
                    });
                }
            }
        }
    }

    fn follow_indirect_import(&self, import: &ImportReference, loaded: &mut LoadedModule) {
        let module = &loaded.module;
        let resolved = self.resolve.resolve(
            &module.path,
            !module.is_own(),
            &import.specifier,
            import.kind,
        );
        if let Resolved::Files(files) = resolved {
            let how = EdgeKind::Import(import.kind);
            let edge = optional_edge(import.specifier.clone(), how, import.line);
            loaded.add_all(&edge, files);
        }
    }

    fn follow_addons(&self, scan: &ModuleScan, loaded: &mut LoadedModule) {
        for addon in &scan.addons {
            let module = &loaded.module;
            let files = addons::found(addon, &module.path, &module.package.dir, self.machines);
            for file in files {
                let name = file.to_string_lossy().into();
                let mut edge = optional_edge(name, EdgeKind::Addon, addon.line);
                edge.optional = addon.optional;
                loaded.add(edge, Some(file));
            }
        }
    }

    /// `true` where there are packages for platforms that the module means.
    fn follow_platform_packages(&self, scan: &ModuleScan, loaded: &mut LoadedModule) -> bool {
        let module = &loaded.module;
        let files = platform_packages::files(module, scan, self.packages, self.machines);
        let any = !files.is_empty();
        for file in files {
            let edge = optional_edge(file.to_string_lossy().into(), EdgeKind::Platform, 1);
            loaded.add(edge, Some(file));
        }
        any
    }

    fn follow_rules(&self, loaded: &mut LoadedModule) {
        let module = &loaded.module;
        let (path, installed) = (&module.path, !module.is_own());
        let resolve = |specifier: &str| {
            let require = ImportKind::Require;
            match self.resolve.resolve(path, installed, specifier, require) {
                Resolved::Files(files) => files,
                _ => Vec::new(),
            }
        };
        let (machines, rules) = (self.machines, self.rules);
        let files = trace_rules::files(module, self.packages, machines, rules, &resolve);
        for (file, runs, name) in files {
            let edge = optional_edge(name, EdgeKind::Rule { runs }, 1);
            loaded.add(edge, Some(file));
        }
    }

    /// What ships as CommonJS asks by `require`, however it is written: a package may give each
    /// another file.
    fn resolve_as_shipped(
        &self,
        module: &GraphModule,
        specifier: &str,
        kind: ImportKind,
    ) -> Resolved {
        let (path, own) = (&module.path, module.is_own());
        if own && kind == ImportKind::Static && module.dialect.goal != ModuleGoal::Module {
            let required = self
                .resolve
                .resolve(path, false, specifier, ImportKind::Require);
            if !matches!(required, Resolved::Missing(_)) {
                return required;
            }
        }
        self.resolve.resolve(path, !own, specifier, kind)
    }

    fn follow_pattern(&self, pattern: &PathPattern, how: EdgeKind, loaded: &mut LoadedModule) {
        let module = &loaded.module;
        let path = module.path.clone();
        let shown = path_patterns::show(&pattern.pieces);
        let edge = Edge {
            target: EdgeTarget::Builtin,
            specifier: shown.into(),
            how,
            line: pattern.line,
            optional: true,
        };
        let dir = path.parent().unwrap_or(&path);
        if pattern.pieces.first() == Some(&Piece::Cwd) {
            // A package's own files do not lie where the process runs.
            if module.is_own() {
                let rest: Vec<Piece> = std::iter::once(Piece::Dir)
                    .chain(pattern.pieces.iter().skip(1).cloned())
                    .collect();
                let root = self.packages.root();
                let mut found = path_patterns::matching(self.cwd, &rest, root, how);
                if found.is_empty() && self.cwd != root {
                    found = path_patterns::matching(root, &rest, root, how);
                }
                loaded.add_all(&edge, found);
            }
            return;
        }
        let (base, bounds) = match pattern.pieces.first() {
            Some(Piece::Text(text)) if !text.starts_with('.') => {
                let Some(found) = package_of_specifier(text)
                    .and_then(|name| Some((name, self.packages.find(dir, name)?)))
                else {
                    return;
                };
                let (name, found) = found;
                let rest = path_patterns::without_prefix(&pattern.pieces, name);
                let files = path_patterns::matching(&found, &rest, &found, how);
                loaded.add_all(&edge, files);
                return;
            }
            _ => (dir, module.package.dir.clone()),
        };
        let files = path_patterns::matching(base, &pattern.pieces, &bounds, how);
        loaded.add_all(&edge, files);
    }
}

/// An edge to what may be missing.
fn optional_edge(specifier: Arc<str>, how: EdgeKind, line: u32) -> Edge {
    Edge {
        target: EdgeTarget::Builtin,
        specifier,
        how,
        line,
        optional: true,
    }
}

fn unfollowable(module: &GraphModule, text: &Arc<str>, computed: &Unfollowable) -> Problem {
    let at = Location::span(
        &module.path,
        text.clone(),
        computed.offset as usize,
        computed.len as usize,
    );
    let diagnostic = Diagnostic::warning(
        UNFOLLOWABLE,
        "this import is computed when the code runs, so what it loads is not known",
    )
    .at(at)
    .help("name the files that it may load with `include`, or ship everything with `--strategy prune`");
    Problem::Unfollowable(diagnostic)
}
