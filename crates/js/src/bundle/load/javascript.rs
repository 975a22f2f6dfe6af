//! Reading JavaScript and TypeScript.
//!
//! In: a file's text. Out: its module: parsed, with known values folded in, its imports resolved, and
//! cut into parts.

use std::path::{Path, PathBuf};

use oxc_index::IndexVec;
use rustc_hash::FxHashMap;

use crate::bundle::analyse::parts;
use crate::bundle::codes::UNBUNDLABLE;
use crate::bundle::load::file_loaders;
use crate::bundle::load::file_loaders::FileLoader;
use crate::bundle::load::fold::fold;
use crate::bundle::load::globs;
use crate::bundle::load::import_defer;
use crate::bundle::load::loader::{LoadedFile, Loader, ResolvedImport, external_key};
use crate::bundle::module::{CjsInterop, IMPORT_IN_TEXT, ImportRecord, Kind, Module, Target};
use crate::bundle::part::ImportCalls;
use crate::bundle::part::ImportRecordId;
use crate::graph::{TSCONFIG, UNFOLLOWABLE, trace_rules};
use crate::packages::package::PackageKind;
use crate::project_declarations::ProjectDeclarations;
use crate::scan;
use crate::scan::{ImportKind, ModuleScan};
use crate::syntax::{Ast, Dialect, Lowering, ModuleGoal, TsInput, TsModule, TsOptions};
use coldcut_core::diagnostics::{Diagnostic, Location, Severity};
use coldcut_core::settings::Rule;

