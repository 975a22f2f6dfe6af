//! From a specifier to the file that Node would load.
//!
//! In: the asking file, the specifier, the way of asking. Out: [`Resolved`]. Installed packages
//! are held to Node's own rules; the project's source may also leave out extensions, name `.js`
//! for a `.ts` file and use `paths` of its `tsconfig.json`, since it is transpiled anyway. Under
//! Plug'n'Play its table is asked first: what it does not name is not found, and what it names is
//! put on disk before the resolver looks.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use oxc_resolver::{
    ExtendsField, FileSystem, ResolveError, ResolveOptions, Resolver, ResolverGeneric,
    ResolverImpl, TsConfig, TsconfigDiscovery,
};
use rustc_hash::FxHashMap;

use crate::host::Host;
use crate::packages::own_packages::OwnPackages;
use crate::packages::package::package_of_specifier;
use crate::packages::pnp::{Pnp, PnpResolution};
use crate::packages::ts_settings::TsSettings;
use crate::scan::ImportKind;

/// Where a specifier leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Real paths. There are two where a package gives other files to Node versions that can
    /// `require` ES modules than to those that cannot: both are kept, since platforms switch
    /// that feature off and on. (Lambda starts Node.js with `--no-experimental-require-module`,
    /// as `process.execArgv` says there, and the condition `module-sync` is then not read: tried
    /// with 20.20, 22.23 and 24.21.)
    Files(Vec<PathBuf>),
    /// One of Node's own modules, by the name it has there.
    Builtin(String),
    /// With the reason, in Node's words where it has some.
    Missing(String),
}

/// For Node.js, one that does not know `module-sync` and one that does: both are kept. For another
/// host, one that reads `browser` of a manifest, and one for where that says to leave a file out.
struct Pair<Fs> {
    import: [ResolverGeneric<Fs>; 2],
    require: [ResolverGeneric<Fs>; 2],
}

impl<Fs: FileSystem + 'static> Pair<Fs> {
    /// Resolvers that share the cache of `base`.
    fn new(base: &ResolverGeneric<Fs>, source: bool, host: &Host) -> Self {
        let make = |names: &[&str]| base.clone_with_options(node_options(names, source));
        if let Host::Other { conditions } = host {
            let make = |family: &str, fields: bool| {
                let own = conditions.iter().map(String::as_str);
                let names: Vec<&str> = own.chain([family, "default"]).collect();
                let mut options = node_options(&names, source);
                if fields {
                    options.main_fields = vec!["browser".to_string(), "main".to_string()];
                    options.alias_fields = vec![vec!["browser".to_string()]];
                }
                base.clone_with_options(options)
            };
            let both = |family: &str| [make(family, true), make(family, false)];
            return Self {
                import: both("import"),
                require: both("require"),
            };
        }
        Self {
            import: [
                make(&["node", "import", "default"]),
                make(&["node", "import", "module-sync", "default"]),
            ],
            require: [
                make(&["node", "require", "default"]),
                make(&["node", "require", "module-sync", "default"]),
            ],
        }
    }

    fn resolvers_for(&self, kind: ImportKind) -> [&ResolverImpl; 2] {
        let pair = if kind.by_import() {
            &self.import
        } else {
            &self.require
        };
        [&pair[0], &pair[1]]
    }
}

/// What Node never reads and bundlers do.
fn module_options() -> ResolveOptions {
    let mut module = node_options(&["module", "node", "import", "default"], false);
    module.main_fields = vec!["module".to_string(), "main".to_string()];
    module
}

/// Resolvers for one own package under Plug'n'Play.
struct Own {
    source: Pair<OwnPackages>,
    module: ResolverGeneric<OwnPackages>,
}

/// Resolvers that share one cache of the file system.
pub struct Resolve {
    host: Host,
    strict: Pair<oxc_resolver::FileSystemOs>,
    source: Pair<oxc_resolver::FileSystemOs>,
    /// By the fields that bundlers read and Node does not.
    module: Resolver,
    pnp: Option<Arc<Pnp>>,
    /// By the folders of own packages.
    own: Mutex<FxHashMap<PathBuf, Arc<Own>>>,
    /// What each `tsconfig.json` says, by its path.
    pub(super) settings: Mutex<FxHashMap<PathBuf, Arc<TsSettings>>>,
}

impl Default for Resolve {
    fn default() -> Self {
        Self::new(None, &Host::Node)
    }
}

/// What an import without extension may mean in source that is transpiled, in the order of trying.
pub const ENDS_IN_SOURCE: [&str; 10] = [
    ".js", ".json", ".node", ".ts", ".tsx", ".jsx", ".mjs", ".mts", ".cjs", ".cts",
];

