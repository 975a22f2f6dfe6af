//! From an entry to one file.
//!
//! In: an entry and [`Options`]. Out: [`Bundled`]: one program that does what Node does with the
//! entry and everything it imports, without the statements that nothing needs. The flow is one
//! way: load (read, parse, cut into parts) -> link -> shake -> emit -> finish.

pub mod analyse;
mod generate;
mod link;
mod load;
pub mod metafile;
mod shake;
mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashSet;

use crate::host::Host;
use crate::packages::package::Packages;
use crate::packages::placement::relative;
use crate::packages::pnp;
use crate::packages::pnp::Pnp;
use crate::packages::resolve::Resolve;
use crate::scan::{Defines, ModuleScan};
use crate::syntax::finish::Finish;
use crate::syntax::target::Engine;
use crate::syntax::{Session, Sources};
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Code, Diagnostic, Severity};
use coldcut_core::settings::{Rule, SourceMap};

use crate::bundle::load::ModuleId;

pub use crate::bundle::load::cherry_pick::Picks;
pub use crate::bundle::load::file_loaders::Loaders;
pub use crate::bundle::load::is_builtin;
pub use crate::bundle::why::{Explained, explain};

/// Tells `code` where its map is; says whether the map is to lie beside it, under the name of the
/// bundle with `.map` added.
pub fn add_map(code: &mut String, map: &[u8], kind: SourceMap, name: &str) -> bool {
    use base64::Engine;
    if kind == SourceMap::None {
        return false;
    }
    if !code.ends_with('\n') {
        code.push('\n');
    }
    let beside = kind == SourceMap::External;
    let target = if beside {
        format!("{name}.map")
    } else {
        let text = base64::engine::general_purpose::STANDARD.encode(map);
        format!("data:application/json;base64,{text}")
    };
    code.push_str(&format!("//# sourceMappingURL={target}\n"));
    beside
}

/// A file that cannot be part of a bundle.
pub const UNBUNDLABLE: Code = Code("CC150");
/// An import names an export that is not there.
pub const NO_EXPORT: Code = Code("CC151");
/// Top-level `await` in a format that has none.
pub const TOP_LEVEL_AWAIT: Code = Code("CC152");

/// The kind of module that a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Cjs,
    Esm,
}

/// Where the output lies, and where the files would lie that it is made of. Code that asks for
/// its own place is then told the one it had as a file, so that what lies beside it is found.
#[derive(Clone)]
pub struct Stand<'a> {
    pub out: RelPath,
    pub of: &'a (dyn Fn(&Path) -> Option<RelPath> + Sync),
}

impl Stand<'_> {
    /// A file as seen from the output's folder; `None` for the output's own place.
    fn seen(&self, path: &Path) -> Option<String> {
        let at = (self.of)(path)?;
        (at != self.out).then(|| relative(self.out.as_str(), at.as_str()))
    }
}

/// How to bundle.
#[derive(Clone)]
pub struct Options<'a> {
    /// The folder that names of modules start from.
    pub base: PathBuf,
    /// The table that the entry is under, if it is.
    pub pnp: Option<Arc<Pnp>>,
    pub format: Format,
    pub minify: bool,
    /// Leave out what nothing needs.
    pub shake: bool,
    pub map: bool,
    /// Function and class names stay as they were written.
    pub keep_names: bool,
    pub defines: Defines,
    pub external: &'a (dyn Fn(&str) -> bool + Sync),
    /// Files that stay files and are loaded from where they would lie: needs `stand`.
    pub apart: &'a (dyn Fn(&Path) -> bool + Sync),
    /// Packages of which parts are taken by themselves.
    pub picks: &'a Picks,
    /// Without it, every module's place is that of the output.
    pub stand: Option<Stand<'a>>,
    /// Count what each module adds to the text.
    pub count: bool,
    /// Take longer, where that makes it smaller.
    pub thorough: bool,
    /// Whose syntax the text may have; without it, every.
    pub target: Option<Engine>,
    /// Files that are no code.
    pub loaders: Loaders,
    /// The user's, of what packages read and load.
    pub rules: &'a [Rule],
    /// Who loads the bundle.
    pub host: Host,
}

impl<'a> Options<'a> {
    /// A readable CommonJS bundle of what is below `base`.
    pub fn plain(
        base: PathBuf,
        external: &'a (dyn Fn(&str) -> bool + Sync),
        picks: &'a Picks,
    ) -> Self {
        Self {
            base,
            pnp: None,
            format: Format::Cjs,
            minify: false,
            shake: true,
            map: false,
            keep_names: false,
            defines: Defines::default(),
            external,
            apart: &|_| false,
            picks,
            stand: None,
            count: false,
            thorough: false,
            target: None,
            loaders: Loaders::default(),
            rules: &[],
            host: Host::Node,
        }
    }
}

