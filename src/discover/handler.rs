//! From a handler setting to the source file it means.
//!
//! In: a folder and `src/users.main`. Out: [`Handler`], the file and its export. The platform
//! only ever loads JavaScript, so `src/users` may be any of the kinds of source that become it.

use std::path::{Component, Path, PathBuf};

use crate::discover::codes::{BAD_HANDLER, ENTRY_NOT_FOUND, HANDLER_NOT_FOUND, OUTSIDE_PROJECT};
use coldcut_core::artifact::RelPath;
use coldcut_core::diagnostics::{Diagnostic, Location, Result};
use coldcut_core::functions::Handler;
use coldcut_core::settings::value::distance;
use coldcut_core::source_extensions::SOURCE_EXTENSIONS;

/// Finds the file of the handler setting `text`, written at `said`, below `root`; it may be a
/// link, but not one that leads out of `bounds`.
pub fn find(root: &Path, bounds: &Path, text: &str, said: &Location) -> Result<Handler> {
    let (folder, name) = split(text, said)?;
    let mut tried = Vec::new();
    // The platform splits the name at its first dot; a file with dots in its name is looked for
    // after that, because bundlers allow it.
    for (dot, _) in name.match_indices('.') {
        let (stem, export) = (&name[..dot], &name[dot + 1..]);
        if stem.is_empty() || export.is_empty() {
            continue;
        }
        for extension in SOURCE_EXTENSIONS {
            let file = join(&folder, &format!("{stem}.{extension}"));
            if root.join(&file).is_file() {
                return Ok(Handler {
                    file: inside(root, bounds, &file, said)?,
                    export: Some(export.to_owned()),
                });
            }
        }
        tried.push(join(&folder, stem));
    }
    if tried.is_empty() {
        return Err(Box::new(
            Diagnostic::error(
                BAD_HANDLER,
                format!("the handler `{text}` does not name a file and an export"),
            )
            .at(said.clone())
            .help("write the file name without its extension, then a dot, then the export: `src/users.main`"),
        ));
    }
    Err(missing(root, text, &folder, &tried, said))
}

/// Finds the plain entry file `text` (with or without extension, or a folder with an index).
pub fn find_entry(root: &Path, bounds: &Path, text: &str, said: &Location) -> Result<Handler> {
    let (folder, name) = split(text, said)?;
    let path = if name.is_empty() {
        folder.clone()
    } else {
        join(&folder, &name)
    };
    let mut candidates = vec![path.clone()];
    if !name.is_empty() {
        candidates.extend(SOURCE_EXTENSIONS.iter().map(|e| format!("{path}.{e}")));
    }
    candidates.extend(
        SOURCE_EXTENSIONS
            .iter()
            .map(|e| join(&path, &format!("index.{e}"))),
    );
    for file in candidates {
        if !file.is_empty() && root.join(&file).is_file() {
            let extension = Path::new(&file).extension().and_then(|e| e.to_str());
            if !extension.is_some_and(|e| SOURCE_EXTENSIONS.contains(&e)) {
                return Err(Box::new(
                    Diagnostic::error(
                        ENTRY_NOT_FOUND,
                        format!("the entry file `{text}` is neither JavaScript nor TypeScript"),
                    )
                    .at(said.clone())
                    .help(format!(
                        "an entry file ends in one of `.{}`; a cargo binary is named by `bin`",
                        SOURCE_EXTENSIONS.join("`, `.")
                    )),
                ));
            }
            return Ok(Handler {
                file: inside(root, bounds, &file, said)?,
                export: None,
            });
        }
    }
    let stem = SOURCE_EXTENSIONS
        .iter()
        .find_map(|e| name.strip_suffix(&format!(".{e}")))
        .unwrap_or(&name);
    let mut error = Diagnostic::error(ENTRY_NOT_FOUND, format!("there is no entry file `{text}`"))
        .at(said.clone())
        .note(format!("looked in `{}`", root.display()));
    error = match near(root, &folder, stem) {
        Near::Files(files) => error.help(format!("is it `{}`?", files.join("` or `"))),
        Near::NoFolder => error.help(format!("there is no folder `{folder}`")),
        Near::None => {
            error.help("name a file that exists; if a build makes the file, run the build first")
        }
    };
    Err(Box::new(error))
}

