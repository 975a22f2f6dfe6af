//! Which package a name means to which other, as Plug'n'Play's runtime answers it.
//!
//! In: the JSON of the table, read by the `pnp` crate. Out: packages by number, each with its place
//! and what every name means to it; a short name for each, which is the folder that it gets. Short
//! names come from the lock file alone, so that an artifact is the same wherever it is packed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use pnp::fs::VPath;
use pnp::{Manifest, PackageDependency, PackageLocator};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::packages::pnp::codes::TABLE;
use crate::packages::pnp::manifest::Source;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::digest::hex;

/// Marks a path of one instance of a package: in Yarn from 3 on, and in Yarn 2.
pub(super) const MARK: &str = "__virtual__";
pub(super) const OLD_MARK: &str = "$$virtual";

/// A package by its place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id(u32);

impl Id {
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// Where a package's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PackageLocation {
    /// In the folder `inner` of a zip.
    Zip { zip: PathBuf, inner: String },
    /// In a folder that Yarn made, since the package needs to be one of real files.
    Folder(PathBuf),
    /// The user's own: a workspace, or what `link:` and `portal:` lead to.
    Own(PathBuf),
}

/// What a name means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Is(Id),
    Nothing(String),
}

#[derive(Debug)]
struct Row {
    locator: PackageLocator,
    slug: String,
    place: PackageLocation,
    /// `None` is a peer that nobody gives.
    names: BTreeMap<String, Option<Id>>,
    /// Whether the project's own dependencies are there for it too.
    falls_back: bool,
}

#[derive(Debug)]
pub(super) struct Table {
    manifest: Manifest,
    rows: Vec<Row>,
    by_locator: FxHashMap<PackageLocator, Id>,
    by_slug: FxHashMap<String, Id>,
    /// What everybody who falls back may ask for.
    fallback: BTreeMap<String, Id>,
}

