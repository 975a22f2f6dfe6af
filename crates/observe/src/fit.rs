//! The estimate's parameters, from what was logged of versions whose sizes are known.
//!
//! In: groups, the sizes of their versions, and for the transfer what callers measured by their own
//! clock. Out: [`Fit`]. Slopes are Theil and Sen's, the median over all pairs of versions of one
//! function: a single odd version does not move it. Transfer is in no log line, so it is the cold
//! caller's wait less what the line says, less the same of warm callers.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

pub use crate::codes::{BAD_SIZES, BAD_WALL, TOO_FEW};
pub use crate::wall_times::WallTimes;

use crate::histogram::Times;
use crate::observed::{Group, Key};
use crate::resample::{Interval, RESAMPLES, Random, SEED};
use coldcut_core::diagnostics::{Diagnostic, Result};

/// Cold starts that a version needs.
const COLD_STARTS: u64 = 10;
/// Versions that the load needs.
const VERSIONS: usize = 3;
/// Cold and warm calls by the caller's clock that a version needs.
const CALLS: usize = 20;
/// The bytes of one MB, as everywhere in coldcut.
const MB: f64 = 1_000_000.0;

/// What one version of a function weighs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct VersionSize {
    /// Needed where the logs hold several functions.
    #[serde(default)]
    pub function: Option<String>,
    pub version: String,
    #[serde(default)]
    pub zip_bytes: Option<u64>,
    /// Source that is loaded at start.
    #[serde(default)]
    pub loaded_bytes: Option<u64>,
    #[serde(default)]
    pub loaded_files: Option<u64>,
}

/// What is read of coldcut's own report.
#[derive(Deserialize)]
struct Report {
    functions: Vec<Reported>,
}

#[derive(Deserialize)]
struct Reported {
    name: String,
    artifact: Zip,
    #[serde(default)]
    loaded: Option<Loaded>,
}

#[derive(Deserialize)]
struct Zip {
    bytes: u64,
}

#[derive(Deserialize)]
struct Loaded {
    after: Option<Amount>,
}

#[derive(Deserialize)]
struct Amount {
    bytes: u64,
    files: u64,
}

/// Sizes from `FILE`, a table with the columns `function`, `version`, `zip_bytes`, `loaded_bytes`
/// and `loaded_files` as CSV or as a JSON list; or from `VERSION=FILE`, coldcut's JSON report of
/// what was deployed as that version.
pub fn sizes(said: &str) -> Result<Vec<VersionSize>> {
    let wrong = |error: &dyn std::fmt::Display| {
        Box::new(
            Diagnostic::error(BAD_SIZES, format!("cannot use `--sizes {said}`: {error}")).help(
                "the file must be a CSV file with the columns `function,version,zip_bytes,loaded_bytes,loaded_files`, a JSON list of the same, or give `VERSION=report.json` with a report of `coldcut pack --json`",
            ),
        )
    };
    let read = |path: &str| std::fs::read_to_string(path).map_err(|error| wrong(&error));
    if let Some((version, path)) = said.split_once('=')
        && !Path::new(said).exists()
    {
        let report: Report = serde_json::from_str(&read(path)?).map_err(|error| wrong(&error))?;
        let size = |function: Reported| {
            let loaded = function.loaded.and_then(|loaded| loaded.after);
            VersionSize {
                function: Some(function.name),
                version: version.to_string(),
                zip_bytes: Some(function.artifact.bytes),
                loaded_bytes: loaded.as_ref().map(|loaded| loaded.bytes),
                loaded_files: loaded.as_ref().map(|loaded| loaded.files),
            }
        };
        return Ok(report.functions.into_iter().map(size).collect());
    }
    let text = read(said)?;
    let list: Vec<VersionSize> = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text).map_err(|error| wrong(&error))?
    } else {
        csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes())
            .deserialize()
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| wrong(&error))?
    };
    if list.is_empty() {
        return Err(wrong(&"it names no version"));
    }
    Ok(list)
}

/// A straight line through what was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FittedLine {
    pub ms_per_mb: Interval,
    /// At nothing: of the load the runtime's own, of the transfer the floor.
    pub base_ms: f64,
    pub versions: usize,
    pub cold_starts: u64,
}

