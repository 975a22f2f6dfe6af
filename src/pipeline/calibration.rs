//! What `observe --fit` found, as settings.
//!
//! In: a [`Fit`]. Out: [`Calibration`], its text for `coldcut.toml`, and that text put into a file
//! that has other settings already, which stay as they are.

use std::path::Path;

use coldcut_core::diagnostics::{Code, Diagnostic, Result};
use coldcut_core::platform::{Platform, Source};
use coldcut_core::settings::{Calibration, CodeKind};
use coldcut_observe::fit::{Fit, FittedLine};
use coldcut_observe::shown_time;

/// A file that the calibration cannot be written to.
pub const NOT_WRITTEN: Code = Code("CC209");

/// The header of the part of `coldcut.toml` that is coldcut's own to write.
const HEADER: &str = "[calibration]";

/// The settings that say the same.
pub(super) fn of(fit: &Fit, kind: CodeKind) -> Calibration {
    let tenth = |ms: f64| (ms * 10.0).round() / 10.0;
    let range = |line: &FittedLine| {
        let slope = line.ms_per_mb;
        // A slope below nothing is noise: no file loads the faster for being there.
        [slope.low, slope.value, slope.high].map(|ms| tenth(ms.max(0.0)))
    };
    let starts = |line: &Option<FittedLine>| line.as_ref().map_or(0, |line| line.cold_starts);
    Calibration {
        cold_starts: starts(&fit.load).max(starts(&fit.transfer)),
        until: fit
            .until
            .map(|ms| shown_time(ms).chars().take(10).collect()),
        kind: fit.load.as_ref().map(|_| kind),
        load_ms_per_mb: fit.load.as_ref().map(range),
        load_base_ms: fit.load.as_ref().map(|line| tenth(line.base_ms.max(0.0))),
        transfer_ms_per_mb: fit.transfer.as_ref().map(range),
        transfer_floor_ms: fit
            .transfer
            .as_ref()
            .map(|line| tenth(line.base_ms.max(0.0))),
    }
}

/// As `coldcut.toml` has it, ending in a line break.
pub(super) fn text(calibration: &Calibration) -> String {
    let list = |list: &[f64; 3]| format!("[{:.1}, {:.1}, {:.1}]", list[0], list[1], list[2]);
    let mut out = format!(
        "{HEADER}\n# Fitted by `coldcut observe --fit`; each list is low, typical, high.\ncold-starts = {}\n",
        calibration.cold_starts
    );
    if let Some(until) = &calibration.until {
        out.push_str(&format!("until = \"{until}\"\n"));
    }
    if let Some(kind) = &calibration.kind {
        out.push_str(&format!("kind = \"{}\"\n", kind.as_str()));
    }
    if let Some(slope) = &calibration.load_ms_per_mb {
        out.push_str(&format!("load-ms-per-mb = {}\n", list(slope)));
    }
    if let Some(base) = calibration.load_base_ms {
        out.push_str(&format!("load-base-ms = {base:.1}\n"));
    }
    if let Some(slope) = &calibration.transfer_ms_per_mb {
        out.push_str(&format!("transfer-ms-per-mb = {}\n", list(slope)));
    }
    if let Some(floor) = calibration.transfer_floor_ms {
        out.push_str(&format!("transfer-floor-ms = {floor:.1}\n"));
    }
    out
}

/// Whether its load was fitted to this kind of code.
pub(super) fn fits(calibration: &Calibration, kind: &str) -> bool {
    let fitted_to = calibration.kind.unwrap_or(CodeKind::Javascript).as_str();
    // A kind of its own within another: `compiled-aws-sdk` is compiled too.
    let alike = kind
        .strip_prefix(fitted_to)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    calibration.load_ms_per_mb.is_some() && alike
}

/// The platform's models with the project's own parameters in place of those of the sources.
pub(super) fn applied(platform: &Platform, calibration: &Calibration, kind: &str) -> Platform {
    let mut out = platform.clone();
    let own = vec![Source {
        name: format!(
            "this project's own logs: {} cold starts",
            calibration.cold_starts
        ),
        url: "coldcut.toml".to_string(),
        date: calibration.until.clone().unwrap_or_default(),
    }];
    if let (Some(model), Some(slopes)) = (&mut out.download, calibration.transfer_ms_per_mb) {
        let (knee, floor) = (model.typical.knee_bytes, calibration.transfer_floor_ms);
        let models = [&mut model.low, &mut model.typical, &mut model.high];
        for (model, slope) in models.into_iter().zip(slopes) {
            // The fit was made with the typical knee.
            model.knee_bytes = knee;
            model.slope_ms_per_mb = slope;
            model.floor_ms = floor.unwrap_or(model.floor_ms);
        }
        model.sources.clone_from(&own);
    }
    if fits(calibration, kind)
        && let (Some(model), Some(slopes)) = (out.load.get_mut(kind), calibration.load_ms_per_mb)
    {
        let per_file = model.typical.per_file_ms;
        let models = [&mut model.low, &mut model.typical, &mut model.high];
        for (model, slope) in models.into_iter().zip(slopes) {
            model.slope_ms_per_mb = slope;
            model.per_file_ms = per_file;
            model.base_ms = calibration.load_base_ms.unwrap_or(model.base_ms);
        }
        model.sources = own;
        // What the function does at its start is in its own logs.
        model.note = None;
    }
    out
}