fn node_options(conditions: &[&str], source: bool) -> ResolveOptions {
    let strings = |list: &[&str]| list.iter().map(|text| (*text).to_string()).collect();
    let mut options = ResolveOptions {
        condition_names: strings(conditions),
        main_fields: strings(&["main"]),
        extensions: strings(&[".js", ".json", ".node"]),
        builtin_modules: true,
        symlinks: true,
        ..ResolveOptions::default()
    };
    if source {
        options.extensions = strings(&ENDS_IN_SOURCE);
        options.extension_alias = vec![
            (".js".into(), strings(&[".js", ".ts", ".tsx", ".jsx"])),
            (".jsx".into(), strings(&[".jsx", ".tsx"])),
            (".mjs".into(), strings(&[".mjs", ".mts"])),
            (".cjs".into(), strings(&[".cjs", ".cts"])),
        ];
        options.tsconfig = Some(TsconfigDiscovery::Auto);
    }
    options
}

impl Resolve {
    pub fn new(pnp: Option<Arc<Pnp>>, host: &Host) -> Self {
        let base = Resolver::new(node_options(&["node", "import", "default"], false));
        Self {
            module: base.clone_with_options(module_options()),
            strict: Pair::new(&base, false, host),
            source: Pair::new(&base, true, host),
            host: host.clone(),
            pnp,
            own: Mutex::default(),
            settings: Mutex::default(),
        }
    }

    /// The resolvers for the package of an own file under Plug'n'Play.
    fn own(&self, from: &Path) -> Option<Arc<Own>> {
        let pnp = self.pnp.as_ref()?;
        let (dir, links) = pnp.own(from)?;
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = own.get(dir) {
            return Some(known.clone());
        }
        fetch_settings(pnp, dir);
        let base = ResolverGeneric::new_with_file_system(
            OwnPackages::new(dir, links),
            node_options(&["node", "import", "default"], false),
        );
        let made = Arc::new(Own {
            source: Pair::new(&base, true, &self.host),
            module: base.clone_with_options(module_options()),
        });
        own.insert(dir.to_path_buf(), made.clone());
        Some(made)
    }

    /// Asks Plug'n'Play's table, which puts on disk what it names. Gives the reason where it names
    /// nothing.
    fn ask(&self, from: &Path, specifier: &str) -> Option<String> {
        let pnp = self.pnp.as_ref()?;
        if specifier.starts_with('#') {
            // Only the manifest knows which package that is.
            pnp.ready_all(from);
            return None;
        }
        match pnp.find(from, package_of_specifier(specifier)?) {
            PnpResolution::Nothing(why) => Some(why),
            PnpResolution::Package(_) | PnpResolution::Foreign => None,
        }
    }

    /// `installed` says that `from` lies in an installed package.
    pub fn resolve(
        &self,
        from: &Path,
        installed: bool,
        specifier: &str,
        kind: ImportKind,
    ) -> Resolved {
        if let Some(url) = specifier.strip_prefix("file://") {
            return self.resolve(from, installed, url, kind);
        }
        if specifier.starts_with("data:") || specifier.starts_with("node:") {
            return Resolved::Builtin(specifier.to_string());
        }
        let unnamed = self.ask(from, specifier);
        let own = (!installed).then(|| self.own(from)).flatten();
        let resolvers = match &own {
            Some(own) => own.source.resolvers_for(kind),
            None if installed => self.strict.resolvers_for(kind),
            None => self.source.resolvers_for(kind),
        };
        let mut files: Vec<PathBuf> = Vec::new();
        let mut missing = None;
        for resolver in resolvers {
            match Self::once(resolver, from, installed, specifier) {
                // Found all the same: above the cache, or in what a package brought itself.
                Ok(_) if installed && unnamed.is_some() => {}
                Ok(path) if !files.contains(&path) => {
                    files.push(path);
                    if !self.host.is_node() {
                        break;
                    }
                }
                Ok(_) => {}
                Err(ResolveError::Builtin { resolved, .. }) => {
                    // As written, unless `imports` of a `package.json` led there.
                    let name = if specifier.starts_with('#') {
                        resolved
                    } else {
                        specifier.to_string()
                    };
                    return Resolved::Builtin(self.host.builtin(name));
                }
                Err(error) => missing = Some(error),
            }
        }
        match (unnamed, missing) {
            (Some(why), _) if files.is_empty() => Resolved::Missing(why),
            (None, Some(error)) if files.is_empty() => Resolved::Missing(error.to_string()),
            _ => Resolved::Files(files),
        }
    }

    /// The file of a package's build for bundlers.
    pub fn module_build(&self, from: &Path, specifier: &str) -> Option<PathBuf> {
        if self.ask(from, specifier).is_some() {
            return None;
        }
        let own = self.own(from);
        let resolver: &ResolverImpl = match &own {
            Some(own) => &own.module,
            None => &self.module,
        };
        Self::once(resolver, from, true, specifier).ok()
    }