/// What the logs say of the estimate's parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    pub load: Option<FittedLine>,
    pub transfer: Option<FittedLine>,
    /// Why a part is not there.
    pub notes: Vec<String>,
    /// When the last line was written, where lines say: milliseconds since 1970.
    pub until: Option<i64>,
}

/// What the model takes as known.
#[derive(Debug, Clone, Copy)]
pub struct KnownParameters {
    /// Of each loaded file, in milliseconds.
    pub per_file_ms: f64,
    /// Below this a zip costs only the floor.
    pub knee_bytes: u64,
}

/// A version with what it weighs, and times that can be drawn anew.
struct VersionPoint {
    x: f64,
    /// Taken from each time before the line is laid.
    less: f64,
    times: VersionTimes,
}

enum VersionTimes {
    Histogram(Times),
    /// Sorted; of the transfer cold and warm.
    Lists(Vec<f64>, std::rc::Rc<Vec<f64>>),
}

impl VersionPoint {
    fn cold_starts(&self) -> u64 {
        match &self.times {
            VersionTimes::Histogram(times) => times.count(),
            VersionTimes::Lists(cold, _) => cold.len() as u64,
        }
    }

    fn median(&self, random: Option<&mut Random>) -> f64 {
        let at = |list: &[f64], part: f64| {
            let last = list.len().saturating_sub(1) as f64;
            list.get((part * last).round() as usize)
                .copied()
                .unwrap_or(0.0)
        };
        let time = match (&self.times, random) {
            (VersionTimes::Histogram(times), None) => times.quantile(0.5).unwrap_or(0.0),
            (VersionTimes::Histogram(times), Some(random)) => {
                times.quantile(random.middle(times.count())).unwrap_or(0.0)
            }
            (VersionTimes::Lists(cold, warm), None) => at(cold, 0.5) - at(warm, 0.5),
            (VersionTimes::Lists(cold, warm), Some(random)) => {
                let (a, b) = (
                    random.middle(cold.len() as u64),
                    random.middle(warm.len() as u64),
                );
                at(cold, a) - at(warm, b)
            }
        };
        time - self.less
    }
}

/// Fits both parts as far as the figures go; an error where nothing can be fitted.
pub fn fit(groups: &[(Key, Group)], sizes: &[VersionSize], known: KnownParameters) -> Result<Fit> {
    let mut versions: BTreeMap<(Option<&str>, &str), Group> = BTreeMap::new();
    for (key, group) in groups {
        if let Some(version) = &key.version {
            versions
                .entry((key.function.as_deref(), version))
                .or_default()
                .merge(group);
        }
    }
    let several = versions
        .keys()
        .map(|(function, _)| function)
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        > 1;
    let size_of = |function: Option<&str>, version: &str| {
        sizes.iter().find(|size| {
            size.version == version
                && match &size.function {
                    Some(name) => Some(name.as_str()) == function || function.is_none(),
                    None => !several,
                }
        })
    };
    let mut load: BTreeMap<Option<&str>, Vec<VersionPoint>> = BTreeMap::new();
    let mut transfer: BTreeMap<Option<&str>, Vec<VersionPoint>> = BTreeMap::new();
    let mut until = None;
    for ((function, version), group) in &versions {
        let Some(size) = size_of(*function, version) else {
            continue;
        };
        until = until.max(group.last);
        if let Some(bytes) = size.loaded_bytes
            && group.init.count() >= COLD_STARTS
        {
            load.entry(*function).or_default().push(VersionPoint {
                x: bytes as f64 / MB,
                less: size.loaded_files.unwrap_or(0) as f64 * known.per_file_ms,
                times: VersionTimes::Histogram(group.init.clone()),
            });
        }
        let calls = &group.residuals;
        if let Some(bytes) = size.zip_bytes
            && calls.cold.len() >= CALLS
            && calls.warm.len() >= CALLS
        {
            let sorted = |list: &Vec<f64>| {
                let mut list = list.clone();
                list.sort_by(f64::total_cmp);
                list
            };
            transfer.entry(*function).or_default().push(VersionPoint {
                x: bytes.saturating_sub(known.knee_bytes) as f64 / MB,
                less: 0.0,
                times: VersionTimes::Lists(
                    sorted(&calls.cold),
                    std::rc::Rc::new(sorted(&calls.warm)),
                ),
            });
        }
    }
    load.retain(|_, points| points.len() >= VERSIONS);
    transfer.retain(|_, points| points.len() >= 2);
    let mut fit = Fit {
        load: line(&load),
        transfer: line(&transfer),
        notes: Vec::new(),
        until,
    };
    for (what, line) in [("load", &mut fit.load), ("transfer", &mut fit.transfer)] {
        // A slope that may be nothing would make every estimate nothing.
        if let Some(found) = line.take_if(|line| line.ms_per_mb.low <= 0.0) {
            fit.notes.push(format!(
                "the {what} is {:.1} ms per MB ({:.1} to {:.1}), which may be zero: use versions that differ more, or more cold starts",
                found.ms_per_mb.value, found.ms_per_mb.low, found.ms_per_mb.high
            ));
        }
    }
    if load.is_empty() {
        fit.notes.push(format!(
            "the load needs {VERSIONS} versions of one function with different `loaded_bytes` and {COLD_STARTS} cold starts each"
        ));
    }
    if transfer.is_empty() {
        fit.notes.push(format!(
            "the transfer needs `--wall`, and two versions with different `zip_bytes`, one of them above {} MB, with {CALLS} cold and {CALLS} warm calls each",
            known.knee_bytes as f64 / MB
        ));
    }
    if fit.load.is_none() && fit.transfer.is_none() {
        let mut error = Diagnostic::error(TOO_FEW, "nothing can be fitted from these logs");
        error.notes = fit.notes;
        return Err(Box::new(error.help(
            "versions are distinguished by the names of log streams, `START` lines or `platform.start`; `--sizes` gives the size of each",
        )));
    }
    Ok(fit)
}