/// Puts `section` into the file in place of the one that is there.
pub fn write(path: &Path, section: &str) -> Result<()> {
    let fail = |error: &dyn std::fmt::Display| {
        let path = path.display();
        Box::new(
            Diagnostic::error(NOT_WRITTEN, format!("cannot write `{path}`: {error}"))
                .help("without `--write` the text is only printed"),
        )
    };
    let before = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(fail(&error)),
    };
    let after = replaced(&before, section);
    // What was no TOML before is none of ours to change.
    if let Err(error) = after.parse::<toml::Table>() {
        return Err(fail(&error));
    }
    coldcut_core::disk::place(path, after.as_bytes()).map_err(|error| fail(&error))
}

fn replaced(before: &str, section: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in before.lines() {
        if line.trim_start().starts_with('[') {
            inside = line.trim() == HEADER;
        }
        if !inside {
            out.push_str(line);
            out.push('\n');
        }
    }
    if !out.trim().is_empty() {
        out.truncate(out.trim_end().len());
        out.push_str("\n\n");
    }
    out + section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_settings_stay_and_the_old_section_goes() {
        let section = "[calibration]\ncold-starts = 7\n";
        assert_eq!(replaced("", section), section);
        let before = "strategy = \"trace\" # mine\n\n[calibration]\ncold-starts = 1\n\n[functions.a]\nentry = \"a.js\"\n";
        let after = replaced(before, section);
        assert_eq!(
            after,
            "strategy = \"trace\" # mine\n\n[functions.a]\nentry = \"a.js\"\n\n[calibration]\ncold-starts = 7\n"
        );
        assert_eq!(replaced(&after, section), after);
    }

    #[test]
    fn parameters_take_the_place_of_the_sources_for_their_own_kind_of_code() {
        let lambda = Platform::load("aws-lambda").unwrap();
        let calibration = Calibration {
            cold_starts: 1234,
            until: Some("2026-11-20".into()),
            kind: None,
            load_ms_per_mb: Some([28.0, 30.0, 32.0]),
            load_base_ms: Some(150.0),
            transfer_ms_per_mb: Some([6.0, 7.0, 8.0]),
            transfer_floor_ms: Some(120.0),
        };
        let own = applied(lambda, &calibration, "javascript");
        let (load, download) = (&own.load["javascript"], own.download.as_ref().unwrap());
        assert_eq!((load.low.slope_ms_per_mb, load.high.base_ms), (28.0, 150.0));
        assert_eq!(
            (download.high.slope_ms_per_mb, download.low.floor_ms),
            (8.0, 120.0)
        );
        // The fit knew one knee only.
        assert_eq!(download.low.knee_bytes, download.typical.knee_bytes);
        for sources in [&load.sources, &download.sources] {
            assert!(sources[0].name.contains("1234 cold starts"), "{sources:?}");
        }
        // A binary of the same project loads as it did, and is fetched as the project is.
        let rust = applied(lambda, &calibration, "compiled");
        assert_eq!(rust.load["compiled"], lambda.load["compiled"]);
        assert_ne!(rust.download, lambda.download);
        assert!(fits(&calibration, "javascript") && !fits(&calibration, "compiled"));
    }

    #[test]
    fn the_text_is_read_back_as_settings() {
        let calibration = Calibration {
            cold_starts: 1234,
            until: Some("2026-11-20".into()),
            kind: Some(CodeKind::Javascript),
            load_ms_per_mb: Some([28.1, 30.0, 31.9]),
            load_base_ms: Some(140.0),
            transfer_ms_per_mb: None,
            transfer_floor_ms: Some(111.5),
        };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("coldcut.toml");
        write(&path, &text(&calibration)).unwrap();
        write(&path, &text(&calibration)).unwrap();
        let read = coldcut_core::settings::file::read(dir.path())
            .unwrap()
            .file
            .unwrap();
        assert_eq!(read.settings.report.calibration, Some(calibration));
        std::fs::write(&path, "no toml at all").unwrap();
        assert_eq!(
            write(&path, "[calibration]\n").unwrap_err().code,
            NOT_WRITTEN
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "no toml at all");
    }
}
