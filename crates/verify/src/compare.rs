//! Two loads side by side.
//!
//! In: the original and the artifact, each [`Loaded`] the same way. Out: a [`Proof`]. Equal means
//! the same exports, or the same failure (a handler that needs a database URL fails in both).

use std::sync::LazyLock;

use regex::Regex;

use crate::codes::EXPORT_MISSING;
use crate::outcome::{Export, Exports, Failure, FailureKind, Loaded, Outcome};
use crate::output_text::{comparable, first_line};
use crate::proof::{Proof, Status};
use coldcut_core::diagnostics::{Diagnostic, Location};
use coldcut_core::settings::value::nearest;

/// How many names a list of differences shows.
const SHOWN: usize = 5;

/// Says whether the artifact loads as the original loads.
pub fn compare(original: &Loaded, artifact: &Loaded) -> Proof {
    let mut proof = match (&original.outcome, &artifact.outcome) {
        (Outcome::Exports(a), Outcome::Exports(b)) => exports(a, b, artifact),
        (Outcome::Failed(a), Outcome::Failed(b)) => failures(a, b),
        (Outcome::Failed(a), Outcome::Exports(_)) if inconclusive(a) => Proof::new(
            Status::Unverified,
            format!("the original cannot be loaded here to compare with ({a})"),
        ),
        (Outcome::Failed(a), Outcome::Exports(_)) => Proof::new(
            Status::Differs,
            format!("the original fails to load ({a}), the artifact loads"),
        ),
        (Outcome::Exports(_), Outcome::Failed(b)) => Proof::new(
            Status::Differs,
            format!("the original loads, the artifact does not: {}", explain(b)),
        ),
    };
    if let Some(note) = version_note(original, artifact) {
        proof.detail.push_str("; ");
        proof.detail.push_str(&note);
    }
    proof
}

fn exports(a: &Exports, b: &Exports, artifact: &Loaded) -> Proof {
    let mut differences = Vec::new();
    if a.format != b.format {
        differences.push(format!(
            "the handler is read as {} in the original and as {} in the artifact",
            format_name(&a.format),
            format_name(&b.format)
        ));
    }
    // Both are sorted; a name in only one of them is missing in the other.
    for export in &a.list {
        match b.list.iter().find(|other| other.name == export.name) {
            None => differences.push(format!("`{}` is missing", export.name)),
            Some(other) => differences.extend(differing(export, other)),
        }
    }
    for export in &b.list {
        if !a.list.iter().any(|other| other.name == export.name) {
            differences.push(format!("`{}` is new", export.name));
        }
    }
    // A name such as `a.b` is not in the list.
    if let (Some(a), Some(b)) = (&a.handler, &b.handler)
        && a.name.contains('.')
    {
        differences.extend(differing(a, b));
    }
    if !differences.is_empty() {
        let more = differences.len().saturating_sub(SHOWN);
        differences.truncate(SHOWN);
        let mut detail = format!("the exports differ: {}", differences.join(", "));
        if more > 0 {
            detail.push_str(&format!(" and {more} more"));
        }
        return Proof::new(Status::Differs, detail);
    }
    // `module.exports` itself is no export that a person counts.
    let names = names(b);
    let mut proof = Proof::new(
        Status::Equal,
        match names.len() {
            0 => "loads and exports nothing, as the original".to_string(),
            1 => "loads, and its one export is the original's".to_string(),
            n => format!("loads, and its {n} exports are the original's"),
        },
    );
    if let Some(problem) = missing(b, artifact) {
        proof.detail = format!("loads like the original, but {}", problem.message);
        proof.problem = Some(problem);
    }
    proof
}

fn format_name(format: &str) -> &str {
    if format == "module" {
        "an ES module"
    } else {
        "CommonJS"
    }
}

fn names(exports: &Exports) -> Vec<&str> {
    exports
        .list
        .iter()
        .map(|export| export.name.as_str())
        .filter(|name| *name != "module.exports")
        .collect()
}