/// The line through the versions of each function, with one slope for all.
fn line(functions: &BTreeMap<Option<&str>, Vec<VersionPoint>>) -> Option<FittedLine> {
    let medians = |random: &mut Option<Random>| -> Vec<Vec<(f64, f64)>> {
        let points = functions.values();
        points
            .map(|points| {
                let point = |point: &VersionPoint| (point.x, point.median(random.as_mut()));
                points.iter().map(point).collect()
            })
            .collect()
    };
    let measured = medians(&mut None);
    let slope = theil_sen(&measured)?;
    let mut random = Some(Random::new(SEED));
    let drawn = (0..RESAMPLES / 4).filter_map(|_| theil_sen(&medians(&mut random)));
    let bases = measured
        .iter()
        .flatten()
        .map(|(x, y)| y - slope * x)
        .collect();
    Some(FittedLine {
        ms_per_mb: Interval::around(slope, drawn.collect())?,
        base_ms: median(bases)?,
        versions: measured.iter().map(Vec::len).sum(),
        cold_starts: functions
            .values()
            .flatten()
            .map(VersionPoint::cold_starts)
            .sum(),
    })
}

/// The median slope over all pairs within each list; `None` where no two differ.
fn theil_sen(lists: &[Vec<(f64, f64)>]) -> Option<f64> {
    let mut slopes = Vec::new();
    for list in lists {
        for (at, (x, y)) in list.iter().enumerate() {
            for (other, value) in &list[at + 1..] {
                if (other - x).abs() > 1e-6 {
                    slopes.push((value - y) / (other - x));
                }
            }
        }
    }
    median(slopes)
}

fn median(mut list: Vec<f64>) -> Option<f64> {
    list.sort_by(f64::total_cmp);
    let half = list.len() / 2;
    if list.len() % 2 == 1 {
        return list.get(half).copied();
    }
    let below = list.get(half.checked_sub(1)?)?;
    Some((below + list.get(half)?) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_version_does_not_move_the_slope() {
        let list = vec![
            (1.0, 30.0),
            (2.0, 60.0),
            (3.0, 90.0),
            (4.0, 900.0),
            (5.0, 150.0),
        ];
        assert_eq!(theil_sen(&[list]), Some(30.0));
        assert_eq!(theil_sen(&[vec![(1.0, 5.0), (1.0, 9.0)]]), None);
        assert_eq!(theil_sen(&[]), None);
    }

    #[test]
    fn functions_with_bases_of_their_own_share_a_slope() {
        let a = vec![(1.0, 110.0), (2.0, 120.0)];
        let b = vec![(1.0, 510.0), (3.0, 530.0)];
        assert_eq!(theil_sen(&[a, b]), Some(10.0));
    }
}