    fn once(
        resolver: &ResolverImpl,
        from: &Path,
        installed: bool,
        specifier: &str,
    ) -> Result<PathBuf, ResolveError> {
        let dir = from.parent().unwrap_or(from);
        let found = if installed {
            resolver.resolve(dir, specifier)
        } else {
            match resolver.resolve_file(from, specifier) {
                // A tsconfig that cannot be read must not hide what Node itself would find.
                Err(
                    ResolveError::TsconfigLoadFailed { .. }
                    | ResolveError::TsconfigNotFound(_)
                    | ResolveError::TsconfigSelfReference(_)
                    | ResolveError::TsconfigCircularExtend(_),
                ) => resolver.resolve(dir, specifier),
                other => other,
            }
        };
        found.map(|resolution| resolution.into_path_buf())
    }

    /// Every `tsconfig.json` that counts for the source file at `path`, and the folder of the
    /// nearest one.
    pub fn tsconfigs(&self, path: &Path) -> (Vec<PathBuf>, Option<PathBuf>) {
        let own = self.own(path);
        let resolver: &ResolverImpl = match &own {
            Some(own) => &own.source.import[0],
            None => &self.source.import[0],
        };
        let Ok(Some(first)) = resolver.find_tsconfig(path) else {
            return (Vec::new(), None);
        };
        let nearest = first.directory().to_path_buf();
        let mut files: Vec<PathBuf> = Vec::new();
        let mut queue = vec![first];
        while let Some(config) = queue.pop() {
            if files.iter().any(|known| known == config.path()) {
                continue;
            }
            files.push(config.path().to_path_buf());
            for name in extended_names(&config) {
                queue.extend(extended(resolver, config.directory(), name));
            }
            queue.extend(config.references_resolved.iter().cloned());
        }
        (files, Some(nearest))
    }

    /// The `tsconfig.json` that counts for the source file at `path`, with what it extends read into it.
    pub(super) fn tsconfig(&self, path: &Path) -> Result<Option<Arc<TsConfig>>, String> {
        let own = self.own(path);
        let resolver: &ResolverImpl = match &own {
            Some(own) => &own.source.import[0],
            None => &self.source.import[0],
        };
        resolver
            .find_tsconfig(path)
            .map_err(|error| error.to_string())
    }

    /// What `extends` of `config` names, later ones first: they win.
    pub(super) fn extended(&self, config: &TsConfig) -> Vec<Arc<TsConfig>> {
        let own = self.own(config.path());
        let resolver: &ResolverImpl = match &own {
            Some(own) => &own.source.import[0],
            None => &self.source.import[0],
        };
        let names = extended_names(config).iter().rev();
        names
            .filter_map(|name| extended(resolver, config.directory(), name))
            .collect()
    }
}

fn extended_names(config: &TsConfig) -> &[String] {
    match &config.extends {
        Some(ExtendsField::Single(one)) => std::slice::from_ref(one),
        Some(ExtendsField::Multiple(all)) => all.as_slice(),
        None => &[],
    }
}

/// The file that `extends` of a `tsconfig.json` in `dir` names.
fn extended(resolver: &ResolverImpl, dir: &Path, name: &str) -> Option<Arc<TsConfig>> {
    let file = if name.starts_with('.') || Path::new(name).is_absolute() {
        dir.join(name)
    } else {
        let inside = |name: &str| resolver.resolve(dir, name).ok();
        let found = inside(name).or_else(|| inside(&format!("{name}/tsconfig.json")));
        found
            .or_else(|| inside(&format!("{name}.json")))?
            .into_path_buf()
    };
    resolver.resolve_tsconfig(file).ok()
}

/// Puts the packages on disk that a `tsconfig.json` of the package, or one above it, may extend.
fn fetch_settings(pnp: &Pnp, dir: &Path) {
    for above in dir.ancestors() {
        let Ok(text) = std::fs::read_to_string(above.join("tsconfig.json")) else {
            continue;
        };
        let Some((_, rest)) = text.split_once("\"extends\"") else {
            continue;
        };
        let end = match rest.trim_start_matches([':', ' ', '\n', '\r', '\t']) {
            list if list.starts_with('[') => ']',
            _ => '\n',
        };
        let value = rest.split(end).next().unwrap_or(rest);
        for quoted in value.split('"').skip(1).step_by(2) {
            if let Some(name) = package_of_specifier(quoted)
                && let PnpResolution::Package(found) = pnp.find(dir, name)
            {
                // It may extend another one in turn.
                pnp.ready_all(&found);
            }
        }
    }
}
