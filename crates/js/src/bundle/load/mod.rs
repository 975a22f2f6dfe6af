//! Reading everything that an entry reaches.
//!
//! In: entry files and the settings of a bundle. Out: [`Source`]s, one per file, parsed once, in
//! parallel, one ring of the graph after another, with each import resolved. Ids are given in the
//! order of paths afterwards, so that nothing depends on scheduling.

pub(crate) mod cherry_pick;
pub(crate) mod file_loaders;
pub(crate) mod fold;
pub(crate) mod globs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::bundle::analyse::{cjs_namespace, parts};
use crate::bundle::generate::minhash::MinHash;
use crate::bundle::load::file_loaders::FileLoader;
use crate::bundle::load::fold::fold;
use crate::bundle::module::{
    CjsNamespaces, IMPORT_IN_TEXT, ImportRecord, Kind, Module, ModuleId, Modules, Target,
};
use crate::bundle::options::Options;
use crate::bundle::part::{ImportCalls, ModuleAnalysis};
use crate::graph::{UNFOLLOWABLE, UNREADABLE, trace_rules};
use crate::packages::package::{PackageKind, Packages, package_of_specifier};
use crate::packages::pnp;
use crate::packages::resolve::{Resolve, Resolved};
use crate::scan;
use crate::scan::{ImportKind, ModuleScan};
use crate::syntax::{Dialect, Lowering, ModuleGoal, Notes, Session, Sources};
use coldcut_core::diagnostics::{Diagnostic, Location};
use coldcut_core::settings::Rule;

/// What loading needs; shared by all threads.
pub struct Loader<'a> {
    pub session: &'a Session,
    pub sources: &'a Sources,
    pub packages: &'a Packages,
    pub resolve: &'a Resolve,
    pub options: &'a Options<'a>,
    /// The sources of stand-ins for parts of packages, by the paths they are known by.
    pub cherry_picked: Mutex<FxHashMap<PathBuf, Arc<str>>>,
    /// How imports say that files are to be taken.
    pub import_attributes: Mutex<FxHashMap<PathBuf, FileLoader>>,
}

/// Where an import leads before ids are given.
enum ResolvedImport {
    File(PathBuf),
    External(String),
    Missing,
    Glob(Vec<(String, PathBuf)>),
    /// Parts of a package, unless something needs the whole of it.
    Picked {
        whole: PathBuf,
        parts: PathBuf,
    },
}

struct LoadedFile {
    module: Module,
    resolved: Vec<ResolvedImport>,
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

/// The path by which an external is kept in the table.
fn external_key(specifier: &str) -> PathBuf {
    PathBuf::from(format!("\0external:{specifier}"))
}

/// A relative path as `require` takes it.
fn asked(seen: &str) -> String {
    if seen.starts_with('.') {
        seen.to_string()
    } else {
        format!("./{seen}")
    }
}

impl Loader<'_> {
    /// Reads everything that `entries` (real paths) reach.
    pub fn load(&self, entries: &[PathBuf]) -> Result<Modules, Vec<Diagnostic>> {
        let mut seen: BTreeMap<PathBuf, Option<LoadedFile>> = BTreeMap::new();
        let mut came_from: FxHashMap<PathBuf, PathBuf> = FxHashMap::default();
        let mut frontier: Vec<PathBuf> = entries.to_vec();
        let mut waiting: Vec<(PathBuf, PathBuf, PathBuf)> = Vec::new();
        loop {
            if frontier.is_empty() {
                // Whoever needs a whole package has been seen by now: else its parts will do.
                waiting.retain(|(whole, _, _)| !seen.contains_key(whole));
                for (_, parts, by) in waiting.drain(..) {
                    if !seen.contains_key(&parts) {
                        came_from.entry(parts.clone()).or_insert(by);
                        frontier.push(parts);
                    }
                }
                if frontier.is_empty() {
                    break;
                }
            }
            frontier.sort();
            frontier.dedup();
            for path in &frontier {
                seen.insert(path.clone(), None);
            }
            let loaded: Vec<(PathBuf, LoadedFile)> = frontier
                .into_par_iter()
                .map(|path| {
                    let loaded = self.session.enter(|| self.one(&path));
                    (path, loaded)
                })
                .collect();
            frontier = Vec::new();
            for (path, loaded) in loaded {
                for place in &loaded.resolved {
                    let targets: Vec<PathBuf> = match place {
                        ResolvedImport::File(file) => vec![file.clone()],
                        ResolvedImport::External(name) => vec![external_key(name)],
                        ResolvedImport::Missing => Vec::new(),
                        ResolvedImport::Picked { whole, parts } => {
                            waiting.push((whole.clone(), parts.clone(), path.clone()));
                            Vec::new()
                        }
                        ResolvedImport::Glob(list) => {
                            list.iter().map(|(_, file)| file.clone()).collect()
                        }
                    };
                    for target in targets {
                        if !seen.contains_key(&target) {
                            came_from.entry(target.clone()).or_insert(path.clone());
                            frontier.push(target);
                        }
                    }
                }
                seen.insert(path, Some(loaded));
            }
        }
        let mut modules = self.freeze(seen, &came_from)?;
        modules.cjs_names = self.cjs_namespaces(&modules, entries);
        Ok(modules)
    }

