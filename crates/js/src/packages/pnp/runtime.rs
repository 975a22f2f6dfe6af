//! The original, run under Plug'n'Play's own runtime.
//!
//! In: the table, and a copy of the project's own packages. Out: beside the copy, the runtime with a
//! table in which own packages lie in the copy and all others where they are; and the arguments by
//! which Node.js loads it, the same that `yarn node` gives. So what an artifact is compared with is
//! what the user runs, and not what coldcut makes of it.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use pnp::fs::{VPath, VPathInfo};
use serde_json::Value;

use crate::packages::pnp::codes::RUNTIME;
use crate::packages::pnp::manifest::Source;
use crate::packages::pnp::name_table::{MARK, OLD_MARK, marked};
use coldcut_core::diagnostics::{Diagnostic, Result};

/// Beside the copy, so that code that lists its own folder does not see it.
const BESIDE: &str = "pnp";
/// Where own packages are that the copy has not: nothing lies there.
const NOWHERE: &str = "../none";

pub(super) fn write_runtime(
    source: &Source,
    task: &Path,
    folders: &BTreeMap<PathBuf, String>,
) -> Result<Vec<String>> {
    let Some(program) = &source.program else {
        return Err(Box::new(
            Diagnostic::error(
                RUNTIME,
                "there is no `.pnp.cjs`, so the original cannot be run under Plug'n'Play",
            )
            .at_file(&source.path)
            .help("run `yarn install`, or leave the comparison out with `--no-verify`"),
        ));
    };
    let (Some(above), Some(copy)) = (task.parent(), task.file_name()) else {
        return Ok(Vec::new());
    };
    let into = above.join(BESIDE);
    let copy = format!("../{}", copy.to_string_lossy());
    let moved = Moved {
        dir: &source.dir,
        into: &into,
        copy: &copy,
        folders,
    };
    let json = moved.table(&source.json).map_err(|error| {
        Box::new(
            Diagnostic::error(RUNTIME, format!("the table of packages is broken: {error}"))
                .at_file(&source.path)
                .help("run `yarn install`, which writes it again"),
        )
    })?;
    let write = |name: &str, text: &[u8]| {
        let path = into.join(name);
        std::fs::write(&path, text)
            .map_err(|error| Box::new(Diagnostic::io(RUNTIME, "write", &path, &error)))
    };
    std::fs::create_dir_all(&into)
        .map_err(|error| Box::new(Diagnostic::io(RUNTIME, "make", &into, &error)))?;
    match &program.table {
        Some(range) => {
            let (before, after) = (&program.text[..range.start], &program.text[range.end..]);
            // JSON in a string of JSON is a string of JavaScript; where an object stood, an object.
            let quoted = program.text[range.clone()].starts_with('\'');
            let literal = if quoted {
                Value::String(json).to_string()
            } else {
                json
            };
            write(program.name, format!("{before}{literal}{after}").as_bytes())?;
        }
        None => {
            write(program.name, program.text.as_bytes())?;
            let name = source.path.file_name().unwrap_or_default();
            write(&name.to_string_lossy(), json.as_bytes())?;
        }
    }
    let mut arguments = vec![
        "--require".to_string(),
        into.join(program.name).display().to_string(),
    ];
    if let Some(loader) = &source.loader {
        let text = std::fs::read(loader)
            .map_err(|error| Box::new(Diagnostic::io(RUNTIME, "read", loader, &error)))?;
        write("loader.mjs", &text)?;
        let url = format!("file://{}", into.join("loader.mjs").display());
        arguments.extend(["--experimental-loader".to_string(), url]);
    }
    Ok(arguments)
}

struct Moved<'a> {
    dir: &'a Path,
    into: &'a Path,
    /// The copy, as seen from `into`.
    copy: &'a str,
    folders: &'a BTreeMap<PathBuf, String>,
}

