//! The text that an own module ships as.
//!
//! In: a module of the project or of a sibling, and where everything lies in the artifact. Out:
//! JavaScript that Node takes as it would take the file, with the specifiers that only a
//! transpiler understands turned into ones that Node does; or nothing, where the file can ship
//! as it is.

use std::sync::Arc;

use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Location, Result};

use crate::graph::{EdgeKind, EdgeTarget, GraphModule, GraphModuleId, ModuleGraph, ModuleKind};
use crate::packages::package::PackageKind;
use crate::packages::placement::relative;
use crate::packages::resolve::Resolve;
use crate::project_declarations::ProjectDeclarations;
use crate::syntax::target::Engine;
use crate::syntax::{
    Lowering, ModuleGoal, OutputFormat, Rewrites, Session, Sources, TRANSPILE, TsInput, print,
};

/// Whether Node cannot run the file as it lies there.
pub fn must_transpile(module: &GraphModule) -> bool {
    module.kind == ModuleKind::Code
        && module.package.kind != PackageKind::Installed
        && (module.dialect.typescript
            || module.dialect.jsx
            || (module.scan.esm_syntax && module.dialect.goal == ModuleGoal::Either))
}

/// The format that an own module ships in.
pub fn format_of(module: &GraphModule) -> OutputFormat {
    match module.dialect.goal {
        ModuleGoal::Module => OutputFormat::Esm,
        ModuleGoal::CommonJs | ModuleGoal::Either => OutputFormat::CommonJs,
    }
}

/// The name that a file ships under: `a.ts` becomes `a.js`.
pub fn shipped_name(path: &RelPath) -> RelPath {
    let text = path.as_str();
    let renamed = [
        (".tsx", ".js"),
        (".jsx", ".js"),
        (".mts", ".mjs"),
        (".cts", ".cjs"),
        (".ts", ".js"),
    ]
    .into_iter()
    .find_map(|(from, to)| text.strip_suffix(from).map(|stem| format!("{stem}{to}")));
    renamed
        .and_then(|name| RelPath::new(&name))
        .unwrap_or_else(|| path.clone())
}

/// Where modules lie in the artifact, under the names that they ship by.
pub type ArtifactPaths<'a> = dyn Fn(GraphModuleId) -> Option<RelPath> + Sync + 'a;

/// The text of `id`, or `None` where its file ships as it is. `target` is who will run it.
pub fn emit(
    session: &Session,
    resolve: &Resolve,
    graph: &ModuleGraph,
    id: GraphModuleId,
    places: &ArtifactPaths<'_>,
    target: Option<Engine>,
) -> Result<Option<Arc<[u8]>>> {
    let module = graph.get(id);
    if module.kind != ModuleKind::Code || module.package.kind == PackageKind::Installed {
        return Ok(None);
    }
    let rewrites = rewrites(graph, id, places);
    if !must_transpile(module) && rewrites.is_empty() {
        return Ok(None);
    }
    let Some(text) = &module.text else {
        return Ok(None);
    };
    let format = format_of(module);
    if let (OutputFormat::CommonJs, Some(line)) = (format, module.scan.top_level_await) {
        return Err(Box::new(
            Diagnostic::error(TRANSPILE, "top-level `await` needs an ES module")
                .at(Location::line(&module.path, text.clone(), line))
                .help(
                    "name the file `.mjs` or `.mts`, or set \"type\": \"module\" in `package.json`",
                ),
        ));
    }
    let (options, _) = resolve.ts_options(&module.path);
    let local = |specifier: &str| {
        module.edges.iter().any(|edge| {
            &*edge.specifier == specifier
                && matches!(edge.target, EdgeTarget::Module(to) if {
                    let target = graph.get(to);
                    target.kind == ModuleKind::Code
                        && target.package.kind != PackageKind::Installed
                        && format_of(target) == OutputFormat::CommonJs
                })
        })
    };
    // Specifiers are looked up before and after they are rewritten.
    let is_local = |specifier: &str| {
        local(specifier)
            || rewrites
                .iter()
                .any(|((old, _), new)| new == specifier && local(old))
    };
    session.enter(|| {
        let lowering = Lowering {
            target,
            joined: false,
        };
        let sources = Sources::default();
        let ast = session.parse_among(
            &sources,
            &module.path,
            text,
            module.dialect,
            TsInput {
                options: &options,
                files: &ProjectDeclarations { session, resolve },
            },
            lowering,
        )?;
        let interop = !options.plain_requires(module.dialect);
        let mut code = print(ast, &module.path, format, interop, &rewrites, &is_local)?;
        if let Some(line) = text.lines().next().filter(|line| line.starts_with("#!"))
            && !code.starts_with("#!")
        {
            code = format!("{line}\n{code}");
        }
        Ok(Some(code.into_bytes().into()))
    })
}