    fn cjs_namespaces(&self, modules: &Modules, entries: &[PathBuf]) -> CjsNamespaces {
        let files = cjs_namespace::Files {
            packages: self.packages,
            resolve: self.resolve,
            is_stand_in: &|path| self.stand_in(path).is_some(),
        };
        cjs_namespace::names(&files, modules, entries)
    }

    fn freeze(
        &self,
        seen: BTreeMap<PathBuf, Option<LoadedFile>>,
        came_from: &FxHashMap<PathBuf, PathBuf>,
    ) -> Result<Modules, Vec<Diagnostic>> {
        let mut by_path = FxHashMap::default();
        let mut seen: Vec<(PathBuf, Option<LoadedFile>)> = seen.into_iter().collect();
        // Where the cache lies must not show: packages of it come after everything else.
        if seen.iter().any(|(path, _)| pnp::in_store(path).is_some()) {
            seen.sort_by(|(a, _), (b, _)| pnp::shown_path(a).cmp(pnp::shown_path(b)));
        }
        for (at, (path, _)) in seen.iter().enumerate() {
            by_path.insert(path.clone(), ModuleId(at as u32));
        }
        let (mut all, mut errors, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        for (path, loaded) in seen {
            let Some(LoadedFile {
                mut module,
                resolved,
                errors: mut found,
                warnings: mut noted,
            }) = loaded
            else {
                continue;
            };
            for (record, place) in module.records.iter_mut().zip(resolved) {
                record.target = match place {
                    ResolvedImport::File(file) => Target::Module(by_path[&file]),
                    ResolvedImport::External(name) => Target::Module(by_path[&external_key(&name)]),
                    ResolvedImport::Missing => Target::Missing,
                    ResolvedImport::Picked { whole, parts } => {
                        Target::Module(*by_path.get(&whole).unwrap_or_else(|| &by_path[&parts]))
                    }
                    ResolvedImport::Glob(list) => Target::Glob(
                        list.into_iter()
                            .map(|(key, file)| (key, by_path[&file]))
                            .collect(),
                    ),
                };
            }
            let chain = |diagnostic: Diagnostic| self.with_chain(&path, came_from, diagnostic);
            errors.extend(found.drain(..).map(chain));
            warnings.append(&mut noted);
            all.push(module);
        }
        if errors.is_empty() {
            Ok(Modules::new(all, by_path, warnings))
        } else {
            Err(errors)
        }
    }

    fn with_chain(
        &self,
        path: &Path,
        came_from: &FxHashMap<PathBuf, PathBuf>,
        diagnostic: Diagnostic,
    ) -> Diagnostic {
        let mut chain = vec![self.name_of(path)];
        let mut at = path;
        while let Some(parent) = came_from.get(at) {
            chain.push(self.name_of(parent));
            at = parent;
        }
        if chain.len() < 2 {
            return diagnostic;
        }
        chain.reverse();
        diagnostic.note(format!("imported by the chain {}", chain.join(" -> ")))
    }

    fn name_of(&self, path: &Path) -> String {
        crate::bundle::options::shown(self.options, path)
    }

    fn one(&self, path: &Path) -> LoadedFile {
        let key = path.to_string_lossy();
        if let Some(specifier) = key.strip_prefix("\0external:") {
            return self.external(path, specifier);
        }
        let package = self.packages.package_of(path);
        let kind = match path.extension().and_then(|ext| ext.to_str()) {
            Some("json") => Kind::Json,
            _ => Kind::Cjs,
        };
        let dialect = Dialect::of_file(path, self.packages.module_scope(path));
        let side_effect_free = package
            .manifest
            .as_ref()
            .is_some_and(|m| m.side_effects.frees(&package.dir, path));
        let mut out = LoadedFile {
            module: Module {
                path: path.to_path_buf(),
                name: self.name_of(path),
                virtual_path: self.virtual_path(path),
                kind,
                node_mode: dialect.goal == ModuleGoal::Module,
                side_effect_free,
                bytes: 0,
                records: Vec::new(),
                analysis: ModuleAnalysis::default(),
                notes: Notes::default(),
                text: None,
                minhash: None,
                reads_tags: false,
                external_references: ModuleScan::default(),
                package: Some(package),
            },
            resolved: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
        };
        let file_loader = self.file_loader(path);
        let stand_in = self.stand_in(path);
        let text = match stand_in {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => std::fs::read(path),
        };
        if let (Ok(bytes), Some(file_loader)) = (&text, file_loader)
            && let Some(value) = file_loader.value(bytes)
        {
            let text = String::from_utf8_lossy(bytes);
            out.module.kind = Kind::Json;
            out.module.bytes = bytes.len() as u64;
            let span = self.sources.whole(path, &text);
            out.module.analysis = parts::analyse_json(&value, span, self.session.unresolved());
            out.module.minhash = MinHash::of(&text);
            return out;
        }
        let text = match text {
            Ok(bytes) => String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            Err(error) => {
                out.errors.push(
                    Diagnostic::io(UNREADABLE, "read", path, &error)
                        .help("make the file readable for this user"),
                );
                return out;
            }
        };
        out.module.bytes = text.len() as u64;
        match path.extension().and_then(|ext| ext.to_str()) {
            _ if file_loader.is_some() => {
                out.module.kind = Kind::Json;
                self.json(&text, &mut out);
            }
            Some("json") => self.json(&text, &mut out),
            Some("node" | "wasm") => out.errors.push(
                Diagnostic::error(
                    crate::bundle::codes::UNBUNDLABLE,
                    format!("`{}` cannot be part of a bundle", self.name_of(path)),
                )
                .at_file(path)
                .help("leave its package out with `--external`, and ship it beside the bundle"),
            ),
            _ => self.code(&text, dialect, &mut out),
        }
        if matches!(out.module.kind, Kind::Cjs | Kind::Json) {
            out.module.minhash = MinHash::of(&text);
        }
        out
    }

    /// How a file is taken that is no code, where something says so.
    fn file_loader(&self, path: &Path) -> Option<FileLoader> {
        // Poisoned only if another thread panicked, which ends the run.
        let import_attributes = self.import_attributes.lock().ok()?.get(path).copied();
        import_attributes.or_else(|| self.options.loaders.of(path))
    }

    fn virtual_path(&self, path: &Path) -> Option<String> {
        self.options.original_location.as_ref()?.seen(path)
    }

    /// A file to read, or one that lies where it lay and is loaded from there.
    fn place(&self, file: PathBuf) -> ResolvedImport {
        let stays = match file.extension().and_then(|ext| ext.to_str()) {
            Some("node") => true,
            // Others than Node.js have modules of WebAssembly.
            Some("wasm") => !self.options.host.is_node(),
            _ => false,
        };
        let stays = stays || (self.options.unbundled)(&file);
        match stays.then(|| self.virtual_path(&file)).flatten() {
            Some(seen) => ResolvedImport::External(asked(&seen)),
            None => ResolvedImport::File(file),
        }
    }

    fn external(&self, path: &Path, specifier: &str) -> LoadedFile {
        LoadedFile {
            module: Module {
                path: path.to_path_buf(),
                name: specifier.to_string(),
                virtual_path: None,
                package: None,
                kind: Kind::External,
                node_mode: true,
                side_effect_free: is_builtin(specifier),
                bytes: 0,
                records: Vec::new(),
                analysis: ModuleAnalysis::default(),
                notes: Notes::default(),
                text: None,
                minhash: None,
                reads_tags: false,
                external_references: ModuleScan::default(),
            },
            resolved: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn json(&self, text: &str, out: &mut LoadedFile) {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str::<serde_json::Value>(body) {
            Ok(value) => {
                let span = self.sources.whole(&out.module.path, text);
                out.module.analysis = parts::analyse_json(&value, span, self.session.unresolved());
                if self.options.minify {
                    let text = crate::bundle::generate::packed_json::compact(body);
                    out.module.text = (text.len() >= crate::bundle::generate::packed_json::LEAST)
                        .then(|| text.into());
                }
            }
            Err(error) => {
                let module = &out.module;
                out.errors.push(crate::graph::not_json(
                    &module.path,
                    &module.name,
                    body,
                    &error,
                ));
            }
        }
    }

    fn code(&self, text: &str, dialect: Dialect, out: &mut LoadedFile) {
        let path = out.module.path.clone();
        let installed = out
            .module
            .package
            .as_ref()
            .is_some_and(|package| package.kind == PackageKind::Installed);
        let lowers = (dialect.typescript || dialect.jsx) && !installed;
        let (ts, trouble) = if lowers {
            self.resolve.ts_options(&path)
        } else {
            Default::default()
        };
        if let Some(why) = trouble {
            out.warnings.push(
                Diagnostic::warning(
                    crate::graph::TSCONFIG,
                    format!(
                        "cannot read the `tsconfig.json` of `{}`: {why}",
                        path.display()
                    ),
                )
                .help("its `paths` and decorator settings are not used; correct the file"),
            );
        }
        let lowering = Lowering {
            target: self.options.target,
            joined: true,
        };
        let parsed = self
            .session
            .parse_among(self.sources, &path, text, dialect, &ts, lowering);
        let mut ast = match parsed {
            Ok(ast) => ast,
            Err(mut diagnostic) => {
                if !is_code(&path) {
                    let ext = path.extension().unwrap_or_default().to_string_lossy();
                    diagnostic.help = Some(format!(
                        "if it is no code, say what it is: `--loader .{ext}=text`"
                    ));
                }
                out.errors.push(*diagnostic);
                return;
            }
        };
        ast.add_helpers();
        let unresolved = ast.unresolved;
        let import_attributes = file_loaders::import_attributes(&ast.program);
        if let Some(span) = file_loaders::phased(&ast.program) {
            let len = span.hi.0.saturating_sub(span.lo.0) as usize;
            out.errors.push(
                Diagnostic::error(
                    crate::bundle::codes::UNBUNDLABLE,
                    "`import defer` and `import source` cannot be part of a bundle",
                )
                .at(Location::span(&path, text, ast.offset(span), len))
                .help("use `import()` where the module is needed"),
            );
            return;
        }
        fold(
            &mut ast.program,
            unresolved,
            &self.options.defines,
            dialect.goal,
        );
        let scan = scan::scan(&ast, text, &self.options.defines);
        let esm = match dialect.goal {
            ModuleGoal::Module => true,
            ModuleGoal::CommonJs => false,
            ModuleGoal::Either => scan.esm_syntax || ast.program.is_module(),
        };
        out.module.kind = if esm { Kind::Esm } else { Kind::Cjs };
        let start = ast.start();
        let mut import_calls = ImportCalls::default();
        let place = |offset: u32, len: u32| {
            // What a transform added has no place.
            if offset == 0 && len == 0 {
                (0, 0)
            } else {
                (start + offset, len)
            }
        };
        for import in &scan.imports {
            let at = out.module.records.len();
            let resolved = self.resolve(&path, installed, &import.specifier, import.kind);
            if let (ResolvedImport::File(file), Some(kind)) =
                (&resolved, import_attributes.get(&*import.specifier))
                && let Ok(mut known) = self.import_attributes.lock()
            {
                known.insert(file.clone(), *kind);
            }
            if let ResolvedImport::Missing = resolved
                && import.kind != ImportKind::Resolve
            {
                let at = Location::span(&path, text, import.offset as usize, import.len as usize);
                let hard = import.kind == ImportKind::Static;
                let diagnostic = crate::graph::unresolved(&import.specifier).at(at);
                if hard {
                    out.errors.push(diagnostic);
                } else if !import.optional {
                    let mut diagnostic = diagnostic
                        .note("it stays a `require` that throws when the bundle runs there");
                    diagnostic.severity = coldcut_core::diagnostics::Severity::Warning;
                    out.warnings.push(diagnostic);
                }
            }
            out.module.records.push(ImportRecord {
                specifier: import.specifier.clone(),
                kind: import.kind,
                absolute: import.absolute,
                target: Target::Missing,
            });
            out.resolved.push(resolved);
            import_calls
                .entry(place(import.offset, import.len))
                .or_default()
                .push(at);
        }
        for pattern in &scan.patterns {
            // By a package's name: what is there is found where it lies, when the code runs.
            if !globs::starts_here(pattern) {
                if self.options.original_location.is_none() {
                    let (start, len) = (pattern.offset as usize, pattern.len as usize);
                    out.warnings
                        .push(computed(Location::span(&path, text, start, len)));
                }
                continue;
            }
            let matches = globs::matching(
                &path,
                &out.module,
                pattern,
                self.options.original_location.is_some(),
            );
            let at = out.module.records.len();
            out.module.records.push(ImportRecord {
                specifier: globs::shown(pattern).into(),
                kind: ImportKind::Require,
                absolute: globs::is_absolute(pattern),
                target: Target::Missing,
            });
            let matches = matches
                .into_iter()
                .map(|(key, file)| match self.place(file) {
                    ResolvedImport::External(name) => (key, external_key(&name)),
                    ResolvedImport::File(file) => (key, file),
                    _ => (key, PathBuf::new()),
                })
                .collect();
            out.resolved.push(ResolvedImport::Glob(matches));
            import_calls
                .entry(place(pattern.offset, pattern.len))
                .or_default()
                .push(at);
        }
        for found in scan.unfollowable.iter().filter(|found| !found.optional) {
            let (start, len) = (found.offset as usize, found.len as usize);
            out.warnings
                .push(computed(Location::span(&path, text, start, len)));
        }
        out.module.external_references =
            external_references(&scan, &out.resolved, self.options.rules);
        let top_level_await = scan.top_level_await.is_some();
        let lowered = ast.lowered_text();
        let (program, notes) = ast.into_parts();
        out.module.analysis = parts::analyse(parts::ParsedModule {
            program,
            unresolved,
            notes: &notes,
            records: &out.module.records,
            import_calls,
            esm,
            top_level_await,
        });
        out.module.notes = notes;
        out.module.analysis.mentions_es_module =
            text.contains("__esModule") || text.contains("toCommonJS");
        out.module.reads_tags = ["toStringTag", "toString.call", "isModuleNamespaceObject"]
            .iter()
            .any(|mark| text.contains(mark));
        self.pick(&mut out.module, &mut out.resolved);
        let free = out.module.analysis.free_names;
        if (free.names_stay || free.sloppy) && !dialect.typescript && !dialect.jsx {
            out.module.text = Some(match lowered {
                // It was printed anew: places in the source say nothing of it.
                Some(lowered) => lowered
                    .replace("import(", &format!("{IMPORT_IN_TEXT}("))
                    .into(),
                None => with_imports(text, &scan).into(),
            });
        }
    }

    /// The same source as ES modules, where a package is known to publish it twice.
    fn twin(&self, from: &Path, specifier: &str, file: &Path) -> Option<PathBuf> {
        let name = package_of_specifier(specifier)?;
        if !self.options.shake || !cherry_pick::has_twin(name) {
            return None;
        }
        let package = self.packages.package_of(file);
        let twin = self.resolve.module_build(from, specifier)?;
        let same = package.kind == PackageKind::Installed
            && package.name == name
            && self.packages.package_of(&twin).dir == package.dir;
        (same && twin != file).then_some(twin)
    }

    fn stand_in(&self, path: &Path) -> Option<Arc<str>> {
        // Poisoned only if another thread panicked, which ends the run.
        self.cherry_picked.lock().ok()?.get(path).cloned()
    }

    /// Imports of which only parts are read, and whose parts are files of their own.
    fn pick(&self, module: &mut Module, resolved: &mut [ResolvedImport]) {
        for (at, place) in resolved.iter_mut().enumerate() {
            let ResolvedImport::File(whole) = place else {
                continue;
            };
            let specifier = &module.records[at].specifier;
            if let Some(twin) = self.twin(&module.path, specifier, whole)
                && cherry_pick::takes_twin(module, at)
            {
                *place = ResolvedImport::Picked {
                    whole: std::mem::take(whole),
                    parts: twin,
                };
                continue;
            }
            if self.options.cherry_picks.of(specifier).is_none()
                || self.packages.package_of(whole).name != **specifier
                || !self.options.shake
            {
                continue;
            }
            let Some(found) = self.options.cherry_picks.parts(module, at, specifier) else {
                continue;
            };
            let there = found.iter().all(|(_, part)| {
                let found = self
                    .resolve
                    .resolve(whole, true, &part.from, ImportKind::Require);
                matches!(found, Resolved::Files(_))
            });
            let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
            let mut parts = whole.as_os_str().to_owned();
            parts.push(format!("?{}", names.join(",")));
            let parts = PathBuf::from(parts);
            if there && let Ok(mut cherry_picked) = self.cherry_picked.lock() {
                let source = || cherry_pick::source(&found).into();
                cherry_picked.entry(parts.clone()).or_insert_with(source);
                *place = ResolvedImport::Picked {
                    whole: std::mem::take(whole),
                    parts,
                };
            }
        }
    }

    fn resolve(
        &self,
        path: &Path,
        installed: bool,
        specifier: &str,
        kind: ImportKind,
    ) -> ResolvedImport {
        if kind != ImportKind::Resolve && (self.options.external)(specifier) {
            return ResolvedImport::External(specifier.to_string());
        }
        match self.resolve.resolve(path, installed, specifier, kind) {
            Resolved::Builtin(name) => ResolvedImport::External(name),
            // The last is what a Node takes that can `require` ES modules.
            Resolved::Files(mut files) => match files.pop() {
                Some(file) if kind != ImportKind::Resolve => self.place(file),
                _ => ResolvedImport::Missing,
            },
            Resolved::Missing(_) => ResolvedImport::Missing,
        }
    }
}

/// Of what a module refers to, what has to be a file where the bundle runs. `places` are where its
/// imports lead.
fn external_references(scan: &ModuleScan, resolved: &[ResolvedImport], own: &[Rule]) -> ModuleScan {
    let stays = |place: &ResolvedImport| matches!(place, ResolvedImport::External(name) if name.starts_with('.'));
    let imports = scan.imports.iter().zip(resolved).filter(|(import, place)| {
        import.kind == ImportKind::Resolve
            || stays(place)
            || trace_rules::is_asked_by(&import.specifier, own)
    });
    let patterns = scan.patterns.iter();
    ModuleScan {
        imports: imports.map(|(import, _)| import.clone()).collect(),
        patterns: patterns
            .filter(|pattern| !globs::starts_here(pattern))
            .cloned()
            .collect(),
        assets: scan.assets.clone(),
        indirect_imports: scan.indirect_imports.clone(),
        addons: scan.addons.clone(),
        // What a computed name may mean is known where the package has one part for each platform.
        unfollowable: scan
            .unfollowable
            .iter()
            .map(|found| scan::Unfollowable {
                optional: true,
                ..found.clone()
            })
            .collect(),
        ..ModuleScan::default()
    }
}

/// Whether the name says that it is JavaScript or TypeScript.
fn is_code(path: &Path) -> bool {
    let ext = path.extension().and_then(|ext| ext.to_str());
    ext.is_none_or(|ext| coldcut_core::source_extensions::SOURCE_EXTENSIONS.contains(&ext))
}

/// A text whose `import()`s ask the bundle.
fn with_imports(text: &str, scan: &scan::ModuleScan) -> String {
    let mut resolved: Vec<usize> = scan
        .imports
        .iter()
        .filter(|import| import.kind == ImportKind::Dynamic)
        .map(|import| import.offset as usize)
        .filter(|at| {
            text.get(*at..)
                .is_some_and(|rest| rest.starts_with("import"))
        })
        .collect();
    resolved.sort_unstable();
    resolved.dedup();
    let mut out = text.to_string();
    for at in resolved.into_iter().rev() {
        out.replace_range(at..at + "import".len(), IMPORT_IN_TEXT);
    }
    out
}

fn computed(at: Location) -> Diagnostic {
    Diagnostic::warning(
        UNFOLLOWABLE,
        "this import is computed when the code runs, so what it loads is not in the bundle",
    )
    .at(at)
    .help("ship what it may load beside the bundle, or use `coldcut pack --strategy trace`")
}

/// Whether Node has the module itself.
pub fn is_builtin(specifier: &str) -> bool {
    specifier.starts_with("node:")
        || package_of_specifier(specifier).is_none_or(|name| {
            static NAMES: std::sync::OnceLock<std::collections::HashSet<&'static str>> =
                std::sync::OnceLock::new();
            NAMES
                .get_or_init(|| include_str!("builtins.txt").split_whitespace().collect())
                .contains(name)
        })
}