impl Table {
    pub fn new(source: &Source) -> Result<Self> {
        let manifest = read(source)?;
        let mut locators: Vec<PackageLocator> = Vec::new();
        for (name, references) in &manifest.package_registry_data {
            for reference in references.keys() {
                locators.push(PackageLocator {
                    name: name.clone(),
                    reference: reference.clone(),
                });
            }
        }
        let by_locator: FxHashMap<PackageLocator, Id> = (0..)
            .zip(&locators)
            .map(|(at, locator)| (locator.clone(), Id(at)))
            .collect();
        let id = |name: &str, to: &PackageDependency| {
            let (name, reference) = match to {
                PackageDependency::Reference(reference) => (name, reference),
                PackageDependency::Alias(name, reference) => (name.as_str(), reference),
            };
            let locator = PackageLocator {
                name: name.to_string(),
                reference: reference.clone(),
            };
            by_locator.get(&locator).copied()
        };
        let mut rows = Vec::new();
        for locator in &locators {
            let info = &manifest.package_registry_data[&locator.name][&locator.reference];
            let names = info.package_dependencies.iter();
            let names: BTreeMap<String, Option<Id>> = names
                .map(|(name, to)| (name.clone(), to.as_ref().and_then(|to| id(name, to))))
                .collect();
            if let Some(bad) = names
                .keys()
                .chain([&locator.name])
                .find(|name| !is_name(name))
            {
                return Err(broken(
                    source,
                    &format!("`{bad}` is not the name of a package"),
                ));
            }
            rows.push(Row {
                slug: slug(locator),
                place: place(&info.package_location),
                names,
                falls_back: manifest.enable_top_level_fallback
                    && !locator.name.is_empty()
                    && !pnp::is_excluded_from_fallback(&manifest, locator),
                locator: locator.clone(),
            });
        }
        give_peers(&mut rows);
        let pool = manifest.fallback_pool.iter();
        let fallback = pool
            .filter_map(|(name, to)| Some((name.clone(), id(name, to.as_ref()?)?)))
            .collect();
        let by_slug = (0..)
            .zip(&rows)
            .map(|(at, row)| (row.slug.clone(), Id(at)))
            .collect();
        Ok(Self {
            rows,
            by_locator,
            by_slug,
            fallback,
            manifest,
        })
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    fn row(&self, id: Id) -> &Row {
        &self.rows[id.at()]
    }

    /// The package that a file at a path outside of the store belongs to.
    pub fn package_at(&self, path: &Path) -> Option<Id> {
        // A folder's own place ends in a slash in the table.
        let found = pnp::find_locator(&self.manifest, &path.join(""));
        self.by_locator.get(found?).copied()
    }

    pub fn by_slug(&self, slug: &str) -> Option<Id> {
        self.by_slug.get(slug).copied()
    }

    pub fn slug(&self, id: Id) -> &str {
        &self.row(id).slug
    }

    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| row.slug.as_str())
    }

    pub fn name(&self, id: Id) -> &str {
        &self.row(id).locator.name
    }

    pub fn place(&self, id: Id) -> &PackageLocation {
        &self.row(id).place
    }

    /// The folder of an own package.
    pub fn own(&self, id: Id) -> Option<&Path> {
        match self.place(id) {
            PackageLocation::Own(dir) => Some(dir),
            PackageLocation::Zip { .. } | PackageLocation::Folder(_) => None,
        }
    }

    /// What `name` means to `asks`, by the order that the runtime has.
    pub fn answer(&self, asks: Id, name: &str) -> Answer {
        let row = self.row(asks);
        let own = row.names.get(name).copied();
        if let Some(Some(id)) = own {
            return Answer::Is(id);
        }
        if row.falls_back
            && let Some(id) = self.fallback.get(name)
        {
            return Answer::Is(*id);
        }
        let who = match row.locator.name.as_str() {
            "" => "the project".to_string(),
            name => format!("`{name}`"),
        };
        Answer::Nothing(match own {
            None => format!(
                "{who} does not declare `{name}` in its `package.json`; under Plug'n'Play only declared packages are found"
            ),
            Some(_) => format!(
                "{who} has `{name}` as a peer dependency, but no package that depends on {who} provides it"
            ),
        })
    }

    /// What a package may ask for by name, what everybody has included.
    pub fn visible(&self, id: Id) -> BTreeMap<&str, Id> {
        let row = self.row(id);
        let everybody = self.fallback.iter().filter(|_| row.falls_back);
        let mut out: BTreeMap<&str, Id> =
            everybody.map(|(name, id)| (name.as_str(), *id)).collect();
        out.extend(self.named(id));
        out
    }

    /// What a package declares and has.
    pub fn named(&self, id: Id) -> impl Iterator<Item = (&str, Id)> {
        let names = self.row(id).names.iter();
        names.filter_map(|(name, to)| Some((name.as_str(), (*to)?)))
    }

    /// The packages that one depends on.
    pub fn dependencies(&self, id: Id) -> impl Iterator<Item = Id> {
        self.named(id).map(|(_, to)| to)
    }

    /// Everything that is reached from `start` by what packages declare.
    pub fn reached(&self, start: Id) -> Vec<Id> {
        let mut seen = BTreeSet::from([start]);
        let mut queue = VecDeque::from([start]);
        while let Some(id) = queue.pop_front() {
            for to in self.dependencies(self.declaring(id)) {
                if seen.insert(to) {
                    queue.push_back(to);
                }
            }
        }
        seen.into_iter().collect()
    }

    /// The package that files of `id` belong to: an own folder is one, however many sets of peers
    /// it is asked for with.
    fn declaring(&self, id: Id) -> Id {
        self.own(id)
            .and_then(|dir| self.package_at(dir))
            .unwrap_or(id)
    }
}

fn read(source: &Source) -> Result<Manifest> {
    let mut manifest: Manifest =
        serde_json::from_str(&source.json).map_err(|error| broken(source, &error.to_string()))?;
    let top = manifest.package_registry_data.get("");
    // The crate takes it for granted.
    if top.and_then(|references| references.get("")).is_none() {
        return Err(broken(source, "the project itself is missing"));
    }
    let path = source.path.clone();
    pnp::init_pnp_manifest(&mut manifest, &path);
    Ok(manifest)
}

fn broken(source: &Source, why: &str) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(TABLE, format!("the table of packages is broken: {why}"))
            .at_file(&source.path)
            .help("run `yarn install`, which writes it again"),
    )
}

