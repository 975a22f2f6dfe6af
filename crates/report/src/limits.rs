//! The platform's limits held against an artifact.
//!
//! In: sizes and layers, and the platform's data. Out: the report's [`Limit`]s, and where one is
//! exceeded the error that names the largest causes, so that a person knows where to cut.

use crate::model::{Artifact, Function, Layer, Limit, Source};
use crate::{OVER_LIMIT, plural, size};
use coldcut_core::diagnostics::Diagnostic;
use coldcut_core::platform;
use coldcut_core::platform::Platform;

/// How many causes an error names.
const CAUSES: usize = 5;

const ZIPPED: &str = "zipped_direct_bytes";
/// However it is uploaded.
const ZIPPED_AT_ALL: &str = "zipped_bytes";
pub(super) const UNPACKED: &str = "unpacked_bytes";
const LAYERS: &str = "layers";

/// The platform's limits with the artifact's figures; unpacked layers count.
pub fn rows(platform: &Platform, artifact: &Artifact, layers: &[Layer]) -> Vec<Limit> {
    let known: u64 = layers.iter().filter_map(|layer| layer.unpacked_bytes).sum();
    let unknown = layers.iter().filter(|l| l.unpacked_bytes.is_none()).count() as u64;
    let note = (unknown > 0).then(|| {
        format!(
            "without {} of unknown size: set the size with `layer-bytes`",
            plural(unknown, "layer")
        )
    });
    let limits = &platform.limits;
    let unpacked = artifact.unpacked_bytes.saturating_add(known);
    [
        (ZIPPED, &limits.zipped_direct_bytes, artifact.bytes, None),
        (ZIPPED_AT_ALL, &limits.zipped_bytes, artifact.bytes, None),
        (UNPACKED, &limits.unpacked_bytes, unpacked, note),
        (LAYERS, &limits.layers, layers.len() as u64, None),
    ]
    .into_iter()
    .filter_map(|(name, limit, value, note)| Some(row(name, limit.as_ref()?, value, note)))
    .collect()
}

fn row(name: &str, limit: &platform::Limit, value: u64, note: Option<String>) -> Limit {
    Limit {
        name: name.to_string(),
        limit: limit.value,
        value,
        unit: limit.unit.clone(),
        ok: limit.allows(value),
        note,
        help: limit.help.clone(),
        source: Source::from(&limit.source),
    }
}

/// The error of a function that exceeds a limit: each exceeded limit, and the five largest
/// packages, layers or files of its own. `None` where all is well.
pub fn check(function: &Function) -> Option<Diagnostic> {
    let mut exceeded: Vec<&Limit> = function.limits.iter().filter(|limit| !limit.ok).collect();
    // The unpacked size has no way around it, so it comes first.
    exceeded.sort_by_key(|limit| limit.name != UNPACKED);
    let first = exceeded.first()?;
    let mut out = Diagnostic::error(
        OVER_LIMIT,
        format!(
            "`{}` is too big for {}: {}",
            function.name,
            function.platform,
            sentence(first)
        ),
    );
    for limit in &exceeded[1..] {
        out = out.note(format!("and {}", sentence(limit)));
    }
    let by_zip = [ZIPPED, ZIPPED_AT_ALL].contains(&&*first.name);
    if exceeded.iter().any(|limit| limit.name != LAYERS) {
        let causes = causes(function, by_zip);
        let head = format!(
            "largest causes ({}):",
            if by_zip { "zipped" } else { "unpacked" }
        );
        let lines: Vec<String> = causes
            .iter()
            .map(|(name, bytes)| format!("  {:>7}  {name}", size(*bytes)))
            .collect();
        if !lines.is_empty() {
            out = out.note(format!("{head}\n{}", lines.join("\n")));
        }
    }
    let help: Vec<&str> = exceeded.iter().map(|limit| limit.help.as_str()).collect();
    Some(out.help(help.join("\n")).note(format!(
        "source: {} ({}), {}",
        first.source.name, first.source.date, first.source.url
    )))
}

fn sentence(limit: &Limit) -> String {
    let what = match limit.name.as_str() {
        ZIPPED | ZIPPED_AT_ALL => "its zip has",
        UNPACKED => "unpacked, with its layers, it has",
        _ => "it has",
    };
    let figures = |value: u64| match limit.unit.as_str() {
        "bytes" => format!("{} ({})", size(value), plural(value, "byte")),
        _ => crate::count(value),
    };
    let unit = match limit.unit.as_str() {
        "bytes" => String::new(),
        unit => format!(" {unit}"),
    };
    format!(
        "{what} {}{unit}, and the limit is {}",
        figures(limit.value),
        figures(limit.limit)
    )
}

