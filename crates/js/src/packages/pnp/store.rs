//! Packages on disk, as pnpm lays them out, in coldcut's cache.
//!
//! In: a package of the table. Out: `<cache>/pnp/<project>/node_modules/.pnp/<short name>`, in which
//! `node_modules` has the package's files and a link to everything that it may ask for. A file
//! beside them says from which zip, by its digest, and with which links they were made, so that a
//! second run unpacks nothing and a changed zip is unpacked again. A package is made beside its
//! place and then renamed: one that is there is whole, also where two runs make it at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::packages::pnp::cache;
use crate::packages::pnp::codes::CACHE;
use crate::packages::pnp::manifest::Source;
use crate::packages::pnp::name_table::{Id, PackageLocation, Table};
use crate::packages::pnp::unzip::{absent, unpack};
use crate::store_path::FOLDER;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_core::digest;
use coldcut_core::disk::{Stamp, link_folder, place};

/// Part of every digest: to be changed with the layout.
const FORM: &str = "1";
/// Says how a package was made; outside of the package, which has only its own files.
const MADE: &str = ".made";

#[derive(Debug)]
pub(super) struct Store {
    /// The project's part of the cache, a real path.
    dir: PathBuf,
}

impl Store {
    /// Opens the project's part of the cache, and removes what its table no longer names.
    pub fn open(source: &Source, table: &Table) -> Result<Self> {
        let key = digest::of([FORM.as_bytes(), source.dir.as_os_str().as_encoded_bytes()]);
        let dir = cache::folder().join("pnp").join(&key[..16]);
        fs::create_dir_all(dir.join("node_modules").join(FOLDER))
            .map_err(|error| unwritable(&dir, &error))?;
        let dir = dir
            .canonicalize()
            .map_err(|error| unwritable(&dir, &error))?;
        let store = Self { dir };
        let mark = store.dir.join("table");
        let now = digest::of([&source.json]);
        if !fs::read_to_string(&mark).is_ok_and(|was| was == now) {
            store.tidy(table);
            place(&mark, now.as_bytes()).map_err(|error| unwritable(&mark, &error))?;
        }
        Ok(store)
    }

    /// Removing is a courtesy: what cannot be removed is only in nobody's way.
    fn tidy(&self, table: &Table) {
        let named: BTreeSet<&str> = table.slugs().collect();
        for folder in ["node_modules/.pnp", "own"] {
            for entry in fs::read_dir(self.dir.join(folder))
                .into_iter()
                .flatten()
                .flatten()
            {
                let known = entry
                    .file_name()
                    .to_str()
                    .is_some_and(|name| named.contains(name));
                if !known {
                    let _ = fs::remove_dir_all(entry.path());
                }
            }
        }
    }

    /// The folder of a package and its links.
    pub fn folder(&self, slug: &str) -> PathBuf {
        self.dir.join("node_modules").join(FOLDER).join(slug)
    }

    /// Puts a package's files and links on disk; gives the folder of its files.
    pub fn install(&self, table: &Table, id: Id) -> Result<PathBuf> {
        let folder = self.folder(table.slug(id));
        let modules = folder.join("node_modules");
        let name = table.name(id);
        let home = modules.join(name);
        let failed = |error: io::Error| unwritable(&folder, &error);
        let mut links = self.targets(table, id, true);
        links.remove(name);
        let from = table.place(id);
        let stamp = stamp_of(from)?;
        let mark = folder.join(MADE);
        let was = fs::read_to_string(&mark).ok().filter(|_| home.is_dir());
        let was = was.and_then(|text| UnpackRecord::parse(&text));
        let digest = match &was {
            Some(was) if was.stamp == stamp => was.digest.clone(),
            _ => digest_of(from, &stamp)?,
        };
        let now = UnpackRecord {
            stamp,
            digest,
            links: links_digest(&links),
        };
        if was.as_ref() == Some(&now) {
            return Ok(home);
        }
        fs::create_dir_all(&modules).map_err(failed)?;
        if was.is_none_or(|was| was.digest != now.digest) {
            self.fill(from, &folder, &home)?;
        }
        link_exactly(&modules, &links, Some(name)).map_err(failed)?;
        place(&mark, now.text().as_bytes()).map_err(failed)?;
        Ok(home)
    }

