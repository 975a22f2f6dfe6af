//! Which package a file belongs to, and what that package's `package.json` says.
//!
//! In: real paths. Out: [`Package`]s, one per folder on disk: two versions of one package are two
//! packages, and so are two copies of one version. Read once, shared by all threads.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::packages::pnp::{Pnp, PnpResolution};

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageKind {
    /// The function's own folder.
    Project,
    /// Below a `node_modules` folder.
    Installed,
    /// Source beside the project, as workspaces link it.
    Sibling,
}

/// A folder with a `package.json` of its own, or the project's.
#[derive(Debug)]
pub struct Package {
    /// Real path.
    pub dir: PathBuf,
    pub kind: PackageKind,
    pub name: String,
    /// Empty where the manifest gives none.
    pub version: String,
    pub manifest: Option<Arc<Manifest>>,
}

impl Package {
    /// `name@version`, as reports show it.
    pub fn label(&self) -> String {
        if self.version.is_empty() {
            self.name.clone()
        } else {
            format!("{}@{}", self.name, self.version)
        }
    }
}

/// The parts of a `package.json` that matter here.
#[derive(Debug, Default)]
pub struct Manifest {
    pub name: Option<String>,
    pub version: Option<String>,
    /// `"type": "module"`.
    pub is_module: bool,
    /// Names under `dependencies` and `optionalDependencies`, then `peerDependencies`.
    pub dependencies: Vec<String>,
    pub optional_dependencies: Vec<String>,
    pub peer_dependencies: Vec<String>,
    pub dev_dependencies: Vec<String>,
    pub side_effects: SideEffects,
    /// `main`, where there are `exports` beside it.
    pub main: Option<String>,
    /// What `os`, `cpu` and `libc` name: where npm installs it.
    pub platforms: [Vec<String>; 3],
    /// Why the file could not be read as JSON.
    pub broken: Option<String>,
}

/// Which files of a package do something when they merely run: `"sideEffects"`.
#[derive(Debug, Default)]
pub enum SideEffects {
    #[default]
    Unknown,
    None,
    /// Only files that match.
    Only(globset::GlobSet),
}

impl SideEffects {
    fn parse(value: Option<&Value>) -> Self {
        let globs: Vec<&str> = match value {
            Some(Value::Bool(false)) => return Self::None,
            Some(Value::String(glob)) => vec![glob],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => return Self::Unknown,
        };
        let mut set = globset::GlobSetBuilder::new();
        for glob in globs {
            // As bundlers read it: a pattern without a slash matches a name in any folder.
            let glob = glob.trim_start_matches("./");
            let glob = if glob.contains('/') {
                glob.to_string()
            } else {
                format!("**/{glob}")
            };
            match globset::GlobBuilder::new(&glob)
                .literal_separator(true)
                .build()
            {
                Ok(glob) => set.add(glob),
                Err(_) => return Self::Unknown,
            };
        }
        set.build().map_or(Self::Unknown, Self::Only)
    }

    /// Whether the file may be left out when nothing of it is used.
    pub fn frees(&self, dir: &Path, file: &Path) -> bool {
        match self {
            Self::Unknown => false,
            Self::None => true,
            Self::Only(globs) => file
                .strip_prefix(dir)
                .is_ok_and(|rest| !globs.is_match(rest)),
        }
    }
}

/// The licence that a manifest names: `license`, or one of the forms of older packages.
pub fn licence(manifest: &Value) -> Option<String> {
    let named = |value: &Value| {
        let text = value.as_str().or_else(|| value.get("type")?.as_str());
        text.map(str::to_string)
    };
    let one = manifest.get("license").and_then(named);
    let many = || {
        let list = manifest.get("licenses")?.as_array()?;
        let names: Vec<String> = list.iter().filter_map(named).collect();
        match names.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            _ => Some(format!("({})", names.join(" OR "))),
        }
    };
    one.or_else(many)
}

impl Manifest {
    /// Names of everything that may be needed when the package runs.
    pub fn run_time(&self) -> impl Iterator<Item = &str> {
        let lists = [
            &self.dependencies,
            &self.optional_dependencies,
            &self.peer_dependencies,
        ];
        lists.into_iter().flatten().map(String::as_str)
    }

