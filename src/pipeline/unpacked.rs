//! Artifacts laid out as folders, for what runs or deploys a folder: a local run, `sam`.
//!
//! In: the report of what was packed, and a folder. Out: in it one folder a function, with what its
//! zip holds. A folder that stood there before is replaced if it is coldcut's own, which a mark beside
//! it says; else nothing is touched.

use std::fs;
use std::path::Path;

use crate::diag::{Code, Diagnostic, Result};
use crate::report::model::Report;
use crate::verify::unpack;

/// A folder that would have to be replaced is not coldcut's own.
pub const NOT_OWN: Code = Code("CC036");

/// Its presence says that every folder beside it may be replaced.
pub(super) const MARK: &str = ".coldcut-unpacked";

/// Lays out every artifact of the report in `into`, of which everything may be replaced where it is
/// `own`.
pub(super) fn lay_out(report: &Report, into: &Path, own: bool) -> Result<()> {
    let failed = |what: &'static str, path: &Path| {
        let path = path.to_path_buf();
        move |error: std::io::Error| Diagnostic::io(NOT_OWN, what, &path, &error)
    };
    let zips: Vec<&Path> = report
        .functions
        .iter()
        .map(|function| Path::new(&function.artifact.path))
        .collect();
    let names = || zips.iter().filter_map(|zip| zip.file_stem());
    let mark = into.join(MARK);
    if !own
        && !mark.is_file()
        && let Some(taken) = names().map(|name| into.join(name)).find(|at| at.exists())
    {
        let message = format!("`{}` is there, and not coldcut's own", taken.display());
        return Err(Box::new(
            Diagnostic::error(NOT_OWN, message)
                .at_file(&taken)
                .help("give `--unpack` a folder that holds nothing else"),
        ));
    }
    fs::create_dir_all(into).map_err(failed("make", into))?;
    if !own {
        fs::write(&mark, "").map_err(failed("write", &mark))?;
    }
    for (zip, name) in zips.iter().zip(names()) {
        let target = into.join(name);
        let beside = tempfile::Builder::new()
            .prefix(".coldcut-")
            .tempdir_in(into)
            .map_err(failed("make a folder in", into))?;
        let fresh = beside.path().join("files");
        unpack(zip, &fresh)?;
        if target.exists() {
            fs::remove_dir_all(&target).map_err(failed("replace", &target))?;
        }
        fs::rename(&fresh, &target).map_err(failed("write", &target))?;
    }
    Ok(())
}
