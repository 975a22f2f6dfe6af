//! What a bundle is made of, in the form that esbuild's `--metafile` gave the field.
//!
//! In: a bundle's modules and what each adds to the text. Out: JSON that the viewers made for
//! esbuild open: <https://esbuild.github.io/api/#metafile>. `bytesInOutput` is counted by the
//! source map: a byte belongs to the file that the place before it came from; what the bundle
//! itself adds at its start belongs to no file.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::bundle::module::{Kind, Modules, Target};
use crate::scan::ImportKind;

/// A module that was read for the bundle.
#[derive(Debug, Clone)]
pub struct MetafileInput {
    pub path: PathBuf,
    pub name: String,
    pub bytes: u64,
    /// Set when the text is there.
    pub bytes_in_output: u64,
    pub esm: bool,
    pub imports: Vec<MetafileImport>,
}

/// One import of a module.
#[derive(Debug, Clone)]
pub struct MetafileImport {
    /// The module's name, or the specifier of what is external.
    pub path: String,
    pub kind: ImportKind,
    pub external: bool,
    pub original: String,
}

/// The modules that were read, in the order of their names.
pub fn inputs(modules: &Modules) -> Vec<MetafileInput> {
    let mut out: Vec<MetafileInput> = modules
        .all
        .iter()
        .filter(|module| module.kind != Kind::External)
        .map(|module| MetafileInput {
            path: module.path.clone(),
            name: module.name.clone(),
            bytes: module.bytes,
            bytes_in_output: 0,
            esm: module.kind == Kind::Esm,
            imports: module
                .records
                .iter()
                .flat_map(|record| {
                    let targets: Vec<_> = match &record.target {
                        Target::Module(to) => vec![*to],
                        Target::Glob(list) => list.iter().map(|(_, to)| *to).collect(),
                        Target::Missing => Vec::new(),
                    };
                    targets.into_iter().map(|to| {
                        let target = modules.get(to);
                        MetafileImport {
                            path: target.name.clone(),
                            kind: record.kind,
                            external: target.kind == Kind::External,
                            original: record.specifier.to_string(),
                        }
                    })
                })
                .collect(),
        })
        .collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// One output for [`render`].
pub struct MetafileOutput<'a> {
    pub name: &'a str,
    pub bytes: u64,
    pub entry: &'a str,
    pub exports: &'a [String],
    pub inputs: &'a [MetafileInput],
}

/// The document.
pub fn render(outputs: &[MetafileOutput<'_>]) -> Value {
    let (mut all, mut made) = (Map::new(), Map::new());
    for output in outputs {
        let mut parts = Map::new();
        let mut left = Vec::new();
        for input in output.inputs {
            let imports: Vec<Value> = input.imports.iter().map(import).collect();
            let format = if input.esm { "esm" } else { "cjs" };
            all.insert(
                input.name.clone(),
                json!({ "bytes": input.bytes, "imports": imports, "format": format }),
            );
            if input.bytes_in_output > 0 {
                parts.insert(
                    input.name.clone(),
                    json!({ "bytesInOutput": input.bytes_in_output }),
                );
                left.extend(
                    input
                        .imports
                        .iter()
                        .filter(|import| import.external)
                        .map(import_of_output),
                );
            }
        }
        left.sort_by_key(Value::to_string);
        left.dedup();
        made.insert(
            output.name.to_string(),
            json!({
                "imports": left,
                "exports": output.exports,
                "entryPoint": output.entry,
                "inputs": parts,
                "bytes": output.bytes,
            }),
        );
    }
    json!({ "inputs": all, "outputs": made })
}

fn kind(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Static => "import-statement",
        ImportKind::Dynamic => "dynamic-import",
        ImportKind::Require => "require-call",
        ImportKind::Resolve => "require-resolve",
    }
}

fn import(import: &MetafileImport) -> Value {
    let mut out = json!({ "path": import.path, "kind": kind(import.kind) });
    if let Some(map) = out.as_object_mut() {
        if import.external {
            map.insert("external".into(), true.into());
        } else {
            map.insert("original".into(), import.original.clone().into());
        }
    }
    out
}

fn import_of_output(import: &MetafileImport) -> Value {
    json!({ "path": import.path, "kind": kind(import.kind), "external": true })
}