    /// Makes the files beside their place, and then puts them there.
    fn fill(&self, from: &PackageLocation, folder: &Path, home: &Path) -> Result<()> {
        let failed = |error: io::Error| unwritable(folder, &error);
        let fresh = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(folder)
            .map_err(failed)?;
        let new = fresh.path().join("new");
        fs::create_dir(&new).map_err(failed)?;
        match from {
            PackageLocation::Zip { zip, inner } => unpack(zip, inner, &new)?,
            PackageLocation::Folder(dir) | PackageLocation::Own(dir) => {
                copy(dir, &new).map_err(failed)?
            }
        }
        if let Some(parent) = home.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        if fs::rename(&new, home).is_ok() {
            return Ok(());
        }
        // An older one is there, or another run was faster. The folder for the new goes with the old.
        let old = fresh.path().join("old");
        match fs::rename(home, &old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        match fs::rename(&new, home) {
            Err(error) if !home.is_dir() => Err(failed(error)),
            _ => Ok(()),
        }
    }

    /// A folder with a link to everything that an own package may ask for.
    pub fn link_own(&self, table: &Table, id: Id) -> Result<PathBuf> {
        let folder = self.dir.join("own").join(table.slug(id));
        let modules = folder.join("node_modules");
        let failed = |error: io::Error| unwritable(&folder, &error);
        fs::create_dir_all(&modules).map_err(failed)?;
        // Whole paths: the folder is looked at as if it lay with the package.
        let links = self.targets(table, id, false);
        link_exactly(&modules, &links, None).map_err(failed)?;
        Ok(modules)
    }

    /// Where each name leads: as seen from a package of the store, or by whole paths.
    fn targets(&self, table: &Table, id: Id, inside: bool) -> BTreeMap<String, PathBuf> {
        let visible = table.visible(id).into_iter();
        visible
            .map(|(name, to)| {
                let target = match table.place(to) {
                    PackageLocation::Own(dir) => dir.clone(),
                    PackageLocation::Zip { .. } | PackageLocation::Folder(_) => {
                        let below = Path::new(table.slug(to))
                            .join("node_modules")
                            .join(table.name(to));
                        if inside {
                            // Links in a scope's folder lie one deeper than the others.
                            let up = "../".repeat(2 + usize::from(name.contains('/')));
                            Path::new(&up).join(below)
                        } else {
                            self.folder("").join(below)
                        }
                    }
                };
                (name.to_string(), target)
            })
            .collect()
    }
}

/// How a package was made.
#[derive(Debug, PartialEq, Eq)]
struct UnpackRecord {
    /// What tells at a glance that the source is the same.
    stamp: String,
    /// What tells it in truth.
    digest: String,
    links: String,
}

impl UnpackRecord {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.stamp, self.digest, self.links)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::to_string);
        Some(Self {
            stamp: lines.next()?,
            digest: lines.next()?,
            links: lines.next()?,
        })
    }
}

fn stamp_of(place: &PackageLocation) -> Result<String> {
    match place {
        PackageLocation::Zip { zip, .. } => {
            let meta = fs::metadata(zip).map_err(|error| absent(zip, &error))?;
            Ok(Stamp::new(&meta).to_string())
        }
        // Scripts write into it after it was made, so there is no shorter way to know.
        PackageLocation::Folder(dir) | PackageLocation::Own(dir) => {
            folder_digest(dir).map_err(|error| absent(dir, &error))
        }
    }
}

fn digest_of(place: &PackageLocation, stamp: &str) -> Result<String> {
    match place {
        PackageLocation::Zip { zip, .. } => {
            let bytes = fs::read(zip).map_err(|error| absent(zip, &error))?;
            Ok(digest::of([bytes]))
        }
        PackageLocation::Folder(_) | PackageLocation::Own(_) => Ok(stamp.to_string()),
    }
}