/// The folder and the last part of a setting, with `.` and `..` settled.
fn split(text: &str, said: &Location) -> Result<(String, String)> {
    let mut parts: Vec<&str> = Vec::new();
    let written = text.replace('\\', "/");
    let mut outside = written.starts_with('/') || written.contains('\0');
    for component in written.split('/') {
        match component {
            "" | "." => {}
            ".." => outside |= parts.pop().is_none(),
            name => parts.push(name),
        }
    }
    if outside {
        return Err(leaves(text, said));
    }
    let name = match written.rsplit('/').next() {
        Some("" | "." | "..") | None => "",
        Some(_) => parts.pop().unwrap_or(""),
    };
    Ok((parts.join("/"), name.to_owned()))
}

fn leaves(text: &str, said: &Location) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            OUTSIDE_PROJECT,
            format!(
                "`{}` points outside of the function's folder",
                text.replace('\0', "\\0")
            ),
        )
        .at(said.clone())
        .help("move the file into the project, or run coldcut on the folder that holds both"),
    )
}

fn inside(root: &Path, bounds: &Path, file: &str, said: &Location) -> Result<RelPath> {
    let real = root.join(file).canonicalize().map_err(|error| {
        Box::new(
            Diagnostic::io(HANDLER_NOT_FOUND, "resolve", &root.join(file), &error).at(said.clone()),
        )
    })?;
    if !real.starts_with(bounds) {
        return Err(Box::new(
            leaves(file, said).note(format!("it is a link to `{}`", real.display())),
        ));
    }
    RelPath::new(file).ok_or_else(|| leaves(file, said))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

fn missing(
    root: &Path,
    text: &str,
    folder: &str,
    tried: &[String],
    said: &Location,
) -> Box<Diagnostic> {
    let names: Vec<String> = tried
        .iter()
        .map(|stem| format!("`{stem}.{{{}}}`", SOURCE_EXTENSIONS.join(",")))
        .collect();
    let mut error = Diagnostic::error(
        HANDLER_NOT_FOUND,
        format!("no file for the handler `{text}`"),
    )
    .at(said.clone())
    .note(format!(
        "looked for {} in `{}`",
        names.join(", "),
        root.display()
    ));
    let stem = tried
        .last()
        .and_then(|path| path.rsplit('/').next())
        .unwrap_or("");
    error = match near(root, folder, stem) {
        Near::Files(files) => error.help(format!("is it `{}`?", files.join("` or `"))),
        Near::NoFolder => error.help(format!(
            "there is no folder `{folder}`: correct the setting"
        )),
        Near::None => error.help("correct the setting, or add the file"),
    };
    Box::new(error)
}

enum Near {
    NoFolder,
    Files(Vec<String>),
    None,
}

/// Source files whose names are like the wanted one; with none like it, the first few.
fn near(root: &Path, folder: &str, stem: &str) -> Near {
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
        return Near::NoFolder;
    };
    let mut files: Vec<(usize, String)> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| {
            let (own, extension) = name.rsplit_once('.')?;
            let fits = SOURCE_EXTENSIONS.contains(&extension) && !own.ends_with(".d");
            fits.then(|| (distance(own, stem), join(folder, &name)))
        })
        .collect();
    files.sort();
    let limit = (stem.chars().count() / 3).max(2);
    let close = files.iter().filter(|(d, _)| *d <= limit).count();
    files.truncate(if close > 0 { close.min(3) } else { 5 });
    if files.is_empty() {
        return Near::None;
    }
    Near::Files(files.into_iter().map(|(_, name)| name).collect())
}

/// The folder `text` below `base`, with links resolved; an error where it is missing or lies
/// outside `bounds`.
pub fn find_root(base: &Path, bounds: &Path, text: &str, said: &Location) -> Result<PathBuf> {
    let path = base.join(text);
    let real = path.canonicalize().ok().filter(|real| real.is_dir());
    let Some(real) = real else {
        return Err(Box::new(
            Diagnostic::error(
                crate::discover::codes::ROOT_NOT_FOUND,
                format!("there is no folder `{text}`"),
            )
            .at(said.clone())
            .note(format!("looked in `{}`", base.display()))
            .help("correct the setting, or make the folder"),
        ));
    };
    if !real.starts_with(bounds) {
        return Err(leaves(text, said));
    }
    Ok(real)
}