/// Passes of the minifier. Measured on a handler with the AWS SDK in it: 2 give 94,800 bytes with
/// gzip, 4 give 94,702 in half as much time again, and more give nothing.
const QUICK: usize = 2;
const THOROUGH: usize = 4;

/// A module of which something stayed.
#[derive(Debug, Clone)]
pub struct Kept {
    pub path: PathBuf,
    pub name: String,
    /// What it adds to the text, by the source map; 0 where nobody counted.
    pub bytes: u64,
    /// What it asks for that is not in the bundle: files that it reads, addons, what stays apart.
    pub asks: ModuleScan,
    /// Who asks for it on the shortest way from the entry, and on which line; `None` for the entry,
    /// and where nobody counted.
    pub from: Option<(PathBuf, u32)>,
}

/// A file as the bundle's comments and metafile name it.
pub fn shown(options: &Options<'_>, path: &Path) -> String {
    path.strip_prefix(&options.base)
        .unwrap_or(pnp::shown(path))
        .display()
        .to_string()
}

/// One bundle.
#[derive(Debug)]
pub struct Bundled {
    pub code: String,
    pub map: Option<Vec<u8>>,
    pub kept: Vec<Kept>,
    /// Licence notices that the text itself no longer has.
    pub legal: Option<String>,
    /// Bytes of the text that only keep the names of classes as they were written.
    pub class_names: u64,
    /// Node.js's own modules that it imports.
    pub builtins: BTreeSet<String>,
    /// Every module that was read.
    pub inputs: Vec<metafile::Input>,
    /// The names that an ES module of it exports.
    pub exports: Vec<String>,
    pub warnings: Vec<Diagnostic>,
}

/// Bundles one entry; `folder` is where the output will lie.
pub fn bundle(
    entry: &Path,
    options: &Options<'_>,
    folder: &Path,
) -> Result<Bundled, Vec<Diagnostic>> {
    let Loaded {
        session,
        sources,
        modules,
        linked,
        start,
    } = load_and_link(entry, options)?;
    check_await(&modules, &linked, options)?;
    let live = shake::shake(
        &modules,
        &linked,
        start,
        options,
        shake::Shaking::Everything,
    );
    check_strict(&modules, &live, options)?;
    let (emitted, labels) = session
        .enter(|| generate::emit(&session, &sources, &modules, &linked, &live, start, options));
    let mut warnings = modules.warnings.clone();
    check_names(&modules, &emitted.needs, &mut warnings)?;
    let mut notes: Vec<_> = emitted
        .kept
        .iter()
        .map(|id| modules.get(*id).notes.clone())
        .collect();
    notes.push(crate::syntax::Notes::labels(labels));
    let how = Finish {
        minify: options.minify,
        passes: if options.thorough { THOROUGH } else { QUICK },
        class_names: true,
        function_names: options.keep_names,
        module: options.format == Format::Esm,
        map: options.map,
        count: options.count,
        target: options.target,
    };
    let came = if options.count {
        why::came_from(&modules, &live, start, &mut |_| false)
    } else {
        BTreeMap::new()
    };
    let stays: FxHashSet<ModuleId> = emitted.kept.iter().copied().collect();
    let from = |id: &ModuleId| -> Option<(PathBuf, u32)> {
        let (mut by, mut record) = came.get(id).copied()?;
        // Files that only pass names on are not in the text: what leads to them counts.
        while !stays.contains(&by) {
            (by, record) = came.get(&by).copied()?;
        }
        let line = why::line_of(&modules, &sources, by, record);
        Some((modules.get(by).path.clone(), line as u32))
    };
    let mut kept: Vec<Kept> = emitted
        .kept
        .iter()
        .map(|id| (id, modules.get(*id)))
        .filter(|(_, module)| module.kind != load::Kind::External)
        .map(|(id, module)| Kept {
            path: module.path.clone(),
            name: module.name.clone(),
            bytes: 0,
            asks: module.asks.clone(),
            from: from(id),
        })
        .collect();
    let legal = if options.minify {
        let kept = emitted.kept.iter().map(|id| modules.get(*id));
        crate::bundle::generate::legal_comments::gather(
            kept.map(|module| (module.name.as_str(), &module.notes)),
        )
    } else {
        None
    };
    let mut inputs = if options.count {
        metafile::inputs(&modules)
    } else {
        Vec::new()
    };
    let exports = match (options.format, modules.get(start).kind) {
        (Format::Esm, load::Kind::Esm) => linked
            .names(&modules, start)
            .into_iter()
            .map(|(name, _)| name.to_string())
            .collect(),
        (Format::Esm, _) => vec!["default".to_string()],
        (Format::Cjs, _) => Vec::new(),
    };
    let fill = || -> Vec<(String, String)> {
        let packed = emitted.packed.iter();
        packed
            .map(|one| (one.marker.clone(), one.pack(options.thorough)))
            .collect()
    };
    let printed = session
        .finish(&sources, emitted.program, notes, how, folder, &fill)
        .map_err(|error| vec![*error])?;
    warnings.extend(printed.warnings);
    // Many small pieces: taking them apart needs as long as a pass of the minifier, and a process
    // that is about to end need not wait for it.
    rayon::spawn(move || drop((modules, linked, live)));
    let count = |path: &Path| printed.counts.get(path).copied().unwrap_or(0);
    for kept in &mut kept {
        kept.bytes = count(&kept.path);
    }
    for input in &mut inputs {
        input.bytes_in_output = count(&input.path);
    }
    Ok(Bundled {
        code: printed.code,
        map: printed.map,
        kept,
        legal,
        class_names: printed.class_names,
        builtins: emitted.builtins,
        inputs,
        exports,
        warnings,
    })
}