/// Largest first; equal ones by name, so that the same input gives the same message.
fn causes(function: &Function, by_zip: bool) -> Vec<(String, u64)> {
    let packages = function.packages.iter().map(|package| {
        let bytes = match package.zipped_bytes {
            Some(zipped) if by_zip => zipped,
            _ => package.bytes,
        };
        (format!("package {}", package.id()), bytes)
    });
    let files = function
        .files
        .iter()
        .filter(|file| file.package.is_none())
        .map(|file| (format!("file {}", file.path), file.bytes));
    let layers = function
        .layers
        .iter()
        .filter(|_| !by_zip)
        .filter_map(|layer| Some((format!("layer {}", layer.name), layer.unpacked_bytes?)));
    let mut all: Vec<(String, u64)> = packages.chain(files).chain(layers).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(CAUSES);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn function(unpacked: u64, zipped: u64, layers: Vec<Layer>) -> Function {
        let mut function = sample::function("createOrder");
        function.artifact.unpacked_bytes = unpacked;
        function.artifact.bytes = zipped;
        let platform = Platform::load("aws-lambda").unwrap();
        function.limits = rows(platform, &function.artifact, &layers);
        function.layers = layers;
        function
    }

    fn layer(name: &str, unpacked_bytes: Option<u64>) -> Layer {
        Layer {
            name: name.to_string(),
            unpacked_bytes,
        }
    }

    #[test]
    fn within_the_limits_there_is_no_error() {
        assert_eq!(check(&function(262_143_999, 52_428_799, vec![])), None);
    }

    #[test]
    fn past_one_the_five_largest_causes_are_named() {
        let error = check(&function(262_144_000, 1000, vec![])).unwrap();
        assert_eq!(error.code.0, "CC140");
        assert_eq!(
            error.message,
            "`createOrder` is too big for aws-lambda: unpacked, with its layers, it has 262 MB (262,144,000 bytes), and the limit is 262 MB (262,144,000 bytes)"
        );
        let causes = &error.notes[0];
        let lines: Vec<&str> = causes.lines().collect();
        assert_eq!(lines.len(), 6, "{causes}");
        assert_eq!(lines[0], "largest causes (unpacked):");
        assert_eq!(
            lines[1],
            "   812 kB  package @aws-sdk/client-dynamodb@3.700.0"
        );
        assert!(lines[5].ends_with("file src/orders.js"), "{causes}");
        assert!(error.help.unwrap().contains("layers count too"));
    }

    #[test]
    fn layers_count_and_are_causes() {
        let big = layer("arn:ffmpeg", Some(262_000_000));
        let error = check(&function(1_000_000, 1000, vec![big])).unwrap();
        assert!(error.message.contains("263,000,000 bytes"));
        assert!(error.notes[0].contains("layer arn:ffmpeg"));
        let unknown = function(1000, 1000, vec![layer("arn:x", None)]);
        let row = unknown.limits.iter().find(|l| l.name == UNPACKED).unwrap();
        assert!(row.ok);
        assert_eq!(
            row.note.as_deref(),
            Some("without 1 layer of unknown size: set the size with `layer-bytes`")
        );
    }

    #[test]
    fn a_big_zip_can_go_by_way_of_a_bucket() {
        let error = check(&function(100_000_000, 52_428_800, vec![])).unwrap();
        assert!(error.message.contains("its zip has 52.4 MB"));
        assert!(error.help.as_ref().unwrap().contains("S3"));
        let both = check(&function(300_000_000, 60_000_000, vec![])).unwrap();
        assert!(both.message.contains("unpacked"));
        assert!(both.notes[0].starts_with("and its zip has 60.0 MB"));
    }

    #[test]
    fn six_layers_are_one_too_many() {
        let layers = (0..6).map(|n| layer(&n.to_string(), Some(1))).collect();
        let error = check(&function(1000, 1000, layers)).unwrap();
        assert!(
            error
                .message
                .ends_with("it has 6 layers, and the limit is 5")
        );
        assert_eq!(error.notes.len(), 1);
    }
}