/// Names become folders: nothing else than `name` or `@scope/name` may. The project's own is empty.
fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        let odd = part.contains(['\\', ':', '\0']) || part.is_empty();
        !odd && part != "." && part != ".."
    };
    match name.split_once('/') {
        _ if name.is_empty() => true,
        Some((scope, rest)) => {
            scope.starts_with('@') && part(scope) && part(rest) && !rest.contains('/')
        }
        None => part(name),
    }
}

/// A path with the mark of instances that the `pnp` crate knows; Yarn 2 has another.
pub(super) fn marked(path: &Path) -> PathBuf {
    let parts = path.components();
    parts
        .map(|part| match part.as_os_str() {
            name if name == OLD_MARK => MARK.as_ref(),
            name => name,
        })
        .collect()
}

fn place(location: &Path) -> PackageLocation {
    let location = &marked(location);
    match VPath::from(location) {
        Ok(VPath::Zip(zip)) => {
            use pnp::fs::VPathInfo;
            PackageLocation::Zip {
                zip: normal(&zip.physical_base_path()),
                inner: zip.zip_path.trim_matches('/').to_string(),
            }
        }
        Ok(VPath::Virtual(found)) => {
            use pnp::fs::VPathInfo;
            on_disk(&found.physical_base_path())
        }
        Ok(VPath::Native(_)) | Err(_) => on_disk(location),
    }
}

fn on_disk(location: &Path) -> PackageLocation {
    let dir = normal(location);
    // Yarn puts what it unplugs into a `node_modules` folder.
    if dir
        .components()
        .any(|part| part.as_os_str() == "node_modules")
    {
        PackageLocation::Folder(dir)
    } else {
        // Modules are known by their real paths.
        PackageLocation::Own(dir.canonicalize().unwrap_or(dir))
    }
}

fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Peers of an own package are given to each instance of it, but its files are one: it has what
/// the first instance has.
fn give_peers(rows: &mut [Row]) {
    let mut given: BTreeMap<PathBuf, BTreeMap<String, Id>> = BTreeMap::new();
    for row in rows.iter() {
        if let PackageLocation::Own(dir) = &row.place {
            let there = given.entry(dir.clone()).or_default();
            for (name, to) in &row.names {
                if let Some(to) = to {
                    there.entry(name.clone()).or_insert(*to);
                }
            }
        }
    }
    for row in rows {
        let PackageLocation::Own(dir) = &row.place else {
            continue;
        };
        // The package itself has no word of its peers: they are its instances' business.
        for (name, to) in &given[dir] {
            row.names
                .entry(name.clone())
                .or_default()
                .get_or_insert(*to);
        }
    }
}

/// The folder of a package in the store: `name@version`, and where that does not tell everything,
/// a digest of the rest.
fn slug(locator: &PackageLocator) -> String {
    let reference = locator.reference.as_str();
    let base = match reference.strip_prefix("virtual:") {
        Some(rest) => rest.split_once('#').map_or(rest, |(_, base)| base),
        None => reference,
    };
    let version = version_in(base).unwrap_or_default();
    let mut out = locator.name.replace('/', "+");
    if !version.is_empty() {
        out.push('@');
        out.push_str(version);
    }
    if reference != format!("npm:{version}") {
        let digest = Sha256::digest(reference.as_bytes());
        out.push('-');
        out.push_str(&hex(&digest[..4]));
    }
    out
}