/// Everything that an entry reaches, and how it hangs together.
struct Loaded {
    session: Session,
    sources: Sources,
    modules: load::Modules,
    linked: link::Linked,
    start: load::ModuleId,
}

fn load_and_link(entry: &Path, options: &Options<'_>) -> Result<Loaded, Vec<Diagnostic>> {
    let session = Session::default();
    let sources = Sources::default();
    let packages = Packages::new(options.base.clone(), options.pnp.clone());
    let resolve = Resolve::new(options.pnp.clone(), &options.host);
    let loader = load::Loader {
        session: &session,
        sources: &sources,
        packages: &packages,
        resolve: &resolve,
        options,
        picked: Mutex::default(),
        said: Mutex::default(),
    };
    let mut modules = loader.load(&[entry.to_path_buf()])?;
    if options.format == Format::Esm && options.shake {
        crate::bundle::analyse::scripts::settle(&mut modules);
    }
    let Some(start) = modules.find(entry) else {
        return Err(Vec::new());
    };
    let linked = link::link(&modules, start);
    Ok(Loaded {
        session,
        sources,
        modules,
        linked,
        start,
    })
}

/// Only text that is run can be sloppy in an ES module, and some hosts run none.
fn check_strict(
    modules: &load::Modules,
    live: &shake::Live,
    options: &Options<'_>,
) -> Result<(), Vec<Diagnostic>> {
    if options.host.is_node() {
        return Ok(());
    }
    let unstrict = |id: &ModuleId| {
        let split = &modules.get(*id).split;
        live.runs(*id) && split.free.unstrict && !split.strict
    };
    let errors: Vec<Diagnostic> = modules
        .ids()
        .filter(unstrict)
        .map(|id| {
            let module = modules.get(id);
            Diagnostic::error(
                UNBUNDLABLE,
                format!(
                    "`{}` has `with`, `delete` of a name or a number like `017`, which ES modules cannot have, and the platform runs nothing else",
                    module.name
                ),
            )
            .at_file(&module.path)
            .help("use another package for it, or leave it out with `--external` if it is never loaded there")
        })
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

fn check_await(
    modules: &load::Modules,
    linked: &link::Linked,
    options: &Options<'_>,
) -> Result<(), Vec<Diagnostic>> {
    if options.format == Format::Esm {
        return Ok(());
    }
    let waits = |id: &ModuleId| modules.get(*id).split.tla || linked.waits.contains(id);
    if !linked.order.iter().any(waits) {
        return Ok(());
    }
    let waiting = linked
        .order
        .iter()
        .chain(&linked.waits)
        .map(|id| modules.get(*id))
        .filter(|module| module.split.tla)
        .min_by_key(|module| &module.path);
    let Some(module) = waiting else {
        return Ok(());
    };
    Err(vec![
        Diagnostic::error(
            TOP_LEVEL_AWAIT,
            format!(
                "`{}` has a top-level `await`, which CommonJS output cannot have",
                module.name
            ),
        )
        .at_file(&module.path)
        .help("use `--format esm`, and a `.mjs` name for the output"),
    ])
}

/// An import of a name that is not exported is an error in ES modules, as it is for Node; in
/// TypeScript it may have been a type.
fn check_names(
    modules: &load::Modules,
    needs: &crate::bundle::generate::rewrite::Needs,
    warnings: &mut Vec<Diagnostic>,
) -> Result<(), Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (from, name, to) in &needs.missing {
        if !seen.insert((*from, name.to_string(), *to)) {
            continue;
        }
        let (from, to) = (modules.get(*from), modules.get(*to));
        let typed = from
            .path
            .extension()
            .is_some_and(|ext| matches!(ext.to_str(), Some("ts" | "tsx" | "mts" | "cts")));
        let mut diagnostic =
            Diagnostic::error(NO_EXPORT, format!("`{}` exports no `{name}`", to.name))
                .at_file(&from.path)
                .help("correct the name, or export it there");
        if typed {
            diagnostic.severity = Severity::Warning;
            warnings.push(diagnostic);
        } else {
            errors.push(diagnostic);
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}
