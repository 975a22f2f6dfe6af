//! Well-known npm packages, bundled and compared with themselves.
//!
//! In: `fixtures/npm-packages`, installed from its lock file. Each package is bundled whole, as
//! CommonJS and as ES module, readable and minified, and loaded in an empty folder; what it exports
//! must be what the package itself exports: the same names, of the same kinds, one level deep.

use std::path::Path;
use std::process::Command;

use rayon::prelude::*;
use serde_json::Value;

use crate::support::{coldcut, installed};

/// Prints the exports of the file or package given, one level deep.
const SHAPE: &str = r"
  const { pathToFileURL } = require('url');
  const own = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);
  const kind = (value) => (value === null ? 'null' : typeof value);
  const shape = (value) => {
    const out = { '': kind(value) };
    if (out[''] !== 'object' && out[''] !== 'function') return out;
    for (const name of Object.getOwnPropertyNames(value)) {
      if (out[''] === 'function' && own.has(name)) continue;
      try { out[name] = kind(value[name]); } catch { out[name] = 'throws'; }
    }
    return out;
  };
  const [what, how] = process.argv.slice(1);
  const load = how === 'require' ? async () => require(what) : async () => (await import(pathToFileURL(what).href)).ns;
  load().then((found) => {
    const shapes = { whole: shape(found) };
    if (how === 'import') shapes.default = shape(found.default);
    require('fs').writeSync(1, '\n#' + JSON.stringify(shapes));
    process.exit(0);
  }, (error) => { console.error(error); process.exit(1); });
";

fn shape(dir: &Path, what: &str, how: &str) -> Result<Value, String> {
    let output = Command::new("node")
        .args(["-e", SHAPE, what, how])
        .current_dir(dir)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    match said.rsplit_once("\n#") {
        Some((_, json)) => serde_json::from_str(json).map_err(|error| error.to_string()),
        None => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(errors.lines().take(6).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// What the bundle's exports lack or have otherwise. More names than Node's own reading of
/// CommonJS finds are no loss, and `__esModule` is a mark, not an export.
fn lost(package: &Value, bundle: &Value, part: &str) -> Vec<String> {
    let (Some(there), Some(here)) = (package[part].as_object(), bundle[part].as_object()) else {
        return Vec::new();
    };
    there
        .iter()
        .filter(|(name, kind)| *name != "__esModule" && *kind != "undefined")
        .filter(|(name, kind)| here.get(*name) != Some(kind))
        .map(|(name, kind)| format!("{part}.{name}: {kind} became {:?}", here.get(name)))
        .collect()
}

fn check(dir: &Path, package: &str, form: &str, minify: bool) -> Result<(), String> {
    let plain = package.replace(['@', '/'], "_");
    let (entry, source, how) = match form {
        "cjs" => (
            format!("entry-{plain}.cjs"),
            format!("module.exports = require('{package}');\n"),
            "require",
        ),
        _ => (
            format!("entry-{plain}.mjs"),
            format!("import * as ns from '{package}';\nexport {{ ns }};\n"),
            "import",
        ),
    };
    let path = dir.join(entry);
    std::fs::write(&path, source).map_err(|error| error.to_string())?;
    let expected = shape(dir, &path.display().to_string(), how)?;
    let empty = tempfile::tempdir().map_err(|error| error.to_string())?;
    let out = empty
        .path()
        .join(if form == "cjs" { "out.cjs" } else { "out.mjs" });
    let mut command = coldcut();
    command.arg("bundle").arg(&path).args(["--format", form]);
    if minify {
        command.arg("--minify");
    }
    let made = command
        .arg("--outfile")
        .arg(&out)
        .output()
        .map_err(|error| error.to_string())?;
    if !made.status.success() {
        return Err(String::from_utf8_lossy(&made.stderr).into_owned());
    }
    let found = shape(empty.path(), &out.display().to_string(), how)?;
    let mut wrong = lost(&expected, &found, "whole");
    wrong.extend(lost(&expected, &found, "default"));
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n"))
    }
}

#[test]
fn packages_export_from_a_bundle_what_they_export() {
    let dir = installed("npm-packages");
    let text = std::fs::read_to_string(dir.join("package.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let mut cases = Vec::new();
    for package in manifest["dependencies"].as_object().unwrap().keys() {
        for form in ["cjs", "esm"] {
            cases.push((package.clone(), form));
        }
    }
    assert!(cases.len() >= 70);
    let wrong: Vec<String> = cases
        .par_iter()
        .map(|(package, form)| {
            // One after the other: both write the same entry.
            [false, true].map(|minify| {
                let error = check(&dir, package, form, minify).err()?;
                Some(format!("{package} as {form}, minified: {minify}:\n{error}"))
            })
        })
        .collect::<Vec<_>>()
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
