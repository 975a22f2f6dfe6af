//! Reading one file: what kind of module it is, and what is in it.

use std::path::Path;

use crate::bundle::analyse::parts;
use crate::bundle::codes::UNBUNDLABLE;
use crate::bundle::generate::minhash::MinHash;
use crate::bundle::generate::packed_json;
use crate::bundle::load::builtins::is_builtin;
use crate::bundle::load::file_loaders::FileLoader;
use crate::bundle::load::loader::{LoadedFile, Loader};
use crate::bundle::module::{CjsInterop, Kind, Module};
use crate::graph::UNREADABLE;
use crate::syntax::{Dialect, ModuleGoal};
use coldcut_core::diagnostics::Diagnostic;

impl Loader<'_> {
    /// Reads the file, or the external, that `path` names.
    pub(super) fn read_file(&self, path: &Path) -> LoadedFile {
        let key = path.to_string_lossy();
        if let Some(specifier) = key.strip_prefix("\0external:") {
            return self.external(path, specifier);
        }
        let package = self.packages.package_of(path);
        let kind = match path.extension().and_then(|ext| ext.to_str()) {
            Some("json") => Kind::Json,
            _ => Kind::Cjs,
        };
        let dialect = Dialect::of_file(path, self.packages.module_scope(path));
        let side_effect_free = package
            .manifest
            .as_ref()
            .is_some_and(|m| m.side_effects.frees(&package.dir, path));
        let mut out = LoadedFile::new(Module {
            virtual_path: self.virtual_path(path),
            interop: match dialect.goal {
                ModuleGoal::Module => CjsInterop::Node,
                _ => CjsInterop::Babel,
            },
            side_effect_free,
            package: Some(package),
            ..Module::unread(path, self.name_of(path), kind)
        });
        let file_loader = self.file_loader(path);
        let stand_in = self.stand_in(path);
        let text = match stand_in {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => std::fs::read(path),
        };
        if let (Ok(bytes), Some(file_loader)) = (&text, file_loader)
            && let Some(value) = file_loader.value(bytes)
        {
            let text = String::from_utf8_lossy(bytes);
            out.module.kind = Kind::Json;
            out.module.bytes = bytes.len() as u64;
            let span = self.sources.whole(path, &text);
            out.module.analysis = parts::analyse_json(&value, span, self.session.unresolved());
            out.module.minhash = MinHash::of(&text);
            return out;
        }
        let text = match text {
            Ok(bytes) => String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            Err(error) => {
                out.errors.push(
                    Diagnostic::io(UNREADABLE, "read", path, &error)
                        .help("make the file readable for this user"),
                );
                return out;
            }
        };
        out.module.bytes = text.len() as u64;
        match path.extension().and_then(|ext| ext.to_str()) {
            _ if file_loader.is_some() => {
                out.module.kind = Kind::Json;
                self.json(&text, &mut out);
            }
            Some("json") => self.json(&text, &mut out),
            Some("node" | "wasm") => out.errors.push(
                Diagnostic::error(
                    UNBUNDLABLE,
                    format!("`{}` cannot be part of a bundle", self.name_of(path)),
                )
                .at_file(path)
                .help("leave its package out with `--external`, and ship it beside the bundle"),
            ),
            _ => self.code(&text, dialect, &mut out),
        }
        if matches!(out.module.kind, Kind::Cjs | Kind::Json) {
            out.module.minhash = MinHash::of(&text);
        }
        out
    }

    /// How a file is taken that is no code, where something says so.
    fn file_loader(&self, path: &Path) -> Option<FileLoader> {
        // Poisoned only if another thread panicked, which ends the run.
        let import_attributes = self.import_attributes.lock().ok()?.get(path).copied();
        import_attributes.or_else(|| self.options.loaders.of(path))
    }

    fn external(&self, path: &Path, specifier: &str) -> LoadedFile {
        LoadedFile::new(Module {
            interop: CjsInterop::Node,
            side_effect_free: is_builtin(specifier),
            ..Module::unread(path, specifier.to_string(), Kind::External)
        })
    }

    fn json(&self, text: &str, out: &mut LoadedFile) {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str::<serde_json::Value>(body) {
            Ok(value) => {
                let span = self.sources.whole(&out.module.path, text);
                out.module.analysis = parts::analyse_json(&value, span, self.session.unresolved());
                if self.options.minify {
                    let text = packed_json::compact(body);
                    out.module.text = (text.len() >= packed_json::LEAST).then(|| text.into());
                }
            }
            Err(error) if only_node_reads(&error) => {
                let span = self.sources.whole(&out.module.path, text);
                out.module.analysis =
                    parts::analyse_json_text(body, span, self.session.unresolved());
            }
            Err(error) => {
                let module = &out.module;
                out.errors.push(crate::graph::not_json(
                    &module.path,
                    &module.name,
                    body,
                    &error,
                ));
            }
        }
    }
}

/// JSON that `JSON.parse` takes and a reader of Unicode text with finite numbers does not: half of a surrogate
/// pair, and numbers like `1e400`.
fn only_node_reads(error: &serde_json::Error) -> bool {
    let what = error.to_string();
    [
        "surrogate",
        "number out of range",
        "unexpected end of hex escape",
    ]
    .iter()
    .any(|known| what.contains(known))
}