fn differing(a: &Export, b: &Export) -> Option<String> {
    if a == b {
        return None;
    }
    let name = &a.name;
    let shape = |e: &Export| {
        let asynchronous = if e.is_async { "async " } else { "" };
        format!("{asynchronous}{}", e.kind)
    };
    if shape(a) != shape(b) {
        return Some(format!("`{name}` is {} and was {}", shape(b), shape(a)));
    }
    if a.arity != b.arity {
        let count = |e: &Export| {
            e.arity
                .map_or("an unknown number of".to_string(), |n| n.to_string())
        };
        return Some(format!(
            "`{name}` takes {} parameters and took {}",
            count(b),
            count(a)
        ));
    }
    // What `module.exports` holds is compared name by name in the list.
    if name == "module.exports" {
        return None;
    }
    let lost = a.keys.iter().find(|key| !b.keys.contains(key));
    let new = b.keys.iter().find(|key| !a.keys.contains(key));
    match (lost, new) {
        (Some(key), _) => Some(format!("`{name}` has no `{key}` any more")),
        (None, Some(key)) => Some(format!("`{name}` has a new `{key}`")),
        (None, None) => None,
    }
}

/// What is wrong with the export that a platform would call, of a file that loads.
pub fn missing_handler(loaded: &Loaded) -> Option<Diagnostic> {
    match &loaded.outcome {
        Outcome::Exports(exports) => missing(exports, loaded),
        Outcome::Failed(_) => None,
    }
}

/// The diagnostic for a handler export that is not there, on either side.
fn missing(exports: &Exports, loaded: &Loaded) -> Option<Diagnostic> {
    let handler = exports.handler.as_ref()?;
    if matches!(handler.kind.as_str(), "function" | "class") {
        return None;
    }
    let file = &loaded.handler;
    let wanted = &handler.name;
    let at = Location::file(file.as_str());
    if !matches!(handler.kind.as_str(), "undefined" | "null") {
        return Some(
            Diagnostic::error(
                EXPORT_MISSING,
                format!(
                    "`{wanted}` of `{file}` is not a function but of kind {}",
                    handler.kind
                ),
            )
            .at(at)
            .help("export the function that the platform must call"),
        );
    }
    let names = names(exports);
    let mut diagnostic = Diagnostic::error(
        EXPORT_MISSING,
        format!("`{file}` does not export `{wanted}`"),
    )
    .at(at);
    diagnostic = diagnostic.note(if names.is_empty() {
        "it exports nothing".to_string()
    } else {
        let shown: Vec<_> = names.iter().take(12).map(|n| format!("`{n}`")).collect();
        let more = names.len() - shown.len();
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("it exports {}{rest}", shown.join(", "))
    });
    let stem = file
        .as_str()
        .rsplit_once('.')
        .map_or(file.as_str(), |(stem, _)| stem);
    let same_letters = |name: &&&str| name.eq_ignore_ascii_case(wanted);
    let near = names
        .iter()
        .find(same_letters)
        .copied()
        .or_else(|| nearest(wanted, names.iter().copied()));
    // `export default { handler }` and `export default handler` are the common mistakes.
    let inside = exports
        .list
        .iter()
        .find(|e| e.name == "default")
        .filter(|e| e.keys.iter().any(|key| key == wanted));
    Some(if inside.is_some() {
        diagnostic.help(format!(
            "it is a property of the default export: set the handler to `{stem}.default.{wanted}`, or export it by name"
        ))
    } else if let Some(near) = near {
        diagnostic.help(format!(
            "did you mean `{near}`? then set the handler to `{stem}.{near}`"
        ))
    } else if let [only] = names[..] {
        diagnostic.help(format!(
            "export `{wanted}`, or set the handler to `{stem}.{only}`"
        ))
    } else {
        diagnostic.help(format!("export `{wanted}`, or change the handler setting"))
    })
}