    fn parse(text: &str) -> Self {
        let value: Value = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(value) => value,
            Err(error) => {
                return Self {
                    broken: Some(error.to_string()),
                    ..Self::default()
                };
            }
        };
        let names = |key: &str| -> Vec<String> {
            let object = value.get(key).and_then(Value::as_object);
            object.map_or_else(Vec::new, |map| map.keys().cloned().collect())
        };
        let list = |key: &str| -> Vec<String> {
            let one = |value: &Value| value.as_str().map(str::to_string);
            match value.get(key) {
                Some(Value::Array(list)) => list.iter().filter_map(one).collect(),
                Some(value) => one(value).into_iter().collect(),
                None => Vec::new(),
            }
        };
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_string);
        Self {
            name: text("name"),
            version: text("version"),
            is_module: value.get("type").and_then(Value::as_str) == Some("module"),
            dependencies: names("dependencies"),
            optional_dependencies: names("optionalDependencies"),
            peer_dependencies: names("peerDependencies"),
            dev_dependencies: names("devDependencies"),
            side_effects: SideEffects::parse(value.get("sideEffects")),
            main: text("main").filter(|_| value.get("exports").is_some()),
            platforms: [list("os"), list("cpu"), list("libc")],
            broken: None,
        }
    }
}

/// Every manifest and package seen so far.
pub struct Packages {
    root: PathBuf,
    pnp: Option<Arc<Pnp>>,
    manifests: Mutex<FxHashMap<PathBuf, Option<Arc<Manifest>>>>,
    packages: Mutex<FxHashMap<PathBuf, Arc<Package>>>,
}