/// `path` relative to `root`, with forward slashes; `None` where it is not below it or not UTF-8.
pub fn relative(root: &Path, path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.strip_prefix(root).ok()?.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?),
            _ => return None,
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for file in files {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        (dir, root)
    }

    fn said() -> Location {
        Location::line("serverless.yml", "handler: x", 1)
    }

    fn found(root: &Path, text: &str) -> (String, String) {
        let handler = find(root, root, text, &said()).unwrap();
        (handler.file.to_string(), handler.export.unwrap())
    }

    #[test]
    fn every_extension_in_order() {
        for (i, extension) in SOURCE_EXTENSIONS.iter().enumerate() {
            let files: Vec<String> = SOURCE_EXTENSIONS[i..]
                .iter()
                .map(|e| format!("src/users.{e}"))
                .collect();
            let files: Vec<&str> = files.iter().map(String::as_str).collect();
            let (_dir, root) = project(&files);
            let expected = (format!("src/users.{extension}"), "main".to_owned());
            for text in [
                "src/users.main",
                "./src/users.main",
                "src/x/../users.main",
                "src//users.main",
            ] {
                assert_eq!(found(&root, text), expected, "{text}");
            }
        }
    }

    #[test]
    fn dots_belong_to_the_export_first() {
        let (_dir, root) = project(&["v1.2/users.js", "api.users.ts"]);
        assert_eq!(
            found(&root, "v1.2/users.a.b"),
            ("v1.2/users.js".into(), "a.b".into())
        );
        assert_eq!(
            found(&root, "api.users.main"),
            ("api.users.ts".into(), "main".into())
        );
    }

    #[test]
    fn missing_files_name_their_neighbours() {
        let (_dir, root) = project(&["src/users.ts", "src/orders.ts", "src/users.d.ts"]);
        let error = find(&root, &root, "src/user.main", &said()).unwrap_err();
        assert_eq!(error.code, HANDLER_NOT_FOUND);
        assert_eq!(error.at.as_ref().unwrap().line, Some(1));
        assert!(
            error.notes[0].contains("src/user.{js,mjs,cjs,ts,mts,cts,tsx,jsx}"),
            "{error:?}"
        );
        assert_eq!(error.help.as_deref(), Some("is it `src/users.ts`?"));
        let error = find(&root, &root, "lib/user.main", &said()).unwrap_err();
        assert!(error.help.unwrap().contains("no folder `lib`"));
        let error = find_entry(&root, &root, "src/user.ts", &said()).unwrap_err();
        assert_eq!(
            (error.code, error.help.as_deref()),
            (ENTRY_NOT_FOUND, Some("is it `src/users.ts`?"))
        );
    }

    #[test]
    fn nothing_outside() {
        let (_dir, root) = project(&["src/users.js"]);
        for text in [
            "../users.main",
            "/var/task/users.main",
            "src/../../users.main",
            "a\0b.main",
        ] {
            assert_eq!(
                find(&root, &root, text, &said()).unwrap_err().code,
                OUTSIDE_PROJECT,
                "{text:?}"
            );
        }
        for text in ["", "users", "src/", ".main", "users.", "src/.."] {
            assert_eq!(
                find(&root, &root, text, &said()).unwrap_err().code,
                BAD_HANDLER,
                "{text:?}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_out_are_refused_and_links_inside_followed() {
        let (_other, other) = project(&["evil.js"]);
        let (_dir, root) = project(&["src/users.js"]);
        std::os::unix::fs::symlink(other.join("evil.js"), root.join("out.js")).unwrap();
        std::os::unix::fs::symlink("src/users.js", root.join("in.js")).unwrap();
        assert_eq!(
            find(&root, &root, "out.main", &said()).unwrap_err().code,
            OUTSIDE_PROJECT
        );
        assert_eq!(found(&root, "in.main").0, "in.js");
        std::os::unix::fs::symlink("loop.js", root.join("loop.js")).unwrap();
        assert_eq!(
            find(&root, &root, "loop.main", &said()).unwrap_err().code,
            HANDLER_NOT_FOUND
        );
    }

    #[test]
    fn entries_like_node_finds_them() {
        let (_dir, root) = project(&["lib/index.js", "a.ts", "b.txt"]);
        let file = |text| {
            find_entry(&root, &root, text, &said())
                .unwrap()
                .file
                .to_string()
        };
        assert_eq!(file("./lib"), "lib/index.js");
        assert_eq!(file("lib/"), "lib/index.js");
        assert_eq!(file("a"), "a.ts");
        assert_eq!(file("a.ts"), "a.ts");
        assert_eq!(
            find_entry(&root, &root, "b.txt", &said()).unwrap_err().code,
            ENTRY_NOT_FOUND
        );
    }
}