fn folder_digest(dir: &Path) -> io::Result<String> {
    let mut hash = digest::Parts::default();
    for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
        let entry = entry?;
        if !entry.file_type().is_dir() {
            hash.add(entry.path().as_os_str().as_encoded_bytes());
            hash.add(Stamp::new(&entry.metadata()?).to_string());
        }
    }
    Ok(hash.text())
}

fn links_digest(links: &BTreeMap<String, PathBuf>) -> String {
    let mut hash = digest::Parts::default();
    for (name, target) in links {
        hash.add(name).add(target.as_os_str().as_encoded_bytes());
    }
    hash.text()
}

fn unwritable(path: &Path, error: &io::Error) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::io(CACHE, "write", path, error)
            .help("free some space, or name another folder with `COLDCUT_CACHE_DIR`"),
    )
}

/// Makes a `node_modules` folder have these links and no others; `keep` is no link.
fn link_exactly(
    modules: &Path,
    links: &BTreeMap<String, PathBuf>,
    keep: Option<&str>,
) -> io::Result<()> {
    for found in names_in(modules)? {
        if !links.contains_key(&found) && Some(found.as_str()) != keep {
            remove_link(&modules.join(found));
        }
    }
    for (name, target) in links {
        let at = modules.join(name);
        if fs::read_link(&at).is_ok_and(|there| there == *target) {
            continue;
        }
        if at.is_symlink() {
            remove_link(&at);
        }
        if let Some(scope) = at.parent() {
            fs::create_dir_all(scope)?;
        }
        match link_folder(target, &at) {
            // Another run made it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
    }
    Ok(())
}

/// Packages in a `node_modules` folder, scopes looked into.
fn names_in(modules: &Path) -> io::Result<Vec<String>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(modules)? {
        let Ok(name) = entry?.file_name().into_string() else {
            continue;
        };
        if !name.starts_with('@') {
            out.push(name);
            continue;
        }
        for inner in fs::read_dir(modules.join(&name))? {
            let inner = inner?.file_name();
            out.extend(inner.to_str().map(|inner| format!("{name}/{inner}")));
        }
    }
    Ok(out)
}

/// A link that stays makes no harm: what is found by it is asked of the table first.
fn remove_link(at: &Path) {
    if at.is_symlink() {
        let _ = fs::remove_file(at).or_else(|_| fs::remove_dir(at));
    }
}

/// A folder's files, links among them followed: they lead to files of the same package.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in walkdir::WalkDir::new(from).follow_links(true) {
        let entry = entry?;
        let Ok(rest) = entry.path().strip_prefix(from) else {
            continue;
        };
        let target = to.join(rest);
        if entry.file_type().is_dir() {
            fs::create_dir_all(target)?;
        } else if entry.file_type().is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn links(of: &[(&str, &str)]) -> BTreeMap<String, PathBuf> {
        of.iter()
            .map(|(name, to)| (name.to_string(), PathBuf::from(to)))
            .collect()
    }

    #[test]
    fn a_folder_has_the_links_that_it_should_and_keeps_what_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| fs::read_link(dir.path().join(name)).ok();
        fs::create_dir(dir.path().join("real")).unwrap();
        link_exactly(
            dir.path(),
            &links(&[("a", "/x"), ("@s/b", "/y")]),
            Some("real"),
        )
        .unwrap();
        assert_eq!(
            (at("a"), at("@s/b")),
            (Some("/x".into()), Some("/y".into()))
        );
        link_exactly(
            dir.path(),
            &links(&[("a", "/z"), ("c", "/y")]),
            Some("real"),
        )
        .unwrap();
        assert_eq!(
            (at("a"), at("@s/b"), at("c")),
            (Some("/z".into()), None, Some("/y".into()))
        );
        assert!(dir.path().join("real").is_dir());
    }
}
