//! One file of the graph: read, parsed, scanned, and each of its references resolved.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::packages::package::package_of_specifier;
use crate::packages::platform_fields::{Native, is_native};
use crate::packages::resolve::Resolved;
use crate::scan;
use crate::scan::{ImportKind, ModuleScan, PathPattern, Piece};
use crate::syntax::{Dialect, ModuleGoal, TsOptions};
use coldcut_core::diagnostics::{Diagnostic, Location};
use coldcut_core::source_extensions::{SOURCE_EXTENSIONS, is_declaration};

use crate::graph::codes::{LIBRARY, TSCONFIG, UNFOLLOWABLE, UNREADABLE, UNRESOLVED};
use crate::graph::loader::{GraphLoader, LoadedModule, Seed};
use crate::graph::module::{Edge, EdgeKind, EdgeTarget, GraphModule, ModuleKind, Problem};
use crate::graph::{addons, path_patterns, platform_packages, trace_rules};

pub(super) fn kind_of(path: &Path, as_asset: bool) -> ModuleKind {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    match path.extension().and_then(|e| e.to_str()) {
        _ if is_declaration(name) => ModuleKind::Asset,
        Some("json") => ModuleKind::Json,
        Some("node") => ModuleKind::Addon,
        Some(ext) if SOURCE_EXTENSIONS.contains(&ext) => ModuleKind::Code,
        // Node takes an unknown extension as CommonJS when it is required.
        None | Some(_) if as_asset => ModuleKind::Asset,
        None => ModuleKind::Code,
        Some("wasm" | "html" | "css" | "txt" | "md" | "map" | "proto" | "graphql" | "sql") => {
            ModuleKind::Asset
        }
        Some(_) => ModuleKind::Code,
    }
}

