//! What an artifact holds: files, modules, packages, and packages that it holds more than once.
//!
//! In: an artifact and its zip, and where its packages are installed. Out: [`ArtifactContents`], rows
//! of the report. They are gathered while the function is packed: manifests, lock files and licences
//! are read here, so that the report stage reads no file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::pack::Packed;
use crate::pipeline::binary_parts::BinaryParts;
use crate::pipeline::request::ReportExtras;
use crate::pipeline::{components, duplicate_requesters, import_chains};
use coldcut_core::artifact::{Artifact, Content, RelPath};
use coldcut_report::duplicates;
use coldcut_report::model;

/// What is in a zip, as the report has it.
pub(super) struct ArtifactContents {
    pub files: Vec<model::File>,
    /// Of a bundle.
    pub modules: Vec<model::Module>,
    pub packages: Vec<model::Package>,
    /// Packages in several copies or formats, with who asks for each.
    pub duplicates: Vec<model::Duplicate>,
    /// Packages or crates with their licences, where a report wants them.
    pub components: Vec<model::component::Component>,
}

impl ArtifactContents {
    /// Reads what the artifact of the function in `root` holds.
    pub fn gather(
        artifact: &Artifact,
        packed: &Packed,
        binary: Option<BinaryParts<'_>>,
        root: &Path,
        extras: ReportExtras,
    ) -> Self {
        let modules = modules(artifact, packed, root);
        let packages = packages(artifact, packed, &modules);
        let files = files(artifact, packed);
        let mut duplicates = duplicates::find(&files, &modules);
        duplicate_requesters::fill_requesters(&mut duplicates, artifact, root);
        let components = match (extras.components, &binary) {
            (false, _) => Vec::new(),
            (true, Some(binary)) => components::of_binary(binary),
            (true, None) => components::of_packages(artifact, &packages),
        };
        Self {
            files,
            modules,
            packages,
            duplicates,
            components,
        }
    }
}

fn packages(
    artifact: &Artifact,
    packed: &Packed,
    modules: &[model::Module],
) -> Vec<model::Package> {
    let sizes: BTreeMap<&RelPath, (u64, u64)> = packed
        .entries
        .iter()
        .map(|entry| (&entry.name, (entry.bytes, entry.compressed_bytes)))
        .collect();
    let mut sums: BTreeMap<&str, (u64, u64, u64, String)> = BTreeMap::new();
    for (name, entry) in &artifact.files {
        let Some(label) = entry.package.as_deref() else {
            continue;
        };
        let (bytes, zipped) = sizes.get(name).copied().unwrap_or_default();
        let why = entry
            .reasons
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        let sum = sums.entry(label).or_insert((0, 0, 0, why.clone()));
        sum.0 += bytes;
        sum.1 += zipped;
        sum.2 += 1;
        // How the package is entered says more than how its files ask for each other.
        let own = name.parent().unwrap_or_default();
        let by_other = entry.reasons.iter().any(|reason| {
            matches!(reason, coldcut_core::artifact::Reason::Imported { by, .. }
                if !own.is_empty() && !by.starts_with(package_folder(name.as_str())))
        });
        if by_other && let Some(reason) = entry.reasons.first() {
            sum.3 = reason.to_string();
        }
    }
    for share in &artifact.shares {
        let sum = sums
            .entry(&share.package)
            .or_insert((0, 0, 0, share.why.clone()));
        sum.0 += share.bytes;
        sum.2 += share.modules;
    }
    let bundled: BTreeSet<&str> = artifact
        .shares
        .iter()
        .map(|share| &*share.package)
        .collect();
    let mut shares: BTreeMap<&str, u64> = BTreeMap::new();
    for module in modules {
        let Some(label) = module.package.as_deref() else {
            continue;
        };
        *shares.entry(label).or_default() += module.zipped_share_bytes;
        // Another build of a package than the one that was traced is only known to the bundle.
        if let (Some(sum), Some(from)) = (sums.get_mut(label), &module.from)
            && sum.3.is_empty()
            && package_folder(&from.by) != package_folder(&module.path)
        {
            sum.3 = format!("imported by {}:{}", from.by, from.line);
        }
    }
    let mut out: Vec<model::Package> = sums
        .into_iter()
        .map(|(label, (bytes, zipped, files, why))| {
            let (name, version) = match label.rsplit_once('@') {
                Some((name, version)) if !name.is_empty() => (name, Some(version.to_string())),
                _ => (label, None),
            };
            model::Package {
                name: name.to_string(),
                version,
                bytes,
                files,
                // What a file of several packages compresses to is nobody's share.
                zipped_bytes: (!bundled.contains(label)).then_some(zipped),
                zipped_share_bytes: zipped + shares.get(label).copied().unwrap_or(0),
                why,
            }
        })
        .collect();
    out.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    out
}

/// `node_modules/@s/p/` of a path in it.
fn package_folder(path: &str) -> &str {
    let Some(at) = path.rfind("node_modules/") else {
        return path;
    };
    let start = at + "node_modules/".len();
    let scoped = path[start..].starts_with('@');
    let end = path[start..]
        .match_indices('/')
        .nth(usize::from(scoped))
        .map_or(path.len(), |(slash, _)| start + slash + 1);
    &path[..end]
}

/// Everything in the zip, so that the sizes of all files and of the container make the zip's.
fn files(artifact: &Artifact, packed: &Packed) -> Vec<model::File> {
    let importers = import_chains::shortest_importers(artifact);
    packed
        .entries
        .iter()
        .map(|zipped| {
            // A link that was followed became files under names that nobody asked for.
            let entry = artifact.files.get(&zipped.name);
            let mut reasons: Vec<String> = entry
                .iter()
                .flat_map(|entry| &entry.reasons)
                .take(3)
                .map(ToString::to_string)
                .collect();
            match entry.map(|entry| &entry.content) {
                Some(Content::Link(target)) => reasons.push(format!("links to {target}")),
                Some(_) => {}
                None => reasons.push("target of a link".to_string()),
            }
            let from = importers.get(zipped.name.as_str());
            model::File {
                path: zipped.name.to_string(),
                bytes: zipped.bytes,
                zipped_bytes: zipped.compressed_bytes,
                package: entry.and_then(|entry| entry.package.as_deref().map(str::to_string)),
                reasons,
                from: from.map(|(by, line)| model::Import {
                    by: (*by).to_string(),
                    line: *line,
                }),
            }
        })
        .collect()
}

/// What a bundle is made of, with shares of its bytes in the zip.
fn modules(artifact: &Artifact, packed: &Packed, root: &Path) -> Vec<model::Module> {
    let entries = &packed.entries;
    let bundle = entries.iter().find(|entry| entry.name == artifact.handler);
    let (zipped, whole) = bundle.map_or((0, 0), |entry| (entry.compressed_bytes, entry.bytes));
    let share = |bytes: u64| {
        // In more bits than a size has, so that the product fits.
        let part = u128::from(zipped) * u128::from(bytes) / u128::from(whole.max(1));
        u64::try_from(part).unwrap_or(zipped)
    };
    let inside = &artifact.inside;
    inside
        .iter()
        .map(|module| model::Module {
            path: model::shown_path(&module.path, root),
            package: module.package.as_deref().map(str::to_string),
            bytes: module.bytes,
            zipped_share_bytes: share(module.bytes),
            from: module.from.as_ref().map(|(by, line)| model::Import {
                by: model::shown_path(by, root),
                line: *line,
            }),
        })
        .collect()
}
