//! What TypeScript files declare, for those that import them.
//!
//! In: the resolver and the session of a build. Out: [`ProjectDeclarations`], which finds a file of
//! the project by the specifier that another names it by, or the declarations of a package, and
//! reads each once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::packages::package::package_of_specifier;
use crate::packages::resolve::{Resolve, Resolved};
use crate::scan::ImportKind;
use crate::syntax::{DeclarationFiles, Declarations, Dialect, ModuleGoal, Session};

/// The files of one project, and the packages that it has installed.
pub struct ProjectDeclarations<'a> {
    pub session: &'a Session,
    pub resolve: &'a Resolve,
}

impl DeclarationFiles for ProjectDeclarations<'_> {
    fn imported(&self, from: &Path, specifier: &str) -> Option<Arc<Declarations>> {
        let path = self.file(from, specifier)?;
        let dialect = Dialect {
            typescript: true,
            jsx: path.extension().is_some_and(|ext| ext == "tsx"),
            goal: ModuleGoal::Either,
        };
        self.session.declarations(&path, dialect)
    }

    fn is_declared_only(&self, from: &Path, specifier: &str) -> bool {
        specifier.starts_with('.') && declared_file(&beside(from, specifier)).is_some() && {
            let found = self
                .resolve
                .resolve(from, false, specifier, ImportKind::Static);
            !matches!(found, Resolved::Files(_))
        }
    }
}

impl ProjectDeclarations<'_> {
    fn file(&self, from: &Path, specifier: &str) -> Option<PathBuf> {
        let installed = is_installed(from);
        if !installed
            && let Resolved::Files(files) =
                self.resolve
                    .resolve(from, false, specifier, ImportKind::Static)
            && let Some(file) = files.into_iter().next()
        {
            if is_typescript(&file) {
                return Some(file);
            }
            if !is_installed(&file) {
                return declared_file(&file);
            }
        }
        match specifier.starts_with('.') {
            true => declared_file(&beside(from, specifier)),
            false => from
                .ancestors()
                .skip(1)
                .find_map(|dir| in_package(&dir.join("node_modules"), specifier)),
        }
    }
}

fn is_typescript(path: &Path) -> bool {
    let ext = path.extension().and_then(|ext| ext.to_str());
    matches!(ext, Some("ts" | "tsx" | "mts" | "cts"))
}

fn is_installed(path: &Path) -> bool {
    path.components()
        .any(|part| part.as_os_str() == "node_modules")
}

fn beside(from: &Path, specifier: &str) -> PathBuf {
    from.parent().unwrap_or(from).join(specifier)
}

/// The declarations of a file that is named as it is imported.
fn declared_file(path: &Path) -> Option<PathBuf> {
    let text = path.to_string_lossy();
    let candidates = [
        text.strip_suffix(".js").map(|stem| format!("{stem}.d.ts")),
        text.strip_suffix(".mjs")
            .map(|stem| format!("{stem}.d.mts")),
        text.strip_suffix(".cjs")
            .map(|stem| format!("{stem}.d.cts")),
        is_typescript(path).then(|| text.to_string()),
        Some(format!("{text}.d.ts")),
        Some(format!("{text}/index.d.ts")),
    ];
    let mut paths = candidates.into_iter().flatten().map(PathBuf::from);
    paths.find(|path| path.is_file())
}

/// The declarations of a package below a `node_modules`, or those that `@types` has for it.
fn in_package(modules: &Path, specifier: &str) -> Option<PathBuf> {
    let name = package_of_specifier(specifier)?;
    let rest = specifier[name.len()..].trim_start_matches('/');
    let own = modules.join(name);
    let typed = modules
        .join("@types")
        .join(name.trim_start_matches('@').replace('/', "__"));
    [own, typed]
        .iter()
        .filter(|dir| dir.is_dir())
        .find_map(|dir| declared_by(dir, rest))
}

fn declared_by(dir: &Path, rest: &str) -> Option<PathBuf> {
    let text = std::fs::read_to_string(dir.join("package.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
    let key = match rest {
        "" => ".".to_string(),
        rest => format!("./{rest}"),
    };
    let exported = manifest.get("exports").and_then(|exports| {
        let entry = match exports.get(&key) {
            None if rest.is_empty() => exports,
            entry => entry?,
        };
        types_of(entry)
    });
    let field = |name: &str| manifest.get(name)?.as_str().map(str::to_string);
    let named = exported.or_else(|| {
        let named = || {
            field("types")
                .or_else(|| field("typings"))
                .or_else(|| field("main"))
        };
        match rest {
            "" => named(),
            rest => Some(rest.to_string()),
        }
    });
    declared_file(&dir.join(named.unwrap_or_else(|| "index".to_string())))
}

/// What `exports` names for types: said outright, or beside the code.
fn types_of(entry: &serde_json::Value) -> Option<String> {
    match entry {
        serde_json::Value::String(path) => Some(path.clone()),
        serde_json::Value::Object(conditions) => {
            conditions.get("types").and_then(types_of).or_else(|| {
                let names = ["node", "require", "import", "default"];
                names
                    .iter()
                    .find_map(|name| conditions.get(*name).and_then(types_of))
            })
        }
        _ => None,
    }
}