fn failures(a: &Failure, b: &Failure) -> Proof {
    match (inconclusive(a), inconclusive(b)) {
        (true, _) => Proof::new(
            Status::Unverified,
            format!("the original cannot be loaded here to compare with ({a}); the artifact: {b}"),
        ),
        (false, true) => Proof::new(
            Status::Differs,
            format!("the original fails in another way ({a}) than the artifact ({b})"),
        ),
        (false, false) => {
            if same_failure(a, b) {
                Proof::new(
                    Status::Equal,
                    format!("fails to load here exactly as the original fails ({b})"),
                )
            } else {
                Proof::new(
                    Status::Differs,
                    format!(
                        "the original fails with {a}, the artifact with {}",
                        explain(b)
                    ),
                )
            }
        }
    }
}

/// Whether two failures are the same, wherever the code lies.
pub(super) fn same_failure(a: &Failure, b: &Failure) -> bool {
    a.kind == b.kind
        && a.name == b.name
        && a.code == b.code
        && comparable(&a.message) == comparable(&b.message)
}

/// A timeout or a crash says nothing about the code: another run may end otherwise.
pub(super) fn inconclusive(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::TimedOut | FailureKind::Crashed)
}

/// The failure, and what would mend it where that can be told.
pub fn explain(failure: &Failure) -> String {
    static MODULE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"Cannot find (?:module|package) '([^']+)'").ok());
    static FILE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"no such file or directory, \w+ '<root>/([^']+)'").ok());
    let found = |pattern: &LazyLock<Option<Regex>>| {
        let captures = pattern.as_ref()?.captures(&failure.message)?;
        Some(captures.get(1)?.as_str().to_string())
    };
    let code = failure.code.as_deref();
    if matches!(code, Some("MODULE_NOT_FOUND" | "ERR_MODULE_NOT_FOUND"))
        && let Some(name) = found(&MODULE)
    {
        // A file of the root is included by its path, a package by its folder.
        let glob = if let Some(path) = name.strip_prefix("<root>/") {
            path.to_string()
        } else if name.starts_with(['.', '/']) {
            format!("**/{}*", name.trim_start_matches(['.', '/']))
        } else {
            format!("node_modules/{}/**", package_of(&name))
        };
        return format!(
            "it does not find `{name}`{}; ship it with `--include '{glob}'`, or pack with `--strategy prune`",
            by(failure)
        );
    }
    if code == Some("ENOENT")
        && let Some(path) = found(&FILE)
    {
        return format!(
            "it reads `{path}`, which is not there{}; ship it with `--include '{path}'`, or pack with `--strategy prune`",
            by(failure)
        );
    }
    let place = failure
        .frames
        .first()
        .map(|frame| format!(", {frame}"))
        .unwrap_or_default();
    format!("{}: {}{place}", failure.name, first_line(&failure.message))
}

/// Who asked for what is missing: the first of the require stack, or the importing file.
fn by(failure: &Failure) -> String {
    let asked = failure
        .message
        .split_once("Require stack:\n- ")
        .map(|(_, rest)| first_line(rest))
        .or_else(|| {
            let (_, rest) = failure.message.split_once(" imported from ")?;
            Some(first_line(rest))
        })
        .filter(|path| path.starts_with("<root>/"));
    match asked {
        Some(path) => format!(" (required by `{}`)", path.trim_start_matches("<root>/")),
        None => String::new(),
    }
}

fn package_of(specifier: &str) -> &str {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    match specifier.match_indices('/').nth(parts - 1) {
        Some((at, _)) => &specifier[..at],
        None => specifier,
    }
}

fn version_note(original: &Loaded, artifact: &Loaded) -> Option<String> {
    if original.node != artifact.node {
        return Some(format!(
            "the original was loaded by Node.js {}, the artifact by {}",
            original.node, artifact.node
        ));
    }
    let wanted = artifact.wanted_major?;
    (wanted != artifact.node.major).then(|| {
        format!(
            "loaded by Node.js {}, while the runtime has {wanted}",
            artifact.node
        )
    })
}
