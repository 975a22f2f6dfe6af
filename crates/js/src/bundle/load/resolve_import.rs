//! Where an import leads: to a file of the bundle, to what stays outside, or nowhere.

use std::path::{Path, PathBuf};

use crate::bundle::load::cherry_pick;
use crate::bundle::load::dual_package;
use crate::bundle::load::loader::{Loader, ResolvedImport};
use crate::bundle::module::Module;
use crate::bundle::part::ImportRecordId;
use crate::packages::package::{PackageKind, package_of_specifier};
use crate::packages::resolve::Resolved;
use crate::scan::ImportKind;

impl Loader<'_> {
    /// Where an import of `path` leads.
    pub(super) fn resolve_import(
        &self,
        path: &Path,
        installed: bool,
        specifier: &str,
        kind: ImportKind,
    ) -> ResolvedImport {
        if kind != ImportKind::Resolve && (self.options.external)(specifier) {
            return ResolvedImport::External(specifier.to_string());
        }
        match self.resolve.resolve(path, installed, specifier, kind) {
            Resolved::Builtin(name) => ResolvedImport::External(name),
            // The last is what a Node takes that can `require` ES modules.
            Resolved::Files(mut files) => match files.pop() {
                Some(file) if kind != ImportKind::Resolve => self.place(file),
                _ => ResolvedImport::Missing,
            },
            Resolved::Missing(_) => ResolvedImport::Missing,
        }
    }

    /// A file to read, or one that lies where it lay and is loaded from there.
    pub(super) fn place(&self, file: PathBuf) -> ResolvedImport {
        let stays = match file.extension().and_then(|ext| ext.to_str()) {
            Some("node") => true,
            // Others than Node.js have modules of WebAssembly.
            Some("wasm") => !self.options.host.is_node(),
            _ => false,
        };
        let stays = stays || (self.options.unbundled)(&file);
        match stays.then(|| self.virtual_path(&file)).flatten() {
            Some(seen) => ResolvedImport::External(asked(&seen)),
            None => ResolvedImport::File(file),
        }
    }

    /// The same source as ES modules, where a package is known to publish it twice.
    fn es_build(&self, from: &Path, specifier: &str, file: &Path) -> Option<PathBuf> {
        let name = package_of_specifier(specifier)?;
        if !self.options.shake || !dual_package::is_dual_package(name) {
            return None;
        }
        let package = self.packages.package_of(file);
        let es_build = self.resolve.module_build(from, specifier)?;
        let same = package.kind == PackageKind::Installed
            && package.name == name
            && self.packages.package_of(&es_build).dir == package.dir;
        (same && es_build != file).then_some(es_build)
    }

    /// Puts parts, or the ES build, of packages in place of imports that read nothing else.
    pub(super) fn cherry_pick(&self, module: &Module, resolved: &mut [ResolvedImport]) {
        if !self.options.shake {
            return;
        }
        for (record, place) in module.records.indices().zip(resolved) {
            let ResolvedImport::File(whole) = place else {
                continue;
            };
            let es_build = self
                .es_build(&module.path, &module.records[record].specifier, whole)
                .filter(|_| dual_package::takes_es_build(module, record));
            let parts = es_build.or_else(|| self.package_parts(module, record, whole));
            if let Some(parts) = parts {
                *place = ResolvedImport::Picked {
                    whole: std::mem::take(whole),
                    parts,
                };
            }
        }
    }

    /// The stand-in that has only those names of a package which `module` reads by `record`, where
    /// their files are known and there.
    fn package_parts(
        &self,
        module: &Module,
        record: ImportRecordId,
        whole: &Path,
    ) -> Option<PathBuf> {
        let specifier = &module.records[record].specifier;
        self.options.cherry_picks.of(specifier)?;
        if self.packages.package_of(whole).name != **specifier {
            return None;
        }
        let found = self.options.cherry_picks.parts(module, record, specifier)?;
        let there = found.iter().all(|(_, part)| {
            let found = self
                .resolve
                .resolve(whole, true, &part.from, ImportKind::Require);
            matches!(found, Resolved::Files(_))
        });
        if !there {
            return None;
        }
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        let mut parts = whole.as_os_str().to_owned();
        parts.push(format!("?{}", names.join(",")));
        let parts = PathBuf::from(parts);
        let mut cherry_picked = self.cherry_picked.lock().ok()?;
        let source = || cherry_pick::source(&found).into();
        cherry_picked.entry(parts.clone()).or_insert_with(source);
        Some(parts)
    }
}

/// A relative path as `require` takes it.
fn asked(seen: &str) -> String {
    if seen.starts_with('.') {
        seen.to_string()
    } else {
        format!("./{seen}")
    }
}
