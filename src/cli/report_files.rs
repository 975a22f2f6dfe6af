//! Reports in files: `--report FILE`, in the form that the file's name says.
//!
//! In: a finished [`Report`] and files. Out: the files, each written beside its place and then
//! renamed, so that a reader sees the old one or the new one and nothing between.

use std::path::PathBuf;

use crate::cli::codes::REPORT_UNWRITABLE;
use crate::pipeline::ReportExtras;
use coldcut_core::diagnostics::{Diagnostic, Result};
use coldcut_report::model::Report;
use coldcut_report::{cyclonedx, html, json, junit, licences, markdown, metafile, sarif};

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Markdown,
    Json,
    /// JSON in the small form.
    Baseline,
    Junit,
    Sarif,
    /// A bill of materials.
    Cyclonedx,
    Licences,
    /// esbuild's.
    Metafile,
}

/// One `--report`.
#[derive(Debug, Clone)]
pub struct ReportFile {
    path: PathBuf,
    form: Form,
}

/// A file whose name says its form.
pub fn report_file(text: &str) -> std::result::Result<ReportFile, String> {
    let path = PathBuf::from(text);
    let extension = path.extension().and_then(|ext| ext.to_str());
    let form = match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("html" | "htm") => Form::Html,
        Some("md" | "markdown") => Form::Markdown,
        Some("json") if text.ends_with(".baseline.json") => Form::Baseline,
        Some("json") if text.ends_with(".cdx.json") => Form::Cyclonedx,
        Some("json") if text.ends_with(".meta.json") => Form::Metafile,
        Some("txt") if text.ends_with(".licenses.txt") => Form::Licences,
        Some("json") => Form::Json,
        Some("xml") => Form::Junit,
        Some("sarif") => Form::Sarif,
        _ => {
            return Err(
                "the file extension selects the format: .html, .md, .json, .baseline.json, .cdx.json (CycloneDX), .licenses.txt, .meta.json (esbuild's metafile), .xml (JUnit) or .sarif"
                    .to_string(),
            );
        }
    };
    Ok(ReportFile { path, form })
}

/// What these files need that is not always gathered.
pub fn report_extras(files: &[ReportFile]) -> ReportExtras {
    let any = |forms: &[Form]| files.iter().any(|file| forms.contains(&file.form));
    ReportExtras {
        components: any(&[Form::Cyclonedx, Form::Licences]),
        metafile: any(&[Form::Metafile]),
    }
}

/// A file of these that needs more than a report in JSON holds.
pub fn beyond_json(files: &[ReportFile]) -> Option<&std::path::Path> {
    let beyond = |form| matches!(form, Form::Cyclonedx | Form::Licences | Form::Metafile);
    let found = files.iter().find(|file| beyond(file.form));
    found.map(|file| file.path.as_path())
}

/// Writes every file; the first that fails ends it.
pub fn write(files: &[ReportFile], report: &Report) -> Result<()> {
    for file in files {
        let text = match file.form {
            Form::Html => html::render(report)?,
            Form::Markdown => markdown::render(report),
            Form::Json => json::render(report)?,
            Form::Baseline => json::baseline(report)?,
            Form::Junit => junit::render(report),
            Form::Sarif => sarif::render(report)?,
            Form::Cyclonedx => cyclonedx::render(report)?,
            Form::Licences => licences::render(report),
            Form::Metafile => metafile::render(report)?,
        };
        let failed = |error: std::io::Error| {
            let error = Diagnostic::io(REPORT_UNWRITABLE, "write", &file.path, &error);
            Box::new(error.help("choose a file that can be written with `--report`"))
        };
        if let Some(folder) = file.path.parent()
            && !folder.as_os_str().is_empty()
        {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        coldcut_core::disk::place(&file.path, text.as_bytes()).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_the_form() {
        for (name, form) in [
            ("a.html", Form::Html),
            ("b/a.MD", Form::Markdown),
            ("a.json", Form::Json),
            ("a.baseline.json", Form::Baseline),
            ("junit.xml", Form::Junit),
            ("a.sarif", Form::Sarif),
            ("a.cdx.json", Form::Cyclonedx),
            ("a.licenses.txt", Form::Licences),
            ("a.meta.json", Form::Metafile),
        ] {
            assert_eq!(report_file(name).unwrap().form, form);
        }
        for name in ["a", "a.txt", "a.pdf", "html", ".html", ""] {
            assert!(report_file(name).unwrap_err().contains(".sarif"), "{name}");
        }
    }
}
