//! What of packages and crates is kept, with their licences: for bills of materials.
//!
//! In: an artifact, or the parts of a binary. Out: its [`Component`]s by name and version. Manifests, lock files and
//! licence texts are read from where the packages are installed.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use coldcut_core::artifact::Artifact;
use coldcut_core::digest::hex;
use coldcut_js::packages::package::licence;
use coldcut_report::model::Package;
use coldcut_report::model::component::{Component, Ecosystem};

use crate::pipeline::binary_parts::BinaryParts;
use crate::pipeline::duplicate_requesters::package_folder;

/// The npm packages of which something ships.
pub(super) fn of_packages(artifact: &Artifact, packages: &[Package]) -> Vec<Component> {
    let folders = folders(artifact);
    let mut locks = Locks::default();
    let all = packages.iter().map(|package| {
        let folder = folders.get(&package.id());
        let installed = folder.is_some_and(|folder| package_folder(&folder.join("x")).is_some());
        let manifest = folder.and_then(|folder| json(&folder.join("package.json")));
        let locked = folder.and_then(|folder| locks.entry(folder));
        let said = |key: &str| locked.as_ref()?.get(key)?.as_str();
        Component {
            ecosystem: Ecosystem::Npm,
            name: package.name.clone(),
            version: package.version.clone(),
            published: installed,
            licence: manifest.as_ref().and_then(licence),
            bytes: Some(package.bytes),
            digest: said("integrity").and_then(digest),
            url: said("resolved").and_then(public),
            texts: folder.map(|folder| texts(folder)).unwrap_or_default(),
        }
    });
    sorted(all.collect())
}

fn sorted(mut components: Vec<Component>) -> Vec<Component> {
    components.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    components
}

/// Where the packages that something is kept of are installed, by label.
fn folders(artifact: &Artifact) -> BTreeMap<String, PathBuf> {
    let files = artifact.files.values();
    let files = files.filter_map(|entry| Some((entry.package.as_deref()?, entry.origin()?)));
    let inside = artifact.inside.iter();
    let inside = inside.filter_map(|one| Some((one.package.as_deref()?, one.path.as_path())));
    let mut out = BTreeMap::new();
    for (label, path) in files.chain(inside) {
        if out.contains_key(label) {
            continue;
        }
        let above = || {
            let mut all = path.ancestors().skip(1);
            all.find(|at| at.join("package.json").is_file())
        };
        if let Some(folder) = package_folder(path).or_else(|| above().map(Path::to_path_buf)) {
            out.insert(label.to_string(), folder);
        }
    }
    out
}

/// The crates that are linked into a binary.
pub(super) fn of_binary(binary: &BinaryParts<'_>) -> Vec<Component> {
    let all = binary.crates.iter().map(|one| {
        // Symbols do not tell versions apart.
        let mut same = binary.crates.iter();
        let alone =
            same.all(|other| other.crate_name != one.crate_name || other.version == one.version);
        let mut sizes = binary.rust.sizes.crates.iter();
        let bytes = sizes.find(|share| share.name == one.crate_name);
        Component {
            ecosystem: Ecosystem::Cargo,
            name: one.name.clone(),
            version: Some(one.version.clone()),
            published: one.source.as_deref().is_some_and(|source| {
                source.starts_with("registry+") || source.starts_with("sparse+")
            }),
            licence: one.license.clone(),
            bytes: bytes.filter(|_| alone).map(|share| share.bytes),
            digest: one.checksum.clone().map(|text| ("SHA-256", text)),
            url: None,
            texts: texts(&one.folder),
        }
    });
    sorted(all.collect())
}

/// Licence and notice files at the top of a package.
fn texts(folder: &Path) -> Vec<(String, String)> {
    /// A text that is longer is none.
    const MOST: u64 = 1 << 20;
    const NAMES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];
    let Ok(list) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut out: Vec<(String, String)> = list
        .filter_map(std::result::Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let upper = name.to_ascii_uppercase();
            let is = NAMES.iter().any(|start| upper.starts_with(start));
            let meta = entry.path().metadata().ok()?;
            if !is || !meta.is_file() || meta.len() > MOST || code(&upper) {
                return None;
            }
            let bytes = std::fs::read(entry.path()).ok()?;
            let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            (!text.trim().is_empty()).then_some((name, text))
        })
        .collect();
    out.sort();
    out
}

/// `license.js` is no licence.
fn code(upper: &str) -> bool {
    [".JS", ".CJS", ".MJS", ".TS", ".JSON", ".MAP", ".RS"]
        .iter()
        .any(|end| upper.ends_with(end))
}

/// Lock files of npm, read once each: the one that it keeps within `node_modules`, or the project's.
#[derive(Default)]
struct Locks(HashMap<PathBuf, Option<Value>>);

impl Locks {
    /// What is locked for a package's folder.
    fn entry(&mut self, folder: &Path) -> Option<Value> {
        let parts: Vec<_> = folder.components().collect();
        let at = parts
            .iter()
            .position(|part| part.as_os_str() == "node_modules")?;
        let root: PathBuf = parts[..at].iter().collect();
        let rest = folder.strip_prefix(&root).ok()?;
        let rest: Vec<_> = rest.iter().map(|part| part.to_string_lossy()).collect();
        let lock = self.0.entry(root.clone()).or_insert_with(|| {
            let hidden = json(&root.join("node_modules/.package-lock.json"));
            hidden.or_else(|| json(&root.join("package-lock.json")))
        });
        lock.as_ref()?.get("packages")?.get(rest.join("/")).cloned()
    }
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// `sha512-…` as lock files have it.
fn digest(text: &str) -> Option<(&'static str, String)> {
    const KINDS: [(&str, &str, usize); 4] = [
        ("sha512-", "SHA-512", 64),
        ("sha384-", "SHA-384", 48),
        ("sha256-", "SHA-256", 32),
        ("sha1-", "SHA-1", 20),
    ];
    KINDS.iter().find_map(|(start, name, length)| {
        let mut all = text.split_whitespace();
        let one = all.find_map(|one| one.strip_prefix(start))?;
        let one = one.split('?').next().unwrap_or(one);
        let bytes = STANDARD.decode(one).ok()?;
        (bytes.len() == *length).then(|| (*name, hex(&bytes)))
    })
}

/// An address without what lets somebody in.
fn public(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "http" | "https") {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    Some(format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_addresses_stay_where_they_are() {
        let of = |url: &str| public(url);
        let clean = "https://example.org/a/-/a-1.tgz";
        assert_eq!(
            of("https://u:secret@example.org/a/-/a-1.tgz?token=x#y").as_deref(),
            Some(clean)
        );
        assert_eq!(of("git+ssh://git@example.org/a.git"), None);
        assert_eq!(of("file:../a"), None);
    }

    #[test]
    fn digests_of_lock_files_are_hexadecimal() {
        let text = format!("sha1-{}= sha512-{}==", "A".repeat(27), "A".repeat(86));
        assert_eq!(digest(&text), Some(("SHA-512", "0".repeat(128))));
        assert_eq!(digest("sha1-AAEC"), None, "too short");
        assert_eq!(digest("md5-AA=="), None);
    }
}