/// The version that a reference ends in or names.
fn version_in(reference: &str) -> Option<&str> {
    // `patch:x@npm%3A1.2.3#…::version=1.2.3&hash=…`
    let named = reference
        .split_once("::version=")
        .map(|(_, rest)| rest.split('&').next().unwrap_or(rest));
    let plain = || {
        reference
            .strip_prefix("npm:")
            .map(|rest| rest.split("::").next().unwrap_or(rest))
    };
    named.or_else(plain).filter(|version| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
        version.chars().all(plain) && version.starts_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locator(name: &str, reference: &str) -> PackageLocator {
        PackageLocator {
            name: name.into(),
            reference: reference.into(),
        }
    }

    #[test]
    fn a_folder_is_named_by_what_the_lock_file_says() {
        let of = |name, reference| slug(&locator(name, reference));
        assert_eq!(of("ms", "npm:2.0.0"), "ms@2.0.0");
        assert_eq!(of("@s/p", "npm:1.0.0-rc.1"), "@s+p@1.0.0-rc.1");
        let one = of("p", "virtual:ab#npm:1.0.0");
        let two = of("p", "virtual:cd#npm:1.0.0");
        assert!(one.starts_with("p@1.0.0-") && one.len() == "p@1.0.0-".len() + 8);
        assert_ne!(one, two);
        let patched = of("t", "patch:t@npm%3A5.0.4#x::version=5.0.4&hash=b5f058");
        assert!(patched.starts_with("t@5.0.4-"), "{patched}");
        assert!(of("g", "https://x/../../g.git#commit=1").starts_with("g-"));
    }

    #[test]
    fn names_that_are_paths_are_none() {
        for good in ["", "a", "@s/p", "a.b"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["..", "a/b", "@s/..", "@s/a/b", "a\\b", "/a", "@s/"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    fn table(json: &str) -> Table {
        Table::new(&Source {
            dir: "/w".into(),
            program: None,
            loader: None,
            path: "/w/.pnp.data.json".into(),
            json: json.into(),
        })
        .unwrap()
    }

    const SMALL: &str = r#"{
      "enableTopLevelFallback": true, "ignorePatternData": null, "dependencyTreeRoots": [],
      "fallbackExclusionList": [["fn", ["workspace:fn"]]], "fallbackPool": [],
      "packageRegistryData": [
        [null, [[null, {"packageLocation": "./", "packageDependencies": [["top", "npm:1.0.0"]]}]]],
        ["fn", [["workspace:fn", {"packageLocation": "./fn/", "packageDependencies":
          [["renamed", ["dep", "npm:1.0.0"]], ["peer", null]]}]]],
        ["dep", [["npm:1.0.0", {"packageLocation": "./.yarn/cache/dep.zip/node_modules/dep/",
          "packageDependencies": [["peer", null]]}]]],
        ["un", [["npm:1.0.0", {"packageLocation": "./.yarn/unplugged/un/node_modules/un/",
          "packageDependencies": []}]]],
        ["top", [["npm:1.0.0", {"packageLocation":
          "./.yarn/__virtual__/top-virtual-1/0/cache/top.zip/node_modules/top/",
          "packageDependencies": []}]]]
      ]}"#;

    #[test]
    fn names_mean_what_the_runtime_takes_them_for() {
        let table = table(SMALL);
        let own = table.package_at(Path::new("/w/fn/src/a.js")).unwrap();
        assert_eq!(table.package_at(Path::new("/w/fn")), Some(own));
        let dep = table.by_slug("dep@1.0.0").unwrap();
        let top = table.by_slug("top@1.0.0").unwrap();
        assert_eq!(table.answer(own, "renamed"), Answer::Is(dep));
        // The workspace is excluded from the fallback, the package is not.
        assert!(
            matches!(table.answer(own, "top"), Answer::Nothing(why) if why.contains("declare"))
        );
        assert!(matches!(table.answer(own, "peer"), Answer::Nothing(why) if why.contains("peer")));
        assert_eq!(table.answer(dep, "top"), Answer::Is(top));
        assert_eq!(table.reached(own), [own, dep]);
    }

    #[test]
    fn places_are_zips_folders_and_own_ones() {
        let table = table(SMALL);
        let at = |slug: &str| table.place(table.by_slug(slug).unwrap()).clone();
        let zip = |zip: &str, inner: &str| PackageLocation::Zip {
            zip: zip.into(),
            inner: inner.into(),
        };
        assert_eq!(
            at("dep@1.0.0"),
            zip("/w/.yarn/cache/dep.zip", "node_modules/dep")
        );
        assert_eq!(
            at("top@1.0.0"),
            zip("/w/.yarn/cache/top.zip", "node_modules/top")
        );
        assert_eq!(
            at("un@1.0.0"),
            PackageLocation::Folder("/w/.yarn/unplugged/un/node_modules/un".into())
        );
    }
}
