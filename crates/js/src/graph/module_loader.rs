//! One file of the graph: read, parsed and scanned; what it refers to is followed in `follow`.

use std::path::Path;
use std::sync::Arc;

use crate::graph::codes::{LIBRARY, TSCONFIG, UNREADABLE};
use crate::graph::loader::{GraphLoader, LoadedModule, Seed};
use crate::graph::module::{Edge, EdgeKind, EdgeTarget, GraphModule, ModuleKind, Problem};
use crate::packages::platform_fields::{Native, is_native};
use crate::project_declarations::ProjectDeclarations;
use crate::scan;
use crate::scan::ModuleScan;
use crate::syntax::{Dialect, Lowering, Sources, TsInput, TsOptions};
use coldcut_core::diagnostics::{Diagnostic, Location};
use coldcut_core::source_extensions::{SOURCE_EXTENSIONS, is_declaration};

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
        let mut loaded = LoadedModule {
            module: self.unread(path, as_asset),
            targets: Vec::new(),
        };
        let module = &mut loaded.module;
        let (kind, own) = (module.kind, module.is_own());
        match kind {
            ModuleKind::Code => {
                if let Some(text) = read(path, module) {
                    let text: Arc<str> = text.into();
                    self.scan_code(&text, own, module);
                    self.follow(&text, &mut loaded);
                    loaded.module.text = own.then_some(text);
                }
            }
            ModuleKind::Json if own => check_json(path, module),
            _ if self.imports_only => {}
            ModuleKind::Addon | ModuleKind::Asset => link(&mut loaded),
            ModuleKind::Json => {}
        }
        loaded
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
        let targets = Vec::new();
        let mut loaded = LoadedModule { module, targets };
        self.follow(&"".into(), &mut loaded);
        loaded.module.problems.clear();
        loaded
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
            .help("its `paths` and decorator settings are not used; fix the file");
            module.problems.push(Problem::Other(diagnostic));
        }
        let ts = TsInput {
            options: &options,
            files: &ProjectDeclarations {
                session: self.session,
                resolve: self.resolve,
            },
        };
        let (sources, lowering) = (Sources::default(), Lowering::default());
        let (path, dialect) = (&module.path, module.dialect);
        let parsed = self
            .session
            .parse_among(&sources, path, text, dialect, ts, lowering);
        match parsed {
            Ok(ast) if self.imports_only => module.scan = scan::imports(&ast),
            Ok(ast) => module.scan = scan::scan(&ast, text, self.defines),
            Err(diagnostic) => module.problems.push(Problem::Broken(*diagnostic)),
        }
    }
}

/// What a native file is linked to.
fn link(loaded: &mut LoadedModule) {
    let path = loaded.module.path.clone();
    let package = loaded.module.package.clone();
    // Programs have no extension.
    if !is_native(&path) && path.extension().is_some() {
        return;
    }
    let Some(native) = Native::read(&path) else {
        return;
    };
    let mut missing = Vec::new();
    for name in native.needed_files() {
        let Some(file) = native.find(name, &path, &package.dir) else {
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
        loaded.add(edge, Some(file));
    }
    let module = &mut loaded.module;
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
    .help("fix the file: loading it would throw")
}