impl GraphLoader<'_> {
    pub(super) fn load(&self, path: &Path, as_asset: bool) -> LoadedModule {
        let mut module = self.unread(path, as_asset);
        let (kind, own) = (module.kind, module.is_own());
        let mut targets = Vec::new();
        match kind {
            ModuleKind::Code => {
                if let Some(text) = read(path, &mut module) {
                    let text: Arc<str> = text.into();
                    self.scan_code(&text, own, &mut module);
                    self.follow(&text, own, &mut module, &mut targets);
                    module.text = own.then_some(text);
                }
            }
            ModuleKind::Json if own => check_json(path, &mut module),
            _ if self.imports_only => {}
            ModuleKind::Addon | ModuleKind::Asset => link(&mut module, &mut targets),
            ModuleKind::Json => {}
        }
        LoadedModule { module, targets }
    }

    fn unread(&self, path: &Path, as_asset: bool) -> GraphModule {
        GraphModule {
            path: path.to_path_buf(),
            package: self.packages.package_of(path),
            kind: kind_of(path, as_asset),
            dialect: Dialect::of_file(path, self.packages.module_scope(path)),
            scan: ModuleScan::default(),
            edges: Vec::new(),
            problems: Vec::new(),
            native: None,
            text: None,
        }
    }

    /// A module that a bundle has in it. What is wrong with it has been said by then.
    pub(super) fn seeded(&self, seed: Seed) -> LoadedModule {
        let mut module = self.unread(&seed.path, false);
        module.scan = seed.external_references;
        let own = module.is_own();
        let mut targets = Vec::new();
        self.follow(&"".into(), own, &mut module, &mut targets);
        module.problems.clear();
        LoadedModule { module, targets }
    }

    fn scan_code(&self, text: &Arc<str>, own: bool, module: &mut GraphModule) {
        let lowers = module.dialect.typescript || module.dialect.jsx;
        let (mut options, trouble) = if own && lowers {
            self.resolve.ts_options(&module.path)
        } else {
            (TsOptions::default(), None)
        };
        options.verbatim_module_syntax |= self.as_written;
        if let Some(why) = trouble {
            let diagnostic = Diagnostic::warning(
                TSCONFIG,
                format!(
                    "cannot read the `tsconfig.json` of `{}`: {why}",
                    module.path.display()
                ),
            )
            .help("its `paths` and decorator settings are not used; correct the file");
            module.problems.push(Problem::Other(diagnostic));
        }
        let parsed = self
            .session
            .parse(&module.path, text, module.dialect, &options);
        match parsed {
            Ok(ast) if self.imports_only => module.scan = scan::imports(&ast),
            Ok(ast) => module.scan = scan::scan(&ast, text, self.defines),
            Err(diagnostic) => module.problems.push(Problem::Broken(*diagnostic)),
        }
    }

    fn follow(
        &self,
        text: &Arc<str>,
        own: bool,
        module: &mut GraphModule,
        targets: &mut Vec<Option<PathBuf>>,
    ) {
        let scan = std::mem::take(&mut module.scan);
        let path = module.path.clone();
        for import in &scan.imports {
            let edge = Edge {
                target: EdgeTarget::Builtin,
                specifier: import.specifier.clone(),
                how: EdgeKind::Import(import.kind),
                line: import.line,
                optional: import.optional,
            };
            match self.resolve_as_shipped(module, own, &import.specifier, import.kind) {
                Resolved::Builtin(_) => push(module, targets, edge, None),
                Resolved::Files(files) => push_all(module, targets, &edge, files),
                Resolved::Missing(why) => {
                    let target = EdgeTarget::Missing(why.clone());
                    push(module, targets, Edge { target, ..edge }, None);
                    let resolves = import.kind == ImportKind::Resolve;
                    if !import.optional && !resolves {
                        let at = Location::span(
                            &path,
                            text.clone(),
                            import.offset as usize,
                            import.len as usize,
                        );
                        module.problems.push(Problem::Unresolved {
                            specifier: import.specifier.clone(),
                            diagnostic: unresolved(&import.specifier, &why).at(at),
                        });
                    }
                }
            }
        }
        let found = |specifier: Arc<str>, how: EdgeKind, line: u32| Edge {
            target: EdgeTarget::Builtin,
            specifier,
            how,
            line,
            optional: true,
        };
        for import in &scan.indirect_imports {
            if let Resolved::Files(files) =
                self.resolve
                    .resolve(&path, !own, &import.specifier, import.kind)
            {
                let how = EdgeKind::Import(import.kind);
                let edge = found(import.specifier.clone(), how, import.line);
                push_all(module, targets, &edge, files);
            }
        }
        if self.imports_only {
            module.scan = scan;
            return;
        }
        for addon in &scan.addons {
            for file in addons::found(addon, &path, &module.package.dir, self.machines) {
                let mut edge = found(file.to_string_lossy().into(), EdgeKind::Addon, addon.line);
                edge.optional = addon.optional;
                push(module, targets, edge, Some(file));
            }
        }
        let platform = platform_packages::files(module, &scan, self.packages, self.machines);
        // What it computes is the name of one of them.
        let explained = !platform.is_empty();
        for file in platform {
            let edge = found(file.to_string_lossy().into(), EdgeKind::Platform, 1);
            push(module, targets, edge, Some(file));
        }
        let resolve = |specifier: &str| match self.resolve.resolve(
            &path,
            !own,
            specifier,
            ImportKind::Require,
        ) {
            Resolved::Files(files) => files,
            _ => Vec::new(),
        };
        let (machines, rules) = (self.machines, self.rules);
        for (file, runs, name) in
            trace_rules::files(module, self.packages, machines, rules, &resolve)
        {
            let edge = found(name, EdgeKind::Rule { runs }, 1);
            push(module, targets, edge, Some(file));
        }
        for pattern in &scan.patterns {
            self.follow_pattern(pattern, EdgeKind::Pattern, own, module, targets);
        }
        for asset in &scan.assets {
            self.follow_pattern(asset, EdgeKind::Asset, own, module, targets);
        }
        for computed in &scan.unfollowable {
            if computed.optional || computed.indirect || explained {
                continue;
            }
            let at = Location::span(
                &path,
                text.clone(),
                computed.offset as usize,
                computed.len as usize,
            );
            let diagnostic = Diagnostic::warning(
                UNFOLLOWABLE,
                "this import is computed when the code runs, so what it loads is not known",
            )
            .at(at)
            .help(
                "name what it may load with `include`, or ship everything with `--strategy prune`",
            );
            module.problems.push(Problem::Unfollowable(diagnostic));
        }
        module.scan = scan;
    }

    /// What ships as CommonJS asks by `require`, however it is written: a package may give each
    /// another file.
    fn resolve_as_shipped(
        &self,
        module: &GraphModule,
        own: bool,
        specifier: &str,
        kind: ImportKind,
    ) -> Resolved {
        let path = &module.path;
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

    fn follow_pattern(
        &self,
        pattern: &PathPattern,
        how: EdgeKind,
        own: bool,
        module: &mut GraphModule,
        targets: &mut Vec<Option<PathBuf>>,
    ) {
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
            if own {
                let rest: Vec<Piece> = std::iter::once(Piece::Dir)
                    .chain(pattern.pieces.iter().skip(1).cloned())
                    .collect();
                let root = self.packages.root();
                let mut found = path_patterns::matching(self.cwd, &rest, root, how);
                if found.is_empty() && self.cwd != root {
                    found = path_patterns::matching(root, &rest, root, how);
                }
                push_all(module, targets, &edge, found);
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
                push_all(module, targets, &edge, files);
                return;
            }
            _ => (dir, module.package.dir.clone()),
        };
        let files = path_patterns::matching(base, &pattern.pieces, &bounds, how);
        push_all(module, targets, &edge, files);
    }
}