/// The imports of one file, resolved.
#[derive(Default)]
struct FileImports {
    records: IndexVec<ImportRecordId, ImportRecord>,
    /// Where each of `records` leads.
    resolved: Vec<ResolvedImport>,
    /// Where each of `records` stands in the text: offset and length, in bytes.
    spans: Vec<(u32, u32)>,
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl FileImports {
    fn push(&mut self, record: ImportRecord, resolved: ResolvedImport, span: (u32, u32)) {
        self.records.push(record);
        self.resolved.push(resolved);
        self.spans.push(span);
    }

    /// The records by the places of their calls; `start` is where the file begins among all sources.
    fn calls(&self, start: u32) -> ImportCalls {
        let mut calls = ImportCalls::default();
        for (record, (offset, len)) in self.spans.iter().copied().enumerate() {
            // What a transform added has no place.
            let place = if offset == 0 && len == 0 {
                (0, 0)
            } else {
                (start + offset, len)
            };
            let record = ImportRecordId::from_usize(record);
            calls.entry(place).or_default().push(record);
        }
        calls
    }
}

impl Loader<'_> {
    /// Fills the module of a file of code.
    pub(super) fn code(&self, text: &str, dialect: Dialect, out: &mut LoadedFile) {
        let path = out.module.path.clone();
        let installed = out
            .module
            .package
            .as_ref()
            .is_some_and(|package| package.kind == PackageKind::Installed);
        let options = self.ts_options(&path, installed, dialect, out);
        out.module.requires_later = dialect.typescript && options.module == TsModule::CommonJs;
        if options.plain_requires(dialect) {
            out.module.interop = CjsInterop::Require;
        }
        let parsed = self.parse_code(&path, text, dialect, &options);
        let mut ast = match parsed {
            Ok(ast) => ast,
            Err(error) => {
                out.errors.push(*error);
                return;
            }
        };
        ast.add_helpers();
        let unresolved = ast.unresolved;
        let calls = text.contains(".json") && text.contains("with");
        let import_attributes = file_loaders::import_attributes(&ast.program, calls);
        if text.contains("defer") {
            import_defer::lower(&mut ast.program, unresolved);
        }
        if let Some(error) = phased_import(&ast, &path, text) {
            out.errors.push(error);
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
        let mut imports = FileImports::default();
        self.resolve_imports(&path, installed, text, &scan, &mut imports);
        self.keep_import_attributes(&scan, &imports, &import_attributes);
        self.resolve_globs(&out.module, text, &scan, &mut imports);
        self.resolve_handed(&path, installed, &scan, &mut imports);
        let import_calls = imports.calls(ast.start());
        out.module.records = imports.records;
        out.resolved = imports.resolved;
        out.errors.append(&mut imports.errors);
        out.warnings.append(&mut imports.warnings);
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
        out.module.analysis.source.mentions_es_module =
            text.contains("__esModule") || text.contains("toCommonJS");
        out.module.reads_tags = ["toStringTag", "toString.call", "isModuleNamespaceObject"]
            .iter()
            .any(|mark| text.contains(mark));
        out.module.reads_main = ["require.main", "module.parent"]
            .iter()
            .any(|mark| text.contains(mark));
        self.cherry_pick(&out.module, &mut out.resolved);
        let free = out.module.analysis.source.free_names;
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

    /// What the project says of its TypeScript, with a warning where that cannot be read.
    fn ts_options(
        &self,
        path: &Path,
        installed: bool,
        dialect: Dialect,
        out: &mut LoadedFile,
    ) -> TsOptions {
        let lowers = (dialect.typescript || dialect.jsx) && !installed;
        let (options, trouble) = if lowers {
            self.resolve.ts_options(path)
        } else {
            Default::default()
        };
        let warning = trouble.map(|why| {
            Diagnostic::warning(
                TSCONFIG,
                format!(
                    "cannot read the `tsconfig.json` of `{}`: {why}",
                    path.display()
                ),
            )
            .help("its `paths` and decorator settings are not used; fix the file")
        });
        out.warnings.extend(warning);
        options
    }

    fn parse_code(
        &self,
        path: &Path,
        text: &str,
        dialect: Dialect,
        options: &TsOptions,
    ) -> Result<Ast, Box<Diagnostic>> {
        let lowering = Lowering {
            target: self.options.target,
            joined: true,
        };
        let files = ProjectDeclarations {
            session: self.session,
            resolve: self.resolve,
        };
        let ts = TsInput {
            options,
            files: &files,
        };
        self.session
            .parse_among(self.sources, path, text, dialect, ts, lowering)
            .map_err(|mut error| {
                if !is_code(path) {
                    let ext = path.extension().unwrap_or_default().to_string_lossy();
                    error.help = Some(format!(
                        "if this file is not code, set its kind: `--loader .{ext}=text`"
                    ));
                }
                error
            })
    }

    /// Resolves what the file imports by name.
    fn resolve_imports(
        &self,
        path: &Path,
        installed: bool,
        text: &str,
        scan: &ModuleScan,
        out: &mut FileImports,
    ) {
        for import in &scan.imports {
            let resolved = self.resolve_import(path, installed, &import.specifier, import.kind);
            if let ResolvedImport::Missing = resolved
                && import.kind != ImportKind::Resolve
            {
                let at = Location::span(path, text, import.offset as usize, import.len as usize);
                let diagnostic = crate::graph::unresolved(&import.specifier).at(at);
                if import.kind == ImportKind::Static {
                    out.errors.push(diagnostic);
                } else if !import.optional {
                    let mut diagnostic = diagnostic
                        .note("the bundle keeps a `require` here, which throws when it runs");
                    diagnostic.severity = Severity::Warning;
                    out.warnings.push(diagnostic);
                }
            }
            let record = ImportRecord {
                specifier: import.specifier.clone(),
                kind: import.kind,
                absolute: import.absolute,
                handed: false,
                target: Target::Missing,
            };
            out.push(record, resolved, (import.offset, import.len));
        }
    }

    /// What a `require` that the file hands on may be called with, as far as it is there.
    fn resolve_handed(
        &self,
        path: &Path,
        installed: bool,
        scan: &ModuleScan,
        out: &mut FileImports,
    ) {
        for import in &scan.handed_requires {
            let resolved = self.resolve_import(path, installed, &import.specifier, import.kind);
            if let ResolvedImport::File(_) = resolved {
                let record = ImportRecord {
                    specifier: import.specifier.clone(),
                    kind: import.kind,
                    absolute: false,
                    handed: true,
                    target: Target::Missing,
                };
                out.push(record, resolved, (0, 0));
            }
        }
    }

    /// Remembers how the imports say that their files are to be taken.
    fn keep_import_attributes(
        &self,
        scan: &ModuleScan,
        imports: &FileImports,
        import_attributes: &FxHashMap<String, FileLoader>,
    ) {
        if import_attributes.is_empty() {
            return;
        }
        for (import, resolved) in scan.imports.iter().zip(&imports.resolved) {
            if let (ResolvedImport::File(file), Some(kind)) =
                (resolved, import_attributes.get(&*import.specifier))
                && let Ok(mut known) = self.import_attributes.lock()
            {
                known.insert(file.clone(), *kind);
            }
        }
    }

    /// Finds the files that partly known paths may mean.
    fn resolve_globs(&self, module: &Module, text: &str, scan: &ModuleScan, out: &mut FileImports) {
        let has_location = self.options.original_location.is_some();
        for pattern in &scan.patterns {
            // By a package's name: what is there is found where it lies, when the code runs.
            if !globs::starts_here(pattern) {
                if !has_location {
                    let (start, len) = (pattern.offset as usize, pattern.len as usize);
                    out.warnings
                        .push(computed(Location::span(&module.path, text, start, len)));
                }
                continue;
            }
            let matches = globs::matching(&module.path, module, pattern, has_location)
                .into_iter()
                .map(|(key, file)| match self.place(file) {
                    ResolvedImport::External(name) => (key, external_key(&name)),
                    ResolvedImport::File(file) => (key, file),
                    _ => (key, PathBuf::new()),
                })
                .collect();
            let record = ImportRecord {
                specifier: globs::shown(pattern).into(),
                kind: ImportKind::Require,
                absolute: globs::is_absolute(pattern),
                handed: false,
                target: Target::Missing,
            };
            let resolved = ResolvedImport::Glob(matches);
            out.push(record, resolved, (pattern.offset, pattern.len));
        }
    }
}

/// An import that does not run what it imports, or not yet and in a way that cannot be written, as an error.
fn phased_import(ast: &Ast, path: &Path, text: &str) -> Option<Diagnostic> {
    let span = file_loaders::phased(&ast.program)?;
    let len = span.hi.0.saturating_sub(span.lo.0) as usize;
    Some(
        Diagnostic::error(
            UNBUNDLABLE,
            "`import source`, and an `import defer` that is exported again, cannot be bundled",
        )
        .at(Location::span(path, text, ast.offset(span), len))
        .help("use `import()` where the module is needed"),
    )
}

/// Of what a module refers to, what has to be a file where the bundle runs. `resolved` is where its
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
    let mut offsets: Vec<usize> = scan
        .imports
        .iter()
        .filter(|import| import.kind == ImportKind::Dynamic)
        .map(|import| import.offset as usize)
        .filter(|at| {
            text.get(*at..)
                .is_some_and(|rest| rest.starts_with("import"))
        })
        .collect();
    offsets.sort_unstable();
    offsets.dedup();
    let mut out = text.to_string();
    for at in offsets.into_iter().rev() {
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
    .help(
        "ship the files that it may load beside the bundle, or use `coldcut pack --strategy trace`",
    )
}
