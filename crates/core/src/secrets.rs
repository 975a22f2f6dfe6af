//! Files that hold secrets.
//!
//! In: a file that is about to ship. Out: what secret it holds, and on which line. Such files are
//! left out unless a setting keeps them, since some apps need theirs. The kinds are data, in
//! `secrets.toml`.

use std::path::Path;
use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use regex::bytes::{Regex, RegexSet};
use serde::Deserialize;

use crate::artifact::RelPath;
use crate::diagnostics::{Code, Diagnostic, Location};

/// A file that seems to contain a secret was left out.
pub const SECRET_LEFT_OUT: Code = Code("CC045");
/// A file that seems to contain a secret ships because of `keep-secrets`.
pub const SECRET_KEPT: Code = Code("CC046");
/// A source file that the handler needs seems to contain a secret.
pub const SECRET_IN_CODE: Code = Code("CC047");

/// A file with a secret is laid beside a bundle.
pub const SECRET_BESIDE_BUNDLE: Code = Code("CC048");

/// Texts longer than this are data, not settings.
const MAX_BYTES: u64 = 1 << 20;

/// A secret found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is, in words: `private key`.
    pub kind: String,
    pub at: Location,
}

#[derive(Deserialize)]
struct Data {
    names: Vec<String>,
    not_names: Vec<String>,
    examples: Vec<String>,
    text: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    kind: String,
    regex: String,
    /// File names that the pattern is for; all, where empty.
    #[serde(default)]
    only: Vec<String>,
}

struct Table {
    names: GlobSet,
    not_names: GlobSet,
    examples: Vec<String>,
    texts: Vec<Text>,
    set: RegexSet,
    each: Vec<Regex>,
}

fn table() -> Option<&'static Table> {
    static TABLE: OnceLock<Option<Table>> = OnceLock::new();
    TABLE.get_or_init(load).as_ref()
}

/// `None` only if the data file were malformed, which a test excludes.
fn load() -> Option<Table> {
    let data: Data = toml::from_str(include_str!("secrets.toml")).ok()?;
    let globs = |list: &[String]| {
        let mut set = GlobSetBuilder::new();
        for glob in list {
            set.add(Glob::new(glob).ok()?);
        }
        set.build().ok()
    };
    let regexes: Vec<&str> = data.text.iter().map(|text| text.regex.as_str()).collect();
    Some(Table {
        names: globs(&data.names)?,
        not_names: globs(&data.not_names)?,
        set: RegexSet::new(&regexes).ok()?,
        each: regexes
            .iter()
            .map(|regex| Regex::new(regex).ok())
            .collect::<Option<_>>()?,
        examples: data.examples,
        texts: data.text,
    })
}

/// Looks for a secret in the file that lies at `path` and would ship as `rel`.
pub fn scan(rel: &RelPath, path: &Path) -> Option<Secret> {
    let table = table()?;
    let name = rel.name();
    if table.names.is_match(name) && !table.not_names.is_match(name) {
        return Some(Secret {
            kind: "judged by its name".to_string(),
            at: Location::file(path),
        });
    }
    let installed =
        rel.as_str().starts_with("node_modules/") || rel.as_str().contains("/node_modules/");
    let is_settings = matches!(name, ".npmrc" | ".yarnrc.yml");
    if installed && !is_settings {
        return None;
    }
    if std::fs::metadata(path).ok()?.len() > MAX_BYTES {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    if bytes.iter().take(8000).any(|byte| *byte == 0) {
        return None;
    }
    for hit in table.set.matches(&bytes) {
        let text = &table.texts[hit];
        if !text.only.is_empty() && !text.only.iter().any(|only| only == name) {
            continue;
        }
        for found in table.each[hit].find_iter(&bytes) {
            let said = String::from_utf8_lossy(found.as_bytes());
            if table
                .examples
                .iter()
                .any(|example| said.contains(example.as_str()))
            {
                continue;
            }
            let line = bytes[..found.start()]
                .iter()
                .filter(|b| **b == b'\n')
                .count() as u32
                + 1;
            // The place is named, the line is not shown: logs are read by many.
            let mut at = Location::file(path);
            at.line = Some(line);
            return Some(Secret {
                kind: text.kind.clone(),
                at,
            });
        }
    }
    None
}

/// What is said of a file that was left out.
pub fn left_out(rel: &RelPath, secret: Secret) -> Diagnostic {
    Diagnostic::warning(SECRET_LEFT_OUT, format!("`{rel}` is left out: it seems to contain a secret ({})", secret.kind))
        .at(secret.at)
        .help(format!(
            "keep secrets in the platform's own store; if the function reads this file, keep it with `--keep-secrets '{rel}'` or `keep-secrets = [\"{rel}\"]` in `coldcut.toml`"
        ))
}

/// What is said of a file that ships by the user's wish.
pub fn kept(rel: &RelPath, secret: Secret) -> Diagnostic {
    Diagnostic::warning(
        SECRET_KEPT,
        format!(
            "`{rel}` ships because of `keep-secrets`, and seems to contain a secret ({})",
            secret.kind
        ),
    )
    .at(secret.at)
}

/// What is said of a file that is laid beside a bundle.
pub fn beside(rel: &RelPath, secret: Secret) -> Diagnostic {
    Diagnostic::warning(
        SECRET_BESIDE_BUNDLE,
        format!("`{rel}` is placed beside the bundle and seems to contain a secret ({})", secret.kind),
    )
    .at(secret.at)
    .help("keep it out of what is deployed, or read the secret from the environment or the platform's own store instead")
}

/// What is said of a source file that the handler imports.
pub fn in_code(rel: &RelPath, secret: Secret) -> Diagnostic {
    Diagnostic::warning(
        SECRET_IN_CODE,
        format!(
            "`{rel}` is needed by the handler and seems to contain a secret ({})",
            secret.kind
        ),
    )
    .at(secret.at)
    .help("read the secret from the environment or the platform's own store instead")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str, text: &str) -> Option<(String, Option<u32>)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, text).unwrap();
        scan(&RelPath::new(name).unwrap(), &path).map(|s| (s.kind, s.at.line))
    }

    #[test]
    fn secrets_are_found_by_name_and_by_text() {
        assert!(find(".env.production", "A=1").is_some());
        assert!(find("cfg/.env", "").is_some());
        assert!(find(".env.example", "A=").is_none());
        let key = format!("x\n{} PRIVATE KEY-----\n", "-----BEGIN RSA");
        assert_eq!(
            find("cert.txt", &key),
            Some(("private key".into(), Some(2)))
        );
        let npm = format!("registry=https://r/\n//r/:_authToken={}\n", "abcdefgh1234");
        assert_eq!(find(".npmrc", &npm).unwrap().1, Some(2));
        assert!(find(".npmrc", "//r/:_authToken=${NPM_TOKEN}\n").is_none());
        let aws = format!("key = '{}{}'", "AKIA", "Z7QWERTYUIOPASDF");
        assert_eq!(find("src/a.js", &aws).unwrap().0, "AWS access key");
    }

    #[test]
    fn documentation_keys_binaries_and_packages_are_no_secrets() {
        assert!(find("a.md", "AKIAIOSFODNN7EXAMPLE").is_none());
        let key = format!("{} PRIVATE KEY-----", "-----BEGIN");
        assert!(find("node_modules/x/lib/k.js", &key).is_none());
        assert!(find("node_modules/x/.env", "").is_some());
        assert!(find("b.bin", &format!("\0{key}")).is_none());
        assert!(find("src/a.js", "const _authToken = 'abcdefghijkl'").is_none());
    }
}