impl Packages {
    /// `root` is the function's folder, a real path; `pnp` the table that it is under, if it is.
    pub fn new(root: PathBuf, pnp: Option<Arc<Pnp>>) -> Self {
        Self {
            root,
            pnp,
            manifests: Mutex::default(),
            packages: Mutex::default(),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn pnp(&self) -> Option<&Arc<Pnp>> {
        self.pnp.as_ref()
    }

    /// The manifest in a folder, if it has one.
    pub fn manifest(&self, dir: &Path) -> Option<Arc<Manifest>> {
        let lock = || {
            self.manifests
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(dir) {
            return known.clone();
        }
        let read = std::fs::read(dir.join("package.json")).ok();
        let manifest =
            read.map(|bytes| Arc::new(Manifest::parse(&String::from_utf8_lossy(&bytes))));
        lock().insert(dir.to_path_buf(), manifest.clone());
        manifest
    }

    /// The package that a file at a real path belongs to.
    pub fn package_of(&self, path: &Path) -> Arc<Package> {
        let dir = self.dir_of(path);
        self.at(&dir)
    }

    /// The folder of the installed package that a file at a real path belongs to.
    pub fn installed(&self, path: &Path) -> Option<PathBuf> {
        let package = self.package_of(path);
        (package.kind == PackageKind::Installed).then(|| package.dir.clone())
    }

    /// The package whose folder is `dir`.
    pub fn at(&self, dir: &Path) -> Arc<Package> {
        let lock = || self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(dir) {
            return known.clone();
        }
        let manifest = self.manifest(dir);
        let installed = installed_name(dir);
        let kind = if dir == self.root {
            PackageKind::Project
        } else if installed.is_some() {
            PackageKind::Installed
        } else {
            PackageKind::Sibling
        };
        let named = manifest.as_ref().and_then(|m| m.name.clone());
        let folder = || {
            dir.file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        let package = Arc::new(Package {
            dir: dir.to_path_buf(),
            kind,
            // The folder's name is what `require` asks for; an alias differs from the manifest.
            name: installed.or(named).unwrap_or_else(folder),
            version: manifest
                .as_ref()
                .and_then(|m| m.version.clone())
                .unwrap_or_default(),
            manifest,
        });
        lock().entry(dir.to_path_buf()).or_insert(package).clone()
    }

    /// The folder of the package that `path` lies in.
    fn dir_of(&self, path: &Path) -> PathBuf {
        if let Some(dir) = installed_dir(path) {
            return dir;
        }
        if path.starts_with(&self.root) {
            return self.root.clone();
        }
        let start = path.parent().unwrap_or(path);
        for dir in start.ancestors() {
            if self.manifest(dir).is_some_and(|m| m.name.is_some()) {
                return dir.to_path_buf();
            }
        }
        start.to_path_buf()
    }

    /// The manifests between files and their packages' folders, sorted: Node reads them for `type`,
    /// `exports`, and the `main` of folders.
    pub fn manifests_of<'p>(&self, files: impl Iterator<Item = &'p PathBuf>) -> Vec<PathBuf> {
        let mut dirs: BTreeSet<PathBuf> = BTreeSet::new();
        for path in files {
            let package = self.package_of(path);
            for dir in path.ancestors().skip(1) {
                if !dir.starts_with(&package.dir) || !dirs.insert(dir.to_path_buf()) {
                    break;
                }
            }
        }
        dirs.retain(|dir| self.manifest(dir).is_some());
        dirs.iter().map(|dir| dir.join("package.json")).collect()
    }

    /// Whether Node takes a `.js` file at `path` as an ES module: the nearest `package.json` says.
    pub fn module_scope(&self, path: &Path) -> bool {
        for dir in path.ancestors().skip(1) {
            if let Some(manifest) = self.manifest(dir) {
                return manifest.is_module;
            }
            if dir.file_name().is_some_and(|name| name == "node_modules") {
                return false;
            }
        }
        false
    }

    /// The real folder of the package that `name` stands for in code at `from`, by Node's own
    /// walk up the `node_modules` folders, or by Plug'n'Play's table.
    pub fn find(&self, from: &Path, name: &str) -> Option<PathBuf> {
        match self.pnp.as_ref().map(|pnp| pnp.find(from, name)) {
            Some(PnpResolution::Package(dir)) => return Some(dir),
            Some(PnpResolution::Nothing(_)) => return None,
            Some(PnpResolution::Foreign) | None => {}
        }
        for dir in from.ancestors() {
            if dir.file_name().is_some_and(|last| last == "node_modules") {
                continue;
            }
            let candidate = dir.join("node_modules").join(name);
            if let Ok(real) = candidate.canonicalize()
                && real.is_dir()
            {
                return Some(real);
            }
        }
        None
    }
}

/// The folder and the name of the installed package that a file at a real path belongs to, told by
/// the path alone.
pub fn installed(path: &Path) -> Option<(PathBuf, String)> {
    let dir = installed_dir(path)?;
    let name = installed_name(&dir)?;
    Some((dir, name))
}

/// The folder just below the last `node_modules` of a path, scope included.
fn installed_dir(path: &Path) -> Option<PathBuf> {
    let parts: Vec<_> = path.components().collect();
    let at = parts
        .iter()
        .rposition(|part| part.as_os_str() == "node_modules")?;
    let first = parts.get(at + 1)?;
    let scoped = first.as_os_str().to_string_lossy().starts_with('@');
    let end = at + 2 + usize::from(scoped);
    (parts.len() >= end).then(|| parts[..end].iter().collect())
}

/// The name by which an installed package's folder is asked for.
fn installed_name(dir: &Path) -> Option<String> {
    let found = installed_dir(dir)?;
    if found != dir {
        return None;
    }
    let name = dir.file_name()?.to_str()?;
    let parent = dir.parent()?.file_name()?.to_str()?;
    Some(if parent.starts_with('@') {
        format!("{parent}/{name}")
    } else {
        name.to_string()
    })
}

/// Schemes of specifiers that Node.js has a meaning for, or at least an error of its own.
const NODES_SCHEMES: [&str; 5] = ["data", "file", "http", "https", "node"];

/// The package part of a specifier: `@a/b/c` gives `@a/b`; `None` for paths and `#imports`. A name
/// with a scheme that only another runtime knows is all of it: `cloudflare:workers`.
pub fn package_of_specifier(specifier: &str) -> Option<&str> {
    let first = specifier.chars().next()?;
    if matches!(first, '.' | '/' | '#') {
        return None;
    }
    if let Some((scheme, _)) = specifier.split_once(':') {
        // One letter is a drive of Windows.
        let nodes = scheme.len() < 2 || NODES_SCHEMES.contains(&scheme);
        return (!nodes).then_some(specifier);
    }
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if first == '@' {
        slashes.nth(1)
    } else {
        slashes.next()
    };
    Some(end.map_or(specifier, |end| &specifier[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_its_package() {
        let dir = |path: &str| installed_dir(Path::new(path));
        assert_eq!(
            dir("/a/node_modules/@s/p/lib/x.js"),
            Some("/a/node_modules/@s/p".into())
        );
        assert_eq!(
            dir("/a/node_modules/.pnpm/x@1/node_modules/x/y.js"),
            Some("/a/node_modules/.pnpm/x@1/node_modules/x".into())
        );
        assert_eq!(dir("/a/src/x.js"), None);
        assert_eq!(
            installed_name(Path::new("/a/node_modules/@s/p")).as_deref(),
            Some("@s/p")
        );
    }

    #[test]
    fn a_specifier_tells_its_package() {
        assert_eq!(package_of_specifier("@a/b/c/d"), Some("@a/b"));
        assert_eq!(package_of_specifier("lodash/get"), Some("lodash"));
        assert_eq!(package_of_specifier("./x"), None);
        assert_eq!(package_of_specifier("node:fs"), None);
        assert_eq!(package_of_specifier("data:text/javascript,1"), None);
        assert_eq!(
            package_of_specifier("cloudflare:workers"),
            Some("cloudflare:workers")
        );
        assert_eq!(package_of_specifier("#x"), None);
    }
}
