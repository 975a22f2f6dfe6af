//! `observe`: what logs tell, held to targets, compared, and fitted.
//!
//! In: an [`ObserveRequest`]. Out: an [`Observation`], and warnings about lines that do not count. The reading
//! is the room `observe`'s; here figures are judged.

mod code_kind;
mod figures;
mod findings;
mod functions;
mod load_model;
mod log_lines;
mod request;
mod version_change;

use crate::pipeline::observe::functions::{Rate, functions};
use crate::pipeline::observe::load_model::fit_of;
use crate::pipeline::observe::log_lines::{about_lines, empty};
pub use crate::pipeline::observe::request::ObserveRequest;
use crate::pipeline::pricing;
use crate::pipeline::request::ProgressCallback;
use coldcut_core::diagnostics::{Code, Diagnostic, Result};
use coldcut_core::platform::Platform;
use coldcut_core::platform::prices;
use coldcut_observe::RuntimeFamily;
use coldcut_observe::fit;
use coldcut_observe::fit::WallTimes;
use coldcut_report::observation::{Lines, Observation, ObservationSchema};

/// A point in time that is not valid.
pub const BAD_TIME: Code = Code("CC208");

/// Observes, and gives what to warn of too.
pub fn observe(
    request: &ObserveRequest,
    progress: ProgressCallback<'_>,
) -> std::result::Result<(Observation, Vec<Diagnostic>), Vec<Diagnostic>> {
    observed(request, progress).map_err(|error| vec![*error])
}

fn observed(
    request: &ObserveRequest,
    progress: ProgressCallback<'_>,
) -> Result<(Observation, Vec<Diagnostic>)> {
    let platform = Platform::load(crate::plan::DEFAULT_PLATFORM)?;
    let Some(targets) = &platform.targets else {
        return Err(Box::new(
            Diagnostic::error(
                coldcut_core::platform::BROKEN_DATA,
                "the platform has no targets",
            )
            .help("this is a bug in coldcut: please report it"),
        ));
    };
    // What can be wrong at once is said before gigabytes are read.
    let since = request.since.as_deref().map(moment).transpose()?;
    let wall = request.wall.as_deref().map(WallTimes::read).transpose()?;
    let mut sizes = Vec::new();
    for said in &request.sizes {
        sizes.extend(fit::sizes(said)?);
    }
    let price = prices::price(&request.region, &request.arch)?;
    let rate = Rate { request, price };
    let power_tuning = request
        .power_tuning
        .as_deref()
        .map(pricing::power_tuning)
        .transpose()?;
    progress("reading");
    let (found, mut warnings) = coldcut_observe::observe(&coldcut_observe::ObserveRequest {
        logs: request.logs.clone(),
        name: request.name.clone(),
        since,
        wall: wall.unwrap_or_default(),
    })?;
    let logs: Vec<String> = request
        .logs
        .iter()
        .map(|log| log.display().to_string())
        .collect();
    if found.counts.reports == 0 {
        return Err(empty(&logs, &found.counts));
    }
    warnings.extend(about_lines(&found.counts, &logs));
    let given = request
        .runtime
        .as_deref()
        .and_then(|runtime| RuntimeFamily::from_runtime_name(runtime.as_bytes()));
    let fitted = if request.fit {
        progress("fitting");
        Some(fit_of(&found, &sizes, platform, given)?)
    } else {
        None
    };
    let counts = &found.counts;
    let observation = Observation {
        schema: ObservationSchema::V1,
        logs,
        lines: Lines {
            total: counts.lines,
            reports: counts.reports,
            platform: counts.platform,
            foreign: counts.foreign,
            broken: counts.broken,
            beyond: counts.beyond,
            timeless: counts.timeless,
        },
        since: since.map(coldcut_observe::shown_time),
        functions: functions(&found.groups, given, targets, &rate),
        fit: fitted,
        power_tuning,
        targets_source: (&targets.source).into(),
    };
    Ok((observation, warnings))
}

fn moment(text: &str) -> Result<i64> {
    coldcut_observe::parse_time(text).ok_or_else(|| {
        Box::new(
            Diagnostic::error(BAD_TIME, format!("`--since {text}` is not a point in time")).help(
                "write it as `2026-11-20T10:00:00Z`, `2026-11-20`, or in milliseconds since 1970",
            ),
        )
    })
}