impl Moved<'_> {
    /// The table with every place as it is from `into`.
    fn table(&self, json: &str) -> serde_json::Result<String> {
        let mut table: Value = serde_json::from_str(json)?;
        let packages = table["packageRegistryData"].as_array_mut();
        for package in packages.into_iter().flatten() {
            let references = package[1].as_array_mut();
            for reference in references.into_iter().flatten() {
                let place = &mut reference[1]["packageLocation"];
                if let Some(was) = place.as_str() {
                    *place = Value::String(self.place(was));
                }
            }
        }
        serde_json::to_string(&table)
    }

    fn place(&self, was: &str) -> String {
        let whole = self.dir.join(was);
        let virtual_part = match VPath::from(&marked(&whole)) {
            Ok(VPath::Zip(_)) => return self.seen(&whole),
            Ok(VPath::Virtual(found)) => {
                Some((found.physical_base_path(), found.virtual_segments.0.clone()))
            }
            _ => None,
        };
        let (real, segments) = match virtual_part {
            Some((real, segments)) => (plain(&real), Some(segments)),
            None => (plain(&whole), None),
        };
        if real
            .components()
            .any(|part| part.as_os_str() == "node_modules")
        {
            return self.seen(&whole);
        }
        let real = real.canonicalize().unwrap_or(real);
        let copied = self.folders.get(&real);
        let (base, folder) = match copied {
            Some(folder) => (self.copy, folder.clone()),
            None => (
                NOWHERE,
                real.strip_prefix("/")
                    .unwrap_or(&real)
                    .display()
                    .to_string(),
            ),
        };
        let mark = if was.contains(OLD_MARK) {
            OLD_MARK
        } else {
            MARK
        };
        // `x/__virtual__/<instance>/0/y` is `x/y` to the runtime, for one set of peers.
        let instance = segments
            .as_deref()
            .and_then(instance)
            .map(|name| format!("/{mark}/{name}/0"));
        let slash = if folder.is_empty() { "" } else { "/" };
        format!("{base}{}{slash}{folder}/", instance.unwrap_or_default())
    }

    /// A place that stays, as seen from `into`. Virtual ones are not made plain: the runtime reads
    /// them.
    fn seen(&self, whole: &Path) -> String {
        let whole = plain(whole);
        let shared = self
            .into
            .components()
            .zip(whole.components())
            .take_while(|(a, b)| a == b)
            .count();
        let mut out = "../".repeat(self.into.components().count() - shared);
        for part in whole.components().skip(shared) {
            out.push_str(&part.as_os_str().to_string_lossy());
            out.push('/');
        }
        out
    }
}

/// The name of an instance in `…/__virtual__/<name>/<up>/…`.
fn instance(segments: &str) -> Option<&str> {
    let mut parts = segments.split('/');
    parts.find(|part| *part == MARK)?;
    parts.next()
}

fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_packages_lie_in_the_copy_and_others_where_they_are() {
        let folders = BTreeMap::from([
            (PathBuf::from("/w/fn"), String::new()),
            (PathBuf::from("/w/lib"), "node_modules/lib".to_string()),
        ]);
        let moved = Moved {
            dir: Path::new("/w"),
            into: Path::new("/t/s/pnp"),
            copy: "../task",
            folders: &folders,
        };
        for (was, is) in [
            ("./fn/", "../task/"),
            ("./lib/", "../task/node_modules/lib/"),
            (
                "./.yarn/$$virtual/lib-virtual-1/1/lib/",
                "../task/$$virtual/lib-virtual-1/0/node_modules/lib/",
            ),
            ("./", "../none/w/"),
            (
                "./.yarn/__virtual__/lib-virtual-1/1/lib/",
                "../task/__virtual__/lib-virtual-1/0/node_modules/lib/",
            ),
            (
                "./.yarn/cache/a.zip/node_modules/a/",
                "../../../w/.yarn/cache/a.zip/node_modules/a/",
            ),
            (
                "../home/c/a.zip/node_modules/a/",
                "../../../home/c/a.zip/node_modules/a/",
            ),
            (
                "./.yarn/$$virtual/lib-virtual-1/1/lib/",
                "../task/$$virtual/lib-virtual-1/0/node_modules/lib/",
            ),
            (
                "./.yarn/__virtual__/v/0/cache/a.zip/node_modules/a/",
                "../../../w/.yarn/__virtual__/v/0/cache/a.zip/node_modules/a/",
            ),
            (
                "./.yarn/unplugged/u/node_modules/u/",
                "../../../w/.yarn/unplugged/u/node_modules/u/",
            ),
        ] {
            assert_eq!(moved.place(was), is, "{was}");
        }
    }
}