/// Specifiers that Node would not resolve, in the artifact, to where the target lies.
fn rewrites(graph: &ModuleGraph, id: GraphModuleId, places: &ArtifactPaths<'_>) -> Rewrites {
    let module = graph.get(id);
    let mut out = Rewrites::default();
    let Some(here) = places(id) else {
        return out;
    };
    let format = format_of(module);
    for edge in &module.edges {
        let (EdgeKind::Import(kind), EdgeTarget::Module(to)) = (edge.how, &edge.target) else {
            continue;
        };
        let target = graph.get(*to);
        // Between packages Node's own lookup holds; `#imports` are in the manifest.
        if target.package.dir != module.package.dir || edge.specifier.starts_with('#') {
            continue;
        }
        let Some(there) = places(*to) else {
            continue;
        };
        let mut wanted = relative(here.as_str(), there.as_str());
        if !wanted.starts_with('.') {
            wanted.insert_str(0, "./");
        }
        // What is printed as CommonJS asks by `require`, however it was written.
        let exact_only = format == OutputFormat::Esm && kind.by_import();
        if !leads_to(&edge.specifier, &wanted, exact_only) {
            out.insert((edge.specifier.clone(), kind.by_import()), wanted);
        }
    }
    out
}

/// Whether Node finds `wanted` (a relative path in full) by `specifier`.
fn leads_to(specifier: &str, wanted: &str, exact_only: bool) -> bool {
    if specifier == wanted {
        return true;
    }
    if exact_only || !specifier.starts_with('.') {
        return false;
    }
    let bare = [".js", ".json", ".node"]
        .into_iter()
        .find_map(|ext| wanted.strip_suffix(ext));
    let Some(bare) = bare else {
        return false;
    };
    let specifier = specifier.trim_end_matches('/');
    bare == specifier || bare.strip_suffix("/index") == Some(specifier)
}

/// A `package.json` of an own package, with the names of TypeScript files in it changed to those
/// that ship; `None` where there are none.
pub fn manifest(text: &str) -> Option<Vec<u8>> {
    let mut value: serde_json::Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let object = value.as_object_mut()?;
    let mut changed = false;
    for key in ["main", "module", "exports", "imports", "bin"] {
        if let Some(value) = object.get_mut(key) {
            rename(value, &mut changed);
        }
    }
    changed.then(|| format!("{value:#}\n").into_bytes())
}

fn rename(value: &mut serde_json::Value, changed: &mut bool) {
    match value {
        serde_json::Value::String(text) => {
            if text.ends_with(".d.ts") || text.ends_with(".d.mts") || text.ends_with(".d.cts") {
                return;
            }
            let prefix = if text.starts_with("./") { "./" } else { "" };
            if let Some(path) = RelPath::new(text.trim_start_matches("./")) {
                let shipped = shipped_name(&path);
                if shipped != path {
                    *text = format!("{prefix}{shipped}");
                    *changed = true;
                }
            }
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(|v| rename(v, changed)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|v| rename(v, changed)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specifier_that_node_finds_is_left_alone() {
        assert!(leads_to("./a", "./a.js", false));
        assert!(leads_to("./a", "./a/index.js", false));
        assert!(leads_to("./a.js", "./a.js", true));
        assert!(!leads_to("./a", "./a.js", true));
        assert!(!leads_to("./a.ts", "./a.js", false));
        assert!(!leads_to("@lib/a", "./lib/a.js", false));
    }

    #[test]
    fn a_manifest_names_what_ships() {
        let text = r#"{"main":"./src/index.ts","types":"x.d.ts","exports":{".":{"types":"./a.d.ts","default":"./a.mts"}}}"#;
        let out = String::from_utf8(manifest(text).unwrap()).unwrap();
        assert!(
            out.contains("\"./src/index.js\"")
                && out.contains("\"./a.mjs\"")
                && out.contains("./a.d.ts")
        );
        assert_eq!(manifest(r#"{"main":"x.js"}"#), None);
    }
}
