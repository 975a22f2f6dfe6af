//! Artifacts laid out as folders, for what runs or deploys a folder: a local run, `sam`.
//!
//! In: the report of what was packed, and a folder. Out: in it one folder a function, with what its
//! zip holds. A folder that stood there before is replaced if it is coldcut's own, which a mark beside
//! it says; else nothing is touched.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use coldcut_core::diagnostics::{Code, Diagnostic, Result};
use coldcut_core::platform::Platform;
use coldcut_report::model::{Function, Report};
use coldcut_verify::{Scratch, unpack};

/// A folder that would have to be replaced is not coldcut's own.
pub const FOLDER_NOT_OWN: Code = Code("CC036");

/// Its presence says that every folder beside it may be replaced.
pub(super) const MARK: &str = ".coldcut-unpacked";

/// How often a folder is replaced that other runs replace at the same time.
const TRIES: u32 = 20;

/// Lays out every artifact of the report in `into`, of which everything may be replaced where it is
/// `own`.
pub(super) fn lay_out(report: &Report, into: &Path, own: bool) -> Result<()> {
    let failed = |what: &'static str, path: &Path| {
        let path = path.to_path_buf();
        move |error: std::io::Error| Diagnostic::io(FOLDER_NOT_OWN, what, &path, &error)
    };
    let zips: Vec<&Path> = report
        .functions
        .iter()
        .map(|function| Path::new(&function.artifact.path))
        .collect();
    let folders: Vec<String> = report.functions.iter().map(folder).collect::<Result<_>>()?;
    let names = || folders.iter();
    let mark = into.join(MARK);
    if !own
        && !mark.is_file()
        && let Some(taken) = names().map(|name| into.join(name)).find(|at| at.exists())
    {
        let message = format!("`{}` exists, and coldcut did not make it", taken.display());
        return Err(Box::new(
            Diagnostic::error(FOLDER_NOT_OWN, message)
                .at_file(&taken)
                .help("choose a folder with `--unpack` that contains nothing else"),
        ));
    }
    fs::create_dir_all(into).map_err(failed("make", into))?;
    if !own {
        fs::write(&mark, "").map_err(failed("write", &mark))?;
    }
    for (path, text) in above(report)? {
        let path = into.join(path);
        if !path.exists() {
            coldcut_core::disk::place(&path, text.as_bytes()).map_err(failed("write", &path))?;
        }
    }
    for (zip, name) in zips.iter().zip(names()) {
        let target = into.join(name);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(failed("make", folder))?;
        }
        let beside = Scratch::beside(into)?;
        let fresh = beside.path().join("files");
        unpack(zip, &fresh)?;
        replace(&target, &fresh, beside.path()).map_err(failed("replace", &target))?;
    }
    Ok(())
}

/// Puts the folder `fresh` where `target` is, whose own files go into `beside`.
fn replace(target: &Path, fresh: &Path, beside: &Path) -> std::io::Result<()> {
    let mut at = 0;
    loop {
        match fs::rename(target, beside.join(format!("old-{at}"))) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        match fs::rename(fresh, target) {
            // Another run was faster, with the same files or with newer ones.
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty && at < TRIES => at += 1,
            other => return other,
        }
    }
}

/// What a function's folder is called: what its zip is, unless the platform has its own way.
fn folder(function: &Function) -> Result<String> {
    let zip = Path::new(&function.artifact.path).file_stem();
    let name = zip.map_or_else(
        || function.name.clone(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    let layout = &Platform::load(&function.platform)?.layout;
    Ok(match &layout.folder {
        Some(folder) => folder.replace("{name}", &name),
        None => name,
    })
}

/// The files that platforms want above the folders of functions.
fn above(report: &Report) -> Result<Vec<(String, String)>> {
    let mut out: Vec<(String, String)> = Vec::new();
    for function in &report.functions {
        let files = Platform::load(&function.platform)?.layout.files.iter();
        for file in files.filter(|file| file.root) {
            let one = (file.path.clone(), format!("{}\n", file.text.trim()));
            if !out.contains(&one) {
                out.push(one);
            }
        }
    }
    Ok(out)
}