/// What a native file is linked to.
fn link(module: &mut GraphModule, targets: &mut Vec<Option<PathBuf>>) {
    let path = module.path.clone();
    // Programs have no extension.
    if !is_native(&path) && path.extension().is_some() {
        return;
    }
    let Some(native) = Native::read(&path) else {
        return;
    };
    let mut missing = Vec::new();
    for name in native.needed_files() {
        let Some(file) = native.find(name, &path, &module.package.dir) else {
            missing.push(format!("`{name}`"));
            continue;
        };
        let edge = Edge {
            target: EdgeTarget::Builtin,
            specifier: name.into(),
            how: EdgeKind::Linked,
            line: 1,
            optional: false,
        };
        push(module, targets, edge, Some(file));
    }
    if !missing.is_empty() {
        let message = format!(
            "`{}` is linked to {}, which is neither in its package nor known to be on the platform",
            module.display_name(),
            missing.join(", ")
        );
        let diagnostic = Diagnostic::warning(LIBRARY, message)
            .help("ship it in a `lib` folder, which the platform searches, or in a layer");
        module.problems.push(Problem::Other(diagnostic));
    }
    module.native = Some(native);
}

fn push(
    module: &mut GraphModule,
    targets: &mut Vec<Option<PathBuf>>,
    edge: Edge,
    target: Option<PathBuf>,
) {
    module.edges.push(edge);
    targets.push(target);
}

/// One edge to each of several files.
fn push_all(
    module: &mut GraphModule,
    targets: &mut Vec<Option<PathBuf>>,
    edge: &Edge,
    files: Vec<PathBuf>,
) {
    for file in files {
        push(module, targets, edge.clone(), Some(file));
    }
}

/// The error of an import that leads nowhere.
pub(crate) fn unresolved_simply(specifier: &str) -> Diagnostic {
    unresolved(specifier, &format!("Cannot find module '{specifier}'"))
}

fn unresolved(specifier: &str, why: &str) -> Diagnostic {
    let package = package_of_specifier(specifier);
    let help = match package {
        Some(name) => format!(
            "install `{name}` (or let coldcut do it with `--install`), or name it with `--external {name}` if the platform or a layer has it"
        ),
        None => "correct the path, or add the file".to_string(),
    };
    let diagnostic = Diagnostic::error(UNRESOLVED, format!("cannot find `{specifier}`")).help(help);
    let plain = format!("Cannot find module '{specifier}'");
    if why == plain {
        diagnostic
    } else {
        diagnostic.note(why)
    }
}

fn read(path: &Path, module: &mut GraphModule) -> Option<String> {
    match std::fs::read(path) {
        // Node replaces bytes that are no UTF-8 as well.
        Ok(bytes) => Some(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }),
        Err(error) => {
            let diagnostic = Diagnostic::io(UNREADABLE, "read", path, &error)
                .help("make the file readable for this user, or leave it out with `--external`");
            module.problems.push(Problem::Broken(diagnostic));
            None
        }
    }
}

fn check_json(path: &Path, module: &mut GraphModule) {
    let Some(text) = read(path, module) else {
        return;
    };
    let body = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(body) {
        let shown = path.display().to_string();
        let diagnostic = not_json(path, &shown, body, &error);
        module.problems.push(Problem::Other(diagnostic));
    }
}

/// The error of a file that does not parse as JSON, at the place where it stops being so.
pub(crate) fn not_json(
    path: &Path,
    shown: &str,
    body: &str,
    error: &serde_json::Error,
) -> Diagnostic {
    let start: usize = body
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let at = Location::span(path, body, start + error.column().saturating_sub(1), 1);
    Diagnostic::error(
        crate::syntax::SYNTAX,
        format!("`{shown}` is not JSON: {error}"),
    )
    .at(at)
    .help("correct the file: loading it would throw")
}
