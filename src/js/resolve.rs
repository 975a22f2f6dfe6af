//! From a specifier to the file that Node would load.
//!
//! In: the asking file, the specifier, the way of asking. Out: [`Resolved`]. Installed packages
//! are held to Node's own rules; the project's source may also leave out extensions, name `.js`
//! for a `.ts` file and use `paths` of its `tsconfig.json`, since it is transpiled anyway.

use std::path::{Path, PathBuf};

use oxc_resolver::{ResolveError, ResolveOptions, Resolver, TsconfigDiscovery};

use super::scan::ImportKind;
use super::swc::TsOptions;

/// Where a specifier leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Real paths. There are two where a package gives other files to Node versions that can
    /// `require` ES modules than to those that cannot: both are kept, since platforms switch
    /// that feature off and on.
    Files(Vec<PathBuf>),
    /// One of Node's own modules, by the name it has there.
    Builtin(String),
    /// With the reason, in Node's words where it has some.
    Missing(String),
}

struct Pair {
    import: [Resolver; 2],
    require: [Resolver; 2],
}

/// Resolvers that share one cache of the file system.
pub struct Resolve {
    strict: Pair,
    source: Pair,
    /// By the fields that bundlers read and Node does not.
    module: Resolver,
}

impl Default for Resolve {
    fn default() -> Self {
        let base = Resolver::new(node_options(&["node", "import", "default"], false));
        let make =
            |names: &[&str], source: bool| base.clone_with_options(node_options(names, source));
        let pair = |source: bool| Pair {
            import: [
                make(&["node", "import", "default"], source),
                make(&["node", "import", "module-sync", "default"], source),
            ],
            require: [
                make(&["node", "require", "default"], source),
                make(&["node", "require", "module-sync", "default"], source),
            ],
        };
        let mut module = node_options(&["module", "node", "import", "default"], false);
        module.main_fields = vec!["module".to_string(), "main".to_string()];
        Self {
            module: base.clone_with_options(module),
            strict: pair(false),
            source: pair(true),
        }
    }
}

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
        options.extensions = strings(&[
            ".js", ".json", ".node", ".ts", ".tsx", ".jsx", ".mjs", ".mts", ".cjs", ".cts",
        ]);
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
        let pair = if installed {
            &self.strict
        } else {
            &self.source
        };
        let resolvers = if kind.by_import() {
            &pair.import
        } else {
            &pair.require
        };
        let mut files: Vec<PathBuf> = Vec::new();
        let mut missing = None;
        for resolver in resolvers {
            match Self::once(resolver, from, installed, specifier) {
                Ok(path) if !files.contains(&path) => files.push(path),
                Ok(_) => {}
                Err(ResolveError::Builtin { resolved, .. }) => {
                    // As written, unless `imports` of a `package.json` led there.
                    let name = if specifier.starts_with('#') {
                        resolved
                    } else {
                        specifier.to_string()
                    };
                    return Resolved::Builtin(name);
                }
                Err(error) => missing = Some(error),
            }
        }
        match missing {
            Some(error) if files.is_empty() => Resolved::Missing(error.to_string()),
            _ => Resolved::Files(files),
        }
    }

    /// The file of a package's build for bundlers.
    pub fn module_build(&self, from: &Path, specifier: &str) -> Option<PathBuf> {
        Self::once(&self.module, from, true, specifier).ok()
    }

    fn once(
        resolver: &Resolver,
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

    /// What the nearest `tsconfig.json` says of the source file at `path`, and that it could not
    /// be read, where so.
    pub fn ts_options(&self, path: &Path) -> (TsOptions, Option<String>) {
        match self.source.import[0].find_tsconfig(path) {
            Ok(Some(config)) => {
                let options = &config.compiler_options;
                let classic = matches!(options.jsx.as_deref(), Some("react" | "preserve"))
                    || options.jsx_factory.is_some();
                let found = TsOptions {
                    legacy_decorators: options.experimental_decorators == Some(true),
                    decorator_metadata: options.emit_decorator_metadata == Some(true),
                    assign_fields: !defines_fields(
                        options.use_define_for_class_fields,
                        options.target.as_deref(),
                    ),
                    verbatim_module_syntax: options.verbatim_module_syntax == Some(true),
                    classic_jsx: classic,
                    jsx_import_source: options.jsx_import_source.clone(),
                    jsx_factory: options.jsx_factory.clone(),
                    jsx_fragment_factory: options.jsx_fragment_factory.clone(),
                };
                (found, None)
            }
            Ok(None) => (TsOptions::default(), None),
            Err(error) => (TsOptions::default(), Some(error.to_string())),
        }
    }
}

/// Whether class fields are defined, as ES2022 does it, rather than assigned. Without a `target`
/// they are: so do TypeScript from 6 on and other bundlers.
fn defines_fields(said: Option<bool>, target: Option<&str>) -> bool {
    said.unwrap_or_else(|| {
        let year = target.map(|target| target.to_ascii_lowercase());
        match year.as_deref().and_then(|name| name.strip_prefix("es")) {
            Some("next") | None => true,
            Some(year) => year.parse::<u32>().is_ok_and(|year| year >= 2022),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_defined_from_es2022_on_unless_said_otherwise() {
        for (said, target, defines) in [
            (None, None, true),
            (None, Some("ESNext"), true),
            (None, Some("es2022"), true),
            (None, Some("ES2021"), false),
            (None, Some("es6"), false),
            (None, Some("es5"), false),
            (Some(false), Some("es2024"), false),
            (Some(true), Some("es2020"), true),
        ] {
            assert_eq!(defines_fields(said, target), defines, "{said:?} {target:?}");
        }
    }
}
